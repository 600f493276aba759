"""Files in the fake Slack, over HTTP and through Slack's own client."""

from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.fake_slack import FakeSlack, Fault
from bot.playground.people import People
from bot.playground.workspace import BOT_USER, Message
from tests.playground.conftest import TOKEN, Ears

ROWS = b"email,name\ndana@acme.example,Dana\n"
EVERY_BYTE = bytes(range(256)) + b"\r\n--\r\n\n"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def refused(error: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(error.value.response["error"])


def uploaded(client: WebClient, http: httpx.Client, content: bytes = ROWS) -> str:
    """The id of a file that was sent to Slack and is shared nowhere yet."""
    announced = client.files_getUploadURLExternal(filename="rows.csv", length=len(content))
    assert http.post(announced["upload_url"], content=content).text == f"OK - {len(content)}"
    return str(announced["file_id"])


def messages(slack: FakeSlack, channel: str) -> list[Message]:
    return list(slack.workspace.channel(channel).messages.values())


def test_the_bot_hears_of_a_dropped_file_in_slacks_words(people: People, ears: Ears) -> None:
    people.drop_file("UANA", "DUANA", "Fair Leads.csv", ROWS, "please add these")
    (event,) = ears.events
    (file,) = event["files"]
    assert (event["type"], event["subtype"], event["channel_type"]) == ("message", "file_share", "im")
    assert (event["user"], event["channel"], event["text"]) == ("UANA", "DUANA", "please add these")
    assert (file["name"], file["title"], file["size"], file["user"]) == ("Fair Leads.csv",) * 2 + (len(ROWS), "UANA")
    assert file["url_private_download"].endswith(f"/files-pri/TNORTHWIND-{file['id']}/download/fair_leads.csv")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("leads.csv", ROWS, ("text/csv", "csv", "snippet")),
        ("leads.TSV", ROWS, ("text/tab-separated-values", "tsv", "snippet")),
        ("policy.toml", b"[roles]", ("text/plain", "text", "snippet")),
        ("leads.csv", b"x" * 1_048_577, ("text/csv", "csv", "hosted")),
        ("picture", b"\x89", ("application/octet-stream", "binary", "hosted")),
    ],
)
def test_a_short_text_is_a_snippet_to_slack_and_all_else_is_hosted(
    people: People, ears: Ears, name: str, content: bytes, told: tuple[str, str, str]
) -> None:
    people.drop_file("UANA", "DUANA", name, content)
    file = ears.events[0]["files"][0]
    assert (file["mimetype"], file["filetype"], file["mode"]) == told


def test_in_a_channel_the_bot_hears_of_a_file_only_when_it_is_mentioned(people: People, ears: Ears) -> None:
    people.drop_file("UANA", "#inbound", "leads.csv", ROWS, "look at this")
    assert ears.events == []
    people.drop_file("UANA", "#inbound", "leads.csv", ROWS, f"<@{BOT_USER}> look at this")
    assert ears.events[0]["type"] == "app_mention"
    assert ears.events[0]["files"][0]["name"] == "leads.csv"


@pytest.mark.parametrize("address", ["url_private", "url_private_download"])
def test_a_file_is_only_served_with_the_bots_token(
    people: People, ears: Ears, http: httpx.Client, address: str
) -> None:
    people.drop_file("UANA", "DUANA", "leads.csv", EVERY_BYTE)
    url = ears.events[0]["files"][0][address]
    assert http.get(url, headers=BEARER).content == EVERY_BYTE
    for headers in ({}, {"Authorization": "Bearer xoxb-other"}):
        answer = http.get(url, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "Sign in" in answer.text


def test_a_bot_that_may_not_read_files_gets_a_page_to_sign_in_and_no_error(
    slack: FakeSlack, people: People, ears: Ears, http: httpx.Client
) -> None:
    slack.api.scopes.discard("files:read")
    people.drop_file("UANA", "DUANA", "leads.csv", ROWS)
    answer = http.get(ears.events[0]["files"][0]["url_private_download"], headers=BEARER)
    assert answer.status_code == 200
    assert answer.text.startswith("<!DOCTYPE html>")


def test_a_file_that_does_not_exist_is_not_found(http: httpx.Client) -> None:
    assert http.get("/files-pri/TNORTHWIND-F999999/download/a.csv", headers=BEARER).status_code == 404


def test_slacks_client_shares_a_file_in_a_thread(slack: FakeSlack, people: People, client: WebClient) -> None:
    parent = people.say("UANA", "DUANA", "send me the rows")
    client.files_upload_v2(
        channel="DUANA",
        content=EVERY_BYTE,
        filename="rows.csv",
        title="Rows with problems",
        initial_comment="[2 rows] <@UANA>",
        thread_ts=parent.ts,
    )
    (file,) = slack.files("UANA")
    assert (file.name, file.title, file.content) == ("rows.csv", "Rows with problems", EVERY_BYTE)
    shared = messages(slack, "DUANA")[-1]
    assert (shared.user, shared.text, shared.thread_ts) == (BOT_USER, "[2 rows] <@UANA>", parent.ts)
    assert slack.files("#inbound") == []


def test_several_files_make_one_message(slack: FakeSlack, client: WebClient) -> None:
    uploads = [{"content": "a", "filename": "a.csv"}, {"content": "b", "filename": "b.csv"}]
    client.files_upload_v2(channel="C0001", file_uploads=uploads)
    (shared,) = messages(slack, "C0001")
    assert [file.name for file in shared.files] == ["a.csv", "b.csv"]
    assert shared.text == ""


def test_a_file_can_be_shared_with_several_people_at_once(slack: FakeSlack, client: WebClient) -> None:
    client.files_upload_v2(channels=["UANA", "DUBEN"], content="a", filename="a.csv")
    assert [file.name for file in slack.files("UANA") + slack.files("UBEN")] == ["a.csv", "a.csv"]


def test_without_a_comment_a_file_can_come_with_blocks(slack: FakeSlack, client: WebClient, http: httpx.Client) -> None:
    blocks = '[{"type": "divider"}]'
    client.files_completeUploadExternal(files=[{"id": uploaded(client, http)}], channel_id="C0001", blocks=blocks)
    assert messages(slack, "C0001")[0].blocks == [{"type": "divider"}]
    wrong = '[{"type": "dividend"}]'
    with pytest.raises(SlackApiError) as error:
        client.files_completeUploadExternal(files=[{"id": uploaded(client, http)}], channel_id="C0001", blocks=wrong)
    assert refused(error) == "invalid_blocks"


def test_an_upload_of_another_length_is_refused_and_cannot_be_shared(
    slack: FakeSlack, client: WebClient, http: httpx.Client
) -> None:
    announced = client.files_getUploadURLExternal(filename="rows.csv", length=len(ROWS) + 1)
    assert http.post(announced["upload_url"], content=ROWS).status_code == 400
    assert http.post("/upload/v1/nothing", content=ROWS).status_code == 404
    with pytest.raises(SlackApiError) as error:
        client.files_completeUploadExternal(files=[{"id": announced["file_id"]}], channel_id="C0001")
    assert refused(error) == "file_not_found"
    assert messages(slack, "C0001") == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"filename": "rows.csv", "length": 0}, "missing_argument"),
        ({"filename": "", "length": 1}, "invalid_arguments"),
        ({"filename": "rows.csv", "length": "many"}, "invalid_arguments"),
    ],
)
def test_an_upload_is_announced_with_a_name_and_a_length(client: WebClient, given: dict[str, Any], code: str) -> None:
    with pytest.raises(SlackApiError) as error:
        client.files_getUploadURLExternal(**given)
    assert refused(error) == code


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ({"channel_id": "#inbound"}, "invalid_arguments"),
        ({"channel_id": "UANA"}, "invalid_arguments"),
        ({"channel_id": "C9999"}, "channel_not_found"),
        ({"channels": ["C0001", "#marketing"]}, "channel_not_found"),
        ({"channels": ["C0001", "C0002"], "thread_ts": "1.0"}, "invalid_arguments"),
        ({"channel_id": "C0001", "thread_ts": "1.0"}, "thread_not_found"),
    ],
)
def test_a_file_is_shared_where_slack_allows_it_and_nowhere_else(
    slack: FakeSlack, client: WebClient, http: httpx.Client, place: dict[str, Any], code: str
) -> None:
    file_id = uploaded(client, http)
    with pytest.raises(SlackApiError) as error:
        client.files_completeUploadExternal(files=[{"id": file_id}], **place)
    assert refused(error) == code
    assert messages(slack, "C0001") == []
    client.files_completeUploadExternal(files=[{"id": file_id}], channel_id="C0001")
    assert slack.files("#inbound")[0].title == "rows.csv"


@pytest.mark.parametrize(
    ("trait", "value", "code"), [("has_bot", False, "not_in_channel"), ("archived", True, "is_archived")]
)
def test_a_bot_shares_no_file_in_a_channel_it_was_not_invited_to_or_that_is_closed(
    slack: FakeSlack, client: WebClient, http: httpx.Client, trait: str, value: bool, code: str
) -> None:
    setattr(slack.workspace.channel("#inbound"), trait, value)
    with pytest.raises(SlackApiError) as error:
        client.files_completeUploadExternal(files=[{"id": uploaded(client, http)}], channel_id="C0001")
    assert refused(error) == code


def test_an_upload_is_completed_once(client: WebClient, http: httpx.Client) -> None:
    files = [{"id": uploaded(client, http)}]
    client.files_completeUploadExternal(files=files, channel_id="C0001")
    with pytest.raises(SlackApiError) as error:
        client.files_completeUploadExternal(files=files, channel_id="C0001")
    assert refused(error) == "file_not_found"


@pytest.mark.parametrize(
    ("scope", "method", "given"),
    [
        ("files:read", "files.info", {"file": "F1"}),
        ("files:write", "files.getUploadURLExternal", {"filename": "a", "length": 1}),
        ("files:write", "files.completeUploadExternal", {"files": "[]"}),
    ],
)
def test_every_method_needs_its_scope(
    slack: FakeSlack, client: WebClient, scope: str, method: str, given: dict[str, Any]
) -> None:
    slack.api.scopes.discard(scope)
    with pytest.raises(SlackApiError) as error:
        client.api_call(method, params=given)
    assert refused(error) == "missing_scope"


def test_where_a_file_is_shared_is_told_afterwards(slack: FakeSlack, client: WebClient) -> None:
    answer = client.files_upload_v2(channel="C0001", content=ROWS, filename="rows.csv")
    assert answer["file"]["shares"] == {}
    told = client.files_info(file=answer["file"]["id"])["file"]
    assert told["shares"] == {"public": {"C0001": [{"ts": messages(slack, "C0001")[0].ts}]}}
    assert (told["channels"], told["ims"], told["is_public"]) == (["C0001"], [], True)
    with pytest.raises(SlackApiError) as error:
        client.files_info(file="F999999")
    assert refused(error) == "file_not_found"


def test_history_tells_of_files(people: People, client: WebClient) -> None:
    people.drop_file("UANA", "DUANA", "leads.csv", ROWS)
    (message,) = client.conversations_history(channel="DUANA")["messages"]
    assert message["files"][0]["name"] == "leads.csv"


def test_a_file_breaks_off_on_its_way_when_a_test_wants_it(
    slack: FakeSlack, people: People, ears: Ears, client: WebClient, http: httpx.Client
) -> None:
    people.drop_file("UANA", "DUANA", "leads.csv", ROWS)
    url = ears.events[0]["files"][0]["url_private_download"]
    slack.faults = [Fault("download", "drop_before"), Fault("upload", "drop_after")]
    with pytest.raises(httpx.RemoteProtocolError):
        http.get(url, headers=BEARER)
    assert http.get(url, headers=BEARER).content == ROWS
    announced = client.files_getUploadURLExternal(filename="rows.csv", length=len(ROWS))
    with pytest.raises(httpx.RemoteProtocolError):
        http.post(announced["upload_url"], content=ROWS)
    client.files_completeUploadExternal(files=[{"id": announced["file_id"]}], channel_id="C0001")
    assert [what for what, _ in slack.calls if what in {"download", "upload"}] == ["download", "download", "upload"]


def test_a_permalink_leads_to_a_message_or_into_its_thread(people: People, client: WebClient) -> None:
    parent = people.say("UANA", "C0001", "hi")
    reply = people.say("UANA", "C0001", "ho", thread_ts=parent.ts)
    start = "https://northwind.slack.com/archives/C0001/p"
    link = client.chat_getPermalink(channel="C0001", message_ts=parent.ts)["permalink"]
    assert link == start + parent.ts.replace(".", "")
    link = client.chat_getPermalink(channel="C0001", message_ts=reply.ts)["permalink"]
    assert link == f"{start}{reply.ts.replace('.', '')}?thread_ts={parent.ts}&cid=C0001"


def test_what_cannot_be_seen_by_all_has_no_permalink(slack: FakeSlack, client: WebClient) -> None:
    whisper = slack.workspace.add_message(slack.workspace.channel("C0001"), BOT_USER, "psst", only_for="UANA")
    for channel, ts, code in (
        ("C0001", whisper.ts, "message_not_found"),
        ("C0001", "1.0", "message_not_found"),
        ("#inbound", whisper.ts, "channel_not_found"),
    ):
        with pytest.raises(SlackApiError) as error:
            client.chat_getPermalink(channel=channel, message_ts=ts)
        assert refused(error) == code
