"""The pin beside a field: what it holds stays for new records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QAbstractButton

from forms.catalog.schema import Field, Value
from forms.qt import glyphs, words

if TYPE_CHECKING:
    from forms.qt.form import CatalogForm
    from forms.qt.rows import FieldRow

PIN_PX = 16
FIRST_LINE_PX = 7


class PinMark(QAbstractButton):
    """Drawn full when pinned, quiet when not. No stop of Tab: F6 does the same from the field."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._title = field.title
        self.setFixedSize(PIN_PX + 4, PIN_PX + FIRST_LINE_PX)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._on = False
        self.set_on(False)

    def is_on(self) -> bool:
        """Say whether the field is pinned."""
        return self._on

    def set_on(self, on: bool) -> None:
        """Draw it full or quiet, and say so."""
        self._on = on
        tip = words.PINNED if on else words.PIN
        self.setToolTip(tip)
        self.setAccessibleName(f"{self._title}：{tip}")
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Under the mouse it is drawn darker."""
        self.update()
        super().enterEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the sign on the line of the editor's text."""
        painter = QPainter(self)
        if self._on:
            sign = glyphs.toned(glyphs.PINNED, self.palette(), "info").pixmap(PIN_PX, PIN_PX)
        else:
            sign = glyphs.picture(glyphs.PIN, self.palette(), PIN_PX)
            painter.setOpacity(1.0 if self.underMouse() else 0.45)
        painter.drawPixmap(2, FIRST_LINE_PX, sign)


class Pins(QObject):
    """The pins of a form. A pinned field that is filled otherwise is pinned with that from then on.

    Signals:
        pinned(str, object): the field of this id is to be kept, with this value.
        unpinned(str): it is not to be kept any more.
    """

    pinned = Signal(str, object)
    unpinned = Signal(str)

    def __init__(self, form: CatalogForm) -> None:
        super().__init__(form)
        self._pinned: dict[str, Value] | None = None
        for row in form.rows_made():
            self._take(row)
        form.row_made.connect(self._take)
        form.left.connect(self._follow)
        key = QShortcut(QKeySequence(Qt.Key.Key_F6), form)
        key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        key.activated.connect(self._turn_here)

    @property
    def _form(self) -> CatalogForm:
        """Asked of Qt each time: a reference to one's parent is a ring that Python cannot take apart."""
        return cast("CatalogForm", self.parent())

    def show(self, pinned: Mapping[str, Value] | None) -> None:
        """Show what is pinned; None where nothing can be, as in a record that is only read."""
        self._pinned = None if pinned is None else dict(pinned)
        for row in self._form.rows_made():
            self._draw(row)

    def values(self) -> Mapping[str, Value] | None:
        """What is pinned; None where nothing can be."""
        return self._pinned

    def turn(self, field_id: str) -> None:
        """Pin a field with what it holds, or unpin it; an empty one cannot be pinned."""
        if self._pinned is None:
            return
        value = self._form.editor(field_id).value()
        if field_id in self._pinned:
            del self._pinned[field_id]
            self.unpinned.emit(field_id)
        elif value is not None:
            self._pinned[field_id] = value
            self.pinned.emit(field_id, value)
        self._draw(self._form.row(field_id))

    def _take(self, row: FieldRow) -> None:
        row.pin_asked.connect(self.turn)
        self._draw(row)

    def _draw(self, row: FieldRow) -> None:
        row.show_pin(None if self._pinned is None else row.field.id in self._pinned)

    def _turn_here(self) -> None:
        for row in self._form.rows_made():
            if row.has_focus():
                self.turn(row.field.id)

    def _follow(self, field_id: str) -> None:
        value = self._form.editor(field_id).value()
        if (
            self._pinned is not None
            and field_id in self._pinned
            and value not in (None, self._pinned[field_id])
        ):
            self._pinned[field_id] = value
            self.pinned.emit(field_id, value)
