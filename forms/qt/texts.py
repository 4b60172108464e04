"""Editors of text: a line, a long text with its count, an identifier that is checked while typing."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from forms.catalog import identifiers
from forms.catalog.schema import Field, Value
from forms.qt import words
from forms.qt.editor import Editor, LineEditor, Setting
from forms.qt.inputs import Paragraph

KINDS: Final = {"uscc": "uscc", "orgcode": "orgcode", "regno": "regno", "idcard": "ric"}
"""Kind of rule → kind of identifier."""

LENGTHS: Final = {"uscc": 18, "ric": 18, "regno": 15, "orgcode": 9}


class TextEditor(LineEditor):
    """One line of text. Says the count only when it comes near the limit."""

    NEAR = 0.9

    def refresh(self) -> None:
        most, n = self.field.max_length, len(self.line.text().strip())
        if most is None or not n or n <= most * self.NEAR:
            self.line.say("")
        else:
            self.line.say(words.COUNT.format(n=n, most=most), "bad" if n > most else "")


class LongTextEditor(Editor):
    """Several lines with the count of characters under them. Nothing is cut at the limit."""

    def __init__(self, field: Field, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(field, setting, parent)
        self._given: Value | None = None
        self._touched = False
        self.box = Paragraph()
        self._count = QLabel()
        self._count.setProperty("role", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.box)
        column.addWidget(self._count, 0, Qt.AlignmentFlag.AlignRight)
        self.box.typed.connect(self._on_typed)
        self.box.left.connect(self.left)
        self.setFocusProxy(self.box)
        self._say_count()

    def value(self) -> Value | None:
        return self.box.toPlainText().strip() or None if self._touched else self._given

    def set_value(self, value: Value | None) -> None:
        self._given, self._touched = value, False
        text = "" if value is None else str(value)
        if self.box.toPlainText() != text:
            self.box.set_text(text)
        self._say_count()

    def set_read_only(self, on: bool) -> None:
        self.box.setReadOnly(on)

    def inputs(self) -> tuple[QWidget, ...]:
        return (self.box,)

    def _on_typed(self) -> None:
        self._touched = True
        self._say_count()
        self.edited.emit()

    def _say_count(self) -> None:
        most, n = self.field.max_length, len(self.box.toPlainText().strip())
        if most is None:
            self._count.setText(f"{n:,} 字")
            return
        tone = "bad" if n > most else ""
        self._count.setText(words.COUNT.format(n=f"{n:,}", most=f"{most:,}"))
        if self._count.property("tone") != tone:
            self._count.setProperty("tone", tone)
            self._count.style().unpolish(self._count)
            self._count.style().polish(self._count)


class IdentifierEditor(LineEditor):
    """A code with check characters: how many are still missing, then whether it is right.

    What is wrong with a whole code is said by the problem under the field; here only the
    count stands while one types, and a tick once the code is right.
    """

    def refresh(self) -> None:
        kind = identifier_kind(self.field)
        text = self.line.text().strip()
        if kind is None or not text:
            self.line.say("")
        elif identifiers.judge(kind, text, today=self.setting.today()).verdict == "ok":
            self.line.say("✓", "good")
        else:
            self.line.say(words.ID_LENGTH.format(n=len(text), most=LENGTHS[kind]))


def identifier_kind(field: Field) -> str | None:
    """Return the kind of identifier that a rule of `field` asks for, as `identifiers` names it."""
    return next((KINDS[rule.kind] for rule in field.rules if rule.kind in KINDS), None)
