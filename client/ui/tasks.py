"""Lanes for work that must not hold up the window. The only module of `ui` that knows threads.

Three lanes: the *store* lane (one thread; reads and writes of the desk, in the order they
were asked for), the *net* lane (one thread; the network never rides in the store lane) and a
*pool* for what takes long and needs neither order nor the line (reading a spreadsheet,
approving ten thousand records).

A verb is a function that takes values and returns a value; it touches no widget. What it
returned comes back in the UI thread through one signal of one object that lives there. A
result for a widget that is gone meanwhile is dropped.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import hashlib
import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot
from shiboken6 import isValid

from client.errors import ClientError

log = logging.getLogger(__name__)

POOL_THREADS = 2
STOPPING_S = 20.0
"""Longest wait for the line when a desk is let go; what it then still does ends in a StoreError."""

STOPPED = frozenset({"stopped", "interrupted"})
"""Codes of errors by which work says that it was stopped, as it was asked to: nothing is shown."""

Done = Callable[[Any], object]
Failed = Callable[[ClientError], object]
"""Told of a ClientError instead of the message bar; returns False to have it shown there as well."""
Ended = Callable[[], object]
Progress = Callable[..., None]
Cancelled = Callable[[], bool]
Work = Callable[[Progress, Cancelled], Any]


class Task:
    """One piece of work that was asked for; `cancel` asks it to stop at the next good place."""

    def __init__(
        self,
        done: Done | None,
        failed: Failed | None,
        ended: Ended | None,
        progress: Progress | None,
        changes: frozenset[str],
        *,
        must_happen: bool = False,
    ) -> None:
        self.done, self.failed, self.ended, self.progress = done, failed, ended, progress
        self.changes = changes
        self.must_happen = must_happen
        self.forgotten = False
        self.future: Future[Any] | None = None
        self._latest: tuple[Any, ...] | None = None
        self._said = threading.Lock()
        self._stop = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop. Work that has not begun never begins; nothing is shown."""
        self._stop.set()

    def is_cancelled(self) -> bool:
        """Say whether somebody asked it to stop; passed to the work."""
        return self._stop.is_set()

    def forget(self) -> None:
        """Nobody waits for the result any more."""
        self.done = self.ended = self.progress = None
        self.changes = frozenset()
        self.forgotten = not self.must_happen

    def say(self, what: tuple[Any, ...]) -> bool:
        """Keep the newest progress; true when the one before was already fetched."""
        with self._said:
            fetched, self._latest = self._latest is None, what
        return fetched

    def fetch(self) -> tuple[Any, ...] | None:
        """Take the newest progress; older ones are forgotten, so that a quick worker floods nobody."""
        with self._said:
            newest, self._latest = self._latest, None
        return newest


class _Never:
    """What a task that was stopped before it began returned."""


class Tasks(QObject):
    """The lanes.

    Attributes:
        failed_writes: writes that did not come about, since the program began.
        last_failure: why the last of them did not.

    Signals:
        changed(frozenset[str]): a write succeeded; the kinds of things it changed.
        refused(ClientError): work ended with an error that a person is to be told.
        crashed(str): work met a bug of ours; the number that stands in the log.
    """

    changed = Signal(object)
    refused = Signal(object)
    crashed = Signal(str)
    _returned = Signal(object, object, object)
    _progressed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = ThreadPoolExecutor(1, "store")
        self._net = ThreadPoolExecutor(1, "net")
        self._pool = ThreadPoolExecutor(POOL_THREADS, "pool")
        self._running: set[Task] = set()
        self.failed_writes = 0
        self.last_failure: ClientError | None = None
        self._closed = False
        self._returned.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._progressed.connect(self._deliver_progress, Qt.ConnectionType.QueuedConnection)

    def read(
        self, fn: Callable[[], Any], done: Done, failed: Failed | None = None, *, ended: Ended | None = None
    ) -> Task:
        """Read from the desk, after every write asked for before."""
        task = Task(done, failed, ended, None, frozenset())
        return self._put(self._store, lambda _progress, _cancelled: fn(), task)

    def write(
        self,
        fn: Callable[[], Any],
        done: Done | None = None,
        failed: Failed | None = None,
        changes: frozenset[str] = frozenset(),
        *,
        ended: Ended | None = None,
    ) -> Task:
        """Change the desk. `changes` is announced after `done`; closing waits for it."""
        task = Task(done, failed, ended, None, changes, must_happen=True)
        return self._put(self._store, lambda _progress, _cancelled: fn(), task)

    def net(
        self,
        fn: Work,
        done: Done | None = None,
        failed: Failed | None = None,
        progress: Progress | None = None,
        changes: frozenset[str] = frozenset(),
        *,
        ended: Ended | None = None,
    ) -> Task:
        """Talk to the platform; `fn(progress, cancelled)`."""
        return self._put(self._net, fn, Task(done, failed, ended, progress, changes))

    def work(
        self,
        fn: Work,
        done: Done | None = None,
        failed: Failed | None = None,
        progress: Progress | None = None,
        changes: frozenset[str] = frozenset(),
        *,
        ended: Ended | None = None,
    ) -> Task:
        """Do something long beside the lanes; `fn(progress, cancelled)`."""
        return self._put(self._pool, fn, Task(done, failed, ended, progress, changes))

    def after_writes(self, then: Ended) -> None:
        """Call `then` once everything asked of the store lane so far is done."""
        self.read(lambda: None, lambda _nothing: then())

    def retire(self, close: Callable[[], object], then: Ended | None = None) -> Task:
        """Let go of a desk: stop what can be stopped, finish the writes, then `close` it in the store lane.

        Results and errors of what could be left undone come to nobody; a write that fails is still told
        of. What is asked of the store lane afterwards (the next unlock) comes after that.
        """
        beside = [task.future for task in self._running if task.future and not task.must_happen]
        self.stop()
        for task in self._running:
            task.forget()

        def when_all_is_over() -> None:
            concurrent.futures.wait(beside, timeout=STOPPING_S)
            close()

        return self.write(when_all_is_over, ended=then)

    def stop(self) -> None:
        """Ask everything that may be left undone to stop; writes go on."""
        for task in self._running:
            if not task.must_happen:
                task.cancel()

    def is_idle(self) -> bool:
        """Say whether nothing is under way."""
        return not self._running

    def close(self) -> None:
        """Ask long work to stop, wait for the writes and for what is on the line, accept no more."""
        self._closed = True
        self.stop()
        for lane in (self._pool, self._net, self._store):
            lane.shutdown(wait=True)
        self._running.clear()

    def crash(self, error: BaseException, trace: TracebackType | None = None) -> str:
        """Log a bug and announce its number; the one place where an unforeseen error ends."""
        number = _number(error)
        log.error("unforeseen error %s", number, exc_info=(type(error), error, trace or error.__traceback__))
        self.crashed.emit(number)
        return number

    def _put(self, lane: ThreadPoolExecutor, fn: Work, task: Task) -> Task:
        assert QThread.currentThread() is self.thread(), "lanes are filled from the UI thread"
        if self._closed:
            return task
        self._running.add(task)

        def say(*what: Any) -> None:
            if task.say(what):
                self._progressed.emit(task)

        def run() -> Any:
            return _Never if task.is_cancelled() else fn(say, task.is_cancelled)

        future = task.future = lane.submit(run)
        future.add_done_callback(functools.partial(self._came_back, task))
        return task

    def _came_back(self, task: Task, future: Future[Any]) -> None:
        error = future.exception()
        self._returned.emit(task, None if error else future.result(), error)

    @Slot(object)
    def _deliver_progress(self, task: Task) -> None:
        said = task.fetch()
        if said is not None and task in self._running and task.progress and _is_alive(task.progress):
            task.progress(*said)

    @Slot(object, object, object)
    def _deliver(self, task: Task, value: Any, error: BaseException | None) -> None:
        if task not in self._running:
            return
        self._running.discard(task)
        try:
            if error is not None:
                self._deliver_error(task, error)
            elif value is not _Never and task.done and _is_alive(task.done):
                task.done(value)
            if error is None and value is not _Never and task.changes:
                self.changed.emit(task.changes)
        finally:
            if task.ended and _is_alive(task.ended):
                task.ended()

    def _deliver_error(self, task: Task, error: BaseException) -> None:
        if task.must_happen:
            self.failed_writes += 1
            self.last_failure = error if isinstance(error, ClientError) else None
        if not isinstance(error, ClientError):
            self.crash(error)
        elif task.forgotten or (task.is_cancelled() and error.code in STOPPED):
            return
        elif task.failed is None or (_is_alive(task.failed) and task.failed(error) is False):
            self.refused.emit(error)


def _number(error: BaseException) -> str:
    """A short number for a bug: the same place in the code gives the same number."""
    places = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-4:]]
    digest = hashlib.sha256("|".join([type(error).__name__, *places]).encode()).hexdigest()
    return f"B-{digest[:6].upper()}"


def _is_alive(call: Callable[..., Any]) -> bool:
    """Say whether every Qt object that `call` would reach still exists."""
    return all(isValid(held) for held in _reached(call))


def _reached(call: Any) -> Iterator[QObject]:
    if isinstance(call, QObject):
        yield call
    elif isinstance(call, functools.partial):
        for part in (call.func, *call.args, *call.keywords.values()):
            yield from _reached(part)
    elif isinstance(getattr(call, "__self__", None), QObject):
        yield call.__self__
    else:
        for cell in getattr(call, "__closure__", None) or ():
            with contextlib.suppress(ValueError):  # a cell that was never filled
                yield from _reached(cell.cell_contents)
