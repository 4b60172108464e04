"""A thread that does one thing again and again while the platform runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from regional_platform.incidents import Isolation

log = logging.getLogger(__name__)

PAUSE_S: Final = 5.0
"""Rest after something went wrong."""

Stopping = Callable[[], bool]
"""Says whether the platform stops: long work looks now and then."""


class Repeated:
    """Does `act` every so often, in a thread; what goes wrong is logged, and tried again."""

    def __init__(
        self, name: str, act: Callable[[Stopping], bool], every_s: float, *, at_once: bool = False
    ) -> None:
        """Prepare.

        Args:
            name: for the log.
            act: does one piece, and says whether the next may follow at once.
            every_s: rest when no piece is left.
            at_once: whether the first piece does not wait for that either.
        """
        self._name = name
        self._act = act
        self._every_s = every_s
        self._first_s = 0 if at_once else every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the piece in hand, and end."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        rest = self._first_s
        while not self._stopping.wait(rest):
            rest = PAUSE_S
            try:
                with Isolation(self._name, SQLAlchemyError):
                    rest = 0 if self._act(self._stopping.is_set) else self._every_s
            except SQLAlchemyError as error:
                log.error("%s: the database refused, trying again: %s", self._name, type(error).__qualname__)  # noqa: TRY400 - the text may quote values
