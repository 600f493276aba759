"""Many people who claim many leads at once, in a process of their own or as threads of the test's.

Run as a process: python -m tests.support.claimers DATABASE_URL PART PARTS
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from random import Random

from bot.policy_file import example_path
from bot.usecases.claim_lead import claim_lead
from bot.usecases.errors import Full
from funnel.errors import IllegalMove
from funnel.notices import Click
from funnel.policy import Policy, parse_policy
from funnel.roles import Person
from storage.engine import open_engine
from storage.store import Store
from tests.support.clock import START

PEOPLE = [f"UCLAIM{number:02}" for number in range(40)]
LEADS, CLAIMS = 50, 200
CAPS = {user: place % 3 + 1 for place, user in enumerate(PEOPLE) if place % 2}
"""Every second person may hold one, two or three leads."""


def capped_policy() -> Policy:
    """The example, with limits."""
    limits = "".join(f'\n[[person]]\nid = "{user}"\ncap = {cap}\n' for user, cap in CAPS.items())
    return parse_policy(example_path().read_text(encoding="utf-8") + limits)


def attempts() -> list[tuple[str, int]]:
    """Who claims which cycle: more of them go for the first ones than for the last."""
    chance = Random(4)
    return [(chance.choice(PEOPLE), 1 + min(chance.randrange(LEADS), chance.randrange(LEADS))) for _ in range(CLAIMS)]


def claim_all(store: Store, claims: list[tuple[str, int]]) -> int:
    """Claim, many at once; how many were the first. Who holds enough, or has that lead already, is refused."""
    policy = capped_policy()

    def claim(one: tuple[str, int]) -> int:
        user, cycle_id = one
        try:
            return claim_lead(store, policy, Person(id=user), cycle_id, Click(user=user, channel="C1"), START)
        except (Full, IllegalMove):
            return 0

    with ThreadPoolExecutor(min(len(claims), 40)) as crowd:
        return sum(crowd.map(claim, claims))


if __name__ == "__main__":
    url, part, parts = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    sys.stdout.write(str(claim_all(Store(open_engine(url)), attempts()[part::parts])))
