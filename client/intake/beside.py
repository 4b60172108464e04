"""The threads of the reading process: what is found out while calamine reads, and what is said meanwhile.

They end with the process. Nothing else of this room knows threads.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

MOST_WAITING: Final = 3
"""Messages that wait for whoever takes them: as long as one of their commits takes, reading goes on."""


class Beside(Generic[T]):
    """Work that is done while this thread does something else; its result must be asked for."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._done: list[T] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._done.append(self._work())
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            self._error = error

    def result(self) -> T:
        """Wait for it, and return what it returned or raise what it raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._done[0]


class Sender:
    """Sends messages in their order, while the next ones are made. Ends the process when nobody listens."""

    def __init__(self, outgoing: Connection) -> None:
        self._outgoing = outgoing
        self._waiting: queue.Queue[Any] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def send(self, message: object) -> None:
        """Send a message soon; waits when too many are waiting."""
        self._waiting.put(ForkingPickler.dumps(message))

    def close(self) -> None:
        """Return when all is sent."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (packed := self._waiting.get()) is not None:
            try:
                self._outgoing.send_bytes(packed)
            except OSError:
                os._exit(0)
