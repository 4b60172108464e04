"""What every editor of a field is: a value in, a value out, and a signal when a person changed it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from forms.catalog.problems import Problem
from forms.catalog.schema import CodeSet, Field, Item, Value
from forms.qt.code_search import NO_SOUNDS, Sounds
from forms.qt.files import NO_FILES, Files
from forms.qt.inputs import Line
from forms.qt.subject_list import Answer
from forms.qt.typed import as_text, as_value


def _silent(_codes: CodeSet) -> Sounds:
    return NO_SOUNDS


@dataclass(frozen=True, slots=True)
class Setting:
    """What editors need to know of the world, passed in.

    Attributes:
        today: the legal day now (Asia/Shanghai).
        sounds: code → initials of its name, for a code set; empty until they are known.
        subjects: finds known subjects for an item and a text; None where there is nothing to ask.
        files: keeps the bytes of attachments.
    """

    today: Callable[[], date]
    sounds: Callable[[CodeSet], Sounds] = _silent
    subjects: Callable[[Item, str, Answer], object] | None = None
    files: Files = NO_FILES


LINE_FIRST = 100
"""Stretch of a short line: it gets its room before the blank at the end of the row does."""

LONG_TEXT = 20
"""Characters that a narrow box may cut off; a longer text is shown whole in a tip."""


class Editor(QWidget):
    """One field in the form. A value that cannot be read stays as the text that was typed.

    Signals:
        edited: a person changed the value; never during a composition of the input method.
        left: the person went elsewhere.
        entered: Enter: the form goes to the next field.
    """

    edited = Signal()
    left = Signal()
    entered = Signal()

    wide: ClassVar[bool] = False
    """It needs the whole width of the form, under its label."""

    def __init__(self, field: Field, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.setting = setting
        self.setObjectName(field.id)

    def value(self) -> Value | None:
        """The value, or the text as typed where it is none; None when empty."""
        raise NotImplementedError

    def set_value(self, value: Value | None) -> None:
        """Show `value`; signals nothing."""
        raise NotImplementedError

    def set_read_only(self, on: bool) -> None:
        """Show only, or let edit."""
        raise NotImplementedError

    def is_busy(self) -> bool:
        """Say whether something that a person asked for is still on its way into the value."""
        return False

    def inputs(self) -> tuple[QWidget, ...]:
        """The widgets that take the focus, in the order of Tab; the first is where one jumps to."""
        raise NotImplementedError

    def focus_at(self, place: str) -> QWidget:
        """Go to a place in the field, as the path of a problem names it; return what took the focus."""
        box = self.inputs()[0]
        box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return box

    def is_in_hand(self, path: str) -> bool:
        """Say whether a person who is in the field is writing just there; path as of a problem."""
        return bool(path)

    def take_problems(self, problems: Sequence[Problem], item: Item) -> Sequence[Problem]:
        """Mark the parts that problems are about; return those that are to stand under the editor."""
        return problems

    def set_tone(self, tone: str) -> None:
        """Mark the box itself: "bad", "warn" or "" for nothing."""
        for box in self.inputs():
            if box.property("tone") != tone:
                box.setProperty("tone", tone)
                box.style().unpolish(box)
                box.style().polish(box)

    def name_for_readers(self, name: str, description: str = "") -> None:
        """Give the focus widgets the name that a screen reader says."""
        for box in self.inputs():
            box.setAccessibleName(name)
            box.setAccessibleDescription(description)


class LineEditor(Editor):
    """An editor whose text is one line; children say what stands beside it."""

    def __init__(self, field: Field, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(field, setting, parent)
        self._given: Value | None = None
        self._touched = False
        self.line = Line()
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(6)
        self.row.addWidget(self.line, 1)
        self.line.textEdited.connect(self._on_edited)
        self.line.left.connect(self._on_left)
        self.line.entered.connect(self.entered)
        self.setFocusProxy(self.line)

    def value(self) -> Value | None:
        return self.read() if self._touched else self._given

    def set_value(self, value: Value | None) -> None:
        self._given, self._touched = value, False
        self.write(value)
        self.refresh()

    def read(self) -> Value | None:
        """The value of what stands in the box."""
        return as_value(self.field, self.line.text())

    def write(self, value: Value | None) -> None:
        """Put a value into the box."""
        self._show(as_text(self.field, value))

    def set_read_only(self, on: bool) -> None:
        self.line.setReadOnly(on)

    def inputs(self) -> tuple[QWidget, ...]:
        return (self.line,)

    def refresh(self) -> None:
        """Bring what stands beside the line up to date with its text."""

    def fit_line(self, least_px: int, most_px: int) -> None:
        """Keep the line short: it holds little. It gives way to what stands beside it, but not below this."""
        self.line.setMinimumWidth(least_px)
        self.line.setMaximumWidth(most_px)
        self.row.setStretch(0, LINE_FIRST)

    def add_side(self, name: str) -> QLabel:
        """Add a quiet text to the right of the line."""
        label = QLabel(name)
        label.setProperty("role", "secondary")
        self.row.addWidget(label)
        return label

    def _show(self, text: str) -> None:
        if self.line.text() != text:
            self.line.setText(text)
            self.line.setToolTip(text if len(text) > LONG_TEXT else "")
        self.line.setCursorPosition(0)

    def touch(self) -> None:
        """From now on what stands in the box counts, and no longer what was given."""
        self._touched = True
        self.refresh()
        self.edited.emit()

    def _on_edited(self) -> None:
        self.touch()

    def _on_left(self) -> None:
        """Write what was understood in the usual way; what was not stays as typed."""
        if self._touched:
            self.write(self.read())
            self.refresh()
        self.left.emit()
