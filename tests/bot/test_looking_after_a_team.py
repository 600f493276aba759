"""What a manager is shown of their teams, however many they are, and who is away."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta

import pytest
from sqlalchemy import event

from bot.slack.blocks.digest import digest_text
from bot.team_remarks import team_remarks
from bot.usecases.follow_hours import look_anew
from bot.usecases.send_digests import digest_of, digests_due
from bot.usecases.show_home import show_home
from bot.usecases.team_week import team_week
from funnel.lifecycle import Stage
from funnel.policy import Policy, parse_policy
from funnel.roles import Person
from funnel.sla import Kept
from storage.store import Store
from tests.bot.test_home import home_of, many_mqls
from tests.journeys.test_handing_over import LADDER, choose_settings, direct, hand_over, policy_with, world_with
from tests.support.databases import Databases
from tests.support.world import ADA, ANA, BEN, RITA, USERS, World, open_world


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield sent
    event.remove(store.engine, "before_cursor_execute", note)


def roles_kept(policy: Policy, text: str) -> Policy:
    return parse_policy(text).model_copy(update={"roles": policy.roles})


def test_with_eighty_teams_the_home_still_has_all_its_parts(databases: Databases, kind: str) -> None:
    base = policy_with(LADDER)
    more = "".join(f'\n[[team]]\nname = "Team {n}"\nmembers = ["{BEN}"]\n' for n in range(80))
    with open_world(databases.fresh(kind), roles_kept(base, base.text + more), USERS) as world:
        many_mqls(world, 60)
        for number in range(1, 26):
            with world.store.begin() as tx:
                tx.cycles.claim(number, ADA, world.clock())
        world.people.open_home(ADA)
        blocks = home_of(world, ADA)
        assert len(blocks) <= 100
        headers = [block["text"]["text"].partition(" (")[0] for block in blocks if block["type"] == "header"]
        assert headers == ["Your leads", "The board", "Waiting to be claimed", "Set-up"]
        shown = str(blocks)
        assert "more teams than fit here" in shown
        assert "home_waiting_on" in shown


@pytest.mark.both_databases
def test_what_is_asked_each_minute_does_not_grow_with_the_people(databases: Databases, kind: str) -> None:
    base = policy_with("")
    text = base.text.replace('morning = "never"', 'morning = "08:30"')
    few = roles_kept(base, text)
    many = roles_kept(
        base, text.replace(f'members = ["{ANA}", "{BEN}"]', f"members = {[f'UMANY{n}' for n in range(99)]}")
    )
    with open_world(databases.fresh(kind), few, USERS) as world:
        asked = []
        for policy in (few, many):
            with counted(world.store) as sent:
                digests_due(world.store, policy, world.clock())
            asked.append(len(sent))
        assert asked[0] == asked[1]


def test_a_manager_of_many_open_leads_is_answered_in_as_many_statements(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, 'assign = ["round robin"]\n' + LADDER) as world:
        asked = []
        for count in (20, 200):
            many_mqls_more(world, count)
            world.clock.advance(hours=5)
            with counted(world.store) as sent:
                home = show_home(world.store, world.baton.policy(), Person(id=RITA), UTC, world.clock())
            assert home.board is not None
            assert home.board.breached > 10
            asked.append(len(sent))
        assert asked[0] == asked[1]


def many_mqls_more(world: World, count: int) -> None:
    for number in range(count):
        world.send_mql(email=f"p{number}@of{count}.example", name=f"P {number}")
    world.baton.scheduler.run_all()


def test_the_only_one_of_a_team_may_be_away_and_a_part_timer_is_not(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, f'assign = ["person"]\nperson = "{ANA}"\n' + LADDER) as world:
        world.posted_card()
        policy = world.baton.policy()
        alone = policy.text.replace(f'members = ["{ANA}", "{BEN}"]', f'members = ["{ANA}"]')
        alone = alone.replace('hours = ["Mon-Fri 09:00-17:00"]', 'hours = ["Mon 09:00-17:00"]')
        world.baton.policy = lambda: roles_kept(policy, alone)  # type: ignore[assignment,method-assign]
        world.people.open_home(RITA)
        assert "people who are away" not in str(home_of(world, RITA))
        world.people.command(ANA, "#inbound", "/lead pause until 2026-12-01")
        world.people.open_home(RITA)
        assert "1 lead with people who are away" in str(home_of(world, RITA))


def test_a_morning_counts_all_that_lies_and_shows_some(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:
        many_mqls(world, 12)
        for number in range(1, 13):
            with world.store.begin() as tx:
                tx.cycles.claim(number, BEN, world.clock())
        world.people.command(BEN, "#inbound", "/lead pause until 2026-12-01")
        digest = digest_of(world.store, world.baton.policy(), RITA, UTC, world.clock())
        assert "12 with people who are away" in digest_text(digest)
        assert len(digest.stranded) == 10


def test_who_may_not_act_for_others_sees_no_button_and_the_policy_says_so(databases: Databases, kind: str) -> None:
    base = policy_with(LADDER)
    policy = roles_kept(base, base.text.replace(f'managers = ["{RITA}"]', f'managers = ["{BEN}"]'))
    assert any(f"{BEN} looks after the team" in told for _, told in team_remarks(policy))
    with open_world(databases.fresh(kind), policy, USERS) as world:
        world.posted_card()
        world.clock.advance(hours=2)
        world.people.open_home(BEN)
        shown = str(home_of(world, BEN))
        assert "1 lead late" in shown
        assert "Hand over…" not in shown
        assert "Who is away…" not in shown


def test_a_planned_absence_is_cancelled_by_coming_back_before_it(world: World) -> None:
    world.people.command(ANA, "#inbound", "/lead away 2026-12-01 to 2026-12-20")
    with world.store.read() as tx:
        assert len(tx.duty.absences(ANA, world.clock())) == 1
    world.people.command(ANA, "#inbound", "/lead resume")
    assert "Welcome back" in world.slack.whispers(ANA)[-1].text
    with world.store.read() as tx:
        assert tx.duty.absences(ANA, world.clock()) == []
    world.people.command(ANA, "#inbound", "/lead resume")
    assert "You are not paused" in world.slack.whispers(ANA)[-1].text


@pytest.mark.both_databases
def test_a_move_to_another_zone_is_not_lost_with_a_crash(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:
        world.slack.workspace.users[ANA].timezone = "America/New_York"

        def crash(*_told: object) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            world.baton.directory.refresh(crash)
        moved: list[str] = []
        world.baton.directory.refresh(lambda tx, user: moved.append(user))
        assert moved == [ANA]
        with world.store.begin() as tx:
            look_anew(tx, world.baton.policy(), ANA, world.clock())


def test_a_late_decision_stays_late_when_the_sql_is_handed_on(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:
        card = world.posted_card()
        world.people.click(ANA, card, "claim")
        world.deliver()
        world.clock.advance(hours=5)
        with world.store.begin() as tx:
            cycle = tx.cycles.get(1)
            assert cycle is not None
            assert tx.cycles.move(cycle, Stage.SQL, world.clock())
        world.clock.advance(minutes=5)
        assert hand_over(world, RITA, card, RITA) == {}
        policy = world.baton.policy()
        week = team_week(world.store, policy, policy.team[0], world.clock() + timedelta(minutes=1))
        assert week.promises.decisions == Kept(0, of=1)


def test_turning_a_blind_lead_away_is_no_way_to_look_at_it(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, "blind = true\n" + LADDER) as world:
        card = world.posted_card()
        assert "Dana" not in str(card.blocks)
        world.people.click(BEN, card, "not_a_fit")
        view = world.view(BEN)
        option = view["blocks"][0]["element"]["options"][0]
        block = view["blocks"][0]["block_id"]
        world.people.submit(BEN, view["id"], {block: {"value": {"type": "static_select", "selected_option": option}}})
        world.deliver()
        assert "Rejected" in str(card.blocks)
        assert "Dana" not in str(card.blocks) + card.text


def test_no_more_reminders_an_hour_and_none_in_quiet_hours_either(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:  # it is ten in Berlin
        choose_settings(world, ANA, quiet_from="11:00", quiet_until="12:00", most_an_hour="3")
        for number in range(5):
            world.send_mql(email=f"p{number}@c{number}.example", name=f"P{number}")
        world.run()
        for _ in range(2):
            world.clock.advance(minutes=11)
            world.run()
        assert len(direct(world, ANA)) == 3
        world.clock.advance(minutes=90)  # eight minutes to twelve
        world.deliver()
        assert len(direct(world, ANA)) == 3
