"""The thread that publishes lists when the day's hour has come; it asks the clock, not the database."""

from __future__ import annotations

import logging
import threading
from datetime import date
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from regional_platform.incidents import Isolation
from regional_platform.platform import Platform
from regional_platform.publishing import is_due, publish, tag_some
from regional_platform.times import legal_day

log = logging.getLogger(__name__)

PAUSE_S: Final = 5.0
"""Rest after the database said no."""


class Publisher:
    """Publishes once a day, in whichever worker comes first; a kill costs nothing but time."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._stopping = threading.Event()
        self._done: date | None = None
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    def start(self) -> None:
        """Start; a day that was missed while nothing ran is published at once, if its hour has come."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is in hand, and end."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._platform.settings.poll_s):
            try:
                with Isolation("publishing lists", SQLAlchemyError) as alone:
                    self._tend()
            except SQLAlchemyError as error:
                log.error("the database refused to publish, trying again: %s", type(error).__qualname__)  # noqa: TRY400 - the text may quote values
                self._stopping.wait(PAUSE_S)
            if alone.incident:
                self._stopping.wait(PAUSE_S)

    def _tend(self) -> None:
        now = self._platform.clock()
        if legal_day(now) == self._done or not is_due(self._platform, now):
            return
        numbers = [""]
        while numbers := tag_some(self._platform, numbers[-1]):
            if self._stopping.is_set():
                return
        publish(self._platform, "pipeline", now)
        self._done = legal_day(now)
