"""The private answer about the policy: what it says, what it did, and what another threshold would do."""

from datetime import timedelta

from bot.slack.answers import AnswerMessage
from bot.slack.blocks.backtest import backtest_blocks, difference
from bot.slack.blocks.policy import policy_blocks
from bot.slack.words import escape
from bot.usecases.backtest_policy import backtest_policy
from funnel.notices import AnswerPolicy
from funnel.policy import Policy
from storage.store import Store

LOOK_BACK = timedelta(days=90)


def policy_answer(store: Store, policy: Policy, asked: AnswerPolicy) -> AnswerMessage:
    """Replay the last 90 days; seconds, where there are a hundred thousand leads."""
    end = asked.asked_at
    tried = policy if asked.threshold is None else _with_threshold(policy, asked.threshold)
    found = backtest_policy(store, tried, policy, end - LOOK_BACK, end, asked.per_week)
    if asked.threshold is None and asked.per_week is None:
        return AnswerMessage(text="The policy in force", blocks=[*policy_blocks(policy), *backtest_blocks(found)])
    if asked.threshold is not None:
        name = f"{policy.stamp} with a threshold of {asked.threshold:g}"
        found = found.model_copy(update={"new_version": name})
    return AnswerMessage(text=escape(difference(found)), blocks=backtest_blocks(found))


def _with_threshold(policy: Policy, threshold: float) -> Policy:
    """The policy with another threshold for everybody who has none of their own."""
    return policy.model_copy(update={"mql": policy.mql.model_copy(update={"threshold": threshold})})
