"""设置 · 平台: which platform, which unit, and when it was last heard of; enrolling again (重新登记)."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QFrame, QLineEdit, QVBoxLayout

from client import __version__
from client.sync import signin
from client.sync.transport import HttpTransport
from client.ui import messages
from client.ui.session import Session
from client.ui.settings.card import Card, text
from client.ui.settings.verbs import Overview
from client.ui.sign_in import button_row
from client.ui.sync.spans import clock_text
from client.ui.top_bar import unit_words
from client.ui.widgets import buttons


class PlatformCard(Card):
    """See the module."""

    def __init__(self, session: Session) -> None:
        super().__init__("平台")
        self._session = session
        device = session.desk.device
        self.row("平台地址", device.platform_url)
        self.row("本单位", f"{unit_words(device)}（{device.unit_code}）")
        self._desk = self.row("本终端", f"{device.name}（{device.device_id}）")
        self._contact = self.row("最近联系")
        self._version = self.row("程序版本")
        self.again_button = buttons.plain("重新登记…", self.ask_again)
        self.again_button.setEnabled(session.line is not None)
        self.buttons(buttons.plain("联网登录", session.ask_sign_in), self.again_button)
        self.again = _CodeForm()
        self.column.addWidget(self.again)
        self.again.hide()
        self.again.given.connect(self._enrol_again)

    def show_overview(self, overview: Overview) -> None:
        """Say when the platform last answered."""
        device = self._session.desk.device
        self._desk.setText(f"{device.name}（{device.device_id}）")
        self.again_button.setEnabled(self._session.line is not None)
        when = clock_text(overview.last_contact_at) if overview.last_contact_at else "还没有联系过"
        why = f"；上次没有成功：{messages.sentence(overview.last_error)}" if overview.last_error else ""
        self._contact.setText(when + why)
        self._version.setText("\n".join([__version__, *overview.notices]))

    def ask_again(self) -> None:
        """Ask for the code of a new enrolment."""
        self.again.ask()

    def _enrol_again(self, code: str) -> None:
        desk, line = self._session.desk, self._session.line
        assert line is not None
        self.say("正在联系平台…")

        def enrol(transport: HttpTransport) -> int:
            return signin.enrol_again(desk, transport, code=code)

        line.with_line(enrol, self._enrolled_again, lambda error: self.say(messages.sentence(error), "bad"))

    def _enrolled_again(self, _queued: int) -> None:
        device = self._session.desk.device
        self._desk.setText(f"{device.name}（{device.device_id}）")
        self.say("已重新登记。本机各位操作员请重新联网登录；待发送的记录会接着发送。", "good")
        self._session.announce("outbox")
        self._session.ask_sign_in()


class _CodeForm(QFrame):
    """The field that opens under the buttons.

    Signals:
        given(str): the enrolment code.
    """

    given = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.addWidget(
            text("平台恢复了以前的备份、不认识这台终端时才需要。本机的记录和待发送的都保留。", "secondary")
        )
        fields = QFormLayout()
        fields.setSpacing(8)
        self.code = QLineEdit()
        self.code.setAccessibleName("登记码")
        self.code.setPlaceholderText("向平台管理员要一个新的，一码一机")
        self.code.returnPressed.connect(self._give)
        fields.addRow("登记码", self.code)
        self.button = buttons.plain("登记", self._give)
        fields.addRow("", button_row(self.button))
        column.addLayout(fields)
        buttons.on_keys("Esc", self, self.hide)

    def ask(self) -> None:
        """Open, and wait for the code."""
        self.show()
        self.code.setFocus()

    def _give(self) -> None:
        code = self.code.text().strip()
        if not code:
            self.code.setFocus()
            return
        self.hide()
        self.code.clear()
        self.given.emit(code)
