"""Step 列对应: what each column of the file stands for, and where a person says otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from client.intake.headings import Heading
from client.intake.preview import Preview, SheetPreview
from client.ui.intake import words
from client.ui.theme import ROW_PX, restyle
from forms.catalog.schema import Item


class FieldBox(QComboBox):
    """A choice of field; a wheel that scrolls the table must not change what a column stands for."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the table."""
        event.ignore()


class ColumnsPane(QWidget):
    """A line for each column, with the field that it stands for.

    Signals:
        item_chosen(str): the file is to be taken for another item.
    """

    item_chosen = Signal(str)

    def __init__(self, items: Sequence[Item]) -> None:
        super().__init__()
        self._items = {item.code: item for item in items}
        self._preview: Preview | None = None
        self._sheet: SheetPreview | None = None
        self._chosen: list[QComboBox] = []
        self.item = QComboBox()
        self.item.setAccessibleName(words.ITEM)
        for item in items:
            self.item.addItem(item.name, item.code)
        self.item.activated.connect(lambda n: self.item_chosen.emit(self.item.itemData(n)))
        self.sheet = QComboBox()
        self.sheet.setAccessibleName(words.SHEET)
        self.sheet.activated.connect(self._on_sheet)
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.lacking = QLabel()
        self.lacking.setWordWrap(True)
        restyle(self.lacking, "tone", "warn")
        self.table = QTableWidget(0, len(words.COLUMN_TITLES))
        self.table.setAccessibleName(words.STEPS[1])
        self._lay_out()

    def show_preview(self, preview: Preview) -> None:
        """Show the sheets of a file, the best one first chosen."""
        self._preview = preview
        fitting = [sheet for sheet in preview.sheets if sheet.header is not None]
        self.sheet.clear()
        for sheet in fitting:
            self.sheet.addItem(sheet.name + (words.HIDDEN if sheet.hidden else ""), sheet.name)
        best = preview.best
        if best is not None:
            self.sheet.setCurrentIndex(self.sheet.findData(best.name))
            self._show_sheet(best)

    def item_code(self) -> str | None:
        """The item that the file is taken for."""
        header = self._sheet.header if self._sheet else None
        return header.item if header else None

    def sheet_name(self) -> str | None:
        """The sheet that is read."""
        return self._sheet.name if self._sheet else None

    def fields(self) -> dict[int, str | None] | None:
        """Column from 0 → field id or None, only where a person said otherwise; None when nowhere."""
        header = self._sheet.header if self._sheet else None
        said = {
            heading.column: box.currentData() or None
            for heading, box in zip(header.headings if header else (), self._chosen, strict=True)
            if (box.currentData() or None) != heading.field
        }
        return said or None

    def rows(self) -> int:
        """Records under the header of the sheet."""
        return self._sheet.rows if self._sheet else 0

    def _on_sheet(self, place: int) -> None:
        name = self.sheet.itemData(place)
        assert self._preview is not None
        self._show_sheet(next(sheet for sheet in self._preview.sheets if sheet.name == name))

    def _show_sheet(self, sheet: SheetPreview) -> None:
        assert sheet.header is not None
        self._sheet = sheet
        header = sheet.header
        item = self._items[header.item]
        self.item.setCurrentIndex(self.item.findData(header.item))
        self._chosen = []
        self.table.setRowCount(len(header.headings))
        sample = sheet.sample[0] if sheet.sample else ()
        for line, heading in enumerate(header.headings):
            first = sample[heading.column] if heading.column < len(sample) else ""
            texts = (heading.letters, heading.text, "", first)
            for place, text in enumerate(texts):
                self.table.setItem(line, place, _cell(text))
            box = _field_box(item, heading)
            box.currentIndexChanged.connect(lambda _n: self._summarize())
            self._chosen.append(box)
            self.table.setCellWidget(line, 2, box)
        self._summarize()

    def _summarize(self) -> None:
        assert self._sheet is not None
        assert self._sheet.header is not None
        item = self._items[self._sheet.header.item]
        known = {box.currentData() for box in self._chosen} - {""}
        self.summary.setText(
            words.MATCHED.format(
                file=self._sheet.name, rows=self._sheet.rows, columns=len(self._chosen), known=len(known)
            )
        )
        lacking = [field.title for field in item.fields if field.required and field.id not in known]
        self.lacking.setText(words.LACKING.format(titles="、".join(lacking)))
        self.lacking.setVisible(bool(lacking))

    def _lay_out(self) -> None:
        self.table.setHorizontalHeaderLabels(list(words.COLUMN_TITLES))
        self.table.verticalHeader().setVisible(False)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(ROW_PX + 4)
        self.table.setShowGrid(False)
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.setTabKeyNavigation(False)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for place, width in enumerate((56, 300, 320, 200)):
            self.table.setColumnWidth(place, width)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        row = QHBoxLayout()
        row.setSpacing(8)
        for title, box, width in ((words.ITEM, self.item, 340), (words.SHEET, self.sheet, 180)):
            label = QLabel(title)
            label.setBuddy(box)
            box.setMinimumWidth(width)
            row.addWidget(label)
            row.addWidget(box)
            row.addSpacing(8)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.summary)
        column.addWidget(self.lacking)
        column.addWidget(self.table, 1)


def _cell(text: str) -> QTableWidgetItem:
    cell = QTableWidgetItem(text)
    cell.setFlags(Qt.ItemFlag.ItemIsEnabled)
    cell.setToolTip(text)
    return cell


def _field_box(item: Item, heading: Heading) -> QComboBox:
    box = FieldBox()
    box.setAccessibleName(f"{heading.letters} {heading.text}")
    box.addItem(words.LEAVE_OUT, "")
    for field in item.fields:
        box.addItem(field.title, field.id)
    box.setCurrentIndex(max(0, box.findData(heading.field or "")))
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return box
