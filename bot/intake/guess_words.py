"""Names that come from people, made comparable, and made into names of our own."""

import re
import unicodedata

_NO_WORD = re.compile(r"\d[\dtzhms]*|v\d+")
"""A date, a time, a count, a version: what a file's name has behind what it is about."""


def folded(text: str) -> str:
    """A text in lower case without accents: Größe and GROSSE are one word. Other scripts stay as they are."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(one for one in letters if not "\u0300" <= one <= "\u036f"))


def words(text: str) -> list[str]:
    """The words of a text, folded."""
    return re.findall(r"[^\W_]+", folded(text))


_TRAILING = frozenset(words("copy kopie export exported exports download rejects final new neu csv txt tsv"))


def squeezed(text: str) -> str:
    """A name by which columns are compared: E-Mail, e_mail and EMail are one."""
    return "".join(words(text))


def slug(text: str) -> str:
    """A name for an attribute: `Lead Origin` is lead_origin; "" when a text has no letter and no digit."""
    return "_".join(words(text))[:100].rstrip("_")


def system_name(file_name: str) -> str:
    """The system that a file comes from, by the file's name: hubspot-export-2026-11-01.csv is of hubspot."""
    stem = file_name.rpartition(".")[0] or file_name
    found = words(stem)
    kept = list(found)
    while kept and (kept[-1] in _TRAILING or _NO_WORD.fullmatch(kept[-1])):
        kept.pop()
    return "_".join(kept or found[:1])[:100] or "file"
