"""Step 入库: what became of each row; the faulty ones stay here until somebody takes them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from client.ui.intake import verbs, words
from client.ui.row_model import Column, Role, RowModel, fill
from client.ui.widgets import buttons
from client.ui.widgets.empty import EmptyState
from client.ui.widgets.marks import StateLook
from client.ui.widgets.tables import Table

LOOKS = {
    "faulty": StateLook("square", "", "bad"),
    "skipped": StateLook("ring", "", "plain"),
    "updated": StateLook("plusminus", "", "info"),
    "corrected": StateLook("plusminus", "", "info"),
    "taken": StateLook("half", "", "warn"),
}


class DonePane(QWidget):
    """One import: its sum by groups, and the rows that made no new record.

    Signals:
        group_chosen(str): the part of the sum that somebody wants to see; created, faulty, …
    """

    group_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.groups: dict[str, QPushButton] = {}
        self.rows = Table(words.STEPS[3])
        self.rows.setModel(RowModel(_columns(), lambda row: row.row))
        self.rows.lay_out((80, 160, 400), 2)
        self._none = EmptyState("check-circle", words.NO_ROWS, words.NO_ROWS_MORE)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._none)
        self._stack.addWidget(self.rows)
        groups = QHBoxLayout()
        groups.setSpacing(8)
        for word, name in words.GROUPS:
            button = buttons.link(word, partial(self.group_chosen.emit, name))
            self.groups[name] = button
            groups.addWidget(button)
        groups.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addLayout(groups)
        column.addWidget(self._stack, 1)

    def show_import(self, view: verbs.ImportView) -> None:
        """Show an import as it stands."""
        done = view.sum
        self.title.setText(words.DONE.format(file=done.file_name))
        for word, name in words.GROUPS:
            count = getattr(done, name)
            self.groups[name].setText(f"{word} {count:,}")
            self.groups[name].setAccessibleName(f"{word} {count:,}")
            self.groups[name].setEnabled(count > 0)
        fill(self.rows, view.rows)
        self._stack.setCurrentIndex(1 if view.rows else 0)

    def chosen_faulty(self) -> list[int]:
        """Numbers of the chosen rows that are faulty."""
        rows = [index.data(Role.ROW) for index in self.rows.selectionModel().selectedRows()]
        return [row.row for row in rows if row.fate == "faulty"]


def _columns() -> list[Column]:
    row, fate, why = words.ROW_TITLES
    return [
        Column(row, lambda one: f"{one.row:,}", sort=lambda one: one.row),
        Column(fate, lambda one: words.FATES[one.fate], look=lambda one: LOOKS[one.fate]),
        Column(why, lambda one: one.why),
    ]
