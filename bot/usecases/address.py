"""E-mail addresses as they are handed in: checked, and brought into their normal form."""

import re

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from funnel.caches import cached_if_short

_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")
"""The part before the @ in nearly every address; what else there may be, the library judges."""
_PLAIN_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")


@cached_if_short(20_000)
def _checked_domain(domain: str) -> str:
    """A domain in its normal form. Its check is the dear part of an address; plain ones do without the library."""
    lower = domain.lower()
    is_plain = len(lower) <= 100 and "--" not in lower and _PLAIN_DOMAIN.fullmatch(lower)
    if is_plain and lower.rpartition(".")[2] not in SPECIAL_USE_DOMAIN_NAMES:
        return lower
    return validate_email(f"x@{domain}", check_deliverability=False).domain


def normal_email(text: str) -> str:
    """An e-mail address in its normal form: trimmed and in lower case.

    Raises:
        ValueError: with what is wrong with it.
    """
    local, _, domain = text.strip().rpartition("@")
    try:
        if _PLAIN_LOCAL.fullmatch(local) and len(local) <= 64 and len(text) <= 254:
            return f"{local}@{_checked_domain(domain)}".lower()
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise ValueError(f"{text[:80]!r} is no e-mail address: {str(error)[:1].lower()}{str(error)[1:]}") from error
