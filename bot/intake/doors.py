"""The doors by name: what each makes of a body, when it comes in and whenever it is worked through again."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import to_json

from bot.clock import Clock
from bot.intake.form_shapes import FormLead, LeftAlone, read_form
from bot.intake.items import ENGAGEMENTS, FORM, LEADS, read_items
from bot.intake.problem import FieldProblem, Problem, field_problems
from bot.policy_in_force import PolicySource
from bot.usecases.damaged import is_damaged
from bot.usecases.draft import EngagementIn, LeadIn, check_not_future, to_draft, to_seen
from bot.usecases.keep_body import settle_body
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import Recorded, Seen, record_engagements
from bot.usecases.replies import SIGNED_KEPT_FOR
from funnel.consent import OPT_IN
from funnel.kinds import uncounted
from funnel.lead import Engagement
from funnel.policy import Policy
from storage.bodies import Body
from storage.errors import StorageError
from storage.store import Store

Outcome = dict[str, Any]


_BREAKS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, StorageError)
"""What a body with values nobody thought of can raise; when the database itself is away, it cannot be noted either."""

log = logging.getLogger(__name__)


class Answer(NamedTuple):
    """What to answer for a body; `reason` says what was refused, "" when all was taken.

    `note` says of what nothing was to be made.
    """

    status: int
    text: bytes
    reason: str = ""
    note: str = ""


class Doors:
    """Makes leads and engagements of bodies. The same body again makes nothing new."""

    def __init__(self, store: Store, policy: PolicySource, clock: Clock) -> None:
        self._store, self._policy, self._clock = store, policy, clock

    def work(self, body: Body) -> Answer:
        """Take what is good in a kept body, note what became of it, and say what to answer.

        Raises:
            Problem: nothing of it could be taken; the body is kept as failed.
        """
        try:
            answer = self._answer(body)
        except Problem as problem:
            self._settle(body, " ".join(one["detail"] for one in _told(problem)), None)
            raise
        except _BREAKS as error:
            log.error("body %s broke", body.id, exc_info=error)
            self._settle(body, f"It broke ({type(error).__name__}), which is a fault of Baton; see the log.", None)
            raise
        self._settle(body, answer.reason, answer)
        return answer

    def _settle(self, body: Body, reason: str, answer: Answer | None) -> None:
        reply = (hash_of(body.door, body.content), answer.status, answer.text) if answer else None
        # A reason may quote a key of the body, and a key may hold a NUL, which no database text can.
        note = answer.note.replace("\x00", "") if answer else ""
        settle_body(self._store, body, reason.replace("\x00", ""), reply, self._clock(), note)

    def _answer(self, body: Body) -> Answer:
        items, single = read_items(body.door, body.media_type, body.content)
        if body.door == LEADS:
            items = [_own(_sourced(one, body), body) for one in items]
            outcomes = self._taken(items, LeadIn, lambda good: self._leads(good, body))
        elif body.door == ENGAGEMENTS:
            items = [_own(one, body) for one in items]
            outcomes = self._taken(items, EngagementIn, lambda good: self._engagements(good, body))
        else:
            outcomes = self._taken(items, LeadIn, lambda good: self._form(good, body), self._form_reader(body))
        return _summary(outcomes, single=single)

    def _taken(
        self,
        items: Sequence[Any],
        model: type[Any],
        take: Callable[[list[tuple[int, Any]]], list[Outcome]],
        read: Callable[[Any], Any] | None = None,
    ) -> list[Outcome]:
        """An outcome for each item: the good ones are taken, in one transaction, the others told what is wrong."""
        outcomes: list[Outcome] = [{} for _ in items]
        good = []
        for place, item in enumerate(items):
            try:
                if isinstance(item, Problem):
                    raise item
                checked = read(item) if read else model.model_validate(item)
                if isinstance(checked, LeftAlone):
                    outcomes[place] = {"status": 202, "remark": checked.why}
                    continue
                check_not_future(getattr(checked, "occurred_at", None), self._clock())
                good.append((place, checked))
            except Problem as problem:
                outcomes[place] = {"status": problem.status, "errors": _told(problem)}
            except ValidationError as error:
                outcomes[place] = {"status": 422, "errors": [one.model_dump() for one in field_problems(error)]}
            except ValueError as error:
                outcomes[place] = {
                    "status": 422,
                    "errors": [{"path": "/occurred_at", "detail": f"occurred_at: {error}."}],
                }
        if good:
            for (place, _), outcome in zip(good, take(good), strict=True):
                outcomes[place] = outcome
        return outcomes

    def _leads(self, good: list[tuple[int, LeadIn]], body: Body) -> list[Outcome]:
        now = self._clock()
        drafts = [to_draft(lead, body.received_at) for _, lead in good]
        received = receive_leads(self._store, self._policy(), drafts, now, body.source)
        return [
            {"status": 201 if one.created else 200, "id": one.lead_id, "created": one.created}
            | ({"remark": one.remark} if one.remark else {})
            for one in received
        ]

    def _engagements(self, good: list[tuple[int, EngagementIn]], body: Body) -> list[Outcome]:
        seen = [to_seen(_named(item, body, place), body.received_at) for place, item in good]
        policy = self._policy()
        recorded = record_engagements(self._store, policy, seen, body.source, self._clock())
        return [_told_of(one, policy, what.event.kind) for one, what in zip(recorded, seen, strict=True)]

    def _form_reader(self, body: Body) -> Callable[[Any], Any]:
        name = body.door.removeprefix(FORM)
        form = next((one for one in self._policy().form if one.name == name), None)
        if form is None:
            raise Problem(404, f"The policy has no form called {name!r}; write a [[form]] with this name.")
        return lambda item: read_form(form, item, body.source, body.received_at)

    def _form(self, good: list[tuple[int, Any]], body: Body) -> list[Outcome]:
        """A form tells who somebody is, that they sent it, and perhaps that they opt in."""
        outcomes = self._leads([(place, one.lead) for place, one in good], body)
        sent, opt_ins = [], []
        for outcome, (place, one) in zip(outcomes, good, strict=True):
            sent.append(_sent(one, one.kind, outcome["id"], body, place))
            opt_ins += [_sent(one, OPT_IN, outcome["id"], body, place)] if one.opts_in else []
        recorded = record_engagements(self._store, self._policy(), [*sent, *opt_ins], body.source, self._clock())
        return [
            outcome if one.is_new else outcome | {"duplicate": True}
            for outcome, one in zip(outcomes, recorded, strict=False)
        ]


def _sent(form: FormLead, kind: str, lead_id: int, body: Body, place: int) -> Seen:
    """What a submission says that its person did."""
    at = to_draft(form.lead, body.received_at).occurred_at
    event_id = form.submission or f"{_name_of(body)}:{place}"
    event = Engagement(kind=kind, occurred_at=at, event_id=event_id, properties=form.properties)
    return Seen(event=event, lead_id=lead_id)


def _told_of(recorded: Recorded, policy: Policy, kind: str) -> Outcome:
    """What is told of an engagement: whose it is, whether it was told before, and whether a rule counts it."""
    if recorded.lead_id is None:
        return _stranger()
    known = {"status": 201} if recorded.is_new else {"status": 200, "duplicate": True}
    return known | {"lead_id": recorded.lead_id} | _uncounted(policy, kind)


def _uncounted(policy: Policy, kind: str) -> Outcome:
    """A remark on an engagement that no rule counts: it is kept, and may well be misspelt."""
    why = uncounted(policy, kind)
    return {"remark": f"No rule of the policy counts this: {why}."} if why else {}


def replay(doors: Doors, bodies: Sequence[Body], count_break: Callable[[], object] = lambda: None) -> int:
    """Work through kept bodies again; how many were taken whole. `count_break` is called for each that broke."""
    taken = 0
    for body in bodies:
        try:
            taken += not doors.work(body).reason
        except Problem:  # noted with the body; it holds up no other
            continue
        except _BREAKS:  # logged, and noted with the body unless the database is away
            count_break()
    return taken


def hash_of(door: str, content: str) -> str:
    """SHA-256 of a door and a body, by which a request is known again."""
    return hashlib.sha256(f"{door}\n{content}".encode()).hexdigest()


def _summary(outcomes: list[Outcome], *, single: bool) -> Answer:
    """The answer: of one item its own; of many 200, 207 when some were refused, 422 when all were."""
    if single:
        outcome = outcomes[0]
        status = outcome.pop("status")
        if "errors" in outcome:
            raise Problem(status, outcome["errors"][0]["detail"], [FieldProblem(**one) for one in outcome["errors"]])
        return Answer(status, to_json(outcome), note=outcome["remark"] if status == 202 else "")
    refused = sum("errors" in outcome for outcome in outcomes)
    results: list[Outcome] = [{"index": place} | outcome for place, outcome in enumerate(outcomes)]
    status = 200 if not refused else 207 if refused < len(outcomes) else 422
    text = to_json({"accepted": len(outcomes) - refused, "refused": refused, "results": results})
    note = " ".join(dict.fromkeys(one["remark"] for one in results if one["status"] == 202))
    return Answer(status, text, _reason(results), note)


def _reason(results: Sequence[Outcome]) -> str:
    """What was refused, for whoever looks at a failed body."""
    told = [
        f"item {one['index']}: {' '.join(error['detail'] for error in one['errors'])}"
        for one in results
        if "errors" in one
    ]
    more = f" … and {len(told) - 5} more" if len(told) > 5 else ""
    return " ".join(told[:5]) + more


def _told(problem: Problem) -> list[dict[str, Any]]:
    """A problem as the errors of one item."""
    return [one.model_dump() for one in problem.errors] or [{"path": "/", "detail": problem.detail}]


def _sourced(item: Any, body: Body) -> Any:
    """A lead that does not say where it comes from is of the source its key was made for."""
    if not isinstance(item, dict) or str(item.get("source", "")).strip():
        return item
    return {**item, "source": body.source}


def _own(item: Any, body: Body) -> Any:
    """An item that speaks for the source of its key alone, or for any if the key may; else the Problem with it."""
    if body.any_source or not isinstance(item, dict):
        return item
    for field in ("source", "system"):
        named = item.get(field)
        if isinstance(named, str) and named.strip() not in ("", body.source):
            return _foreign(field, body.source)
    return item


def _foreign(field: str, source: str) -> Problem:
    sentence = (
        f"This key writes for “{source}” alone, and {field} names another; leave it out, or use a key made with "
        "baton key create --any-source."
    )
    return Problem(403, sentence, [FieldProblem(path=f"/{field}", detail=sentence)])


def _stranger() -> Outcome:
    sentence = "Nobody is known by this; send the lead first, then what they did."
    return {"status": 404, "errors": [{"path": "/", "detail": sentence}]}


def _named(item: EngagementIn, body: Body, place: int) -> EngagementIn:
    """An engagement without an event id, or with one that a spreadsheet rounded, takes one of its body."""
    if item.event_id and not is_damaged(item.event_id):
        return item
    return item.model_copy(update={"event_id": f"{_name_of(body)}:{place}"})


def _name_of(body: Body) -> str:
    """What a body is known by: its Idempotency-Key and content, what was signed in these days, or its own id."""
    if body.idempotency_key:
        return f"{body.idempotency_key}:{hash_of(body.door, body.content)[:12]}"
    if body.signed:
        # Of two that come at once neither finds the other's answer. Later than that a person may do the same again.
        return f"{body.signed[:40]}:{body.received_at.toordinal() // SIGNED_KEPT_FOR.days}"
    return f"body:{body.id}"
