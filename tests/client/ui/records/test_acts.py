"""Acts on records: submit, delete and bring back, correct, withdraw, recall, reopen."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from client.store import records
from client.store.draft_rows import read_draft
from client.ui.records import words
from client.ui.records.model import ROW_ROLE
from forms.qt.words import FILE_GONE
from tests.client.ui.house import a_penalty
from tests.client.ui.records.conftest import LIMIT_MS, Room

pytestmark = pytest.mark.qt_log_ignore("does not support grabbing", extend=True)

CTRL = Qt.KeyboardModifier.ControlModifier


def last_action(room):
    """Press the button of the newest message."""
    action = next(message.action for message in reversed(room.said) if message.action is not None)
    action[1]()
    room.settle()


def test_delete_in_the_list_throws_a_draft_away_and_the_message_brings_it_back(room):
    record_id = room.create()
    room.page.reload()
    room.settle()
    room.page.list.table.setFocus()
    room.press(Qt.Key.Key_Down)
    room.settle()

    room.press(Qt.Key.Key_Delete)
    room.settle()
    gone = (room.state(record_id), room.page.model.loaded())
    last_action(room)

    assert gone == ("deleted", 0)
    assert room.state(record_id) == "draft"
    assert room.page.writing.record_id() == record_id


def test_deleted_records_are_found_by_their_state_and_can_be_brought_back(room):
    record_id = room.create()
    room.show(record_id)
    room.page.acts.delete([record_id])
    room.settle()
    room.page.open(state="deleted")
    room.settle()
    room.show(record_id)

    room.click("bring_back")

    assert room.state(record_id) == "draft"


def test_several_selected_records_are_submitted_in_one_act(room):
    good, bad = room.create(1), room.create(2, CF_NR=None)
    room.page.reload()
    room.settle()
    room.page.list.table.setFocus()

    room.press(Qt.Key.Key_A, CTRL)
    room.settle()
    button = room.page.choice.findChild(QPushButton, "submit")
    room.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    room.settle()

    assert (room.state(good), room.state(bad)) == ("in_review", "problems")
    assert words.SUBMITTED_SOME.format(n=1, stopped=1) in room.texts()


def test_a_record_in_review_is_read_only_and_can_be_taken_back(room):
    record_id = room.create()
    room.show(record_id)
    room.click("submit")
    room.show(record_id)
    read_only = room.box("CF_FRDB").isReadOnly()

    room.click("take_back")

    assert read_only
    assert room.state(record_id) == "draft"
    assert not room.box("CF_FRDB").isReadOnly()


def test_an_approved_record_can_be_recalled_before_it_is_sent(room):
    record_id = room.create()
    room.approve(record_id)
    room.show(record_id)

    room.click("recall")

    assert room.state(record_id) == "draft"
    assert not room.box("CF_FRDB").isReadOnly()


def test_a_record_on_its_way_offers_no_recall(room):
    record_id = room.create()
    room.approve(record_id)
    room.office.cut()
    room.show(record_id)

    assert not room.page.panel.button("recall").isVisible()
    assert not room.page.panel.button("correct").isVisible()


def test_a_stored_record_is_corrected_with_a_reason_and_shows_what_it_was(room):
    record_id = room.create(CF_NR_FK="0.1")
    room.accept(record_id)
    room.show(record_id)
    room.click("correct")

    room.type("CF_NR_FK", "0.2")
    room.page.panel.reason.choose("wrong_entry")
    room.settle()
    room.page.reload()
    room.show(record_id)
    room.click("submit")

    draft = read_draft(room.desk.db.reader(), record_id)
    assert (draft.op, draft.reason.code, draft.values["CF_NR_FK"]) == ("correct", "wrong_entry", "0.2")
    assert room.page.panel.form().row("CF_NR_FK").notes().before() == "原为：0.1"
    assert room.state(record_id) == "in_review"


def test_a_correction_without_a_reason_is_not_submitted_and_the_reason_is_asked_for(room):
    record_id = room.create()
    room.accept(record_id)
    room.show(record_id)
    room.click("correct")

    room.click("submit")

    assert room.state(record_id) != "in_review"
    assert any(line.field_id == "" for line in room.page.problems.lines())
    room.qtbot.mouseClick(room.page.problems.links()[0], Qt.MouseButton.LeftButton)
    assert room.page.panel.reason.isAncestorOf(QApplication.focusWidget())


def test_a_withdrawal_asks_only_for_a_reason(room):
    record_id = room.create()
    room.accept(record_id)
    room.show(record_id)
    room.click("withdraw")
    fields_are_shut = room.box("CF_FRDB").isReadOnly()

    room.page.panel.reason.choose("decision_revoked")
    room.write(room.page.panel.reason.text_box(), "复议机关撤销了原决定")
    room.settle()
    room.click("submit")

    assert fields_are_shut
    assert room.state(record_id) == "in_review"


def test_a_change_that_is_given_up_leaves_the_record_as_the_platform_has_it(room):
    record_id = room.create(CF_NR_FK="0.1")
    room.accept(record_id)
    room.show(record_id)
    room.click("correct")
    room.type("CF_NR_FK", "0.2")
    room.settle()

    room.page.panel.menu_action("delete").trigger()
    room.settle()
    room.show(record_id)

    assert room.state(record_id) == "checked"
    assert room.page.panel.form().values()["CF_NR_FK"] == "0.1"


def test_evidence_dropped_on_the_reason_is_stored_with_the_draft(room, tmp_path: Path):
    record_id = room.create()
    room.accept(record_id)
    room.show(record_id)
    room.click("correct")
    room.page.panel.reason.choose("wrong_entry")
    room.settle()
    paper = tmp_path / "复议决定书.pdf"
    paper.write_bytes(b"%PDF-1.7 sample")

    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(paper))])
    enter = QDragEnterEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    drop = QDropEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(room.page.panel.reason.files, enter)
    QApplication.sendEvent(room.page.panel.reason.files, drop)
    room.settle()

    draft = read_draft(room.desk.db.reader(), record_id)
    assert [one.name for one in draft.evidence] == ["复议决定书.pdf"]


def test_a_rejected_record_opens_with_the_platforms_words_beside_the_field_and_is_reported_again(room):
    record_id = room.create()
    error = {
        "pointer": "#/payload/CF_WSH", "code": "field-invalid", "detail": "文书号的年份不对",
        "severity": "error",
    }  # fmt: skip
    room.reject(record_id, errors=[error])
    room.show(record_id)
    before = room.page.panel.form().row("CF_WSH").notes().remarks()

    room.click("reopen")
    after = room.page.panel.form().row("CF_WSH").notes().remarks()
    room.type("CF_WSH", "No.9")
    room.settle()
    room.click("submit")

    assert before == after == ["平台：文书号的年份不对"]
    assert room.state(record_id) == "in_review"


def test_a_returned_record_says_why_beside_the_field(room):
    record_id = room.create()
    room.show(record_id)
    room.click("submit")
    from client.store import review  # noqa: PLC0415 - only here a reviewer acts

    review.return_(room.office.checker, [record_id], "法定代表人写错了", "CF_FRDB")
    room.session.announce("review")
    room.settle()
    room.show(record_id)

    assert room.page.panel.form().row("CF_FRDB").notes().remarks() == ["复核：法定代表人写错了"]
    assert not room.box("CF_FRDB").isReadOnly()


def test_a_copy_is_a_new_record_with_the_same_values(room):
    record_id = room.create()
    room.show(record_id)

    room.page.panel.menu_action("copy").trigger()
    room.settle()

    copied = room.page.writing.record_id()
    assert copied != record_id
    assert room.stored_values(copied) == room.stored_values(record_id)


def test_what_became_of_a_record_is_told_newest_first(room):
    record_id = room.create()
    room.accept(record_id)
    room.show(record_id)

    events = room.page.panel.events()

    assert len(events) == 1
    assert events[0].who.startswith("林晓燕 → ")
    assert events[0].result == "平台已接收 · 已校验"


def test_a_change_from_elsewhere_shows_without_asking(room):
    record_id = room.create()
    room.show(record_id)

    room.approve(record_id)
    room.session.announce("records")
    room.settle()

    assert room.page.model.index(0, 0).data(ROW_ROLE).state == "queued"
    assert room.box("CF_FRDB").isReadOnly()


def test_what_is_being_typed_survives_a_change_from_elsewhere(room):
    record_id = room.create()
    room.show(record_id)
    box = room.enter("CF_FRDB")
    room.qtbot.keyClicks(box, "xyz")

    room.session.announce("records", "outbox")
    room.settle()

    assert box.text().endswith("xyz")
    assert records.get(room.desk.db.reader(), record_id).draft.values["CF_FRDB"].endswith("xyz")


def test_someone_without_the_role_sees_but_does_not_write(room):
    record_id = room.create()
    room.desk.operator = room.office.checker.operator
    room.show(record_id)

    assert room.box("CF_FRDB").isReadOnly()
    assert not room.page.bar.submit.isEnabled()
    assert not room.page.panel.button("submit").isVisible()
    assert room.page.panel.form().values()["CF_WSH"] == a_penalty(1)["CF_WSH"]


# --- files beside a reason ----------------------------------------------------------------------


def a_correction_with_a_file(room: Room, tmp_path: Path) -> str:
    record_id = room.create()
    room.accept(record_id)
    room.show(record_id)
    room.click("correct")
    path = tmp_path / "更正决定·𠮷.pdf"
    path.write_bytes(b"%PDF-1.7 sample")
    room.page.panel.reason.files.offer([path])
    room.settle()
    return record_id


def buttons_of(line: QWidget) -> dict[str, QPushButton]:
    return {button.text(): button for button in line.findChildren(QPushButton)}


@pytest.mark.qt_log_ignore("openDocument", extend=True)  # the offscreen platform has no programs
def test_a_file_beside_a_reason_is_opened_as_a_decrypted_copy(room: Room, tmp_path: Path):
    a_correction_with_a_file(room, tmp_path)
    (line,) = room.page.panel.reason.files.rows
    room.qtbot.mouseClick(buttons_of(line)["打开"], Qt.MouseButton.LeftButton)
    room.settle()

    copies = [path for path in room.desk.profile.rglob("*.pdf") if path.is_file()]
    assert [path.read_bytes() for path in copies] == [b"%PDF-1.7 sample"]


def test_a_file_that_is_gone_from_the_disk_is_said_to_be(room: Room, tmp_path: Path):
    record_id = a_correction_with_a_file(room, tmp_path)
    for sealed in (room.desk.profile / "attachments").iterdir():
        sealed.unlink()
    room.show(record_id)
    room.qtbot.waitUntil(room.session.tasks.is_idle, timeout=LIMIT_MS)
    (line,) = room.page.panel.reason.files.rows

    assert FILE_GONE in [label.text() for label in line.findChildren(QLabel)]
    assert [button.text() for button in line.buttons()] == ["移除"]


def test_a_file_is_removed_again(room: Room, tmp_path: Path):
    a_correction_with_a_file(room, tmp_path)
    (line,) = room.page.panel.reason.files.rows
    room.qtbot.mouseClick(buttons_of(line)["移除"], Qt.MouseButton.LeftButton)
    room.settle()

    assert room.page.panel.reason.evidence() == ()
