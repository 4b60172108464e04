"""One batch: what is in it, every time that it was sent and what came of it, and what happens next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from client.core.batches import BatchRow, BatchTry
from client.ui.row_model import Column, RowModel, fill
from client.ui.session import Session
from client.ui.sync import reading
from client.ui.sync.spans import amount, clock_text
from client.ui.sync.tables import batch_look
from client.ui.theme import Tone
from client.ui.widgets import buttons
from client.ui.widgets.banner import Banner
from client.ui.widgets.tables import Table


class BatchPanel(QFrame):
    """See the module."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self._session = session
        self._shown: tuple[BatchRow, tuple[BatchTry, ...]] | None = None
        self._next = ""
        self._title = QLabel()
        self._title.setProperty("role", "heading")
        self.banner = Banner()
        self._facts = QFormLayout()
        self._facts.setHorizontalSpacing(12)
        self._facts.setVerticalSpacing(2)
        self._facts.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.tries = _tries_table()
        self.copy_button = buttons.plain("复制", self.copy)
        self._heading = QLabel()
        self._heading.setProperty("role", "secondary")
        row = QHBoxLayout()
        row.addWidget(self._title, 1)
        row.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.banner)
        column.addLayout(self._facts)
        column.addWidget(self._heading)
        column.addWidget(self.tries, 1)
        column.addStretch()

    def show_batch(self, row: BatchRow, tries: tuple[BatchTry, ...], following: str) -> None:
        """Show one batch."""
        self._shown, self._next = (row, tries), following
        self._title.setText(f"批次 {row.device_seq}　{batch_look(row).word}")
        if row.problem:
            tone: Tone = "bad" if row.state == "void" else "warn"
            self.banner.say(reading.code_words(row.problem), tone, code=row.problem)
        else:
            self.banner.clear()
        while self._facts.rowCount():
            self._facts.removeRow(0)
        for word, value in self._rows(row):
            label = QLabel(value)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            title = QLabel(word)
            title.setProperty("role", "small")
            self._facts.addRow(title, label)
        by_stick = reading.went_by_stick(row)
        self._heading.setText("由 U 盘带出，没有经过网络发送。" if by_stick else "每次发送")
        self.tries.setVisible(not by_stick)
        fill(self.tries, tries)

    def copy(self) -> None:
        """Put the batch and its sendings on the clipboard, for support."""
        if self._shown is None:
            return
        row, tries = self._shown
        lines = [f"{word}：{value}" for word, value in self._rows(row)]
        lines += [
            f"第 {one.n} 次　{clock_text(one.at)}　{reading.try_words(one)}（{one.code or '—'}）"
            for one in tries
        ]
        QGuiApplication.clipboard().setText("\n".join([self._title.text(), *lines]))
        self._session.show_message("已复制这一批的情况。", "good")

    def _rows(self, row: BatchRow) -> list[tuple[str, str]]:
        return [
            ("记录", f"{row.items:,} 条：通过 {row.accepted:,}，退回 {row.rejected:,}，待定 {row.waiting:,}"),
            ("大小", f"{amount(row.size_bytes)}（压缩前）"),
            ("编批", clock_text(row.cut_at)),
            ("接下来", self._next),
            ("批次号", row.batch_id),
        ]


def _meaning(code: str | None) -> str:
    return reading.code_words(code) if code and code not in reading.TRY_WORDS else ""


def _tries_table() -> Table:
    table = Table("每次发送")
    table.setModel(
        RowModel(
            (
                Column("次", lambda t: f"{t.n}"),
                Column("发送", lambda t: clock_text(t.at)),
                Column("结果", reading.try_words, tip=lambda t: _meaning(t.code)),
                Column("编号", lambda t: t.code or "—"),
            ),
            key=lambda t: t.n,
        )
    )
    table.lay_out((36, 96, 200, 96), stretch=2)
    return table
