"""Tab 清洗: what was put in order, by groups at the left, cell by cell at the right; yes or no to each."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from client.core.imports import Cleanings
from client.intake.groups import Group
from client.intake.outcome import Change, CheckOutcome
from client.ui.intake import verbs, words
from client.ui.intake.last_focused import LastFocused
from client.ui.packed_model import PackedModel, chosen_ranges
from client.ui.row_model import Column, Role, RowModel, current, fill
from client.ui.widgets import buttons
from client.ui.widgets.empty import EmptyState
from client.ui.widgets.marks import StateLook
from client.ui.widgets.tables import Table
from forms.catalog.fieldtypes import show

MOST_AT_ONCE: Final = 2_000
"""Cells that are decided one by one in one stroke; a whole group is decided at the left."""

LOOKS = {
    True: StateLook("dots4", words.ACCEPTED, "good"),
    False: StateLook("ring", words.REFUSED, "plain"),
    None: StateLook("half", words.SOME, "warn"),
}


Said = tuple[dict[tuple[str, str], bool], dict[tuple[int, str, str], bool], Cleanings]


class CleaningPane(QWidget):
    """Proposals to clean, and what a person says of them.

    Signals:
        changed(): another yes or no than the one that the last check went by.
        said(str): something is to be told to the person.
    """

    changed = Signal()
    said = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._outcome: CheckOutcome | None = None
        self._groups: dict[tuple[str, str], bool] = {}
        self._cells: dict[tuple[int, str, str], bool] = {}
        self._checked = Cleanings()
        self.groups = Table(words.CLEANING)
        self.groups.setModel(RowModel(self._group_columns(), lambda group: (group.field, group.reason)))
        self.groups.lay_out((230, 140, 60, 104), 0)
        self.cells = Table(words.CLEANING_CELLS)
        self.cells.setModel(PackedModel(self._cell_columns()))
        self.cells.lay_out((64, 44, 230, 200, 104), 3)
        self.accept = buttons.plain(words.ACCEPT, lambda: self._decide(True))
        self.refuse = buttons.plain(words.REFUSE, lambda: self._decide(False))
        self.hint = QLabel(words.CLEANING_HINT)
        self.hint.setProperty("role", "secondary")
        self.hint.setWordWrap(True)
        self._none = EmptyState("check-circle", words.NO_CLEANING, words.NO_CLEANING_MORE)
        self._stack = QStackedWidget()
        self._lay_out()
        self.groups.selectionModel().currentRowChanged.connect(self._on_group)
        self._last = LastFocused(self.groups, self.cells)
        for table in (self.groups, self.cells):
            buttons.on_keys("Space", table, self._turn)

    # --- what is shown ---

    def show_checked(self, checked: verbs.Checked) -> None:
        """Show what a check proposed; what was said before still holds."""
        self._outcome = checked.outcome
        self._checked = self.cleanings()
        groups = checked.groups
        fill(self.groups, groups, otherwise_first=True)
        self._stack.setCurrentIndex(1 if groups else 0)
        if groups:
            self._show_cells(current(self.groups))

    def forget(self) -> None:
        """Nothing has been said yet: for another file."""
        self._groups, self._cells, self._checked = {}, {}, Cleanings()

    def kept(self) -> Said:
        """What was said, and what the last check went by."""
        return dict(self._groups), dict(self._cells), self._checked

    def go_on_with(self, said: Said) -> None:
        """Go on with what was said in another pane about the same check."""
        self._groups, self._cells, self._checked = said
        self._model().repaint()
        self.groups.viewport().update()

    def cleanings(self) -> Cleanings:
        """Return what the person said, where it is not what holds anyway."""
        usual, by_group = Cleanings(), Cleanings(self._groups)
        groups = {one: yes for one, yes in self._groups.items() if yes != usual.wanted(0, *one)}
        cells = {one: yes for one, yes in self._cells.items() if yes != by_group.wanted(*one)}
        return Cleanings(groups, cells)

    def is_checked(self) -> bool:
        """Whether the last check went by what is said now."""
        return self.cleanings() == self._checked

    def _on_group(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            self._show_cells(current(self.groups))

    def _show_cells(self, group: Group | None) -> None:
        if self._outcome is None or group is None:
            return
        self._model().show(self._outcome.changes.of(group.kind))
        self.cells.scrollToTop()

    def _model(self) -> PackedModel:
        model = self.cells.model()
        assert isinstance(model, PackedModel)
        return model

    # --- yes and no ---

    def _turn(self) -> None:
        """Turn yes into no and no into yes, by what the current line says."""
        if self._last.is_second():
            one = current(self.cells)
            if one is not None:
                self._decide(not self._wanted(one))
            return
        group = current(self.groups)
        if group is not None:
            self._decide(self._of_group(group) is not True)

    def _decide(self, yes: bool) -> None:
        if self._last.is_second():
            self._decide_cells(yes)
        else:
            self._decide_groups(yes)
        self._model().repaint()
        self.groups.viewport().update()
        self.changed.emit()

    def _decide_groups(self, yes: bool) -> None:
        for index in self.groups.selectionModel().selectedRows():
            group: Group = index.data(Role.ROW)
            self._groups[group.field, group.reason] = yes
            for cell in [cell for cell in self._cells if cell[1:] == (group.field, group.reason)]:
                del self._cells[cell]

    def _decide_cells(self, yes: bool) -> None:
        ranges = chosen_ranges(self.cells)
        chosen = sum(map(len, ranges))
        if chosen == self._model().count():
            self._decide_groups(yes)
            return
        if chosen > MOST_AT_ONCE:
            self.said.emit(words.TOO_MANY_CELLS.format(most=MOST_AT_ONCE))
            return
        for part in ranges:
            for place in part:
                one: Change = self._model().opened(place)
                self._cells[one.row, one.field, one.reason] = yes

    def _wanted(self, one: Change) -> bool:
        return Cleanings(self._groups, self._cells).wanted(one.row, one.field, one.reason)

    def _of_group(self, group: Group) -> bool | None:
        """Whether a group is accepted; None when only some of its cells are."""
        whole = Cleanings(self._groups).wanted(0, group.field, group.reason)
        own = {yes for cell, yes in self._cells.items() if cell[1:] == (group.field, group.reason)}
        return whole if own <= {whole} else None

    # --- looks ---

    def _group_columns(self) -> list[Column]:
        said, field, count, choice = words.GROUP_TITLES
        return [
            Column(said, lambda group: group.said),
            Column(field, lambda group: self._title(group.field)),
            Column(count, lambda group: f"{group.count:,}", sort=lambda group: group.count),
            Column(
                choice,
                lambda group: LOOKS[self._of_group(group)].word,
                look=lambda group: LOOKS[self._of_group(group)],
            ),
        ]

    def _look(self, one: Change) -> StateLook:
        return LOOKS[self._wanted(one)]

    def _cell_columns(self) -> list[Column]:
        row, letters, before, after, choice = words.CHANGE_TITLES
        return [
            Column(row, lambda one: f"{one.row:,}"),
            Column(letters, lambda one: one.column),
            Column(before, lambda one: verbs.visible(one.before)),
            Column(after, self._after),
            Column(
                choice, lambda one: LOOKS[self._wanted(one)].word, look=lambda one: LOOKS[self._wanted(one)]
            ),
        ]

    def _title(self, field_id: str) -> str:
        field = self._outcome.item.by_id.get(field_id) if self._outcome else None
        return field.title if field else field_id

    def _after(self, one: Change) -> str:
        assert self._outcome is not None
        return verbs.visible(show(self._outcome.item.by_id[one.field], one.after) if one.after != "" else "")

    def _lay_out(self) -> None:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.groups)
        split.addWidget(self.cells)
        split.setSizes([560, 640])
        split.setChildrenCollapsible(False)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.hint, 1)
        row.addWidget(self.accept)
        row.addWidget(self.refuse)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(split, 1)
        self._stack.addWidget(self._none)
        self._stack.addWidget(whole)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
