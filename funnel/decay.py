"""How what somebody did loses its points: half of them every half-life, and not twice for the same thing."""

from datetime import UTC, datetime, timedelta

from funnel.rules import Frequency

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(at: datetime) -> float:
    """A moment as seconds since 1970 (UTC); exact to a microsecond for the next two centuries."""
    return (at - EPOCH).total_seconds()


def moment(seconds: float) -> datetime:
    """The moment of an instant."""
    return EPOCH + timedelta(seconds=seconds)


def decay(age: timedelta, half_life: timedelta) -> float:
    """The share of its points an event still has: 1 when new (or not yet due), half of it every `half_life`."""
    return float(2.0 ** (-max(age / half_life, 0.0)))


_HOUR, _DAY = 3600.0, 86400.0
_MONDAY = 3  # 1970 began on a Thursday


def window(at: float, frequency: Frequency) -> float:
    """Which hour, day or week (from Monday, all UTC) an instant is in; of events in one window one counts."""
    match frequency:
        case "once per hour":
            return at // _HOUR
        case "once per day":
            return at // _DAY
        case "once per week":
            return (at // _DAY + _MONDAY) // 7
    return 0.0
