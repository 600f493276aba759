"""Slack's mrkdwn as HTML. Whatever a text says, only tags written here come out."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from bot.playground.dates import told_date

_TOKEN = re.compile(
    r"```(?P<pre>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|<(?P<control>[^<>\n]+)>"
    r"|(?P<url>https?://(?:(?!&[lg]t;)[^\s<>|])+(?<![.,;:!?)*_~]))"
    r"|(?<![\w.+-])(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)",
    re.DOTALL,
)
_STYLED = re.compile(r"(?<!\w)(?P<mark>[*_~])(?=\S)(?P<inner>(?:(?!(?P=mark))[^\n])+)(?<=\S)(?P=mark)(?!\w)")
_TAGS = {"*": "strong", "_": "em", "~": "s"}
_HELD = re.compile("\ue000([0-9]+)\ue001")
_SAFE_LINKS = ("https://", "http://", "mailto:", "tel:")
_BULLET = "• "
_QUOTE = "&gt;"


@dataclass(frozen=True)
class Reader:
    """Who reads: their zone, the present, and the names of people and channels by id."""

    user: str
    zone: ZoneInfo
    now: datetime
    people: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)


def to_html(text: str, reader: Reader) -> Markup:
    """A mrkdwn text as safe HTML: foreign `<`, `>` and `&` stay text."""
    held: list[Markup] = []

    def hold(match: re.Match[str]) -> str:
        kind = match.lastgroup or ""
        held.append(_TOKENS[kind](match[kind], reader))
        return f"\ue000{len(held) - 1}\ue001"

    clean = text.replace("\ue000", "").replace("\ue001", "")
    lines = _escaped(_TOKEN.sub(hold, clean)).split("\n")
    html = "".join(_grouped([(_kind_of(line), line) for line in lines]))
    return Markup(_HELD.sub(lambda match: held[int(match[1])], html))  # noqa: S704  every part was escaped above


def _escaped(text: str) -> str:
    """Slack's entities undone and HTML's made: so `&amp;lt;` shows as `&lt;` and never as a tag."""
    return str(escape(_plain(text)))


def _plain(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _kind_of(line: str) -> str:
    if line.startswith(_BULLET):
        return "bullet"
    return "quote" if line.startswith(_QUOTE) else "line"


def _grouped(lines: list[tuple[str, str]]) -> list[str]:
    """Neighbouring lines of a kind put into one list, one quote, or lines with breaks between."""
    parts: list[str] = []
    start = 0
    for end in range(1, len(lines) + 1):
        if end == len(lines) or lines[end][0] != lines[start][0]:
            parts.append(_group(lines[start][0], [line for _, line in lines[start:end]]))
            start = end
    return parts


def _group(kind: str, lines: list[str]) -> str:
    if kind == "bullet":
        items = "".join(f"<li>{_styled(line.removeprefix(_BULLET))}</li>" for line in lines)
        return f'<ul class="bullets">{items}</ul>'
    if kind == "quote":
        return f"<blockquote>{'<br>'.join(_styled(line.removeprefix(_QUOTE).lstrip()) for line in lines)}</blockquote>"
    return f'<div class="lines">{"<br>".join(_styled(line) for line in lines)}</div>'


def _styled(escaped: str) -> str:
    """Bold, italic and struck text, nested as it is written."""
    return _STYLED.sub(lambda match: _tagged(_TAGS[match["mark"]], match["inner"]), escaped)


def _tagged(tag: str, inner: str) -> str:
    return f"<{tag}>{_styled(inner)}</{tag}>"


def _pre(text: str, _: Reader) -> Markup:
    return Markup("<pre>{}</pre>").format(_plain(text).strip("\n"))


def _code(text: str, _: Reader) -> Markup:
    return Markup("<code>{}</code>").format(_plain(text))


def _link(address: str, label: str) -> Markup:
    if not address.lower().startswith(_SAFE_LINKS):
        return escape(f"<{address}>" if address == label else f"<{address}|{label}>")
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(address, label)


def _url(text: str, _: Reader) -> Markup:
    return _link(_plain(text), _plain(text))


def _email(text: str, _: Reader) -> Markup:
    return _link(f"mailto:{text}", text)


def _control(text: str, reader: Reader) -> Markup:
    """What stands between < and >: a mention, a channel, a date, or a link."""
    target, _, label = _plain(text).partition("|")
    match target[:1]:
        case "@":
            return _mention(target[1:], label, reader)
        case "#":
            return _channel(target[1:], label, reader)
        case "!":
            return _special(target[1:], label, reader)
    return _link(target, label or target.removeprefix("mailto:"))


def _mention(user: str, label: str, reader: Reader) -> Markup:
    kind = "mention me" if user == reader.user else "mention"
    return Markup('<span class="{}">@{}</span>').format(kind, reader.people.get(user) or label or user)


def _channel(channel: str, label: str, reader: Reader) -> Markup:
    name = reader.channels.get(channel)
    if name is None:
        return Markup('<span class="mention">#{}</span>').format(label or channel)
    return Markup('<a class="mention" href="/as/{}/{}">#{}</a>').format(reader.user, channel, name)


def _special(text: str, label: str, reader: Reader) -> Markup:
    if text.startswith("date^"):
        return _date(text, label, reader)
    name = text if text in {"here", "channel", "everyone"} else label.removeprefix("@") or text
    return Markup('<span class="mention me">@{}</span>').format(name)


def _date(text: str, fallback: str, reader: Reader) -> Markup:
    _, stamp, *rest = text.split("^")
    if not stamp.isdigit() or len(stamp) > 11 or not rest:
        return escape(fallback)
    at = datetime.fromtimestamp(int(stamp), reader.zone)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.isoformat(), f"{at:%A, %-d %B %Y, %H:%M %Z}", told_date(at, rest[0], reader.now.astimezone(reader.zone))
    )


_TOKENS: dict[str, Callable[[str, Reader], Markup]] = {
    "pre": _pre,
    "code": _code,
    "control": _control,
    "url": _url,
    "email": _email,
}
