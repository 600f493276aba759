"""The card's menu: why, details, snooze."""

from bot.slack import ids, words
from bot.slack.blocks.lists import detail_blocks, history_lines
from bot.slack.blocks.why import why_blocks
from bot.slack.desk import Desk, Press
from bot.slack.forms import tomorrow_morning
from bot.slack.listening import Listening
from bot.slack.words import Block
from bot.usecases.show_lead import show_cycle
from bot.usecases.snooze_lead import snooze_lead

_TITLES = {ids.MENU_WHY: "Why this lead?", ids.MENU_SHOW: "Lead"}


def register(listening: Listening) -> None:
    listening.button(ids.MENU, choose, then=explain)


def choose(desk: Desk, press: Press) -> str | None:
    """Put the lead off, or open the modal that explains it: its id."""
    choice = _choice(press)
    if choice in _TITLES:
        return desk.gateway.open_view(press.trigger_id, _view(choice, [words.section("⏳ One moment…")]))
    snooze(desk, press)
    return None


def explain(desk: Desk, press: Press, view_id: str | None) -> None:
    """Fill the open modal: the score with every reason, or everything that is known."""
    if view_id is None:
        return
    dossier, card = show_cycle(desk.store, desk.policy, press.cycle_id, press.at)
    if _choice(press) == ids.MENU_WHY:
        blocks = why_blocks(dossier, card.cycle)
    else:
        blocks = detail_blocks(card, history_lines(dossier.moves))
    desk.gateway.update_view(view_id, _view(_choice(press), blocks))


def snooze(desk: Desk, press: Press) -> None:
    until = tomorrow_morning(press.at, desk.zone_of(press.user))
    person = desk.person(press.user, press.team)
    snooze_lead(desk.store, desk.policy, person, press.cycle_id, until, press.at)
    desk.whisper(press.click, f"I will remind you {words.when(until)}.")


def _choice(press: Press) -> str:
    return press.value.partition(":")[0]


def _view(choice: str, blocks: list[Block]) -> Block:
    return words.modal(_TITLES[choice], "Close", blocks)
