"""What a Slack message tells of a lead."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.slack.message_facts import facts_in
from bot.usecases.address import normal_email

MAIL = "<mailto:dana@acme.example|dana@acme.example>"
DANA = {"email": "dana@acme.example", "name": "Dana Fields", "company": "Acme"}


def test_labels_tell_what_stands_behind_them() -> None:
    text = f"Name: Dana Fields\n*Company*: Acme\nE-Mail - {MAIL}\nTel.: <tel:+49301234567|+49 30 1234567>"
    assert facts_in(text) == DANA | {"phone": "+49301234567"}


def test_labels_of_a_form_stand_above_what_was_filled_in() -> None:
    text = (
        f":tada: *New lead!*\n*Name*\nDana Fields\n\n*Work email*\n{MAIL}\n*Company name*\nSmith &amp; Sons Ltd."
        "\n*Job title*\nVP Sales\n*Phone (optional)*\n(415) 555-2671\n*Country*\nUSA\n*Website*\n"
        "<https://www.acme.example|www.acme.example>\n*Fax*\n\n*Message*\nWe want a demo."
    )
    assert facts_in(text) == {
        "email": "dana@acme.example",
        "name": "Dana Fields",
        "company": "Smith & Sons Ltd.",
        "title": "VP Sales",
        "phone": "+14155552671",
        "website": "www.acme.example",
        "country": "United States",
    }


def test_labels_may_be_german_and_share_a_line() -> None:
    text = "&gt; Vorname: Dana\n&gt; Nachname: Felder, Firma: Acme GmbH | Land: Deutschland | Telefon: 030 1234567"
    assert facts_in(text) == {
        "name": "Dana Felder",
        "company": "Acme GmbH",
        "phone": "+49301234567",
        "country": "Germany",
    }


def test_a_label_without_a_value_takes_nothing_from_the_next() -> None:
    assert facts_in("*Name:*\n*Email:*\n*Company:* Acme\nPhone:\nCountry: n/a\nTitle: Mr") == {"company": "Acme"}


@pytest.mark.parametrize(
    "text",
    [
        f"Dana Fields &lt;{MAIL}&gt;",
        f"Please call Dana Fields ({MAIL}) about the demo",
        "<mailto:dana@acme.example|Dana Fields>",
        f"From: Dana Fields &lt;{MAIL}&gt;\nTo: <mailto:sales@northwind.example|sales@northwind.example>",
        f"<@U123> met Dana Fields (Acme) at the fair: {MAIL}",
        f"Hi, I'm Dana Fields from Acme. We would like a demo. {MAIL}",
        f"Mein Name ist Dana Fields von der Acme, meine Adresse ist {MAIL}",
        f"We need help.\n\nBest regards,\nDana Fields\n{MAIL}",
    ],
)
def test_a_sentence_tells_who_somebody_is(text: str) -> None:
    assert facts_in(text) == DANA


@pytest.mark.parametrize(
    "text",
    [
        "Dana Fields, VP Sales at Acme",
        "Dana Fields | VP Sales | Acme",
        "I met Dana Fields, VP Sales at Acme, yesterday",
        "*Contact:* Dana Fields (VP Sales, Acme)",
        "Please call me.\n--\nDana Fields\nVP Sales\nAcme",
        "Dana Fields\nVP Sales\nAcme",
    ],
)
def test_a_signature_and_a_card_tell_what_somebody_does(text: str) -> None:
    assert facts_in(text) == {"name": "Dana Fields", "title": "VP Sales", "company": "Acme"}


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("call +1 415 555 2671 ext. 12", "+14155552671;ext=12"),
        ("Fax: +49 30 7654321\nT +49 30 1234567", "+49301234567"),
        ("dana@acme.de, 089/1234567", "+49891234567"),
        ("Phone: 030 1234567", "030 1234567"),
        ("Order 4711-2024-11 of 2024-05-12, dana@acme.de", None),
        ("from 01.02.2024 to 03.04.2024, 12345678 pieces, dana@acme.de", None),
        ("Bestellnummer 030 1234567, dana@acme.de", None),
        ("dana@acme.de 03012345678", None),
        ("dana@acme.de, reference 03 01 23 45 67", None),
        ("call 030 1234567, dana@acme.io", None),
    ],
)
def test_a_phone_number_is_told_from_a_date_and_an_order(text: str, phone: str | None) -> None:
    assert facts_in(text).get("phone") == phone


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("dana.fields@acme-works.example wants pricing", ("Dana Fields", "Acme Works")),
        ("d.fields@ibm.com", (None, "IBM")),
        ("sales.team@acme.com", (None, "Acme")),
        ("dana.fields@gmail.com", ("Dana Fields", None)),
        ("dana77@gmail.com", (None, None)),
    ],
)
def test_what_nobody_says_is_guessed_from_the_address(text: str, facts: tuple[str | None, str | None]) -> None:
    found = facts_in(text)
    assert (found.get("name"), found.get("company")) == facts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Name",
        "Company - wide meeting tomorrow",
        "Trade Fair Berlin (Germany) was great",
        "Meeting with Bosch (Stuttgart) tomorrow",
        "Head of Sales at Acme wanted",
        "Tonight Dana Fields (Acme) calls",
        "This is Acme Corp from Berlin",
        "I am Looking for help",
        "Title: Feature request\nBody: please",
        "New signup: <mailto:no-reply@acme.example|no-reply@acme.example>",
        "Ask <@U1> or <!here> in <#C1|general> (Tuesday), see <https://docs.example.com/x|the docs>",
    ],
)
def test_a_message_of_nobody_tells_nothing(text: str) -> None:
    assert facts_in(text) == {}


def test_somebody_elses_signature_is_not_the_leads() -> None:
    signature = "\n--\nBen Miller\nHead of Sales\nNorthwind AG"
    assert facts_in(f"Name: Dana Fields\nEmail: {MAIL}{signature}") == DANA
    assert facts_in(f"A lead: {MAIL}{signature}") == {"email": "dana@acme.example", "company": "Acme"}


def test_values_are_plain_and_short() -> None:
    text = f"*Name:* _Dana Fields_ <@U123>\n*Company:* <https://acme.example|Acme>\n*Website:* <https://acme.example/x|us>\nRole: {'CFO ' * 90}"
    found = facts_in(text)
    assert found["name"] == "Dana Fields"
    assert found["company"] == "Acme"
    assert found["website"] == "https://acme.example/x"
    assert len(found["title"]) == 199


PARTS = """
Name:|E-Mail|--|Dana Fields|Acme GmbH|VP Sales|(|)|, | at |<mailto:|>|<@U1>|dana@acme.de|+49 30 1234567|030 12|I'm
|&lt;|*|https://acme.de|Best regards|<|Land: Spain|<tel:|<http://acme.de|First name:
"""


@given(
    st.lists(
        st.one_of(st.sampled_from(PARTS.split("|")), st.sampled_from("|\n "), st.text(max_size=8)), max_size=15
    ).map("".join)
)
@example("Dana Fields\n" * 300)
@example("*" * 5_000)
def test_no_message_breaks_it(text: str) -> None:
    found = facts_in(text)
    assert found.keys() <= {"email", "name", "company", "title", "phone", "website", "country"}
    assert all(value == value.strip() and 0 < len(value) <= 200 for value in found.values())
    assert "email" not in found or normal_email(found["email"]) == found["email"]
