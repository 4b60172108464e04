"""Attachments: picked, dropped, pasted, opened, removed and brought back; refused and missed in words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from forms.qt import words
from forms.qt.attachments import AttachmentEditor
from forms.qt.editor import Setting
from forms.qt.files import FileEntry
from tests.forms.qt.conftest import TODAY, a_field

CTRL = Qt.KeyboardModifier.ControlModifier


@dataclass
class Shelf:
    """Keeps files in a folder; answers when it is told to, as a real one does."""

    folder: Path
    refuses: dict[str, str] = field(default_factory=dict)
    waiting: list[Callable[[], bool | object]] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    is_slow: bool = False

    def add(
        self,
        path: Path,
        taken: Callable[[FileEntry], bool],
        refused: Callable[[str], object],
        progress: Callable[[int], None],
    ) -> None:
        def answer() -> bool | object:
            if path.name in self.refuses:
                return refused(self.refuses[path.name])
            content = path.read_bytes()
            sha256 = hashlib.sha256(content).hexdigest()
            (self.folder / sha256).write_bytes(content)
            return taken({"sha256": sha256, "name": path.name, "size": len(content), "media_type": ""})

        progress(40)
        self.waiting.append(answer)
        if not self.is_slow:
            self.go_on()

    def go_on(self) -> list[bool | object]:
        answers, self.waiting = self.waiting, []
        return [answer() for answer in answers]

    def open(self, entry: FileEntry) -> None:
        self.opened.append(entry["name"])

    def look(self, entries: Sequence[FileEntry], missing: Callable[[frozenset[str]], object]) -> None:
        missing(frozenset(e["sha256"] for e in entries if not (self.folder / e["sha256"]).exists()))

    def picture(self, entry: FileEntry, shown: Callable[[QImage | None], object]) -> None:
        assert entry
        shown(None)


@dataclass
class Room:
    page: QWidget
    editor: AttachmentEditor
    after: QLineEdit
    shelf: Shelf
    folder: Path
    edited: list[object]

    def file(self, name: str, content: bytes = b"sample") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def names(self) -> list[str]:
        value = self.editor.value()
        return [cast("FileEntry", one)["name"] for one in value] if isinstance(value, list) else []


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path) -> Room:
    shelf = Shelf(tmp_path / "shelf")
    shelf.folder.mkdir()
    editor = AttachmentEditor(a_field("attachment", title="附件"), Setting(lambda: TODAY, files=shelf))
    page = QWidget()
    column = QVBoxLayout(page)
    after = QLineEdit()
    column.addWidget(editor)
    column.addWidget(after)
    qtbot.addWidget(page)
    page.resize(520, 240)
    page.show()
    page.activateWindow()
    qtbot.waitExposed(page)
    edited: list[object] = []
    editor.edited.connect(lambda: edited.append(editor.value()))
    return Room(page, editor, after, shelf, tmp_path, edited)


def mime_of(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop(room: Room, *paths: Path) -> None:
    mime = mime_of(*paths)
    given = (
        Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    files = room.editor.files
    QApplication.sendEvent(files, QDragEnterEvent(QPointF(5, 5).toPoint(), *given))
    QApplication.sendEvent(files, QDropEvent(QPointF(5, 5), *given))


def test_several_files_are_dropped_and_stand_in_the_value(room: Room):
    drop(room, room.file("决定书·𠮷.pdf", b"a"), room.file("照片.jpg", b"bb"))

    assert room.names() == ["决定书·𠮷.pdf", "照片.jpg"]
    assert len(room.edited) == 2
    assert not room.editor.is_busy()


def test_ctrl_v_takes_in_files_that_were_copied_elsewhere(room: Room, qtbot: QtBot):
    QApplication.clipboard().setMimeData(mime_of(room.file("决定书.pdf")))
    room.editor.inputs()[0].setFocus()

    qtbot.keyClick(room.editor.inputs()[0], Qt.Key.Key_V, CTRL)

    assert room.names() == ["决定书.pdf"]


def test_what_cannot_be_taken_is_refused_in_words_that_can_be_put_away(room: Room, qtbot: QtBot):
    room.shelf.refuses["太大.zip"] = "附件超过 50 MB。请压缩或拆开后再加。"
    drop(room, room.file("太大.zip"), room.file("好.pdf"))
    said = room.editor.files.says()
    seen = room.editor.inputs()[2]

    qtbot.mouseClick(seen, Qt.MouseButton.LeftButton)

    assert said == ["“太大.zip”没有加入：附件超过 50 MB。请压缩或拆开后再加。"]
    assert room.editor.files.says() == []
    assert room.names() == ["好.pdf"]


def test_the_same_content_again_is_said_and_not_added(room: Room):
    drop(room, room.file("甲.pdf", b"same"))
    drop(room, room.file("乙.pdf", b"same"))

    assert room.names() == ["甲.pdf"]
    assert room.editor.files.says() == [words.FILE_REFUSED.format(name="乙.pdf", reason=words.FILE_THERE)]


def test_a_file_is_removed_and_brought_back_by_keys(room: Room, qtbot: QtBot):
    drop(room, room.file("甲.pdf", b"a"), room.file("乙.pdf", b"b"))
    room.editor.inputs()[0].setFocus()

    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Delete)
    left = room.names()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Z, CTRL)

    assert left == ["乙.pdf"]
    assert room.names() == ["甲.pdf", "乙.pdf"]
    assert room.editor.files.says() == []


def test_space_opens_a_file_and_enter_goes_on(room: Room, qtbot: QtBot):
    drop(room, room.file("甲.pdf"))
    opening = room.editor.inputs()[0]
    opening.setFocus()

    qtbot.keyClick(opening, Qt.Key.Key_Space)
    with qtbot.waitSignal(room.editor.entered):
        qtbot.keyClick(opening, Qt.Key.Key_Return)

    assert room.shelf.opened == ["甲.pdf"]


def test_tab_goes_through_the_buttons_and_out(room: Room, qtbot: QtBot):
    drop(room, room.file("甲.pdf"))
    room.editor.inputs()[0].setFocus()
    left: list[str] = []
    room.editor.left.connect(lambda: left.append("left"))

    for _ in room.editor.inputs():
        assert left == []
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)

    assert QApplication.focusWidget() is room.after
    assert left == ["left"]


def test_a_file_whose_bytes_are_gone_is_said_to_be_and_can_only_be_removed(room: Room):
    drop(room, room.file("甲.pdf"))
    value = room.editor.value()
    for kept in room.shelf.folder.iterdir():
        kept.unlink()

    room.editor.set_value(value)

    (row,) = room.editor.files.rows
    assert words.FILE_GONE in [label.text() for label in row.findChildren(QLabel)]
    assert [button.text() for button in row.buttons()] == [words.REMOVE_FILE]
    assert room.editor.value() == value


def test_what_is_still_coming_shows_how_far_it_is_and_goes_into_no_other_record(room: Room):
    room.shelf.is_slow = True
    drop(room, room.file("甲.pdf"))
    busy = room.editor.is_busy()

    room.editor.set_value(None)
    answers = room.shelf.go_on()

    assert busy
    assert answers == [False]
    assert (room.editor.value(), room.editor.is_busy()) == (None, False)


def test_what_is_no_file_stays_as_it_was_given_until_it_is_removed(room: Room, qtbot: QtBot):
    room.editor.set_value("见附件")
    kept = room.editor.value()
    drop(room, room.file("甲.pdf"))

    assert kept == "见附件"
    assert room.names() == ["甲.pdf"]


def test_where_one_only_reads_nothing_is_added_or_removed(room: Room):
    drop(room, room.file("甲.pdf"))
    room.editor.set_read_only(True)
    drop(room, room.file("乙.pdf", b"b"))

    assert room.names() == ["甲.pdf"]
    assert [button.text() for button in room.editor.files.rows[0].buttons()] == [words.OPEN_FILE]
    assert not room.editor.files.add_button.isVisible()


def test_every_button_says_which_file_it_is_for(room: Room):
    drop(room, room.file("甲.pdf"))
    room.editor.name_for_readers("附件，必填")

    assert [box.accessibleName() for box in room.editor.inputs()] == [
        "打开 甲.pdf",
        "移除 甲.pdf",
        "附件，必填：添加文件",
    ]


def test_the_field_of_files_needs_no_shelf_to_be_shown(qtbot: QtBot, setting: Setting):
    editor = AttachmentEditor(a_field("attachment"), setting)
    qtbot.addWidget(editor)
    entry = {"sha256": "a" * 64, "name": "甲.pdf", "size": 3, "media_type": "application/pdf"}
    editor.set_value(cast("list", [entry]))

    assert editor.value() == [entry]
