"""The card's menu: why, details, snooze, a call without an answer, hand over."""

from bot.slack import ids, words
from bot.slack.blocks.hand_over import hand_over_view
from bot.slack.blocks.lists import detail_blocks, history_lines
from bot.slack.blocks.snooze import snooze_view
from bot.slack.blocks.why import why_blocks
from bot.slack.desk import Desk, Press, pack
from bot.slack.listening import Listening
from bot.slack.payloads import Malformed
from bot.slack.words import Block
from bot.usecases.errors import NotFound
from bot.usecases.note_attempt import note_attempt
from bot.usecases.show_lead import show_card, show_cycle

_TITLES = {ids.MENU_WHY: "Why this lead?", ids.MENU_SHOW: "Lead"}


def register(listening: Listening) -> None:
    listening.button(ids.MENU, choose, then=explain)
    listening.button(ids.HAND_OVER, open_hand_over)


def choose(desk: Desk, press: Press) -> str | None:
    """Do what was chosen, or open the modal that explains the lead: its id."""
    choice, _ = _choice(press), press.cycle_id
    if choice not in _TITLES | _OTHERS:
        raise Malformed("the menu has no such choice")
    if choice in _TITLES:
        return desk.gateway.open_view(press.trigger_id, _view(choice, [words.section("⏳ One moment…")]))
    _OTHERS[choice](desk, press)
    return None


def explain(desk: Desk, press: Press, view_id: str | None) -> None:
    """Fill the open modal: the score with every reason, or everything that is known."""
    if view_id is None:
        return
    dossier, card = show_cycle(desk.store, desk.policy, press.cycle_id, press.at)
    if _choice(press) == ids.MENU_WHY:
        blocks = why_blocks(dossier.as_seen, card.cycle)
    else:
        blocks = detail_blocks(card, history_lines(dossier.moves))
    desk.gateway.update_view(view_id, _view(_choice(press), blocks))


def attempt(desk: Desk, press: Press) -> None:
    person = desk.person(press.user, press.team)
    first = note_attempt(desk.store, desk.policy, person, press.cycle_id, press.click, press.at)
    again = "" if first else " again"
    desk.whisper(press.click, f"Noted: you called{again} and nobody answered. The lead still waits for a decision.")


def open_hand_over(desk: Desk, press: Press) -> None:
    """Ask to whom. What the person may do is checked when they have said it."""
    with desk.store.read() as tx:
        card = show_card(tx, desk.policy, press.cycle_id, press.at)
    if card is None:
        raise NotFound
    view = hand_over_view(card, pack(press.cycle_id, press.click), owner=card.cycle.owner, asks=press.user)
    desk.gateway.open_view(press.trigger_id, view)


def open_snooze(desk: Desk, press: Press) -> None:
    """Ask until when. Whose the lead is, is checked when they have said it."""
    desk.gateway.open_view(press.trigger_id, snooze_view(pack(press.cycle_id, press.click)))


_OTHERS = {
    ids.MENU_HAND_OVER: open_hand_over,
    ids.MENU_ATTEMPT: attempt,
    ids.MENU_SNOOZE: open_snooze,
}


def _choice(press: Press) -> str:
    return press.value.partition(":")[0]


def _view(choice: str, blocks: list[Block]) -> Block:
    return words.modal(_TITLES[choice], "Close", blocks)
