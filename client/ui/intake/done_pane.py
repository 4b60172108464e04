"""Step 入库: what became of each row; the faulty ones stay here until somebody takes them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from client.core.imports import fates_of
from client.ui.intake import verbs, words
from client.ui.intake.changes_pane import ChangesPane
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
        group_chosen(str): the part of the sum that somebody wants to see; created, faulty, …; or cleaned.
        more_wanted(int): more rows, from the one after this.
    """

    group_chosen = Signal(str)
    more_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.groups: dict[str, QPushButton] = {}
        self.rows = Table(words.STEPS[3])
        self.rows.setModel(RowModel(_columns(), lambda row: row.row))
        self.rows.lay_out((80, 160, 400), 2)
        self.listed = QLabel()
        self.listed.setProperty("role", "secondary")
        self.more = buttons.link(words.MORE, self._want_more)
        self.changes = ChangesPane()
        self._view: verbs.ImportView | None = None
        self._total = 0
        self._none = EmptyState("check-circle", words.NO_ROWS, words.NO_ROWS_MORE)
        rows = self._rows_page()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._none)
        self._stack.addWidget(rows)
        self._stack.addWidget(self.changes)
        groups = QHBoxLayout()
        groups.setSpacing(8)
        for word, name in words.GROUPS:
            button = buttons.link(word, partial(self.group_chosen.emit, name))
            self.groups[name] = button
            groups.addWidget(button)
        self.cleaned = buttons.link("", partial(self.group_chosen.emit, "cleaned"))
        groups.addWidget(self.cleaned)
        groups.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addLayout(groups)
        column.addWidget(self._stack, 1)

    def _rows_page(self) -> QWidget:
        page = QWidget()
        line = QHBoxLayout()
        line.addWidget(self.listed)
        line.addWidget(self.more)
        line.addStretch(1)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.rows, 1)
        column.addLayout(line)
        return page

    def first(self) -> QWidget:
        """Where a person who works by keys begins."""
        return self.rows if self._view is not None and self._view.rows else self.groups["created"]

    def show_rows_page(self) -> None:
        """Show rows, not what was put in order."""
        self._stack.setCurrentIndex(1 if self._view is None or self._view.rows else 0)

    def show_changes_page(self) -> None:
        """Show what was put in order."""
        self._stack.setCurrentIndex(2)

    def show_import(self, view: verbs.ImportView, fate: str | None) -> None:
        """Show an import as it stands, rows of one fate or of all."""
        self._view, done = view, view.sum
        came = done.created or done.updated or done.corrected or view.fates.get("taken")
        self.title.setText((words.DONE if came else words.DONE_WITHOUT).format(file=done.file_name))
        for word, name in words.GROUPS:
            count = getattr(done, name)
            said = f"{word} {count:,}"
            if name == "faulty" and view.fates.get("taken"):
                said = words.TAKEN_OF.format(word=word, n=count, taken=view.fates["taken"])
            self.groups[name].setText(said)
            self.groups[name].setAccessibleName(said)
            self.groups[name].setEnabled(count > 0)
        self.cleaned.setText(words.CLEANED_GROUP.format(n=view.cleaned))
        self.cleaned.setAccessibleName(self.cleaned.text())
        self.cleaned.setEnabled(view.cleaned > 0)
        self._total = sum(count for one, count in view.fates.items() if one in fates_of(fate))
        fill(self.rows, view.rows)
        self._say_listed()
        if self._stack.currentIndex() != 2:
            self.show_rows_page()

    def add_rows(self, rows: Sequence[verbs.RowView]) -> None:
        """Show more rows after those that are shown."""
        model = self.rows.model()
        assert isinstance(model, RowModel)
        fill(self.rows, [*model.rows(), *rows])
        self._say_listed()

    def _want_more(self) -> None:
        model = self.rows.model()
        assert isinstance(model, RowModel)
        if model.rowCount():
            self.more_wanted.emit(model.row(model.rowCount() - 1).row)

    def _say_listed(self) -> None:
        shown = self.rows.model().rowCount()
        self.listed.setText(words.LISTED.format(shown=shown, total=self._total))
        for part in (self.listed, self.more):
            part.setVisible(shown < self._total)

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
