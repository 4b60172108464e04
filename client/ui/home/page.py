"""工作台: what waits for me, each line a link; beside it, how reporting stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from client.ui.home.todo import Todo, read_todo
from client.ui.navigation import Page
from client.ui.session import Session
from client.ui.sync.facts import LineFacts
from client.ui.sync.status import words
from client.ui.theme import Tone, restyle
from client.ui.widgets import buttons
from client.ui.widgets.empty import EmptyState
from client.ui.widgets.marks import mark


@dataclass(frozen=True, slots=True)
class TodoLine:
    """One kind of thing to do: when, how it is said, and where it leads."""

    count: Callable[[Todo], int]
    text: str
    page: str
    where: dict[str, Any]
    shape: str
    tone: Tone


LINES: Final = (
    TodoLine(lambda t: t.cases, "{n:,} 件异议待核查", "cases", {}, "flag", "warn"),
    TodoLine(lambda t: t.review, "{n:,} 份待你复核", "review", {}, "half", "info"),
    TodoLine(
        lambda t: t.rejected, "{n:,} 条被平台退回，改好再报", "sync", {"tab": "rejected"}, "square", "bad"
    ),
    TodoLine(lambda t: t.returned, "{n:,} 条复核退回", "records", {"state": "returned"}, "back", "warn"),
    TodoLine(lambda t: t.problems, "{n:,} 条草稿有问题", "records", {"state": "problems"}, "square", "bad"),
    TodoLine(lambda t: t.drafts, "{n:,} 条草稿可以提交", "records", {"state": "draft"}, "ring", "plain"),
    TodoLine(lambda t: t.blocked, "{n:,} 条已隔离，要人看一看", "sync", {"tab": "waiting"}, "pause", "bad"),
    TodoLine(lambda t: t.doubts, "{n:,} 条疑问数据待处理", "sync", {"tab": "questions"}, "question", "warn"),
    TodoLine(lambda t: int(bool(t.cut_import)), "有一次导入没有做完", "intake", {}, "pause", "warn"),
)
FIGURES: Final = (
    ("待发送", lambda t: t.waiting, "sync", {"tab": "waiting"}),
    ("已入库", lambda t: t.stored, "sync", {"tab": "stored"}),
    ("未关联", lambda t: t.unmatched, "records", {"state": "unmatched"}),
    ("等别人复核", lambda t: t.others_review, "records", {"state": "in_review"}),
)


class HomePage(Page):
    """See the module."""

    name = "home"
    title = "工作台"
    icon = "house"
    kinds: ClassVar[frozenset[str]] = frozenset({"records", "review", "outbox", "cases", "imports"})

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.lines: list[QPushButton] = []
        self.figures: dict[str, QPushButton] = {}
        self._todo = QVBoxLayout()
        self._todo.setSpacing(4)
        self._empty = EmptyState(
            "check-circle", "今天没有要办的事", "新的草稿、待复核的提交和异议会出现在这里。"
        )
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self._lay_out()
        if session.line is not None:
            session.line.facts_changed.connect(self._show_facts)
            self._show_facts(session.line.facts())

    def open(self, **_where: Any) -> None:
        """Show the page."""
        self.reload()

    def reload(self) -> None:
        """Count again."""
        desk = self.session.desk
        self.session.tasks.read(lambda: read_todo(desk), self._show)

    def _show(self, todo: Todo) -> None:
        for shown in self.lines:
            shown.hide()
            shown.deleteLater()
        self.lines = []
        for line in LINES:
            count = line.count(todo)
            if count:
                self.lines.append(self._line(line, count))
                self._todo.addWidget(self.lines[-1])
        self._empty.setVisible(todo.nothing)
        for title, counted, _page, _where in FIGURES:
            self.figures[title].setText(f"{counted(todo):,}")
            self.figures[title].setAccessibleName(f"{title} {counted(todo):,}")

    def _line(self, line: TodoLine, count: int) -> QPushButton:
        button = QPushButton(line.text.format(n=count))
        button.setProperty("kind", "todo")
        button.setIcon(mark(line.shape, self.palette(), line.tone, ratio=self.devicePixelRatioF()))
        button.setAutoDefault(False)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(lambda: self.session.navigate(line.page, **line.where))
        return button

    def _show_facts(self, facts: LineFacts) -> None:
        said = words(facts)
        self._sentence.setText(said.sentence)
        restyle(self._sentence, "tone", said.tone)
        self._sign_in.setVisible(not facts.signed_in)

    def _lay_out(self) -> None:
        title = QLabel(self.title)
        title.setProperty("role", "title")
        today = QLabel(f"{self.session.desk.today():%Y-%m-%d}")
        today.setProperty("role", "secondary")
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 16, 8)
        head.setSpacing(12)
        head.addWidget(title)
        head.addWidget(today)
        head.addStretch(1)
        for word, page, icon_name in (
            ("去填报", "records", "pencil-line"),
            ("导入表格", "intake", "download-simple"),
        ):
            head.addWidget(buttons.plain(word, partial(self.session.navigate, page), icon_name=icon_name))
        body = QHBoxLayout()
        body.setContentsMargins(16, 0, 16, 16)
        body.setSpacing(16)
        body.addWidget(self._todo_card(), 3)
        body.addWidget(self._line_card(), 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(body, 1)

    def _todo_card(self) -> QFrame:
        card, column = _card("今天要做")
        column.addLayout(self._todo)
        column.addWidget(self._empty, 1)
        column.addStretch(1)
        return card

    def _line_card(self) -> QFrame:
        card, column = _card("报送状态")
        column.addWidget(self._sentence)
        self._sign_in = buttons.plain("联网登录", self.session.ask_sign_in)
        row = QHBoxLayout()
        row.addWidget(self._sign_in)
        row.addStretch(1)
        column.addLayout(row)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        for place, (title, _count, page, where) in enumerate(FIGURES):
            figure = QPushButton("0")
            figure.setProperty("kind", "figure")
            figure.setAutoDefault(False)
            figure.setCursor(Qt.CursorShape.PointingHandCursor)
            figure.clicked.connect(lambda _checked=False, p=page, w=where: self.session.navigate(p, **w))
            self.figures[title] = figure
            label = QLabel(title)
            label.setProperty("role", "secondary")
            cell = QVBoxLayout()
            cell.setSpacing(0)
            cell.addWidget(figure, 0, Qt.AlignmentFlag.AlignLeft)
            cell.addWidget(label)
            grid.addLayout(cell, place // 2, place % 2)
        column.addLayout(grid)
        column.addStretch(1)
        return card


def _card(title: str) -> tuple[QFrame, QVBoxLayout]:
    card = QFrame()
    card.setProperty("role", "surface")
    column = QVBoxLayout(card)
    column.setContentsMargins(16, 16, 16, 16)
    column.setSpacing(12)
    heading = QLabel(title)
    heading.setProperty("role", "heading")
    column.addWidget(heading)
    return card, column
