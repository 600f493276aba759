"""The card's menu: why, details, snooze."""

from bot.slack import ids, words
from bot.slack.desk import Desk, Press
from bot.slack.forms import tomorrow_morning
from bot.slack.listening import Listening
from bot.usecases.snooze_lead import snooze_lead
from bot.usecases.tell import tell
from funnel.notices import Explain


def register(listening: Listening) -> None:
    listening.button(ids.MENU, choose)


def choose(desk: Desk, press: Press) -> None:
    match press.value.partition(":")[0]:
        case ids.MENU_WHY:
            tell(desk.store, Explain(cycle_id=press.cycle_id, what="why", click=press.click), press.at)
        case ids.MENU_SHOW:
            tell(desk.store, Explain(cycle_id=press.cycle_id, what="show", click=press.click), press.at)
        case ids.MENU_SNOOZE:
            snooze(desk, press)


def snooze(desk: Desk, press: Press) -> None:
    until = tomorrow_morning(press.at, desk.zone_of(press.user))
    person = desk.person(press.user, press.team)
    snooze_lead(desk.store, desk.policy, person, press.cycle_id, until, press.at)
    desk.whisper(press.click, f"I will remind you {words.when(until)}.")
