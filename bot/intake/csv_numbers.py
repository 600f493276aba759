"""Numbers as people and programs write them: 1.234,50 and 1,234.50, 10K, € 1.2M, 51-200."""

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from babel.numbers import parse_decimal

from bot.intake.csv_refusal import Unreadable

_SCALES = {
    1_000: "k tsd thousand tausend",
    1_000_000: "m mm mn mio million millions millionen",
    1_000_000_000: "b bn mrd billion billions milliarde milliarden",
}
_SCALE_OF = {word: factor for factor, words in _SCALES.items() for word in words.split()}
_MONEY = re.compile(r"[€$£¥₹]|\b(?:eur|euro|usd|us|gbp|chf|inr|rs)\b\.?")
_SPACED = re.compile(r"(?<=\d)[\s'’ʼ`´](?=\d{3}(?!\d))")
_FIGURE = r"\d[\d.,]{0,40}"
_SCALE = r"(?:(?:" + "|".join(sorted(_SCALE_OF, key=len, reverse=True)) + r")\b\.?)"
_NUMBER = re.compile(
    rf"(?P<sign>[<>≤≥~=+-]*)\s*(?P<low>{_FIGURE})(?:e(?P<power>[+-]?\d\d?))?\s*(?P<scale>{_SCALE})?\s*"
    rf"(?:\+|(?:-|–|—|to|bis)\s*{_FIGURE}\s*(?P<high_scale>{_SCALE})?)?\s*(?:employees|people|mitarbeiter)?"
)
_LONGEST = 80
_GROUPED = re.compile(r"\d+|\d{1,3}(?:[.,]\d{2,3})*[.,]\d{3}")


def read_number(text: str, decimal: str | None) -> int:
    """The whole number that a text says; what is behind the decimal sign is dropped.

    Of a range it is the lower bound: 51 of “51-200”, 10000 of “10000+”, 0 of “<10”; K, M and B (Tsd., Mio., Mrd.) are
    thousands, millions and billions; currencies are not looked at. `decimal` is the decimal sign of the column,
    where it is known; without it three digits behind a single sign are thousands: 1.234 and 1,234 are 1234.

    Raises:
        ValueError: with what was expected.
    """
    if text.isdecimal() and len(text) <= 18:
        return int(text)
    match = _NUMBER.fullmatch(_plain(text)) if len(text) <= _LONGEST else None
    if match is None:
        raise _no_number(text)
    if "<" in match["sign"] or "≤" in match["sign"]:
        return 0
    scale = _SCALE_OF.get((match["scale"] or match["high_scale"] or "").rstrip("."), 1)
    figure = _figure(text, match["low"], decimal, scaled=bool(match["scale"] or match["power"]))
    number = int(figure * scale * Decimal(10) ** int(match["power"] or 0))
    return -number if "-" in match["sign"] else number


def is_number(text: str) -> bool:
    try:
        read_number(text, None)
    except ValueError:
        return False
    return True


def decimal_sign(texts: Iterable[str]) -> str | None:
    """The decimal sign that most texts of a column have without doubt.

    "" when they leave it open whether 1.234 is a thousand or one, None when no text has such a sign at all.
    """
    figures = [figure for text in texts for figure in re.findall(_FIGURE, _plain(text[:_LONGEST]))]
    votes = Counter(sign for figure in figures if (sign := _sure(figure)))
    if votes:
        return votes.most_common(1)[0][0]
    return "" if any(sign in figure for figure in figures for sign in ".,") else None


def _plain(text: str) -> str:
    """A text without currency, and without spaces and apostrophes that part thousands."""
    text = text.replace("−", "-").lower().strip()
    return _SPACED.sub("", _MONEY.sub("", text)).strip()


def _sure(figure: str) -> str | None:
    """The decimal sign of a figure, if it shows which one that is."""
    figure = figure.rstrip(".,")
    last = max(figure.rfind("."), figure.rfind(","))
    if last < 0:
        return None
    sign, other = (".", ",") if figure[last] == "." else (",", ".")
    if other in figure:
        return sign
    if figure.count(sign) > 1:
        return other
    return None if len(figure) - last == 4 and not figure.startswith("0") else sign


def _figure(text: str, figure: str, decimal: str | None, *, scaled: bool) -> Decimal:
    figure = figure.rstrip(".,")
    last = max(figure.rfind("."), figure.rfind(","))
    doubtful = "." if scaled and figure[last] == "." else None  # nobody writes a thousand millions as 1.000M
    sign = _sure(figure) or decimal or doubtful or ("," if figure[last] == "." else ".")
    whole, _, part = figure.partition(sign)
    if not _GROUPED.fullmatch(whole) or not (part or "0").isdecimal() or sign in whole:
        raise _no_number(text)
    return parse_decimal(figure, locale="de" if sign == "," else "en")


def _no_number(text: str) -> ValueError:
    return Unreadable(text, "is no number", "write it like 250, 1,234.50 or 51-200, or leave the cell empty")
