"""Who opted out stays out, whatever a list, a CRM or a merge says, until they opt in themselves."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.intake.csv_file import CsvFile
from bot.intake.import_file import import_file
from bot.intake.mapping import Mapping
from bot.usecases.consent import says_yes, stated
from bot.usecases.merge_leads import merge_leads
from funnel.form import Form
from funnel.lead import Lead
from funnel.policy import Policy
from funnel.roles import Person
from storage import migrate
from storage.store import Store
from tests.support.clock import START
from tests.support.databases import Databases, opened
from tests.support.world import World

DANA = "dana@acme.example"
DAY = timedelta(days=1)


def _import(
    store: Store, policy: Policy, folder: Path, content: str, name: str = "list.csv", **mapping: Any
) -> CsvFile:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    file = CsvFile(path, Mapping(source="list", **mapping), UTC)
    summary = import_file(file, store, policy, "test", START, folder / "rejects.csv", lambda _: None)
    assert summary.refused == 0, summary.examples
    return file


def _lead(store: Store, email: str = DANA) -> Lead:
    with store.read() as tx:
        (lead,) = tx.leads.find(email)
    return lead


@pytest.mark.parametrize(
    ("head", "cell", "day"),
    [
        ("UNSUB_TIME", "2026-03-01 10:30:00", datetime(2026, 3, 1, 10, 30, tzinfo=UTC)),
        ("UNSUB_TIME,UNSUB_REASON", "03/01/2026,N (NORMAL)", None),
        ("UNSUB_REASON", "I no longer want this", None),
        ("Marketing status", "Unsubscribed", None),
        ("Status", "unsubscribed", None),
        ("Unsubscribed from all email", "true", None),
        ("HasOptedOutOfEmail", "1", None),
        ("Email Opt Out", "Yes", None),
        ("Do Not Email", "Yes", None),
        ("Opted Out", "TRUE", None),
        ("Email Marketing Consent", "UNSUBSCRIBED", None),
        ("GDPR consent", "withdrawn", None),
        ("Unsubscribed", "2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("Unsubscribed", "opted out", None),
    ],
)
@pytest.mark.parametrize("rows", [1, 3])
def test_the_columns_of_large_tools_are_read(
    store: Store, policy: Policy, tmp_path: Path, head: str, cell: str, day: datetime | None, rows: int
) -> None:
    """Also where every row says the same, as in an export of those who unsubscribed."""
    people = "".join(f"p{n}@acme.example,{cell}\n" for n in range(rows))
    _import(store, policy, tmp_path, f"email,{head}\n{people}")
    lead = _lead(store, "p0@acme.example")
    assert lead.facts.attributes["unsubscribed"] is True
    assert (lead.consent, lead.consent_at, lead.consent_source) == ("opted_out", day or START, "list")


@pytest.mark.parametrize(
    "attributes",
    [
        {"unsub_time": ""},
        {"unsub_time": "0000-00-00 00:00:00"},
        {"unsub_reason": None},
        {"status": "subscribed"},
        {"marketing_status": "Subscribed"},
        {"marketing_contact_status": "Non-marketing contact"},
        {"lead_status": "Withdrawn"},
        {"gdpr_consent": "yes"},
        {"gdpr_consent": False},
        {"email_marketing_consent": "NEVER_SUBSCRIBED"},
        {"plan": "unsubscribed"},
        {"optin_time": "2026-01-01"},
    ],
)
def test_what_is_no_opt_out_is_none(attributes: dict[str, Any]) -> None:
    assert stated(attributes, START, START, "web") == (attributes, None)


def test_an_opt_out_in_an_object_is_read_and_one_from_the_future_is_of_now() -> None:
    nested = {"email": {"marketing": {"consent": "UNSUBSCRIBED"}}}
    attributes, consent = stated(nested, START, START, "klaviyo")
    assert attributes == nested | {"unsubscribed": True}
    assert consent == ("opted_out", START, "klaviyo")
    _, consent = stated({"unsub_time": "2030-01-01"}, START - DAY, START, "web")
    assert consent == ("opted_out", START, "web")


@pytest.mark.parametrize("name", ["unsubscribed_segment_2026-11.csv", "list.csv"])
def test_a_file_of_those_who_unsubscribed_is_remarked_on_by_its_name(
    store: Store, policy: Policy, tmp_path: Path, name: str
) -> None:
    file = _import(store, policy, tmp_path, "email,name\na@b.example,Ann\n", name)
    told = any("people have unsubscribed, but no column" in one for one in file.preview.choices())
    assert told is name.startswith("unsubscribed")


def test_a_preview_says_from_which_columns_opt_outs_are_read_and_which_a_mapping_forgets(
    store: Store, policy: Policy, tmp_path: Path
) -> None:
    content = "email,UNSUB_TIME\na@b.example,2026-01-01\n"
    file = _import(store, policy, tmp_path, content, "unsubscribed.csv")
    assert "who has opted out is read from UNSUB_TIME; no list lifts an opt-out" in file.preview.choices()
    mapped = _import(store, policy, tmp_path, content, columns={"email": "email"})
    assert any("UNSUB_TIME may say who has opted out, and is not read" in one for one in mapped.preview.choices())


@pytest.mark.both_databases
def test_nothing_but_an_own_younger_opt_in_lifts_an_opt_out_in_whatever_order(
    world: World, policy: Policy, tmp_path: Path
) -> None:
    """An old opt-in, an opt-out, a younger list and a younger CRM that say no, and a merge: in every order, still out."""
    steps = ["opt-in", "opt-out", "list", "crm", "merge"]
    orders = list(permutations(steps))[::7]
    people = [(f"p{number}@acme.example", f"p{number}@double.example") for number, _ in enumerate(orders)]
    day = "2026-01-01T00:00:00Z"
    pairs = [[world.send_lead(email=one, occurred_at=day) for one in (mine, double)] for mine, double in people]
    for number, (order, (mine, double), ids) in enumerate(zip(orders, people, pairs, strict=True)):
        for step in order:
            _do(world, policy, tmp_path, step, mine, double, ids)
        lead = _lead(world.store, mine)
        assert (lead.consent, lead.consent_at) == ("opted_out", datetime(2026, 3, 1, tzinfo=UTC)), order
        assert lead.facts.attributes["unsubscribed"] is True
        world.http.post("/v1/engagements", json={"email": double, "kind": "resubscribe", "event_id": f"r{number}"})
        lead = _lead(world.store, mine)
        assert (lead.consent, lead.facts.attributes["unsubscribed"]) == ("opted_in", False), order


def _do(world: World, policy: Policy, folder: Path, step: str, mine: str, double: str, ids: list[int]) -> None:
    if step == "merge":
        merge_leads(world.store, policy, Person(id="UADA"), *ids, world.clock())
    elif step == "list":
        _import(world.store, policy, folder, f"email,unsubscribed,created\n{mine},no,2026-06-01\n")
    elif step == "crm":
        told = {"source": "crm", "email": double, "attributes": {"HasOptedOutOfEmail": False}}
        assert world.http.post("/v1/leads", json=told | {"occurred_at": "2026-07-01T00:00:00Z"}).status_code == 200
    else:
        kind, day = ("opt_in", "2026-02-01") if step == "opt-in" else ("unsubscribe", "2026-03-01")
        deed = {"email": double, "kind": kind, "occurred_at": f"{day}T00:00:00Z", "event_id": f"{kind} {mine}"}
        answer = world.http.post("/v1/engagements", json=deed)
        assert (answer.status_code, "remark" in answer.json()) == (201, False)


def test_consent_is_shown_with_its_day_and_source(world: World) -> None:
    attributes = {"do_not_email": True}
    lead_id = world.send_lead(email=DANA, attributes=attributes, occurred_at="2026-03-01T00:00:00Z")
    shown = world.http.get(f"/v1/leads/{lead_id}").json()
    assert shown["consent"] == {"state": "opted_out", "at": "2026-03-01T00:00:00+00:00", "source": "web"}
    other = world.send_lead(email="a@b.example")
    assert world.http.get(f"/v1/leads/{other}").json()["consent"] is None


def test_a_person_opts_in_by_an_answer_of_a_form(world: World) -> None:
    form = Form(name="news", fields={"email": "mail"}, consent="agree")
    world.baton.policy._policy = world.baton.policy().model_copy(update={"form": [form]})
    lead_id = world.send_lead(email=DANA, attributes={"unsubscribed": True}, occurred_at="2026-03-01T00:00:00Z")
    for said, state in ((False, "opted_out"), ("no", "opted_out"), ("", "opted_out"), (True, "opted_in")):
        assert world.http.post("/v1/forms/news", json={"mail": DANA, "agree": said}).status_code == 200
        assert world.http.get(f"/v1/leads/{lead_id}").json()["consent"]["state"] == state, said


@pytest.mark.parametrize(
    ("said", "yes"),
    [(True, True), ("on", True), ("Yes, please", True), ("I agree", True), ("", False), ("No", False), (None, False)],
)
def test_a_ticked_box_is_a_yes(said: Any, yes: bool) -> None:
    assert says_yes(said) is yes


def test_who_had_unsubscribed_before_consent_had_a_day_has_opted_out(databases: Databases, kind: str) -> None:
    with opened(databases.empty(kind)) as store:
        migrate.upgrade(store, "0004")
        at, told = "'2026-01-01 00:00:00.000000'", "2026-02-01T00:00:00Z"
        with store.begin() as tx:
            rows = [
                (1, '{"unsubscribed": true}', f'{{"attributes.unsubscribed": "{told}"}}'),
                (2, '{"unsubscribed": true, "plan": "free"}', "{}"),
                (3, '{"unsubscribed": false}', "{}"),
                (4, "{}", "{}"),
            ]
            for lead_id, attributes, filled in rows:
                columns = "id, attributes, filled, source, stage, first_seen_at, received_at, last_activity_at"
                values = f"{lead_id}, :attributes, :filled, 'web', 'raw', {at}, {at}, {at}, 0, 0"
                statement = text(f"INSERT INTO lead ({columns}, fit, behaviour) VALUES ({values})")
                tx.connection.execute(statement, {"attributes": attributes, "filled": filled})
        migrate.upgrade(store)
        with store.read() as tx:
            leads = tx.leads.get_many(range(1, 5))
    assert [(one.consent, one.consent_at) for one in leads.values()] == [
        ("opted_out", datetime(2026, 2, 1, tzinfo=UTC)),
        ("opted_out", datetime(2026, 1, 1, tzinfo=UTC)),
        (None, None),
        (None, None),
    ]
    assert leads[1].consent_source == "web"
