"""Answers to questions in plain words: the funnel, or what can be asked."""

import re
from datetime import datetime, tzinfo

from pydantic import BaseModel, ConfigDict

from bot.slack import words
from bot.slack.blocks.report import report_blocks, report_text
from bot.slack.words import Block
from bot.usecases.report_funnel import report_funnel
from funnel.errors import NotUnderstood
from funnel.question import parse_question
from storage.store import Store

CAPABILITIES = """*Ask me for the funnel in plain words*
• last week
• this month by source
• Q3 by campaign within 60 days
• how many leads did we get yesterday?

For leads there is `/lead help`. To import a list, drop the CSV file on me in a direct message."""

_GREETING = re.compile(r"(?:help|hi|hello|hey|thanks|thank you|what can you do)?[!?. ]*", re.IGNORECASE)


class AnswerMessage(BaseModel):
    """A message: blocks, and the same in words alone."""

    model_config = ConfigDict(frozen=True)

    text: str
    blocks: list[Block]


def answer_blocks(store: Store, question: str, asked_at: datetime, zone: tzinfo) -> AnswerMessage:
    """The answer to a question; what can be asked, when it was not understood."""
    if _GREETING.fullmatch(question.strip()):
        return AnswerMessage(text="What you can ask me", blocks=[words.section(CAPABILITIES)])
    try:
        asked = parse_question(question, asked_at, zone)
    except NotUnderstood as refusal:
        text = words.escape(refusal.sentence)
        return AnswerMessage(text=text, blocks=[words.section(text)])
    report = report_funnel(store, asked, asked_at)
    return AnswerMessage(text=report_text(report), blocks=report_blocks(report))
