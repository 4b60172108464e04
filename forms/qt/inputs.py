"""The two boxes that people type into: one line, and several.

Chinese is typed through an input method, which holds letters that are not text yet (the
composition). Here they are safe: Enter and Esc are the input method's while it composes, and what
it still holds when the focus moves is kept as text.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget

NO_FIELD_CHANGE = frozenset({Qt.FocusReason.PopupFocusReason, Qt.FocusReason.MenuBarFocusReason})
"""Reasons of losing the focus that do not mean that a person is done with the field."""

ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})

LIST_KEYS = ENTER | {Qt.Key.Key_Escape}

SIDE_PX = 8
"""Space between the text of a line, what stands at its end, and its edge."""

LINES_MIN = 3
LINES_MAX = 10


def finish_composition() -> None:
    """Make text of what the input method still holds; before anything is read or replaced."""
    QApplication.inputMethod().commit()
    box = QApplication.focusWidget()
    if isinstance(box, Line | Paragraph):
        box.keep_composition()


def in_tab_order(first: QWidget, *others: QWidget) -> None:
    """Let Tab go from `first` to the others in turn; Qt puts what is made late at the end."""
    for before, after in pairwise((first, *others)):
        QWidget.setTabOrder(before, after)


class Line(QLineEdit):
    """One line.

    Signals:
        left: the person went to another widget.
        entered: Enter, meant for the form and not for the input method.
        list_asked: F4, "show me what I can choose".
        stepped(int): Up is -1, Down 1; only sent when `steps` is set.

    Attributes:
        steps: Up and Down mean something here.
        list_is_open: asked before Enter and Esc are taken for the form's.
    """

    left = Signal()
    entered = Signal()
    list_asked = Signal()
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.steps = False
        self.list_is_open: Callable[[], bool] = _never
        self._composition = ""
        self._side: QLabel | None = None

    def is_composing(self) -> bool:
        """Say whether the input method holds letters that are not text yet."""
        return bool(self._composition)

    def keep_composition(self) -> None:
        """Make text of the letters that the input method left behind."""
        if self._composition:
            done = QInputMethodEvent("", [])
            done.setCommitString(self._composition)
            self.inputMethodEvent(done)

    def say(self, text: str, tone: str = "") -> None:
        """Let a quiet word stand at the end inside the box; so boxes stay equally wide. Empty: none."""
        if self._side is None:
            if not text:
                return
            self._side = QLabel(self)
            self._side.setProperty("role", "secondary")
            self._side.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self.textChanged.connect(self._place_side)
        side = self._side
        if side.property("tone") != tone:
            side.setProperty("tone", tone)
            side.style().unpolish(side)
            side.style().polish(side)
        side.setText(text)
        side.adjustSize()
        self._place_side()

    def said(self) -> str:
        """What stands at the end."""
        return "" if self._side is None else self._side.text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What stands at the end stays there."""
        super().resizeEvent(event)
        self._place_side()

    def _place_side(self) -> None:
        """Put it at the end; what a person writes comes first where both have no room."""
        side = self._side
        if side is None:
            return
        taken = self.fontMetrics().horizontalAdvance(self.text()) + 3 * SIDE_PX
        fits = bool(side.text()) and taken + side.width() <= self.width()
        side.setVisible(fits)
        self.setTextMargins(0, 0, side.width() + SIDE_PX if fits else 0, 0)
        side.move(self.width() - side.width() - SIDE_PX, (self.height() - side.height()) // 2)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Remember what is being composed."""
        self._composition = event.preeditString()
        super().inputMethodEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Lose no letter; say that the field was left."""
        self.keep_composition()
        super().focusOutEvent(event)
        if event.reason() not in NO_FIELD_CHANGE:
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter moves on, F4 opens the list; all the rest is Qt's."""
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if event.key() in LIST_KEYS and self.list_is_open():
            event.ignore()  # the list's own: Enter takes, Esc closes
        elif event.key() in ENTER and plain:
            if not self.is_composing():
                self.entered.emit()
        elif event.key() == Qt.Key.Key_F4 and plain:
            finish_composition()  # what opens, or turns the unit, reads the text
            self.list_asked.emit()
        elif self.steps and plain and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.stepped.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)


class Paragraph(QPlainTextEdit):
    """Several lines; grows with its text. Tab moves on, Enter is a new line.

    Signals:
        typed: the text changed by a person's hand; not while composing.
        left: the person went to another widget.
    """

    typed = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(2)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._composition = ""
        self._text = ""
        self._rows = 0
        self.textChanged.connect(self._on_changed)
        self._fit()

    def is_composing(self) -> bool:
        """Say whether the input method holds letters that are not text yet."""
        return bool(self._composition)

    def keep_composition(self) -> None:
        """Make text of the letters that the input method left behind."""
        if self._composition:
            done = QInputMethodEvent("", [])
            done.setCommitString(self._composition)
            self.inputMethodEvent(done)

    def set_text(self, text: str) -> None:
        """Show `text`; nothing is signalled, and undo begins anew."""
        self._text = text
        self.setPlainText(text)
        self._text = self.toPlainText()
        self._fit()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Remember what is being composed."""
        self._composition = event.preeditString()
        super().inputMethodEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Lose no letter; say that the field was left."""
        self.keep_composition()
        super().focusOutEvent(event)
        if event.reason() not in NO_FIELD_CHANGE:
            self.left.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width wraps other lines."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _on_changed(self) -> None:
        text = self.toPlainText()
        if text == self._text:  # only the composition, or a format, changed
            return
        self._text = text
        self._fit()
        self.typed.emit()

    def _fit(self) -> None:
        """Be as high as the text needs, within limits, so that the page does not jump about."""
        lines = int(self.document().size().height())  # of a plain text edit: in lines
        rows = min(max(lines, LINES_MIN), LINES_MAX)
        if rows != self._rows:
            self._rows = rows
            self.setFixedHeight(rows * self.fontMetrics().lineSpacing() + 18)


def _never() -> bool:
    """A box without a list has none open."""
    return False
