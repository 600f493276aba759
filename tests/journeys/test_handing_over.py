"""A lead finds its owner, changes hands, waits, and is not forgotten: through the real doors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bot.policy_file import example_path
from funnel.lifecycle import Stage
from funnel.policy import Policy, parse_policy
from tests.support.databases import Databases
from tests.support.filling import values
from tests.support.world import ADA, ANA, BEN, MAYA, RITA, USERS, World, open_world

TEAM = f"""
[[team]]
name = "Inbound"
members = ["{ANA}", "{BEN}"]
managers = ["{RITA}"]
hours = ["Mon-Fri 09:00-17:00"]
"""
LADDER = f"""claim_within = "30m"
outcome_within = "4h"
step = [
  {{ after = "10m", do = "remind" }},
  {{ after = "20m", do = "message" }},
  {{ after = "40m", do = "manager" }},
  {{ after = "1h", do = "assign", to = "{RITA}" }},
  {{ after = "2h", do = "message", waiting = "outcome" }},
]
"""


def policy_with(route: str, more: str = "") -> Policy:
    """The example, its last route extended, with a team and people in roles."""
    text = example_path().read_text(encoding="utf-8")
    text = text.replace('morning = "08:30"', 'morning = "never"')  # told of elsewhere
    text = text.replace('channel = "#inbound"\n', f'channel = "#inbound"\nteam = "Inbound"\n{route}', 1) + TEAM + more
    made = parse_policy(text)
    people = {"sdr": [ANA, BEN], "rep": [RITA], "marketer": [MAYA], "admin": [ADA]}
    return made.model_copy(update={"roles": made.roles.model_copy(update=people)})


@contextmanager
def world_with(databases: Databases, kind: str, route: str = "", more: str = "") -> Iterator[World]:
    with open_world(databases.fresh(kind), policy_with(route, more), USERS) as world:
        world.baton.directory.refresh()
        yield world


def hand_over(world: World, giver: str, card: Any, to: str) -> dict[str, str]:
    """Use the picker of a card's menu; what its field says is wrong."""
    world.people.click(giver, card, "lead_menu", "hand_over:1")
    view = world.view(giver)
    errors = world.people.submit(giver, view["id"], values(view, to=to))
    world.deliver()
    return errors


def direct(world: World, user: str) -> list[str]:
    return [message.text for message in world.slack.bot_messages(f"D{user}")]


def told(world: World, card: Any) -> list[str]:
    return [message.text for message in world.replies(card)]


def test_a_lead_is_given_to_a_colleague_who_is_told_once_and_taken_back(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    assert hand_over(world, ANA, card, BEN) == {}
    assert f"Accepted by <@{BEN}>" in str(card.blocks)
    assert told(world, card)[-1] == f"🔁 <@{ANA}> gave this lead to <@{BEN}>."
    assert direct(world, BEN) == [f"🤝 <@{ANA}> gave you a lead: Dana Fields, Acme"]

    world.clock.advance(minutes=9)
    world.people.click(ANA, world.slack.whispers(ANA)[-1], "undo")
    world.deliver()
    assert f"Accepted by <@{ANA}>" in str(card.blocks)
    assert told(world, card)[-1].startswith(f"↩️ <@{ANA}> took that back")
    assert world.slack.whispers(ANA)[-1].text == "Taken back."


def test_after_ten_minutes_nothing_is_taken_back_with_a_button(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    world.people.click(ANA, card, "release")
    world.deliver()
    offer = world.slack.whispers(ANA)[-1]
    world.clock.advance(minutes=11)
    world.people.click(ANA, offer, "undo")
    world.deliver()
    assert "can be undone for ten minutes" in world.slack.whispers(ANA)[-1].text
    assert "Claim" in str(card.blocks)


def test_a_release_is_undone_unless_somebody_claimed_meanwhile(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    world.people.click(ANA, card, "release")
    world.deliver()
    offer = world.slack.whispers(ANA)[-1]
    world.people.click(BEN, card, "claim")
    world.people.click(ANA, offer, "undo")
    world.deliver()
    assert f"Accepted by <@{BEN}>" in str(card.blocks)
    assert "Something else has happened" in world.slack.whispers(ANA)[-1].text


def test_an_sdr_gives_away_their_own_leads_alone_and_a_rep_takes_over(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    assert "Your role cannot act on a colleague's lead" in hand_over(world, BEN, card, BEN)["to"]
    assert hand_over(world, RITA, card, RITA) == {}
    assert told(world, card)[-1] == f"🔁 <@{RITA}> took this lead over from <@{ANA}>."
    assert direct(world, RITA) == []
    assert "cannot own leads" in hand_over(world, RITA, card, MAYA)["to"]


@pytest.mark.both_databases
def test_nobody_holds_more_than_they_may(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, more=f'\n[[person]]\nid = "{ANA}"\ncap = 1\n') as world:
        first = world.posted_card()
        world.people.click(ANA, first, "claim")
        second = world.posted_card(email="e@elm.example", name="Eve Elm")
        world.people.click(ANA, second, "claim")
        world.deliver()
        assert "You hold 1 lead without a decision" in world.slack.whispers(ANA)[-1].text
        world.people.click(BEN, second, "claim")
        world.deliver()
        world.people.click(BEN, second, "lead_menu", "hand_over:2")
        view = world.view(BEN)
        assert "which is the limit" in world.people.submit(BEN, view["id"], values(view, to=ANA))["to"]


@pytest.mark.both_databases
def test_turns_are_taken_and_explained(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, 'assign = ["round robin"]\n') as world:
        world.people.command(BEN, "#inbound", "/lead pause 1h")
        for number in range(3):
            world.send_mql(email=f"p{number}@c{number}.example", name=f"P{number}")
        world.run()
        assert len(direct(world, ANA)) == 3
        world.clock.advance(hours=2)
        world.send_mql(email="last@c9.example", name="Last")
        world.run()
        assert direct(world, BEN) == ["🤝 A lead for you: Last, Acme"]
        world.people.command(MAYA, "#marketing", "/lead why p1@c1.example")
        shown = str(world.slack.whispers(MAYA)[-1].blocks)
        assert f"Given to <@{ANA}> by round robin" in shown
        assert f"not <@{BEN}>: is not on duty" in shown


@pytest.mark.both_databases
def test_the_owner_of_the_account_comes_first(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, 'assign = ["account owner", "round robin"]\n') as world:
        card = world.posted_card(email="first@acme.example")
        hand_over(world, RITA, card, RITA)
        world.posted_card(email="second@acme.example", name="Second")
        assert f"Accepted by <@{RITA}>" in str(world.card().blocks)
        assert direct(world, RITA)[-1] == "🤝 A lead for you: Second, Acme"


@pytest.mark.both_databases
def test_a_lead_nobody_takes_climbs_its_ladder_in_working_time_each_step_once(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:
        world.clock.advance(hours=6, minutes=55)  # five minutes before the team goes home
        card = world.posted_card()
        assert "claim due" in str(card.blocks)
        world.clock.advance(minutes=10)
        for _ in range(3):
            world.run()
        assert told(world, card) == []
        world.clock.advance(hours=15, minutes=59)  # nine minutes of work in the next morning
        steps: list[tuple[int, int, int]] = []
        for _ in range(70):
            world.run()
            world.run()
            state = (
                len(told(world, card)),
                len(direct(world, ANA)) + len(direct(world, BEN)),
                len(direct(world, RITA)),
            )
            if not steps or steps[-1] != state:
                steps.append(state)
            world.clock.advance(minutes=1)
        assert steps == [(0, 0, 0), (1, 0, 0), (1, 2, 0), (1, 2, 1), (2, 2, 2)]
        assert "Nobody has claimed this lead yet" in told(world, card)[0]
        assert told(world, card)[1] == f"⏩ Nobody acted in time: this lead is <@{RITA}>'s now."
        assert f"Accepted by <@{RITA}>" in str(card.blocks)
        world.clock.advance(hours=2)
        world.run()
        assert "waits for a decision" in direct(world, RITA)[-1]


def test_a_claim_stops_the_ladder(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:
        card = world.posted_card()
        world.run()
        world.clock.advance(minutes=9)
        world.people.click(ANA, card, "claim")
        world.clock.advance(minutes=30)
        world.run()
        assert told(world, card) == []
        assert "decision due" in str(card.blocks)


def test_a_call_without_an_answer_is_noted_and_the_lead_still_waits(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    for words in ("you called and", "you called again and"):
        world.people.click(ANA, card, "lead_menu", "attempt:1")
        world.deliver()
        assert words in world.slack.whispers(ANA)[-1].text
    assert "called without an answer" in str(card.blocks)
    with world.store.read() as tx:
        assert tx.cycles.get(1).stage is Stage.ACCEPTED


def test_a_given_lead_that_is_none_is_not_counted_against_its_owner(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, 'assign = ["round robin"]\n') as world:
        card = world.posted_card()
        owner = ANA if direct(world, ANA) else BEN
        world.people.click(owner, card, "not_a_fit")
        view = world.view(owner)
        assert world.people.submit(owner, view["id"], values(view, reason__rejected="Bad data")) == {}
        world.deliver()
        assert world.moves(1) == ["mql", "accepted", "mql", "rejected"]
        with world.store.read() as tx:
            assert tx.duty.given("Inbound", world.clock().replace(year=2020)) == {}


def test_a_blind_card_hides_who_it_is_until_it_is_claimed(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, "blind = true\n") as world:
        card = world.posted_card(title="VP Sales", phone="+4930123456", employees=200)
        world.people.open_home(ANA)
        for words in ("open", "next", "show dana@acme.example", "why dana@acme.example", "find Dana"):
            world.people.command(ANA, "#inbound", f"/lead {words}")
        for option in ("why:1", "show:1"):
            world.people.click(ANA, card, "lead_menu", option)
            world.filled_view(ANA, "History" if option == "show:1" else "points")
        world.deliver()
        seen = str(card.blocks) + card.text + str(world.slack.workspace.homes[ANA])
        seen += "".join(str(one.blocks) + one.text for one in world.slack.whispers(ANA))
        seen += str(world.slack.workspace.views[ANA])
        told = seen.replace("dana@acme.example”", "").replace("“Dana”", "")  # what was asked is said again
        assert [word for word in ("Dana", "Acme", "acme.example", "+4930") if word in told] == []
        assert "VP Sales" in seen
        world.people.click(ANA, card, "claim")
        world.deliver()
        assert "Dana Fields" in str(card.blocks)


def test_a_button_on_a_card_that_is_out_of_date_does_no_harm(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    world.people.click(BEN, card, "claim")  # as he saw it a moment ago
    world.people.click(ANA, card, "release")
    world.people.click(ANA, card, "release")
    world.deliver()
    assert world.moves(1) == ["mql", "accepted", "mql"]
    assert "nothing to release" in world.slack.whispers(ANA)[-1].text


@pytest.mark.parametrize("word", ["30m", "until tomorrow", "until Friday 14:00", "until 2026-12-24"])
def test_a_pause_is_read_as_people_write_it(sqlite_world: World, word: str) -> None:
    sqlite_world.people.command(ANA, "#inbound", f"/lead pause {word}")
    assert "Nothing is given to you until" in sqlite_world.slack.whispers(ANA)[-1].text
    sqlite_world.people.command(ANA, "#inbound", "/lead resume")
    assert "Welcome back" in sqlite_world.slack.whispers(ANA)[-1].text
    sqlite_world.people.command(ANA, "#inbound", "/lead pause resume")
    assert "You are not paused" in sqlite_world.slack.whispers(ANA)[-1].text
    sqlite_world.people.command(ANA, "#inbound", "/lead pause whenever")
    assert "write 30m, 2h, until tomorrow" in sqlite_world.slack.whispers(ANA)[-1].text


def test_a_card_that_somebody_deleted_is_posted_anew_while_the_lead_waits(world: World) -> None:
    card = world.posted_card()
    channel = world.slack.workspace.channel("#inbound")
    del channel.messages[card.ts]
    world.people.command(ANA, "#inbound", "/lead next")
    world.people.click(ANA, world.slack.whispers(ANA)[-1], "claim")
    world.deliver()
    world.deliver()
    again = world.card()
    assert again.ts != card.ts
    assert f"Accepted by <@{ANA}>" in str(again.blocks)


def test_a_lead_whose_channel_is_archived_is_brought_to_an_admin(world: World) -> None:
    world.slack.workspace.channel("#inbound").archived = True
    world.send_mql()
    world.run()
    (told,) = world.slack.bot_messages(f"D{ADA}")
    assert "I cannot post Dana Fields, Acme to #inbound" in told.text
    world.people.click(ADA, told, "claim")
    world.deliver()
    assert world.moves(1) == ["mql", "accepted"]


@pytest.mark.both_databases
def test_whoever_moves_to_another_zone_is_reminded_by_its_hours(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:  # nine o'clock UTC, ten in Berlin
        world.slack.workspace.users[ANA].timezone = "America/New_York"
        world.baton.directory.refresh()
        card = world.posted_card()
        world.people.click(ANA, card, "claim")
        world.run()
        world.slack.workspace.users[ANA].timezone = "Europe/Berlin"
        world.clock.advance(hours=1, minutes=1)
        world.run()  # people are asked for every hour
        world.clock.advance(hours=1)
        world.run()
        assert len(direct(world, ANA)) == 1


def test_what_somebody_held_who_left_is_offered_to_all_again(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    world.slack.workspace.users[ANA].guest = True
    world.clock.advance(hours=2)
    world.run()
    assert told(world, card)[-1] == f"🚪 <@{ANA}> left the workspace: this lead can be claimed again."
    world.people.click(BEN, card, "claim")
    world.deliver()
    assert f"Accepted by <@{BEN}>" in str(card.blocks)


def test_a_lead_is_put_off_three_times_and_no_more(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    for _ in range(3):
        assert world.put_off(ANA, card) == {}
        assert "I will remind you" in world.slack.whispers(ANA)[-1].text
        world.clock.advance(days=1)
        world.run()
    assert "You put this lead off 3 times" in world.put_off(ANA, card)["until"]


@pytest.mark.parametrize(
    ("chosen", "hours"),
    [({"until": "3h"}, 3), ({"other_until": "Wednesday 14:00"}, 52), ({"until": "monday"}, 167), ({}, 23)],
)
def test_a_lead_is_put_off_for_as_long_as_its_owner_says(world: World, chosen: dict[str, str], hours: int) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    assert world.put_off(ANA, card, **chosen) == {}
    world.clock.advance(hours=hours, minutes=-1)
    world.deliver()
    assert [text for text in direct(world, ANA) if "put this lead off" in text] == []
    world.clock.advance(minutes=1)
    world.deliver()
    assert len([text for text in direct(world, ANA) if "put this lead off" in text]) == 1


def test_a_lead_is_not_put_off_until_doomsday_nor_until_nonsense(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    assert "14 days at most" in world.put_off(ANA, card, other_until="2027-02-01")["until"]
    assert "I cannot read until when" in world.put_off(ANA, card, other_until="doomsday")["other_until"]


def choose_settings(world: World, user: str, **chosen: str) -> None:
    world.people.command(user, "#inbound", "/lead settings")
    view = world.view(user)
    assert world.people.submit(user, view["id"], values(view, **chosen)) == {}


def test_quiet_hours_put_off_what_would_be_told_in_them(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:  # it is ten in Berlin
        choose_settings(world, ANA, quiet_from="10:15", quiet_until="10:40")
        world.people.command(ANA, "#inbound", "/lead settings")
        view = world.view(ANA)
        assert "'initial_time': '10:15'" in str(view)
        wrong = world.people.submit(ANA, view["id"], values(view, quiet_from="12:00", quiet_until=""))
        assert wrong == {"quiet_until": "Choose both, from when and until when, or neither."}
        world.posted_card()
        for _ in range(2):
            world.clock.advance(minutes=11)
            world.run()
        assert (len(direct(world, ANA)), len(direct(world, BEN))) == (0, 1)
        world.clock.advance(minutes=17)
        world.deliver()
        assert len(direct(world, ANA)) == 0
        world.clock.advance(minutes=1)
        world.deliver()
        assert direct(world, ANA) == direct(world, BEN)


@pytest.mark.both_databases
def test_people_are_told_as_they_want(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER + "also_channel = true\n") as world:
        choose_settings(world, ANA, alert="mention")
        choose_settings(world, BEN, most_an_hour="3")
        for number in range(5):
            world.send_mql(email=f"p{number}@c{number}.example", name=f"P{number}")
        world.run()
        card = world.card()
        world.clock.advance(minutes=10)
        world.run()
        reminders = [one for method, one in world.slack.calls if one.get("reply_broadcast") in (True, "true", "1")]
        assert len(reminders) == 5
        world.clock.advance(minutes=10)
        world.run()
        assert told(world, card)[-1].endswith(f"<@{ANA}>")
        assert direct(world, ANA) == []
        assert len(direct(world, BEN)) == 3
        for number in range(1, 6):
            with world.store.begin() as tx:
                tx.cycles.look_at(tx.cycles.get(number), None)  # the rest of the ladder is told of elsewhere
        world.clock.advance(minutes=59)
        world.run()
        assert len(direct(world, BEN)) == 3
        world.clock.advance(minutes=2)
        world.run()
        assert len(direct(world, BEN)) == 5


def test_settings_come_back_as_they_were_chosen(world: World) -> None:
    choose_settings(world, ANA, alert="mention", most_an_hour="5")
    world.people.command(ANA, "#inbound", "/lead settings")
    shown = {block["block_id"]: block["element"] for block in world.view(ANA)["blocks"]}
    assert shown["alert"]["initial_option"]["value"] == "mention"
    assert shown["most_an_hour"]["initial_option"]["value"] == "5"


@pytest.mark.both_databases
def test_an_absence_is_planned_by_oneself_or_by_a_manager(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, 'assign = ["round robin"]\n') as world:
        world.people.command(ANA, "#inbound", "/lead away 2026-11-17 to 2026-11-19")
        assert "🏖️ Nothing is given to you from" in world.slack.whispers(ANA)[-1].text
        world.people.command(ANA, "#inbound", f"/lead away <@{BEN}|ben> 2026-11-17 to 2026-11-19")
        assert "Your role cannot act on a colleague's lead" in world.slack.whispers(ANA)[-1].text
        world.people.command(RITA, "#inbound", f"/lead pause <@{BEN}|ben> until tomorrow")
        assert f"Nothing is given to <@{BEN}> until" in world.slack.whispers(RITA)[-1].text
        world.people.command(RITA, "#inbound", f"/lead resume <@{BEN}>")
        for wrong in ("2026-11-19", "2026-11-20 to 2026-11-18", "soon to later"):
            world.people.command(ANA, "#inbound", f"/lead away {wrong}")
            assert "Nothing is given" not in world.slack.whispers(ANA)[-1].text
        world.clock.advance(days=1)
        for number in range(4):
            world.send_mql(email=f"p{number}@c{number}.example", name=f"P{number}")
        world.run()
        given = [[text for text in direct(world, user) if "A lead for you" in text] for user in (ANA, BEN)]
        assert [len(texts) for texts in given] == [0, 4]
        noted = [text for text in direct(world, BEN) if text not in given[1]]
        assert [text.split(" says that you are ")[1][:4] for text in noted] == ["away", "back"]
