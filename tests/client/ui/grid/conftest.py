"""A window with the page 表格填报 open on some penalties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from client.store import drafts, records
from client.store.draft_rows import read_drafts
from client.ui.grid.model import GridModel
from client.ui.grid.page import GridPage
from tests.client.ui.house import House, a_penalty

LIMIT_MS = 10_000


@dataclass
class Hands:
    """The page, and hands to work it with."""

    qtbot: QtBot
    window: Any
    page: GridPage
    ids: list[str]

    @property
    def model(self) -> GridModel:
        assert self.page.model is not None
        return self.page.model

    def settle(self) -> None:
        """Let what is typed be stored."""
        assert self.page.saving is not None
        self.page.flush()
        self.qtbot.waitUntil(self.page.saving.is_clean, timeout=LIMIT_MS)
        self.window.settle()

    def at(self, row: int, field: str) -> None:
        """Make a cell the current one."""
        column = self.model.column_of(field)
        assert column is not None
        self.page.table.go_to(row, column)
        self.page.table.setFocus()

    def block(self, top: int, field: str, rows: int, columns: int = 1) -> None:
        """Choose a block of cells."""
        self.at(top, field)
        self.page.table.choose_block(top, self.model.column_of(field) or 0, rows, columns)

    def key(self, key: Qt.Key, how: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is."""
        self.qtbot.keyClick(QApplication.focusWidget() or self.page.table, key, how)

    def write(self, text: str) -> None:
        """Write into the current cell through an input method, and be done with it."""
        done = QInputMethodEvent("", [])
        done.setCommitString(text)
        QApplication.sendEvent(self.page.table, done)
        self.key(Qt.Key.Key_Return)

    def paste(self, text: str) -> None:
        """Press Ctrl+V with `text` on the clipboard."""
        QGuiApplication.clipboard().setText(text)
        self.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    def cell(self, row: int, field: str) -> str:
        """What a cell shows."""
        return str(self.model.index(row, self.model.column_of(field) or 0).data())

    def stored(self) -> dict[str, dict[str, Any]]:
        """The drafts as they lie in the store, deleted ones left out."""
        reader = self.page.session.desk.db.reader()
        rows = records.list_records(reader, item="XZCF_FR", state=("draft", "problems", "returned"))
        held = read_drafts(reader, [row.record_id for row in rows])
        return {record_id: dict(draft.values) for record_id, draft in held.items()}


@pytest.fixture
def hands(qtbot: QtBot, profile: House, open_window: Callable[..., Any]) -> Hands:
    """Three penalties in the grid; the third has problems."""
    desk = profile.desk_of("许可")
    ids = [drafts.create(desk, "XZCF_FR", a_penalty(number)) for number in (1, 2, 3)]
    drafts.save(desk, ids[2], {key: value for key, value in a_penalty(3).items() if key != "CF_SY"})
    profile.close()
    window = open_window(profile.directory, profile.clock)
    window.unlock("许可")
    page = window.go("grid", item="XZCF_FR")
    return Hands(qtbot, window, page, ids)
