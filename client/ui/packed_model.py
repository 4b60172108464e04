"""A table model over a long sequence that decodes a row when it is looked at; none out of sight is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtWidgets import QTableView

from client.ui.row_model import Column, RowModel

_ROWS_KEPT: Final = 512


class PackedModel(RowModel):
    """Like RowModel, for sequences of any length; its rows have no keys and come all at once."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__(columns, lambda row: row)
        self._sequence: Sequence[Any] = ()
        self._opened: OrderedDict[int, Any] = OrderedDict()

    def show(self, sequence: Sequence[Any]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._sequence = sequence
        self._opened.clear()
        self._rows = _Lazy(self)  # type: ignore[assignment]  # RowModel only measures and indexes it
        self.endResetModel()

    def repaint(self) -> None:
        """What columns say of the rows has changed, the rows have not."""
        if self._sequence:
            last = self.index(len(self._sequence) - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def count(self) -> int:
        """How many rows."""
        return len(self._sequence)

    def opened(self, place: int) -> Any:
        """Return one row."""
        row = self._opened.get(place)
        if row is None:
            row = self._opened[place] = self._sequence[place]
            if len(self._opened) > _ROWS_KEPT:
                self._opened.popitem(last=False)
        return row


def chosen_ranges(table: QTableView) -> list[range]:
    """Return the chosen rows as ranges: a whole long table is one, and costs nothing."""
    parts: Any = table.selectionModel().selection()
    return [range(part.top(), part.bottom() + 1) for part in parts]


class _Lazy:
    """The rows of a packed model, as a list looks."""

    def __init__(self, model: PackedModel) -> None:
        self._model = model

    def __len__(self) -> int:
        return self._model.count()

    def __getitem__(self, place: int) -> Any:
        return self._model.opened(place)
