"""The policy in sentences, as a sales manager would say them."""

from collections.abc import Iterator

from funnel.form import Form
from funnel.policy import Policy
from funnel.roles import MAY, Role
from funnel.rules import BehaviourRule, HandRaise
from funnel.team_sayings import person_text, route_lines, team_text
from funnel.wording import conditions_text, span_text


def policy_sections(policy: Policy) -> list[tuple[str, list[str]]]:
    """Headings, each with its sentences; those of which the policy says nothing are left out."""
    sections = [
        (f"Who fits (at most {policy.fit_cap:g} points, for good)", list(_fit(policy))),
        ("What counts as interest (points fade)", list(_behaviour(policy))),
        ("Who becomes an MQL", list(_mql(policy))),
        ("Who never does", [f"{rule.name}: {conditions_text(rule.when)}" for rule in policy.exclude]),
        ("Who is a prospect", [_prospect(policy)]),
        ("Where they go, the first that fits", [line for route in policy.route for line in route_lines(route)]),
        ("Teams", [team_text(team) for team in policy.team]),
        ("What is special about a person", [person_text(rule) for rule in policy.person]),
        ("Who is the same person", list(_identity(policy))),
        ("Forms", [_form(form) for form in policy.form]),
        ("What is news", [_news(policy)]),
        ("When people are told how things stand", list(_digests(policy))),
        ("What an SQL needs", list(_sql(policy))),
        ("Why a lead is let go, in these or other words", list(_reasons(policy))),
        ("When a recycled lead wakes", [_recycle(policy)]),
        ("Who may do what", list(_roles(policy))),
    ]
    return [(heading, sentences) for heading, sentences in sections if sentences]


def _form(form: Form) -> str:
    only = [f"its {form.type_field} is {' or '.join(form.types)}"] if form.types else []
    if form.finished:
        values = f"is {' or '.join(form.finished_values)}" if form.finished_values else "says it is finished"
        only.append(f"{form.finished} {values}")
    line = f"/v1/forms/{form.name}, as {form.shape} sends it, counts as “{form.kind}”"
    line += f" if {' and '.join(only)}" if only else ""
    line += f", once for each {form.submission_field}" if form.submission_field else ""
    return line + (f"; who says yes to “{form.consent}” opts in" if form.consent else "")


def _fit(policy: Policy) -> Iterator[str]:
    for rule in policy.fit:
        yield f"{rule.points:+g} {rule.name}: {conditions_text(rule.when)}"


def _behaviour(policy: Policy) -> Iterator[str]:
    for rule in policy.behaviour:
        left = f"half of it left after {span_text(rule.half_life)}"
        yield f"{rule.points:+g} {rule.name}: {_event(rule)}, {left}{_limits(rule)}"
    for group in policy.group:
        yield f"{group.name} gives at most {group.cap:g} in all"


def _event(rule: BehaviourRule | HandRaise) -> str:
    where = f" whose {conditions_text(rule.where)}" if rule.where else ""
    return f"each “{rule.kind}”{where}"


def _limits(rule: BehaviourRule) -> str:
    limits = [f", counted {rule.at_most}"] if rule.at_most else []
    if rule.cap is not None:
        limits.append(f", at most {rule.cap:g} in all")
    if rule.group:
        limits.append(f", within {rule.group}")
    return "".join(limits)


def _mql(policy: Policy) -> Iterator[str]:
    rule = policy.mql
    gate = [f"at least {rule.fit_minimum:g} of them for who they are"] if rule.fit_minimum else []
    gate += [f"{field} known" for field in rule.required]
    more = "".join(f", {one}" for one in gate)
    yield f"Whoever has {rule.threshold:g} points and has done something that counts{more}"
    for segment in policy.segment:
        own = [f"{segment.threshold:g} points"] if segment.threshold is not None else []
        own += [f"{segment.fit_minimum:g} for who they are"] if segment.fit_minimum is not None else []
        yield f"{segment.name} ({conditions_text(segment.when)}): {' and '.join(own)} will do"
    for raised in rule.hand_raise:
        who = f", if {conditions_text(raised.when)}" if raised.when and raised.kind else ""
        # What somebody did makes the hand go down again some day; what somebody is holds as long as it is so.
        long = f", for {span_text(rule.hand_raise_for)}" if raised.kind else ""
        what = _event(raised) if raised.kind else conditions_text(raised.when)
        yield f"At once, {raised.name}: {what}{who}{long}"


def _prospect(policy: Policy) -> str:
    rule = policy.prospect
    return f"Whoever has {rule.fit_minimum:g} points for who they are and {rule.behaviour_minimum:g} for what they did"


def _identity(policy: Policy) -> Iterator[str]:
    if policy.identity.ignore_plus_tags:
        yield "dana+news@ is dana@"
    if policy.identity.ignore_dots_at:
        yield f"da.na@ is dana@ at {', '.join(policy.identity.ignore_dots_at)}"


def _news(policy: Policy) -> str:
    within = span_text(policy.announce.within)
    return f"A lead that did something in the last {within}; an older one enters the funnel, and no channel is told"


def _digests(policy: Policy) -> Iterator[str]:
    if policy.digest.morning_at:
        yield f"Of their day: at {policy.digest.morning} where they are"
    if policy.digest.week_at:
        yield f"A team of its week: {policy.digest.week} in the zone of the team"


def _sql(policy: Policy) -> Iterator[str]:
    must = ", ".join(criterion.value for criterion in policy.sql.must)
    needs = [f"{must} confirmed"] if must else []
    needs += [f"{policy.sql.at_least} of the four at least partly"] if policy.sql.at_least else []
    text = ", and ".join(needs) or "nothing but somebody's word"
    yield text[:1].upper() + text[1:]
    yield f"A budget is in {' or '.join(policy.currencies)}"


def _reasons(policy: Policy) -> Iterator[str]:
    for ending in type(policy.reasons).model_fields:
        yield f"{ending.capitalize()}: {', '.join(getattr(policy.reasons, ending))}"


def _recycle(policy: Policy) -> str:
    rule = policy.recycle
    return f"After {span_text(rule.default)} unless the rep says otherwise, and after {span_text(rule.longest)} at most"


def _roles(policy: Policy) -> Iterator[str]:
    for act, roles in MAY.items():
        able = ", ".join(role.value for role in Role if role in roles)
        yield f"To {act.value}: {able if len(roles) < len(Role) else 'any of them'}"
    for role in Role:
        if people := getattr(policy.roles, role.value):
            yield f"{role.value.capitalize()}: {', '.join(people)}"
    everyone = ", ".join(policy.roles.everyone) or "no role"
    yield f"Everybody else of this workspace: {everyone}; guests have no role"
