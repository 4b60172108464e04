"""Times as the platform writes them: ISO 8601 UTC text; legal days are Asia/Shanghai."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

Clock = Callable[[], datetime]
"""Returns the present moment, aware."""

LEGAL_ZONE: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one time without summer time, so a fixed offset needs no zone database."""


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def iso(at: datetime) -> str:
    """Write an aware time as ``2026-11-24T08:00:00.000Z``; such texts sort by time."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime | None:
    """Read a time as the contract writes it; None for one that no calendar has, such as 25 o'clock."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def day(text: str) -> date | None:
    """Read a day as the contract writes it; None for one that no calendar has."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def legal_month(at: datetime) -> int:
    """Return the calendar month in Asia/Shanghai as a number, 202611."""
    on = legal_day(at)
    return on.year * 100 + on.month


def legal_day(at: datetime) -> date:
    """Return the calendar day in Asia/Shanghai, whatever zone the machine is in."""
    return at.astimezone(LEGAL_ZONE).date()
