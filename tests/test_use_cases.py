"""Who may do it is asked where it is done: in the use case."""

import ast
from pathlib import Path

USE_CASES = Path(__file__).parent.parent / "bot" / "usecases"

WITHOUT_A_ROLE = {
    # what the scheduler or the delivery does, in nobody's name
    "refresh_homes", "release_gone", "forget_old", "send_digests", "settle_body", "tell_unposted", "forget_card",
    "take_upload", "keep_upload", "put_off_upload",
    # what a key opened: the key's rights are asked at the endpoint
    "keep_body", "receive_leads", "record_engagements", "report_stage",
    # what an operator does at the command line, who holds the database anyway
    "create_key", "create_signing_key", "discard_body", "put_in_force",
    # what concerns nobody but the person: their App Home, their settings, an answer to them
    "open_home", "prefer", "tell", "tell_once",
}  # fmt: skip


def functions() -> dict[str, tuple[str, bool]]:
    """The source of each function of the use cases, and whether it is public, by its name."""
    found = {}
    for path in USE_CASES.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                source = ast.get_source_segment(text, node) or ""
                found[node.name] = (source, not node.name.startswith("_"))
    return found


def test_every_use_case_that_changes_something_asks_for_a_role() -> None:
    sources = functions()
    checking = {name for name, (source, _) in sources.items() if "roles.check(" in source}
    reach = len(checking) + 1
    while len(checking) != reach:
        reach = len(checking)
        checking |= {name for name, (source, _) in sources.items() if any(f"{one}(" in source for one in checking)}
    changing = {name for name, (source, is_public) in sources.items() if is_public and ".begin()" in source}
    assert changing - checking - WITHOUT_A_ROLE == set()
    assert WITHOUT_A_ROLE - changing == set(), "they change nothing any more, or are gone"


def test_no_listener_asks_for_a_role() -> None:
    listeners = Path(__file__).parent.parent / "bot" / "slack" / "listeners"
    asking = [path.name for path in listeners.glob("*.py") if "roles.check(" in path.read_text(encoding="utf-8")]
    assert asking == []
