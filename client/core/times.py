"""Times as the desk writes them: ISO 8601 UTC with milliseconds. Legal days are those of Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has had one zone and no summer time since 1992; so no zone database is needed."""


def to_text(at: datetime) -> str:
    """Write an aware time as ``2026-11-24T08:00:00.000Z``.

    Raises:
        ValueError: `at` has no zone.
    """
    if at.tzinfo is None:
        raise ValueError("an aware time is needed")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """Read what `to_text` wrote; raises ValueError for anything else."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"no zone: {text}")
    return at.astimezone(UTC)


def day_in_shanghai(at: datetime) -> date:
    """Return the legal day of an aware time."""
    return at.astimezone(SHANGHAI).date()


def clock(at: str) -> str:
    """Return the time of day in Shanghai of a UTC text: ``10:41:07``."""
    return f"{from_text(at).astimezone(SHANGHAI):%H:%M:%S}"


def day_and_clock(at: str) -> str:
    """Return day and time in Shanghai of a UTC text: ``2026-11-24 10:41``."""
    return f"{from_text(at).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
