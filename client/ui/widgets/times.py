"""Times as the screen writes them: Shanghai's clock, whatever the PC's zone."""

from __future__ import annotations

from client.core.times import SHANGHAI, from_text


def clock(at: str) -> str:
    """Return the time of day of a UTC text: ``10:41:07``."""
    return f"{from_text(at).astimezone(SHANGHAI):%H:%M:%S}"


def day_and_clock(at: str) -> str:
    """Return day and time of a UTC text: ``2026-11-24 10:41``."""
    return f"{from_text(at).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
