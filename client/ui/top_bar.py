"""The bar over everything: whose desk, what the line is doing, who sits here."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QWidget

from client.core.people import Device
from client.core.words import CITIES
from client.ui.session import Session
from client.ui.sync.facts import LineWords
from client.ui.theme import BAR_PX
from client.ui.widgets.icons import icon

ROLE_WORDS = {
    "reporter": "填报员", "reviewer": "复核员", "handler": "异议处理员",
    "liaison": "联络员", "admin": "管理员", "auditor": "审计员",
}  # fmt: skip
TONE_ICONS = {
    "good": "check-circle", "warn": "warning", "bad": "warning-octagon",
    "info": "arrows-clockwise", "plain": "circle-dashed",
}  # fmt: skip


def unit_words(device: Device) -> str:
    """Return the unit with its city in front, unless the name begins with it."""
    city = CITIES.get(device.city, device.city)
    named = device.unit_name.startswith(city) or not city
    return device.unit_name if named else f"{city} · {device.unit_name}"


class TopBar(QFrame):
    """Name, unit, line, operator.

    Signals:
        sync_asked, stop_asked, pause_asked, resume_asked, sync_page_asked, stick_asked: from the menu of
            the line.
        lock_asked, switch_asked, sign_in_asked: from the menu of the operator.
    """

    sync_asked = Signal()
    stop_asked = Signal()
    pause_asked = Signal()
    resume_asked = Signal()
    sync_page_asked = Signal()
    stick_asked = Signal()
    lock_asked = Signal()
    switch_asked = Signal()
    sign_in_asked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "top")
        self.setFixedHeight(BAR_PX)
        name = QLabel("闽信通")
        name.setProperty("role", "brand")
        device = session.desk.device
        unit = QLabel(unit_words(device))
        unit.setProperty("role", "secondary")
        unit.setToolTip(f"{device.unit_name}（{device.unit_code}），终端 {device.name}")
        self._line = self._line_button()
        self._operator = self._operator_button(session)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(12)
        row.addWidget(name)
        row.addWidget(unit)
        row.addStretch(1)
        row.addWidget(self._line)
        row.addWidget(self._operator)

    def show_line(self, said: LineWords, *, running: bool, can_sign_in: bool, paused: bool = False) -> None:
        """Say what the line is doing; a sync that runs can be stopped, one that does not can be begun."""
        self._line.setText(said.short)
        self._line.setIcon(icon(TONE_ICONS[said.tone], self.palette(), said.tone))
        self._line.setToolTip(said.sentence)
        self._line.setAccessibleName(f"同步状态：{said.short}")
        self._sync.setVisible(not running and not can_sign_in and not paused)
        self._pause.setVisible(not paused and not can_sign_in)
        self._resume.setVisible(paused)
        self._stop.setVisible(running)
        self._sign_in.setVisible(can_sign_in)
        self._sign_in_again.setVisible(not can_sign_in)

    def line_text(self) -> str:
        """What the line says now."""
        return self._line.text()

    def line_menu(self) -> QMenu:
        """The menu of the line."""
        return self._line.menu()

    def operator_menu(self) -> QMenu:
        """The menu of the operator."""
        return self._operator.menu()

    def _line_button(self) -> QPushButton:
        menu = QMenu(self)
        self._sync = _action(menu, "立即同步", self.sync_asked)
        self._stop = _action(menu, "停止同步", self.stop_asked)
        self._resume = _action(menu, "恢复报送", self.resume_asked)
        self._pause = _action(menu, "暂停报送", self.pause_asked)
        self._sign_in = _action(menu, "联网登录…", self.sign_in_asked)
        _action(menu, "查看报送", self.sync_page_asked)
        _action(menu, "用 U 盘报送…", self.stick_asked)
        return _menu_button(menu)

    def _operator_button(self, session: Session) -> QPushButton:
        operator = session.operator
        roles = "、".join(word for role, word in ROLE_WORDS.items() if role in operator.roles)
        menu = QMenu(self)
        _action(menu, "切换操作员…", self.switch_asked)
        _action(menu, "锁定\tCtrl+L", self.lock_asked)
        self._sign_in_again = _action(menu, "重新联网登录…", self.sign_in_asked)
        button = _menu_button(menu)
        button.setText(f"{operator.name} · {roles}" if roles else operator.name)
        button.setIcon(icon("user-circle", self.palette()))
        button.setAccessibleName(f"操作员：{button.text()}")
        return button


def _action(menu: QMenu, word: str, signal: SignalInstance) -> QAction:
    action = menu.addAction(word)
    action.triggered.connect(lambda _checked=False: signal.emit())
    return action


def _menu_button(menu: QMenu) -> QPushButton:
    button = QPushButton()
    button.setProperty("kind", "top")
    button.setProperty("menu", "true")
    button.setIconSize(QSize(16, 16))
    button.setMenu(menu)
    return button
