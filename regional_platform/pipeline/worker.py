"""The pipeline's thread: moves versions on while there are any, and sleeps until it is woken."""

from __future__ import annotations

import logging
import threading
from functools import partial
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from regional_platform.incidents import Isolation
from regional_platform.pipeline.steps import match_some, store_some, try_again
from regional_platform.platform import Platform

log = logging.getLogger(__name__)

PAUSE_S: Final = 2.0
"""Rest after the database said no."""


class Pipeline:
    """Runs the steps over what stands in the database, so that a kill costs nothing but time."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
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
        """Run each step once; say whether there was anything to do."""
        moved = False
        for step in (store_some, match_some):
            rung = self._platform.store.write(partial(step, self._platform))
            if rung is not None:
                self._platform.bell.ring(rung)
                moved = True
        return moved
