"""How a person wants to be told of leads."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

HOUR = timedelta(hours=1)


class Preference(BaseModel):
    """What somebody chose; who chose nothing has these."""

    model_config = ConfigDict(frozen=True)

    alert: Literal["dm", "mention"] = "dm"
    most_an_hour: Annotated[int, Field(ge=1, le=1_000)] | None = None
    digest: bool = True


def next_alert(told: Sequence[datetime], most_an_hour: int | None, at: datetime) -> datetime:
    """When the next alert may come, not before `at`: in no hour are there more than so many. `told` is ascending."""
    if most_an_hour is None or len(told) < most_an_hour:
        return at
    return max(at, told[-most_an_hour] + HOUR)
