"""Dropped files are read, and imported: downloaded from Slack again each time, as any replica may be the one."""

import logging
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta, tzinfo
from pathlib import Path

from bot.clock import Clock
from bot.intake.csv_file import CsvFile
from bot.intake.import_file import Summary, import_file
from bot.intake.mapping import BadFile
from bot.jobs.outlook import mapping_of, outlook_of, tally_of
from bot.policy_in_force import PolicySource
from bot.slack.delivery import backoff
from bot.slack.gateway import Gateway, SlackTrouble
from bot.slack.trouble import why_no_file
from bot.slack.words import cut
from bot.usecases.errors import TakenOver
from bot.usecases.work_on_upload import (
    fail_upload,
    finish_upload,
    keep_upload,
    preview_upload,
    put_off_upload,
    take_upload,
)
from funnel.upload import Tally, Upload, UploadState
from storage.store import Store

SHOWN_EVERY = timedelta(seconds=3)
"""Between two changes of a card that shows how far an import came."""

_LONGEST_PROBLEM = 600
"""Characters: some sentences name every column of the file."""

log = logging.getLogger(__name__)


class Stopping(Exception):
    """This process is about to end."""


class Uploads:
    """Works on dropped files, one after the other."""

    def __init__(self, store: Store, policy: PolicySource, gateway: Gateway, clock: Clock, zone: tzinfo) -> None:
        """`zone` is that of times in a file that say none."""
        self._store, self._policy, self._gateway = store, policy, gateway
        self._clock, self._zone = clock, zone
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Break off; what is being imported is gone on with by the next process."""
        self._stopping.set()

    def read_offered(self) -> int:
        """Say of every file that was dropped what would become of it; how many there were."""
        return self._work(UploadState.OFFERED, self._read)

    def import_queued(self) -> int:
        """Import every file that somebody decided on; how many there were."""
        return self._work(UploadState.IMPORTING, self._import)

    def _work(self, state: UploadState, work: Callable[[Upload, Path], None]) -> int:
        done = 0
        while self._may_work() and (upload := take_upload(self._store, state, self._clock())):
            done += 1
            try:
                with self._downloaded(upload) as path:
                    work(upload, path)
            except BadFile as refusal:
                problem = f"{cut(refusal.what, _LONGEST_PROBLEM)} Mend the file and drop it again."
                fail_upload(self._store, upload, problem, self._clock())
            except SlackTrouble as trouble:
                self._troubled(upload, trouble)
            except TakenOver:
                log.warning("upload %s was taken over by another process", upload.id)
            except Stopping:
                put_off_upload(self._store, upload, timedelta(0), self._clock())
        return done

    def _may_work(self) -> bool:
        return not self._stopping.is_set() and self._gateway.standing.may_send()

    def _troubled(self, upload: Upload, trouble: SlackTrouble) -> None:
        """Try later, or give up."""
        now = self._clock()
        log.warning("upload %s cannot be downloaded: %s", upload.id, trouble.code)
        if trouble.refuses_app:
            put_off_upload(self._store, upload, self._gateway.standing.ask_at - now, now, counts=False)
        elif trouble.passing:
            wait = max(backoff(upload.turn), timedelta(seconds=trouble.retry_after or 0))
            put_off_upload(self._store, upload, wait, now)
        else:
            fail_upload(self._store, upload, why_no_file(upload.name, trouble), now)

    @contextmanager
    def _downloaded(self, upload: Upload) -> Iterator[Path]:
        """The file, for as long as it is worked on."""
        content = self._gateway.download(upload.url)
        with tempfile.TemporaryDirectory(prefix="baton-upload-") as folder:
            path = Path(folder) / "upload"
            path.write_bytes(content)
            yield path

    def _read(self, upload: Upload, path: Path) -> None:
        now = self._clock()
        file = CsvFile(path, mapping_of(upload.name, None), self._zone, upload.name)
        keep = self._keeper(upload, Tally(), shown=False)
        summary = import_file(file, None, self._policy(), upload.user, now, path.with_suffix(".rejects"), keep)
        outlook = outlook_of(file, summary, now)
        problem = "" if outlook.tally.good else f"No row of {upload.name} can be imported."
        preview_upload(self._store, upload, outlook, problem, self._clock())

    def _import(self, upload: Upload, path: Path) -> None:
        """Import a file, going on behind the line that an earlier try reached."""
        now, rejects = self._clock(), path.with_suffix(".rejects")
        file = CsvFile(path, mapping_of(upload.name, upload.source), self._zone, upload.name)
        earlier, actor = upload.tally, upload.decided_by or upload.user
        keep = self._keeper(upload, earlier, shown=True)
        summary = import_file(file, self._store, self._policy(), actor, now, rejects, keep, after=upload.line)
        tally = tally_of(summary).after(earlier)
        refused = rejects.read_bytes() if rejects.exists() else None
        finish_upload(self._store, upload, tally, refused, self._clock())

    def _keeper(self, upload: Upload, earlier: Tally, *, shown: bool) -> Callable[[Summary], None]:
        """What an import tells its progress: it keeps the file ours, and the card up to date now and then."""
        shown_at = self._clock()

        def keep(summary: Summary) -> None:
            nonlocal shown_at
            now = self._clock()
            show = shown and now - shown_at >= SHOWN_EVERY
            line, tally = max(summary.line, upload.line), tally_of(summary).after(earlier)
            keep_upload(self._store, upload, line if shown else 0, tally if shown else earlier, now, show=show)
            shown_at = now if show else shown_at
            if self._stopping.is_set():
                raise Stopping

        return keep
