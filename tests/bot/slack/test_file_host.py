"""The bot's token is shown to Slack and to nobody else."""

import pytest

from bot.slack.file_host import check_host
from bot.slack.trouble import NOT_SLACKS, SlackTrouble

SLACK, HERE = "https://slack.com/api/", "http://127.0.0.1:8710/api/"


@pytest.mark.parametrize(
    ("url", "api_url"),
    [
        ("https://files.slack.com/files-pri/T1-F1/download/fair.csv", SLACK),
        ("https://slack.com/files/x", SLACK),
        ("https://FILES.slack.com:443/x", SLACK),
        ("https://files.slack.com/x", "https://slack.proxy.example/api/"),
        ("https://slack.proxy.example/files/x", "https://slack.proxy.example/api/"),
        ("https://files.slack-gov.com/x", "https://slack-gov.com/api/"),
        ("http://127.0.0.1:8710/files-pri/x", HERE),
    ],
)
def test_files_are_fetched_from_slack(url: str, api_url: str) -> None:
    check_host(url, api_url)


@pytest.mark.parametrize("api_url", [SLACK, HERE])
@pytest.mark.parametrize(
    "url",
    [
        "",
        "fair.csv",
        "//files.slack.com/x",
        "http://files.slack.com/x",
        "https://files.slack.com:8443/x",
        "https://files.slack.com@evil.example/x",
        "https://evil.example/files.slack.com",
        "https://files.slack.com.evil.example/x",
        "https://evilslack.com/x",
        "https://evil.example#@files.slack.com/x",
        "https://files.slack.com\x00.evil.example/x",
        "http://127.0.0.1:9999/x",
        "http://localhost:8710/x",
        "file:///etc/passwd",
        "ftp://files.slack.com/x",
    ],
)
def test_files_are_fetched_from_nowhere_else(url: str, api_url: str) -> None:
    with pytest.raises(SlackTrouble, match=NOT_SLACKS) as refused:
        check_host(url, api_url)
    assert not refused.value.passing
