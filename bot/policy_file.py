"""Where the policy comes from: the file the settings name, else policy.toml here, else the example."""

from importlib.resources import files
from pathlib import Path

from bot.policy_lines import line_of
from bot.settings import BadSetting
from funnel.errors import Mistake, PolicyError
from funnel.policy import Policy, parse_policy

HERE = Path("policy.toml")


def policy_path(setting: Path | None) -> Path:
    """The file in force."""
    return setting or (HERE if HERE.is_file() else example_path())


def example_path() -> Path:
    """The example that comes with Baton: beside the packages in a checkout, inside them when installed."""
    installed = Path(str(files("bot") / "policy.example.toml"))
    return installed if installed.is_file() else Path(str(files("bot"))).parent / "policy.example.toml"


def load_policy(path: Path, admins: list[str]) -> Policy:
    """The policy of a file, with the admins of the settings.

    Raises:
        BadSetting: the file cannot be read.
        PolicyError: one sentence for each mistake, each with the file's name and the line.
    """
    return read_policy(_text_of(path), admins, path.name)


def _text_of(path: Path) -> str:
    """The text of a file in UTF-8, with a byte order mark or without.

    Raises:
        BadSetting: with what is wrong with the file as it is; nothing that would have it written over.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise BadSetting(
            f"{path} cannot be read: there is no such file. Check its name, or begin a policy as a copy of "
            "policy.example.toml."
        ) from error
    except OSError as error:
        raise BadSetting(f"{path} cannot be read: {error.strerror}.") from error
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content:
        raise BadSetting(f"{path} cannot be read: it is UTF-16, and a policy is UTF-8. Save it anew as UTF-8.")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        letter = content[error.start : error.start + 1].decode("cp1252", errors="replace")
        raise BadSetting(
            f"{path} cannot be read: on line {line} it is not UTF-8 (Windows would read a “{letter}” there). "
            "Save it anew as UTF-8; its words can stay as they are."
        ) from error


def read_policy(text: str, admins: list[str], name: str = "policy") -> Policy:
    """The policy of a text, with the admins of the settings.

    Raises:
        PolicyError: one sentence for each mistake, each with the text's name and the line.
    """
    try:
        policy = parse_policy(text)
    except PolicyError as error:
        raise PolicyError([placed(mistake, text, name) for mistake in error.mistakes]) from error
    roles = policy.roles.model_copy(update={"admin": sorted({*policy.roles.admin, *admins})})
    return policy.model_copy(update={"roles": roles})


def placed(mistake: Mistake, text: str, name: str) -> Mistake:
    """A mistake in a text, with the text's name and the line before it."""
    line = line_of(text, mistake.location) if mistake.location else None
    place = f"{name}, line {line}" if line else name
    return Mistake(mistake.location, f"{place}: {mistake.sentence}")
