"""Lists say who somebody is in their own ways: nobody is lost in somebody else, and nobody is there twice."""

from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from bot.intake.csv_file import CsvFile
from bot.intake.import_file import Summary, import_file
from bot.intake.mapping import Mapping
from funnel.lead import Lead
from funnel.policy import Policy
from storage.store import Store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _import(store: Store, policy: Policy, here: Path, text: str, now: datetime = NOW, **mapping: Any) -> Summary:
    path = here / "people.csv"
    path.write_text(text, encoding="utf-8")
    file = CsvFile(path, Mapping(**({"source": "fair"} | mapping)), UTC)
    return import_file(file, store, policy, "import", now, here / "rejects.csv", lambda summary: None)


def _leads(store: Store) -> list[Lead]:
    with store.read() as tx:
        return sorted(tx.leads.latest(None, None, 99), key=lambda lead: lead.id)


@pytest.mark.parametrize("name", ["Nr", "No.", "ID", "Lfd. Nr."])
def test_two_lists_that_count_their_rows_are_of_different_people(
    store: Store, policy: Policy, tmp_path: Path, name: str
) -> None:
    _import(store, policy, tmp_path, f"{name};Name;E-Mail\n1;Gina;gina@eins.example\n2;Hugo;hugo@zwei.example\n")
    second = _import(
        store, policy, tmp_path, f"{name};Name;E-Mail\n1;Ina;ina@a.example\n2;Karl;\n3;Lea;lea@g.example\n"
    )
    assert (second.created, second.known, second.refused) == (2, 0, 1)
    assert [one.facts.name for one in _leads(store)] == ["Gina", "Hugo", "Ina", "Lea"]


def test_an_address_knows_better_than_an_id_that_was_guessed(store: Store, policy: Policy, tmp_path: Path) -> None:
    _import(store, policy, tmp_path, "ID;Name;E-Mail\n17;Gina;gina@eins.example\n4;Hugo;\n")
    for created in (1, 0):
        again = _import(
            store, policy, tmp_path, "ID;Name;E-Mail\n17;Otto;otto@eins.example\n4;Hugo;hugo@zwei.example\n"
        )
        assert (again.created, again.known) == (created, 2 - created)
        told = ["Its id 17 in fair is that of lead 1, who has another address; it was taken as somebody else."]
        assert [remark for _, remark in again.remarks] == told * created
    assert [(one.facts.name, one.facts.email) for one in _leads(store)] == [
        ("Gina", "gina@eins.example"),
        ("Hugo", "hugo@zwei.example"),
        ("Otto", "otto@eins.example"),
    ]


def test_an_id_of_a_system_that_was_named_is_the_person_whatever_the_address(
    store: Store, policy: Policy, tmp_path: Path
) -> None:
    for address in ("old", "new"):
        _import(store, policy, tmp_path, f"ID;E-Mail\n17;{address}@acme.example\n21;b@b.example\n", system="crm")
    assert [one.facts.email for one in _leads(store)] == ["old@acme.example", "b@b.example"]


def test_somebody_without_an_address_who_has_anothers_id_is_told(store: Store, policy: Policy, tmp_path: Path) -> None:
    _import(store, policy, tmp_path, "ID;Name;E-Mail\n17;Gina;gina@eins.example\n4;Hugo;\n")
    (remark,) = _import(store, policy, tmp_path, "ID;Name;E-Mail\n17;Otto;\n4;Hugo;\n").remarks
    assert remark == (
        2,
        "Its id 17 in fair is that of lead 1, who has another name; as it has no address, "
        "it was taken as the same person.",
    )


WORDS = [("yes", "2026-01-01"), ("no", "2026-03-01"), ("yes", "2026-06-01"), ("no", "2026-04-01")]


@pytest.mark.parametrize("in_one_list", [True, False])
def test_the_newest_word_counts_in_whatever_order_they_come(
    store: Store, policy: Policy, tmp_path: Path, *, in_one_list: bool
) -> None:
    orders = list(permutations(WORDS))
    told = [
        [f"p{n}@acme.example,{said},{day}" for n, (said, day) in enumerate(some)] for some in zip(*orders, strict=True)
    ]
    whole = [row for some in told for row in some]
    for rows in [whole] if in_one_list else told:
        _import(store, policy, tmp_path, "\n".join(["email,unsubscribed,created", *rows]))
    leads = _leads(store)
    assert [lead.facts.attributes for lead in leads] == [{"unsubscribed": True}] * len(orders)
    _import(store, policy, tmp_path, "\n".join(["email,unsubscribed,created", *whole]))
    assert _leads(store) == leads


def test_a_list_without_days_that_is_read_again_changes_nothing(store: Store, policy: Policy, tmp_path: Path) -> None:
    text = "email,plan\na@b.example,free\na@b.example,paid\na@b.example,free\nc@d.example,paid\n"
    _import(store, policy, tmp_path, text)
    before = _leads(store)
    _import(store, policy, tmp_path, text, now=datetime(2026, 11, 29, tzinfo=UTC))
    assert _leads(store) == before


@pytest.mark.parametrize("fields", [("country", "phone"), ("phone", "country")])
def test_a_phone_number_is_whole_once_its_country_is_known(
    store: Store, policy: Policy, tmp_path: Path, fields: tuple[str, str]
) -> None:
    said = {"country": "Germany", "phone": "030 1234567"}
    for field in fields:
        _import(store, policy, tmp_path, f"email,{field}\na@b.example,{said[field]}\n")
    assert [one.facts.phone for one in _leads(store)] == ["+49301234567"]
