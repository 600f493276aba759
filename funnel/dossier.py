"""Everything there is to show of a lead."""

from pydantic import BaseModel, ConfigDict

from funnel.cycle import Card, Move
from funnel.lead import Engagement, Lead
from funnel.policy import Route
from funnel.routing import Handover
from funnel.scoring import Assessment


class Dossier(BaseModel):
    """A lead with its score of now, its cycles (newest first), its moves and engagements (oldest first).

    `handovers` are the changes of hands of its newest cycle, the oldest first.
    `names` are what it is known by beside its e-mail address: other addresses, ids as SYSTEM:ID.
    `advice` is the nearest thing that would change the score, a sentence each; `route` is where it would go now,
    under the policy `policy_version`.
    """

    model_config = ConfigDict(frozen=True)

    lead: Lead
    names: list[str]
    now: Assessment
    advice: list[str]
    route: Route
    policy_version: str
    cards: list[Card]
    moves: list[Move]
    engagements: list[Engagement]
    handovers: list[Handover] = []

    @property
    def as_seen(self) -> "Dossier":
        """What of it may be seen while its card is blind; all of it otherwise."""
        blind = next((card for card in self.cards if card.is_blind), None)
        if blind is None:
            return self
        reasons = [reason.model_copy(update={"detail": ""}) for reason in self.now.reasons]
        now = self.now.model_copy(update={"reasons": reasons})
        return self.model_copy(update={"lead": blind.lead, "names": [], "now": now, "advice": []})

    @property
    def open_points(self) -> list[str]:
        """What is missing for an MQL and what would change it, a sentence each; nothing is said twice."""
        told = " ".join(self.advice)
        lacks = [lack for lack in self.now.lacks if lack.removesuffix(".") not in told]
        return [*lacks, *self.advice]
