"""The modal in which a lead is given to somebody, and the button that takes a change of hands back."""

from bot.slack import ids, words
from bot.slack.blocks.fields import field, form
from bot.slack.words import Block
from funnel.cycle import Card


def hand_over_view(card: Card, metadata: str, *, owner: str | None, asks: str) -> Block:
    """To whom: a colleague from the list. Whoever `asks` for a lead that is not theirs is offered it first."""
    name = words.escape(words.short_name(card.lead))
    now = f"It is {words.mention(owner)}’s now." if owner else "Nobody owns it yet."
    hint = "They are told at once. You can take it back for ten minutes."
    offered: Block = {} if owner == asks else {"initial_user": asks}
    picker = field(ids.TO, "Give it to", "users_select", hint, **offered)
    return form(ids.HAND_OVER_MODAL, "Hand over", "Hand over", [words.section(f"*{name}*\n{now}"), picker], metadata)


def undo_blocks(text: str, cycle_id: int | None, act: int) -> list[Block] | None:
    """A private sentence with the button that takes it back; None when there is nothing to take back."""
    if cycle_id is None:
        return None
    row = words.section(text)
    row["accessory"] = words.button("Undo", ids.UNDO, f"{act}:{cycle_id}")
    return [row]
