"""Times, spans and amounts as people say them. No Qt, no clock."""

from __future__ import annotations

from datetime import datetime

from client.core.times import SHANGHAI, from_text


def clock(at: datetime | None, now: datetime | None = None) -> str:
    """Return ``10:42``, with the date in front when it is another day; empty for None."""
    if at is None:
        return ""
    local = at.astimezone(SHANGHAI)
    if now is not None and local.date() != now.astimezone(SHANGHAI).date():
        return f"{local:%m-%d %H:%M}"
    return f"{local:%H:%M}"


def clock_text(at: str | None, now: datetime | None = None) -> str:
    """Return stored UTC text as ``11-24 10:42`` in Shanghai (``10:42`` when `now` is the same day)."""
    if not at:
        return ""
    local = from_text(at).astimezone(SHANGHAI)
    if now is not None and local.date() == now.astimezone(SHANGHAI).date():
        return f"{local:%H:%M}"
    return f"{local:%m-%d %H:%M}"


def ago(at: datetime, now: datetime) -> str:
    """Return how long ago something was: ``刚刚``, ``10 分钟前``, ``3 小时前``, else day and time.

    What lies in the future comes from a clock that was changed, and is told as it stands.
    """
    minutes = int((now - at).total_seconds() // 60)
    if 0 <= minutes < 1:
        return "刚刚"
    if 0 <= minutes < 60:
        return f"{minutes} 分钟前"
    if 0 <= minutes < 24 * 60:
        return f"{minutes // 60} 小时前"
    return clock(at, now)


def lasting(seconds: float) -> str:
    """Return how long something will take, rounded up as people say it."""
    if seconds < 60:
        return "不到 1 分钟"
    minutes = int(-(-seconds // 60))
    return f"约 {minutes} 分钟" if minutes < 60 else f"约 {minutes // 60} 小时 {minutes % 60} 分钟"


def amount(size_bytes: int) -> str:
    """Return a number of bytes in KB or MB."""
    return (
        f"{max(1, round(size_bytes / 1024)):,} KB"
        if size_bytes < 1 << 20
        else f"{size_bytes / 2**20:,.1f} MB"
    )
