"""How days are counted to the end of a time, and every step of it. Pure.

The day of the event is not counted; a last day that is a day off rolls on; months go by the calendar.

Source: 民法典第二百零一条至第二百零三条.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal, get_args

from forms.law.calendar import Calendar

Unit = Literal["working_day", "natural_day", "month", "year", "at_once", "promptly", "unspecified"]
UNITS: Final[tuple[Unit, ...]] = get_args(Unit)

_DAY: Final = timedelta(days=1)
_MONTHS: Final = {"month": 1, "year": 12}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of how a date was found; `forms.law.words` tells it in Chinese. `data` is plain JSON."""

    on: date | None
    code: str
    data: Mapping[str, Any]


def days_left(unit: Unit, on: date, calendar: Calendar, today: date) -> int:
    """Count the days of a unit from today to `on`; below zero when it has passed. Today is not counted."""
    if unit != "working_day":
        return (on - today).days
    first, last, sign = (today, on, 1) if today <= on else (on, today, -1)
    return sign * len(_working(first, last, calendar))


def _working(after: date, until: date, calendar: Calendar) -> list[date]:
    """The days after one and up to another that are not surely off."""
    days = (after + n * _DAY for n in range(1, (until - after).days + 1))
    return [day for day in days if calendar.is_working_day(day) is not False]


@dataclass(frozen=True, slots=True)
class End:
    """Where a count leads: a day, or what remains of it while it is suspended."""

    on: date | None
    certain: bool
    remains: int | None
    steps: list[Step]


_Pauses = Sequence[tuple[date, date | None]]


def _by_working_days(start: date, n: int, pauses: _Pauses, calendar: Calendar, _unit: Unit) -> End:
    steps: list[Step] = []
    certain, at, left = True, start, n
    for since, until in pauses:
        counted = _working(at, since, calendar)
        if len(counted) >= left:
            break  # it had run out before
        steps.append(_counted(at, since, counted, calendar))
        certain = certain and _known(at, since, calendar)
        left -= len(counted)
        if until is None:
            steps.append(Step(since, "paused", {"left": left, "unit": "working_day"}))
            return End(None, certain=False, remains=left, steps=steps)
        steps.append(Step(until, "resumed", {"from": since.isoformat(), "left": left, "unit": "working_day"}))
        at = until
    count = calendar.add_working_days(at, left)
    steps.append(_counted(at, count.date, count.counted, calendar))
    certain = certain and count.certain
    if not certain:
        steps.append(_unknown(start, count.date, calendar))
    return End(count.date, certain, None, steps)


def _by_calendar(start: date, n: int, pauses: _Pauses, calendar: Calendar, unit: Unit) -> End:
    """Natural days, months, years: every day counts; only the last may be moved."""
    if unit in _MONTHS:
        end = add_months(start, n * _MONTHS[unit])
        steps = [Step(end, "month_end" if end.day != start.day else "by_months", {"n": n, "unit": unit})]
    else:
        end = start + n * _DAY
        steps = [Step(end, "by_days", {"n": n, "from": start.isoformat()})]
    for since, until in pauses:
        if since >= end:
            break
        if until is None:
            left = (end - since).days
            steps.append(Step(since, "paused", {"left": left, "unit": "natural_day"}))
            return End(None, certain=False, remains=left, steps=steps)
        end += until - since
        said = {"from": since.isoformat(), "left": (end - until).days, "unit": "natural_day"}
        steps.append(Step(until, "resumed", said))
    last = end
    while calendar.is_working_day(last) is False:
        last += _DAY
    certain = _known(end - _DAY, last, calendar)
    if last != end:
        steps.append(Step(last, "rolled", {"from": end.isoformat()}))
    if not certain:
        steps.append(_unknown(end - _DAY, last, calendar))
    return End(last, certain, None, steps)


WAYS: Final = {
    "working_day": _by_working_days, "natural_day": _by_calendar, "month": _by_calendar, "year": _by_calendar,
}  # fmt: skip


def add_months(start: date, n: int) -> date:
    """Return the same day `n` months on; the last day of a month that has no such day.

    Source: 民法典第二百零二条.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + n, 12)
    return date(year, month + 1, min(start.day, months.monthrange(year, month + 1)[1]))


def _known(after: date, until: date, calendar: Calendar) -> bool:
    return all(year in calendar.notices for year in range((after + _DAY).year, until.year + 1))


def _unknown(after: date, until: date, calendar: Calendar) -> Step:
    years = [year for year in range((after + _DAY).year, until.year + 1) if year not in calendar.notices]
    return Step(None, "year_unknown", {"year": years[0]})


def _counted(after: date, until: date, counted: Sequence[date], calendar: Calendar) -> Step:
    """The days of one stretch, with those that a notice takes out or puts in."""
    days = [after + n * _DAY for n in range(1, (until - after).days + 1)]
    off = [day.isoformat() for day in days if day.weekday() < 5 and calendar.is_working_day(day) is False]
    work = [day.isoformat() for day in counted if day.weekday() >= 5 and calendar.is_working_day(day)]
    said = {"from": after.isoformat(), "n": len(counted), "off": off, "work": work}
    return Step(until, "counted", said)
