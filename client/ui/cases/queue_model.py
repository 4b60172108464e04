"""The queue as a table that grows page by page: what is out of sight was never read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from client.ui.row_model import NOWHERE, Column, Index, RowModel

PAGE_ROWS: Final = 200


class _Asking(QObject):
    """Signals of a model whose base knows none."""

    more = Signal()


class QueueModel(RowModel):
    """Rows of the queue; asks for the next page when the view comes to its end.

    Attributes:
        asking: its signal `more` is emitted once a page.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__(columns, key=lambda row: row.case_id)
        self.asking = _Asking()
        self._has_more = self._waits = False

    def canFetchMore(self, parent: Index = NOWHERE) -> bool:
        """Say whether there is another page."""
        return not parent.isValid() and self._has_more and not self._waits

    def fetchMore(self, parent: Index = NOWHERE) -> None:
        """Ask for it; it comes by `add_page`."""
        if self.canFetchMore(parent):
            self._waits = True
            self.asking.more.emit()

    def expect(self, *, more: bool) -> None:
        """Say whether there are more rows than those that were set."""
        self._waits, self._has_more = False, more

    def add_page(self, rows: Sequence[Any]) -> None:
        """Put the next page under the rows that are there."""
        self._waits, self._has_more = False, len(rows) >= PAGE_ROWS
        if rows:
            first = self.rowCount()
            self.beginInsertRows(NOWHERE, first, first + len(rows) - 1)
            self._rows.extend(rows)
            self.endInsertRows()
