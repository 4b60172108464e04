"""The table of a grid, with the keys that people know from spreadsheets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QTableView,
    QWidget,
)

from client.ui.grid import words
from client.ui.grid.cells import CellBox, Cells, LongBox
from client.ui.grid.model import GridModel
from client.ui.grid.sheet import SheetRow
from client.ui.theme import ROW_PX
from forms.catalog.schema import CodeSet, Field
from forms.qt.code_search import Sounds
from forms.qt.inputs import ENTER

WIDTHS: Final[Mapping[str, int]] = {"date": 104, "decimal": 110, "int": 80, "enum": 130, "text": 220}
STRING_PX: Final = 190
"""A credit code and a document number, whole."""

LETTER_PX: Final = 14
NAME_PX: Final = 220
HEADER_PX: Final = 46
SIDEWAYS: Final = {Qt.Key.Key_Tab: (0, 1), Qt.Key.Key_Backtab: (0, -1)}

EndEdit = QAbstractItemDelegate.EndEditHint


class GridTable(QTableView):
    """See the module.

    Signals:
        asked(str): a verb of the page: copy cut paste clear open_form.
    """

    asked = Signal(str)

    def __init__(self, sounds: Callable[[CodeSet], Sounds], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._down_after = False
        self._sorted: tuple[int, Qt.SortOrder] | None = None
        self._sounds = sounds
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed)
        rows = self.verticalHeader()
        rows.setDefaultSectionSize(ROW_PX)
        rows.setMinimumSectionSize(ROW_PX)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setSectionsClickable(True)
        rows.setFixedWidth(64)
        columns = self.horizontalHeader()
        columns.setFixedHeight(HEADER_PX)
        columns.setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        )
        columns.setMinimumSectionSize(48)
        columns.setSectionsClickable(True)
        columns.setSortIndicatorShown(False)
        columns.sectionDoubleClicked.connect(self._sort_by)
        self.doubleClicked.connect(self._on_double_clicked)

    def show_model(self, model: GridModel) -> None:
        """Show the rows of an item."""
        self._sorted = None
        self.horizontalHeader().setSortIndicatorShown(False)
        self.setAccessibleName(words.TABLE_NAME.format(item=model.item.name))
        self.setModel(model)
        self.setItemDelegate(Cells(lambda column: model.fields[column], self._sounds, self))
        for column, about in enumerate(model.fields):
            self.setColumnWidth(column, _width(about, model.item.subject_name))

    def grid(self) -> GridModel:
        """The model that is shown."""
        model = self.model()
        assert isinstance(model, GridModel)
        return model

    # --- what is chosen -----------------------------------------------------------------------------

    def chosen_rows(self) -> list[SheetRow]:
        """Rows with a chosen cell, from top to bottom, the empty one left out."""
        model = self.grid()
        places = sorted({index.row() for index in self.selectionModel().selectedIndexes()})
        return [row for place in places if not model.is_blank(row := model.row_at(place))]

    def chosen_fields(self) -> list[Field]:
        """Fields with a chosen cell, from left to right."""
        columns = sorted({index.column() for index in self.selectionModel().selectedIndexes()})
        return [self.grid().fields[column] for column in columns]

    def chosen_cells(self) -> list[tuple[SheetRow, Field]]:
        """The chosen cells."""
        model = self.grid()
        return [
            (model.row_at(index.row()), model.fields[index.column()])
            for index in self.selectionModel().selectedIndexes()
        ]

    def first_chosen(self) -> tuple[int, int]:
        """Row and column of the upper left chosen cell; of the current one when none is."""
        chosen = self.selectionModel().selectedIndexes() or [self.currentIndex()]
        return min(index.row() for index in chosen), min(index.column() for index in chosen)

    def go_to(self, place: int, column: int) -> None:
        """Make a cell the current one, and see to it that it is in view."""
        index = self.model().index(place, column)
        # Not QTableView.setCurrentIndex: a key that is held down would choose in another way.
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Current)
        self.scrollTo(index)

    def choose_block(self, top: int, left: int, rows: int, columns: int) -> None:
        """Choose a block, to show what was pasted."""
        model = self.model()
        bottom = min(top + rows, model.rowCount()) - 1
        right = min(left + columns, model.columnCount()) - 1
        if bottom < top or right < left:
            return
        block = QItemSelection(model.index(top, left), model.index(bottom, right))
        self.selectionModel().select(block, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    # --- keys -----------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes down, Tab goes right, Del empties; the rest begins to write, or is Qt's."""
        for keys, verb in (
            (QKeySequence.StandardKey.Copy, "copy"),
            (QKeySequence.StandardKey.Cut, "cut"),
            (QKeySequence.StandardKey.Paste, "paste"),
        ):
            if event.matches(keys):
                self.asked.emit(verb)
                return
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        plain = not event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        )
        if event.key() in ENTER and plain:
            self._move(-1 if shift else 1, 0)
        elif event.key() in SIDEWAYS:
            self._move(*SIDEWAYS[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and plain:
            self.asked.emit("clear")
        elif event.key() == Qt.Key.Key_F4 and plain:
            self._open_list()
        else:
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Begin to write with what an input method hands over at once (，。《); Qt would lose it."""
        here = self.currentIndex()
        at_once = event.commitString() and not event.preeditString()
        if at_once and self.state() != self.State.EditingState and here.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(here)
            box = QApplication.focusWidget()
            if isinstance(box, CellBox | LongBox):
                box.selectAll()
                QApplication.sendEvent(box, event)
                return
        super().inputMethodEvent(event)

    def commit_open(self) -> None:
        """Take what is being written in a cell now."""
        box = QApplication.focusWidget()
        if isinstance(box, CellBox | LongBox) and self.viewport().isAncestorOf(box):
            self.commitData(box)
            super().closeEditor(box, EndEdit.NoHint)

    def closeEditor(self, editor: QWidget, hint: EndEdit) -> None:
        """After writing, Enter goes down and Tab to the side; the next cell is chosen, not opened."""
        super().closeEditor(editor, EndEdit.NoHint)
        self.setFocus()
        if hint == EndEdit.SubmitModelCache:
            self._move(1, 0)
        elif hint == EndEdit.EditNextItem:
            self._move(0, 1)
        elif hint == EndEdit.EditPreviousItem:
            self._move(0, -1)

    def _move(self, down: int, right: int) -> None:
        here, model = self.currentIndex(), self.model()
        if not here.isValid():
            return
        row, column = here.row() + down, here.column() + right
        if column >= model.columnCount():
            row, column = row + 1, 0
        elif column < 0:
            row, column = row - 1, model.columnCount() - 1
        if 0 <= row < model.rowCount():
            self.go_to(row, column)

    def _open_list(self) -> None:
        here = self.currentIndex()
        if here.isValid() and here.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(here)
            box = QApplication.focusWidget()
            if isinstance(box, CellBox):
                box.list_asked.emit()

    def _on_double_clicked(self) -> None:
        here = self.currentIndex()
        if here.isValid() and not here.flags() & Qt.ItemFlag.ItemIsEditable:
            self.asked.emit("open_form")

    def _sort_by(self, column: int) -> None:
        """Double click on a heading: up, down, and as it was."""
        up, down = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
        order = {None: (column, up), (column, up): (column, down)}
        was = self._sorted if self._sorted and self._sorted[0] == column else None
        self._sorted = order.get(was)
        columns = self.horizontalHeader()
        columns.setSortIndicatorShown(self._sorted is not None)
        if self._sorted is not None:
            columns.setSortIndicator(*self._sorted)
            self.grid().sort(*self._sorted)
        else:
            self.grid().sort(-1)


def _width(about: Field, name: str) -> int:
    width = NAME_PX if about.id == name else WIDTHS.get(about.type, STRING_PX)
    in_two_lines = (len(about.title) + len(about.unit or "") + 5) // 2
    return max(width, 24 + LETTER_PX * in_two_lines)
