"""Routes, teams and people of the policy in sentences, as a sales manager would say them."""

from collections.abc import Iterator
from datetime import timedelta

from funnel.people import PersonRule, Team
from funnel.policy import Mode, Route
from funnel.sla import Step
from funnel.wording import conditions_text, span_text


def route_lines(route: Route) -> Iterator[str]:
    """Where a route sends, whom, and to whom; then a line for each step when nobody acts, in their order."""
    parts = [f"{route.name}: {conditions_text(route.when)} goes to {route.channel}{_owner(route)}"]
    if route.blind:
        parts.append("who it is stays hidden until somebody has it")
    if promised := _promise(route):
        parts.append(promised)
    yield "; ".join(parts)
    for step in sorted(route.step, key=lambda one: (one.waiting, one.after)):
        without = "a claim" if step.waiting == "claim" else "a decision"
        yield f"{route.name}, after {_working(step.after)} without {without}: {_deed(step, route)}"


def _owner(route: Route) -> str:
    """The ways an owner is found, up to the first that always finds one; "" when leads are simply open to all."""
    tried: list[Mode] = []
    for mode in route.assign:
        tried.append(mode)
        if mode == "open":
            break
    if tried == ["open"] and route.team is None:
        return ""
    if tried[-1] != "open":
        tried.append("open")
    return ", " + ", else ".join(_way(mode, route) for mode in tried)


def _way(mode: Mode, route: Route) -> str:
    match mode:
        case "account owner":
            return "to whoever has the company"
        case "round robin":
            return f"by turns to one of {route.team}"
        case "weighted":
            return f"by turns and weight to one of {route.team}"
        case "person":
            return f"to {route.person}"
        case "open":
            return "to whoever claims it first"


def _promise(route: Route) -> str:
    told = []
    if route.claim_within:
        told.append(f"claimed within {_working(route.claim_within)}")
    if route.outcome_within:
        told.append(f"decided within {_working(route.outcome_within)}")
    return f"to be {' and '.join(told)}, in the hours of {route.team}" if told else ""


def _working(span: timedelta) -> str:
    """A span of working time: never in days, for a day of these has 24 working hours."""
    hours = span / timedelta(hours=1)
    if hours < 1:
        return f"{span_text(span)} of work"
    return f"{hours:,.4g} working hour{'' if hours == 1 else 's'}"


def _deed(step: Step, route: Route) -> str:
    match step.do:
        case "remind":
            return "a reminder in its thread"
        case "message":
            return "a message to those on duty" if step.waiting == "claim" else "a message to its owner"
        case "manager":
            return f"a message to the managers of {route.team}"
        case "assign":
            return f"it is given to {step.to}"


def team_text(team: Team) -> str:
    """Who is in a team, when they work, and who is told when nobody acts."""
    parts = [f"{', '.join(team.members)}; {_hours(team.hours)}, in {team.zone} where Slack knows no zone of theirs"]
    if team.country:
        parts.append(f"but for the public holidays of {team.country}")
    managers = f"; {', '.join(team.managers)} told when nobody acts" if team.managers else ""
    return f"{team.name}: {', '.join(parts)}{managers}"


def _hours(lines: list[str]) -> str:
    return f"work {' and '.join(lines)}"


def person_text(rule: PersonRule) -> str:
    """What differs for a person from what holds for their team."""
    told = [_hours(rule.hours)] if rule.hours else []
    told += [f"in {rule.zone}"] if rule.zone else []
    told += [f"public holidays of {rule.country}"] if rule.country else []
    told += [f"counts {rule.weight:g} where turns go by weight"] if rule.weight != 1 else []
    told += [f"holds at most {rule.cap:,} undecided"] if rule.cap is not None else []
    return f"{rule.id}: {', '.join(told) or 'as everybody'}"
