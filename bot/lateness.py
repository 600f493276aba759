"""What is late: messages to Slack that should have gone out long ago."""

from datetime import timedelta

from storage.store import Transaction

LATE_AFTER = timedelta(minutes=5)
"""Longer than any message waits for its turn in a channel on a usual day."""


def late_messages(tx: Transaction) -> str:
    """How many messages wait and since when, if the oldest is late; else ""."""
    now = tx.now()
    oldest = tx.outbox.oldest_due(now)
    if oldest is None or now - oldest <= LATE_AFTER:
        return ""
    waiting = tx.outbox.count()["pending"]
    return f"Messages to Slack are late: {waiting:,} wait, the oldest since {oldest:%Y-%m-%d %H:%M} UTC"
