"""Times as the screen writes them: Shanghai's clock, whatever the PC's zone."""

from __future__ import annotations

from client.core.times import clock, day_and_clock

__all__ = ["clock", "day_and_clock"]
