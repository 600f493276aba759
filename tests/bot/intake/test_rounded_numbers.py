"""What a spreadsheet has rounded is nobody's id and nobody's phone number, at whatever door it comes."""

from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from bot.intake.csv_file import CsvFile
from bot.intake.import_file import Summary, import_file
from bot.intake.mapping import Mapping
from bot.usecases.damaged import is_damaged
from funnel.form import Form
from funnel.lead import Lead
from funnel.policy import Policy
from storage.store import Store
from tests.support.clock import START
from tests.support.filling import values
from tests.support.world import ANA, World

ROUNDED = ["4.28018E+15", "4,28018E+15", "4.42E+11", "4E+15", "4.42e11", "-1.5E+10", "4.28018E+015"]


def _import(store: Store, policy: Policy, folder: Path, content: str) -> Summary:
    path = folder / "list.csv"
    path.write_text(content, encoding="utf-8")
    file = CsvFile(path, Mapping(source="list", system="crm"), UTC)
    return import_file(file, store, policy, "test", START, folder / "rejects.csv", lambda _: None)


def _leads(store: Store) -> list[Lead]:
    with store.read() as tx:
        return sorted(tx.leads.latest(None, None, 10), key=lambda lead: lead.id)


@pytest.mark.parametrize("text", ROUNDED)
def test_scientific_notation_is_known(text: str) -> None:
    assert is_damaged(text)


@pytest.mark.parametrize(
    "text", ["4280180000000000", "3e10", "12E", "E+15", "a4.28E+15", "+49 30 12345", "1.5", None, ""]
)
def test_ids_that_merely_look_alike_are_ids(text: str | None) -> None:
    assert not is_damaged(text)


@pytest.mark.parametrize("rounded", ROUNDED)
def test_two_people_of_a_list_with_one_rounded_id_are_two(
    store: Store, policy: Policy, tmp_path: Path, rounded: str
) -> None:
    cell = f'"{rounded}"'
    content = f"email,Prospect ID,Phone\na@b.example,{cell},{cell}\nc@d.example,{cell},{cell}\n,{cell},\n"
    summary = _import(store, policy, tmp_path, content)
    assert (summary.created, summary.refused) == (2, 1)
    (refusal,) = summary.examples
    assert (refusal.line, refusal.column) == (4, "email or Prospect ID")
    assert "that a spreadsheet has rounded" in refusal.why
    assert "export that column as text" in refusal.why
    remark = f"A spreadsheet has rounded its id {rounded} and phone number {rounded}"
    assert [(line, told.startswith(remark)) for line, told in summary.remarks] == [(2, True), (3, True)]
    leads = _leads(store)
    assert [(one.facts.email, one.facts.phone) for one in leads] == [("a@b.example", None), ("c@d.example", None)]
    assert leads[0].facts.attributes == {"damaged_id": rounded, "damaged_phone": rounded}
    with store.read() as tx:
        assert [len(tx.leads.names_of(one.id)) for one in leads] == [1, 1]
        assert tx.lookalikes.of(leads[0]) == []


def test_a_list_that_knows_people_by_rounded_ids_alone_is_refused_with_the_mend(
    store: Store, policy: Policy, tmp_path: Path
) -> None:
    summary = _import(store, policy, tmp_path, "Prospect ID,Name\n4.28018E+15,Ann\n4.28018E+15,Bob\n")
    assert (summary.created, summary.refused) == (0, 2)
    ((_, reason),) = summary.kinds
    assert "export that column as text" in reason


def test_over_http_a_rounded_id_is_remarked_on_or_refused(world: World) -> None:
    lead = {"source": "crm", "external_id": "4.28018E+15", "phone": "4.42E+11"}
    refused = world.http.post("/v1/leads", json=lead)
    assert (refused.status_code, "export that column as text" in refused.json()["detail"]) == (422, True)
    ids = []
    for email in ("a@b.example", "c@d.example"):
        answer = world.http.post("/v1/leads", json=lead | {"email": email}).json()
        assert "A spreadsheet has rounded" in answer["remark"]
        ids.append(answer["id"])
    assert ids == [1, 2]


def test_no_engagement_is_of_a_rounded_id(world: World) -> None:
    world.send_lead(email="a@b.example")
    deed: dict[str, Any] = {"source": "crm", "external_id": "4.28018E+15", "kind": "webinar"}
    refused = world.http.post("/v1/engagements", json=deed)
    assert (refused.status_code, "export that column as text" in refused.json()["detail"]) == (422, True)
    for _ in range(2):
        told = deed | {"email": "a@b.example", "event_id": "1.00234E+12"}
        assert world.http.post("/v1/engagements", json=told).status_code == 201  # rounded, it is no event's id either
    with world.store.read() as tx:
        assert len(tx.engagements.of([1])[1]) == 2


def test_a_form_with_a_rounded_id_makes_nobody_the_same(world: World) -> None:
    form = Form(name="f", fields={"email": "mail", "external_id": "id", "phone": "tel"}, submission_field="id")
    world.baton.policy._policy = world.baton.policy().model_copy(update={"form": [form]})
    rounded = {"id": "4.28018E+15", "tel": "4.42E+11"}
    assert world.http.post("/v1/forms/f", json=rounded).status_code == 422
    told = [world.http.post("/v1/forms/f", json=rounded | {"mail": f"{one}@b.example"}).json() for one in "ab"]
    assert [(one["id"], "rounded" in one["remark"]) for one in told] == [(1, True), (2, True)]


def test_the_form_in_slack_says_that_a_number_is_rounded(world: World) -> None:
    world.people.command(ANA, "#inbound", "/lead new")
    view = world.view(ANA)
    assert not world.people.submit(ANA, view["id"], values(view, email="a@b.example", phone="4.42E+11"))
    world.deliver()
    assert "A spreadsheet has rounded its phone number 4.42E+11" in world.slack.whispers(ANA)[-1].text
    assert _leads(world.store)[0].facts.phone is None
