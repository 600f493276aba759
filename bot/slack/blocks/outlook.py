"""What would become of a dropped file, column by column, before anybody decides on it."""

from collections.abc import Iterator

from bot.slack import words
from bot.slack.words import Block
from funnel.lead import Draft
from funnel.upload import Kind, Outlook, Tally

_SAID = {"occurred_at": "date", "external_id": "id", "attributes.unsubscribed": "unsubscribed"}
"""Fields by the names that columns of a file may have."""
_LONGEST_LIST = 700
"""Characters: two such lists fit into one text."""
_MOST_KINDS = 3
_ASKED = "I will ask you"
_SAME = "Left out, the same or nothing in every row"
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_DECIMALS = {
    ",": "are written like 1.234,50",
    ".": "are written like 1,234.50",
    "": "leave open what a single sign is: 1.234 and 1,234 are read as 1234",
}


def outlook_blocks(outlook: Outlook) -> list[Block]:
    """Which column is read as what, the first leads, why rows are refused, and in small print what was chosen."""
    fields = {_SAID.get(field, field): _name(column) for field, column in outlook.fields.items()}
    fields = fields if outlook.has_source else fields | {"source": f"_{_ASKED}_"}
    lines = [f"`{field}` ← {column}" for field, column in fields.items()]
    # Slack folds a long text away unless it is told not to.
    blocks: list[Block] = [words.section("\n".join(["*What I read from it*", *lines])) | {"expand": True}]
    if outlook.first:
        blocks.append(words.section("\n".join(["*The first of them*", *(f"• {_lead(one)}" for one in outlook.first)])))
    blocks += refused_block(outlook.tally)
    columns = [*_columns("Kept as attributes", outlook.kept), *_columns(_SAME, outlook.left_out)]
    return blocks + [words.context("\n".join(notes)) for notes in (columns, [*_choices(outlook)]) if notes]


def refused_block(tally: Tally) -> list[Block]:
    """The commonest reasons for which rows are refused; nothing when none is."""
    if not tally.refused:
        return []
    shown = tally.kinds[:_MOST_KINDS]
    rest = tally.refused - sum(kind.rows for kind in shown)
    lines = [f"• {_kind(kind)}" for kind in shown] + ([f"• {words.many(rest, 'row')}: other reasons"] if rest else [])
    return [words.section("\n".join(["*Why rows would be refused*", *lines]))]


def _kind(kind: Kind) -> str:
    column = f"{_quoted(kind.column)} " if kind.column else ""
    return f"{words.many(kind.rows, 'row')}: {column}{words.escape(words.cut(kind.reason, 200))}"


def _name(text: str) -> str:
    """The name of a column, on one line and not all of a long one."""
    return words.escape(words.cut(" ".join(text.split()), 80))


def _quoted(column: str) -> str:
    """The name of a column within a sentence."""
    return f"“{_name(column)}”"


def _columns(what: str, names: list[str]) -> Iterator[str]:
    """A list of columns, as many as are read in a glance; nothing when there are none."""
    shown = [_name(name) for name in names]
    while sum(map(len, shown)) + 2 * len(shown) > _LONGEST_LIST:
        shown.pop()
    if names:
        more = f" and {len(names) - len(shown):,} more" if len(names) > len(shown) else ""
        yield f"*{what}:* {', '.join(shown)}{more}."


def _choices(outlook: Outlook) -> Iterator[str]:
    """What was chosen where the file leaves it open, a sentence each."""
    parted = _DELIMITERS.get(outlook.delimiter, f"“{words.escape(outlook.delimiter)}”")
    guessed = ", which is my guess: if letters look wrong, save the file as UTF-8" if outlook.encoding_guessed else ""
    yield f"Read as {outlook.encoding.upper()} with {parted} between the columns{guessed}."
    if outlook.day_order:
        yield f"Dates in {_quoted(outlook.fields.get('occurred_at', ''))} have {words.escape(outlook.day_order)}."
    for column, sign in outlook.decimals.items():
        yield f"Numbers in {_quoted(column)} {_DECIMALS[sign]}."
    if outlook.system:
        column = _quoted(outlook.fields.get("external_id", ""))
        yield f"{column} is remembered as the id in “{words.escape(outlook.system)}”, after the name of the file."
    if outlook.undated_stage:
        yield "No column says on which day a stage was reached: it counts as of today, and MQLs are posted."


def _lead(draft: Draft) -> str:
    """One lead in one line: who it is, and how to reach them."""
    facts = draft.facts
    who = facts.name or facts.email or f"id {draft.external_id}"
    line = f"*{_name(who)}*"
    line += f", {_name(facts.title)}" if facts.title else ""
    line += f" at *{_name(facts.company)}*" if facts.company else ""
    known = [facts.email if facts.name else None, facts.phone, facts.country, draft.stage and draft.stage.label]
    return " · ".join([line, *(_name(fact) for fact in known if fact)])
