"""Two leads that are one person: what is known first stays, in whatever order they are merged."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from funnel.identity import learned, merged
from funnel.lead import Facts, Lead
from funnel.lifecycle import Stage

START = datetime(2026, 1, 1, tzinfo=UTC)
days = st.integers(0, 30).map(lambda day: START + timedelta(days=day))
texts = st.sampled_from([None, "a", "b", "c"])
facts = st.builds(
    Facts,
    email=texts,
    name=texts,
    company=texts,
    employees=st.sampled_from([None, 1, 20]),
    attributes=st.dictionaries(st.sampled_from(["city", "note"]), st.sampled_from(["x", "y", None]), max_size=2),
)


@st.composite
def some_leads(draw: st.DrawFn) -> list[Lead]:
    """Three leads with ids of their own, of which each learned something later."""
    leads = []
    for lead_id in (1, 2, 3):
        first = draw(days)
        lead = Lead(
            id=lead_id,
            facts=draw(facts),
            source=draw(st.sampled_from(["web", "fair"])),
            stage=Stage.RAW,
            first_seen_at=first,
            last_activity_at=draw(days),
        )
        leads.append(learned(lead, draw(facts), first + timedelta(days=draw(st.integers(0, 20)))))
    return leads


@given(some_leads())
def test_merging_is_associative(leads: list[Lead]) -> None:
    one, two, three = leads
    assert merged(merged(one, two), three) == merged(one, merged(two, three))


@given(some_leads())
def test_merging_is_commutative(leads: list[Lead]) -> None:
    assert merged(leads[0], leads[1]) == merged(leads[1], leads[0])


@given(some_leads())
def test_nothing_known_is_lost_and_the_oldest_source_stays(leads: list[Lead]) -> None:
    one, two, _ = leads
    made = merged(one, two)
    older = min((one, two), key=lambda lead: (lead.first_seen_at, lead.id))
    assert (made.id, made.source, made.first_seen_at) == (older.id, older.source, older.first_seen_at)
    for name in ("email", "name", "company", "employees", "attributes.city", "attributes.note"):
        values = {one.facts.value(name), two.facts.value(name)} - {None}
        assert made.facts.value(name) in (values or {None})


@given(some_leads(), st.data())
def test_of_an_attribute_the_newest_word_counts_in_whatever_order_it_came(
    leads: list[Lead], data: st.DataObject
) -> None:
    lead = leads[0]
    told = [(lead.first_seen_at + timedelta(days=day), Facts(attributes={"plan": f"day {day}"})) for day in (1, 2, 3)]
    for at, news in data.draw(st.permutations(told)):
        lead = learned(lead, news, at)
    assert lead.facts.value("attributes.plan") == "day 3"


def test_a_value_learned_late_gives_way_to_one_its_double_had_before() -> None:
    one = Lead(id=1, facts=Facts(email="a"), source="web", stage=Stage.RAW, first_seen_at=START, last_activity_at=START)
    one = learned(one, Facts(company="Acme Ltd"), START + timedelta(days=9))
    second = START + timedelta(days=2)
    two = Lead(
        id=2, facts=Facts(company="Acme"), source="x", stage=Stage.RAW, first_seen_at=second, last_activity_at=second
    )
    assert merged(one, two).facts.company == "Acme"
    assert merged(one, two).filled == {"company": second}
