"""/funnel: the numbers, in plain words."""

from bot.slack.answers import answer_blocks
from bot.slack.desk import Desk
from bot.slack.ids import FUNNEL_COMMAND
from bot.slack.listening import Command, Listening, Reply
from funnel.question import DEFAULT_PERIOD


def register(listening: Listening) -> None:
    listening.command(FUNNEL_COMMAND, answer)


def answer(desk: Desk, command: Command) -> Reply:
    message = answer_blocks(desk.store, command.text or DEFAULT_PERIOD, command.at, desk.zone)
    return Reply(message.text, message.blocks)
