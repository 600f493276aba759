"""In which encoding a file is written."""

import codecs
import re
from pathlib import Path
from typing import NamedTuple

from bot.intake.mapping import BadFile

_CHUNK = 1 << 20
_EVIDENCE = 1 << 16
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like the one of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TEXT = {
    b"PK\x03\x04": "an Excel workbook or a ZIP file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file",
}
_LIKELY = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *("cp932", "gb18030", "big5", "euc_kr", "koi8_r"),
)
"""What Excel and old systems write, besides Unicode."""

_NO_FILE_ENCODING = {"unicode-escape", "raw-unicode-escape", "utf-7", "punycode", "idna", "undefined"}
"""Encodings that make text no database can hold, or that are not for files."""


class Encoding(NamedTuple):
    """An encoding by its name in Python, and whether it is only likely."""

    name: str
    guessed: bool = False


def find_encoding(path: Path, name: str, asked: str | None) -> Encoding:
    """The encoding asked for; or the one the file shows; or the likeliest, in which the whole file can be read.

    `name` is what the file is called in sentences.

    Raises:
        BadFile: with one sentence.
    """
    if asked:
        return Encoding(_known(asked))
    try:
        return _found(path, name)
    except OSError as error:
        raise BadFile(f"{path} cannot be read ({error.strerror}).") from error


def decodes(path: Path, name: str) -> UnicodeError | None:
    """What is in the way of reading the whole of a file in an encoding."""
    decoder = codecs.getincrementaldecoder(name)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeError as error:
            return error
    return None


def _known(name: str) -> str:
    try:
        codec = codecs.lookup(name)
        "".encode(name)  # refuses what is no encoding of text
    except (LookupError, ValueError):
        codec = None
    if codec is None or codec.name in _NO_FILE_ENCODING:
        raise BadFile(f"{name!r} is no encoding; try utf-8, utf-16 or cp1252.")
    return name


def _found(path: Path, called: str) -> Encoding:
    with path.open("rb") as file:
        head = file.read(4096)
    for start, what in _NO_TEXT.items():
        if head.startswith(start):
            raise BadFile(f"{called} is {what}, not CSV; save it as CSV first.")
    marked = next((name for bom, name in _BOMS if head.startswith(bom)), None)
    name = marked or _without_mark(head) or "utf-8"
    error = decodes(path, name)
    if error is None:
        return Encoding(name)
    if marked:
        raise BadFile(f"{called} is marked as {name.upper()} and breaks off in it ({error}); save it again.")
    return Encoding(_likeliest(path, called), guessed=True)


def _without_mark(head: bytes) -> str | None:
    """UTF-16 without a byte order mark: every other byte of plain text is zero."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    most = len(head) // 4
    if odd > most and odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > most and even > 4 * odd else None


def _likeliest(path: Path, called: str) -> str:
    evidence = _evidence(path)
    for name in dict.fromkeys((_best(evidence), "cp1252")):
        if decodes(path, name) is None:
            _refuse_broken_unicode(path, called, evidence, name)
            return name
    raise BadFile(
        f"{called} is in no encoding that can be recognised; save it as UTF-8.", "Or say which it is: --encoding NAME."
    )


def _evidence(path: Path) -> bytes:
    """Some lines that are not plain ASCII: they alone tell encodings apart."""
    lines: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        while size < _EVIDENCE and (chunk := file.read(_CHUNK)):
            for match in re.finditer(rb"[^\n]{0,200}[\x80-\xff][^\n]{0,200}", chunk):
                lines.append(match[0])
                size += len(match[0])
                if size >= _EVIDENCE:
                    break
    return b"\n".join(lines)


def _best(evidence: bytes) -> str:
    """The likeliest encoding; cp1252, the one of most old files, where it is no less likely than another."""
    # Imported where it is used: nearly every file is UTF-8.
    from charset_normalizer import from_bytes

    matches = list(from_bytes(evidence, cp_isolation=list(_LIKELY)))
    if not matches:
        return "cp1252"
    best = matches[0]
    for match in matches:
        as_good = match.chaos <= best.chaos and match.coherence >= best.coherence - 0.05
        if as_good and "cp1252" in (match.encoding, *match.could_be_from_charset):
            return "cp1252"
    return best.encoding


def _refuse_broken_unicode(path: Path, called: str, evidence: bytes, name: str) -> None:
    """Let pass what was never UTF-8: read in another encoding, a file with one broken byte loses all its accents.

    Raises:
        BadFile: nearly all of the file is UTF-8.
    """
    text = evidence.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    if sum(one > "\x7f" for one in text) - broken > 10 * broken:
        raise BadFile(
            f"{called} is UTF-8 but for some broken bytes ({decodes(path, 'utf-8')}); mend them.",
            f"Or say --encoding {name} to read them as they are.",
        )
