"""Claim: the first click wins, and everybody else is told who was faster."""

from bot.slack import ids
from bot.slack.desk import Desk, Press
from bot.slack.listening import Listening
from bot.usecases.claim_lead import claim_lead


def register(listening: Listening) -> None:
    listening.button(ids.CLAIM, claim)


def claim(desk: Desk, press: Press) -> None:
    person = desk.person(press.user, press.team)
    claim_lead(desk.store, desk.policy, person, press.cycle_id, press.click, press.at)
