"""What is no mistake in the teams, the people and the ladders of a policy, and probably not meant."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator

from bot.policy_lines import Location
from funnel.policy import Policy, Route
from funnel.roles import Act, Person, Role

Remark = tuple[Location, str]
"""Where, as keys and places from the top, and what is odd there."""

_USER = re.compile("[UW][A-Z0-9]{2,30}")
WHERE_IDS_ARE = "their Slack profile shows it under “⋮”, “Copy member ID” (U…)"


def is_user_id(text: str) -> bool:
    """Whether a text has the form of a Slack user id."""
    return _USER.fullmatch(text) is not None


def team_remarks(policy: Policy) -> Iterator[Remark]:
    """An oddity each, with where it stands."""
    yield from _no_user_ids(policy)
    yield from _unused_teams(policy)
    yield from _unused_people(policy)
    for place, route in enumerate(policy.route):
        for location, told in _of_route(policy, route):
            yield ("route", place, *location), told


def _no_user_ids(policy: Policy) -> Iterator[Remark]:
    """As the file has them: the settings add admins, whose place is not there."""
    written = tomllib.loads(policy.text).get("roles", {})
    for role in Role:
        for place, name in enumerate(written.get(role.value, [])):
            if not is_user_id(name):
                told = f"“{name}” is no Slack user id, so nobody has the role by it; {WHERE_IDS_ARE}"
                yield ("roles", role.value, place), told


def _unused_teams(policy: Policy) -> Iterator[Remark]:
    named = {route.team for route in policy.route}
    for place, team in enumerate(policy.team):
        if team.name not in named:
            yield ("team", place), f"no route names the team “{team.name}”, so it gets no leads"
        for manager in team.managers:
            if not policy.roles.may(Person(id=manager), Act.DECIDE_FOR_OTHERS):
                told = f"{manager} looks after the team and may not act for others; give them the role of a manager"
                yield ("team", place, "managers"), told
        for member, count in Counter(team.members).items():
            if count > 1:
                yield ("team", place, "members"), f"{member} is named {count} times; once is enough"


def _unused_people(policy: Policy) -> Iterator[Remark]:
    known = {user for team in policy.team for user in (*team.members, *team.managers)}
    known |= {user for route in policy.route for user in (route.person, *(step.to for step in route.step)) if user}
    seen: set[str] = set()
    for place, rule in enumerate(policy.person):
        if rule.id in seen:
            yield ("person", place, "id"), f"there is a [[person]] {rule.id} already; write what holds for them once"
        elif rule.id not in known:
            yield ("person", place, "id"), f"{rule.id} is in no [[team]], so what is said of them changes nothing"
        seen.add(rule.id)


def _of_route(policy: Policy, route: Route) -> Iterator[Remark]:
    if "open" in route.assign[:-1]:
        never = ", ".join(route.assign[route.assign.index("open") + 1 :])
        yield ("assign",), f"“open” always does, so what stands after it is never tried: {never}"
    if route.person is not None and "person" not in route.assign:
        yield ("person",), f'is never asked for: put "person" into assign to give leads to {route.person}'
    team = policy.team_named(route.team)
    for place, step in enumerate(route.step):
        if team and step.do == "manager" and not team.managers:
            yield ("step", place), f"tells nobody: the team “{team.name}” has no managers"
