"""API keys."""

from typing import Annotated

import typer

from bot.cli.output import AsJson, fail, say, say_json, say_table, warn
from bot.cli.stores import open_ready_store
from bot.clock import utc_now
from bot.settings import load_settings
from bot.usecases.manage_keys import create_key, create_signing_key
from storage.keys import ApiKey, Rights


def register(app: typer.Typer) -> None:
    keys = typer.Typer(help="Keys for the HTTP doors.", no_args_is_help=True)
    app.add_typer(keys, name="key")

    @keys.callback()
    def _keys() -> None:
        """Keys for the HTTP doors."""

    keys.command("create")(create)
    keys.command("list")(list_keys)
    keys.command("revoke")(revoke)


def create(
    source: Annotated[str, typer.Option(help="Who will use it: a form, a site, a CRM.")],
    signing: Annotated[
        bool, typer.Option("--signing", help="For form tools that sign what they send and cannot set a bearer.")
    ] = False,
    read: Annotated[bool, typer.Option("--read", help="It may also read every lead.")] = False,
    any_source: Annotated[
        bool, typer.Option("--any-source", help="It may also speak for other sources, and report stages: for a CRM.")
    ] = False,
) -> None:
    """Make a key that writes for its own source. It is shown this once: of a bearer only the hash is kept."""
    if not source.strip():
        raise typer.BadParameter("name who will use the key", param_hint="--source")
    if signing and read:
        raise typer.BadParameter("a signing key reads nothing; make another key to read", param_hint="--read")
    store = open_ready_store(load_settings())
    if signing:
        secret = create_signing_key(store, source.strip(), utc_now(), any_source=any_source)
    else:
        secret = create_key(store, source.strip(), utc_now(), Rights(reads=read, any_source=any_source))
    warn("Keep this key safe: it cannot be shown again.")
    say(secret)


def list_keys(as_json: AsJson = False) -> None:
    """List the keys: who uses them and since when; the keys themselves are not kept."""
    with open_ready_store(load_settings(), may_make=False).read() as tx:
        known = tx.keys.all()
    if as_json:
        return say_json([one.model_dump(mode="json") for one in known])
    rows = [
        (
            str(one.id),
            one.source,
            "signs" if one.signs else "bearer",
            _rights(one),
            f"{one.created_at:%Y-%m-%d}",
            f"{one.revoked_at:%Y-%m-%d}" if one.revoked_at else "",
        )
        for one in known
    ]
    return say_table(["Id", "Source", "Kind", "May", "Since", "Revoked"], rows)


def _rights(key: ApiKey) -> str:
    """What a key may do, in words."""
    told = [f"write for {'any source' if key.any_source else 'its source'}"]
    told += ["read"] if key.reads else []
    told += [] if key.has_given_rights else ["as it is of old: renew it"]
    return ", ".join(told)


def revoke(key_id: Annotated[int, typer.Argument(metavar="ID", help="From: baton key list")]) -> None:
    """Let a key open no door any more."""
    with open_ready_store(load_settings(), may_make=False).begin() as tx:
        done = tx.keys.revoke(key_id, utc_now())
    if not done:
        fail(f"There is no key {key_id} in force; see: baton key list")
    say(f"Key {key_id} opens no door any more.")
