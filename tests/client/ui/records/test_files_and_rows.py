"""Files and rows in the form of a real desk: kept encrypted, stored, seen again, missed in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from client.core.records import Attachment
from client.store import attachments
from client.ui.records import words
from forms.qt.attachments import AttachmentEditor
from forms.qt.group import GroupEditor
from forms.qt.words import FILE_GONE
from tests.client.ui.records.conftest import Room

pytestmark = pytest.mark.qt_log_ignore("does not support grabbing", extend=True)

CTRL = Qt.KeyboardModifier.ControlModifier


def files_of(room: Room) -> AttachmentEditor:
    form = room.page.panel.form()
    assert form is not None
    editor = form.editor("FJ")
    assert isinstance(editor, AttachmentEditor)
    return editor


def rows_of(room: Room) -> GroupEditor:
    form = room.page.panel.form()
    assert form is not None
    editor = form.editor("MX")
    assert isinstance(editor, GroupEditor)
    return editor


def a_paper(folder: Path, name: str = "决定书·𠮷.pdf", content: bytes = b"%PDF-1.7 sample") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_file_is_kept_encrypted_and_stands_in_the_draft(room_of_files: Room, tmp_path: Path):
    room = room_of_files
    record_id = room.create(1)
    room.show(record_id)
    files_of(room).files.offer([a_paper(tmp_path)])
    room.settle()

    (entry,) = room.stored_values(record_id)["FJ"]
    assert entry["name"] == "决定书·𠮷.pdf"
    assert attachments.read(room.desk, entry["sha256"]) == b"%PDF-1.7 sample"
    sealed = [path.read_bytes() for path in (room.desk.profile / attachments.FOLDER).iterdir()]
    assert all(b"%PDF" not in content for content in sealed)
    assert room.page.problems.lines() == ()


def test_a_file_that_is_too_large_is_refused_in_words(room_of_files: Room, tmp_path: Path):
    room = room_of_files
    record_id = room.create(1)
    room.show(record_id)
    large = tmp_path / "录像.mp4"
    with large.open("wb") as out:
        out.truncate(50 * 1024 * 1024 + 1)
    files_of(room).files.offer([large, tmp_path])
    room.settle()

    said = files_of(room).files.says()
    assert any("录像.mp4" in text and "50 MB" in text for text in said)
    assert any("文件夹" in text for text in said)
    assert "FJ" not in room.stored_values(record_id)


def test_a_file_whose_bytes_are_gone_is_said_when_the_record_is_opened(room_of_files: Room, tmp_path: Path):
    room = room_of_files
    record_id = room.create(1)
    room.show(record_id)
    files_of(room).files.offer([a_paper(tmp_path)])
    room.settle()
    for sealed in (room.desk.profile / attachments.FOLDER).iterdir():
        sealed.unlink()
    room.show(room.create(2))
    room.show(record_id)

    (row,) = files_of(room).files.rows
    assert not row.opening.isVisible()
    assert FILE_GONE in [label.text() for label in row.findChildren(QLabel)]


def test_a_file_that_is_still_coming_is_waited_for_before_a_submission(room_of_files: Room, tmp_path: Path):
    room = room_of_files
    record_id = room.create(1)
    room.show(record_id)
    room.enter("BZ")
    files_of(room).files.offer([a_paper(tmp_path)])
    room.press(Qt.Key.Key_Return, CTRL)
    room.settle()

    assert words.FILE_COMING in room.texts()
    assert room.state(record_id) != "in_review"
    assert [one["name"] for one in room.stored_values(record_id)["FJ"]] == ["决定书·𠮷.pdf"]


def test_a_file_that_comes_too_late_for_its_record_goes_into_no_other(room_of_files: Room, tmp_path: Path):
    room = room_of_files
    first, second = room.create(1), room.create(2)
    room.show(first)
    files_of(room).files.offer([a_paper(tmp_path)])
    room.page.panel.form().set_values({})  # type: ignore[union-attr]
    room.show(second)

    assert "FJ" not in room.stored_values(second)
    assert any("没有附上" in text for text in room.texts())


def test_rows_are_stored_while_typed_and_problems_lead_into_their_cells(room_of_files: Room):
    room = room_of_files
    record_id = room.create(1)
    room.show(record_id)
    rows_of(room).table.setFocus()
    room.write(QApplication.focusWidget(), "x")
    room.write(QApplication.focusWidget(), "铁观音")
    room.press(Qt.Key.Key_Tab)
    room.write(QApplication.focusWidget(), "abc")
    room.press(Qt.Key.Key_S, CTRL)
    room.settle()

    assert room.stored_values(record_id)["MX"] == [{"NAME": "x铁观音", "SUM": "abc"}]
    line = next(line for line in room.page.problems.lines() if line.field_id.startswith("MX"))
    assert line.field_id == "MX/0/SUM"
    assert "第 1 行" in line.text
    room.enter("BZ")
    room.page.problems.jumped.emit(line.field_id)
    assert rows_of(room).table.at() == (0, 1)


def test_ctrl_enter_in_a_cell_submits_with_what_is_being_composed(room_of_files: Room):
    room = room_of_files
    record_id = room.create(1)
    room.show(record_id)
    rows_of(room).table.add_row()
    box = QApplication.focusWidget()
    room.write(box, "铁观")
    room.press(Qt.Key.Key_Return, CTRL)
    room.settle()

    assert room.state(record_id) == "in_review"
    draft = room.page.writing  # the next record is begun
    assert draft.record_id() is None


def test_rows_and_files_are_copied_from_the_record_before(room_of_files: Room, tmp_path: Path):
    room = room_of_files
    kept = attachments.add(room.desk, a_paper(tmp_path))
    assert isinstance(kept, Attachment)
    room.create(1, FJ=[kept.as_dict()], MX=[{"NAME": "铁观音"}])
    room.page.new_record("XZCF_FR")
    room.enter("BZ")
    room.press(Qt.Key.Key_D, CTRL | Qt.KeyboardModifier.ShiftModifier)
    room.settle()

    values = room.page.panel.values()
    assert values["MX"] == [{"NAME": "铁观音"}]
    assert values["FJ"] == [kept.as_dict()]
