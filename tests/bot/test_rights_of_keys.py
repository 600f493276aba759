"""A key writes for its own source, and does more only if it was made to."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text

from bot.usecases.manage_keys import check_key, create_key, create_signing_key, signing_keys
from storage import migrate
from storage.keys import WRITES_ONLY, Rights
from storage.store import Store
from tests.support.clock import START
from tests.support.command_line import baton
from tests.support.databases import Databases, opened
from tests.support.world import World, http_client


def _client(world: World, rights: Rights = WRITES_ONLY, source: str = "website") -> httpx.Client:
    return http_client(world.address, create_key(world.store, source, world.clock(), rights))


def test_a_key_for_one_source_reads_no_lead(world: World) -> None:
    lead_id = world.send_lead(email="dana@acme.example")
    with _client(world) as plain, _client(world, Rights(reads=True)) as reader:
        refused = plain.get(f"/v1/leads/{lead_id}")
        assert refused.status_code == 403
        assert "baton key create --read" in refused.json()["detail"]
        assert refused.headers["content-type"] == "application/problem+json"
        assert plain.get("/v1/leads/999").status_code == 403  # nor whether there is one
        assert reader.get(f"/v1/leads/{lead_id}").status_code == 200


@pytest.mark.both_databases
@pytest.mark.parametrize("foreign", [{"source": "crm"}, {"system": "crm"}])
def test_a_key_speaks_for_its_own_source_alone(world: World, foreign: dict[str, str]) -> None:
    lead = {"email": "dana@acme.example", "external_id": "7"}
    with _client(world) as plain, _client(world, Rights(any_source=True)) as any_source:
        refused = plain.post("/v1/leads", json=lead | foreign)
        assert refused.status_code == 403
        (field,) = foreign
        assert refused.json()["errors"][0]["path"] == f"/{field}"
        assert "writes for “website” alone" in refused.json()["detail"]
        assert plain.post("/v1/leads", json=lead | {field: " website "}).status_code == 201
        assert plain.post("/v1/leads", json=lead).status_code == 200
        assert any_source.post("/v1/leads", json=lead | foreign).status_code == 200


def test_a_key_names_nobody_by_another_systems_ids(world: World) -> None:
    world.send_lead(source="crm", external_id="7")
    deed: dict[str, Any] = {"external_id": "7", "source": "crm", "kind": "demo_request"}
    with _client(world) as plain, _client(world, Rights(any_source=True)) as any_source:
        assert plain.post("/v1/engagements", json=deed).status_code == 403
        answer = plain.post("/v1/engagements", json=[deed, {"lead_id": 1, "kind": "webinar"}])
        assert [one["status"] for one in answer.json()["results"]] == [403, 201]
        assert any_source.post("/v1/engagements", json=deed).status_code == 201


def test_only_a_key_for_any_source_reports_stages(world: World) -> None:
    lead_id = world.send_mql()
    world.run()
    report = {"stage": "opportunity"}
    with _client(world, Rights(reads=True)) as reader, _client(world, Rights(any_source=True)) as crm:
        refused = reader.post(f"/v1/leads/{lead_id}/stage", json=report)
        assert refused.status_code == 403
        assert "--any-source" in refused.json()["detail"]
        assert world.moves(lead_id)[-1] == "mql"
        assert crm.post(f"/v1/leads/{lead_id}/stage", json=report).json()["moved"]


def test_a_form_of_the_policy_says_itself_where_its_leads_come_from(world: World) -> None:
    """The example's form is of the source `website`, whoever's key it comes with."""
    with _client(world, source="typeform") as plain:
        assert plain.post("/v1/forms/demo", json={"email": "a@b.example"}).status_code == 201


def test_keys_of_old_may_do_what_they_could_and_the_doctor_warns(databases: Databases, kind: str) -> None:
    with opened(databases.empty(kind)) as store:
        migrate.upgrade(store, "0004")
        bearer, signing = "a" * 64, "b" * 64
        with store.begin() as tx:
            for hashed, secret in ((bearer, "NULL"), (signing, "'s3cret'")):
                row = f"'old', '{hashed}', '2026-01-01 00:00:00.000000', {secret}"
                columns = "source, hash, created_at, signing_secret"
                tx.connection.execute(text(f"INSERT INTO api_key ({columns}) VALUES ({row})"))
        migrate.upgrade(store)
        with store.read() as tx:
            holder, keys = tx.keys.find(bearer), tx.keys.all()
        assert holder is not None
        assert holder.rights == Rights(reads=True, any_source=True)
        assert [one.has_given_rights for one in keys] == [False, False]
        ((who, _),) = signing_keys(store)
        assert who.rights == Rights(reads=False, any_source=True)


def test_new_keys_have_no_more_rights_than_were_asked_for(store: Store) -> None:
    for rights in (Rights(), Rights(reads=True), Rights(any_source=True), Rights(reads=True, any_source=True)):
        assert check_key(store, create_key(store, "web", START, rights)).rights == rights
    create_signing_key(store, "form", START)
    assert [who.rights for who, _ in signing_keys(store)] == [Rights()]


def test_the_command_line_gives_rights_lists_them_and_warns_of_old_keys(here: Path) -> None:
    assert baton(here, "key", "create", "--source", "website").returncode == 0
    assert baton(here, "key", "create", "--source", "crm", "--read", "--any-source").returncode == 0
    assert baton(here, "key", "create", "--source", "form", "--signing", "--read").returncode == 2
    listed = baton(here, "key", "list").stdout
    assert "write for its source" in listed
    assert "write for any source, read" in listed
    assert "made before keys had rights" not in baton(here, "doctor").stdout
    with create_engine(f"sqlite:///{here / 'baton.db'}").begin() as connection:
        connection.execute(text("UPDATE api_key SET reads = NULL, any_source = NULL WHERE id = 1"))
    told = baton(here, "doctor").stdout
    assert "1 (website): made before keys had rights" in told
    assert "2 (crm)" not in told
