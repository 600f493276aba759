"""The tables. Private to storage: rows never leave it."""

from storage.tables.base import OPTIONAL_INDEX, belongs_to, metadata
from storage.tables.cycles import answer, call, cycle, move, stage_report
from storage.tables.duty import absence, handover, preference, turn
from storage.tables.intake import body, upload
from storage.tables.leads import IS_CUSTOMER, SEARCHED, engagement, identity, lead, lead_count, merged_lead, two_people
from storage.tables.service import api_key, job_run, lease, policy, policy_change, reply, rescoring
from storage.tables.slack import member, outbox, post

__all__ = [
    "IS_CUSTOMER",
    "OPTIONAL_INDEX",
    "SEARCHED",
    "absence",
    "answer",
    "api_key",
    "belongs_to",
    "body",
    "call",
    "cycle",
    "engagement",
    "handover",
    "identity",
    "job_run",
    "lead",
    "lead_count",
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
