"""The pipeline's thread: moves versions on while there are any, and sleeps until it is woken."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from functools import partial
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from regional_platform.incidents import Isolation
from regional_platform.pipeline.steps import (
    COMPARE,
    UNSETTLED,
    compare_some,
    settle_some,
    try_again,
    units_due,
)
from regional_platform.platform import Platform

log = logging.getLogger(__name__)

PAUSE_S: Final = 2.0
"""Rest after the database said no."""

STORING: Final = "…storing"
"""A turn like a unit's: what is stored is compared with what other units have stored, so one at a time."""

Step = Callable[..., set[str] | None]

STEPS: Final[tuple[tuple[tuple[str, ...], Step], ...]] = ((UNSETTLED, settle_some), (COMPARE, compare_some))
"""What jobs wait for, and what does it."""


class Pipeline:
    """Runs the steps over what stands in the database, so that a kill costs nothing but time."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._order = random.Random()  # noqa: S311 - an order, no secret
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pipeline", daemon=True)

    def start(self) -> None:
        """Start; work left by an earlier process is taken up at once."""
        self._platform.store.write(try_again)
        self._platform.wake_pipeline = self._woken.set
        self._platform.pipeline_alive = self._thread.is_alive
        self._woken.set()
        self._thread.start()

    def stop(self) -> None:
        """Finish the transaction in hand, and end."""
        self._stopping.set()
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.wait(self._platform.settings.poll_s)
            self._woken.clear()
            try:
                with Isolation("pipeline step", SQLAlchemyError) as alone:
                    while not self._stopping.is_set() and self._move_some():
                        pass
            except SQLAlchemyError as error:
                log.error("the database refused a step, trying again: %s", type(error).__qualname__)  # noqa: TRY400 - the text may quote values
                self._rest()
            if alone.incident:
                self._rest()

    def _rest(self) -> None:
        self._stopping.wait(PAUSE_S)
        self._woken.set()

    def _move_some(self) -> bool:
        """Run each step once for every unit that waits for it; say whether there was anything to do."""
        moved = False
        for waiting, step in STEPS:
            with self._platform.store.reading() as connection:
                units = list(units_due(connection, waiting))
            self._order.shuffle(units)  # so that workers seldom ask for the same turn
            for unit in units:
                if self._stopping.is_set():
                    return False
                moved = _move(self._platform, unit, step) or moved
        return moved


def settle(platform: Platform, unit: str) -> None:
    """Move on, in this thread, all that waits of one unit: for a program that has no pipeline beside it."""
    with Isolation("pipeline step", SQLAlchemyError):
        while sum(_move(platform, unit, step) for _, step in STEPS):
            pass


def _move(platform: Platform, unit: str, step: Step) -> bool:
    """Run one step once for one unit; say whether there was anything to do."""
    rung = platform.store.write(partial(step, platform, of=unit), units=(unit, STORING))
    if rung is None:
        return False
    platform.bell.ring(rung)
    return True
