"""Letting real time pass while somebody may say stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_SLICE_S: Final = 0.1

Cancelled = Callable[[], bool]
Pause = Callable[[float], None]


def real_pause(cancelled: Cancelled) -> Pause:
    """Return what waits so many seconds, or until `cancelled` says so."""

    def pause(seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not cancelled():
            time.sleep(min(left, _SLICE_S))

    return pause
