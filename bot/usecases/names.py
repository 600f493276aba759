"""The names under which a person may be known, as the policy tells addresses apart."""

from bot.usecases.normal import folded_email
from funnel.lead import EMAIL, Draft
from funnel.policy import Policy

Name = tuple[str, str]


def email_names(email: str, policy: Policy) -> list[Name]:
    """The address as it is and, where the policy takes several for one, as they are all written."""
    rule = policy.identity
    if not (rule.ignore_plus_tags or rule.ignore_dots_at):
        return [(EMAIL, email)]
    folded = folded_email(email, plus_tags=rule.ignore_plus_tags, dots=frozenset(rule.ignore_dots_at))
    return [(EMAIL, email)] if folded == email else [(EMAIL, email), (EMAIL, folded)]


def names_of(draft: Draft, policy: Policy) -> list[Name]:
    """The names of a draft, those by e-mail address first."""
    names = email_names(draft.facts.email, policy) if draft.facts.email else []
    if draft.external_id is not None:
        names.append((draft.system, draft.external_id))
    return names
