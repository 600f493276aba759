"""A list dropped on the bot in a direct message: previewed, decided on, imported, answered for."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.intake import import_file
from bot.jobs import uploads as jobs
from bot.jobs.uploads import Uploads
from bot.playground.fake_slack import Fault
from bot.playground.web_api import as_json
from bot.playground.workspace import Message
from bot.slack.gateway import Gateway
from bot.usecases import work_on_upload
from bot.usecases.work_on_upload import MOST_TURNS, TAKEN_FOR, take_upload
from funnel.policy import Policy
from funnel.upload import LARGEST_FILE, Tally, Upload, UploadState
from tests.bot.intake.messy_export import NEVER, write_export
from tests.support.databases import Databases
from tests.support.filling import values
from tests.support.world import ADA, ANA, BEN, GUEST, MAYA, World, open_world

DM = f"D{MAYA}"
FAIR = (
    "E-Mail,Full name,Company,Source\n"
    "dana@acme.example,Dana Fields,Acme,Fair\n"
    "kim@novum.example,Kim Oh,Novum,Web\n"
    "nobody,Nobody,Oak,Fair\n"
)
UNSOURCED = "email,name\ndana@acme.example,Dana\nkim@novum.example,Kim\n"


def _drop(world: World, content: str | bytes, name: str = "fair.csv", user: str = MAYA) -> Message:
    """Drop a file, and have it answered."""
    message = _dropped(world, content, name, user)
    world.run()
    return message


def _dropped(world: World, content: str | bytes, name: str = "fair.csv", user: str = MAYA) -> Message:
    data = content.encode() if isinstance(content, str) else content
    return world.people.drop_file(user, f"D{user}", name, data)


def _tell(world: World, message: Message, **told: str) -> None:
    """Deliver the event of a message with files, perhaps again."""
    kind = {"type": "message", "subtype": "file_share", "channel_type": "im", "channel": message.channel}
    world.people.send_event(as_json(message) | kind | told)


def _card(world: World, message: Message) -> Message:
    """The bot's first answer in the thread of a dropped file."""
    return world.replies(message)[0]


def _shown(message: Message) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def _buttons(message: Message) -> list[str]:
    actions = [block for block in message.blocks if block["type"] == "actions"]
    return [element["text"]["text"] for block in actions for element in block["elements"]]


def _lead_count(world: World) -> int:
    with world.store.read() as tx:
        return int(tx.connection.execute(text("SELECT COUNT(*) FROM lead")).scalar_one())


def _upload(world: World, upload_id: int = 1) -> Upload:
    with world.store.read() as tx:
        found: Upload = tx.uploads.get(upload_id)
    return found


def _change(world: World, **columns: Any) -> None:
    """Change the first upload behind the bot's back."""
    told = ", ".join(f"{name} = :{name}" for name in columns)
    with world.store.begin() as tx:
        tx.connection.execute(text(f"UPDATE upload SET {told} WHERE id = 1"), columns)


def _downloads(world: World) -> int:
    return sum(method == "download" for method, _ in world.slack.calls)


# The conversation


def test_a_dropped_list_is_read_at_once_and_shown_before_anything_is_stored(world: World) -> None:
    dropped = _dropped(world, FAIR)
    world.deliver()
    card = _card(world, dropped)
    assert card.text == "⏳ Reading fair.csv …"
    world.run()
    assert world.replies(dropped) == [card]
    shown = _shown(card)
    assert card.text == "📄 fair.csv · 3 rows"
    assert "*2 rows can be imported*, 1 would be refused." in shown
    assert "`email` ← E-Mail\\n`name` ← Full name\\n`company` ← Company\\n`source` ← Source" in shown
    assert "• *Dana Fields* at *Acme* · dana@acme.example" in shown
    assert "• 1 row: “E-Mail” is no e-mail address" in shown
    assert "Read as UTF-8 with commas between the columns." in shown
    assert _buttons(card) == ["Import 2 leads", "Cancel"]
    assert _lead_count(world) == 0


@pytest.mark.both_databases
def test_a_list_with_a_source_column_is_imported_at_one_press_and_the_result_is_told(world: World) -> None:
    dropped = _drop(world, FAIR)
    card = _card(world, dropped)
    world.people.click(MAYA, card, "import")
    world.deliver()
    assert card.text.startswith("⏳ fair.csv is next")
    assert _buttons(card) == []
    world.run()
    assert card.text == "✅ fair.csv is imported: 2 new leads, 1 refused."
    _, result, rejects = world.replies(dropped)
    assert result.text == f"<@{MAYA}> I am through with *fair.csv*: *2 new leads*, 1 refused."
    assert "1 row" in rejects.text
    assert "views.open" not in {method for method, _ in world.slack.calls}
    with world.store.read() as tx:
        leads = {lead.facts.email: lead.source for lead in tx.leads.get_many([1, 2]).values()}
    assert leads == {"dana@acme.example": "Fair", "kim@novum.example": "Web"}


def test_a_list_without_a_source_is_asked_for_one_and_the_modal_is_the_first_thing_that_happens(world: World) -> None:
    dropped = _drop(world, UNSOURCED, "Fair Berlin 2026.csv")
    card = _card(world, dropped)
    assert "`source` ← _I will ask you_" in _shown(card)
    world.slack.calls.clear()
    world.people.click(MAYA, card, "import_from")
    assert [method for method, _ in world.slack.calls] == ["views.open"]
    view = world.view(MAYA, "source")
    assert values(view)["source"]["value"]["value"] == "fair_berlin_2026"
    assert world.people.submit(MAYA, view["id"], values(view, source="   ")) == {
        "source": "Say in a word or two where these people are from."
    }
    assert world.people.submit(MAYA, view["id"], values(view, source="Fair Berlin 2026")) == {}
    world.run()
    assert "2 new leads" in card.text
    assert 'Source: Fair Berlin 2026"' in _shown(card)
    with world.store.read() as tx:
        assert tx.leads.find("kim@novum.example")[0].source == "Fair Berlin 2026"


def test_imported_leads_are_scored_by_the_ordinary_tick(sqlite_world: World) -> None:
    world = sqlite_world
    card = _card(world, _drop(world, FAIR))
    world.people.click(MAYA, card, "import")
    world.run()
    world.run()
    with world.store.read() as tx:
        assert all(lead.scored_at for lead in tx.leads.get_many([1, 2]).values())


def test_what_a_list_tells_of_the_past_is_told_in_the_name_of_who_imported_it(sqlite_world: World) -> None:
    world = sqlite_world
    card = _card(world, _drop(world, "email,stage,date,source\nd@acme.example,customer,2026-10-01,crm\n"))
    world.people.click(MAYA, card, "import")
    world.run()
    with world.store.read() as tx:
        assert {move.actor for move in tx.history.of_lead(1)} == {MAYA}


def test_the_messy_export_of_another_system_is_understood_and_goes_in(sqlite_world: World, tmp_path: Path) -> None:
    world = sqlite_world
    export = write_export(tmp_path / "Leads (2).csv", 700)
    dropped = _drop(world, export.path.read_bytes(), "Leads (2).csv")
    card = _card(world, dropped)
    shown = _shown(card)
    assert "*701 rows can be imported*, 5 would be refused." in shown
    assert "`id` ← Prospect ID\\n`country` ← Country\\n`source` ← Lead Source" in shown
    assert f"*Left out, the same or nothing in every row:* {', '.join(NEVER)}." in shown
    assert "*Kept as attributes:* Lead Number, Lead Origin, Do Not Call, Converted" in shown
    assert "“Prospect ID” is remembered as the id in “leads”, after the name of the file." in shown
    assert "• 2 rows: other reasons" in shown
    world.people.click(MAYA, card, "import")
    world.run()
    assert card.text == "✅ Leads (2).csv is imported: 700 new leads, 1 known already, 5 refused."
    (rejects,) = world.slack.files(DM)
    assert rejects.name == "Leads (2).rejects.csv"
    rows = list(csv.DictReader(io.StringIO(rejects.content.decode())))
    assert [(int(row["refused_line"]), row["refused_column"]) for row in rows] == [
        (line, column) for line, column, _ in export.refused
    ]
    again = _card(world, _drop(world, export.path.read_bytes(), "Leads (2).csv"))
    world.people.click(MAYA, again, "import")
    world.run()
    assert again.text == "✅ Leads (2).csv is imported: 0 new leads, 701 known already, 5 refused."


def test_mended_rejects_are_dropped_again_and_go_in_under_the_same_suggested_source(sqlite_world: World) -> None:
    world = sqlite_world
    card = _card(world, _drop(world, FAIR))
    world.people.click(MAYA, card, "import")
    world.run()
    (rejects,) = world.slack.files(DM)
    mended = rejects.content.replace(b",nobody,", b",nina@oak.example,")
    card = _card(world, _drop(world, mended, rejects.name))
    assert "All of them can be imported." in _shown(card)
    world.people.click(MAYA, card, "import")
    world.run()
    assert card.text == "✅ fair.rejects.csv is imported: 1 new lead."


@pytest.mark.both_databases
def test_cancelling_leaves_all_as_it_was(world: World) -> None:
    card = _card(world, _drop(world, FAIR))
    world.people.click(MAYA, card, "cancel_import")
    world.run()
    assert card.text.startswith("✖️ fair.csv was cancelled, nothing of it is stored.")
    assert _buttons(card) == []
    world.people.click(MAYA, card, "import")  # on a screen that is behind
    world.run()
    assert world.slack.whispers(MAYA)[-1].text == "This file was cancelled; drop it again to import it."
    assert _lead_count(world) == 0
    assert _upload(world).outlook is None


def test_several_files_of_one_message_are_each_answered(sqlite_world: World) -> None:
    world = sqlite_world
    files = [world.slack.workspace.new_file(f"{name}.csv", MAYA, FAIR.encode()) for name in ("one", "two")]
    message = world.slack.workspace.add_message(world.slack.workspace.channel(DM), MAYA, "", files=files)
    _tell(world, message)
    world.run()
    assert [reply.text for reply in world.replies(message)] == ["📄 one.csv · 3 rows", "📄 two.csv · 3 rows"]


def test_a_question_beside_a_file_is_no_question_and_a_question_alone_still_is(sqlite_world: World) -> None:
    world = sqlite_world
    world.people.drop_file(MAYA, DM, "fair.csv", FAIR.encode(), "how many leads last week?")
    world.run()
    assert world.slack.bot_messages(DM) == []
    world.people.say(MAYA, DM, "last week")
    world.deliver()
    assert len(world.slack.bot_messages(DM)) == 1


def test_a_file_that_a_program_shares_is_no_list_that_somebody_dropped(sqlite_world: World) -> None:
    world = sqlite_world
    dropped = _drop(world, FAIR)
    world.people.click(MAYA, _card(world, dropped), "import")
    world.run()
    *_, handed_back = world.replies(dropped)
    _tell(world, handed_back)
    _tell(world, handed_back, user=MAYA, bot_id="BOTHER")
    world.run()
    assert world.replies(dropped)[-1] is handed_back


# Who may, and what can be dropped


def test_a_list_dropped_in_a_thread_is_answered_in_that_thread(sqlite_world: World) -> None:
    world = sqlite_world
    first = world.people.say(MAYA, DM, "hello")
    world.people.drop_file(MAYA, DM, "fair.csv", FAIR.encode(), thread_ts=first.ts)
    world.run()
    assert any("fair.csv" in reply.text for reply in world.replies(first))


@pytest.mark.parametrize(("user", "told"), [(ANA, "Your role cannot import files"), (GUEST, "Guests and people")])
def test_who_may_not_import_is_told_so_and_the_file_is_not_even_fetched(world: World, user: str, told: str) -> None:
    dropped = _drop(world, FAIR, user=user)
    assert told in _card(world, dropped).text
    assert _downloads(world) == 0


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("photo.png", "I cannot read photo.png. Drop a list of leads on me as a .csv, .tsv or .txt file."),
        ("leads.json", "I cannot read leads.json."),
        ("leads.xlsx", "leads.xlsx is a workbook: save it as CSV"),
        ("<!channel>.pdf", "I cannot read &lt;!channel&gt;.pdf."),
    ],
)
def test_what_is_no_list_is_answered_with_what_can_be_dropped(sqlite_world: World, name: str, told: str) -> None:
    dropped = _drop(sqlite_world, b"\x89PNG", name)
    card = _card(sqlite_world, dropped)
    assert told in card.text
    assert _buttons(card) == []
    assert _downloads(sqlite_world) == 0


@pytest.mark.parametrize("name", ["fair.csv", "FAIR.CSV", "fair.tsv", "fair.txt"])
def test_lists_are_known_by_the_endings_of_their_names(sqlite_world: World, name: str) -> None:
    assert "can be imported" in _shown(_card(sqlite_world, _drop(sqlite_world, FAIR, name)))


def _event(world: World, **told: Any) -> Message:
    """Deliver the event of a file of which Slack tells something else."""
    place = world.slack.workspace.channel(DM)
    file = world.slack.workspace.new_file("fair.csv", MAYA, FAIR.encode())
    message = world.slack.workspace.add_message(place, MAYA, "", files=[file])
    known = {"id": file.id, "name": "fair.csv", "filetype": "csv", "size": 1, "url_private_download": file.url()}
    event = {"type": "message", "subtype": "file_share", "channel_type": "im", "channel": DM, "user": MAYA}
    world.people.send_event(event | {"ts": message.ts, "files": [known | told]})
    world.run()
    return message


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"size": LARGEST_FILE + 1}, "fair.csv has 21 MB and I take up to 20; drop it in parts."),
        ({"is_external": True}, "Slack does not hand fair.csv out to me"),
        ({"url_private_download": "https://evil.example/fair.csv"}, "fair.csv is kept outside Slack, where I do not"),
        ({"url_private_download": "https://files.slack.com@evil.example/x"}, "fair.csv is kept outside Slack"),
    ],
)
def test_a_file_that_is_too_large_or_elsewhere_is_told_so(
    sqlite_world: World, told: dict[str, Any], sentence: str
) -> None:
    assert sentence in _card(sqlite_world, _event(sqlite_world, **told)).text


def test_a_file_without_a_name_is_known_by_its_type(sqlite_world: World) -> None:
    message = _event(sqlite_world, name=None, title="Untitled", filetype="text")
    assert _card(sqlite_world, message).text == "📄 Untitled · 3 rows"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "fair.csv is empty. Mend the file and drop it again."),
        (b"PK\x03\x04....", "fair.csv is an Excel workbook or a ZIP file, not CSV"),
        (b"name,company\nDana,Acme\n", "No column is mapped to email or external_id"),
        (b"dana@acme.example,Dana\n", "The first line of fair.csv is a lead"),
        (b"email,name\n", "No row of fair.csv can be imported."),
        (b"email,name\nnobody,Dana\n", "No row of fair.csv can be imported."),
    ],
    ids=["empty", "workbook", "nobody", "no header", "no rows", "no good row"],
)
def test_a_file_that_cannot_be_used_gets_a_sentence_and_no_button(
    sqlite_world: World, content: bytes, told: str
) -> None:
    card = _card(sqlite_world, _drop(sqlite_world, content))
    assert told in card.text
    assert "baton import" not in card.text
    assert _buttons(card) == []
    assert _upload(sqlite_world).state is UploadState.FAILED


def test_foreign_text_in_a_preview_pings_nobody_and_is_no_markup(world: World) -> None:
    rows = 'email,company,<@UANA>,"two\nlines"\na@a.example,<!channel>,x,1\nb@b.example,<!here>,y,2\n<!channel>,A,z,3\n'
    card = _card(world, _drop(world, rows, "<!everyone>.csv"))
    shown = _shown(card) + card.text
    for ping in ("<!channel>", "<!here>", "<!everyone>", "<@UANA>"):
        assert ping not in shown
    assert "*a@a.example* at *&lt;!channel&gt;*" in shown
    assert "&lt;@UANA&gt;, two lines" in shown
    world.people.click(MAYA, card, "import_from")
    view = world.view(MAYA)
    world.people.submit(MAYA, view["id"], values(view, source="<!channel>"))
    world.slack.api.scopes.discard("files:write")
    world.run()
    assert len(world.replies(card) + world.slack.bot_messages(DM)) == 0
    told = " ".join(_shown(one) + one.text for one in world.slack.workspace.channel(DM).messages.values() if one.blocks)
    assert "<!" not in told
    assert "&lt;!channel&gt;" in told


def test_foreign_names_of_columns_ping_nobody_when_the_refused_rows_are_told_in_words(sqlite_world: World) -> None:
    world = sqlite_world
    world.slack.api.scopes.discard("files:write")
    rows = "".join(f"p{n}@a.example,Web\n" for n in range(9))
    dropped = _drop(world, f"<!here>,source\n{rows}nobody,Web\n")
    world.people.click(MAYA, _card(world, dropped), "import")
    world.run()
    assert "line 11, &lt;!here&gt;: 'nobody' is no e-mail address" in world.replies(dropped)[-1].text


def test_a_list_of_very_many_columns_fits_on_a_card(sqlite_world: World) -> None:
    header = ["email", *(f"A rather long name of a column: number {n}" for n in range(500))]
    rows = [[f"p{n}@a.example", *(f"{n}{place}" for place in range(500))] for n in range(3)]
    content = "\n".join(",".join(row) for row in [header, *rows])
    card = _card(sqlite_world, _drop(sqlite_world, content))
    last, more = re.findall(r"number (\d+) and (\d+) more", _shown(card))[0]
    assert int(last) + 1 + int(more) == 500
    assert _shown(card).count("Read as UTF-8") == 1


def test_a_sentence_about_very_many_columns_fits_into_a_message(sqlite_world: World) -> None:
    header = ",".join(f"A rather long name of a column: number {n}" for n in range(1_900))
    card = _card(sqlite_world, _drop(sqlite_world, f"{header}\n{',' * 1_899}x\n"))
    assert "No column is mapped to email or external_id" in card.text
    assert card.text.endswith("… Mend the file and drop it again.")


# Once, whoever presses and however often


def test_an_event_that_slack_delivers_again_is_answered_once(world: World) -> None:
    dropped = _dropped(world, FAIR)
    _tell(world, dropped)
    world.run()
    _tell(world, dropped)
    world.run()
    assert len(world.replies(dropped)) == 1
    assert _upload(world, 2) is None


def test_the_same_file_shared_anew_is_answered_anew(sqlite_world: World) -> None:
    world = sqlite_world
    dropped = _drop(world, FAIR)
    place = world.slack.workspace.channel(DM)
    again = world.slack.workspace.add_message(place, MAYA, "", files=dropped.files)
    _tell(world, again)
    world.run()
    assert len(world.replies(again)) == 1


def test_the_handler_of_the_event_does_nothing_slow(sqlite_world: World) -> None:
    sqlite_world.baton.directory.refresh()
    assert sqlite_world.baton.workspace
    sqlite_world.slack.calls.clear()
    _dropped(sqlite_world, FAIR)
    assert sqlite_world.slack.calls == []


@pytest.mark.both_databases
def test_two_presses_are_one_import_and_the_second_is_told(world: World) -> None:
    dropped = _drop(world, FAIR)
    card = _card(world, dropped)
    world.people.click(MAYA, card, "import")
    world.people.click(MAYA, card, "import")
    world.deliver()
    assert world.slack.whispers(MAYA)[-1].text == "This file is being imported already."
    world.run()
    world.people.click(MAYA, card, "import")
    world.people.click(MAYA, card, "cancel_import")
    world.run()
    assert {one.text for one in world.slack.whispers(MAYA)[-2:]} == {"This file was imported already."}
    assert len(world.replies(dropped)) == 3


def test_a_second_modal_of_the_same_file_is_refused_at_its_field(sqlite_world: World) -> None:
    world = sqlite_world
    card = _card(world, _drop(world, UNSOURCED))
    for told in ({}, {"source": "This file is being imported already."}):
        world.people.click(MAYA, card, "import_from")
        view = world.view(MAYA)
        assert world.people.submit(MAYA, view["id"], values(view)) == told


@pytest.mark.parametrize("action", ["import", "cancel_import"])
def test_another_marketer_cannot_decide_but_an_admin_can(databases: Databases, policy: Policy, action: str) -> None:
    roles = policy.roles.model_copy(update={"marketer": [MAYA, BEN], "sdr": [ANA]})
    with open_world(databases.fresh("sqlite"), policy.model_copy(update={"roles": roles})) as world:
        card = _card(world, _drop(world, FAIR))
        for user, told in ((BEN, "Only who dropped this file"), (ANA, "Your role cannot import files")):
            world.people.click(user, card, action)
            world.deliver()
            assert told in world.slack.whispers(user)[-1].text
        assert _buttons(card) == ["Import 2 leads", "Cancel"]
        world.people.click(ADA, card, action)
        world.run()
        assert _upload(world).decided_by == ADA
        assert _buttons(card) == []


def test_a_button_of_a_file_that_is_long_forgotten_says_so(sqlite_world: World) -> None:
    world = sqlite_world
    card = _card(world, _drop(world, FAIR))
    world.clock.advance(days=31)
    world.run()
    world.people.click(MAYA, card, "import")
    world.deliver()
    assert "is forgotten; drop it again" in world.slack.whispers(MAYA)[-1].text


# Slack's trouble


def test_without_the_scope_to_read_files_the_sign_in_page_is_not_taken_for_a_list(world: World) -> None:
    world.slack.api.scopes.discard("files:read")
    card = _card(world, _drop(world, FAIR))
    assert "Slack shows me a page to sign in instead of fair.csv: I lack the permission files:read." in card.text
    assert _buttons(card) == []


def test_without_the_scope_to_share_files_the_refused_rows_are_told_in_words(world: World) -> None:
    world.slack.api.scopes.discard("files:write")
    content = FAIR + "".join(f"bad{n},<!here>,x,y\n" for n in range(12))
    dropped = _drop(world, content)
    world.people.click(MAYA, _card(world, dropped), "import")
    world.run()
    words = world.replies(dropped)[-1].text
    assert "• line 4, E-Mail: 'nobody' is no e-mail address" in words
    assert words.count("• line ") == 10
    assert "… and 3 more" in words
    assert world.slack.files(DM) == []
    with world.store.read() as tx:
        assert tx.uploads.rejects(1) is None
        assert tx.outbox.count() == {"pending": 0, "sending": 0, "failed": 0}


@pytest.mark.parametrize(("times", "files"), [(2, 1), (50, 0)], ids=["for a moment", "for long"])
def test_refused_rows_that_slack_does_not_take_are_sent_again_and_then_told_in_words(
    sqlite_world: World, times: int, files: int
) -> None:
    world = sqlite_world
    dropped = _drop(world, FAIR)
    world.slack.faults.append(Fault("upload", "drop_before", times=times))
    world.people.click(MAYA, _card(world, dropped), "import")
    for _ in range(8):
        world.run()
        world.clock.advance(minutes=1)
    assert len(world.slack.files(DM)) == files
    assert ("'nobody' is no e-mail address" in world.replies(dropped)[-1].text) is (files == 0)
    assert len(world.replies(dropped)) == 3


def test_a_file_that_slack_cannot_hand_out_for_a_while_is_fetched_later(world: World) -> None:
    world.slack.faults.append(Fault("download", "drop_before", times=3))
    dropped = _dropped(world, FAIR)
    for _ in range(4):
        world.run()
        world.clock.advance(minutes=1)
    card = _card(world, dropped)
    assert _buttons(card) == ["Import 2 leads", "Cancel"]
    world.slack.faults.append(Fault("download", "drop_before", times=3))
    world.people.click(MAYA, card, "import")
    for _ in range(4):
        world.run()
        world.clock.advance(minutes=1)
    assert card.text == "✅ fair.csv is imported: 2 new leads, 1 refused."


def test_a_file_that_was_deleted_meanwhile_is_told_by_mention(sqlite_world: World) -> None:
    world = sqlite_world
    dropped = _drop(world, FAIR)
    world.people.click(MAYA, _card(world, dropped), "import")
    world.slack.workspace.files.clear()
    world.run()
    assert "Slack has no fair.csv any more" in _card(world, dropped).text
    assert f"<@{MAYA}> *fair.csv* is not all imported." in world.replies(dropped)[-1].text


def test_a_file_that_is_larger_than_slack_said_is_not_read_to_its_end(sqlite_world: World) -> None:
    world = sqlite_world
    dropped = _dropped(world, FAIR)
    dropped.files[0].content = bytes(LARGEST_FILE + 1)
    world.run()
    assert "is larger than I can take" in _card(world, dropped).text


def test_a_card_whose_post_is_of_unknown_fate_is_not_posted_twice(sqlite_world: World) -> None:
    world = sqlite_world
    dropped = _dropped(world, FAIR)
    world.slack.faults.append(Fault("chat.postMessage", "drop_after"))
    for _ in range(3):
        world.run()
        world.clock.advance(minutes=1)
    (card,) = world.replies(dropped)
    assert _buttons(card) == ["Import 2 leads", "Cancel"]


def test_a_card_that_is_out_of_date_when_it_is_posted_is_brought_up_to_date(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sqlite_world
    post = Gateway.post

    def slowly(gateway: Gateway, *told: Any, **how: Any) -> Any:
        if world.baton.uploads.read_offered():
            world.deliver()  # what would change the card finds none yet
        return post(gateway, *told, **how)

    monkeypatch.setattr(Gateway, "post", slowly)
    dropped = _dropped(world, FAIR)
    world.deliver()
    assert _card(world, dropped).text == "📄 fair.csv · 3 rows"


# Long imports, and processes that die

LONG = "email,source\n" + "".join(f"p{n}@a{n}.example,Fair\n" for n in range(100)) + "bad,Fair\n"


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_file, "BATCH", 10)


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Upload, Tally], None]], None]:
    """Have something happen after every batch of an import."""
    kept = work_on_upload.keep_upload

    def install(happens: Callable[[Upload, Tally], None]) -> None:
        def keep(store: Any, upload: Upload, line: int, tally: Tally, *more: Any, **named: Any) -> None:
            kept(store, upload, line, tally, *more, **named)
            if upload.state is UploadState.IMPORTING:
                happens(upload, tally)

        monkeypatch.setattr(jobs, "keep_upload", keep)

    return install


class Killed(BaseException):
    """The process ends here: nothing after this runs."""


@pytest.mark.usefixtures("small_batches")
def test_the_card_shows_how_far_a_long_import_came_every_three_seconds(sqlite_world: World, between: Any) -> None:
    world = sqlite_world
    card = _card(world, _drop(world, LONG))
    seen: list[str] = []

    def a_second(upload: Upload, tally: Tally) -> None:
        world.clock.advance(1)
        world.deliver()
        seen.append(_shown(card))

    between(a_second)
    world.people.click(MAYA, card, "import")
    world.deliver()
    world.run()
    told = [shown.split("\\n")[1].split('"')[0] for shown in dict.fromkeys(seen) if "Importing" in shown]
    assert told == [
        "40 of 101 rows ▓▓▓░░░░░░░",
        "70 of 101 rows ▓▓▓▓▓▓░░░░",
        "100 of 101 rows ▓▓▓▓▓▓▓▓▓░",
    ]
    assert card.text == "✅ fair.csv is imported: 100 new leads, 1 refused."


@pytest.mark.both_databases
@pytest.mark.usefixtures("small_batches")
def test_an_import_that_was_killed_is_gone_on_with_and_counted_rightly(world: World, between: Any) -> None:
    dropped = _drop(world, LONG)
    card = _card(world, dropped)
    world.people.click(MAYA, card, "import")
    between(lambda upload, tally: _die(50 - tally.rows))
    with pytest.raises(Killed):
        world.baton.uploads.import_queued()
    assert (_lead_count(world), _upload(world).state) == (50, UploadState.IMPORTING)
    between(lambda upload, tally: None)
    world.run()
    assert _lead_count(world) == 50  # it is the other's until its time is over
    world.clock.advance(TAKEN_FOR.total_seconds() + 1)
    world.run()
    assert card.text == "✅ fair.csv is imported: 100 new leads, 1 refused."
    assert len(world.replies(dropped)) == 3
    (rejects,) = world.slack.files(DM)
    assert rejects.content.count(b"\n") == 2


@pytest.mark.usefixtures("small_batches")
def test_an_import_killed_twice_does_not_forget_how_far_the_first_came(sqlite_world: World, between: Any) -> None:
    world = sqlite_world
    card = _card(world, _drop(world, LONG))
    world.people.click(MAYA, card, "import")
    for batches in (5, 2):  # the second dies while it still passes over what the first took
        left = iter(range(batches - 1, -1, -1))
        between(lambda upload, tally, left=left: _die(next(left)))
        with pytest.raises(Killed):
            world.baton.uploads.import_queued()
        world.clock.advance(TAKEN_FOR.total_seconds() + 1)
    between(lambda upload, tally: None)
    world.run()
    assert card.text == "✅ fair.csv is imported: 100 new leads, 1 refused."


def _die(left: int) -> None:
    if left == 0:
        raise Killed


def test_what_an_older_program_left_half_done_is_taken_up_from_the_start(world: World) -> None:
    card = _card(world, _drop(world, FAIR))
    stale = (world.clock() - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
    _change(world, state="importing", taken_until=stale, turn=1)
    world.run()
    assert card.text == "✅ fair.csv is imported: 2 new leads, 1 refused."


@pytest.mark.both_databases
@pytest.mark.usefixtures("small_batches")
def test_who_lost_a_file_to_another_process_changes_nothing_more_of_it(world: World, between: Any) -> None:
    dropped = _drop(world, LONG)
    card = _card(world, dropped)
    world.people.click(MAYA, card, "import")
    came_to: dict[int, int] = {}

    def slow(upload: Upload, tally: Tally) -> None:
        came_to[upload.turn] = tally.rows
        if came_to == {1: 50}:
            world.clock.advance(TAKEN_FOR.total_seconds() + 1)
            assert world.baton.uploads.import_queued() == 1  # another process, from here to the end

    between(slow)
    assert world.baton.uploads.import_queued() == 1
    world.run()
    assert came_to == {1: 50, 2: 100}
    assert _lead_count(world) == 100
    assert card.text == "✅ fair.csv is imported: 100 new leads, 1 refused."
    assert len(world.replies(dropped)) == 3


@pytest.mark.usefixtures("small_batches")
def test_a_process_that_ends_gives_its_import_back(sqlite_world: World, between: Any) -> None:
    world = sqlite_world
    card = _card(world, _drop(world, LONG))
    world.people.click(MAYA, card, "import")
    between(lambda upload, tally: world.baton.uploads.stop())
    world.run()
    assert 0 < _lead_count(world) < 100
    assert _upload(world).state is UploadState.QUEUED
    world.clock.advance(1)
    between(lambda upload, tally: None)
    baton = world.baton
    assert Uploads(world.store, baton.policy, baton.gateway, world.clock, UTC).import_queued() == 1  # the next process
    world.deliver()
    assert card.text == "✅ fair.csv is imported: 100 new leads, 1 refused."


def test_alone_on_its_file_a_new_process_takes_up_at_once_what_the_last_left(sqlite_world: World) -> None:
    world = sqlite_world
    card = _card(world, _drop(world, FAIR))
    world.people.click(MAYA, card, "import")
    assert take_upload(world.store, UploadState.IMPORTING, world.clock()) is not None
    world.run()
    assert _lead_count(world) == 0
    world.baton.take_over()
    world.run()
    assert card.text == "✅ fair.csv is imported: 2 new leads, 1 refused."


def test_a_file_over_which_processes_die_again_and_again_is_given_up(sqlite_world: World) -> None:
    world = sqlite_world
    dropped = _drop(world, FAIR)
    world.people.click(MAYA, _card(world, dropped), "import")
    for _ in range(MOST_TURNS):
        assert take_upload(world.store, UploadState.IMPORTING, world.clock()) is not None
        world.clock.advance(TAKEN_FOR.total_seconds() + 1)
    world.run()
    assert _upload(world).state is UploadState.FAILED
    assert "could not get through this file" in world.replies(dropped)[-1].text
