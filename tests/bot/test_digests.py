"""The morning of each person in their own zone, and the week of each team: each told once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.usecases.send_digests import send_digests
from funnel.business_hours import Calendar
from funnel.digest import end_of_week, morning_of
from funnel.lifecycle import Stage
from funnel.people import OFFICE, Team, calendar_of
from funnel.policy import Policy, parse_policy
from tests.journeys.test_handing_over import LADDER, direct, policy_with
from tests.support.databases import Databases
from tests.support.world import ANA, BEN, RITA, USERS, World, open_world

MORNING = datetime(2026, 11, 17, 7, 30, tzinfo=UTC)  # a Tuesday, 08:30 in Berlin


def awake(more: str = LADDER) -> Policy:
    made = policy_with(more)
    return made.model_copy(update={"digest": type(made.digest)()})


def at(world: World, moment: datetime) -> None:
    world.clock.advance((moment - world.clock()).total_seconds())


@pytest.mark.both_databases
def test_a_morning_tells_what_is_due_what_woke_up_and_what_waits_once(databases: Databases, kind: str) -> None:
    with open_world(databases.fresh(kind), awake(), USERS) as world:
        world.baton.directory.refresh()
        at(world, datetime(2026, 11, 16, 15, 55, tzinfo=UTC))  # Monday, five minutes before they go home
        card = world.posted_card()
        world.people.click(ANA, card, "claim")
        world.posted_card(email="e@elm.example", name="Eve Elm")
        world.send_mql(email="z@zed.example", name="Zoe Zed")
        world.run()
        with world.store.begin() as tx:  # a lead of hers that she had put off
            cycle = tx.cycles.of_lead(3)[0]
            assert tx.cycles.claim(cycle.id, ANA, world.clock())
            cycle = tx.cycles.of_lead(3)[0]
            assert tx.cycles.move(cycle, Stage.RECYCLED, world.clock(), wake_at=MORNING - timedelta(hours=1))
            tx.leads.set_aside(3, Stage.RECYCLED, MORNING - timedelta(hours=1))
        before = {user: len(direct(world, user)) for user in (ANA, BEN)}
        at(world, MORNING - timedelta(minutes=1))
        world.run()
        assert {user: len(direct(world, user)) for user in (ANA, BEN)} == before
        at(world, MORNING)
        for _ in range(3):
            world.run()
            world.clock.advance(minutes=20)
        told = [text for text in direct(world, ANA) if text.startswith("Good morning")]
        assert told == ["Good morning: 1 lead in your hands, 1 due today, 1 woke up, 2 waiting to be claimed"]
        shown = str(world.slack.bot_messages(f"D{ANA}")[before[ANA]].blocks)
        assert "*Due today or overdue*" in shown
        assert "Back after they were put off" in shown
        assert "Zoe Zed" in shown
        assert [text for text in direct(world, BEN) if "Good morning" in text] == [
            "Good morning: 0 leads in your hands, 2 waiting to be claimed"
        ]


def test_nobody_is_told_that_there_is_nothing(databases: Databases, kind: str) -> None:
    with open_world(databases.fresh(kind), awake(), USERS) as world:
        world.baton.directory.refresh()
        at(world, MORNING)
        world.run()
        assert direct(world, ANA) == []


@pytest.mark.both_databases
def test_a_team_hears_of_its_week_once_and_after_a_restart_too(databases: Databases, kind: str) -> None:
    with open_world(databases.fresh(kind), awake(), USERS) as world:
        world.baton.directory.refresh()
        card = world.posted_card()
        world.clock.advance(minutes=5)
        world.people.click(ANA, card, "claim")
        at(world, datetime(2026, 11, 20, 19, tzinfo=UTC))  # three hours late: it was down
        for _ in range(2):
            world.run()
        weeks = [message for message in world.slack.bot_messages("#inbound") if "The week of" in message.text]
        assert [message.text for message in weeks] == ["The week of Inbound: 1 new MQL, 0 became SQLs"]
        assert "half of the claims came within 5 minutes" in str(weeks[0].blocks)


def test_a_week_that_is_told_late_tells_of_the_same_days(databases: Databases, kind: str) -> None:
    with open_world(databases.fresh(kind), awake('assign = ["round robin"]\n' + LADDER), USERS) as world:
        world.baton.directory.refresh()
        world.posted_card()
        at(world, datetime(2026, 11, 20, 16, 30, tzinfo=UTC))
        world.send_mql(email="after@the.week.example")
        world.run()
        (week,) = [message for message in world.slack.bot_messages("#inbound") if "The week of" in message.text]
        assert week.text == "The week of Inbound: 1 new MQL, 0 became SQLs"
        shown = str(week.blocks)
        assert "1 were given to people at once" in shown
        assert "were claimed" not in shown
        assert "0 of 1 decision in time (0%)" in shown


def test_a_manager_hears_in_the_morning_what_is_late_and_what_lies(databases: Databases, kind: str) -> None:
    with open_world(databases.fresh(kind), awake('assign = ["round robin"]\n' + LADDER), USERS) as world:
        world.baton.directory.refresh()
        for number in range(2):
            world.posted_card(email=f"p{number}@c{number}.example", name=f"Person {number}")
        world.people.command(BEN, "#inbound", "/lead pause until 2026-12-01")
        at(world, MORNING)
        world.run()
        (morning,) = [message for message in world.slack.bot_messages(f"D{RITA}") if "Good morning" in message.text]
        assert morning.text == "Good morning: 0 leads in your hands, 1 late in your team, 1 with people who are away"
        shown = str(morning.blocks)
        assert "*Late in your team*" in shown
        assert f"<@{BEN}>’s, who is away" in shown


@pytest.mark.both_databases
def test_two_replicas_tell_a_morning_once(databases: Databases, kind: str) -> None:
    with open_world(databases.fresh(kind), awake(), USERS) as world:
        world.baton.directory.refresh()
        policy = awake()
        assert [send_digests(world.store, policy, MORNING) for _ in range(3)] == [
            3,
            0,
            0,
        ]  # two members and their manager


ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Auckland"]


@given(st.sampled_from(ZONES), st.integers(0, 730))
def test_every_working_day_has_one_morning_whatever_the_clock_does(zone: str, days: int) -> None:
    team = Team(name="T", members=["U012ABC"], hours=OFFICE, zone=zone)
    calendar = calendar_of(team, None, None, frozenset(), ())
    start = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=days)
    eight = datetime.strptime("08:30", "%H:%M").time()  # noqa: DTZ007  a time of the day
    found = [morning_of(start + timedelta(minutes=n), eight, ZoneInfo(zone), calendar) for n in range(0, 1440, 5)]
    seen = {day for day in found if day}
    assert 0 <= len(seen) <= 2
    for n, day in enumerate(found):
        here = (start + timedelta(minutes=5 * n)).astimezone(ZoneInfo(zone))
        assert day in (None, here.date())
        if here.weekday() < 5 and 9 <= here.hour < 12:
            assert day == here.date()
        if here.weekday() >= 5:
            assert day is None


def test_a_holiday_and_an_absence_have_no_morning() -> None:
    zone = ZoneInfo("Europe/Berlin")
    calendar = Calendar(zone="Europe/Berlin", week={1: []})
    assert morning_of(MORNING, MORNING.astimezone(zone).time(), zone, calendar) is None


@pytest.mark.parametrize(("word", "told"), [("Fry 16:00", "no end of a week"), ("Fri 25:00", "no time of the day")])
def test_a_wrong_hour_is_named(word: str, told: str) -> None:
    from bot.policy_file import example_path

    text = example_path().read_text(encoding="utf-8").replace('week = "Fri 16:00"', f'week = "{word}"')
    with pytest.raises(Exception, match=told):
        parse_policy(text)


def test_a_week_ends_once() -> None:
    friday = datetime(2026, 11, 20, 15, tzinfo=UTC)
    hours = [end_of_week(friday + timedelta(hours=n), datetime(2026, 1, 1, 16).time(), 4, UTC) for n in range(-48, 72)]
    assert [week for week in dict.fromkeys(hours) if week] == [friday.replace(hour=16)]
