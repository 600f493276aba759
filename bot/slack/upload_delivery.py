"""What a person is told about a file they dropped: the card, the result, the refused rows."""

from bot.clock import Clock
from bot.slack.blocks.upload import hand_back_text, reasons_text, result_blocks, result_text, upload_blocks, upload_text
from bot.slack.gateway import Gateway, SlackTrouble
from bot.slack.posting import Dropped, Poster
from bot.slack.words import section
from funnel.notices import MessageRef
from funnel.upload import Upload
from funnel.upload_notices import HandBackRows, PostUpload, RefreshUpload, TellImported
from storage.outbox import Letter
from storage.store import Store

TRIES = 5
"""How often the refused rows are sent as a file, about half a minute, before they are told in words."""


class UploadDelivery:
    """Sends the letters about uploads."""

    def __init__(self, store: Store, gateway: Gateway, poster: Poster, clock: Clock) -> None:
        self._store, self._gateway, self._poster, self._clock = store, gateway, poster, clock

    def send(self, letter: Letter, notice: PostUpload | RefreshUpload | TellImported | HandBackRows) -> None:
        """Send a letter.

        Raises:
            Dropped: there is nothing left to say.
            SlackTrouble: try it again, or never.
        """
        upload = self._upload(notice.upload_id)
        match notice:
            case PostUpload():
                self._post_card(letter, upload)
            case RefreshUpload():
                self._refresh(upload)
            case TellImported():
                text = result_text(upload)
                self._poster.post(letter, upload.channel, text, result_blocks(upload), upload.thread_ts)
            case HandBackRows():
                self._hand_back(letter, upload)

    def _upload(self, upload_id: int) -> Upload:
        with self._store.read() as tx:
            upload = tx.uploads.get(upload_id)
        if upload is None:
            raise Dropped
        return upload

    def _post_card(self, letter: Letter, upload: Upload) -> None:
        text, blocks = upload_text(upload), upload_blocks(upload)
        message = self._poster.post(letter, upload.channel, text, blocks, upload.thread_ts)
        with self._store.begin() as tx:
            tx.uploads.stands_at(upload.id, message.ts)
            changed = tx.uploads.get(upload.id)
            if changed and upload_blocks(changed) != blocks:  # it moved on while Slack was being told
                tx.outbox.add([RefreshUpload(upload_id=upload.id)], self._clock())

    def _refresh(self, upload: Upload) -> None:
        if upload.message_ts is None:
            raise Dropped  # it is on its way, and will tell what is true then
        card = MessageRef(channel=upload.channel, ts=upload.message_ts)
        self._gateway.update(card, upload_text(upload), upload_blocks(upload))

    def _hand_back(self, letter: Letter, upload: Upload) -> None:
        """Hand the refused rows back, in words where Slack takes no file."""
        with self._store.read() as tx:
            rejects = tx.uploads.rejects(upload.id)
        if rejects is None:
            raise Dropped
        try:
            self._gateway.upload_file(
                upload.channel, upload.thread_ts, f"{upload.stem}.rejects.csv", rejects, hand_back_text(upload)
            )
        except SlackTrouble as trouble:
            if trouble.passing and letter.attempts < TRIES:
                raise
            text = reasons_text(upload)
            self._poster.post(letter, upload.channel, text, [section(text)], upload.thread_ts)
        with self._store.begin() as tx:
            tx.uploads.drop_rejects(upload.id)
