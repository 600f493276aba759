"""The servers that clicks are sent to: Baton, and a Bolt app that does nothing, with the same settings or Bolt's own.

Run as a process of its own: python -m benchmarks.click_server KIND DATABASE_URL PORT
"""

import sys
from contextlib import nullcontext

import uvicorn
from fastapi import FastAPI
from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult

from bot.clock import utc_now
from bot.intake.doors import Doors
from bot.policy_file import example_path, load_policy
from bot.policy_in_force import PolicyInForce
from bot.slack.gateway import Workspace
from bot.web import build_web
from bot.wiring import Baton, open_ready_store
from bot.write_probe import Readiness
from storage.members import Member
from tests.support.world import SECRET, settings_for

PEOPLE = [f"UBENCH{number:03}" for number in range(100)]
WORKSPACE = Workspace(team_id="T1", bot_id="B1", bot_user_id="UBOT", url="https://x.slack.com/", scopes=frozenset())


def baton_web(url: str) -> FastAPI:
    """Baton's own web app; its dispatcher and scheduler rest, so that the click alone is measured."""
    baton = Baton(settings_for(url, "http://127.0.0.1:9"), policy=load_policy(example_path(), []))
    baton.workspace = WORKSPACE
    members = [Member(id=user, name=user, timezone="UTC", outsider=False) for user in PEOPLE]
    with baton.store.begin() as tx:
        tx.members.save(members, utc_now())
    return baton.web


def idle_web(url: str, *, before_response: bool) -> FastAPI:
    """The same web app around a Bolt app whose only listener acknowledges."""
    policy = PolicyInForce(load_policy(example_path(), []), None, [])
    app = App(
        authorize=lambda: AuthorizeResult(
            enterprise_id=None, team_id="T1", bot_id="B1", bot_user_id="UBOT", bot_token="x"
        ),
        request_verification_enabled=False,
        token_verification_enabled=False,
        process_before_response=before_response,
    )

    @app.action("claim")
    def claim(ack: Ack) -> None:
        ack()

    store = open_ready_store(settings_for(url, "http://127.0.0.1:9"))
    return build_web(store, policy, utc_now, Doors(store, policy, utc_now), app, SECRET, _is_ready, nullcontext)


async def _is_ready() -> Readiness:
    return Readiness("", "")


if __name__ == "__main__":
    kind, database, port = sys.argv[1:4]
    web = {
        "baton": lambda: baton_web(database),
        "no-op": lambda: idle_web(database, before_response=True),
        "no-op, Bolt's defaults": lambda: idle_web(database, before_response=False),
    }[kind]()
    uvicorn.run(web, host="127.0.0.1", port=int(port), log_level="error", access_log=False)
