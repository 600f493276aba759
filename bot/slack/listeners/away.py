"""Who is away: a manager says it for a colleague, from the board."""

from datetime import UTC, datetime

from bot.slack import forms, ids
from bot.slack.blocks.away import AWAY, PAUSED, away_view
from bot.slack.desk import Desk, Press
from bot.slack.listening import Listening
from bot.slack.until import read_until
from bot.usecases.pause import pause, plan_absence, resume


def register(listening: Listening) -> None:
    listening.button(ids.AWAY, open_modal)
    listening.modal(ids.AWAY_MODAL, submit)


def open_modal(desk: Desk, press: Press) -> None:
    desk.gateway.open_view(press.trigger_id, away_view(press.value))


def submit(desk: Desk, press: Press) -> None:
    """Note it, and show it on the home of whoever said it."""
    person, whose = desk.person(press.user, press.team), forms.chosen_user(press.view, ids.WHO)
    way, submission = forms.value_of(press.view, ids.WAY), press.submission()
    if way == PAUSED:
        until = read_until("tomorrow", press.at, desk.zone_of(whose))
        pause(desk.store, desk.policy, person, whose, until, press.at, submission)
    elif way == AWAY:
        since, until = _days(desk, press, whose)
        plan_absence(desk.store, desk.policy, person, whose, since, until, press.at, submission)
    else:
        resume(desk.store, desk.policy, person, whose, press.at, submission)


def _days(desk: Desk, press: Press, whose: str) -> tuple[datetime, datetime]:
    """From the morning of the first day away to that of the return, in their zone."""
    since, until = (_morning(desk, press, whose, field) for field in (ids.FIRST_DAY, ids.RETURN_DAY))
    if until <= since:
        raise forms.FieldErrors({ids.RETURN_DAY: "Choose a day after the first day away."})
    if until <= press.at:
        raise forms.FieldErrors({ids.RETURN_DAY: "Choose a day that is still to come."})
    return since, until


def _morning(desk: Desk, press: Press, whose: str, field: str) -> datetime:
    chosen = forms.date_of(press.view, field)
    if chosen is None:
        raise forms.FieldErrors({field: "Choose a day."})
    return datetime.combine(chosen, forms.MORNING, desk.zone_of(whose)).astimezone(UTC)
