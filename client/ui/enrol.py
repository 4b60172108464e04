"""The first start: this PC becomes a desk of its unit, and the first operator gets a passphrase.

Two steps on one card: the platform and the enrolment code; then who you are and your
passphrase. The panel does neither itself: it says what was asked, and is told what came of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QStackedLayout,
    QWidget,
)

from client.core.people import Operator
from client.store.wraps import SHORTEST_PASSPHRASE
from client.ui.sign_in import Card, centred, secret_field
from client.ui.top_bar import ROLE_WORDS
from client.ui.widgets import buttons


@dataclass(frozen=True, slots=True)
class Joining:
    """What is needed to enrol a desk at the platform.

    Attributes:
        proxy: address of the proxy to go through; empty for what the system has set.
    """

    url: str
    code: str
    desk_name: str
    ca_file: Path | None
    proxy: str = ""


def passphrase_fault(first: str, second: str, name: str) -> str | None:
    """Say what is wrong with a new passphrase; None when it will do."""
    if len(first) < SHORTEST_PASSPHRASE:
        return f"口令至少 {SHORTEST_PASSPHRASE} 个字符，可以是一句只有自己知道的话。"
    if len(set(first)) < 4:
        return "口令太简单：至少用 4 个不同的字符。"
    if name and name in first:
        return "口令里不要带自己的姓名。"
    if first != second:
        return "两次输入的口令不一样。"
    return None


class PassphraseFields:
    """Passphrase twice, with its rules; adds its rows to a form."""

    def __init__(self, fields: QFormLayout) -> None:
        self.first = secret_field("新口令")
        self.second = secret_field("再输一次新口令")
        self.first.setPlaceholderText(f"至少 {SHORTEST_PASSPHRASE} 个字符")
        fields.addRow("口令", self.first)
        fields.addRow("再输一次", self.second)

    def take(self) -> str:
        """Return the passphrase and wipe both fields."""
        passphrase = self.first.text()
        self.first.clear()
        self.second.clear()
        return passphrase

    def fault(self, name: str) -> str | None:
        """Say what is wrong; None when it will do."""
        return passphrase_fault(self.first.text(), self.second.text(), name)


class JoinCard(Card):
    """Step one: the platform and the code.

    Signals:
        asked(Joining): enrol this desk.
    """

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__(
            "把这台电脑登记为本单位的终端",
            "登记码由平台管理员发给本单位，一码一机。登记以后可以离线填报。",
        )
        self.url = QLineEdit()
        self.url.setPlaceholderText("https://")
        self.url.setAccessibleName("平台地址")
        self.code = QLineEdit()
        self.code.setAccessibleName("登记码")
        self.desk_name = QLineEdit()
        self.desk_name.setPlaceholderText("例如：窗口 1 号机")
        self.desk_name.setAccessibleName("终端名称")
        self.ca_file = QLineEdit()
        self.ca_file.setPlaceholderText("平台用自建证书时才需要")
        self.ca_file.setAccessibleName("证书文件")
        self.proxy = QLineEdit()
        self.proxy.setPlaceholderText("跟随系统；需要时填 10.1.2.3:8080")
        self.proxy.setAccessibleName("代理")
        browse = buttons.plain("选择…", self._browse)
        beside = QHBoxLayout()
        beside.addWidget(self.ca_file, 1)
        beside.addWidget(browse)
        for word, field in (("平台地址", self.url), ("登记码", self.code), ("终端名称", self.desk_name)):
            self.fields.addRow(word, field)
            field.returnPressed.connect(self._ask)
        self.fields.addRow("证书文件", beside)
        self.fields.addRow("代理", self.proxy)
        self.proxy.returnPressed.connect(self._ask)
        self.button = buttons.primary("登记", self._ask)
        self.row.addWidget(self.button)
        self.setFocusProxy(self.url)

    def set_busy(self, busy: bool) -> None:
        """Nothing can be typed while the platform is asked."""
        for part in (self.url, self.code, self.desk_name, self.ca_file, self.proxy, self.button):
            part.setEnabled(not busy)
        if busy:
            self.say("正在联系平台…")

    def refuse(self, sentence: str) -> None:
        """Say what stands in the way."""
        self.set_busy(False)
        self.say(sentence, "bad")

    def _browse(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(self, "选择证书文件", "", "证书 (*.pem *.crt *.cer *.der)")
        if name:
            self.ca_file.setText(name)

    def _ask(self) -> None:
        for field in (self.url, self.code, self.desk_name):
            if not field.text().strip():
                self.say(f"请填写{field.accessibleName()}。", "warn")
                field.setFocus()
                return
        ca_file = self.ca_file.text().strip()
        self.asked.emit(
            Joining(
                self.url.text().strip().rstrip("/"),
                self.code.text().strip(),
                self.desk_name.text().strip(),
                Path(ca_file) if ca_file else None,
                self.proxy.text().strip(),
            )
        )


class FirstOperatorCard(Card):
    """Step two: who you are, and your passphrase.

    Signals:
        asked(str, str): operator id, passphrase.
    """

    asked = Signal(str, str)

    def __init__(self, unit: str, operators: Sequence[Operator]) -> None:
        super().__init__(
            f"已登记为 {unit} 的终端",
            "选择你是谁，并设一个本机口令。口令只在这台电脑上使用，忘记了要由管理员重新加入。",
        )
        self._operators = list(operators)
        self.name = QComboBox()
        self.name.setAccessibleName("操作员")
        for operator in operators:
            self.name.addItem(f"{operator.name}（{role_words(operator)}）", operator.operator_id)
        self.fields.addRow("操作员", self.name)
        self.passphrase = PassphraseFields(self.fields)
        self.passphrase.second.returnPressed.connect(self._ask)
        self.button = buttons.primary("完成", self._ask)
        self.row.addWidget(self.button)
        self.setFocusProxy(self.passphrase.first)

    def set_busy(self, busy: bool) -> None:
        """Nothing can be typed while the profile is made."""
        for part in (self.name, self.passphrase.first, self.passphrase.second, self.button):
            part.setEnabled(not busy)
        if busy:
            self.say("正在建立加密档案…")

    def refuse(self, sentence: str) -> None:
        """Say what stands in the way."""
        self.set_busy(False)
        self.say(sentence, "bad")

    def _ask(self) -> None:
        operator = self._operators[self.name.currentIndex()]
        fault = self.passphrase.fault(operator.name)
        if fault:
            self.say(fault, "warn")
            self.passphrase.first.setFocus()
            return
        self.asked.emit(operator.operator_id, self.passphrase.take())


class EnrolPanel(QWidget):
    """Both steps; `join` and then `first` say what was asked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.join = JoinCard()
        self.first: FirstOperatorCard | None = None
        self._steps = QStackedLayout(self)
        self._steps.addWidget(centred(self.join))

    def show_operators(self, unit: str, operators: Sequence[Operator]) -> FirstOperatorCard:
        """Go on to step two."""
        self.first = FirstOperatorCard(unit, operators)
        self._steps.addWidget(centred(self.first))
        self._steps.setCurrentIndex(1)
        self.first.setFocus()
        return self.first


def role_words(operator: Operator) -> str:
    """Return the roles of an operator as people say them."""
    return "、".join(word for role, word in ROLE_WORDS.items() if role in operator.roles) or "没有角色"
