"""The demo: a fresh Baton, a small Slack around it, three weeks behind them, and new leads trickling in."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import tzlocal
from pydantic import SecretStr

from bot.clock import utc_now
from bot.playground.demo_clock import DemoClock
from bot.playground.fake_slack import FakeSlack
from bot.playground.feed import CLOSING
from bot.playground.lines import HttpLine
from bot.playground.page import page_router
from bot.playground.people import People
from bot.playground.serving import BackgroundServer
from bot.playground.three_weeks import DAYS, ThreeWeeks
from bot.playground.trickle import Trickle
from bot.playground.workspace import User
from bot.policy_file import example_path, load_policy
from bot.settings import Settings
from bot.usecases.manage_keys import create_key
from bot.wiring import Baton
from funnel.people import Team
from funnel.policy import Policy
from funnel.sla import Step
from storage.keys import Rights

SEED = 20261122
TOKEN, SECRET = "xoxb-playground", "playground-signing-secret"
ROLES = {"sdr": ["UANA", "UBEN"], "rep": ["URITA"], "marketer": ["UMAYA"], "admin": ["UADA"]}
CHANNELS = ["inbound", "enterprise", "marketing"]


@dataclass
class Demo:
    """A running demo: where its page is, where the bot's HTTP doors are, and a key for them."""

    page_url: str
    bot_url: str
    key: str
    page: BackgroundServer
    slack: FakeSlack
    baton: Baton


def demo_users() -> list[User]:
    """The people of the demo, in this machine's time zone."""
    zone = tzlocal.get_localzone_name() or "UTC"
    return [
        User("UANA", "Ana Lopes", "SDR", zone, color="#1f7a5c"),
        User("UBEN", "Ben Carter", "SDR", zone, color="#2f5fb3"),
        User("URITA", "Rita Novak", "Account executive", zone, color="#9a3f6b"),
        User("UMAYA", "Maya Chen", "Marketing", zone, color="#b3642f"),
        User("UADA", "Ada Frost", "Admin", zone, color="#5b4a9a"),
    ]


def demo_policy() -> Policy:
    """The example policy, with the demo's people in their roles and in a team that is there at all hours."""
    policy = load_policy(example_path(), [])
    zone = tzlocal.get_localzone_name() or "UTC"
    team = Team(name="Sales", members=ROLES["sdr"], managers=ROLES["rep"], hours=["Mon-Sun 00:00-24:00"], zone=zone)
    promised = {
        "team": team.name,
        "claim_within": timedelta(minutes=15),
        "outcome_within": timedelta(days=1),
        "step": [Step.model_validate({"after": "30m", "do": "remind"})],
    }
    routes = [route.model_copy(update=promised) for route in policy.route]
    roles = policy.roles.model_copy(update=ROLES)
    return policy.model_copy(update={"roles": roles, "team": [team], "route": routes})


@contextmanager
def running_demo(page_port: int, bot_port: int, *, lively: bool = True) -> Iterator[Demo]:
    """A demo that runs until the block ends; `lively` keeps new leads coming. Port 0 takes any that is free.

    Raises:
        OSError: a port is taken.
    """
    clock = DemoClock(utc_now() - timedelta(days=DAYS))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="baton-demo-")))
        slack = FakeSlack(clock, demo_users(), CHANNELS, TOKEN)
        page = BackgroundServer(slack.web, page_port)
        slack.address = page.url
        page.start()
        stack.callback(page.stop)
        baton = Baton(_settings(folder, page.url), clock, demo_policy())
        server = BackgroundServer(baton.web, bot_port)
        people = People(slack, HttpLine(f"{server.url}/slack/events", SECRET))
        stack.callback(people.close)
        slack.web.include_router(page_router(slack, people))
        stack.callback(slack.workspace.changed, CLOSING, "")
        baton.directory.refresh()
        ThreeWeeks(baton, clock, ROLES["sdr"], "URITA", utc_now(), SEED).play()
        clock.go_live()
        key = create_key(baton.store, "playground", clock(), Rights(reads=True, any_source=True))
        server.start()
        stack.callback(server.stop)
        baton.start()
        if lively:
            trickle = Trickle(server.url, key, SEED)
            trickle.start()
            stack.callback(trickle.stop)
        yield Demo(page.url, server.url, key, page, slack, baton)


def _settings(folder: Path, slack_url: str) -> Settings:
    """Settings of the demo's own, whatever the environment says."""
    return Settings(
        _env_file=None,
        slack_bot_token=SecretStr(TOKEN),
        slack_signing_secret=SecretStr(SECRET),
        slack_app_token=None,
        slack_api_url=f"{slack_url}/api/",
        database_url=f"sqlite:///{folder / 'demo.db'}",
        baton_policy=None,
        baton_timezone=tzlocal.get_localzone_name() or "UTC",
        baton_admins=["UADA"],
    )
