"""Which column of a file is which field of a lead, by the names of the columns and by what is in them."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from bot.intake.csv_dates import START
from bot.intake.csv_survey import Survey
from bot.intake.csv_values import empty_words
from bot.intake.guess_aliases import UNSUBSCRIBED, alias_rank, places_named
from bot.intake.guess_content import Column
from bot.intake.guess_words import slug, words
from bot.usecases.consent import opt_out_in
from bot.usecases.draft import LeadIn
from funnel.lifecycle import Stage

REFUSED = ("refused_line", "refused_column", "refused_why")
"""The columns that a file of refused rows has before its own."""

_LONGEST_STAGE = 40
_LONGEST_TOLD = 300
"""No longer cell shows what a column is."""

Rank = tuple[int, int]
"""How well a column fits a field, low is good: by its name (0), by its content alone (1), by its name against its
content (2); then by the place of the name among the aliases."""

_OTHERS = {
    *words(
        "owner manager assigned assignee agent rep referrer referred referral sender creator author besitzer betreuer"
    ),
    *words("account company organization organisation firma unternehmen parent list deal campaign session visitor ip"),
    *words("associated note ticket form order invoice"),
}
"""A column with such a word in its name tells of somebody or something else than the lead."""

_PHONES = {*words("phone telephone tel mobile mobil telefon handy cell rufnummer whatsapp fax")}
_HINTS = {
    "phone": ("phone", _PHONES - {"fax"}),
    "website": ("website", {*words("website site web homepage webseite domain")}),
    "occurred_at": ("date", {*words("created create creation added signup registered erstellt angelegt")}),
}
_IDS = {*words("id ids uuid guid number no nr nummer key")}
_COUNTS = {*words("row zeile line pos position lfd laufende index")}
_KINDS = {
    "country": "letters",
    "employees": "number",
    "revenue": "number",
    "occurred_at": "date",
    UNSUBSCRIBED: "opt-out",
}


class Guess(NamedTuple):
    """Columns by field, attributes among them, and the columns that say the same, or nothing, in every row."""

    columns: dict[str, str]
    left_out: list[str]


def guess(header: list[str], survey: Survey, empty: list[str] | None) -> Guess:
    """Which columns are taken as what: each field has the best that claims it, the others are kept as attributes.

    `empty` are the texts that mean nothing, if others than the usual ones.
    """
    columns = [_column(place, name, survey, empty) for place, name in enumerate(header)]
    blank = {place for place, text in survey.same.items() if text == ""}
    free = [column for column in columns if column.name not in REFUSED]
    taken: dict[str, Column] = {}
    for field in _fields():
        claims = [(rank, column) for column in free if (rank := _rank(field, column, survey, blank))]
        if claims:
            taken[field] = min(claims, key=lambda claim: (claim[0], claim[1].place))[1]
            free.remove(taken[field])
    _settle_names(taken, free, survey)
    _settle_ids(taken, free)
    is_mended = REFUSED[0] in header
    same = (
        blank
        if is_mended or survey.rows < 2
        else {place for place in survey.same if not _opts_out(columns, place, survey)}
    )
    named = {field: taken[field].name for field in _fields() if field in taken}
    free.sort(key=lambda column: column.place)
    kept = _attributes([column for column in free if column.place not in same], set(named))
    return Guess(named | kept, [column.name for column in free if column.place in same])


def _opts_out(columns: list[Column], place: int, survey: Survey) -> bool:
    """Whether a column says in every row that its person has opted out: that is no reason to forget it."""
    return opt_out_in(columns[place].name, survey.same[place]) is not None


def _fields() -> list[str]:
    """The fields in the order of a lead's; whoever claims to be an address or an id is asked first."""
    order = ["email", "external_id", *LeadIn.model_fields, "first_name", "last_name", UNSUBSCRIBED]
    return [field for field in dict.fromkeys(order) if field != "attributes"]


def _column(place: int, name: str, survey: Survey, empty: list[str] | None) -> Column:
    empties = empty_words("name" if alias_rank("last_name", name) is not None else "", empty)
    cells = [text for row in survey.sample if (text := row[place].strip()).lower() not in empties]
    return Column(place, name, [text[:_LONGEST_TOLD] for text in cells], len(survey.sample))


def _rank(field: str, column: Column, survey: Survey, blank: set[int]) -> Rank | None:
    """How well a column fits a field; None when it does not."""
    alias = alias_rank(field, column.name)
    if field in _SPECIAL:
        return _SPECIAL[field](column, alias, survey)
    if alias is not None:
        if column.place in blank or (field in _KINDS and column.contradicts(_KINDS[field])):
            return None
        return (0, alias)
    if field in _HINTS:
        kind, hints = _HINTS[field]
        if column.words & hints and not column.words & _OTHERS and column.share(kind) >= 0.8:
            return (1, 0)
    return None


def _email(column: Column, alias: int | None, _: Survey) -> Rank | None:
    if alias is not None:
        return (0 if not column.contradicts("email") and column.is_mostly_filled else 2, alias)
    is_own = column.is_varied and not column.words & _OTHERS
    return (1, 0) if is_own and column.share("email") >= 0.8 else None


def _external_id(column: Column, alias: int | None, _: Survey) -> Rank | None:
    if alias is not None:
        doubtful = alias > 0 and column.repeats_itself
        return None if doubtful else (0 if column.is_mostly_filled else 2, alias)
    if column.words & (_OTHERS | _PHONES) or not column.is_unique:
        return None
    if column.share("uuid") == 1:
        return (1, 0)
    return (1, 1) if column.words & _IDS and column.share("key") >= 0.95 else None


def _stage(column: Column, alias: int | None, survey: Survey) -> Rank | None:
    """Our own word, unless nothing in the column is ours; another system's, if all of it is."""
    told = {text.lower() for text in survey.starts.get(column.place, ())} - empty_words("stage", None)
    known = told & {stage.value for stage in Stage}
    if alias is None:
        return None
    if alias == 0:
        return (0, 0) if known or len(told) < 3 else None
    return (0, alias) if known and known == told else None


_SPECIAL: dict[str, Callable[[Column, int | None, Survey], Rank | None]] = {
    "email": _email,
    "external_id": _external_id,
    "stage": _stage,
}


def _settle_names(taken: dict[str, Column], free: list[Column], survey: Survey) -> None:
    """Of a whole name and its parts only one is taken; beside a first name, a German “Name” is the last one."""
    whole, first, last = (taken.get(field) for field in ("name", "first_name", "last_name"))
    if whole and first and last:
        free.append(taken.pop("name"))
    elif whole and first and alias_rank("name", whole.name) == 0 and not _begins(whole, first, survey):
        taken["last_name"] = taken.pop("name")
    elif whole and first:
        free.append(taken.pop("first_name"))
    elif whole and last:
        free.append(taken.pop("last_name"))


def _settle_ids(taken: dict[str, Column], free: list[Column]) -> None:
    """A column that merely counts the rows knows nobody: two lists would have the same person in their first rows.

    Where there is no address it has to do, for it is all there is.
    """
    ids = taken.get("external_id")
    if ids and "email" in taken and ids.words <= _IDS | _COUNTS and ids.counts_rows:
        free.append(taken.pop("external_id"))


def _begins(whole: Column, first: Column, survey: Survey) -> bool:
    """Whether most names begin with the first name beside them."""
    pairs = [(row[whole.place].strip().lower(), row[first.place].strip().lower()) for row in survey.sample]
    told = [name.startswith(start) for name, start in pairs if name and start]
    return sum(told) > len(told) / 2


def _attributes(columns: list[Column], used: set[str]) -> dict[str, str]:
    kept = {}
    for column in columns:
        name = next(name for name in _names(column) if f"attributes.{name}" not in used)
        used.add(f"attributes.{name}")
        kept[f"attributes.{name}"] = column.name
    return kept


def _names(column: Column) -> Iterator[str]:
    """Names for an attribute, until one is free."""
    name = slug(column.name) or f"column_{column.place + 1}"
    yield name
    number = 2
    while True:
        yield f"{name}_{number}"
        number += 1


def telling_places(header: list[str]) -> dict[int, int]:
    """The columns of which a guess needs to know the whole file, and how many characters of each cell.

    A stage is taken if all its words are known; the order of day and month shows wherever a value is over 12.
    """
    hints = _HINTS["occurred_at"][1]
    dates = {place for place, name in enumerate(header) if hints & Column(place, name, [], 0).words}
    dates.update(places_named("occurred_at", header))
    return dict.fromkeys(sorted(dates), START) | dict.fromkeys(places_named("stage", header), _LONGEST_STAGE)
