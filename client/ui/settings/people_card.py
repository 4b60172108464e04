"""设置 · 操作员: who can unlock this desk, with which roles; add, remove, change the passphrase."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QFrame, QVBoxLayout

from client.errors import ClientError
from client.ui import messages
from client.ui.enrol import PassphraseFields, role_words
from client.ui.row_model import Column, RowModel, current, fill
from client.ui.session import Halves, Session
from client.ui.settings import verbs
from client.ui.settings.card import Card, text
from client.ui.settings.verbs import Overview, Person
from client.ui.sign_in import button_row, secret_field
from client.ui.theme import ROW_PX
from client.ui.widgets import buttons
from client.ui.widgets.marks import StateLook
from client.ui.widgets.tables import Table

HERE: Final = StateLook("tick", "可以解锁本机", "good")
NOT_HERE: Final = StateLook("ring", "未加入本机", "plain")
ROWS_SHOWN: Final = 6
OPERATORS: Final = frozenset({"operators"})


class PeopleCard(Card):
    """See the module."""

    def __init__(self, session: Session) -> None:
        super().__init__("操作员")
        self._session = session
        self._people: tuple[Person, ...] = ()
        self.table = _table()
        self.column.addWidget(self.table)
        self._keyring = text("", "secondary")
        self.column.addWidget(self._keyring)
        self.add_button = buttons.plain("加入本机…", self.ask_add)
        self.change_button = buttons.plain("修改我的口令…", self.ask_change)
        self.remove_button = buttons.danger("移出本机", self.remove)
        self.buttons(self.add_button, self.change_button, self.remove_button)
        self.adding = _AddForm()
        self.changing = _ChangeForm(session.operator.name)
        for form in (self.adding, self.changing):
            self.column.addWidget(form)
            form.hide()
        self.adding.given.connect(self._add)
        self.changing.given.connect(self._change)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._set_buttons())
        self._set_buttons()

    def show_overview(self, overview: Overview) -> None:
        """Show who is there."""
        self._people = overview.people
        fill(self.table, overview.people, otherwise_first=True)
        self.table.setFixedHeight(ROW_PX * (min(len(overview.people), ROWS_SHOWN) + 1) + 6)
        self._keyring.setText(
            f"钥匙的另一半存放在系统钥匙串：{overview.keyring}。"
            if overview.keyring
            else "这台电脑没有可用的系统钥匙串，只靠口令保护。请把口令设得长一些。"
        )
        self._set_buttons()

    def ask_add(self) -> None:
        """Ask who joins, and let that person choose a passphrase."""
        self.changing.hide()
        outside = [person for person in self._people if not person.unlocks]
        self.adding.ask(outside)

    def ask_change(self) -> None:
        """Ask for the old and the new passphrase."""
        self.adding.hide()
        self.changing.ask()

    def remove(self) -> None:
        """Take away the chosen operator's way into this desk."""
        person: Person | None = current(self.table)
        if person is None or not self.remove_button.isEnabled():
            return
        desk, name = self._session.desk, person.operator.name
        self._session.tasks.write(
            lambda: verbs.remove_operator(desk, person.operator.operator_id),
            lambda _nothing: self.say(f"{name} 已移出本机；以前的记录和签名都保留。", "good"),
            self._refused,
            OPERATORS,
        )

    def _add(self, person: Person, passphrase: str) -> None:
        desk, halves, name = self._session.desk, self._halves(), person.operator.name
        self.say("正在加入…")
        self._session.tasks.write(
            lambda: verbs.add_operator(desk, halves, person.operator, passphrase),
            lambda _keyring: self.say(f"{name} 可以解锁本机了。", "good"),
            self._refused,
            OPERATORS,
        )

    def _change(self, old: str, new: str) -> None:
        desk, halves = self._session.desk, self._halves()
        self.say("正在修改…")
        self._session.tasks.write(
            lambda: verbs.change_passphrase(desk, halves, old, new),
            lambda _nothing: self.say("口令已修改，下次解锁用新口令。", "good"),
            self._refused,
        )

    def _refused(self, error: ClientError) -> None:
        self.say(messages.sentence(error), "bad")

    def _halves(self) -> Halves | None:
        return self._session.around.halves if self._session.around is not None else None

    def _set_buttons(self) -> None:
        person: Person | None = current(self.table)
        me = self._session.operator
        self.add_button.setVisible(any(not one.unlocks for one in self._people))
        may_remove = "admin" in me.roles
        self.remove_button.setVisible(may_remove)
        self.remove_button.setEnabled(
            person is not None and person.unlocks and person.operator.operator_id != me.operator_id
        )


class _Form(QFrame):
    """Fields that open under the buttons."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        self.fields = QFormLayout()
        self.fields.setSpacing(8)
        column.addLayout(self.fields)
        self.note = text("")
        self.note.setProperty("tone", "warn")
        column.addWidget(self.note)
        buttons.on_keys("Esc", self, self.hide)


class _AddForm(_Form):
    """Who joins, and the passphrase that he or she chooses.

    Signals:
        given(Person, str): the operator and the passphrase.
    """

    given = Signal(object, str)

    def __init__(self) -> None:
        super().__init__()
        self._people: list[Person] = []
        self.name = QComboBox()
        self.name.setAccessibleName("加入哪位操作员")
        self.fields.addRow("操作员", self.name)
        self.passphrase = PassphraseFields(self.fields)
        self.passphrase.second.returnPressed.connect(self._give)
        self.button = buttons.plain("加入", self._give)
        self.fields.addRow("", button_row(self.button))

    def ask(self, people: list[Person]) -> None:
        self._people = people
        self.name.clear()
        self.name.addItems([f"{one.operator.name}（{role_words(one.operator)}）" for one in people])
        self.note.setText("请由本人输入自己的口令。")
        self.show()
        self.name.setFocus()

    def _give(self) -> None:
        person = self._people[self.name.currentIndex()]
        fault = self.passphrase.fault(person.operator.name)
        if fault:
            self.note.setText(fault)
            return
        self.hide()
        self.given.emit(person, self.passphrase.take())


class _ChangeForm(_Form):
    """The old passphrase and the new one.

    Signals:
        given(str, str): old and new.
    """

    given = Signal(str, str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.old = secret_field("现在的口令")
        self.fields.addRow("现在的口令", self.old)
        self.passphrase = PassphraseFields(self.fields)
        self.passphrase.second.returnPressed.connect(self._give)
        self.button = buttons.plain("修改", self._give)
        self.fields.addRow("", button_row(self.button))

    def ask(self) -> None:
        self.note.setText("")
        self.show()
        self.old.setFocus()

    def _give(self) -> None:
        fault = self.passphrase.fault(self._name) if self.old.text() else "请输入现在的口令。"
        if fault:
            self.note.setText(fault)
            return
        old = self.old.text()
        self.old.clear()
        self.hide()
        self.given.emit(old, self.passphrase.take())


def _table() -> Table:
    table = Table("本单位操作员")
    table.setModel(
        RowModel(
            (
                Column("姓名", lambda p: p.operator.name),
                Column("角色", lambda p: role_words(p.operator)),
                Column("本机", lambda p: _look(p).word, look=_look),
                Column("钥匙", lambda p: ("口令 + 钥匙串" if p.keyring else "口令") if p.unlocks else ""),
            ),
            key=lambda p: p.operator.operator_id,
        )
    )
    table.lay_out((120, 220, 140, 120), stretch=1)
    return table


def _look(person: Person) -> StateLook:
    return HERE if person.unlocks else NOT_HERE
