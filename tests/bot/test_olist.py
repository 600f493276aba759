"""Eight thousand real MQLs: the funnel says what anybody who counts them says."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.command_line import CommandResult, baton
from tests.support.databases import Databases, opened

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT.parent / "shared" / "data" / "olist"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the Olist files are not at {DATA}")

TRUTH = {  # origin: (MQLs, customers), counted independently
    "organic_search": (2296, 271),
    "paid_search": (1586, 195),
    "social": (1350, 75),
    "unknown": (1099, 179),
    "direct_traffic": (499, 56),
    "email": (493, 15),
    "referral": (284, 24),
    "other": (150, 4),
    "display": (118, 6),
    "other_publicities": (65, 3),
    "": (60, 14),
}


def _baton(here: Path, url: str, *words: str) -> CommandResult:
    done = baton(here, *words, DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.both_databases
def test_the_funnel_reproduces_the_known_table(databases: Databases, kind: str, tmp_path: Path) -> None:
    url = databases.fresh(kind)
    maps = ROOT / "docs" / "examples"
    mqls = _baton(
        tmp_path, url, "import", str(DATA / "marketing_qualified_leads.csv"), "--map", f"{maps}/olist_mqls.toml"
    )
    assert "8,000 rows read: 8,000 new leads, 0 known already, 0 refused." in mqls.stdout
    deals = _baton(tmp_path, url, "import", str(DATA / "closed_deals.csv"), "--map", f"{maps}/olist_deals.toml")
    assert "842 rows read: 0 new leads, 842 known already, 0 refused." in deals.stdout
    odd = [line for line in deals.stderr.splitlines() if "before it became MQL" in line]
    assert len(odd) == 1

    told: dict[str, Any] = json.loads(_baton(tmp_path, url, "funnel", "--by", "source", "--json").stdout)
    groups = {group["source"]: (group["mql"], group["customer"]) for group in told["cycles"]["groups"]}
    assert groups == TRUTH
    assert (told["cycles"]["all"]["mql"], told["cycles"]["all"]["customer"]) == (8000, 842)
    share = {group["source"]: group["conversion"]["mql_to_customer"]["share"] for group in told["cycles"]["groups"]}
    assert round(100 * share["organic_search"], 2) == 11.80
    assert round(100 * share[""], 2) == 23.33

    with opened(url) as store, store.read() as tx:
        assert tx.connection.scalar(text("SELECT count(*) FROM outbox")) == 0
        assert tx.connection.scalar(text("SELECT count(*) FROM cycle WHERE announced")) == 0
