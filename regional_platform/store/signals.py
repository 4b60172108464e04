"""The bell of the feed in other processes on the same PostgreSQL: LISTEN and NOTIFY.

A signal only spares readers some waiting: who misses one looks again by itself. So a signal that cannot
be sent or heard is no fault, and nothing is ever decided on one.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Collection
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from regional_platform.store.engine import Store

log = logging.getLogger(__name__)

CHANNEL: Final = "minxin_bell"
MOST_BYTES: Final = 7_900
"""PostgreSQL takes 8,000 a signal."""

EVERYBODY: Final = "*"
REST_S: Final = 2.0
"""How long to wait before a lost line is tried again."""


class Signals:
    """Sends to and hears from the other processes. Only on PostgreSQL."""

    def __init__(self, store: Store, heard: Callable[[Collection[str] | None], None]) -> None:
        """Prepare.

        Args:
            store: open.
            heard: called from a thread of ours with the units that have news; None when it may be any.
        """
        self._store = store
        self._heard = heard
        self._self = secrets.token_hex(6)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="signals", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self._stopping.set()
        self._send(f"{self._self} stop")
        self._thread.join()

    def send(self, units: Collection[str]) -> None:
        """Tell the other processes of news for units."""
        text = " ".join([self._self, *sorted(units)])
        self._send(text if len(text.encode()) <= MOST_BYTES else f"{self._self} {EVERYBODY}")

    def _send(self, text: str) -> None:
        try:
            with self._store.beside() as connection:
                connection.exec_driver_sql("SELECT pg_notify(%s, %s)", (CHANNEL, text))
        except SQLAlchemyError as error:
            log.warning("a signal could not be sent: %s", type(error).__qualname__)

    def _run(self) -> None:
        errors: type[Exception] = self._store.engine.dialect.loaded_dbapi.Error
        while not self._stopping.is_set():
            try:
                self._listen()
            except (SQLAlchemyError, errors) as error:
                log.warning("the line for signals broke, trying again: %s", type(error).__qualname__)
                self._stopping.wait(REST_S)

    def _listen(self) -> None:
        """Hear signals until we stop or the line breaks; the connection is none of the pool's."""
        line = self._store.engine.raw_connection()
        connection: Any = line.driver_connection
        line.detach()
        try:
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}")
            self._heard(None)  # what was told before we listened
            while not self._stopping.is_set():
                for note in connection.notifies(timeout=10):
                    self._take(note.payload)
                    if self._stopping.is_set():
                        return
        finally:
            connection.close()

    def _take(self, text: str) -> None:
        sender, *units = text.split(" ")
        if sender != self._self:
            self._heard(None if EVERYBODY in units else units)
