"""How the table of a repeated group looks: widths by type, rows as high as needed, frames around problems."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from forms.catalog.schema import Field
from forms.qt.glyphs import tone_colour
from forms.qt.group_model import TONE_ROLE, GroupModel, heading_of
from forms.qt.texts import identifier_kind

LINE_PX: Final = 32
LINES_SHOWN: Final = 8
MARGIN_PX: Final = 4
HEADING_PX: Final = 24

WIDTHS: Final = {
    "date": 136, "decimal": 150, "int": 110, "enum": 150, "set": 220, "text": 220, "string": 140,
}  # fmt: skip
"""Least width of a column by its type; what is left over is shared out."""

WIDE_LOOKS: Final = {"long_term": 200, "money_wan": 190, "money_yuan": 190}
CODE_PX: Final = 210
"""18 signs, and how many are there."""

Place = QModelIndex | QPersistentModelIndex


class MarkedCells(QStyledItemDelegate):
    """Draws a frame in its tone around a cell that has a problem."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Place) -> None:
        super().paint(painter, option, index)
        if tone := index.data(TONE_ROLE):
            painter.save()
            painter.setPen(QColor(tone_colour(option.palette, tone)))
            painter.drawRect(option.rect.adjusted(1, 1, -2, -2))
            painter.restore()


class GroupGrid(QTableView):
    """A table as high as its rows, up to a limit.

    Signals:
        arranged: cells stand elsewhere now.
    """

    arranged = Signal()

    def __init__(self, model: GroupModel) -> None:
        super().__init__()
        self._fields = model.fields
        self.setModel(model)
        self.setItemDelegate(MarkedCells(self))
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
        self.verticalHeader().setDefaultSectionSize(LINE_PX)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumHeight(LINE_PX)
        self.horizontalHeader().sectionResized.connect(self._on_resized)
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            signal.connect(self._on_rows)
        self.fit()

    def fit(self, row: int = -1, row_px: int = LINE_PX) -> None:
        """Be as high as the rows need, up to a limit.

        Args:
            row: one that is higher than the others.
            row_px: how high it is at least.
        """
        head = self.verticalHeader()
        for one in range(head.count()):
            high = max(row_px, LINE_PX) if one == row else LINE_PX
            if head.sectionSize(one) != high:
                head.resizeSection(one, high)
        shown = sum(head.sectionSize(one) for one in range(min(head.count(), LINES_SHOWN)))
        across = max(self.horizontalHeader().sizeHint().height(), LINE_PX)
        wanted = sum(map(self._least, self._fields)) + head.width()
        bar = self.horizontalScrollBar().sizeHint().height() if wanted > self.width() else 0
        self.setFixedHeight(across + max(shown, LINE_PX) + (bar if self.isVisible() else 0) + MARGIN_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width out among the columns."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            least = [self._least(field) for field in self._fields]
            over = max(0, self.viewport().width() - sum(least))
            for column, width in enumerate(least):
                self.setColumnWidth(column, width + over * width // sum(least))
            self._on_rows()

    def _on_resized(self) -> None:
        self.arranged.emit()

    def _on_rows(self) -> None:
        self.fit()
        self.arranged.emit()

    def _least(self, field: Field) -> int:
        needed = self.fontMetrics().horizontalAdvance(heading_of(field)) + HEADING_PX
        if identifier_kind(field) is not None:
            return max(needed, CODE_PX)
        return max(needed, WIDE_LOOKS.get(field.appearance, WIDTHS.get(field.type, WIDTHS["string"])))
