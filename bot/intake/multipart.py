"""Forms as a page with files in it posts them: multipart/form-data (RFC 7578)."""

from urllib.parse import urlencode

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, FormParser, parse_options_header

from bot.intake.problem import Problem

MULTIPART, URLENCODED = "multipart/form-data", "application/x-www-form-urlencoded"

Parts = list[tuple[str, str]]
"""The labels of a form with what was written there, in their order; of a file its name."""


def read_parts(content_type: str, body: bytes) -> Parts:
    """The parts of a form; what is in its files is left out.

    Raises:
        Problem: it is no such form, or it is cut off.
    """
    parts: Parts = []
    ends: list[bool] = []

    def on_field(part: Field) -> None:
        parts.append((_text(part.field_name), _text(part.value)))

    def on_file(part: File) -> None:
        parts.append((_text(part.field_name), _text(part.file_name)))
        part.close()

    config = {"MAX_MEMORY_FILE_SIZE": len(body) + 1}  # nothing of a file goes to the disk
    try:
        parser = FormParser(
            MULTIPART, on_field, on_file, lambda: ends.append(True), _boundary(content_type, body), config=config
        )
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise Problem(400, f"The body is no multipart form: {error}.") from error
    if not parts or not ends:
        why = "it is cut off" if parts else "it has no parts with a name"
        raise Problem(400, f"The body is no multipart form: {why}.")
    return parts


def as_urlencoded(parts: Parts) -> str:
    """Parts as they are kept: in text that says the same, whatever was in the files."""
    return urlencode(parts)


def _boundary(content_type: str, body: bytes) -> bytes:
    """What parts the body: as the header says, or else as its first line does."""
    _, options = parse_options_header(content_type)
    first = body.lstrip().partition(b"\n")[0].strip().removeprefix(b"--")
    return options.get(b"boundary") or first[:70] or b"-"


def _text(value: bytes | None) -> str:
    """The text of a part, which is UTF-8 unless an old page says otherwise; without what no database can hold."""
    raw = value or b""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    return text.replace("\x00", "")
