"""The doctor: what an operator would check, in the order they would check it."""

import os
import shlex
from collections.abc import Iterator
from contextlib import closing
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.lateness import late_messages
from bot.policy_file import policy_path
from bot.policy_in_force import superseded
from bot.settings import BadSetting, Settings, load_settings
from bot.slack.gateway import Gateway, SlackTrouble, Workspace
from bot.slack.trouble import HOLD_UP, refusal_sentence
from bot.team_remarks import WHERE_IDS_ARE, is_user_id
from bot.usecases.change_policy import policy_in_force
from bot.usecases.rescore_leads import rescoring_progress
from bot.wiring import open_store, settings_policy
from funnel.errors import FunnelError
from funnel.policy import Policy
from storage import migrate
from storage.engine import database_file, files_of
from storage.errors import StorageError
from storage.keys import ApiKey
from storage.searching import MEND, has_search_index
from storage.store import Store

NEEDED_SCOPES = {
    "app_mentions:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "files:read",
    "im:history",
    "users:read",
}
OPTIONAL_SCOPES = {
    "files:write": "the rows of a dropped list that could not be taken are not handed back as a file",
    "im:write": "a direct message whose fate is unknown is sent again without looking whether it is there",
    "channels:history": "a message whose fate is unknown is sent again without looking whether it is there, so that a "
    "card may be posted twice (it mends itself at the first click)",
}


MANY_LEADS = 200_000
"""A search that reads so many takes some tenths of a second."""


class Finding(BaseModel):
    """One thing that was looked at, and what to do if it is not well."""

    model_config = ConfigDict(frozen=True)

    topic: str
    level: Literal["ok", "warning", "wrong"]
    sentence: str


def examine() -> list[Finding]:
    """Everything the doctor found, in order."""
    try:
        settings = load_settings()
    except BadSetting as error:
        return [_wrong("Settings", str(error))]
    return [*_database(settings), *_policy(settings), *_slack(settings)]


def _ok(topic: str, sentence: str) -> Finding:
    return Finding(topic=topic, level="ok", sentence=sentence)


def _warning(topic: str, sentence: str) -> Finding:
    return Finding(topic=topic, level="warning", sentence=sentence)


def _wrong(topic: str, sentence: str) -> Finding:
    return Finding(topic=topic, level="wrong", sentence=sentence)


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        with closing(open_store(settings)) as store:
            yield from _stored(store)
    except StorageError as error:
        yield _wrong("Database", f"{error}; check DATABASE_URL.")


def _stored(store: Store) -> Iterator[Finding]:
    version = migrate.version(store)
    migrate.check_known(store)
    kind = "SQLite" if store.is_sqlite else "PostgreSQL"
    if version is None:
        yield _wrong("Database", f"{kind} is empty yet; baton serve or baton migrate makes the tables.")
        return
    if version != migrate.head():
        yield _wrong("Database", f"{kind} is not at the newest version; run: baton migrate")
        return
    yield _ok("Database", f"{kind} answers and is at version {version}.")
    yield from _files(store)
    yield from _search(store)
    yield from _outbox(store)


def _search(store: Store) -> Iterator[Finding]:
    """Whether a search of many leads reads an index."""
    with store.read() as tx:
        leads, is_quick = sum(tx.leads.count_by_stage().values()), has_search_index(tx.connection)
    if not is_quick and leads > MANY_LEADS:
        yield _warning("Search", f"/lead find reads all {leads:,} leads; to have them in an index, run in psql: {MEND}")


def _files(store: Store) -> Iterator[Finding]:
    """Whether others on this machine can read what SQLite keeps."""
    file = database_file(store.engine.url)
    open_to_others = [path for path in files_of(file) if path.stat().st_mode & 0o077] if file else []
    if open_to_others and os.name == "posix":
        names = shlex.join(map(str, open_to_others))
        yield _warning("Files", f"Other users of this machine can open the leads; run: chmod 600 {names}")


def _outbox(store: Store) -> Iterator[Finding]:
    with store.read() as tx:
        counts, late, keys = tx.outbox.count(), late_messages(tx), tx.keys.any()
        failed, old = tx.bodies.count_failed(), [one for one in tx.keys.all() if _is_to_be_renewed(one)]
        refusal = tx.outbox.held_up(HOLD_UP)
    if refusal:
        yield _wrong("Outbox", f"{counts['pending']} messages wait: {refusal_sentence(refusal)}.")
    if counts["failed"]:
        yield _wrong("Outbox", f"{counts['failed']} messages were given up; see why with: baton outbox")
    elif late:
        yield _warning("Outbox", f"{late}; is baton serve running, and Slack within its reach?")
    else:
        yield _ok("Outbox", f"{counts['pending']} messages wait, none was given up.")
    if failed:
        yield _warning("Intake", f"{failed} bodies could not be taken; see why with: baton intake failed")
    if old:
        named = ", ".join(f"{one.id} ({one.source})" for one in old)
        yield _warning(
            "API keys",
            f"{named}: made before keys had rights, so they may read every lead and speak for any source. Make new "
            "ones with what each needs (baton key create --help), then: baton key revoke ID",
        )
    if not keys:
        yield _warning(
            "API keys",
            "There is none, so nobody can send leads over HTTP; make one: baton key create --source NAME",
        )


def _is_to_be_renewed(key: ApiKey) -> bool:
    return key.revoked_at is None and not key.has_given_rights


def _policy(settings: Settings) -> Iterator[Finding]:
    try:
        policy = settings_policy(settings)
    except (BadSetting, FunnelError) as error:
        yield _wrong("Policy", str(error))
        return
    yield from _in_force(settings, policy)
    named = [route.name for route in policy.route if route.channel.startswith("#")]
    if named:
        yield _warning(
            "Routes",
            f"{', '.join(named)}: give the channel's id (C…) instead of its name, so that renaming the channel breaks "
            "nothing.",
        )
    if strange := [one for one in settings.baton_admins if not is_user_id(one)]:
        yield _wrong("Admins", f"BATON_ADMINS: {', '.join(strange)} is no Slack user id; {WHERE_IDS_ARE}.")
    if not policy.roles.admin:
        yield _warning("Admins", "Nobody is an admin; set BATON_ADMINS to your Slack user id.")


def _in_force(settings: Settings, policy: Policy) -> Iterator[Finding]:
    """Whether the file is what counts, and whether everybody is scored under it."""
    try:
        with closing(open_store(settings)) as store:
            stored = policy_in_force(store) if migrate.version(store) == migrate.head() else None
            progress = rescoring_progress(store, policy) if stored else None
    except StorageError:
        stored = progress = None  # told already
    if stored and stored.hash != policy.hash:
        yield _warning("Policy", superseded(policy_path(settings.baton_policy), stored))
        return
    yield _ok("Policy", f"Version {policy.stamp} counts, and is what the file says.")
    if progress and not progress.done:
        yield _ok("Scores", f"{progress.scored:,} of about {progress.total:,} leads are scored under it so far.")


def _slack(settings: Settings) -> Iterator[Finding]:
    try:
        token, _ = settings.slack_credentials()
        workspace = Gateway(token, settings.slack_api_url).workspace()
    except BadSetting as error:
        yield _wrong("Slack", str(error))
        return
    except SlackTrouble as trouble:
        if trouble.refuses_app:
            yield _wrong("Slack", f"{refusal_sentence(trouble.code)}.")
            return
        yield _wrong("Slack", f"auth.test was answered with {trouble.code}; check SLACK_BOT_TOKEN and SLACK_API_URL.")
        return
    yield _ok("Slack", f"The token is good for {workspace.url}")
    yield from _scopes(workspace)


def _scopes(workspace: Workspace) -> Iterator[Finding]:
    missing = sorted(NEEDED_SCOPES - workspace.scopes)
    if missing:
        yield _wrong("Scopes", f"{', '.join(missing)} are missing; install the app again with manifest.yml.")
    for scope, consequence in OPTIONAL_SCOPES.items():
        if scope not in workspace.scopes:
            yield _warning("Scopes", f"{scope} is not granted: {consequence}.")
    if not missing and not set(OPTIONAL_SCOPES) - workspace.scopes:
        yield _ok("Scopes", "All that are needed are granted.")
