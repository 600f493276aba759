"""The policy in sentences: every part of it is said."""

from bot.policy_file import example_path
from funnel.policy import parse_policy
from funnel.sayings import policy_sections

EXAMPLE = example_path().read_text(encoding="utf-8")


def said(text: str) -> dict[str, list[str]]:
    return dict(policy_sections(parse_policy(text)))


def test_every_part_of_a_policy_is_said() -> None:
    everything = [sentence for sentences in said(EXAMPLE).values() for sentence in sentences]
    for told in (
        "A lead that did something in the last 3 days; an older one enters the funnel, and no channel is told",
        "Rejected: Wrong territory, Bad data, Not our market, Duplicate, Existing customer",
        "Disqualified: No need, No authority, Chose a competitor, Personal use, Left the company",
        "Recycled: No budget, Bad timing, No response, In a contract, Evaluating",
        "After 30 days unless the rep says otherwise, and after 730 days at most",
        "To import files: admin, manager, marketer",
        "To add leads: any of them",
        "Everybody else of this workspace: sdr, rep, marketer; guests have no role",
        "Need confirmed, and 3 of the four at least partly",
        "A budget is in EUR or USD or GBP or CHF",
    ):
        assert told in everything


def test_who_has_a_role_is_named_and_who_has_none_too() -> None:
    roles = EXAMPLE.replace("manager = []", 'manager = ["U1", "U2"]').replace(
        'everyone = ["sdr", "rep", "marketer"]', "everyone = []"
    )
    told = said(roles)["Who may do what"]
    assert "Manager: U1, U2" in told
    assert told[-1] == "Everybody else of this workspace: no role; guests have no role"


def test_a_hand_raised_by_what_somebody_did_comes_down_and_one_by_what_they_are_does_not() -> None:
    more = '[[mql.hand_raise]]\nname = "Partner"\nwhen = [{ field = "source", equals = "partner" }]\n\n# Leads with'
    told = said(EXAMPLE.replace("# Leads with", more, 1))["Who becomes an MQL"]
    assert "At once, Asked for a demo: each “demo_request”, for 30 days" in told
    assert "At once, Partner: source is partner" in told


def test_a_gate_that_asks_for_little_says_so() -> None:
    some = EXAMPLE.replace('must = ["need"]', "must = []")
    assert said(some)["What an SQL needs"][0] == "3 of the four at least partly"
    assert said(some.replace("at_least = 3 ", "at_least = 0 "))["What an SQL needs"][0] == "Nothing but somebody's word"


TEAM = """
[[team]]
name = "Inbound"
members = ["U1ANA", "U2BEN"]
managers = ["U3MIA"]
hours = ["Mon-Fri 09:00-12:00", "Mon-Fri 13:00-17:30"]
zone = "Europe/Berlin"
country = "DE"

[[person]]
id = "U2BEN"
hours = ["Mon-Thu 09:00-13:00"]
zone = "Europe/Paris"
country = "FR"
weight = 0.5
cap = 10

[[person]]
id = "U1ANA"
"""


def routed(keys: str) -> list[str]:
    return said(EXAMPLE.replace('channel = "#inbound"', f'channel = "#inbound"\n{keys}') + TEAM)[
        "Where they go, the first that fits"
    ][1:]


def test_teams_and_what_is_special_about_a_person_are_said() -> None:
    told = said(EXAMPLE + TEAM)
    assert told["Teams"] == [
        "Inbound: U1ANA, U2BEN; work Mon-Fri 09:00-12:00 and Mon-Fri 13:00-17:30, in Europe/Berlin where Slack knows no "
        "zone of theirs, but for the public holidays of DE; U3MIA told when nobody acts"
    ]
    assert told["What is special about a person"] == [
        "U2BEN: work Mon-Thu 09:00-13:00, in Europe/Paris, public holidays of FR, counts 0.5 where turns go by weight, "
        "holds at most 10 undecided",
        "U1ANA: as everybody",
    ]


def test_when_people_are_told_how_things_stand_is_said_unless_it_is_never() -> None:
    head = "When people are told how things stand"
    assert said(EXAMPLE)[head] == [
        "Of their day: at 08:30 where they are",
        "A team of its week: Fri 16:00 in the zone of the team",
    ]
    never = EXAMPLE.replace('morning = "08:30"', 'morning = "never"').replace('week = "Fri 16:00"', 'week = "never"')
    assert head not in said(never)


def test_how_a_route_finds_an_owner_is_said() -> None:
    assert routed("") == ["Inbound: everybody goes to #inbound"]
    assert routed('team = "Inbound"\nassign = ["account owner", "weighted", "person"]\nperson = "U1ANA"') == [
        "Inbound: everybody goes to #inbound, to whoever has the company, else by turns and weight to one of Inbound, "
        "else to U1ANA, else to whoever claims it first"
    ]
    assert routed('team = "Inbound"\nassign = ["round robin", "open"]\nblind = true') == [
        "Inbound: everybody goes to #inbound, by turns to one of Inbound, else to whoever claims it first; "
        "who it is stays hidden until somebody has it"
    ]


def test_what_a_route_promises_and_what_is_done_when_nobody_acts_is_said_in_working_time() -> None:
    """Two days are 48 working hours, which is more than a week: so they are never called days."""
    keys = """
team = "Inbound"
claim_within = "15m"
outcome_within = "2d"
step = [
  { after = "8h", do = "message", waiting = "outcome" },
  { after = "2h", do = "assign", to = "U3MIA" },
  { after = "10m", do = "remind" },
  { after = "1h", do = "message" },
  { after = "90m", do = "manager" },
]
"""
    assert routed(keys) == [
        "Inbound: everybody goes to #inbound, to whoever claims it first; to be claimed within 15 minutes of work and "
        "decided within 48 working hours, in the hours of Inbound",
        "Inbound, after 10 minutes of work without a claim: a reminder in its thread",
        "Inbound, after 1 working hour without a claim: a message to those on duty",
        "Inbound, after 1.5 working hours without a claim: a message to the managers of Inbound",
        "Inbound, after 2 working hours without a claim: it is given to U3MIA",
        "Inbound, after 8 working hours without a decision: a message to its owner",
    ]
