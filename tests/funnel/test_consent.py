"""An opt-out is lifted by nothing but the person's own younger opt-in, in whatever order things come."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.consent import Consent, State, state_of_kind, strictest
from funnel.identity import learned, merged, with_consent
from funnel.lead import Facts, Lead
from funnel.lifecycle import Stage

START = datetime(2026, 1, 1, tzinfo=UTC)
Word = tuple[str, datetime]
"""Who says it: a list that says yes or no to “unsubscribed”, or an event of the person; and its day."""

moments = st.integers(0, 20).map(lambda day: START + timedelta(days=day))
words = st.tuples(st.sampled_from(["listed out", "listed in", "opt_in", "unsubscribe"]), moments)


def _lead(lead_id: int) -> Lead:
    return Lead(
        id=lead_id, facts=Facts(email="a"), source="web", stage=Stage.RAW, first_seen_at=START, last_activity_at=START
    )


def _after(lead: Lead, word: Word) -> Lead:
    said, at = word
    if said.startswith("listed"):
        return learned(lead, Facts(attributes={"unsubscribed": said == "listed out"}), at)
    state = state_of_kind(said)
    assert state
    return with_consent(lead, Consent(state, at, "web"))


def _is_out(told: list[Word]) -> bool:
    """The rule, as one would say it."""
    outs = [at for said, at in told if said in ("listed out", "unsubscribe")]
    ins = [at for said, at in told if said == "opt_in"]
    return bool(outs) and (not ins or max(outs) >= max(ins))


@given(st.lists(words, max_size=8), st.data())
def test_a_stricter_word_is_lifted_by_the_persons_own_younger_opt_in_alone(
    told: list[Word], data: st.DataObject
) -> None:
    leads = [_lead(1), _lead(2), _lead(3)]
    for word in data.draw(st.permutations(told)):
        place = data.draw(st.integers(0, len(leads) - 1))
        leads[place] = _after(leads[place], word)
        if len(leads) > 1 and data.draw(st.booleans()):
            leads = [merged(leads[0], leads[1]), *leads[2:]]
    person = leads[0]
    for other in leads[1:]:
        person = merged(person, other)
    assert (person.consent == "opted_out") is _is_out(told)
    assert (person.facts.value("attributes.unsubscribed") is True) is _is_out(told)


@given(st.lists(words, max_size=4), st.lists(words, max_size=4), st.lists(words, max_size=4))
def test_merging_is_associative_and_commutative_in_consent_too(
    one: list[Word], two: list[Word], three: list[Word]
) -> None:
    leads = [_lead(1), _lead(2), _lead(3)]
    for place, told in enumerate((one, two, three)):
        for word in told:
            leads[place] = _after(leads[place], word)
    first, second, third = leads
    assert merged(merged(first, second), third) == merged(first, merged(second, third))
    assert merged(first, second) == merged(second, first)


def test_of_two_words_of_one_moment_the_stricter_counts() -> None:
    out, back = Consent("opted_out", START, "crm"), Consent("opted_in", START, "web")
    assert strictest((out, back)) == strictest((back, out)) == out
    assert strictest((None, None)) is None


def test_a_list_without_days_that_is_read_again_moves_no_day() -> None:
    lead = learned(_lead(1), Facts(attributes={"unsubscribed": True}), START + timedelta(days=1), is_dated=False)
    again = learned(lead, Facts(attributes={"unsubscribed": True}), START + timedelta(days=9), is_dated=False)
    assert again is lead
    assert lead.consent_at == START + timedelta(days=1)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("opt_in", "opted_in"),
        ("Opt-In", "opted_in"),
        ("resubscribe", "opted_in"),
        ("unsubscribe", "opted_out"),
        ("email_unsubscribed", "opted_out"),
        ("consent withdrawn", "opted_out"),
        ("demo_request", None),
        ("newsletter", None),
    ],
)
def test_some_kinds_of_engagements_are_words_on_consent(word: str, state: State | None) -> None:
    assert state_of_kind(word) == state
