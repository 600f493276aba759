"""What a process logs, and what not: said once, where it starts."""

import logging


def set_up_logging() -> None:
    """Log warnings and worse to stderr, but for remarks of libraries that are no news."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # The same functions each time: a logger takes each of its filters once.
    logging.getLogger("slack_bolt.App").addFilter(_is_not_about_the_token)
    logging.getLogger("apscheduler.scheduler").addFilter(_is_not_about_turns)


def log_as_server() -> None:
    """Log what a server does as well."""
    logging.getLogger().setLevel(logging.INFO)
    for library in ("alembic", "apscheduler", "slack_bolt"):
        logging.getLogger(library).setLevel(logging.WARNING)


def _is_not_about_the_token(record: logging.LogRecord) -> bool:
    """Bolt sees SLACK_BOT_TOKEN in the environment and says that it will not use it; we hand the token over."""
    return "`token`" not in record.getMessage()


def _is_not_about_turns(record: logging.LogRecord) -> bool:
    """That a job is still at work when its next turn comes is no news: a long import takes many turns."""
    return "maximum number" not in record.getMessage()
