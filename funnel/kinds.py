"""Kinds of engagements that no rule counts."""

import difflib

from funnel.consent import state_of_kind
from funnel.policy import Policy


def uncounted(policy: Policy, kind: str) -> str:
    """Why no rule counts engagements of a kind, and the likely word for it; "" when one does, or it is on consent."""
    kinds = {rule.kind for rule in policy.behaviour} | {rule.kind for rule in policy.mql.hand_raise if rule.kind}
    if kind in kinds or state_of_kind(kind):
        return ""
    close = difflib.get_close_matches(kind.casefold().replace(" ", "_"), kinds, n=1)
    return f"there is none for “{kind}”" + (f" (did you mean {close[0]}?)" if close else "")
