"""Working days (工作日), from the notices of the State Council, or unknown where there is none.

A working day is Monday to Friday less the days off of the year's notice, plus the weekend days that the
notice makes working days (调休). A year whose notice we do not hold is unknown and is never guessed: of
such a year only the days that the law itself fixes are sure to be off. Pure but for `Calendar.load`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

Day = date
"""A calendar day; `Count` has an attribute called date."""

_DAY = timedelta(days=1)
_SATURDAY = 5
_NOTICE_KEYS = {"year", "title", "issued_on", "source", "provenance", "off", "work"}
_STATUTE_KEYS = {"title", "since", "source", "provenance", "off"}
_STATUTE_FILE = "statutory.json"


class CalendarError(ValueError):
    """A calendar file is not as it must be. The text names the file and the key."""


@dataclass(frozen=True, slots=True)
class Count:
    """A date reached by counting.

    Attributes:
        date: the last day counted. Where `certain` is false: the earliest that it can be (暂定).
        certain: every day from the start on is covered by a notice.
        counted: the days that were counted, in order; the last is `date`.
    """

    date: Day
    certain: bool
    counted: list[Day]


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice of one year (放假通知): what the calendar knows of it, and from where.

    Attributes:
        issued_on: None where the source does not say it.
        days: date → works; only the days that differ from Monday to Friday.
    """

    year: int
    title: str
    issued_on: date | None
    source: str
    provenance: str
    days: Mapping[date, bool]


@dataclass(frozen=True, slots=True)
class Statute:
    """Days off that the law fixes for every year, as (month, day), from `since` on."""

    since: date
    days: frozenset[tuple[int, int]]

    def fixes(self, day: date) -> bool:
        """Tell whether the law itself makes `day` a day off, whatever a notice says."""
        return day >= self.since and (day.month, day.day) in self.days


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are working days."""

    notices: Mapping[int, Notice]
    statute: Statute

    @classmethod
    def load(cls, directory: Path) -> Calendar:
        """Read every calendar file of a directory.

        Raises:
            CalendarError: a file is no JSON, has an unknown or missing key, or contradicts itself.
        """
        notices = {}
        for path in sorted(directory.glob("[0-9]*.json")):
            said = _loaded(path)
            if isinstance(said, dict) and str(said.get("year")) != path.stem:
                raise CalendarError(f"{path.name}: year: {said.get('year')!r} is not that of the file's name")
            notice = read_notice_file(said, path.name)
            notices[notice.year] = notice
        return cls(notices, _read_statute(directory / _STATUTE_FILE))

    def with_notices(self, notices: Iterable[Notice]) -> Calendar:
        """Return the calendar with notices in place of those of their years."""
        return Calendar({**self.notices, **{one.year: one for one in notices}}, self.statute)

    @property
    def last_year(self) -> int | None:
        """The newest year that a notice covers; None when there is no notice at all."""
        return max(self.notices, default=None)

    def is_working_day(self, day: date) -> bool | None:
        """Tell whether `day` is a working day; None where no notice says so."""
        if day.year not in self.notices:
            return False if self.statute.fixes(day) else None
        weekday = day.weekday() < _SATURDAY
        return self.notices[day.year].days.get(day, weekday)

    def add_working_days(self, start: date, n: int) -> Count:
        """Count `n` working days after `start`, which itself is not counted.

        A day of an unknown year is counted unless the law fixes it as a day off: a notice may make a
        weekend day a working day, so this is the earliest date that any notice can lead to.

        Args:
            start: the day of the event, any day.
            n: 0 or more; 0 leads to `start` itself.

        Raises:
            ValueError: `n` is negative, or the count runs past the year 9999.

        Source: 民法典第二百零一条 (the day of the event is not counted).
        """
        # Seven days for a working day are more than any calendar needs.
        if n < 0 or (date.max - start).days < 7 * n + 7:
            raise ValueError("working days are counted forward, and not past the year 9999")
        day, certain, counted = start, True, list[date]()
        while len(counted) < n:
            day += _DAY
            works = self.is_working_day(day)
            certain = certain and day.year in self.notices
            if works is not False:
                counted.append(day)
        return Count(day, certain, counted)


def read_notice_file(said: object, name: str) -> Notice:
    """Read the calendar of one year from its JSON form.

    Args:
        said: as it stands in the file.
        name: what errors call it.

    Raises:
        CalendarError: an unknown or missing key, or it contradicts itself.
    """
    raw = _keyed(said, _NOTICE_KEYS, name)
    year = raw["year"]
    if type(year) is not int:
        raise CalendarError(f"{name}: year: {year!r} is no year")
    days: dict[date, bool] = {}
    for place, span in enumerate(_list(raw, "off", name)):
        where = f"{name}: off/{place}"
        if not isinstance(span, dict) or set(span) != {"name", "from", "to"}:
            raise CalendarError(f"{where}: name, from and to are needed, and no more")
        first, last = _day(span["from"], where), _day(span["to"], where)
        if first > last:
            raise CalendarError(f"{where}: ends before it begins")
        for offset in range((last - first).days + 1):
            days[first + offset * _DAY] = False
    for place, text in enumerate(_list(raw, "work", name)):
        where = f"{name}: work/{place}"
        day = _day(text, where)
        if day.weekday() < _SATURDAY or day in days:
            raise CalendarError(f"{where}: {day} is no weekend day that could be made a working day")
        days[day] = True
    strangers = [str(day) for day in days if day.year != year]
    if strangers:
        raise CalendarError(f"{name}: {strangers[0]} lies outside {year}")
    issued = raw["issued_on"]
    return Notice(
        year=year,
        title=str(raw["title"]),
        issued_on=None if issued is None else _day(issued, f"{name}: issued_on"),
        source=str(raw["source"]),
        provenance=str(raw["provenance"]),
        days=days,
    )


def _read_statute(path: Path) -> Statute:
    raw = _keyed(_loaded(path), _STATUTE_KEYS, path.name)
    days = set()
    for place, text in enumerate(_list(raw, "off", path.name)):
        # A leap year accepts every month and day there is.
        day = _day(f"2024-{text}", f"{path.name}: off/{place}")
        days.add((day.month, day.day))
    return Statute(_day(raw["since"], f"{path.name}: since"), frozenset(days))


def _loaded(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CalendarError(f"{path.name}: cannot be read: {error}") from error


def _keyed(raw: object, keys: set[str], name: str) -> dict[str, object]:
    if not isinstance(raw, dict) or set(raw) != keys:
        odd = sorted(keys.symmetric_difference(raw)) if isinstance(raw, dict) else ["an object"]
        raise CalendarError(f"{name}: unknown or missing: {', '.join(odd)}")
    return raw


def _list(raw: Mapping[str, object], key: str, name: str) -> list[object]:
    value = raw[key]
    if not isinstance(value, list):
        raise CalendarError(f"{name}: {key}: a list is needed")
    return value


def _day(text: object, where: str) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise CalendarError(f"{where}: {text!r} is no date") from error
