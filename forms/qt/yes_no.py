"""The editor of yes or no: both stand there, one key or click chooses."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QButtonGroup, QHBoxLayout, QLabel, QRadioButton, QWidget

from forms.catalog.schema import Field, Value
from forms.qt import words
from forms.qt.codes import offered, split
from forms.qt.editor import Editor, Setting
from forms.qt.inputs import ENTER, NO_FIELD_CHANGE

YES_AND_NO: Final = {"是", "否"}
LETTERS: Final = {"y": "是", "n": "否", "s": "是", "f": "否"}
ARROWS: Final = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
EMPTYING: Final = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


def is_yes_or_no(field: Field) -> bool:
    """Say whether a field has no other codes than 是 and 否."""
    return field.code_set is not None and {code.name for code in field.code_set.codes} == YES_AND_NO


class YesNoEditor(Editor):
    """One stop of Tab: arrows go over, the code or a letter (y, n) chooses, Delete empties.

    What was given and is neither stays, and is said beside them, until one is chosen.
    """

    def __init__(self, field: Field, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(field, setting, parent)
        self._value: Value | None = None
        self._read_only = False
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QRadioButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for code in offered(field):
            button = QRadioButton(code.name)
            button.installEventFilter(self)
            button.clicked.connect(self._on_clicked)
            self._group.addButton(button)
            self.buttons[code.code] = button
            row.addWidget(button)
        self._strange = QLabel()
        self._strange.setProperty("tone", "bad")
        row.addWidget(self._strange, 1)
        self._show()

    def value(self) -> Value | None:
        return self._value

    def set_value(self, value: Value | None) -> None:
        self._value = value
        self._show()

    def set_read_only(self, on: bool) -> None:
        self._read_only = on
        for button in self.buttons.values():
            button.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, on)

    def inputs(self) -> tuple[QWidget, ...]:
        chosen = self.buttons.get(split(self._value)[0])
        return (chosen or next(iter(self.buttons.values())),)

    def name_for_readers(self, name: str, description: str = "") -> None:
        for button in self.buttons.values():
            button.setAccessibleName(f"{name}：{button.text()}")
            button.setAccessibleDescription(description)

    def pick(self, code: str | None) -> None:
        """Take a code, or None for empty, as a person does."""
        if self._read_only:
            return
        has_focus = any(button.hasFocus() for button in self.buttons.values())
        changed, self._value = code != self._value, code
        self._show()
        if has_focus:
            self.inputs()[0].setFocus()
        if changed:
            self.edited.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that choose; and that the field was left."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._take_key(event) or super().eventFilter(watched, event)
        lost = isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in NO_FIELD_CHANGE
        if lost and QApplication.focusWidget() not in self.buttons.values():
            self.left.emit()
        return super().eventFilter(watched, event)

    def _take_key(self, event: QKeyEvent) -> bool:
        if event.modifiers() not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            return False
        sign = event.text().casefold()
        named = {button.text(): code for code, button in self.buttons.items()}
        if event.key() in ENTER:
            self.entered.emit()
        elif event.key() in ARROWS:
            codes = list(self.buttons)
            self.pick(codes[0] if self._value not in self.buttons or self._value == codes[1] else codes[1])
        elif event.key() in EMPTYING:
            self.pick(None)
        elif sign in self.buttons:
            self.pick(sign)
        elif sign in LETTERS:
            self.pick(named[LETTERS[sign]])
        else:
            return False
        return True

    def _on_clicked(self) -> None:
        self.pick(next(code for code, button in self.buttons.items() if button.isChecked()))

    def _show(self) -> None:
        code, _ = split(self._value)
        chosen = self.buttons.get(code)
        self._group.setExclusive(False)
        for button in self.buttons.values():
            button.setChecked(button is chosen)
        self._group.setExclusive(True)
        first = self.inputs()[0]
        for button in self.buttons.values():
            button.setFocusPolicy(
                Qt.FocusPolicy.StrongFocus if button is first else Qt.FocusPolicy.ClickFocus
            )
        strange = bool(code) and chosen is None
        self._strange.setText(words.NOT_IN_SET.format(text=code) if strange else "")
