"""The funnel as Slack shows it: sentences, a chart, a table."""

from typing import Any

from bot.slack import words
from bot.slack.words import Block
from funnel.lifecycle import CYCLE_STAGES, Stage
from funnel.report import TOO_FEW, FunnelReport, Share, Tally, total_of

SHOWN_STAGES = CYCLE_STAGES[:-1]
MAX_GROUPS = 20
"""Rows of the table; smaller groups are summed in a last one."""


def percent(share: Share) -> str:
    """A share as people read it: “11.8 %”; “–” of nothing."""
    return "–" if share.value is None else f"{100 * share.value:.1f} %"


def report_text(report: FunnelReport) -> str:
    """The answer in words alone: the notification, and all there is where blocks cannot be shown."""
    question, total = report.question, report.total
    by = f" by {question.by}" if question.by else ""
    lines = [f"Funnel{by}, {words.escape(question.period.label)} ({question.period.dates})"]
    lines.append(" → ".join(f"{total.reached[stage]:,} {stage.label}" for stage in SHOWN_STAGES))
    lines += [
        f"{words.escape(_name(group))}: {group.cycles:,} MQL, {group.reached[Stage.SQL]:,} SQL "
        f"({percent(group.so_far(Stage.SQL))}), {group.reached[Stage.CUSTOMER]:,} customer"
        for group in (shown_groups(report) if question.by else [])
    ]
    return "\n".join(lines)


def report_blocks(report: FunnelReport) -> list[Block]:
    """The answer with its dates, a chart, a table, and how far it can be trusted."""
    question, total = report.question, report.total
    title = f"Funnel{f' by {question.by}' if question.by else ''}, {question.period.label}"
    head = f"*{words.escape(title)}*\n{question.period.dates} · cycles that became MQLs in these days"
    if not total.cycles:
        return [
            words.section(f"{head}\n\nNo lead became an MQL in this period. Try a longer one: `/funnel last 90 days`.")
        ]
    return [
        words.section(f"{head}\n{headline(report)}"),
        _chart(report),
        _table(report),
        words.context(maturity(report), *remarks(report)),
    ]


def headline(report: FunnelReport) -> str:
    """The one sentence a manager would repeat."""
    total = report.total
    sql, won = total.so_far(Stage.SQL), total.so_far(Stage.CUSTOMER)
    bounds = sql.interval
    spread = f" (95 % sure: {100 * bounds[0]:.0f} to {100 * bounds[1]:.0f} %)" if bounds else ""
    return (
        f"Of {total.cycles:,} {'MQL' if total.cycles == 1 else 'MQLs'}, {sql.part:,} so far became SQL, "
        f"{percent(sql)}{spread}; {won.part:,} became customer."
    )


def maturity(report: FunnelReport) -> str:
    """Whether the cohort's window has passed, and the conversion of the part where it has."""
    days = report.question.within
    share = report.total.within(Stage.SQL)
    if report.is_final:
        return f"Within {days} days: {percent(share)} became SQLs. This is final."
    if share.whole == report.total.cycles:
        return f"Within {days} days: {percent(share)} became SQLs. MQLs of days to come will be added."
    if not share.whole:
        return f"No MQL of this period is {days} days old yet: all shares will still grow."
    return (
        f"Within {days} days: {percent(share)} of the {share.whole:,} MQLs that are old enough. "
        f"The rest is not mature before {report.final_at:%Y-%m-%d}."
    )


_MIX = {"sql": "SQL or beyond"}


def remarks(report: FunnelReport) -> list[str]:
    """What a reader should know before they repeat a number."""
    total, notes = report.total, []
    mix = total.disposition
    notes.append("Where they stand: " + ", ".join(f"{count:,} {_MIX.get(name, name)}" for name, count in mix.items()))
    if total.skipped:
        skipped = ", ".join(f"{count:,} {stage.label}" for stage, count in total.skipped.items())
        notes.append(f"Skipped stages are counted as reached: {skipped}")
    if report.question.by and any(group.cycles < TOO_FEW for group in report.groups):
        notes.append(f"Groups of fewer than {TOO_FEW} MQLs are too few to compare.")
    notes.append(
        f"People, not cycles: {report.leads:,} leads first seen in this period, {report.prospects:,} new prospects."
    )
    return notes


def shown_groups(report: FunnelReport) -> list[Tally]:
    """The largest groups; the table has room for so many."""
    return report.groups[:MAX_GROUPS]


def _name(group: Tally) -> str:
    return group.name or "(blank)"


def _chart(report: FunnelReport) -> Block:
    labels = [stage.label for stage in SHOWN_STAGES]
    data = [
        {"label": label, "value": report.total.reached[stage]}
        for label, stage in zip(labels, SHOWN_STAGES, strict=True)
    ]
    return {
        "type": "data_visualization",
        "title": "Cycles that got this far",
        "chart": {
            "type": "bar",
            "series": [{"name": "Cycles", "data": data}],
            "axis_config": {"categories": labels, "x_label": "Stage", "y_label": "Cycles"},
        },
    }


def _table(report: FunnelReport) -> Block:
    by = report.question.by
    head = [
        by.value.capitalize() if by else "",
        *(stage.label.capitalize() if stage.label.islower() else stage.label for stage in SHOWN_STAGES),
        "MQL→SQL",
        "MQL→customer",
    ]
    groups = shown_groups(report) if by else []
    rest = report.groups[MAX_GROUPS:] if by else []
    others = [_row(f"{len(rest)} others", total_of(rest))] if rest else []
    rows = [
        [_text(cell or "–") for cell in head],
        *(_row(_name(group), group) for group in groups),
        *others,
        _row("All", report.total),
    ]
    right = {"align": "right"}
    return {
        "type": "table",
        "column_settings": [{"is_wrapped": True}, *([right] * (len(head) - 1))],
        "rows": rows,
    }


def _row(name: str, group: Tally) -> list[dict[str, Any]]:
    counts = [_text(f"{group.reached[stage]:,}") for stage in SHOWN_STAGES]
    shares = [_text(percent(group.so_far(stage))) for stage in (Stage.SQL, Stage.CUSTOMER)]
    return [_text(words.cut(name, 60)), *counts, *shares]


def _text(text: str) -> dict[str, Any]:
    return {"type": "raw_text", "text": text}
