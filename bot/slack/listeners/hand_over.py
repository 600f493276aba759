"""Hand over, by the picker of the menu; and the private button that takes back what one just did."""

from bot.slack import forms, ids
from bot.slack.desk import Desk, Press, unpack
from bot.slack.listening import Listening
from bot.slack.payloads import number_in
from bot.usecases.errors import Full, NotFound
from bot.usecases.hand_over import reassign_lead
from bot.usecases.undo import undo as take_back
from funnel.errors import IllegalMove, NotAllowed


def register(listening: Listening) -> None:
    listening.modal(ids.HAND_OVER_MODAL, submit)
    listening.button(ids.UNDO, undo)


def submit(desk: Desk, press: Press) -> None:
    cycle_id, click = unpack(press)
    person = desk.person(press.user, press.team)
    to = desk.person(forms.chosen_user(press.view, ids.TO), None)
    try:
        reassign_lead(desk.store, desk.policy, person, cycle_id, to, click, press.at, press.submission())
    except (Full, IllegalMove, NotAllowed, NotFound) as refusal:
        raise forms.FieldErrors({ids.TO: refusal.sentence}) from refusal


def undo(desk: Desk, press: Press) -> None:
    person = desk.person(press.user, press.team)
    act = number_in(press.parts(2)[0])
    take_back(desk.store, desk.policy, person, press.cycle_id, act, press.click, press.at)
    desk.whisper(press.click, "Taken back.")
