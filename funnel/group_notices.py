"""What Slack must be told of many leads at once: bundles, mornings, weeks."""

from datetime import datetime
from typing import Literal

from funnel.notice_base import BaseNotice


class PostBundle(BaseNotice):
    """Post one summary to a channel instead of a card for each of many cycles."""

    kind: Literal["post_bundle"] = "post_bundle"
    channel: str
    cycle_ids: list[int]


class TellMany(BaseNotice):
    """Tell one person by direct message of many leads at once: theirs now, waiting, or without a channel."""

    kind: Literal["tell_many"] = "tell_many"
    user: str
    about: Literal["given", "claim", "outcome", "unposted"]
    cycle_ids: list[int]
    channel: str = ""


class WaitInChannel(BaseNotice):
    """Tell a channel that many of its leads still wait."""

    kind: Literal["wait_in_channel"] = "wait_in_channel"
    channel: str
    cycle_ids: list[int]


class SendDigest(BaseNotice):
    """Tell one person their morning by direct message; `zone` is theirs. Dropped when there is nothing to say."""

    kind: Literal["send_digest"] = "send_digest"
    user: str
    zone: str


class SendTeamWeek(BaseNotice):
    """Tell a channel what became of a team's leads in the seven days before `until`."""

    kind: Literal["send_team_week"] = "send_team_week"
    team: str
    channel: str
    until: datetime
