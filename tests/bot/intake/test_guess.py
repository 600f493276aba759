"""Exports of other systems go in as they are: which column is which field is guessed, and the guess is shown."""

from pathlib import Path
from typing import Any

import pytest

from bot.intake.guess_words import slug, system_name
from bot.intake.mapping import BadFile
from tests.bot.intake.test_csv_dialect import read

HUBSPOT = """\
"Record ID","First Name","Last Name","Email","Phone Number","Contact owner","Lifecycle Stage","Lead Status","Create Date","Company name","Number of Employees","Annual Revenue","Original Source","Country/Region","Unsubscribed from all email","Website URL"
"51","Dana","Fields","dana@acme.example","+1 415 555 2671","Rita Rep","Lead","New","2026-11-01 09:30","Acme, Inc.","250","1200000","Organic Search","United States","false","acme.example"
"52","Kim","Na","kim@novum.example","","Rita Rep","Customer","","2026-11-02 10:00","Novum","51-200","2500000.0","","Germany","true",""
"53","","","lee@oak.example","","","Marketing Qualified Lead","Open","2026-11-03 11:00","","","","Paid Social","","",""
"""
SALESFORCE = """\
Lead ID,First Name,Last Name,Title,Company / Account,Email,Lead Source,Lead Owner,Lead Status,Annual Revenue,No. of Employees,Email Opt Out,Create Date,Country
00Q5g00000ABCDE1,Dana,Fields,VP Sales,Acme,dana@acme.example,Web,Rita Rep,Open - Not Contacted,"$1,200,000.50",250,0,11/22/2026,US
00Q5g00000ABCDE2,Kim,None,,[not provided],,Trade Show,Rita Rep,Working,,"1,001-5,000",1,1/2/2026,
00Q5g00000ABCDE3,Lee,Oak,CEO,Oak,lee@oak.example,,Rita Rep,Closed,"$2,000",10000+,0,3/4/2026,DE
"""
LOADER = """\
ID,LASTNAME,FIRSTNAME,TITLE,COMPANY,EMAIL,LEADSOURCE,NUMBEROFEMPLOYEES,HASOPTEDOUTOFEMAIL,CREATEDDATE
00Q5g00000ABCDE1AA,Fields,Dana,VP,Acme,dana@acme.example,Web,250,false,2026-11-01T09:30:00.000+0000
00Q5g00000ABCDE2AA,Novak,Kim,CEO,Novum,kim@novum.example,Web,51,true,2026-11-02T09:30:00.000+0000
"""
PIPEDRIVE = """\
Person - ID;Person - Name;Person - Email - Work;Person - Phone - Work;Person - Organization;Person - Person created;Lead - Source
7;Dana Fields;dana@acme.example;+49 30 1234567;Acme;2026-11-01 09:30:00;Web Forms
8;Kim Novak;kim@novum.example;;Novum;2026-11-02 09:30:00;Chatbot
"""
ZOHO = """\
Record Id,Lead Owner,Company,First Name,Last Name,Designation,Email,Phone,Lead Source,Lead Status,Industry,No. of Employees,Annual Revenue,Email Opt Out,Created Time,Country
zcrm_4876,Rita,Acme,Dana,Fields,VP,dana@acme.example,555-0100,Trade Show,-None-,ERP,250,1200000,false,2026-11-01 09:30:00,Germany
zcrm_4877,Rita,Novum,Kim,Novak,CEO,kim@novum.example,555-0101,-None-,Junk,-None-,51,0,true,2026-11-02 09:30:00,
"""
MAILCHIMP = '''\
Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CC,TAGS,LEID,EUID
dana@acme.example,Dana,Fields,2,2026-11-01 09:30:00,203.0.113.1,US,"""x"",""y""",101,a1b2
kim@novum.example,Kim,,4,2026-11-02 09:30:00,203.0.113.2,DE,,102,c3d4
'''
GERMAN = """\
Kunden-Nr.;Anrede;Vorname;Nachname;Firma;Funktion;E-Mail-Adresse;Telefon;Land;Branche;Anzahl Mitarbeiter;Jahresumsatz;Herkunft;Abgemeldet;Erstellt am
K-1001;Frau;Zoë;Müller;Müller & Söhne GmbH;Geschäftsführerin;zoe@mueller.example;030 1234567;Deutschland;Maschinenbau;1.250;1.234.567,50 €;Messe;nein;03.04.2026
K-1002;Herr;Jörg;Straßer;Straßer AG;Einkäufer;joerg@strasser.example;0211 7654321;Österreich;k.A.;12;12,5 Mio.;;ja;05.06.2026 09:30
"""


def test_a_hubspot_export_goes_in(tmp_path: Path) -> None:
    file, drafts, refused = read(tmp_path, HUBSPOT, source=None)
    assert refused == []
    assert file.preview.fields == {
        "email": "Email",
        "external_id": "Record ID",
        "source": "Original Source",
        "company": "Company name",
        "phone": "Phone Number",
        "country": "Country/Region",
        "employees": "Number of Employees",
        "revenue": "Annual Revenue",
        "website": "Website URL",
        "occurred_at": "Create Date",
        "name": "First Name + Last Name",
        "attributes.unsubscribed": "Unsubscribed from all email",
    }
    dana, kim, lee = drafts
    assert (dana.facts.name, dana.facts.employees, dana.source) == ("Dana Fields", 250, "Organic Search")
    assert (kim.facts.name, kim.facts.employees, kim.facts.revenue, kim.source) == ("Kim Na", 51, 2_500_000, "")
    assert [one.facts.attributes.get("unsubscribed") for one in drafts] == [False, True, None]
    assert {one.system for one in drafts} == {"leads"}
    assert lee.facts.name is None


def test_another_systems_lifecycle_stage_is_no_stage_of_ours(tmp_path: Path) -> None:
    _, drafts, _ = read(tmp_path, HUBSPOT)
    assert {draft.stage for draft in drafts} == {None}
    assert drafts[1].facts.attributes["lifecycle_stage"] == "Customer"
    ours = HUBSPOT.replace('"Marketing Qualified Lead"', '"MQL"').replace('"Lead",', '"Opportunity",')
    assert [draft.stage for draft in read(tmp_path, ours)[1]] == ["opportunity", "customer", "mql"]


def test_one_unknown_stage_in_the_last_row_is_seen_before_the_first_is_taken(tmp_path: Path) -> None:
    rows = "".join(f"p{n}@a.example,customer\n" for n in range(2_000))
    file, _, _ = read(tmp_path, f"email,Lifecycle Stage\n{rows}last@a.example,Subscriber\n")
    assert "stage" not in file.mapping.columns


def test_one_day_over_12_far_down_settles_the_order_of_all(tmp_path: Path) -> None:
    rows = "".join(f"p{n}@a.example,01/02/2026\n" for n in range(2_000))
    file, drafts, _ = read(tmp_path, f"email,Date\n{rows}last@a.example,13/02/2026\n")
    assert file.preview.day_order is not None
    assert (file.preview.day_order.day_first, drafts[0].occurred_at.month) == (True, 2)


def test_our_own_stage_column_is_one_even_with_a_mistake_in_it(tmp_path: Path) -> None:
    file, drafts, refused = read(tmp_path, "email,stage\na@a.example,mql\nb@b.example,mqll\n")
    assert (len(drafts), refused[0].column) == (1, "stage")
    assert (
        "no column says on which day a stage was reached: it counts as of now, and new MQLs are announced"
        in file.preview.choices()
    )
    deals = "email,Stage\na@a.example,Proposal\nb@b.example,Negotiation\nc@c.example,Closed Won\n"
    assert "stage" not in read(tmp_path, deals)[0].mapping.columns


def test_a_salesforce_report_goes_in(tmp_path: Path) -> None:
    file, drafts, refused = read(tmp_path, SALESFORCE, source=None)
    assert refused == []
    dana, kim, lee = drafts
    assert (dana.facts.revenue, dana.facts.employees, dana.external_id) == (1_200_000, 250, "00Q5g00000ABCDE1")
    assert (kim.facts.name, kim.facts.email, kim.facts.employees) == ("Kim None", None, 1001)
    assert (lee.facts.employees, lee.source) == (10_000, "")
    assert [one.occurred_at.date().isoformat() for one in drafts] == ["2026-11-22", "2026-01-02", "2026-03-04"]
    assert file.preview.day_order is not None
    assert not file.preview.day_order.day_first


def test_the_data_loader_shouts_and_is_understood(tmp_path: Path) -> None:
    _, drafts, refused = read(tmp_path, LOADER, source=None)
    assert refused == []
    assert [one.facts.name for one in drafts] == ["Dana Fields", "Kim Novak"]
    assert [one.facts.attributes["unsubscribed"] for one in drafts] == [False, True]


@pytest.mark.parametrize("text", [PIPEDRIVE, ZOHO], ids=["Pipedrive", "Zoho"])
def test_pipedrive_and_zoho_exports_go_in(tmp_path: Path, text: str) -> None:
    file, drafts, refused = read(tmp_path, text, source=None)
    assert refused == []
    assert [one.facts.name for one in drafts] == ["Dana Fields", "Kim Novak"]
    assert [one.facts.company for one in drafts] == ["Acme", "Novum"]
    assert {"email", "external_id", "source", "phone", "occurred_at"} <= set(file.preview.fields)


def test_a_mailchimp_audience_needs_only_to_be_told_where_it_comes_from(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="Say where these leads come from: add --source NAME"):
        read(tmp_path, MAILCHIMP, source=None)
    _, drafts, refused = read(tmp_path, MAILCHIMP)
    assert ([one.facts.name for one in drafts], refused) == (["Dana Fields", "Kim"], [])
    assert (drafts[0].external_id, drafts[0].system) == ("101", "fair")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_german_export_goes_in(tmp_path: Path, encoding: str) -> None:
    file, drafts, refused = read(tmp_path, GERMAN.encode(encoding), source=None)
    assert refused == []
    zoe, joerg = drafts
    assert (zoe.facts.name, zoe.facts.title, zoe.external_id) == ("Zoë Müller", "Geschäftsführerin", "K-1001")
    assert (zoe.facts.employees, zoe.facts.revenue, joerg.facts.revenue) == (1250, 1_234_567, 12_500_000)
    assert zoe.occurred_at.date().isoformat() == "2026-04-03"
    assert (joerg.facts.attributes, joerg.facts.industry) == ({"anrede": "Herr", "unsubscribed": True}, None)
    told = file.preview.choices()
    assert "numbers in Jahresumsatz are written like 1.234,50; decimal in a mapping changes it" in told
    assert any(line.startswith("numbers in Anzahl Mitarbeiter leave open") for line in told)
    assert any(line.startswith("dates in Erstellt am have the day first, like 22/11/2026 (guessed") for line in told)


def test_an_address_is_known_by_what_it_looks_like_unless_it_is_somebody_elses(tmp_path: Path) -> None:
    text = "Wer,Wie,Owner email\nAnn,a@a.example,rita@us.example\nBob,b@b.example,ron@us.example\n"
    file, drafts, _ = read(tmp_path, text)
    assert file.mapping.columns["email"] == "Wie"
    assert drafts[0].facts.attributes["owner_email"] == "rita@us.example"


def test_a_column_of_unique_ids_is_the_id_whatever_it_is_called(tmp_path: Path) -> None:
    ids = ["7927b2df-8bba-4d29-b9a2-b6e0beafc620", "2a272436-5132-4136-86fa-dcc88c88f482"]
    file, _, _ = read(tmp_path, f"Schlüssel,Ort\n{ids[0]},Ulm\n{ids[1]},Bonn\n")
    assert file.mapping.columns["external_id"] == "Schlüssel"
    file, _, _ = read(tmp_path, "Enquiry no,Account ID\nE-1,A-1\nE-2,A-2\n")
    assert file.mapping.columns["external_id"] == "Enquiry no"


def test_of_two_columns_for_a_field_the_surer_wins_and_the_other_is_kept(tmp_path: Path) -> None:
    text = "Lead Number,Prospect ID,Lead Origin,Lead Source\n1,p-1,API,Google\n2,p-2,Form,Chat\n"
    file, drafts, _ = read(tmp_path, text)
    assert file.preview.fields == {"external_id": "Prospect ID", "source": "Lead Source"}
    assert drafts[0].facts.attributes == {"lead_number": "1", "lead_origin": "API"}


def test_what_contradicts_its_name_is_an_attribute(tmp_path: Path) -> None:
    sizes = ["small", "medium", "large"]
    rows = "".join(f"p{n}@a.example,{sizes[n % 3]},Monday {n}\n" for n in range(20))
    file, drafts, refused = read(tmp_path, f"email,Company size,Day\n{rows}")
    assert (set(file.preview.fields), refused) == ({"email"}, [])
    assert drafts[0].facts.attributes == {"company_size": "small", "day": "Monday 0"}


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("Vorname;Name", ["Ann Abel", "Bob Busch"]),
        ("Name;Full name", ["Ann", "Bob"]),
        ("First name;Nickname", ["Ann", "Bob"]),
        ("Nick;Last name", ["Abel", "Busch"]),
    ],
)
def test_names_come_whole_or_in_parts(tmp_path: Path, header: str, names: list[str]) -> None:
    _, drafts, _ = read(tmp_path, f"email;{header}\na@a.example;Ann;Abel\nb@b.example;Bob;Busch\n")
    assert [draft.facts.name for draft in drafts] == names


def test_a_name_that_begins_with_the_first_name_is_the_whole_one(tmp_path: Path) -> None:
    _, drafts, _ = read(tmp_path, "email,First name,Name\na@a.example,Ann,Ann Abel\nb@b.example,Bob,Bob Busch\n")
    assert [draft.facts.name for draft in drafts] == ["Ann Abel", "Bob Busch"]


def test_columns_that_say_nothing_are_left_out_and_told(tmp_path: Path) -> None:
    text = "email,Magazine,Blank,City\na@a.example,No,,Ulm\nb@b.example,No,Select,N/A\nc@c.example,No,-,null\n"
    file, drafts, _ = read(tmp_path, text)
    assert file.preview.left_out == ["Magazine", "Blank"]
    assert [draft.facts.attributes for draft in drafts] == [{"city": "Ulm"}, {}, {}]


def test_everybody_having_unsubscribed_is_no_reason_to_forget_it(tmp_path: Path) -> None:
    _, drafts, _ = read(tmp_path, "email,Email Opt Out\na@a.example,Yes\nb@b.example,Yes\n")
    assert [draft.facts.attributes for draft in drafts] == [{"unsubscribed": True}] * 2


def test_one_row_alone_tells_of_no_column_that_it_never_changes(tmp_path: Path) -> None:
    _, drafts, _ = read(tmp_path, "email,City,Blank\na@a.example,Ulm,\n")
    assert drafts[0].facts.attributes == {"city": "Ulm"}


def test_a_mapping_is_used_as_it_is(tmp_path: Path) -> None:
    columns = {"email": "E-Mail", "attributes.size": "Size", "employees": "Staff"}
    text = "E-Mail,Size,Staff,City\na@a.example,TBD,\"1,5\",Ulm\nb@b.example,N/A,2,Ulm\n"  # fmt: skip
    file, drafts, _ = read(tmp_path, text, columns=columns, empty=["tbd"], decimal=",")
    assert (file.preview.unused, file.preview.left_out) == (["City"], [])
    assert [draft.facts.attributes for draft in drafts] == [{}, {"size": "N/A"}]
    assert drafts[0].facts.employees == 1


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ({"decimal": ";"}, "decimal"),
        ({"delimiter": '"'}, "cannot part cells"),
        ({"date_format": "%y%y"}, "is no form of a date"),
        ({"date_format": "%Q"}, "is no form of a date"),
    ],
)
def test_a_mapping_that_could_break_a_reader_is_refused(tmp_path: Path, mapping: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read(tmp_path, "email\na@a.example\n", **mapping)


@pytest.mark.parametrize(
    ("file", "system"),
    [
        ("Leads (2).csv", "leads"),
        ("hubspot-export-2026-11-01.csv", "hubspot"),
        ("Kontakte - Kopie.csv", "kontakte"),
        ("leads.rejects.csv", "leads"),
        ("Größe_20261101T0930.csv", "grosse"),
        ("crm v2 final.csv", "crm"),
        ("export.csv", "export"),
        ("2026-11-01.csv", "2026"),
        ("---.csv", "file"),
        ("leads", "leads"),
    ],
)
def test_the_system_of_a_file_is_what_its_name_says_without_dates_and_copies(file: str, system: str) -> None:
    assert system_name(file) == system


def test_a_header_cannot_write_all_over_a_terminal(tmp_path: Path) -> None:
    file, _, _ = read(tmp_path, 'email,"Two\nlines","\x1b[2J"\na@a.example,1,2\nb@b.example,3,2\n')
    assert all(line.isprintable() for line in file.preview.lines())
    with pytest.raises(BadFile, match="has 3,001 columns; up to 2,000 can be read"):
        read(tmp_path, "email" + ",x" * 3_000 + "\n")


def test_an_attribute_is_called_after_its_column() -> None:
    assert slug("How did you hear about X Education?") == "how_did_you_hear_about_x_education"
    assert slug("Größe (m²)") == "grosse_m2"
    assert slug("Имя") == "имя"
    assert slug("お名前がある") == "お名前がある"
    assert slug(" # ") == ""


def test_ids_are_of_the_source_or_the_system_if_one_is_told(tmp_path: Path) -> None:
    text = "Lead ID,Lead Source\n1,Web\n2,\n"
    file, drafts, _ = read(tmp_path, text, source=None)
    assert {draft.system for draft in drafts} == {"leads"}
    assert "ids in Lead ID are those of the system “leads”: --system NAME to change" in file.preview.choices()
    assert {draft.system for draft in read(tmp_path, text, source=None, system="crm")[1]} == {"crm"}
    assert [draft.system for draft in read(tmp_path, "Lead ID\n1\n2\n", source="fair")[1]] == ["fair", "fair"]
