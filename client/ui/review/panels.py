"""The two strips over the action bar of 复核: why something goes back, and the passphrase once a sitting."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from client.ui.sign_in import secret_field
from client.ui.theme import restyle
from client.ui.widgets import buttons
from forms.catalog.schema import Item

WHOLE_RECORD: Final = "整条记录"


class Strip(QFrame):
    """A strip that is hidden until it is asked for; Esc puts it away.

    Signals:
        put_away(): it was closed without an answer.
    """

    put_away = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        self.setProperty("tone", "info")
        self._text = QLabel()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 6, 12, 6)
        self._row.setSpacing(8)
        self._row.addWidget(self._text)
        buttons.on_keys("Esc", self, self.close_strip)
        self.hide()

    def say(self, text: str, tone: str = "info") -> None:
        """Say what is asked, or what is wrong with the answer."""
        restyle(self, "tone", tone)
        self._text.setText(text)
        self._text.setAccessibleName(text)

    def note(self) -> str:
        """What it says now."""
        return self._text.text()

    def close_strip(self) -> None:
        """Put it away."""
        self.hide()
        self.put_away.emit()


class ReturnStrip(Strip):
    """Why, and which field.

    Signals:
        given(str, str): the reason, and the field's id, empty for the whole record.
    """

    given = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QComboBox()
        self.field.setAccessibleName("退回哪一项")
        self.field.setMaximumWidth(220)
        self.reason = QLineEdit()
        self.reason.setAccessibleName("退回原因")
        self.reason.setPlaceholderText("写给填报人：哪里不对、怎么改")
        self.reason.setMaxLength(500)
        self.reason.returnPressed.connect(self._give)
        self.button = buttons.plain("退回", self._give)
        for part in (self.field, self.reason):
            self._row.addWidget(part, 1 if part is self.reason else 0)
        self._row.addWidget(self.button)
        self._row.addWidget(buttons.plain("取消", self.close_strip))

    def ask(self, text: str, item: Item | None, field_id: str = "") -> None:
        """Open it for one record (its fields can be named), or for several (`item` None)."""
        self.field.clear()
        self.field.addItem(WHOLE_RECORD, "")
        for field in item.fields if item is not None else ():
            self.field.addItem(field.title, field.id)
        self.field.setVisible(item is not None)
        self.field.setCurrentIndex(max(0, self.field.findData(field_id)))
        self.say(text)
        self.show()
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def _give(self) -> None:
        reason = self.reason.text().strip()
        if not reason:
            self.say("请写明退回的原因。", "warn")
            self.reason.setFocus()
            return
        self.hide()
        self.reason.clear()
        self.given.emit(reason, str(self.field.currentData() or ""))


class PassphraseStrip(Strip):
    """The reviewer's passphrase, once a sitting.

    Signals:
        given(str): the passphrase.
    """

    given = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.passphrase = secret_field("本机口令")
        self.passphrase.setFixedWidth(220)
        self.passphrase.returnPressed.connect(self._give)
        self.button = buttons.plain("确认", self._give)
        self._row.addWidget(self.passphrase)
        self._row.addWidget(self.button)
        self._row.addWidget(buttons.plain("取消", self.close_strip))
        self._row.addStretch(1)

    def ask(self) -> None:
        """Open it."""
        self.say("复核要签上你的名字。请再输入一次本机口令，这次登录期间只问这一次。")
        self.set_busy(False)
        self.show()
        self.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_busy(self, busy: bool) -> None:
        """Nothing can be typed while it is held against the key."""
        self.passphrase.setEnabled(not busy)
        self.button.setEnabled(not busy)

    def refuse(self, sentence: str) -> None:
        """Say that it was not right."""
        self.set_busy(False)
        self.say(sentence, "bad")
        self.passphrase.setFocus()

    def _give(self) -> None:
        passphrase = self.passphrase.text()
        if not passphrase or not self.button.isEnabled():
            return
        self.passphrase.clear()
        self.given.emit(passphrase)
