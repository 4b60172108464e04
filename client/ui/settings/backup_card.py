"""设置 · 备份: copies that are there, one by hand, and the way back to one."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QFrame, QHBoxLayout

from client.errors import ClientError
from client.store import backup
from client.store.backup import Backup
from client.ui import messages
from client.ui.restored_words import KINDS
from client.ui.row_model import Column, RowModel, current, fill
from client.ui.session import Session
from client.ui.settings.card import Card, text
from client.ui.settings.verbs import Overview
from client.ui.sign_in import secret_field
from client.ui.theme import ROW_PX
from client.ui.widgets import buttons
from client.ui.widgets.tables import Table
from forms.qt.files import size_words

ROWS_SHOWN: Final = 6


class BackupCard(Card):
    """See the module."""

    def __init__(self, session: Session) -> None:
        super().__init__("备份")
        self._session = session
        self.column.addWidget(
            text(
                "每天自动备份一份，保留 14 份，和档案一样加密。备份放在 "
                f"{session.desk.profile / 'backups'}；换电脑或磁盘损坏前，请把整个文件夹复制到别处。",
                "secondary",
            )
        )
        self.table = _table()
        self.column.addWidget(self.table)
        self.now_button = buttons.plain("立即备份", self.back_up)
        self.restore_button = buttons.plain("恢复选中的备份…", self.ask_restore)
        self.buttons(self.now_button, self.restore_button)
        self.confirming = QFrame()
        row = QHBoxLayout(self.confirming)
        row.setContentsMargins(0, 0, 0, 0)
        self._warning = text("")
        self.passphrase = secret_field("本机口令")
        self.passphrase.setPlaceholderText("本机口令")
        self.passphrase.setFixedWidth(180)
        self.passphrase.returnPressed.connect(self._restore)
        row.addWidget(self._warning, 1)
        row.addWidget(self.passphrase)
        row.addWidget(buttons.danger("恢复", self._restore))
        row.addWidget(buttons.plain("取消", self.confirming.hide))
        buttons.on_keys("Esc", self.confirming, self.confirming.hide)
        self.confirming.hide()
        self.column.addWidget(self.confirming)

    def show_overview(self, overview: Overview) -> None:
        """Show the copies."""
        fill(self.table, overview.backups, otherwise_first=True)
        self.table.setFixedHeight(ROW_PX * (max(1, min(len(overview.backups), ROWS_SHOWN)) + 1) + 6)
        can = bool(overview.backups) and self._session.around is not None
        self.restore_button.setEnabled(can)

    def back_up(self) -> None:
        """Make a copy of what is there now."""
        self.now_button.setEnabled(False)
        self.say("正在备份…")
        desk = self._session.desk

        def show(made: Backup) -> None:
            self.say(f"已备份：{made.name}（{size_words(made.size_bytes)}）。", "good")
            self._session.announce("operators")

        self._session.tasks.write(
            lambda: backup.now(desk), show, self._refused, ended=lambda: self.now_button.setEnabled(True)
        )

    def ask_restore(self) -> None:
        """Say what restoring means, and ask for the passphrase."""
        chosen: Backup | None = current(self.table)
        if chosen is None:
            return
        self._warning.setText(
            f"将回到 {chosen.made_at:%Y-%m-%d %H:%M} 的样子。现在的内容先另存一份；已送达平台的不受影响。"
        )
        self.confirming.show()
        self.passphrase.setFocus()

    def _restore(self) -> None:
        chosen: Backup | None = current(self.table)
        passphrase = self.passphrase.text()
        if chosen is None or not passphrase or self._session.around is None:
            return
        self.passphrase.clear()
        self.confirming.hide()
        self._session.around.restore(chosen.name, passphrase)

    def _refused(self, error: ClientError) -> None:
        self.say(messages.sentence(error), "bad")


def _table() -> Table:
    table = Table("备份")
    table.setModel(
        RowModel(
            (
                Column("时间", lambda b: f"{b.made_at:%Y-%m-%d %H:%M}", sort=lambda b: b.made_at),
                Column("种类", lambda b: KINDS.get(b.kind, b.kind)),
                Column("大小", lambda b: size_words(b.size_bytes)),
                Column("文件", lambda b: b.name),
            ),
            key=lambda b: b.name,
        )
    )
    table.lay_out((140, 88, 80, 240), stretch=3)
    return table
