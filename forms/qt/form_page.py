"""The page under a form: its fields in sections, made from top to bottom, the first of them at once."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from forms.catalog.schema import Item
from forms.qt.editor import Setting
from forms.qt.fields import in_sections
from forms.qt.rows import FieldRow
from forms.qt.sections import FormSection

AT_ONCE = 14
"""Fields made before the form is first painted: as many as a window of 768 px shows."""

PIECE = 4
"""Fields made at a time afterwards, so that no key waits for them."""


class FormPage(QWidget):
    """Rows in sections. What is below the fold is made after the first paint, or when it is asked for.

    Made from top to bottom only, so that the order of Tab is that of the eye.

    Signals:
        row_made(FieldRow): a field was made, and is to be filled.
        piece_made: several were.

    Attributes:
        rows: field id → row, of those that are made.
        sections: those that are made, from top to bottom.
    """

    row_made = Signal(object)
    piece_made = Signal()

    def __init__(self, item: Item, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._item, self._setting = item, setting
        self.rows: dict[str, FieldRow] = {}
        self.sections: list[FormSection] = []
        self._to_make = in_sections(item)
        self.setProperty("role", "page")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 4, 8, 16)
        self._column.setSpacing(4)
        self._column.addStretch(1)
        self._timer = QTimer(self, interval=1)
        self._timer.timeout.connect(self._make_piece)

    def begin(self) -> None:
        """Make what is seen first."""
        self._make(AT_ONCE)

    def is_whole(self) -> bool:
        """Say whether all fields are made."""
        return not self._to_make

    def waiting(self) -> list[str]:
        """Ids of the fields that are not made yet."""
        return [field.id for field in self._to_make]

    def make_all(self) -> None:
        """Make the fields that are not made yet."""
        if self._to_make:
            self._make(len(self._to_make))

    def row(self, field_id: str) -> FieldRow:
        """The row of a field; it is made now if it was not yet."""
        if field_id not in self.rows:
            self._make(1 + self.waiting().index(field_id))
        return self.rows[field_id]

    def section_of(self, row: FieldRow) -> FormSection:
        """The section that a row is in."""
        return next(section for section in self.sections if row in section.rows)

    def showEvent(self, event: QShowEvent) -> None:
        """Make the rest after the first paint."""
        super().showEvent(event)
        if self._to_make:
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Make nothing that nobody waits for."""
        super().hideEvent(event)
        self._timer.stop()

    def _make_piece(self) -> None:
        self._make(PIECE)

    def _make(self, count: int) -> None:
        for field in self._to_make[:count]:
            if not self.sections or self.sections[-1].title != field.section:
                self.sections.append(FormSection(field.section))
                self._column.insertWidget(len(self.sections) - 1, self.sections[-1])
                self.sections[-1].show()
            row = FieldRow(self._item, field, self._setting, self)
            self.rows[field.id] = row
            self.sections[-1].add(row)
            if self.isVisible():  # at once: what is not shown cannot have the focus
                row.show()
            self.row_made.emit(row)
        self._to_make = self._to_make[count:]
        if not self._to_make:
            self._timer.stop()
        self.piece_made.emit()
