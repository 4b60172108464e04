"""The list of problems of one record: one line that says how many and the first few, or all of them.

Its place is always there, so that nothing moves while one types.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from client.ui.theme import restyle
from client.ui.widgets.buttons import link
from client.ui.widgets.marks import SEVERITY, StateLook, mark, mark_icon

FIRST_SHOWN: Final = 3
ROWS_UNFOLDED: Final = 8
ROWS_FEWEST: Final = 3
SHARE: Final = 4
"""Unfolded, it takes at most this part of the page: a quarter."""

LINE_PX: Final = 26
HEAD_PX: Final = 34

NO_PROBLEM: Final = "本机校验没有问题"
NONE_LOOK: Final = StateLook("tick", NO_PROBLEM, "good")
UNFOLD: Final = "全部列出"
FOLD: Final = "收起"


@dataclass(frozen=True, slots=True)
class Line:
    """One problem as a person reads it; `field_id` (or the path of a place in it) is where it jumps to."""

    field_id: str
    severity: Literal["error", "warning"]
    text: str


class ProblemList(QFrame):
    """Count and first problems in one line; unfolded, all of them.

    Signals:
        jumped(str): the field of the line that was chosen.
    """

    jumped = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self._lines: tuple[Line, ...] = ()
        self._at = -1
        self._mark = QLabel()
        self._count = QLabel()
        self._count.setProperty("role", "heading")
        self._first = [self._make_link(n) for n in range(FIRST_SHOWN)]
        self._fold = link(UNFOLD, self._toggle)
        self._list = _Lines()
        self._list.chosen.connect(self._on_chosen)
        self._list.hide()
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(8)
        head.addWidget(self._mark)
        head.addWidget(self._count)
        for button in self._first:
            head.addWidget(button, 1)
        head.addStretch(0)
        head.addWidget(self._fold)
        self._head = QWidget()
        self._head.setFixedHeight(HEAD_PX)
        self._head.setLayout(head)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 0, 12, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self._list)
        self._say()

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these problems, errors first; the scroll stays where it was."""
        ordered = tuple(sorted(lines, key=lambda line: line.severity != "error"))
        if ordered == self._lines:
            return
        self._lines = ordered
        self._at = -1
        at = self._list.verticalScrollBar().value()
        self._list.clear()
        for line in ordered:
            shown = SEVERITY[line.severity]
            item = QListWidgetItem(mark_icon(shown.shape, self.palette(), shown.tone), line.text)
            item.setToolTip(line.text)
            item.setData(Qt.ItemDataRole.UserRole, line.field_id)
            self._list.addItem(item)
        self._list.verticalScrollBar().setValue(at)
        self._say()

    def lines(self) -> tuple[Line, ...]:
        """What is shown now."""
        return self._lines

    def said(self) -> str:
        """The count, in words."""
        return self._count.text()

    def fold(self) -> QPushButton:
        """What lists all of them, or folds them away."""
        return self._fold

    def links(self) -> tuple[QPushButton, ...]:
        """The first problems, as buttons in the line."""
        return tuple(self._first)

    def list(self) -> QListWidget:
        """The list of all of them, for keys and tests."""
        return self._list

    def go_on(self) -> None:
        """Jump to the next problem; after the last comes the first."""
        if self._lines:
            self._at = (self._at + 1) % len(self._lines)
            self.jumped.emit(self._lines[self._at].field_id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width has room for more or less of each sentence."""
        super().resizeEvent(event)
        self._set_height()
        self._elide()

    def _make_link(self, place: int) -> QPushButton:
        made = link("", lambda: self._jump(place))
        made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        return made

    def _jump(self, place: int) -> None:
        self._at = place
        self.jumped.emit(self._lines[place].field_id)

    def _on_chosen(self, item: QListWidgetItem) -> None:
        self._jump(self._list.row(item))

    def _say(self) -> None:
        errors = sum(line.severity == "error" for line in self._lines)
        warnings = len(self._lines) - errors
        words = [f"{errors} 个问题"] if errors else []
        words += [f"{warnings} 个提示"] if warnings else []
        self._count.setText(" · ".join(words) or NO_PROBLEM)
        shown = SEVERITY["error" if errors else "warning"] if self._lines else NONE_LOOK
        self._mark.setPixmap(mark(shown.shape, self.palette(), shown.tone, ratio=self.devicePixelRatioF()))
        for n, button in enumerate(self._first):
            button.setVisible(n < len(self._lines))
            if n < len(self._lines):
                restyle(button, "tone", "bad" if self._lines[n].severity == "error" else "warn")
                button.setToolTip(self._lines[n].text)
                button.setAccessibleName(self._lines[n].text)
        self._fold.setVisible(bool(self._lines))
        if not self._lines:
            self._list.hide()
            self._fold.setText(UNFOLD)
        self._set_height()
        self._elide()

    def _elide(self) -> None:
        shown = min(len(self._lines), FIRST_SHOWN)
        if not shown:
            return
        taken = self._count.sizeHint().width() + self._fold.sizeHint().width() + 80
        room = max((self.width() - taken) // shown, 40)
        for n in range(shown):
            button = self._first[n]
            text = self.fontMetrics().elidedText(self._lines[n].text, Qt.TextElideMode.ElideRight, room - 16)
            button.setText(text)
            button.setMaximumWidth(self.fontMetrics().horizontalAdvance(text) + 16)
            button.setMinimumWidth(min(room, button.maximumWidth()))

    def _toggle(self) -> None:
        self._list.setVisible(self._list.isHidden())
        self._fold.setText(UNFOLD if self._list.isHidden() else FOLD)
        self._set_height()

    def _set_height(self) -> None:
        page = self.parentWidget()
        room = page.height() // SHARE // LINE_PX if page is not None else ROWS_UNFOLDED
        most = max(ROWS_FEWEST, min(ROWS_UNFOLDED, room))
        self._list.setFixedHeight(min(most, max(len(self._lines), 1)) * LINE_PX + 4)


class _Lines(QListWidget):
    """One click or Enter chooses a line."""

    chosen = Signal(QListWidgetItem)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("问题列表")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.itemClicked.connect(self.chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter means the same as a click."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentRow() >= 0:
            self.chosen.emit(self.currentItem())
        else:
            super().keyPressEvent(event)
