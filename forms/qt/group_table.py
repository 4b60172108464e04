"""The table of a repeated group: the cell in hand is always an editor, of the same kinds as in the form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPalette,
)
from PySide6.QtWidgets import (
    QApplication,
)

from forms.catalog.schema import Field
from forms.qt import words
from forms.qt.dates import DateEditor
from forms.qt.editor import Editor, Setting
from forms.qt.group_grid import GroupGrid
from forms.qt.group_model import GroupModel, is_table, said_of
from forms.qt.inputs import ENTER, NO_FIELD_CHANGE, Line, finish_composition

MakeEditor = Callable[[Field, Setting], Editor]

NO_MODIFIERS: Final = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
TYPING: Final = (*NO_MODIFIERS, Qt.KeyboardModifier.ShiftModifier)

FORWARD, BACK = 1, -1


class GroupTable(GroupGrid):
    """Rows that are typed in place.

    Signals:
        edited: a person changed something.
        left: the person went elsewhere.
        finished(int): Tab or Enter goes on behind the table, or before it (-1).
        entered: Enter goes on to the next field.
        told(str, bool): something to be said, and whether there is a way back.
        came(int, int): a cell came in hand.
    """

    edited = Signal()
    left = Signal()
    finished = Signal(int)
    entered = Signal()
    told = Signal(str, bool)
    came = Signal(int, int)

    def __init__(self, model: GroupModel, title: str, setting: Setting, make: MakeEditor) -> None:
        self._rows, self._title, self._setting, self._make = model, title, setting, make
        self._editors: dict[int, Editor] = {}
        self._at: tuple[int, int] | None = None
        self._untouched = True
        self._read_only = False
        self._passing = False
        self._description = ""
        super().__init__(model)
        self.arranged.connect(self._place)

    # --- in and out -------------------------------------------------------------------------

    def set_read_only(self, on: bool) -> None:
        """Show only, or let edit."""
        self._read_only = on
        if on:
            self.close_cell()

    def describe(self, text: str) -> None:
        """What a screen reader says of each cell besides its name."""
        self._description = text

    def cell(self) -> Editor | None:
        """The editor of the cell in hand."""
        return self._editors[self._at[1]] if self._at is not None else None

    def at(self) -> tuple[int, int] | None:
        """Row and column of the cell in hand."""
        return self._at

    def open_cell(self, row: int, column: int) -> None:
        """Take a cell in hand."""
        if self._read_only or not 0 <= row < self._rows.rowCount():
            return
        finish_composition()
        editor = self._editor(column)
        former, was = self.cell(), self._at
        self._untouched = True
        self._at = row, column
        editor.set_value(self._rows.value(row, column))
        name = words.CELL_NAME.format(title=self._title, row=row + 1, column=self._rows.fields[column].title)
        editor.name_for_readers(name, self._description)
        self.setCurrentIndex(self._rows.index(row, column))
        self.scrollTo(self._rows.index(row, column))
        self._make_room()
        self._place()
        editor.show()
        editor.raise_()
        editor.inputs()[0].setFocus(Qt.FocusReason.TabFocusReason)
        if former is not None and former is not editor:
            former.hide()
        if was is not None and was[0] != row:
            self.left.emit()  # a row is done: what is wrong in it may be said
        self.came.emit(row, column)

    def close_cell(self) -> None:
        """Put the cell out of hand; what was typed is in the row already."""
        editor = self.cell()
        self._at = None
        if editor is not None:
            if any(box.hasFocus() for box in editor.inputs()):  # else Qt looks for another place for it
                self._take_focus()
            editor.hide()
            self.fit()

    def add_row(self, row: int | None = None) -> None:
        """Add an empty row, at the end or before `row`, and go into it."""
        if self._read_only:
            return
        finish_composition()
        place = self._rows.rowCount() if row is None else row
        if self._rows.rowCount() >= self._rows.most:
            self.told.emit(words.ROWS_FULL.format(most=self._rows.most), False)
            return
        self._rows.keep()
        self._rows.add(place)
        self.open_cell(place, 0)
        self.edited.emit()

    def remove_row(self, row: int) -> None:
        """Take a row out; there is a way back."""
        if self._read_only or not 0 <= row < self._rows.rowCount():
            return
        finish_composition()
        column = self._at[1] if self._at is not None else 0
        self.close_cell()
        self._rows.keep()
        self._rows.remove(row)
        if self._rows.rowCount():
            self.open_cell(min(row, self._rows.rowCount() - 1), column)
        else:
            self.setFocus()
        self.told.emit(words.ROW_REMOVED.format(n=row + 1), True)
        self.edited.emit()

    def paste(self, text: str) -> None:
        """Write the cells of a spreadsheet from the cell in hand on."""
        row, column = self._at or (self._rows.rowCount(), 0)
        self.close_cell()
        self._rows.keep()
        pasted = self._rows.paste(row, column, text)
        self.open_cell(min(row + max(pasted.rows - 1, 0), self._rows.rowCount() - 1), column)
        self.told.emit(said_of(pasted, self._rows.most), True)
        self.edited.emit()

    def undo(self) -> None:
        """Go back by one change."""
        at = self._at
        self.close_cell()
        if self._rows.undo():
            self.told.emit("", False)
            self.edited.emit()
        if self._rows.rowCount():
            row, column = at or (0, 0)
            self.open_cell(min(row, self._rows.rowCount() - 1), column)
        else:
            self.setFocus()

    # --- moving -----------------------------------------------------------------------------

    def step(self, way: int) -> None:
        """Go to the next cell or the one before; behind the last and before the first is elsewhere."""
        assert self._at is not None
        wide = len(self._rows.fields)
        row, column = divmod(self._at[0] * wide + self._at[1] + way, wide)
        if 0 <= row < self._rows.rowCount():
            self.open_cell(row, column)
        else:
            self.finished.emit(way)

    def go_up_or_down(self, way: int) -> None:
        """Go to the row before or after, in the same column."""
        assert self._at is not None
        self.open_cell(self._at[0] + way, self._at[1])

    def leave_backwards(self) -> None:
        """Go to what comes before the table."""
        self._take_focus()
        self.focusPreviousChild()

    def _take_focus(self) -> None:
        """Have the focus without a cell in hand."""
        self._passing = True
        self.setFocus()
        self._passing = False

    def _on_entered(self) -> None:
        """Enter goes on; in the last cell it adds a row, and in an empty last row it is done."""
        if self._at is None:
            return
        row, column = self._at
        last = row == self._rows.rowCount() - 1
        if last and self._rows.is_empty(row):
            self.close_cell()
            self._rows.remove(row)
            self._go_on()
        elif last and column == len(self._rows.fields) - 1:
            self.add_row()
        else:
            self.step(FORWARD)

    def _go_on(self) -> None:
        self.finished.emit(FORWARD)
        self.entered.emit()

    # --- hands ------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys in the cell in hand that are the table's; and the room that it asks for while one types."""
        if event.type() == QEvent.Type.LayoutRequest and watched is self.cell():
            self._make_room()
            self._place()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._at is not None:
            composing = isinstance(watched, Line) and watched.is_composing()
            if not composing and self._take_key(watched, event):
                return True
        return super().eventFilter(watched, event)

    def _take_key(self, box: QObject, event: QKeyEvent) -> bool:
        assert self._at is not None
        key, plain = event.key(), event.modifiers() in NO_MODIFIERS
        line = box if isinstance(box, Line) else None
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return self._step_from(box, BACK if key == Qt.Key.Key_Backtab else FORWARD)
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and plain and line is not None:
            if line.list_is_open():
                return False
            self.go_up_or_down(BACK if key == Qt.Key.Key_Up else FORWARD)
        elif key == Qt.Key.Key_Delete and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.remove_row(self._at[0])
        elif key == Qt.Key.Key_Insert and plain:
            self.add_row(self._at[0] + 1)
        elif event.matches(QKeySequence.StandardKey.Paste) and is_table(QApplication.clipboard().text()):
            self.paste(QApplication.clipboard().text())
        elif event.matches(QKeySequence.StandardKey.Undo) and not (line and line.isUndoAvailable()):
            self.undo()
        elif key == Qt.Key.Key_Escape and not self._untouched and not (line and line.list_is_open()):
            self._put_back()
        else:
            return False
        return True

    def _step_from(self, box: QObject, way: int) -> bool:
        """Tab goes through the boxes of a cell before it goes to the next."""
        editor = self.cell()
        assert editor is not None
        boxes = [one for one in editor.inputs() if one.isVisible()]
        place = boxes.index(box) + way if box in boxes else -1
        if 0 <= place < len(boxes):
            boxes[place].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.step(way)
        return True

    def _put_back(self) -> None:
        """Esc: the cell is what it was before."""
        assert self._at is not None
        row, column = self._at
        self._rows.undo()
        self.open_cell(row, column)
        self.edited.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Without a cell in hand: what is typed begins a row."""
        key = event.key()
        if key in ENTER and event.modifiers() in NO_MODIFIERS:
            self._go_on()
        elif self._read_only or self._at is not None:
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Insert:
            self.add_row()
        elif event.matches(QKeySequence.StandardKey.Paste):
            if text := QApplication.clipboard().text():
                self.paste(text)
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
        elif event.text().isprintable() and event.text() and event.modifiers() in TYPING:
            self._begin_with(event)
        else:
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """What is composed begins a row, too."""
        if not self._read_only and self._at is None and (event.preeditString() or event.commitString()):
            self._begin_with(event)
        else:
            event.ignore()

    def _begin_with(self, event: QEvent) -> None:
        self.add_row()
        editor = self.cell()
        if editor is not None:
            QApplication.sendEvent(editor.inputs()[0], event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click takes a cell in hand."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and not self._read_only:
            self.open_cell(index.row(), index.column())
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two quick clicks are two clicks."""
        self.mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Come in at the first cell, or at the last when one comes from behind."""
        super().focusInEvent(event)
        count = self._rows.rowCount()
        if self._passing or self._read_only or not count or event.reason() in NO_FIELD_CHANGE:
            return
        if event.reason() == Qt.FocusReason.BacktabFocusReason:
            self.open_cell(count - 1, len(self._rows.fields) - 1)
        elif event.reason() == Qt.FocusReason.ActiveWindowFocusReason and self._at is not None:
            self.open_cell(*self._at)
        else:
            self.open_cell(0, 0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say that the table was left."""
        super().focusOutEvent(event)
        if event.reason() not in NO_FIELD_CHANGE:
            self._on_left()

    def _on_left(self) -> None:
        now = QApplication.focusWidget()
        if now is not None and (now is self or self.isAncestorOf(now)):
            return
        if now is not None:
            self.close_cell()
        self.left.emit()

    # --- showing ----------------------------------------------------------------------------

    def _editor(self, column: int) -> Editor:
        editor = self._editors.get(column)
        if editor is None:
            editor = self._make(self._rows.fields[column], self._setting)
            editor.setParent(self.viewport())
            editor.setAutoFillBackground(True)
            editor.installEventFilter(self)
            editor.setBackgroundRole(QPalette.ColorRole.Base)
            editor.edited.connect(self._on_edited)
            editor.left.connect(self._on_left)
            editor.entered.connect(self._on_entered)
            if isinstance(editor, DateEditor):
                editor.line.steps = False  # Up and Down go from row to row
            self._editors[column] = editor
        return editor

    def _on_edited(self) -> None:
        if self._at is None:
            return
        if self._untouched:
            self._rows.keep()
            self._untouched = False
        editor = self.cell()
        assert editor is not None
        self._watch(editor)
        self._rows.put(*self._at, editor.value())
        self.edited.emit()

    def _watch(self, editor: Editor) -> None:
        """Boxes that an editor makes late are watched as well."""
        for box in editor.inputs():
            box.removeEventFilter(self)
            box.installEventFilter(self)

    def _make_room(self) -> None:
        """A cell with a long text or ticks needs a higher row while it is in hand."""
        editor = self.cell()
        assert editor is not None
        assert self._at is not None
        self._watch(editor)
        self.fit(self._at[0], editor.sizeHint().height() + 1)

    def _place(self) -> None:
        editor = self.cell()
        if editor is not None and self._at is not None:
            box: QRect = self.visualRect(self._rows.index(*self._at))
            editor.setGeometry(box)
