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
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(
            f"BATON_POLICY: {path} cannot be read ({error.__class__.__name__}); copy policy.example.toml there."
        ) from error
    return read_policy(text, admins, path.name)


def read_policy(text: str, admins: list[str], name: str = "policy") -> Policy:
    """The policy of a text, with the admins of the settings.

    Raises:
        PolicyError: one sentence for each mistake, each with the text's name and the line.
    """
    try:
        policy = parse_policy(text)
    except PolicyError as error:
        raise PolicyError([_placed(mistake, text, name) for mistake in error.mistakes]) from error
    roles = policy.roles.model_copy(update={"admin": sorted({*policy.roles.admin, *admins})})
    return policy.model_copy(update={"roles": roles})


def _placed(mistake: Mistake, text: str, name: str) -> Mistake:
    line = line_of(text, mistake.location) if mistake.location else None
    place = f"{name}, line {line}" if line else name
    return Mistake(mistake.location, f"{place}: {mistake.sentence}")
