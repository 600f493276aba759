"""The modal in which a lead is given to somebody, and the button that takes a change of hands back."""

from bot.slack import ids, words
from bot.slack.words import Block
from funnel.cycle import Card


def hand_over_view(card: Card, metadata: str, *, owner: str | None, asks: str) -> Block:
    """To whom: a colleague from the list. Whoever `asks` for a lead that is not theirs is offered it first."""
    name = words.escape(words.short_name(card.lead))
    now = f"It is {words.mention(owner)}’s now." if owner else "Nobody owns it yet."
    picker = {
        "type": "input",
        "block_id": ids.TO,
        "label": words.plain("Give it to"),
        "hint": words.plain("They are told at once. You can take it back for ten minutes.", 150),
        "element": {"type": "users_select", "action_id": ids.VALUE} | ({} if owner == asks else {"initial_user": asks}),
    }
    return {
        "type": "modal",
        "callback_id": ids.HAND_OVER_MODAL,
        "private_metadata": metadata,
        "title": words.plain("Hand over", 24),
        "submit": words.plain("Hand over", 24),
        "close": words.plain("Cancel", 24),
        "blocks": [words.section(f"*{name}*\n{now}"), picker],
    }


def undo_blocks(text: str, cycle_id: int | None, act: int) -> list[Block] | None:
    """A private sentence with the button that takes it back; None when there is nothing to take back."""
    if cycle_id is None:
        return None
    row = words.section(text)
    row["accessory"] = words.button("Undo", ids.UNDO, f"{act}:{cycle_id}")
    return [row]
