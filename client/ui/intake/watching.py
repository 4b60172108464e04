"""The watched folder (监视文件夹) of the window: files that are put there come in while the desk is open.

One look at a time, in the pool, and one file in a look, so that each result is seen as soon as it is there.
A person goes first: while the page 导入 is at work the folder waits, and a file that is just being read
is left for later. Folder and switch are remembered for each operator; results last until the desk is locked.
"""

from __future__ import annotations

import contextlib
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from client.core.workflow import refusal
from client.errors import ClientError
from client.intake.watch import Taken, Watch
from client.ui.intake.after import IMPORTED
from client.ui.messages import sentence_of
from client.ui.session import Session
from client.ui.tasks import Cancelled, Task

EVERY_MS: Final = 5_000
SHOWN: Final = 3
"""Results that are kept to be seen; the folder itself shows what became of every file."""

BROUGHT_IN: Final = frozenset({"imported", "faulty"})


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a file, and when."""

    at: str
    taken: Taken


class Watching(QObject):
    """One a session.

    Attributes:
        folder: that is watched; None before one was chosen.
        results: the newest first.
        trouble: why the folder cannot be looked at just now.
        timer: when it is looked at next.

    Signals:
        changed(): folder, switch, results or trouble are others.
        free(): nothing is read any more, as `step_aside` asked.
    """

    changed = Signal()
    free = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.folder: Path | None = None
        self.results: deque[Result] = deque(maxlen=SHOWN)
        self.trouble: ClientError | None = None
        self.timer = QTimer(self, singleShot=True, interval=EVERY_MS)
        self.timer.timeout.connect(self._look)
        self._on = self._stopped = False
        self._aside = self._asked = False
        self._came_back = self._more = False
        self._watch: Watch | None = None
        self._task: Task | None = None

    def start(self) -> None:
        """Go on as this operator left it."""
        kept = str(self._session.settings.value(self._key("folder"), ""))
        self._set(Path(kept) if kept else None)
        if str(self._session.settings.value(self._key("on"), "0")) == "1":
            self._switch(on=True)

    def stop(self) -> None:
        """The session ends; what is not done by now is left for the next one."""
        self._stopped = True
        self._asked = False
        self.timer.stop()
        if self._task is not None:
            self._task.cancel()

    # --- what a person says ---

    def is_allowed(self) -> bool:
        """Whether this operator may bring anything in."""
        return refusal("create", self._session.operator.roles) is None

    def is_on(self) -> bool:
        """Whether the folder is watched."""
        return self._on

    def choose(self, folder: Path) -> None:
        """Watch this folder from now on."""
        self._session.settings.setValue(self._key("folder"), str(folder))
        self._set(folder)
        self.switch(on=True)

    def switch(self, *, on: bool) -> None:
        """Watch, or leave it."""
        self._session.settings.setValue(self._key("on"), int(on))
        self._switch(on=on)

    def step_aside(self) -> None:
        """Let a person's import go first: `free` comes once nothing of the folder is being read."""
        self._asked = True
        self.timer.stop()
        if self._task is None:
            self._make_way()
        else:
            self._task.cancel()

    def set_aside(self, aside: bool) -> None:
        """Wait while the page is at work, or go on."""
        self._aside = aside
        self._soon()

    def is_busy(self) -> bool:
        """Whether the folder is being looked at, or a file of it read."""
        return self._task is not None

    # --- looking ---

    def _set(self, folder: Path | None) -> None:
        self.folder = folder
        self.trouble = None
        self._watch = Watch(self._session.desk, folder, sentence_of) if folder else None

    def _switch(self, *, on: bool) -> None:
        self._on = on and self._watch is not None and self.is_allowed()
        self.trouble = None
        if not self._on and self._task is not None:
            self._task.cancel()
        self._soon()
        self.changed.emit()

    def _soon(self) -> None:
        """Look again after a while, where there is anything to look at."""
        if self._may_look() and self._task is None:
            self.timer.start()
        else:
            self.timer.stop()

    def _may_look(self) -> bool:
        return self._on and not (self._aside or self._asked or self._stopped)

    def _make_way(self) -> None:
        self._asked = False
        self.free.emit()
        self._soon()

    def _look(self) -> None:
        watch = self._watch
        if watch is None or not self._may_look() or self._task is not None:
            return

        def take_one(_progress: object, cancelled: Cancelled) -> tuple[Watch, Taken | None]:
            with contextlib.closing(watch.poll(cancelled)) as taken:
                return watch, next(taken, None)

        self._came_back = self._more = False
        self._task = self._session.tasks.work(take_one, self._taken, self._failed, ended=self._ended)

    def _taken(self, came: tuple[Watch, Taken | None]) -> None:
        watch, taken = came
        self._came_back = True
        self._more = taken is not None and taken.outcome != "waiting"
        cleared = self.trouble is not None and watch is self._watch
        if cleared:
            self.trouble = None
        if taken is not None:
            self.results.appendleft(Result(self._session.desk.now(), taken))
        if taken is not None and taken.outcome in BROUGHT_IN:
            self._session.announce(*IMPORTED)
        if taken is not None or cleared:
            self.changed.emit()

    def _failed(self, error: ClientError) -> None:
        """The folder is gone, or the desk cannot be read: say so, and look again later."""
        self._came_back = True
        if self.trouble is None or self.trouble.code != error.code:
            self.trouble = error
            self._session.show_error(error)
            self.changed.emit()

    def _ended(self) -> None:
        task, self._task = self._task, None
        if self._asked:
            self._make_way()
        elif task is not None and not task.is_cancelled() and not self._came_back:
            self._switch(on=False)  # a bug of ours, told of by the lanes; not again every five seconds
        elif self._more:
            self._look()
        else:
            self._soon()

    def _key(self, what: str) -> str:
        return f"watch/{self._session.operator.operator_id}/{what}"
