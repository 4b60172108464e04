"""While something long runs: what it is doing, how far it has come, and the way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from client.ui.intake import verbs, words
from client.ui.tasks import Task
from client.ui.widgets import buttons


class Running(QWidget):
    """One task at a time; hidden while there is none.

    Signals:
        changed(): a task began or ended.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._task: Task | None = None
        self._doing = QLabel()
        self._progress = QProgressBar()
        self._progress.setFixedWidth(140)
        self._progress.setTextVisible(False)
        self.stop = buttons.plain(words.STOP, self._stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for part in (self._doing, self._progress, self.stop):
            row.addWidget(part)
        self.hide()

    def is_busy(self) -> bool:
        """Whether something runs."""
        return self._task is not None

    def begin(self, task: Task, doing: str = "") -> None:
        """Show that a task runs; whoever began it calls `end` when it is over."""
        self._task = task
        self._doing.setText(doing)
        self._progress.setRange(0, 0)
        self.show()
        self.changed.emit()

    def say_row(self, sentence: str, row: int, of: int | None) -> None:
        """Say how far it has come."""
        self._doing.setText(sentence.format(row=row, of=verbs.of(of)))
        if of:
            self._progress.setRange(0, of)
            self._progress.setValue(min(row, of))

    def end(self) -> None:
        """It is over, one way or another."""
        self._task = None
        self._doing.clear()
        self.hide()
        self.changed.emit()

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
