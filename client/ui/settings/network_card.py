"""设置 · 网络: which authority is believed, which proxy is used, and a test on the same way as data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QWidget,
)

from client.errors import ClientError, LinkError
from client.sync.diagnosis import Diagnosis, examine
from client.sync.ways import STRAIGHT, Mode, Way, parsed_proxy
from client.ui import messages
from client.ui.session import Session
from client.ui.settings import network_words, verbs
from client.ui.settings.card import Card, text
from client.ui.settings.verbs import Overview
from client.ui.sign_in import secret_field
from client.ui.widgets import buttons

CA_FILES: Final = "证书 (*.pem *.crt *.cer *.der);;所有文件 (*)"
ASKS_NOBODY: Final = Way()
FIELD_PX: Final = 280
HINTS: Final[dict[Mode, str]] = {
    "manual": "10.1.2.3:8080",
    "script": "http://wpad.example.cn/proxy.pac",
}


class NetworkCard(Card):
    """See the module."""

    def __init__(self, session: Session) -> None:
        super().__init__("网络")
        self._session = session
        self._kept = ASKS_NOBODY
        self._filling = False
        self._report = ""
        self._authority = self.row("信任的证书")
        self.choose_button = buttons.plain("选择 CA 文件…", self._choose)
        self.system_button = buttons.plain("改用系统证书", lambda: self.use_authority(None))
        self.rows.addRow("", _beside(self.choose_button, self.system_button))
        self._group = QButtonGroup(self)
        self.modes: dict[Mode, QRadioButton] = {}
        for mode, word in network_words.MODE_WORDS.items():
            choice = self.modes[mode] = QRadioButton(word)
            self._group.addButton(choice)
            choice.toggled.connect(self._on_edited)
        self.rows.addRow(text("代理", "secondary"), _beside(*self.modes.values(), spacing=16))
        self.address = _field("代理地址", "", self._on_edited)
        self.user = _field("代理的用户名", "代理不问就空着", self._on_edited)
        self.password = secret_field("代理的口令")
        self.password.setMaximumWidth(FIELD_PX)
        self.password.textEdited.connect(self._on_edited)
        self.rows.addRow(text("地址", "secondary"), self.address)
        self.rows.addRow(text("用户名", "secondary"), self.user)
        self.rows.addRow(text("口令", "secondary"), self.password)
        self.test_button = buttons.plain("测试连接", self.test)
        self.copy_button = buttons.plain("复制结果", self.copy)
        self.copy_button.hide()
        self.buttons(self.test_button, self.copy_button)
        self._found = QFormLayout()
        self._found.setHorizontalSpacing(16)
        self._found.setVerticalSpacing(4)
        self._found.setLabelAlignment(self.rows.labelAlignment())
        self.column.addLayout(self._found)
        for field in (self.address, self.user, self.password):
            field.returnPressed.connect(self.test)
        self._show_way(ASKS_NOBODY)

    def show_overview(self, overview: Overview) -> None:
        """Show what is believed, and fetch the way that is set."""
        self._authority.setText(
            f"只信任：{overview.own_authority}" if overview.own_authority else network_words.CA_WORDS
        )
        self.system_button.setVisible(overview.own_authority is not None)
        around = self._session.around
        if around is not None and not self.is_changed():
            self._session.tasks.work(lambda _progress, _cancelled: around.way(), self._show_way)

    def way(self) -> Way:
        """What the fields say."""
        mode = next(mode for mode, choice in self.modes.items() if choice.isChecked())
        return Way(mode, self.address.text().strip(), self.user.text().strip(), self.password.text())

    def is_changed(self) -> bool:
        """Say whether the fields say something that is not kept yet."""
        return self.way() != self._kept

    # --- the authority --------------------------------------------------------------------------

    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "选择平台的 CA 文件", "", CA_FILES)
        if name:
            self.use_authority(Path(name))

    def use_authority(self, source: Path | None) -> None:
        """Believe only the authority in a file, or those of the system again; then test."""
        desk = self._session.desk
        self._session.tasks.write(
            lambda: verbs.use_ca_file(desk, source),
            lambda _words: self.test(),
            self._say_failure,
            changes=frozenset({"operators"}),
        )

    # --- the way, and the test ------------------------------------------------------------------

    def test(self) -> None:
        """Keep what was typed, and greet the platform on exactly this way."""
        way, around = self.way(), self._session.around
        if way.mode == "manual":
            try:
                parsed_proxy(way.address, user=way.user, password=way.password)
            except LinkError as error:
                self._say_failure(error)
                self.address.setFocus()
                return
        self._clear_found()
        self.test_button.setEnabled(False)
        self.say("正在联系平台…")
        desk, is_new = self._session.desk, self.is_changed()

        def kept_and_examined() -> tuple[Diagnosis, bool]:
            in_keyring = around.set_way(way) if around is not None and is_new else True
            return examine(desk, around.way() if around is not None else STRAIGHT), in_keyring

        self._session.tasks.net(
            lambda _progress, _cancelled: kept_and_examined(),
            lambda found: self._show_found(way, *found),
            self._say_failure,
            ended=lambda: self.test_button.setEnabled(True),
        )

    def _show_found(self, way: Way, found: Diagnosis, in_keyring: bool) -> None:
        self._kept = way
        self._on_edited()
        said, tone = network_words.sentence(found)
        rows = network_words.rows(found)
        if not in_keyring:
            rows = (*rows, ("口令", "这台电脑没有可用的系统钥匙串，口令只用到窗口关闭"))
        self.say(said, tone)
        self._clear_found()
        for word, value in rows:
            label = text(value)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._found.addRow(text(word, "secondary"), label)
        self._report = "\n".join([said, *(f"{word}：{value}" for word, value in rows)])
        self.copy_button.show()
        if found.error is None and self._session.line is not None:
            self._session.line.sync_now()

    def copy(self) -> None:
        """Put what was found on the clipboard, for whoever mends the network."""
        QGuiApplication.clipboard().setText(self._report)
        self._session.show_message("已复制，可以发给网管或技术支持。", "good")

    # --- inside ---------------------------------------------------------------------------------

    def _say_failure(self, error: ClientError) -> None:
        self.say(f"{messages.sentence(error)}（{error.code}）", "bad")

    def _clear_found(self) -> None:
        self.copy_button.hide()
        while self._found.rowCount():
            self._found.removeRow(0)

    def _show_way(self, way: Way) -> None:
        self._filling = True
        self.modes[way.mode].setChecked(True)
        self.address.setText(way.address)
        self.user.setText(way.user)
        self.password.setText(way.password)
        self._filling = False
        self._kept = self.way()
        self._on_edited()

    def _on_edited(self, *_what: object) -> None:
        if self._filling:
            return
        mode = self.way().mode
        self.rows.setRowVisible(self.address, mode in HINTS)
        self.address.setPlaceholderText(HINTS.get(mode, ""))
        for field in (self.user, self.password):
            self.rows.setRowVisible(field, mode != "none")
        self.test_button.setText("保存并测试" if self.is_changed() else "测试连接")
        self.test_button.setAccessibleName(self.test_button.text())


def _field(name: str, hint: str, edited: Callable[[str], None]) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(hint)
    field.setMaximumWidth(FIELD_PX)
    field.textEdited.connect(edited)
    return field


def _beside(*widgets: QWidget, spacing: int = 8) -> QWidget:
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(spacing)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return box
