"""Due dates of every rule set over 2018–2026 and into 2027, held against a table that another calendar made.

`due_dates.tsv` was written by `oracle`, which knows nothing of ours: it counts with the package `holidays`,
and months with `dateutil`. A cell is the due date, or ``?`` where a year without a notice is reached.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import holidays
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from forms.law import clocks
from forms.law.calendar import Calendar
from forms.law.clocks import Clock, Event
from forms.law.repairs import window
from forms.law.rulesets import load

RESOURCES = Path(__file__).parents[3] / "resources"
CALENDAR = Calendar.load(RESOURCES / "calendars")
SETS = load(RESOURCES / "legal" / "rules")
TABLE = Path(__file__).parent / "due_dates.tsv"
OTHER = holidays.CN(years=range(2018, 2028))
DAY = timedelta(days=1)
KNOWN = date(2026, 12, 31)
COUNTED = {
    f"{one.id}/{clock.id}": clock for one in SETS.values() for clock in one.clocks if clock.length is not None
}


def works(day: date) -> bool:
    return bool(OTHER.is_working_day(day))


def oracle(clock: Clock, start: date) -> date | None:
    """The last day by another calendar; None where it runs past its last notice."""
    assert clock.length is not None
    if clock.unit == "working_day":
        day, left = start, clock.length
        while left and day <= KNOWN:
            day += DAY
            left -= works(day)
        return day if day <= KNOWN else None
    steps = {
        "natural_day": relativedelta(days=clock.length), "month": relativedelta(months=clock.length),
        "year": relativedelta(years=clock.length),
    }  # fmt: skip
    day = start + steps[clock.unit]
    while day <= KNOWN and not works(day):
        day += DAY
    return day if day <= KNOWN else None


def ours(clock: Clock, start: date) -> clocks.Due:
    return clocks.due(clock, [Event(clock.starts[0], start)], CALENDAR, start)


@cache
def table() -> tuple[list[str], list[list[str]]]:
    lines = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()]
    return lines[0][1:], lines[1:]


def test_the_table_has_every_clock_with_a_number_and_days_of_every_year():
    names, rows = table()

    assert set(names) == set(COUNTED)
    assert {int(row[0][:4]) for row in rows} == set(range(2018, 2028))
    assert all(len(row) == len(names) + 1 for row in rows)


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_due_dates_are_those_of_the_table(name: str):
    names, rows = table()
    clock, column = COUNTED[name], names.index(name) + 1

    found, other = {}, {}
    for row in rows:
        start = date.fromisoformat(row[0])
        due = ours(clock, start)
        found[row[0]] = due.on.isoformat() if due.certain and due.on else "?"
        other[row[0]] = ((last := oracle(clock, start)) and last.isoformat()) or "?"

    golden = {row[0]: row[column] for row in rows}
    assert found == golden
    assert other == golden


def test_repair_periods_end_where_another_calendar_has_them():
    for one in SETS.values():
        for period in one.repair_periods:
            for row in table()[1]:
                start = date.fromisoformat(row[0])
                found = window(period, start, start, start)
                ends = [
                    span and start + relativedelta(months=span.length * {"month": 1, "year": 12}[span.unit])
                    for span in (period.shortest, period.longest)
                ]
                assert [found.shortest_until, found.longest_until] == ends


DAYS = st.dates(date(2018, 1, 1), date(2026, 12, 31))
CLOCKS = st.sampled_from(sorted(COUNTED)).map(COUNTED.__getitem__)


@given(CLOCKS, DAYS, st.integers(1, 40))
def test_who_starts_later_is_not_due_earlier(clock: Clock, start: date, later: int):
    first, second = ours(clock, start), ours(clock, start + later * DAY)

    assert first.on is not None
    assert second.on is not None
    assert first.on <= second.on


@given(CLOCKS, DAYS)
def test_a_certain_last_day_is_a_working_day_and_no_day_of_the_count_is_lost(clock: Clock, start: date):
    found = ours(clock, start)

    assert found.on is not None
    assert found.on > start
    assert not found.certain or works(found.on)
    assert found.left is not None
    assert found.left >= (clock.length or 0) or clock.unit != "working_day"


@given(CLOCKS, DAYS, st.integers(0, 6), st.integers(0, 20))
def test_a_suspension_puts_the_last_day_off_by_no_less_than_the_days_it_took(
    clock: Clock, start: date, after: int, long: int
):
    clock = replace(clock, suspends=True)
    began, ended = start + after * DAY, start + (after + long) * DAY
    events = [Event(clock.starts[0], start), Event("suspended", began), Event("resumed", ended)]

    without = ours(clock, start)
    found = clocks.due(clock, events, CALENDAR, start)
    open_end = clocks.due(clock, events[:2], CALENDAR, start)

    assert without.on is not None
    assert found.on is not None
    assert found.on >= without.on
    if open_end.state == "suspended":
        assert open_end.left is not None
        assert open_end.left > 0
        assert found.on > ended
    else:
        assert found.on == without.on == open_end.on


@given(CLOCKS, DAYS, st.lists(st.integers(1, 30), max_size=3))
def test_extensions_never_go_over_their_bound(clock: Clock, start: date, asked: list[int]):
    grants = [Event("extended", start, {"clock": clock.id, "days": n, "by": "某人"}) for n in asked]
    events = [Event(clock.starts[0], start), *grants]
    most = 0
    if clock.extension is not None:
        most = clock.extension.most - (clock.length or 0) * clock.extension.in_all

    found = clocks.due(clock, events, CALENDAR, start)
    whole = ours(replace(clock, length=(clock.length or 0) + min(sum(asked), most)), start)

    assert (found.on, found.certain) == (whole.on, whole.certain)
    assert clocks.room(clock, events) == max(most - sum(asked), 0)


@given(CLOCKS, DAYS, st.sampled_from(range(2018, 2027)))
def test_without_a_notice_no_date_is_later_than_the_truth_and_none_is_called_certain(
    clock: Clock, start: date, missing: int
):
    left = {year: notice for year, notice in CALENDAR.notices.items() if year != missing}
    poorer = Calendar(left, CALENDAR.statute)

    truth = ours(clock, start)
    found = clocks.due(clock, [Event(clock.starts[0], start)], poorer, start)

    assert truth.on is not None
    assert found.on is not None
    assert found.on <= truth.on
    assert found.on == truth.on or not found.certain
