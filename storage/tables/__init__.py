"""The tables. Private to storage: rows never leave it."""

from storage.tables.base import metadata
from storage.tables.cycles import answer, call, cycle, move, stage_report
from storage.tables.duty import absence, handover, preference, turn
from storage.tables.intake import body, upload
from storage.tables.leads import IS_CUSTOMER, engagement, identity, lead, merged_lead, two_people
from storage.tables.service import api_key, job_run, lease, policy, policy_change, reply, rescoring
from storage.tables.slack import member, outbox, post

__all__ = [
    "IS_CUSTOMER",
    "absence",
    "answer",
    "api_key",
    "body",
    "call",
    "cycle",
    "engagement",
    "handover",
    "identity",
    "job_run",
    "lead",
    "lease",
    "member",
    "merged_lead",
    "metadata",
    "move",
    "outbox",
    "policy",
    "policy_change",
    "post",
    "preference",
    "reply",
    "rescoring",
    "stage_report",
    "turn",
    "two_people",
    "upload",
]
