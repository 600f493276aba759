"""The people of the teams as they are now: when they work, what they hold, what they were given."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from funnel.business_hours import Calendar, Span, open_seconds
from funnel.caches import cached_if_short
from funnel.cycle import Cycle
from funnel.lifecycle import OUTCOMES, Stage
from funnel.people import PersonRule, Team, calendar_of, country_of
from funnel.policy import Policy, Route
from funnel.preference import Preference, next_alert_hour
from funnel.routing import WINDOW, Member
from funnel.sla import Clock, deadline
from storage.members import Member as Known
from storage.store import Transaction

AHEAD = timedelta(days=400)
"""How far ahead absences are read."""


@cached_if_short(500)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays of a year, by ISO 3166 code; none for a country the library does not know."""
    from holidays import country_holidays  # only where teams have a country

    name, _, part = country.partition("-")
    try:
        return frozenset(country_holidays(name, subdiv=part or None, years=year))
    except NotImplementedError:
        return frozenset()


class Rota:
    """Calendars and rotations for the span of one transaction."""

    def __init__(self, tx: Transaction, policy: Policy, now: datetime, *, gives: bool = False) -> None:
        """Whoever `gives` leads also notes who takes turns from now on; others merely look."""
        self._tx, self._policy, self._now, self._gives = tx, policy, now, gives
        self._rules = {rule.id: rule for rule in policy.person}
        self._known: dict[str, Known | None] = {}
        self._preferences: dict[str, Preference] = {}
        self._away: dict[str, tuple[Span, ...]] = {}
        self._calendars: dict[tuple[str, str], Calendar] = {}
        self._members: dict[str, list[Member]] = {}

    def team(self, name: str | None) -> Team | None:
        """The team of this name; None when the policy has none."""
        return self._policy.team_named(name)

    def route(self, cycle: Cycle) -> Route | None:
        """The route a cycle took; None when the policy has it no more."""
        return self._policy.route_named(cycle.route)

    def promises(self, route: str) -> bool:
        """Whether anything is promised of the leads of a route."""
        found = self._policy.route_named(route)
        return found is not None and bool(found.claim_within or found.outcome_within)

    def ladder_route(self, cycle: Cycle) -> Route:
        """The route whose ladder a cycle climbs: its own, or the last one where the policy has that no more."""
        return self.route(cycle) or self._policy.route[-1]

    def is_blind(self, cycle: Cycle) -> bool:
        """Whether a cycle's card hides who it is; that of a route that is gone does while any other does.

        What ended without ever having had an owner stays hidden: turning a lead away is no way to look at it.
        """
        route = self.route(cycle)
        hides = route.blind if route else any(one.blind for one in self._policy.route)
        return hides and cycle.owner is None and (cycle.stage is Stage.MQL or cycle.stage in OUTCOMES)

    def deadline(self, cycle: Cycle) -> datetime | None:
        """Until when a cycle may wait for its owner, or for a decision; None when nothing was promised."""
        route, clock = self.ladder_route(cycle), clock_of(cycle)
        team = self.team(route.team)
        if team is None or clock is None:
            return None
        if clock.waiting == "claim":
            return deadline(route.claim_within, clock.since, self.calendars(team))
        return deadline(route.outcome_within, clock.since, self.calendar(team, cycle.owner or ""))

    def rule(self, user: str) -> PersonRule | None:
        """What the policy says of one person."""
        return self._rules.get(user)

    def calendar(self, team: Team, user: str) -> Calendar:
        """When somebody works, as one of a team; also for whoever helps out and is none of it."""
        key = (team.name, user)
        if key not in self._calendars:
            self._read([user])
            known = self._known_as(user)
            rule = self.rule(user)
            zone = known.timezone if known else None
            self._calendars[key] = calendar_of(team, rule, zone, self._holidays(team, rule), self._away.get(user, ()))
        return self._calendars[key]

    def awake(self, team: Team, user: str, at: datetime | None = None) -> datetime:
        """When somebody may be reminded next, from a moment on: in their working hours but for their quiet ones."""
        return next_alert_hour(self._wishes(user), self.calendar(team, user), at or self._now)

    def _wishes(self, user: str) -> Preference:
        if user not in self._preferences:
            self._preferences |= self._tx.preferences.of([user])
        return self._preferences[user]

    def calendars(self, team: Team) -> list[Calendar]:
        """When each of a team works."""
        return self.calendars_of(team, team.members)

    def calendars_of(self, team: Team, users: list[str]) -> list[Calendar]:
        """When these people work, as some of a team."""
        self._read(users)
        return [self.calendar(team, user) for user in users]

    def is_gone(self, user: str) -> bool:
        """Whether Slack says that somebody left, or is a guest."""
        known = self._known_as(user)
        return known is not None and known.outsider

    def members(self, team: Team) -> list[Member]:
        """The team as a rotation sees it."""
        if team.name not in self._members:
            self._read(team.members)
            turns = self._tx.duty.turns(team.name)
            if self._gives and set(team.members) - set(turns):
                turns = self._tx.duty.takes_turns(team.name, team.members, self._now)
            given = self._tx.duty.given(team.name, self._now - WINDOW)
            holding = self._holding(team.members)
            self._members[team.name] = [
                self._member(team, user, turns.get(user, self._now))._replace(
                    given=given.get(user, 0), holding=holding.get(user, 0)
                )
                for user in team.members
            ]
        return self._members[team.name]

    def members_of(self, team: str | None) -> list[Member]:
        """The team of this name as a rotation sees it; nobody where the policy has none."""
        found = self.team(team)
        return self.members(found) if found else []

    def helper(self, user: str) -> Member:
        """Somebody as one of their own team, or of an office, who may be given a lead of a team they are none of."""
        own = next((team for team in self._policy.team if user in team.members), None)
        holding = self._holding([user]).get(user, 0)
        return self._member(own or Team(name="Office", members=[user]), user, self._now)._replace(holding=holding)

    def gave(self, user: str, team: Team | None) -> None:
        """Count a lead that was just given to somebody: as their turn in a team, or for what they hold alone."""
        for name, members in self._members.items():
            took_turn = team is not None and team.name == name
            self._members[name] = [
                one._replace(given=one.given + took_turn, holding=one.holding + 1) if one.user == user else one
                for one in members
            ]

    def _holding(self, users: list[str]) -> dict[str, int]:
        """What people hold; of those with a limit, who `gives` leads lets nobody change it until all is given."""
        limited = [rule.id for rule in self._policy.person if rule.cap is not None and rule.id in users]
        for user in sorted(limited) if self._gives else ():
            self._tx.duty.alone_with(user)
        return self._tx.duty.holding(users)

    def _member(self, team: Team, user: str, since: datetime) -> Member:
        calendar, rule = self.calendar(team, user), self.rule(user)
        seconds = open_seconds(calendar, max(since, self._now - WINDOW), self._now)
        return Member(
            user,
            calendar,
            weight=rule.weight if rule else 1.0,
            cap=rule.cap if rule else None,
            hours=seconds / 3600,
            gone=self.is_gone(user),
        )

    def _holidays(self, team: Team, rule: PersonRule | None) -> frozenset[date]:
        """Public holidays around now."""
        country = country_of(team, rule)
        years = range(self._now.year - 1, self._now.year + 2) if country else ()
        return frozenset().union(*(public_holidays(country or "", year) for year in years))

    def _known_as(self, user: str) -> Known | None:
        self._read([user])
        return self._known[user]

    def _read(self, users: Iterable[str]) -> None:
        """Read what Slack says of people, and their absences, unless that was done."""
        new = [user for user in users if user not in self._known]
        if new:
            known = self._tx.members.some(new)
            self._known |= {user: known.get(user) for user in new}
            found = self._tx.duty.away(new, self._now - WINDOW - timedelta(days=7), self._now + AHEAD)
            self._away |= {user: found.get(user, ()) for user in new}


def clock_of(cycle: Cycle) -> Clock | None:
    """What a cycle waits for and since when; None when it waits for nothing that is counted."""
    if cycle.stage is Stage.MQL and cycle.offered_at:
        return Clock("claim", cycle.offered_at, timedelta(seconds=cycle.claim_climbed), cycle.climbed_at)
    if cycle.stage is Stage.ACCEPTED and cycle.owned_at:
        return Clock("outcome", cycle.owned_at, timedelta(seconds=cycle.outcome_climbed), cycle.climbed_at)
    return None
