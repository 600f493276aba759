"""Logging is set up where a process starts, and nowhere else."""

import logging
from pathlib import Path

from bot.wiring import Baton
from funnel.policy import Policy
from tests.support.clock import TestClock
from tests.support.command_line import baton
from tests.support.databases import Databases
from tests.support.world import settings_for


def _filters() -> dict[str, int]:
    """How many filters and handlers each logger has."""
    loggers = [logging.getLogger(name) for name in ("", *logging.root.manager.loggerDict)]
    return {one.name: len(one.filters) + len(one.handlers) for one in loggers if one.name != "root"}


def test_a_baton_that_is_made_leaves_the_loggers_alone(databases: Databases, policy: Policy) -> None:
    settings = settings_for(databases.fresh("sqlite"), "http://127.0.0.1:9")
    Baton(settings, TestClock(), policy).stop()
    before = _filters()
    for _ in range(3):
        Baton(settings, TestClock(), policy).stop()
    assert _filters() == before


def test_a_command_that_is_run_again_hangs_no_second_filter_on_a_logger(tmp_path: Path) -> None:
    baton(tmp_path, "--version")
    before = _filters()
    for _ in range(3):
        baton(tmp_path, "--version")
    assert _filters() == before


def test_remarks_of_libraries_that_are_no_news_are_left_out(tmp_path: Path) -> None:
    baton(tmp_path, "--version")
    told = {
        "slack_bolt.App": "As you gave `client` as well, `token` will be unused.",
        "apscheduler.scheduler": "Execution of job skipped: maximum number of running instances reached (1)",
    }
    for name, remark in told.items():
        logger = logging.getLogger(name)
        record = logger.makeRecord(name, logging.WARNING, "", 0, remark, (), None)
        other = logger.makeRecord(name, logging.WARNING, "", 0, "The house is on fire", (), None)
        assert (bool(logger.filter(record)), bool(logger.filter(other))) == (False, True)
