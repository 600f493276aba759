"""What a person's App Home shows: their day, and for those who look after others the board and the set-up."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from funnel.bant import Status
from funnel.cycle import Card
from funnel.digest import Promises
from funnel.lifecycle import Stage

PAGE = 10
"""Leads of a list that are shown at once."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Page(_Part):
    """Some of a longer list: `cards` from the place `first` (0 is the top) of `total`."""

    cards: list[Card]
    first: int
    total: int


class Week(_Part):
    """What somebody did since Monday morning in their zone."""

    claimed: int
    promoted: int
    let_go: int


class Load(_Part):
    """One person of a team: what they hold, what their turns gave them in a quarter, and when they are back."""

    user: str
    holding: int
    cap: int | None
    given: int
    hours: float
    on_duty: bool
    away_until: datetime | None = None


class TeamBoard(_Part):
    """A team as its manager sees it.

    `spread` is what who got most was given for their hours, against who got least; None while that says nothing.
    """

    name: str
    people: list[Load]
    spread: float | None = None
    promises: Promises


class Board(_Part):
    """What waits for too long, and who carries how much; `breaches` is some of all `breached`, which may be more.

    `stranded` is what people hold undecided who are away. Who `may_act` hands leads over and notes absences.
    """

    may_act: bool
    waiting: int
    breached: int
    may_be_more: bool = False
    breaches: list[Card]
    stranded: Page
    teams: list[TeamBoard]


class SetUp(_Part):
    """What an admin looks after."""

    policy: str
    author: str
    since: datetime | None
    routes: list[str]
    teams: list[str]
    unsent: int
    failed_bodies: int


class Home(_Part):
    """An App Home. `drafts` are calls without a decision; `board` and `set_up` are there for who may see them."""

    mine: Page
    drafts: Page
    waiting: Page
    week: Week
    may_claim: bool
    board: Board | None = None
    set_up: SetUp | None = None


def next_action(card: Card) -> str:
    """What its owner does next with a lead, in a word or two."""
    if card.cycle.stage is Stage.SQL:
        return "hand it on: opportunity, or back"
    if card.cycle.stage is not Stage.ACCEPTED:
        return "follow up"
    if any(answer.status is not Status.UNKNOWN for answer in card.answers.values()):
        return "decide: the call is logged"
    return "call again" if card.cycle.attempted_at else "call"
