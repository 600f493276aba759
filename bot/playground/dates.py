"""Moments as Slack writes them for a reader."""

from datetime import date, datetime, timedelta

from humanize import naturaltime

_DAYS = {0: "today", -1: "yesterday", 1: "tomorrow"}


def told_date(at: datetime, pattern: str, now: datetime) -> str:
    """A pattern of Slack's, such as `{date_short_pretty} at {time}`, filled in; both moments in the reader's zone."""
    forms = {
        "date_num": f"{at:%Y-%m-%d}",
        "date_short": _short(at),
        "date": f"{at:%B %-d, %Y}",
        "date_long": f"{at:%A, %B %-d, %Y}",
        "time_secs": f"{at:%H:%M:%S}",
        "time": f"{at:%H:%M}",
        "ago": naturaltime(now - at),
    }
    near = near_day(at.date(), now.date())
    for name in ("date_short", "date", "date_long"):
        forms[f"{name}_pretty"] = near or forms[name]
    for name, told in forms.items():
        pattern = pattern.replace(f"{{{name}}}", told)
    return pattern


def near_day(day: date, today: date) -> str:
    """Today, yesterday or tomorrow; "" for any other day."""
    return _DAYS.get((day - today) // timedelta(days=1), "")


def day_title(day: date, today: date) -> str:
    """What a day divider says."""
    near = near_day(day, today)
    return near.capitalize() if near else f"{day:%A, %B %-d}"


def _short(at: datetime) -> str:
    return f"{at:%b %-d, %Y}"
