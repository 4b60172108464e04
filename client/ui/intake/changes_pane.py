"""What an import put in order: groups at the left, cells at the right; each can be as it was typed again."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from client.ui.intake import words
from client.ui.intake.changes import Group, Line
from client.ui.row_model import Column, Role, RowModel, current, fill
from client.ui.widgets import buttons
from client.ui.widgets.marks import StateLook
from client.ui.widgets.tables import Table

LOOKS = {
    False: StateLook("dots4", words.IS_CLEANED, "good"),
    True: StateLook("undo", words.IS_UNDONE, "plain"),
}


class ChangesPane(QWidget):
    """See the module.

    Signals:
        wanted(Group | None, int): cells of a group are to be read, from the row after this one.
        undo_asked(Group | None, list | None): a group, or these cells, are to be as they were typed.
        opened(int): somebody wants to see the record of a row.
    """

    wanted = Signal(object, int)
    undo_asked = Signal(object, object)
    opened = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.groups = Table(words.CLEANING)
        self.groups.setModel(RowModel(_group_columns(), lambda group: (group.field, group.reason)))
        self.groups.lay_out((230, 140, 60), 0)
        self.cells = Table(words.CLEANING_CELLS)
        self.cells.setModel(RowModel(_cell_columns(), lambda line: (line.row, line.field)))
        self.cells.lay_out((64, 44, 230, 200, 120), 3)
        self.listed = QLabel()
        self.listed.setProperty("role", "secondary")
        self.more = buttons.link(words.MORE, self._want_more)
        self.undo = buttons.plain(words.UNDO, self._undo_cells)
        self.undo_group = buttons.plain(words.UNDO_GROUP, self._undo_group)
        self._lines: list[Line] = []
        self._lay_out()
        self.groups.selectionModel().currentRowChanged.connect(self._on_group)
        self.cells.activated.connect(lambda index: self.opened.emit(index.data(Role.ROW).row))

    def show_groups(self, groups: list[Group]) -> None:
        """Show the groups; the chosen one stays, and its cells are read anew."""
        before = current(self.groups)
        now = fill(self.groups, groups, otherwise_first=True)
        if (
            now is not None
            and before is not None
            and (before.field, before.reason) == (now.field, now.reason)
        ):
            self.wanted.emit(now, 0)

    def show_page(self, page: list[Line], after: int) -> None:
        """Show cells that were read: instead of those shown, or after them."""
        self._lines = page if after == 0 else [*self._lines, *page]
        fill(self.cells, self._lines)
        group = current(self.groups)
        total = group.count if group else len(self._lines)
        self.listed.setText(words.LISTED.format(shown=len(self._lines), total=total))
        self.more.setVisible(0 < len(self._lines) < total)

    def _on_group(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            self.wanted.emit(current(self.groups), 0)

    def _want_more(self) -> None:
        if self._lines:
            self.wanted.emit(current(self.groups), self._lines[-1].row)

    def _undo_cells(self) -> None:
        rows = [index.data(Role.ROW) for index in self.cells.selectionModel().selectedRows()]
        if rows:
            self.undo_asked.emit(current(self.groups), [(line.row, line.field) for line in rows])

    def _undo_group(self) -> None:
        group = current(self.groups)
        if group is not None:
            self.undo_asked.emit(group, None)

    def _lay_out(self) -> None:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.groups)
        split.addWidget(self.cells)
        split.setSizes([480, 720])
        split.setChildrenCollapsible(False)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.listed)
        row.addWidget(self.more)
        row.addStretch(1)
        row.addWidget(self.undo)
        row.addWidget(self.undo_group)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(split, 1)


def _group_columns() -> list[Column]:
    said, field, count, _ = words.GROUP_TITLES
    return [
        Column(said, lambda group: group.said),
        Column(field, lambda group: group.title),
        Column(count, lambda group: f"{group.count:,}", sort=lambda group: group.count),
    ]


def _cell_columns() -> list[Column]:
    row, letters, before, after, choice = words.CHANGE_TITLES
    return [
        Column(row, lambda line: f"{line.row:,}", sort=lambda line: line.row),
        Column(letters, lambda line: line.column),
        Column(before, lambda line: line.before),
        Column(after, lambda line: line.after),
        Column(choice, lambda line: LOOKS[line.undone].word, look=lambda line: LOOKS[line.undone]),
    ]
