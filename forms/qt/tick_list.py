"""A list of codes with ticks, in columns, as high as it needs to be."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QWidget

from forms.qt.inputs import ENTER, NO_FIELD_CHANGE

LINE_PX = 26
TICK_PX = 38
CELL_MIN_PX = 112
CELL_MAX_PX = 164
"""A name that is wider than a cell takes two; so one long name does not make all columns wide."""

EDGE_PX = 4

CODE_ROLE = Qt.ItemDataRole.UserRole


class TickList(QListWidget):
    """Codes in columns, each with a tick; one stop of Tab, arrows and the space bar inside.

    Signals:
        ticked(str, bool): a person ticked or unticked a code.
        left, entered: as of an editor.
    """

    ticked = Signal(str, bool)
    left = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setTabKeyNavigation(False)
        self.setProperty("role", "ticks")
        self._read_only = False
        self._rows: list[tuple[str, str]] = []
        self._cell = CELL_MIN_PX

    def set_rows(self, rows: Sequence[tuple[str, str]], chosen: frozenset[str]) -> None:
        """Show these codes with their names, `chosen` ticked; quick when the codes are the same."""
        if list(rows) != self._rows:
            self._rows = list(rows)
            self._fill()
        for n in range(self.count()):
            item = self.item(n)
            state = Qt.CheckState.Checked if item.data(CODE_ROLE) in chosen else Qt.CheckState.Unchecked
            if item.checkState() != state:
                item.setCheckState(state)
        self.setVisible(bool(rows))

    def set_read_only(self, on: bool) -> None:
        """Show only, or let tick."""
        self._read_only = on
        if self.property("readOnly") != on:
            self.setProperty("readOnly", on)
            self.style().unpolish(self)
            self.style().polish(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The space bar ticks, Enter goes on, arrows are Qt's."""
        if event.key() == Qt.Key.Key_Space:
            self._flip(self.currentItem())
        elif event.key() in ENTER and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click anywhere on a code ticks it."""
        if event.button() == Qt.MouseButton.LeftButton:
            item = self.itemAt(event.position().toPoint())
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            if item is not None:
                self.setCurrentItem(item)
                self._flip(item)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Done at the press."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two quick clicks are two clicks."""
        self.mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Come in at the code that was current, else at the first."""
        super().focusInEvent(event)
        if self.currentRow() < 0 and self.count():
            self.setCurrentRow(0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say that the field was left."""
        super().focusOutEvent(event)
        if event.reason() not in NO_FIELD_CHANGE:
            self.clearSelection()
            self.left.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width has room for more or fewer columns."""
        if event.size().width() != event.oldSize().width():
            self._fit(event.size().width())
        super().resizeEvent(event)

    def drawn_at(self, n: int) -> QRect:
        """Where the code of row `n` stands, for tests that click."""
        return self.visualItemRect(self.item(n))

    def _fill(self) -> None:
        self.clear()
        for code, name in self._rows:
            item = QListWidgetItem(name)
            item.setData(CODE_ROLE, code)
            item.setToolTip(f"{code} {name}")
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            item.setCheckState(Qt.CheckState.Unchecked)
            self.addItem(item)
        widest = max((self._width_of(n) for n in range(self.count())), default=0)
        self._cell = min(max(widest, CELL_MIN_PX), CELL_MAX_PX)
        self._fit(self.viewport().width())

    def _width_of(self, n: int) -> int:
        return self.fontMetrics().horizontalAdvance(self.item(n).text()) + TICK_PX

    def _fit(self, width: int) -> None:
        """Give each code its cells, and the list the height that they need."""
        columns = max(1, (width - 2) // self._cell)
        cell = (width - 2) // columns
        lines, used = 1, 0
        for n in range(self.count()):
            cells = min(-(-self._width_of(n) // cell), columns)
            if used + cells > columns:
                lines, used = lines + 1, 0
            used += cells
            self.item(n).setSizeHint(QSize(cells * cell, LINE_PX))
        self.setFixedHeight(lines * LINE_PX + EDGE_PX)

    def _flip(self, item: QListWidgetItem | None) -> None:
        if item is None or self._read_only:
            return
        on = item.checkState() != Qt.CheckState.Checked
        item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self.ticked.emit(item.data(CODE_ROLE), on)
