"""Files on the page, by its routes; tests/browser has a hand on the paperclip."""

import httpx

from bot.playground.attachments import TOO_LARGE
from bot.playground.attempts import SILENT_BOT
from bot.playground.files import LARGEST_FILE
from bot.playground.people import People
from tests.playground.conftest import Ears

ROWS = b"email,name\ndana@acme.example,Dana\n"


def test_a_file_is_dropped_on_the_page_and_saved_from_it(people: People, ears: Ears, http: httpx.Client) -> None:
    told = {"name": "Größe <1>.csv", "text": "from <the> fair"}
    assert http.post("/as/UANA/DUANA/files", params=told, content=ROWS).json()["trouble"] == ""
    assert ears.events[0]["text"] == "from &lt;the&gt; fair"
    html = http.get("/as/UANA/DUANA/part/messages").text
    assert "Größe &lt;1&gt;.csv" in html
    assert f"CSV · {len(ROWS)} Bytes" in html
    saved = http.get(f"/as/UANA/DUANA/files/{ears.events[0]['files'][0]['id']}")
    assert saved.content == ROWS
    assert saved.headers["content-type"] == "text/csv; charset=utf-8"
    assert saved.headers["content-disposition"] == "attachment; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%3C1%3E.csv"
    assert saved.headers["x-content-type-options"] == "nosniff"


def test_whatever_a_file_says_it_is_the_page_hands_it_out_as_text(people: People, http: httpx.Client) -> None:
    message = people.drop_file("UANA", "DUANA", "page.html", b"<script>alert(1)</script>")
    saved = http.get(f"/as/UANA/DUANA/files/{message.files[0].id}")
    assert saved.headers["content-type"] == "text/plain; charset=utf-8"


def test_nobody_saves_a_file_of_a_conversation_they_are_not_in(people: People, http: httpx.Client) -> None:
    file_id = people.drop_file("UANA", "DUANA", "leads.csv", ROWS).files[0].id
    for path in (f"/as/UBEN/DUANA/files/{file_id}", f"/as/UBEN/DUBEN/files/{file_id}", "/as/UANA/DUANA/files/F9"):
        assert http.get(path).status_code == 404
    assert http.post("/as/UBEN/DUANA/files?name=a.csv", content=ROWS).status_code == 404


def test_the_page_takes_no_file_above_the_limit(people: People, ears: Ears, http: httpx.Client) -> None:
    path = "/as/UANA/DUANA/files?name=a.csv"
    assert http.post(path, content=bytes(LARGEST_FILE + 1)).json()["trouble"] == TOO_LARGE
    assert ears.events == []
    assert http.post(path, content=bytes(LARGEST_FILE)).json()["trouble"] == ""


def test_a_page_elsewhere_cannot_drop_a_file(people: People, ears: Ears, http: httpx.Client) -> None:
    answer = http.post("/as/UANA/DUANA/files?name=a.csv", content=ROWS, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert ears.events == []


def test_a_bot_that_does_not_hear_of_a_file_is_told_the_person(people: People, ears: Ears, http: httpx.Client) -> None:
    ears.deaf = True
    answer = http.post("/as/UANA/DUANA/files?name=a.csv", content=ROWS)
    assert answer.json()["trouble"] == SILENT_BOT


def test_a_paperclip_is_offered_where_the_bot_listens(people: People, http: httpx.Client) -> None:
    assert "data-attach" in http.get("/as/UANA/DUANA").text
    assert "data-attach" not in http.get("/as/UANA/C0001").text
