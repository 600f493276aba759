"""Log BANT: the button opens a modal, the modal fills, the answers come back."""

from typing import Any

from bot.slack import forms, ids
from bot.slack.blocks.bant import bant_view, loading_view
from bot.slack.desk import Desk, Press, pack, unpack
from bot.slack.listening import Listening
from bot.usecases.errors import Incomplete, NotFound, NotYours
from bot.usecases.qualify_lead import LoggedCall, qualify_lead
from bot.usecases.show_lead import show_card
from funnel.errors import FunnelError, IllegalMove, NotAllowed


def register(listening: Listening) -> None:
    listening.button(ids.LOG_BANT, open_modal, then=fill_modal)
    listening.button(ids.OUTCOME, hear_outcome, then=show_follow_up)
    listening.modal(ids.BANT_MODAL, submit)


def open_modal(desk: Desk, press: Press) -> str:
    """Open the modal before anything is looked up: the trigger lives for three seconds. Its id."""
    _ = press.cycle_id  # it must be about one
    return desk.gateway.open_view(press.trigger_id, loading_view())


def fill_modal(desk: Desk, press: Press, view_id: str) -> None:
    """Fill the open modal with what is known."""
    desk.gateway.update_view(view_id, _view(desk, press, press.cycle_id, pack(press.cycle_id, press.click)))


def hear_outcome(desk: Desk, press: Press) -> None:
    """Nothing to store: the choice is the modal's until it is submitted."""
    unpack(press)  # it must be about a cycle


def show_follow_up(desk: Desk, press: Press, returned: None) -> None:
    """Show the fields that belong to the outcome just chosen."""
    cycle_id, _ = unpack(press)
    view = _view(desk, press, cycle_id, press.view["private_metadata"], press.value)
    desk.gateway.update_view(press.view["id"], view, press.view.get("hash"))


def _view(desk: Desk, press: Press, cycle_id: int, metadata: str, outcome: str = ids.OUTCOME_SAVE) -> dict[str, Any]:
    with desk.store.read() as tx:
        card = show_card(tx, desk.policy, cycle_id, press.at)
    if card is None:
        raise NotFound
    today = press.at.astimezone(desk.zone_of(press.user)).date()
    return bant_view(card, desk.policy, metadata, today, outcome)


def submit(desk: Desk, press: Press) -> None:
    """Log the call. What stands in the way is said at its field."""
    cycle_id, click = unpack(press)
    decision = forms.read_decision(press.view, desk.policy, press.at, desk.zone_of(press.user))
    call = LoggedCall(
        cycle_id=cycle_id,
        submission=press.view["id"],
        answers=forms.read_answers(press.view),
        note=forms.value_of(press.view, ids.NOTE),
        decision=decision,
        click=click,
    )
    try:
        qualify_lead(desk.store, desk.policy, desk.person(press.user, press.team), call, press.at)
    except Incomplete as incomplete:
        errors = {criterion.value: sentence for criterion, sentence in incomplete.missing.items()}
        raise forms.FieldErrors(errors) from incomplete
    except (IllegalMove, NotAllowed, NotFound, NotYours) as refusal:
        raise _at_outcome(refusal) from refusal


def _at_outcome(refusal: FunnelError) -> forms.FieldErrors:
    return forms.FieldErrors({ids.OUTCOME: refusal.sentence})
