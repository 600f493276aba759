"""Where a new MQL goes, and to whom."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from funnel.business_hours import Calendar, is_open, next_open
from funnel.conditions import all_hold
from funnel.lead import Subject
from funnel.policy import Mode, Policy, Route
from funnel.scorer import scorer

WINDOW = timedelta(weeks=13)
"""How far back a rotation looks: the quarter in which people compare what they got.

Vacations and bursts even out only while both lie in it. With 28 days, what was made up for is forgotten before that
for which it was: over a quarter, this left a tenth to a fifth between the members of a team.
"""

AWAY = timedelta(days=3)
"""Who begins so much later than the first of their colleagues is away: a week-end is none, a vacation is."""

SAME_DAY = timedelta(hours=12)
"""Of those who are not on duty, who begins this much later than the first counts as beginning with them."""


def choose_route(subject: Subject, score: float, policy: Policy) -> Route:
    """The first route of which every condition holds; the last one when none does, so that nobody is lost.

    Conditions may name any field of a lead, its `score`, and the name of its `segment`.
    """
    known = subject.lookup()

    def lookup(field: str) -> Any:
        if field == "segment":
            return scorer(policy).bar(known).segment
        return score if field == "score" else known(field)

    matching = (route for route in policy.route if all_hold(route.when, lookup))
    return next(matching, policy.route[-1])


class Member(NamedTuple):
    """Somebody of a team as a rotation sees them.

    `holding` leads are undecided in their hands, of `cap` at most; they were given `given` in the window, in which
    they could have worked for `hours`. `gone` is whether Slack says that they left.
    """

    user: str
    calendar: Calendar
    weight: float = 1.0
    cap: int | None = None
    holding: int = 0
    given: int = 0
    hours: float = 0.0
    gone: bool = False


class Considered(BaseModel):
    """Somebody a lead could have gone to, and why it did not; "" for who got it."""

    model_config = ConfigDict(frozen=True)

    user: str
    why_not: str = ""


class Handover(NamedTuple):
    """A change of hands; `team` is set when it was the team's turn, and counts for the rotation.

    `before` are the clocks of the cycle as they were, so that the change can be taken back.
    """

    cycle_id: int
    team: str | None
    old_owner: str | None
    new_owner: str | None
    actor: str
    how: str
    at: datetime
    considered: Sequence[Considered] = ()
    before: Mapping[str, Any] = MappingProxyType({})


class Choice(BaseModel):
    """Who gets a lead and by which mode; nobody when it is open to all. `considered` explains it."""

    model_config = ConfigDict(frozen=True)

    owner: str | None
    mode: Mode
    considered: list[Considered] = []


def choose_owner(
    route: Route,
    members: Sequence[Member],
    account_owner: str | None,
    now: datetime,
    *,
    burst: bool = False,
    helpers: Sequence[Member] = (),
) -> Choice:
    """The first mode of the route's chain that finds somebody; open to all when none does.

    `helpers` are what is known of those who may be named, and are none of the team.

    In a `burst` everybody who works these days is considered, on duty or not: many leads at once are spread as they
    would be over a month.
    """
    considered: list[Considered] = []
    for mode in route.assign:
        if mode in ("round robin", "weighted"):
            found = _rotation(mode, members, now, burst=burst)
        else:
            found = _named(mode, route, [*members, *helpers], account_owner, now)
        considered += found.considered
        if mode == "open" or found.owner:
            return found.model_copy(update={"considered": considered})
    return Choice(owner=None, mode="open", considered=considered)


def _named(mode: Mode, route: Route, known: Sequence[Member], account_owner: str | None, now: datetime) -> Choice:
    """Whom the mode names, if they can be given a lead; nobody when it names none."""
    user = {"person": route.person, "account owner": account_owner}.get(mode)
    if user is None:
        return Choice(owner=None, mode=mode)
    member = next((one for one in known if one.user == user), None)
    why_not = _unable(member, _work_begins(known, now)) if member else ""
    if mode == "person" and member and not member.gone:
        why_not = ""  # whoever is named has said so; only leaving takes them out
    return Choice(owner=None if why_not else user, mode=mode, considered=[Considered(user=user, why_not=why_not)])


def _work_begins(members: Sequence[Member], now: datetime) -> datetime:
    """When the first of them works again: over a long holiday nobody is away, but all are off."""
    return min(filter(None, (next_open(one.calendar, now) for one in members)), default=now)


def _unable(member: Member, work_begins: datetime) -> str:
    """Why somebody cannot be given a lead at all, whatever their turn; "" when they can."""
    if member.gone:
        return "left the workspace"
    if member.cap is not None and member.holding >= member.cap:
        return f"holds {member.holding} of {member.cap} leads"
    begins = next_open(member.calendar, work_begins)
    if begins is None or begins - work_begins > AWAY:
        return "is away"
    return ""


def _rotation(mode: Mode, members: Sequence[Member], now: datetime, *, burst: bool) -> Choice:
    """Whoever was given least for the hours they could work, among those on duty, or who are first on duty again."""
    work_begins = _work_begins(members, now)
    why_not = {one.user: _unable(one, work_begins) for one in members}
    able = [one for one in members if not why_not[one.user]]
    if not burst:
        for one in _absent(able, now):
            why_not[one.user] = "is not on duty"
        able = [one for one in able if not why_not[one.user]]
    ranked = sorted(able, key=lambda one: (share(one, weighted=mode == "weighted"), one.user))
    for one in ranked[1:]:
        why_not[one.user] = f"was given more for their hours ({one.given} in {one.hours:.0f} h)"
    considered = [Considered(user=one.user, why_not=why_not[one.user]) for one in members]
    return Choice(owner=ranked[0].user if ranked else None, mode=mode, considered=considered)


def _absent(able: Sequence[Member], now: datetime) -> list[Member]:
    """Those who would have the lead lie longer than others."""
    on_duty = [is_open(one.calendar, now) for one in able]
    if any(on_duty):
        return [one for one, here in zip(able, on_duty, strict=True) if not here]
    begins = [next_open(one.calendar, now) or now for one in able]
    first = min(begins, default=now)
    return [one for one, at in zip(able, begins, strict=True) if at - first > SAME_DAY]


_COUNTS = 10
"""Leads given to each of a team, from which on a comparison says more than chance."""


def spread(members: Sequence[Member], *, weighted: bool) -> float | None:
    """The most given for an hour and unit of weight against the least; None where it says nothing yet."""
    taking = [one for one in members if one.hours and not one.gone]
    if len(taking) < 2 or min(one.given for one in taking) < _COUNTS:
        return None
    rates = [one.given / (one.hours * (one.weight if weighted else 1.0)) for one in taking]
    return max(rates) / min(rates)


def share(member: Member, *, weighted: bool) -> float:
    """What somebody would have been given an hour, and a unit of weight, were they given one more.

    The least is next: the method of Jefferson and D'Hondt, by which counts grow in proportion to hours.
    """
    worth = max(member.hours, 1 / 60) * (member.weight if weighted else 1.0)
    return (member.given + 1) / worth
