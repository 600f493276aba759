"""The policy in sentences."""

from bot.slack import words
from bot.slack.words import Block
from funnel.policy import Policy
from funnel.sayings import policy_sections

_ROOM = 2_900


def policy_blocks(policy: Policy) -> list[Block]:
    """What the policy says, a section a heading; a long one is cut and says so."""
    blocks = [words.section(f"*The policy in force, {words.escape(policy.stamp)}*")]
    for heading, sentences in policy_sections(policy):
        blocks.append(words.section(_fitted(f"*{words.escape(heading)}*", sentences)))
    return blocks


def _fitted(head: str, sentences: list[str]) -> str:
    lines, room = [head], _ROOM - len(head)
    for place, sentence in enumerate(sentences):
        line = f"• {words.escape(sentence)}"
        room -= len(line) + 1
        if room < 0:
            lines.append(f"… and {len(sentences) - place} more; all of them: `baton policy show`")
            break
        lines.append(line)
    return "\n".join(lines)
