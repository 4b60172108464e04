"""Publishes lists when the day's hour has come; asks the clock, and the database only when it has."""

from __future__ import annotations

from datetime import date

from regional_platform.person_keys import person_key, tag_some
from regional_platform.platform import Platform
from regional_platform.publishing import is_due, publish
from regional_platform.repeated import Stopping
from regional_platform.times import legal_day


class Publisher:
    """Once a day, in whichever worker comes first; a kill costs nothing but time."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._done: date | None = None

    def tend(self, stopping: Stopping) -> bool:
        """Publish what is due, also what was missed while nothing ran."""
        now = self._platform.clock()
        if legal_day(now) == self._done or not is_due(self._platform, now):
            return False
        numbers = [""]
        while numbers := tag_some(self._platform, person_key(self._platform), numbers[-1]):
            if stopping():
                return False
        publish(self._platform, "pipeline", now)
        self._done = legal_day(now)
        return False
