"""Who has opted out, as the columns and attributes of other systems say it.

Seen in exports of Mailchimp, HubSpot, Salesforce, Pardot, Zoho, LeadSquared, ActiveCampaign and Klaviyo, and in German
ones. What is read here is only ever stricter: that somebody may be written to, only they themselves can say.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from funnel.caches import cached_if_short
from funnel.consent import UNSUBSCRIBED, Consent

Role = Literal["flag", "time", "reason", "status"]
"""What an attribute says: yes or no, when, why, or a word that may be one of many."""


def _words(text: str) -> list[str]:
    return text.split()


_FLAGS = (
    "unsubscribed unsubscribe isunsubscribed unsubscribedfromallemail unsubscribedfromallemails globallyunsubscribed"
    " donotemail emailoptout hsemailoptout hasoptedoutofemail optedoutofemail optedout optout hasoptedout isoptedout"
    " emailoptedout noemail donotcontact donotmail donotmarket marketingoptout optedoutofmarketing marketingoptedout"
    " abgemeldet keineemails emailabgemeldet newsletterabgemeldet vonallenemailsabgemeldet werbewiderspruch"
)
_TIMES = (
    "unsubtime unsubscribetime unsubscribedtime unsubscribeat unsubscribedat unsubscribedate unsubscribeddate"
    " unsubscribedon dateunsubscribed optouttime optoutdate optoutat optedoutat optedoutdate optedouton dateoptedout"
    " emailoptoutdate emailoptouttime consentwithdrawnat consentwithdrawnon abmeldedatum abgemeldetam"
)
_REASONS = "unsubreason unsubscribereason optoutreason unsubcampaigntitle unsubcampaignid abmeldegrund"
_NAMES: dict[Role, list[str]] = {"flag": _words(_FLAGS), "time": _words(_TIMES), "reason": _words(_REASONS)}
_ROLES = {name: role for role, names in _NAMES.items() for name in names}
_CONSENT_WORDS = (
    *("consent", "subscri", "optin", "marketing", "gdpr", "dsgvo", "newsletter", "permission"),
    *("einwilligung", "zustimmung", "mailing"),
)
_OUT = ("unsubscribe", "optedout", "optout", "abgemeldet", "donotemail", "donotmail", "donotcontact", "globalunsubscri")
_WITHDRAWN = ("withdrawn", "withdrew", "revoked", "widerruf", "widersprochen", "objected", "denied", "suppressed")
"""Of a consent these say the same; of a deal's status they do not."""
_IN = ("subscribed", "optedin", "optin", "active", "confirmed", "given", "granted", "angemeldet")
_YES = {*_words("yes y true t 1 on x checked ja j wahr oui vrai si sí sim verdadero")}
_NO = {*_words("no n false f 0 off unchecked nein falsch non faux não falso never none null na")}
_AGREED = {*_words("i agree agreed accept accepted ok einverstanden zugestimmt acepto accepte")}
_DEEPEST = 4


class OptOut(NamedTuple):
    """That somebody has opted out, on a day (UTC) if it is said."""

    at: datetime | None = None


def role_of(name: str) -> Role | None:
    """What an attribute or a column of this name says of consent; None when that is nothing."""
    return _role_of_squeezed(_squeezed(name))


@cached_if_short(10_000)
def _squeezed(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


@cached_if_short(10_000)
def _role_of_squeezed(name: str) -> Role | None:
    if name in _ROLES:
        return _ROLES[name]
    return "status" if "status" in name or _is_consent(name) else None


def _is_consent(name: str) -> bool:
    return any(word in name for word in _CONSENT_WORDS)


def opt_out_in(name: str, value: Any) -> OptOut | None:
    """The opt-out that an attribute tells of; None when it tells of none."""
    role = role_of(name)
    if role is None or isinstance(value, dict | list) or not _says_something(value):
        return None
    word = _squeezed(str(value))
    if word.startswith(_OUT) or (word.startswith(_WITHDRAWN) and _is_consent(_squeezed(name))):
        return OptOut()
    if role == "status" or word in _NO:
        return None
    if role == "reason":
        return OptOut()
    at = _moment(str(value))
    return OptOut(at) if at or role == "time" or word in _YES else None


def reads_as_opt_out(text: str) -> bool | str | None:
    """What a cell of a column like “unsubscribed” says: yes, no, or the text itself if it is a day; None if neither."""
    if _moment(text):
        return text
    word = _squeezed(text)
    if word in _YES or word.startswith(_OUT):
        return True
    return False if word in _NO or word.startswith(_IN) else None


def says_yes(value: Any) -> bool:
    """Whether somebody ticked a box, or wrote that they agree."""
    words = [_squeezed(word) for word in str(value).split()]
    return bool(words) and (words[0] in _YES or words[0] in _AGREED)


def stated(
    attributes: dict[str, Any], at: datetime, now: datetime, source: str
) -> tuple[dict[str, Any], Consent | None]:
    """The attributes with `unsubscribed` as policies read it, and the opt-out they tell of.

    Its day is its own, or else `at`. What else they say stays as it came.
    """
    if not attributes or not _may_tell(attributes):
        return attributes, None
    told = [(name, value) for name, value in _all_of(attributes) if role_of(name)]
    outs = [out for name, value in told if (out := opt_out_in(name, value))]
    if outs:
        days = [min(out.at, now) for out in outs if out.at]
        return {**attributes, UNSUBSCRIBED: True}, Consent("opted_out", max(days, default=at), source)
    said = [value for name, value in told if role_of(name) == "flag" and _says_something(value)]
    if said and all(value is False or _squeezed(str(value)) in _NO for value in said):
        return {**attributes, UNSUBSCRIBED: False}, None
    return attributes, None


def _may_tell(attributes: dict[str, Any]) -> bool:
    """Whether there is anything to read: the rows of a file all have the same names, which are looked at once."""
    return _have_roles(_BETWEEN.join(attributes)) or any(type(value) is dict for value in attributes.values())


_BETWEEN = "\x00"
"""Stands in no name: it is taken out of all that comes in."""


@cached_if_short(1_000, longest=5_000)
def _have_roles(names: str) -> bool:
    return any(map(role_of, names.split(_BETWEEN)))


def _all_of(attributes: Mapping[str, Any], within: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The attributes by name, those in objects by the names on the way to them."""
    for name, value in attributes.items():
        path = f"{within} {name}" if within else name
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from _all_of(value, path, depth + 1)
        else:
            yield path, value


def _says_something(value: Any) -> bool:
    return value is not None and bool(_squeezed(str(value)).strip("0") or _squeezed(str(value)) == "0")


def _moment(text: str) -> datetime | None:
    """The moment (UTC) in an ISO text; None when it is none, or none that can have been."""
    try:
        at = datetime.fromisoformat(text.strip().removesuffix(" UTC").replace("/", "-"))
    except ValueError:
        return None
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return at if at.year >= 1970 else None
