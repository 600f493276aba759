"""Not a fit: the button opens a modal that asks why."""

from bot.slack import forms, ids
from bot.slack.blocks.reject import reject_view
from bot.slack.desk import Desk, Press, pack, unpack
from bot.slack.listening import Listening
from bot.usecases.errors import NotFound
from bot.usecases.reject_lead import reject_lead
from funnel.errors import IllegalMove, NotAllowed


def register(listening: Listening) -> None:
    listening.button(ids.NOT_A_FIT, open_modal)
    listening.modal(ids.REJECT_MODAL, submit)


def open_modal(desk: Desk, press: Press) -> None:
    view = reject_view(desk.policy, pack(press.cycle_id, press.click))
    desk.gateway.open_view(press.trigger_id, view)


def submit(desk: Desk, press: Press) -> None:
    cycle_id, click = unpack(press)
    reason = forms.read_reason(press.view, "rejected")
    note = forms.value_of(press.view, ids.NOTE)
    person = desk.person(press.user, press.team)
    try:
        reject_lead(desk.store, desk.policy, person, cycle_id, reason, note, press.at, click, press.submission())
    except (IllegalMove, NotAllowed, NotFound) as refusal:
        raise forms.FieldErrors({f"{ids.REASON}:rejected": refusal.sentence}) from refusal
