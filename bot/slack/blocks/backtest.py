"""The answer of a backtest: what a policy would have done."""

from datetime import timedelta
from typing import Any

from bot.slack import words
from bot.slack.words import Block
from funnel.backtest import Backtest, Band, Choice, Crowd, Wish
from funnel.report import TOO_FEW, Share

CAVEATS = (
    "Counted are people, by the first time each would have been an MQL, with the facts known of them today. "
    "What would have become of those nobody worked on, nobody knows: they are in no share."
)


def backtest_blocks(found: Backtest) -> list[Block]:
    """The answer as a private message."""
    head = f"*Policy {words.escape(found.new_version)} over the history*\n{period_text(found)}"
    lines = "\n".join(f"• {words.escape(line)}" for line in sentences(found))
    bands = "\n".join(f"• {band_text(band)}" for band in found.bands) or "Nobody decided on any cycle of these days."
    return [
        words.section(f"{head}\n{lines}"),
        words.section(f"*How many became SQLs, by their score on the day they became MQLs*\n{bands}"),
        _table(found.choices),
        words.context(" ".join(filter(None, (table_note(found), CAVEATS)))),
    ]


def period_text(found: Backtest) -> str:
    """The days asked for, and those of them that the rates are over when nothing is known of the first ones."""
    period = f"{found.start:%Y-%m-%d} to {found.end:%Y-%m-%d}, {words.many(found.leads, 'lead')}"
    if found.since - found.start < timedelta(days=1):
        return period
    known = words.many(round(found.days), "day")
    return f"{period}; rates are over the {known} there is anything known of, from {found.since:%Y-%m-%d} on"


def sentences(found: Backtest) -> list[str]:
    """The findings, the most important first; plain text."""
    lines = []
    if found.new_version != found.old_version:
        lines.append(difference(found))
    mqls = words.many(found.new.leads, "MQL")
    lines.append(f"{mqls}, {_a_month(found.new.leads, found)} a month: {_fate(found.new)}.")
    if found.new_version == found.old_version:
        lines += _in_fact(found)
    lines.append(f"Precision: {share_text(found.precision)} of those somebody decided on became SQLs.")
    lines.append(
        f"Recall: {share_text(found.recall)} of the SQLs would have been handed over before anybody took them."
    )
    if found.wished is not None:
        lines.append(_wish(found.wished))
    return lines


def _in_fact(found: Backtest) -> list[str]:
    """How the policy in force fared against what happened: why it makes other MQLs here than the funnel counts."""
    if not found.new.leads and not found.in_fact.others:
        return []
    told = f"{found.in_fact.among:,} of these were MQLs in fact"
    missed = found.new.leads - found.in_fact.among
    later = found.in_fact.later_customers
    why = [f"{later:,} of companies that became customers in these days, asked here as of the first"] if later else []
    if missed > later:
        why.append(f"{missed - later:,} by what is known of them today, or by rules that were not in force then")
    if why:
        told += f", {missed:,} not: {'; '.join(why)}"
    if found.in_fact.others:
        told += (
            f". MQLs in fact that are not among these: {found.in_fact.others:,}, imported or reported as such, or by "
            "other rules or facts"
        )
    return [f"{told}."]


def difference(found: Backtest) -> str:
    """What it changes: 34 more MQLs a month, of which 9 became SQLs; 12 fewer, of which 1 did."""
    more, fewer = found.more, found.fewer
    if not more.leads and not fewer.leads:
        return f"The same MQLs as under {found.old_version}."
    return (
        f"{_a_month(more.leads, found)} more MQLs a month than under {found.old_version}, of which "
        f"{_a_month(more.sql, found)} became SQLs; {_a_month(fewer.leads, found)} fewer, of which "
        f"{_a_month(fewer.sql, found)} did (in all {more.leads:,} more: {_fate(more)}; "
        f"{fewer.leads:,} fewer: {_fate(fewer)})."
    )


def _a_month(count: int, found: Backtest) -> str:
    rate = count / found.months
    return f"{rate:,.0f}" if rate >= 9.5 or rate == 0 else f"{rate:.1f}"


def _fate(crowd: Crowd) -> str:
    return f"{crowd.sql:,} became SQLs, {crowd.lost:,} did not, {crowd.open:,} are open, {crowd.unworked:,} unworked"


def _wish(wish: Wish) -> str:
    if wish.best is None:
        return _wish_in_vain(wish)
    if wish.most <= wish.per_week:
        return (
            f"Whatever the threshold, there are no more than {wish.per_week:g} MQLs a week to be had. "
            f"The most that one gives is {_a_week(wish.most)}."
        )
    best = wish.best
    return (
        f"For at most {wish.per_week:g} MQLs a week the best threshold is {best.threshold:g}: "
        f"{_a_week(best.per_week)} a week, precision {share_text(best.precision)}, recall {share_text(best.recall)}."
    )


def _wish_in_vain(wish: Wish) -> str:
    """Why no threshold is high enough, and what else to change."""
    if wish.raised > wish.per_week:
        return (
            f"However high the threshold, raised hands alone make {_a_week(wish.raised)} MQLs a week, more than "
            f"{wish.per_week:g}. For fewer, change the rules for a raised hand."
        )
    return (
        f"However high the threshold, there are {_a_week(wish.raised + wish.own)} MQLs a week, more than "
        f"{wish.per_week:g}: {_a_week(wish.raised)} raised a hand, {_a_week(wish.own)} are over the threshold of their "
        "own segment. For fewer, change the rules for a raised hand or the segments."
    )


def _a_week(rate: float) -> str:
    return f"{rate:,.1f}" if rate >= 0.95 or rate == 0 else f"{rate:.2g}"


def share_text(share: Share) -> str:
    """A share with its parts and its uncertainty: “32 % (16 of 50; 95 % sure: 21 to 46 %)”."""
    if share.value is None or share.interval is None:
        return "none"
    low, high = share.interval
    few = "; too few to rely on" if share.whole < TOO_FEW else ""
    parts = f"{share.part:,} of {share.whole:,}; 95 % sure: {100 * low:.0f} to {100 * high:.0f} %{few}"
    return f"{100 * share.value:.0f} % ({parts})"


def band_text(band: Band) -> str:
    return f"{band.low:g} to below {band.high:g} points: {share_text(band.sql)}"


def choice_cells(choice: Choice) -> list[str]:
    """A threshold's row: itself, MQLs a week, precision, recall."""
    return [f"{choice.threshold:g}", f"{choice.per_week:.1f}", percent(choice.precision), percent(choice.recall)]


def table_note(found: Backtest) -> str:
    """Whom the table's thresholds leave where they are; empty when it is nobody."""
    if not found.own_threshold:
        return ""
    return (
        "The thresholds of the table are for everybody who has none of their own: "
        f"{words.many(found.own_threshold, 'lead')} in segments that have one are held against that in every row."
    )


CHOICE_HEAD = ["Threshold", "MQLs a week", "Precision", "Recall"]


def percent(share: Share) -> str:
    return "–" if share.value is None else f"{100 * share.value:.0f} %"


def _table(choices: list[Choice]) -> Block:
    rows = [_cells(CHOICE_HEAD), *(_cells(choice_cells(choice)) for choice in choices)]
    return {"type": "table", "column_settings": [{"align": "right"}] * 4, "rows": rows}


def _cells(texts: list[str]) -> list[dict[str, Any]]:
    return [{"type": "raw_text", "text": text} for text in texts]
