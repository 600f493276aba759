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
