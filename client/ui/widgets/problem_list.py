"""The list of problems of one record: each line jumps to its field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from client.ui.theme import ROW_PX
from client.ui.widgets.marks import SEVERITY, mark, mark_icon

ROWS_SHOWN = 3
ROWS_UNFOLDED = 10
LINE_PX = 26


@dataclass(frozen=True, slots=True)
class Line:
    """One problem as a person reads it; `field_id` is where it jumps to."""

    field_id: str
    severity: Literal["error", "warning"]
    text: str


class ProblemList(QFrame):
    """Count above, lines below; folds away when there is nothing.

    Signals:
        jumped(str): the field of the line that was chosen.
    """

    jumped = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self._mark = QLabel()
        self._count = QLabel()
        self._count.setProperty("role", "heading")
        self._fold = QPushButton("全部展开")
        self._fold.setProperty("kind", "link")
        self._fold.setAutoDefault(False)
        self._fold.clicked.connect(self._toggle)
        self._unfolded = False
        self._list = _Lines()
        self._list.chosen.connect(self._jump)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._mark)
        head.addWidget(self._count)
        head.addStretch(1)
        head.addWidget(self._fold)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 4)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._list)
        self._lines: tuple[Line, ...] = ()
        self.hide()

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these problems, errors first as they come; keeps the scroll where it was."""
        lines = tuple(sorted(lines, key=lambda line: line.severity != "error"))
        if lines == self._lines:
            return
        self._lines = lines
        at = self._list.verticalScrollBar().value()
        self._list.clear()
        for line in lines:
            shown = SEVERITY[line.severity]
            item = QListWidgetItem(mark_icon(shown.shape, self.palette(), shown.tone), line.text)
            item.setToolTip(line.text)
            item.setData(Qt.ItemDataRole.UserRole, line.field_id)
            self._list.addItem(item)
        self._list.verticalScrollBar().setValue(at)
        self._say_count()
        self._set_height()
        self.setVisible(bool(lines))

    def lines(self) -> tuple[Line, ...]:
        """What is shown now."""
        return self._lines

    def list(self) -> QListWidget:
        """The list itself, for keys and tests."""
        return self._list

    def _say_count(self) -> None:
        errors = sum(line.severity == "error" for line in self._lines)
        warnings = len(self._lines) - errors
        words = [f"{errors} 个问题"] if errors else []
        words += [f"{warnings} 个提示"] if warnings else []
        self._count.setText(" · ".join(words))
        shown = SEVERITY["error" if errors else "warning"]
        self._mark.setPixmap(mark(shown.shape, self.palette(), shown.tone, ratio=self.devicePixelRatioF()))

    def _toggle(self) -> None:
        self._unfolded = not self._unfolded
        self._fold.setText("收起" if self._unfolded else "全部展开")
        self._set_height()

    def _set_height(self) -> None:
        most = ROWS_UNFOLDED if self._unfolded else ROWS_SHOWN
        self._list.setFixedHeight(min(most, max(len(self._lines), 1)) * LINE_PX + 2)
        self._fold.setVisible(len(self._lines) > ROWS_SHOWN)

    def _jump(self, item: QListWidgetItem) -> None:
        self.jumped.emit(item.data(Qt.ItemDataRole.UserRole))


class _Lines(QListWidget):
    """One click or Enter chooses a line."""

    chosen = Signal(QListWidgetItem)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "plain")
        self.setAccessibleName("问题列表")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setMaximumHeight(ROW_PX * ROWS_UNFOLDED)
        self.itemClicked.connect(self.chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter means the same as a click."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentRow() >= 0:
            self.chosen.emit(self.currentItem())
        else:
            super().keyPressEvent(event)
