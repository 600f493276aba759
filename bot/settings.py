"""The settings: environment variables, or a file named .env. Read by the wiring, the command line and the doctor."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class BadSetting(Exception):
    """A setting is missing or malformed; the message names it and the mend."""


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"{name!r} is no IANA time zone; write one like Europe/Berlin") from error
    return name


def _slack_address(url: str) -> str:
    parts = urlsplit(url)
    loopback = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and loopback)):
        raise ValueError("must begin with https://, or with http:// on this machine (127.0.0.1)")
    return url if url.endswith("/") else url + "/"


def _token(prefix: str) -> Any:
    def check(value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(prefix):
            raise ValueError(f"must begin with {prefix}")
        return value

    return AfterValidator(check)


class Settings(BaseSettings):
    """All settings; the field names in capitals are the variables' names."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True)

    slack_bot_token: Annotated[SecretStr, _token("xoxb-")] | None = None
    slack_signing_secret: SecretStr | None = None
    slack_app_token: Annotated[SecretStr, _token("xapp-")] | None = None
    slack_api_url: Annotated[str, AfterValidator(_slack_address)] = "https://slack.com/api/"
    database_url: str = "sqlite:///baton.db"
    baton_policy: Path | None = None
    baton_host: str = "127.0.0.1"
    baton_port: Annotated[int, Field(ge=1, le=65535)] = 8700
    baton_timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    baton_admins: Annotated[list[str], NoDecode, BeforeValidator(_split)] = []

    @property
    def zone(self) -> ZoneInfo:
        """The reporting zone."""
        return ZoneInfo(self.baton_timezone)

    def slack_credentials(self) -> tuple[str, str]:
        """The bot token and the signing secret (empty in Socket Mode, where nothing is signed).

        Raises:
            BadSetting: with the mend.
        """
        if self.slack_bot_token is None:
            raise BadSetting(
                "SLACK_BOT_TOKEN is missing: copy the Bot User OAuth Token (xoxb-…) from your Slack app's page "
                "“OAuth & Permissions”. To try Baton without Slack, run: baton demo"
            )
        if self.slack_signing_secret is None and self.slack_app_token is None:
            raise BadSetting(
                "SLACK_SIGNING_SECRET is missing: copy it from your Slack app's page “Basic Information”, or set "
                "SLACK_APP_TOKEN (xapp-…) to use Socket Mode."
            )
        secret = self.slack_signing_secret.get_secret_value() if self.slack_signing_secret else ""
        return self.slack_bot_token.get_secret_value(), secret


def load_settings() -> Settings:
    """The settings of this process.

    Raises:
        BadSetting: one sentence that names the variable and the mend.
    """
    try:
        return Settings()
    except UnicodeDecodeError as error:
        raise BadSetting("The file .env is not UTF-8; write it anew in UTF-8.") from error
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        name = str(detail["loc"][0]).upper() if detail["loc"] else "A setting"
        raise BadSetting(f"{name}: {detail['msg'].removeprefix('Value error, ')}.") from error
