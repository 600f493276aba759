"""The tables. Private to storage: rows never leave it."""

from storage.tables.base import metadata
from storage.tables.cycles import answer, call, cycle, move
from storage.tables.leads import engagement, identity, lead
from storage.tables.service import api_key, lease, policy, reply
from storage.tables.slack import member, outbox, post

__all__ = [
    "answer",
    "api_key",
    "call",
    "cycle",
    "engagement",
    "identity",
    "lead",
    "lease",
    "member",
    "metadata",
    "move",
    "outbox",
    "policy",
    "post",
    "reply",
]
