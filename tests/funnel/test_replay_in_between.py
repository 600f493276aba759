"""A replay looks at the time between events, too, and at all of an instant at once."""

from datetime import timedelta
from itertools import permutations

import pytest

from funnel.parts import Event
from funnel.policy import Policy
from funnel.replay import NEVER, Replay
from funnel.rules import BehaviourRule
from tests.funnel.test_backtest import END, START, at, did, walked, with_mql

LOSS = did("email_bounce", 20)


def fading(policy: Policy) -> Policy:
    """A webinar brings 30 points that hardly fade, a bounce takes 25, of which half are gone after five days."""
    rules = [
        BehaviourRule(name="Webinar", kind="webinar", points=30, half_life="3000d"),
        BehaviourRule(name="Bounced", kind="email_bounce", points=-25, half_life="5d"),
    ]
    return with_mql(policy.model_copy(update={"behaviour": rules}), threshold=80)


def test_a_lead_crosses_when_what_held_it_down_has_faded(policy: Policy) -> None:
    found = walked(fading(policy), [did("webinar", 20), LOSS])
    # 60 for who it is, 30 of the webinar, and a loss that is 10 at most: 5 days * log2(2.5) later.
    assert found.crossed_at == pytest.approx(at(20 + 5 * 1.3219), abs=12 * 3600)
    assert 80 <= found.within < 81


def test_it_does_not_if_the_period_or_somebodys_decision_comes_first(policy: Policy) -> None:
    last = (END - START) / timedelta(days=1)
    found = walked(fading(policy), [did("webinar", last - 1), did("email_bounce", last - 1)])
    assert (found.crossed_at, round(found.within)) == (NEVER, 65)


@pytest.mark.parametrize("events", list(permutations([did("webinar", 20), LOSS, did("page_view", 20)])))
def test_what_happens_in_one_instant_counts_together(policy: Policy, events: tuple[Event, ...]) -> None:
    found: Replay = walked(with_mql(fading(policy), threshold=70), list(events))
    assert found.crossed_at > at(20)
