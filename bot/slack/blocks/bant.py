"""The modal in which a discovery call is logged."""

from datetime import date
from decimal import Decimal

from babel.numbers import get_currency_precision

from bot.slack import ids, words
from bot.slack.blocks.fields import choice, field, form
from bot.slack.words import Block
from funnel.bant import Answer, Criterion, Status
from funnel.cycle import Card
from funnel.lifecycle import Stage
from funnel.policy import Policy

TITLE = "Log BANT"

_LABELS = {
    Status.CONFIRMED: "Confirmed",
    Status.PARTIAL: "Partial",
    Status.NO: "No",
    Status.UNKNOWN: "Unknown",
}
_OUTCOMES = {
    ids.OUTCOME_SAVE: "Save progress",
    ids.OUTCOME_SQL: "Promote to SQL",
    ids.OUTCOME_RECYCLED: "Recycle",
    ids.OUTCOME_DISQUALIFIED: "Disqualify",
}


def loading_view() -> Block:
    """What opens at once, before anything was looked up."""
    return words.modal(TITLE, "Cancel", [words.section("⏳ One moment…")])


def bant_view(card: Card, policy: Policy, metadata: str, today: date, outcome: str = ids.OUTCOME_SAVE) -> Block:
    """The modal with what is known filled in; `outcome` decides which fields follow it."""
    blocks = [words.section(words.person_line(card.lead))]
    for criterion in Criterion:
        blocks += _criterion(card.answers[criterion], policy)
    blocks += [
        {"type": "divider"},
        _text(ids.NOTE, "Note", "", "What should the next person know?", multiline=True),
    ]
    blocks.append(_outcome(card, outcome))
    blocks += _follow_up(policy, today, outcome)
    return form(ids.BANT_MODAL, TITLE, "Save", blocks, metadata)


def _criterion(answer: Answer, policy: Policy) -> list[Block]:
    name = answer.criterion.value
    more: Block = {
        "options": [words.option(label, status.value) for status, label in _LABELS.items()],
        "initial_option": words.option(_LABELS[answer.status], answer.status.value),
    }
    return [field(name, name.capitalize(), "static_select", **more), *_facts(answer, policy)]


def _facts(answer: Answer, policy: Policy) -> list[Block]:
    match answer.criterion:
        case Criterion.BUDGET:
            return [_amount(answer), _currency(answer, policy)]
        case Criterion.AUTHORITY:
            return [_text("authority_detail", "Role in the decision", answer.detail, "Signs, advises, uses it…")]
        case Criterion.NEED:
            return [
                _text(
                    "need_detail",
                    "Pain, in their words",
                    answer.detail,
                    "“We lose leads over the week-end”",
                    multiline=True,
                )
            ]
    due: Block = {"initial_date": answer.due.isoformat()} if answer.due else {}
    return [field("timeline_due", "Decision or start by", "datepicker", optional=True, **due)]


def _amount(answer: Answer) -> Block:
    more: Block = {"is_decimal_allowed": True, "min_value": "0"}
    if answer.amount_minor is not None:
        digits = get_currency_precision(answer.currency or "EUR")
        more["initial_value"] = f"{Decimal(answer.amount_minor).scaleb(-digits):f}"
    return field("budget_amount", "Amount", "number_input", optional=True, **more)


def _currency(answer: Answer, policy: Policy) -> Block:
    chosen = answer.currency or policy.currencies[0]
    known = list(dict.fromkeys([*policy.currencies, chosen]))
    more: Block = {
        "options": [words.option(currency, currency) for currency in known],
        "initial_option": words.option(chosen, chosen),
    }
    return field("budget_currency", "Currency", "static_select", optional=True, **more)


def _outcome(card: Card, chosen: str) -> Block:
    possible = {
        value: label
        for value, label in _OUTCOMES.items()
        if not (value == ids.OUTCOME_SQL and card.cycle.stage is not Stage.ACCEPTED)
    }
    chosen = chosen if chosen in possible else ids.OUTCOME_SAVE  # it may have become an SQL meanwhile
    asked = choice(ids.OUTCOME, "Outcome", possible, chosen) | {"dispatch_action": True}
    asked["element"]["action_id"] = ids.OUTCOME
    return asked


def _follow_up(policy: Policy, today: date, outcome: str) -> list[Block]:
    if outcome == ids.OUTCOME_RECYCLED:
        wake_on = today + policy.recycle.default
        return [
            *reason_fields(policy.reasons.recycled, "recycled"),
            field(ids.WAKE_ON, "Wake up on", "datepicker", initial_date=wake_on.isoformat()),
        ]
    if outcome == ids.OUTCOME_DISQUALIFIED:
        return reason_fields(policy.reasons.disqualified, "disqualified")
    return []


def reason_fields(reasons: list[str], kind: str) -> list[Block]:
    """A list of reasons with "Other" at its end, and the text that goes with it.

    The block ids carry the kind: Slack keeps a typed value for as long as its block keeps its id, and a reason to
    recycle is none to disqualify.
    """
    more: Block = {
        "placeholder": words.plain("Choose a reason", 150),
        "options": [words.option(reason, words.cut(reason, 150)) for reason in [*reasons, ids.OTHER]],
    }
    other = _text(f"{ids.OTHER_REASON}:{kind}", "If other: what is it?", "", "A few words")
    return [field(f"{ids.REASON}:{kind}", "Reason", "static_select", **more), other]


def _text(block_id: str, label: str, value: str, placeholder: str, *, multiline: bool = False) -> Block:
    more: Block = {
        "multiline": multiline,
        "max_length": 3000 if multiline else 300,
        "placeholder": words.plain(placeholder, 150),
    }
    if value:
        more["initial_value"] = value
    return field(block_id, label, "plain_text_input", optional=True, **more)
