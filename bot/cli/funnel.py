"""The funnel."""

import csv
import re
import sys
from datetime import datetime, tzinfo
from typing import Annotated

import typer

from bot.cli.output import AsJson, say, say_json, say_table
from bot.cli.stores import open_ready_store
from bot.clock import utc_now
from bot.settings import load_settings
from bot.slack.blocks.report import SHOWN_STAGES, headline, maturity, percent, remarks
from bot.usecases.report_funnel import report_funnel
from funnel.errors import NotUnderstood
from funnel.lifecycle import CYCLE_STAGES, Stage
from funnel.period import Period, parse_period
from funnel.question import Dimension, FunnelQuestion, parse_question
from funnel.report import FunnelReport, Tally, as_json

Within = Annotated[int, typer.Option(min=1, max=3650, help="Days a cycle has to reach a stage.")]


def register(app: typer.Typer) -> None:
    app.command()(funnel)
    app.command()(ask)


def funnel(
    period: Annotated[str, typer.Option(help="Like “last month”, “Q2 2018”, “2018-01-01..2018-03-31”, “all”.")] = "all",
    by: Annotated[Dimension | None, typer.Option(help="Split the funnel.")] = None,
    within: Within = 30,
    json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Show what the MQLs of a period became."""
    if json and as_csv:
        raise typer.BadParameter("choose --json or --csv, not both")
    settings, now = load_settings(), utc_now()
    question = FunnelQuestion(period=_period(period, now, settings.zone), by=by, within=within)
    _print(report_funnel(open_ready_store(settings, may_make=False), question, now), json=json, as_csv=as_csv)


def _period(text: str, now: datetime, zone: tzinfo) -> Period:
    try:
        return parse_period(text, now, zone)
    except NotUnderstood as error:
        days = re.findall(r"\d{4}-\d{2}-\d{2}", text)
        if len(days) == 2 and days[1] < days[0]:
            raise NotUnderstood(
                f"The period “{text}” ends before it begins; did you mean {days[1]}..{days[0]}?"
            ) from error
        raise


def ask(question: Annotated[str, typer.Argument(help="Like “last month by source”.")], json: AsJson = False) -> None:
    """Answer a question about the funnel in plain words."""
    settings, now = load_settings(), utc_now()
    if not question.strip():
        raise NotUnderstood("Ask something, like: baton ask “last month by source”.")
    asked = parse_question(question, now, settings.zone)
    _print(report_funnel(open_ready_store(settings, may_make=False), asked, now), json=json, as_csv=False)


def _print(report: FunnelReport, *, json: bool, as_csv: bool) -> None:
    if json:
        return say_json(as_json(report))
    if as_csv:
        return _print_csv(report)
    question = report.question
    say(f"Funnel, {question.period.label} ({question.period.dates}); cycles that became MQLs in these days")
    if not report.total.cycles:
        return say("No lead became an MQL in this period.")
    say(headline(report) + "\n")
    groups = report.groups if question.by else []
    rows = [_row(group.name or "(blank)", group) for group in groups] + [_row("all", report.total)]
    head = [question.by.value if question.by else "", *(stage.label for stage in SHOWN_STAGES)]
    say_table([*head, "MQL→SQL", "MQL→customer"], rows, right=1)
    say("\n" + "\n".join([maturity(report), *remarks(report)]))
    return None


def _row(name: str, group: Tally) -> list[str]:
    counts = [f"{group.reached[stage]:,}" for stage in SHOWN_STAGES]
    return [name, *counts, percent(group.so_far(Stage.SQL)), percent(group.so_far(Stage.CUSTOMER))]


def _print_csv(report: FunnelReport) -> None:
    """One line a group: the counts of each stage, and the outcomes of what never became an SQL."""
    by = report.question.by
    mix = list(report.total.disposition)[1:]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([by.value if by else "group", *CYCLE_STAGES, *mix])
    for group in [*(report.groups if by else []), report.total]:
        outcomes = [group.disposition[name] for name in mix]
        writer.writerow([_harmless(group.name), *(group.reached[stage] for stage in CYCLE_STAGES), *outcomes])


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
