"""The stages of a lead and the moves between them."""

from enum import StrEnum

from funnel.errors import IllegalMove


class Stage(StrEnum):
    RAW = "raw"
    PROSPECT = "prospect"
    MQL = "mql"
    ACCEPTED = "accepted"
    SQL = "sql"
    OPPORTUNITY = "opportunity"
    CUSTOMER = "customer"
    EVANGELIST = "evangelist"
    REJECTED = "rejected"
    DISQUALIFIED = "disqualified"
    RECYCLED = "recycled"

    @property
    def label(self) -> str:
        """The stage as people write it."""
        return self.value.upper() if self in {Stage.MQL, Stage.SQL} else self.value


WAY = (
    Stage.RAW,
    Stage.PROSPECT,
    Stage.MQL,
    Stage.ACCEPTED,
    Stage.SQL,
    Stage.OPPORTUNITY,
    Stage.CUSTOMER,
    Stage.EVANGELIST,
)
"""The way forward, in order."""

CYCLE_STAGES = WAY[WAY.index(Stage.MQL) :]
"""The stages a cycle passes, from MQL on."""

OUTCOMES = (Stage.REJECTED, Stage.DISQUALIFIED, Stage.RECYCLED)
"""The sides where a cycle ends without a sale."""

MOVES: dict[Stage, tuple[Stage, ...]] = {
    Stage.RAW: (Stage.PROSPECT, Stage.MQL),
    Stage.PROSPECT: (Stage.MQL,),
    Stage.MQL: (Stage.ACCEPTED, Stage.REJECTED),
    Stage.ACCEPTED: (Stage.SQL, Stage.DISQUALIFIED, Stage.RECYCLED, Stage.MQL),
    Stage.SQL: (Stage.OPPORTUNITY, Stage.ACCEPTED, Stage.DISQUALIFIED, Stage.RECYCLED),
    Stage.OPPORTUNITY: (Stage.CUSTOMER, Stage.RECYCLED, Stage.DISQUALIFIED),
    Stage.CUSTOMER: (Stage.EVANGELIST,),
    Stage.EVANGELIST: (),
    Stage.REJECTED: (),
    Stage.DISQUALIFIED: (),
    Stage.RECYCLED: (Stage.MQL,),
}
"""Every move a person or the bot may make; `accepted -> mql` is a release."""

REPORTABLE = (Stage.OPPORTUNITY, Stage.CUSTOMER, Stage.EVANGELIST)
"""The stages a CRM reports."""


def rank(stage: Stage) -> int:
    """How far along the way a stage is: 0 for raw; an outcome at the side has rank -1."""
    return WAY.index(stage) if stage in WAY else -1


def is_step_back(old: Stage, new: Stage) -> bool:
    """Whether a move takes something back: on the way, or from a side to where the lead stood."""
    return new in WAY and (old in OUTCOMES or rank(new) < rank(old))


def check_move(old: Stage, new: Stage) -> None:
    """Let a legal move pass.

    Raises:
        IllegalMove: with a sentence that names the legal moves.
    """
    if new in MOVES[old]:
        return
    legal = " or ".join(stage.label for stage in MOVES[old])
    way_on = f"it can become {legal}" if legal else "it has no move left"
    raise IllegalMove(f"A lead that is {old.label} cannot become {new.label}; {way_on}.")


def check_report(old: Stage, new: Stage) -> None:
    """Let a CRM's report pass: one legal move, or a jump forward over stages nobody recorded.

    Raises:
        IllegalMove: with a sentence that names what can be reported now.
    """
    if new in MOVES[old] or (new in REPORTABLE and rank(new) > rank(old) >= rank(Stage.MQL)):
        return
    check_move(old, new)
