"""Periods of reporting (报送周期): a day, an ISO week, a month, a quarter, half a year, a year. Pure.

A period has a name that sorts and is read back: ``2026-11-24``, ``2026-W48``, ``2026-11``, ``2026-Q4``,
``2026-H2``, ``2026``.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, get_args

Kind = Literal["day", "week", "month", "quarter", "half", "year"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_WORDS: Final[Mapping[str, Kind]] = {
    "天": "day", "周": "week", "月": "month", "季度": "quarter", "半年": "half", "年": "year",
}  # fmt: skip
_VALID_FOR: Final = re.compile(r"任务有效期(\d+)天")
_LAST_MONTHS: Final[Mapping[Kind, int]] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_READ: Final = re.compile(
    r"(?P<year>\d{4})(?:-(?:W(?P<week>\d{2})|Q(?P<quarter>[1-4])|H(?P<half>[12])|"
    r"(?P<month>\d{2})(?:-(?P<day>\d{2}))?))?"
)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A period, from its first day to its last."""

    kind: Kind
    name: str
    first: date
    last: date


def kind_of(cycle: str) -> Kind | None:
    """Return the kind of period of an item's cycle; None where there is none (逐条, 不限周期)."""
    return _WORDS.get(cycle.partition("；")[0].removeprefix("每"))


def valid_for(cycle: str) -> int | None:
    """Return how many days after its period a report may come, where the cycle itself says so."""
    found = _VALID_FOR.search(cycle)
    return int(found[1]) if found else None


def period_at(kind: Kind, day: date) -> Period:
    """Return the period of a kind in which a day lies."""
    return _AT[kind](day)


def _day(day: date) -> Period:
    return Period("day", day.isoformat(), day, day)


def _week(day: date) -> Period:
    year, week, weekday = day.isocalendar()
    first = day - (weekday - 1) * _DAY
    return Period("week", f"{year}-W{week:02d}", first, first + 6 * _DAY)


def _months(kind: Kind, length: int, name: Callable[[int, int], str]) -> Callable[[date], Period]:
    def at(day: date) -> Period:
        n = (day.month - 1) // length + 1
        month = n * length
        last = date(day.year, month, calendar.monthrange(day.year, month)[1])
        return Period(kind, name(day.year, n), date(day.year, month - length + 1, 1), last)

    return at


_AT: Final[Mapping[Kind, Callable[[date], Period]]] = {
    "day": _day,
    "week": _week,
    "month": _months("month", 1, lambda year, n: f"{year}-{n:02d}"),
    "quarter": _months("quarter", 3, lambda year, n: f"{year}-Q{n}"),
    "half": _months("half", 6, lambda year, n: f"{year}-H{n}"),
    "year": _months("year", 12, lambda year, _n: f"{year}"),
}


def read_period(name: str) -> Period:
    """Read the name of a period.

    Raises:
        ValueError: it names none.
    """
    found = _READ.fullmatch(name)
    if not found:
        raise ValueError(name)
    year = int(found["year"])
    if found["week"]:
        return _week(date.fromisocalendar(year, int(found["week"]), 1))
    if found["day"]:
        return _day(date(year, int(found["month"]), int(found["day"])))
    for kind, length in _LAST_MONTHS.items():
        if kind != "year" and found[kind]:
            return _AT[kind](date(year, int(found[kind]) * length, 1))
    return _AT["year"](date(year, 1, 1))


def ending_within(kind: Kind, first: date, last: date) -> Iterator[Period]:
    """Yield the periods of a kind whose last day lies between two days, in order."""
    period = period_at(kind, first)
    while period.last <= last:
        yield period
        period = period_at(kind, period.last + _DAY)
