"""Faults of ours: logged under a number, without what was sent."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType
from typing import Self

from regional_platform.problems import Refusal, new_incident

log = logging.getLogger(__name__)


def record_fault(error: BaseException, place: str) -> str:
    """Log where an unexpected error arose and return its number.

    The message of the error is left out: it may quote a value that a person sent.
    """
    incident = new_incident()
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("incident %s at %s: %s\n%s", incident, place, type(error).__qualname__, frames)
    return incident


class Isolation:
    """Around the work on one item of many: a fault that one meets must not stop the others.

    What is raised on purpose passes through, named in `passes`; anything else is a fault of ours,
    logged, and `incident` holds its number. The work inside must not write: what is half done is
    thrown away with it.
    """

    def __init__(self, place: str, *passes: type[Exception]) -> None:
        self._place = place
        self._passes: tuple[type[Exception], ...] = (Refusal, *passes)
        self.incident: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception) or isinstance(error, self._passes):
            return False
        self.incident = record_fault(error, self._place)
        return True
