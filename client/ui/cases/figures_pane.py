"""统计: what came in, what was closed in time, what causes objections; every figure leads to its cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from client.store import case_figures
from client.store.case_figures import CaseFigures
from client.store.case_queue import Filter
from client.ui.cases.application import label
from client.ui.cases.queue_words import KINDS
from client.ui.session import Session
from client.ui.tall_page import TallPage, scrolled
from client.ui.widgets import buttons
from client.ui.words import CLAIMS

TITLE: Final = "统计"
SPAN: Final = "统计哪段时间"
SPANS: Final[dict[str, str]] = {"month": "本月", "quarter": "本季度", "year": "本年", "last_year": "上一年"}
SUM: Final = "{since} 至 {until}：收到 {received:,} 件，办结 {closed:,} 件。"
MEDIAN: Final = "办结的中位天数：{days} 天"
NO_MEDIAN: Final = "这段时间没有办结的。"
RECEIVED: Final = "收到"
CLOSED: Final = "办结"
TIMES: Final = "按期 {on_time:,} · 逾期 {overdue:,} · 没有期限 {undated:,}"
OPEN: Final = "未结"
OPEN_LATE: Final = "未结且逾期"
WHICH: Final[dict[str, str]] = {
    "by_kind": "收到的是哪一种？",
    "by_reason": "为什么提出？",
    "by_item": "哪些事项引起异议？",
    "by_field": "哪些数据项引起异议？",
}
NOTHING: Final = "没有"
MOST_LINES: Final = 10
CLOSE: Final = "回到办件"


class FiguresPane(QFrame):
    """See the module.

    Signals:
        cases_asked(object): a figure was pressed; the filter that counts it.
        closed(): back to the case.
    """

    cases_asked = Signal(object)
    closed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self._session = session
        self.span = QComboBox()
        self.span.setAccessibleName(SPAN)
        for name, word in SPANS.items():
            self.span.addItem(word, name)
        self.span.activated.connect(self.reload)
        self.links: dict[str, QPushButton] = {}
        self._page = TallPage()
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(16, 8, 16, 12)
        self._column.setSpacing(8)
        head = QHBoxLayout()
        head.setContentsMargins(16, 12, 16, 0)
        head.addWidget(label(TITLE, "title"))
        head.addWidget(self.span)
        head.addStretch(1)
        head.addWidget(buttons.plain(CLOSE, self.closed.emit, "Esc"))
        buttons.on_keys("Esc", self, self.closed.emit)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.addLayout(head)
        column.addWidget(scrolled(self._page), 1)

    def reload(self) -> None:
        """Count again."""
        desk, today = self._session.desk, self._session.desk.today()
        since, until = span_of(str(self.span.currentData()), today)
        self._session.tasks.read(
            lambda: case_figures.read(desk.db.reader(), since, until, today=today), self._show_figures
        )

    def _show_figures(self, figures: CaseFigures) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.links = {}
        span = {"since": figures.since, "until": figures.until}
        came = Filter(is_open=None, since=figures.since, until=figures.until)
        ended = Filter(is_open=False, closed_since=figures.since, closed_until=figures.until)
        today = self._session.desk.today().isoformat()
        days = figures.median_days
        self._column.addWidget(label(SUM.format(**span, received=figures.received, closed=figures.closed)))
        table = self._table(
            {
                RECEIVED: (figures.received, came),
                CLOSED: (figures.closed, ended),
                OPEN: (figures.open, Filter(until=figures.until)),
                OPEN_LATE: (figures.open_overdue, Filter(until=figures.until, overdue_on=today)),
            }
        )
        self._column.addWidget(table)
        times = TIMES.format(on_time=figures.on_time, overdue=figures.overdue, undated=figures.undated)
        self._column.addWidget(label(times))
        self._column.addWidget(label(NO_MEDIAN if days is None else MEDIAN.format(days=f"{days:g}")))
        for name, title in WHICH.items():
            self._column.addWidget(label(title, "heading"))
            counts: Mapping[str, int] = getattr(figures, name)
            word, which = self._about(name, span)
            lines = {word(code): (n, which(code)) for code, n in list(counts.items())[:MOST_LINES]}
            self._column.addWidget(self._table(lines) if lines else label(NOTHING, "secondary"))
        self._column.addStretch(1)

    def _about(
        self, name: str, span: Mapping[str, str]
    ) -> tuple[Callable[[str], str], Callable[[str], Filter]]:
        """How a code of a table is said, and which cases it counts."""
        items = {item.code: item for item in self._session.desk.catalogs.items()}
        titles = {field.id: field.title for item in items.values() for field in item.fields}
        words: dict[str, Callable[[str], str]] = {
            "by_kind": lambda code: KINDS.get(code, code),
            "by_reason": lambda code: CLAIMS.get(code, code),
            "by_item": lambda code: items[code].name if code in items else code,
            "by_field": lambda code: titles.get(code, code),
        }
        member = name.removeprefix("by_")
        within = Filter(is_open=None, since=span["since"], until=span["until"])
        return words[name], lambda code: replace(within, **{member: code})

    def _table(self, lines: Mapping[str, tuple[int, Filter]]) -> QWidget:
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        for line, (word, (count, which)) in enumerate(lines.items()):
            link = buttons.link(f"{count:,} 件", partial(self.cases_asked.emit, which))
            link.setAccessibleName(f"{word} {count:,} 件")
            link.setEnabled(count > 0)
            self.links[word] = link
            grid.addWidget(QLabel(word), line, 0)
            grid.addWidget(link, line, 1, Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(1, 1)
        return table


def span_of(name: str, today: date) -> tuple[date, date]:
    """Return the first and the last day of a span."""
    if name == "last_year":
        return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
    month = {"month": today.month, "quarter": (today.month - 1) // 3 * 3 + 1, "year": 1}[name]
    return date(today.year, month, 1), today
