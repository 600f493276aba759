"""Snooze: an owner says when to be reminded of a lead."""

from bot.slack import forms, ids, words
from bot.slack.desk import Desk, Press, unpack
from bot.slack.listening import Listening
from bot.slack.until import NoMoment, read_until
from bot.usecases.snooze_lead import snooze_lead
from funnel.notices import Whisper


def register(listening: Listening) -> None:
    listening.modal(ids.SNOOZE_MODAL, submit)


def submit(desk: Desk, press: Press) -> None:
    cycle_id, click = unpack(press)
    typed = forms.value_of(press.view, ids.OTHER_UNTIL)
    try:
        until = read_until(typed or forms.value_of(press.view, ids.UNTIL), press.at, desk.zone_of(press.user))
    except NoMoment as refusal:
        raise forms.FieldErrors({ids.OTHER_UNTIL: refusal.sentence}) from refusal
    person = desk.person(press.user, press.team)
    noted = Whisper(text=f"I will remind you {words.when(until)}.", click=click)
    snooze_lead(desk.store, desk.policy, person, cycle_id, until, press.at, press.submission(noted))
