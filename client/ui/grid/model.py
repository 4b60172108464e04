"""The sheet as Qt's views see it: what is shown, sorted, filtered; every change is an undoable command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QUndoCommand, QUndoStack

from client.ui.grid import words
from client.ui.grid.sheet import IN_THE_FORM, Sheet, SheetRow, Step
from client.ui.theme import tokens_for
from client.ui.widgets.marks import SEVERITY, mark_icon
from forms.catalog.check import check, unanswered
from forms.catalog.messages import sentence, short
from forms.catalog.problems import Answer, Problem
from forms.catalog.schema import Field, Item, Value, Values

Index = QModelIndex | QPersistentModelIndex
NOWHERE: Final = QModelIndex()

SEVERITY_ROLE: Final = Qt.ItemDataRole.UserRole
"""``error`` or ``warning`` of a cell, or None."""

UNDO_LIMIT: Final = 500


class GridModel(QAbstractTableModel):
    """Rows in the order in which the person has them, and one empty row to go on in.

    Signals:
        edited(list[SheetRow]): their values changed.
        removed(list[SheetRow]), restored(list[SheetRow]): rows left the grid, or came back.
    """

    edited = Signal(object)
    removed = Signal(object)
    restored = Signal(object)

    def __init__(self, item: Item, today: Callable[[], date]) -> None:
        super().__init__()
        self.item = item
        self.fields: tuple[Field, ...] = item.fields
        self.sheet = Sheet(item, self.fields)
        self.undo = QUndoStack(self)
        self.undo.setUndoLimit(UNDO_LIMIT)
        self._today = today
        self._blank = self.sheet.new_row()
        self._shown: list[SheetRow] = [self._blank]
        self._keep: Callable[[SheetRow], bool] | None = None

    # --- what is shown --------------------------------------------------------------------------

    def set_rows(self, rows: Sequence[SheetRow]) -> None:
        """Show these; what could be undone belongs to rows that are gone."""
        self.beginResetModel()
        self.sheet.rows = list(rows)
        self.undo.clear()
        self._lay()
        self.endResetModel()

    def row_at(self, place: int) -> SheetRow:
        """The row at a place of the view; the last one is the empty one."""
        return self._shown[place]

    def rows_from(self, place: int) -> list[SheetRow]:
        """The rows from a place on, the empty one left out."""
        return [row for row in self._shown[place:] if row is not self._blank]

    def place_of(self, row: SheetRow) -> int | None:
        """Where a row is shown."""
        return next((place for place, shown in enumerate(self._shown) if shown is row), None)

    def find(self, record_id: str) -> SheetRow | None:
        """The row of a record."""
        return next((row for row in self.sheet.rows if row.record_id == record_id), None)

    def is_blank(self, row: SheetRow) -> bool:
        """Say whether a row is the empty one."""
        return row is self._blank

    def counts(self) -> tuple[int, int]:
        """How many rows there are, and how many of them are shown."""
        return len(self.sheet.rows), len(self._shown) - 1

    def record_ids(self) -> list[str]:
        """The records that are shown, in their order; rows that are not stored yet have none."""
        return [row.record_id for row in self._shown if row.record_id]

    def column_of(self, field_id: str) -> int | None:
        """The column of a field."""
        return next((n for n, about in enumerate(self.fields) if about.id == field_id), None)

    def problems(self, row: SheetRow) -> Sequence[Problem]:
        """What still stands in the way of a row."""
        return row.problems(self._judge)

    def _judge(self, values: Values, answers: Sequence[Answer]) -> Sequence[Problem]:
        return unanswered(check(self.item, values, reported_on=self._today()), answers)

    def filter(self, keep: Callable[[SheetRow], bool] | None) -> None:
        """Show the rows that `keep` lets through now; they stay while one mends them."""
        self._keep = keep
        self._again()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the rows in order by a column, empty cells last; -1 is the order in which they were made."""
        self.layoutAboutToBeChanged.emit()
        down = order == Qt.SortOrder.DescendingOrder
        if column < 0:
            self.sheet.rows.sort(key=lambda row: row.key)
        else:
            about = self.fields[column]
            filled = [row for row in self.sheet.rows if row.values.get(about.id) is not None]
            empty = [row for row in self.sheet.rows if row.values.get(about.id) is None]
            filled.sort(key=lambda row: _order(about, row.values[about.id]), reverse=down)
            self.sheet.rows = filled + empty
        self._lay()
        self.layoutChanged.emit()

    def _again(self) -> None:
        self.beginResetModel()
        self._lay()
        self.endResetModel()

    def _lay(self) -> None:
        kept = self.sheet.rows if self._keep is None else filter(self._keep, self.sheet.rows)
        self._shown = [*kept, self._blank]

    # --- changes --------------------------------------------------------------------------------

    def do(self, text: str, steps: Sequence[Step], new: Sequence[SheetRow] = ()) -> None:
        """Make a change that can be undone; nothing when it is none."""
        if steps or new:
            self.undo.push(_Change(self, text, steps, new))

    def delete(self, rows: Sequence[SheetRow]) -> None:
        """Take rows out; can be undone."""
        going = [row for row in rows if row is not self._blank and not row.locked]
        if going:
            self.undo.push(_Removal(self, going))

    def lock(self, row: SheetRow, why: str) -> None:
        """A row may not be written any more."""
        row.locked = why
        self.refresh([row])

    def apply(self, steps: Iterable[Step], *, back: bool) -> None:
        """Do or undo steps, and show it."""
        rows: dict[int, SheetRow] = {}
        for step in steps:
            if back:
                step.undo()
            else:
                step.do()
            rows[step.row.key] = step.row
        changed = list(rows.values())
        self.refresh(changed)
        self.edited.emit(changed)

    def refresh(self, rows: Sequence[SheetRow]) -> None:
        """Show rows anew."""
        if len(rows) == 1:
            place = self.place_of(rows[0])
            if place is None:
                return
            first = last = place
        else:
            first, last = 0, len(self._shown) - 1
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.fields) - 1))
        self.headerDataChanged.emit(Qt.Orientation.Vertical, first, last)

    def add(self, rows: Sequence[SheetRow]) -> None:
        """Put rows at the end, before the empty one."""
        place = len(self._shown) - 1
        self.beginInsertRows(NOWHERE, place, place + len(rows) - 1)
        self.sheet.rows += rows
        self._shown[place:place] = rows
        self.endInsertRows()

    def take_out(self, rows: Sequence[SheetRow]) -> dict[int, int]:
        """Take rows out; returns row key → its place in the sheet, to put it back."""
        going = {row.key for row in rows}
        places = {row.key: place for place, row in enumerate(self.sheet.rows) if row.key in going}
        self.beginResetModel()
        self.sheet.rows = [row for row in self.sheet.rows if row.key not in going]
        self._lay()
        self.endResetModel()
        return places

    def put_back(self, rows: Sequence[SheetRow], places: dict[int, int]) -> None:
        """Put rows back where they were."""
        self.beginResetModel()
        for row in sorted(rows, key=lambda one: places[one.key]):
            self.sheet.rows.insert(places[row.key], row)
        self._lay()
        self.endResetModel()

    def take_blank(self) -> SheetRow:
        """Make a real row of the empty one; there is a new empty one below it."""
        row = self._blank
        self._blank = self.sheet.new_row()
        place = len(self._shown)
        self.sheet.rows.append(row)
        self.beginInsertRows(NOWHERE, place, place)
        self._shown.append(self._blank)
        self.endInsertRows()
        return row

    # --- Qt's questions ---------------------------------------------------------------------------

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.fields)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        row, about = self._shown[index.row()], self.fields[index.column()]
        if not row.locked and about.type not in IN_THE_FORM:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, about = self._shown[index.row()], self.fields[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._summary(row, about).replace("\n", " ⏎ ")
        if role == Qt.ItemDataRole.EditRole:
            return self.sheet.text(row, about)
        if role == SEVERITY_ROLE:
            return _worst(self._of(row, about))
        if role == Qt.ItemDataRole.ToolTipRole:
            found = [short(problem, self.item) for problem in self._of(row, about)]
            return "\n".join(found) or (words.READ_ONLY if row.locked else None)
        if role == Qt.ItemDataRole.ForegroundRole and row.locked:
            return QColor(tokens_for(QGuiApplication.palette()).secondary)
        if role == Qt.ItemDataRole.TextAlignmentRole and about.type in {"decimal", "int"}:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole:
            return False
        steps = self.sheet.typed(self._shown[index.row()], self.fields[index.column()], str(value))
        self.do(words.EDITED, steps)
        return bool(steps)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal:
            return self._heading(self.fields[section], role)
        row = self._shown[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return "＊" if row is self._blank else str(section + 1)
        worst = _worst(self.problems(row))
        if role == Qt.ItemDataRole.DecorationRole and worst:
            look = SEVERITY[worst]
            return mark_icon(look.shape, QGuiApplication.palette(), look.tone)
        if role == Qt.ItemDataRole.ToolTipRole and not row.locked:
            return "\n".join(sentence(problem, self.item) for problem in self.problems(row)) or None
        if role == Qt.ItemDataRole.ToolTipRole:
            return words.READ_ONLY
        return None

    @staticmethod
    def _heading(about: Field, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            unit = f"（{about.unit}）" if about.unit and about.unit not in about.title else ""
            return f"{about.title}{unit}{' *' if about.required else ''}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return about.help or about.title
        return None

    def _summary(self, row: SheetRow, about: Field) -> str:
        said = IN_THE_FORM.get(about.type)
        if said is None:
            return self.sheet.text(row, about)
        value = row.values.get(about.id)
        return said.format(n=len(value)) if isinstance(value, list) and value else ""

    def _of(self, row: SheetRow, about: Field) -> list[Problem]:
        """The problems of a cell; what concerns the whole row stands in its first cell."""
        first = about is self.fields[0]
        return [one for one in self.problems(row) if one.field_id == about.id or (first and not one.field_id)]


def _worst(problems: Sequence[Problem]) -> str | None:
    if not problems:
        return None
    return "error" if any(problem.severity == "error" for problem in problems) else "warning"


def _order(about: Field, value: Value) -> tuple[int, float, str]:
    """Numbers by size, all else by its text; what cannot be read as a number comes after."""
    text = str(value)
    if about.type in {"decimal", "int"}:
        try:
            return (0, float(text), "")
        except ValueError:
            return (1, 0.0, text)
    return (0, 0.0, text)


class _Change(QUndoCommand):
    """Cells that change, with rows that are added for them."""

    def __init__(self, model: GridModel, text: str, steps: Sequence[Step], new: Sequence[SheetRow]) -> None:
        super().__init__(text)
        self._model, self._steps, self._new = model, steps, list(new)
        # Who types into the empty row makes a row of it.
        self._from_blank = next((step.row for step in steps if model.is_blank(step.row)), None)
        self._done_before = False

    def redo(self) -> None:
        """Do it, or do it again."""
        if self._from_blank is not None:
            if self._model.is_blank(self._from_blank):
                self._model.take_blank()
            else:
                self._model.add([self._from_blank])
        if self._new:
            self._model.add(self._new)
        rows = self._made()
        if self._done_before and rows:
            self._model.restored.emit(rows)
        self._done_before = True
        self._model.apply(self._steps, back=False)

    def undo(self) -> None:
        """Take it back, rows that it added too."""
        self._model.apply(self._steps, back=True)
        rows = self._made()
        if rows:
            self._model.take_out(rows)
            self._model.removed.emit(rows)

    def _made(self) -> list[SheetRow]:
        return [*([self._from_blank] if self._from_blank is not None else []), *self._new]


class _Removal(QUndoCommand):
    """Rows that leave the grid."""

    def __init__(self, model: GridModel, rows: Sequence[SheetRow]) -> None:
        super().__init__(words.ROWS_DELETED.format(n=len(rows)))
        self._model, self._rows = model, list(rows)
        self._places: dict[int, int] = {}

    def redo(self) -> None:
        """Take them out."""
        self._places = self._model.take_out(self._rows)
        self._model.removed.emit(self._rows)

    def undo(self) -> None:
        """Put them back where they were."""
        self._model.put_back(self._rows, self._places)
        self._model.restored.emit(self._rows)
