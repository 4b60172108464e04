"""Who sits at the desk: the lock screen, and the strip for signing in at the platform.

Panels are dumb: they take what to show, and say what was asked. Passphrases leave them by
signal and are wiped from the fields at once; nothing personal but the names to choose from
is shown while the desk is locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRegularExpression, Qt, QTimer, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from client.ui.restored_words import TYPE_FIRST
from client.ui.theme import restyle
from client.ui.widgets import buttons

CARD_PX: Final = 420
FIELD_PX: Final = 260
LONGEST_WAIT_S: Final = 30


def wait_after(failures: int) -> int:
    """Seconds to wait after so many wrong passphrases in a row: 1, 2, 4, 8, 16, then 30."""
    return min(1 << (failures - 1), LONGEST_WAIT_S) if failures else 0


class Card(QFrame):
    """A panel in the middle of an otherwise empty window: title, sentence, fields, note, buttons."""

    def __init__(self, title: str, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self.setFixedWidth(CARD_PX)
        heading = QLabel(title)
        heading.setProperty("role", "title")
        self.sentence = QLabel(sentence)
        self.sentence.setProperty("role", "secondary")
        self.sentence.setWordWrap(True)
        self.fields = QFormLayout()
        self.fields.setSpacing(8)
        self.fields.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.fields.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._note = QLabel()
        self._note.setWordWrap(True)
        self._note.setMinimumHeight(self._note.fontMetrics().lineSpacing() * 2 + 4)
        self._note.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.row = QHBoxLayout()
        self.row.setSpacing(8)
        self.row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addWidget(heading)
        column.addWidget(self.sentence)
        column.addLayout(self.fields)
        column.addWidget(self._note)
        column.addLayout(self.row)

    def say(self, text: str, tone: str = "plain") -> None:
        """Say one sentence under the fields; its room is always there, so nothing jumps."""
        restyle(self._note, "tone", tone)
        self._note.setText(text)
        self._note.setAccessibleName(text)

    def note(self) -> str:
        """What it says now."""
        return self._note.text()


def centred(card: QWidget) -> QWidget:
    """Return a page with `card` in its middle, a little above the centre."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.addStretch(2)
    column.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
    column.addStretch(3)
    return page


def secret_field(name: str) -> QLineEdit:
    """Return a field that shows dots; its name is what a screen reader says."""
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setAccessibleName(name)
    field.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhNoPredictiveText)
    return field


class UnlockPanel(Card):
    """The lock screen: choose who you are, type your passphrase.

    Signals:
        asked(str, str): operator name, passphrase.
        restore_asked(str, str): the same; a copy is to take the place of the database.
    """

    asked = Signal(str, str)
    restore_asked = Signal(str, str)

    def __init__(self, names: Sequence[str], chosen: str = "", parent: QWidget | None = None) -> None:
        super().__init__("闽信通", "请选择操作员，输入本机口令。", parent)
        self.name = QComboBox()
        self.name.addItems(list(names))
        self.name.setAccessibleName("操作员")
        if chosen in names:
            self.name.setCurrentText(chosen)
        self.passphrase = secret_field("口令")
        self.passphrase.returnPressed.connect(self._ask)
        self.fields.addRow("操作员", self.name)
        self.fields.addRow("口令", self.passphrase)
        self.button = buttons.primary("解锁", self._ask)
        self.restore = buttons.plain("", self._ask_restore)
        self.restore.hide()
        self.row.addWidget(self.restore)
        self.row.addWidget(self.button)
        self.setFocusProxy(self.passphrase)
        self._failures = 0
        self._left_s = 0
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._count_down)

    def set_busy(self, busy: bool) -> None:
        """While the key is being made from the passphrase nothing can be typed."""
        for part in (self.name, self.passphrase, self.button, self.restore):
            part.setEnabled(not busy)
        if busy:
            self.say("正在解锁…")

    def refuse(self, sentence: str) -> None:
        """Say that it did not open; each wrong try in a row makes the next wait longer."""
        self._failures += 1
        self._left_s = wait_after(self._failures)
        self.set_busy(False)
        self.button.setEnabled(False)
        self._sentence = sentence
        self._say_left()
        self._tick.start()
        self.passphrase.setFocus()

    def complain(self, sentence: str) -> None:
        """Say what stands in the way that is no wrong passphrase."""
        self.set_busy(False)
        self.say(sentence, "bad")

    def offer_restore(self, word: str) -> None:
        """Offer to put a copy in the place of the database; the passphrase is typed once more for it."""
        self.restore.setText(word)
        self.restore.setAccessibleName(word)
        self.restore.setVisible(bool(word))
        self.passphrase.setFocus()

    def _ask_restore(self) -> None:
        passphrase = self.passphrase.text()
        if not passphrase:
            self.say(TYPE_FIRST, "warn")
            self.passphrase.setFocus()
            return
        self.passphrase.clear()
        self.restore_asked.emit(self.name.currentText(), passphrase)

    def _count_down(self) -> None:
        self._left_s -= 1
        if self._left_s <= 0:
            self._tick.stop()
            self.button.setEnabled(True)
            self.say(self._sentence, "bad")
        else:
            self._say_left()

    def _say_left(self) -> None:
        self.say(f"{self._sentence}（{self._left_s} 秒后可以再试）", "bad")

    def _ask(self) -> None:
        if not self.button.isEnabled():
            return
        passphrase = self.passphrase.text()
        if not passphrase:
            self.say("请输入口令。", "warn")
            return
        self.passphrase.clear()
        self.asked.emit(self.name.currentText(), passphrase)


class PlatformSignIn(QFrame):
    """A strip under the top bar: the platform's password and the six figures of the authenticator.

    Signals:
        asked(str, str): password, six figures.
        put_off(): later.
    """

    asked = Signal(str, str)
    put_off = Signal()

    def __init__(self, operator_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        self.setProperty("tone", "info")
        self._greeting = f"{operator_name}，联网登录后才能发送记录、取回回执和异议。"
        self._text = QLabel(self._greeting)
        self._text.setWordWrap(True)
        self.password = secret_field("平台密码")
        self.password.setPlaceholderText("平台密码")
        self.password.setFixedWidth(160)
        self.figures = QLineEdit()
        self.figures.setAccessibleName("动态口令，6 位数字")
        self.figures.setPlaceholderText("6 位动态口令")
        self.figures.setFixedWidth(120)
        self.figures.setMaxLength(6)
        self.figures.setValidator(QRegularExpressionValidator(QRegularExpression(r"\d{0,6}"), self))
        self.button = buttons.primary("联网登录", self._ask)
        self.later = buttons.plain("稍后", self.put_off.emit)
        for field in (self.password, self.figures):
            field.returnPressed.connect(self._ask)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(8)
        row.addWidget(self._text, 1)
        for part in (self.password, self.figures, self.button, self.later):
            row.addWidget(part)
        self.setFocusProxy(self.password)

    def ask(self) -> None:
        """Open it."""
        self.say(self._greeting, "info")
        self.show()

    def set_busy(self, busy: bool) -> None:
        """Nothing can be typed while the platform is asked."""
        for part in (self.password, self.figures, self.button):
            part.setEnabled(not busy)
        if busy:
            self.say("正在登录平台…", "info")

    def say(self, text: str, tone: str = "warn") -> None:
        """Say one sentence."""
        restyle(self, "tone", tone)
        self._text.setText(text)
        self._text.setAccessibleName(text)

    def note(self) -> str:
        """What it says now."""
        return self._text.text()

    def refuse(self, sentence: str) -> None:
        """Say that the platform did not let in, and be ready for the next try."""
        self.set_busy(False)
        self.say(sentence, "bad")
        self.figures.clear()
        self.password.setFocus()

    def _ask(self) -> None:
        password, figures = self.password.text(), self.figures.text()
        if not self.button.isEnabled():
            return
        if not password or len(figures) != 6:
            self.say("请输入平台密码和 6 位动态口令。")
            (self.password if not password else self.figures).setFocus()
            return
        self.password.clear()
        self.figures.clear()
        self.asked.emit(password, figures)


def button_row(*parts: QPushButton) -> QHBoxLayout:
    """Return buttons side by side, from the left."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for part in parts:
        row.addWidget(part)
    row.addStretch(1)
    return row
