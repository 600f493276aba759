"""What a person typed, as Slack's own client hands it on."""

import re

from bot.playground.workspace import BOT_USER, Workspace

_EMAIL = re.compile(r"(?<![\w.+-])([\w.+-]+@[\w-]+(?:\.[\w-]+)+)")
_URL = re.compile(r"https?://(?:(?!&[lg]t;)[^\s|])+(?<![.,;:!?)*_~])")


def encode(text: str, workspace: Workspace) -> str:
    """A typed text with the three characters escaped and its mentions, channels and links marked."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = _URL.sub(lambda match: f"<{match[0]}>", safe)
    safe = _EMAIL.sub(r"<mailto:\1|\1>", safe)
    for name, mark in _marks(workspace):
        safe = re.sub(rf"(?<![\w/&<#@]){re.escape(name)}(?![\w-])", mark, safe, flags=re.IGNORECASE)
    return safe


def _marks(workspace: Workspace) -> list[tuple[str, str]]:
    """Every name that can be typed and what stands for it, long names first."""
    people = {user.name: user.id for user in workspace.users.values()} | {"Baton": BOT_USER}
    marks = [(f"@{name}", f"<@{user}>") for name, user in people.items()]
    marks += [
        (f"#{channel.name}", f"<#{channel.id}|{channel.name}>")
        for channel in workspace.channels.values()
        if not channel.is_im
    ]
    return sorted(marks, key=lambda mark: -len(mark[0]))
