"""Tables of every page: quiet lines, rows of one height, columns whose widths are remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSettings,
    Qt,
)
from PySide6.QtGui import QHelpEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from client.ui.theme import ROW_PX

Index = QModelIndex | QPersistentModelIndex


class Table(QTableView):
    """A table of whole rows. Nothing in it is edited; Enter and double click mean "open"."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widths: tuple[int, ...] = ()
        self._yields: dict[int, int] = {}
        self._is_narrow = False
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setItemDelegate(Elided(self))
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW_PX)
        rows.setMinimumSectionSize(ROW_PX)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setMinimumSectionSize(40)
        columns.setFixedHeight(ROW_PX)

    def lay_out(self, widths: Sequence[int], stretch: int, yields: Mapping[int, int] | None = None) -> None:
        """Give each column its width in px; the column `stretch` takes what is left.

        Args:
            widths: of the columns.
            stretch: a column; in a narrow table it would be the first to vanish.
            yields: columns that give way to it before, in their order, and the least px of each; 0: hidden.
        """
        self._widths, self._yields = tuple(widths), dict(yields or {})
        columns = self.horizontalHeader()
        for n, width in enumerate(widths):
            columns.setSectionResizeMode(n, QHeaderView.ResizeMode.Interactive)
            self.setColumnWidth(n, width)
        columns.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let columns give way, or come back."""
        super().resizeEvent(event)
        lacking = sum(self._widths) - self.viewport().width() if self._yields else 0
        if lacking <= 0 and not self._is_narrow:
            return
        self._is_narrow = lacking > 0
        for column, least in self._yields.items():
            given = min(max(lacking, 0), self._widths[column] - least)
            lacking -= given
            self.setColumnHidden(column, least == 0 and given > 0)
            self.setColumnWidth(column, self._widths[column] - given)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Keep the height of rows whatever the model.

        The headings are not told what is chosen: each would ask every row whether it is.
        """
        super().setModel(model)
        if model is not None:
            self.horizontalHeader().setSelectionModel(QItemSelectionModel(model, self))
        self.verticalHeader().setDefaultSectionSize(ROW_PX)


class Elided(QStyledItemDelegate):
    """Shows the whole text of a cell in a tip, but only where the column cuts it off."""

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """Say the whole text when it does not fit."""
        if event.type() != QEvent.Type.ToolTip or index.data(Qt.ItemDataRole.ToolTipRole):
            return super().helpEvent(event, view, option, index)
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        QToolTip.showText(event.globalPos(), text if self.is_cut_off(view, index) else "", view)
        return True

    def is_cut_off(self, view: QAbstractItemView, index: Index) -> bool:
        """Say whether the text of a cell is wider than its column."""
        option = QStyleOptionViewItem()
        self.initStyleOption(option, index)
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        icon = 0 if option.icon.isNull() else ICON_PX
        needed = view.fontMetrics().horizontalAdvance(text) + MARGIN_PX + icon
        return needed > view.visualRect(index).width()


class MiddleElided(Elided):
    """Cuts a long text in the middle: of a document number, the end tells."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Elide in the middle."""
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle


ICON_PX = 16
MARGIN_PX = 16


def remember(settings: QSettings, key: str, widget: QHeaderView) -> None:
    """Put column widths back as they were left, and keep them from now on."""
    state = settings.value(key)
    if state is not None:
        widget.restoreState(state)
    widget.sectionResized.connect(lambda *_: settings.setValue(key, widget.saveState()))
