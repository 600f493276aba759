"""One person or two: somebody says what two leads are that look alike."""

from bot.slack import ids
from bot.slack.desk import Desk, Press
from bot.slack.listening import Listening
from bot.slack.payloads import number_in
from bot.usecases.merge_leads import are_two_people, merge_leads
from funnel.notices import RefreshCard


def register(listening: Listening) -> None:
    listening.button(ids.ALIKE, judge)


def judge(desk: Desk, press: Press) -> None:
    person = desk.person(press.user, press.team)
    judgement, *numbers = press.parts(4)
    cycle_id, one, other = map(number_in, numbers)
    if judgement == ids.ALIKE_TWO:
        card = RefreshCard(cycle_id=cycle_id, clicked=press.click.message)
        are_two_people(desk.store, desk.policy, person, one, other, card, press.at)
        return
    made = merge_leads(desk.store, desk.policy, person, one, other, press.at)
    desk.whisper(press.click, f"They are one now: lead {made.lead.id}. Both cards show it.")
