"""Release: a claimed lead is offered again."""

from bot.slack import ids
from bot.slack.desk import Desk, Press
from bot.slack.listening import Listening
from bot.usecases.release_lead import release_lead


def register(listening: Listening) -> None:
    listening.button(ids.RELEASE, release)


def release(desk: Desk, press: Press) -> None:
    person = desk.person(press.user, press.team)
    release_lead(desk.store, desk.policy, person, press.cycle_id, press.click, press.at)
