"""What is no mistake in a policy, and probably not meant."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Any

from bot.policy_lines import Location
from bot.score_remarks import score_remarks
from bot.team_remarks import Remark, team_remarks
from bot.usecases.normal import normal_country, region_of
from funnel.conditions import Among, Condition, as_number
from funnel.errors import Mistake
from funnel.kinds import uncounted
from funnel.policy import Policy
from funnel.problems import key_path
from funnel.wording import span_text

_YES_OR_NO = ("free_mail", "account_is_customer")
_NUMBERS = ("employees", "revenue", "score")


def policy_remarks(policy: Policy) -> list[Mistake]:
    """Each oddity with its place, and a sentence that names its key path."""
    asked = [
        ((*place, "when", number), remark)
        for place, number, condition in _conditions(policy)
        for text in _texts(condition)
        if (remark := _remark(condition.field, text))
    ]
    others = (score_remarks, _kinds, _forms, _routes, _recycle, team_remarks)
    found = [*asked, *(remark for remarks in others for remark in remarks(policy))]
    return [Mistake(place, f"{key_path(place)}: {remark}") for place, remark in found]


def _conditions(policy: Policy) -> Iterator[tuple[Location, int, Condition]]:
    """Every condition on a lead, with the place of its rule and its number there."""
    for kind in ("fit", "segment", "exclude", "route"):
        yield from _of_rules((kind,), getattr(policy, kind))
    yield from _of_rules(("mql", "hand_raise"), policy.mql.hand_raise)


def _of_rules(path: Location, rules: Sequence[Any]) -> Iterator[tuple[Location, int, Condition]]:
    for place, rule in enumerate(rules):
        for number, condition in enumerate(rule.when):
            yield (*path, place), number, condition


def _texts(condition: Condition) -> list[str]:
    """The texts that a condition asks for."""
    return [*(condition.one_of or []), *([condition.equals] if isinstance(condition.equals, str) else [])]


def _remark(field: str, text: str) -> str:
    """Why a text meets nobody, though it may be written; "" when it can.

    Countries are stored by one name each, and some fields hold no texts at all.
    """
    if field == "country":
        return _country(text)
    if field in _YES_OR_NO and not any(map(Among([text]), (True, False))):
        return f"{field} is yes or no, never “{text}”"
    if field in _NUMBERS and as_number(text) is None:
        return f"{field} is a number, never “{text}”"
    return ""


def _country(text: str) -> str:
    if region_of(text) is None:
        close = difflib.get_close_matches(text.strip().casefold(), _countries(), n=1, cutoff=0.8)
        hint = f"; did you mean “{normal_country(close[0])}”?" if close else ", and is compared as it is written"
        return f"“{text}” is no country that Baton knows{hint}"
    name = normal_country(text)
    return f"“{text}” is stored as “{name}”; write that" if name.casefold() != text.casefold() else ""


def _countries() -> list[str]:
    """The names under which countries are stored, folded."""
    import pycountry  # only a name that is unknown asks for all

    return [normal_country(country.alpha_2).casefold() for country in pycountry.countries]


def _kinds(policy: Policy) -> Iterator[Remark]:
    """Kinds come in without blanks around them."""
    kinds: list[tuple[Location, str | None]] = [
        *((("behaviour", place), rule.kind) for place, rule in enumerate(policy.behaviour)),
        *((("mql", "hand_raise", place), rule.kind) for place, rule in enumerate(policy.mql.hand_raise)),
    ]
    for place, kind in kinds:
        if kind is not None and kind != kind.strip():
            told = f"“{kind}” has blanks around it, and no engagement has; write “{kind.strip()}”"
            yield (*place, "kind"), told


def _forms(policy: Policy) -> Iterator[Remark]:
    for place, form in enumerate(policy.form):
        if why := uncounted(policy, form.kind):
            yield ("form", place, "kind"), f"no rule counts it: {why}"
        if len(form.types) > 1 and form.shape == "flat" and not form.submission_field:
            told = (
                "a form that is told of by several events counts each time; say in submission_field which body is whose"
            )
            yield ("form", place, "event_type"), told


def _routes(policy: Policy) -> Iterator[Remark]:
    for place, route in enumerate(policy.route[:-1]):
        if not route.when:
            yield ("route", place), f"“{route.name}” takes everybody, so the routes after it get nobody"
            return
    last = policy.route[-1]
    if last.when:
        told = f"“{last.name}” is the last route, so it takes whom no other takes, whatever its conditions say"
        yield ("route", len(policy.route) - 1), told


def _recycle(policy: Policy) -> Iterator[Remark]:
    rule = policy.recycle
    if rule.default > rule.longest:
        told = f"{span_text(rule.default)} are more than the longest that can be chosen, {span_text(rule.longest)}"
        yield ("recycle", "default"), told
