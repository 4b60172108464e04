"""Periods of reporting: their names, days and the cycles that they come from."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.law.periods import KINDS, ending_within, kind_of, period_at, read_period, valid_for


@pytest.mark.parametrize(
    ("kind", "day", "name", "first", "last"),
    [
        ("day", date(2026, 11, 24), "2026-11-24", date(2026, 11, 24), date(2026, 11, 24)),
        ("week", date(2026, 11, 24), "2026-W48", date(2026, 11, 23), date(2026, 11, 29)),
        ("week", date(2027, 1, 1), "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("month", date(2028, 2, 10), "2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("quarter", date(2026, 11, 24), "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("half", date(2026, 6, 30), "2026-H1", date(2026, 1, 1), date(2026, 6, 30)),
        ("year", date(2026, 11, 24), "2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_day_lies_in_one_period_of_each_kind(kind, day, name, first, last):
    period = period_at(kind, day)

    assert (period.name, period.first, period.last) == (name, first, last)


@given(st.dates(date(2000, 1, 3), date(2100, 1, 1)), st.sampled_from(KINDS))
def test_every_name_is_read_back(day, kind):
    period = period_at(kind, day)

    assert period.first <= day <= period.last
    assert read_period(period.name) == period


@given(st.dates(date(2000, 1, 3), date(2100, 1, 1)), st.sampled_from(KINDS))
def test_periods_follow_each_other_without_gap(day, kind):
    found = list(ending_within(kind, day, day + timedelta(days=800)))

    assert all(b.first == a.last + timedelta(days=1) for a, b in itertools.pairwise(found))
    assert all(day <= one.last <= day + timedelta(days=800) for one in found)


@pytest.mark.parametrize("name", ["", "26", "2026-13", "2026-W54", "2026-Q5", "2026-02-30", "2026-00"])
def test_what_names_no_period_is_refused(name):
    with pytest.raises(ValueError):  # noqa: PT011 - whichever part is wrong
        read_period(name)


@pytest.mark.parametrize(
    ("cycle", "kind", "days"),
    [
        ("月", "month", None),
        ("年", "year", None),
        ("周", "week", None),
        ("天", "day", None),
        ("每季度", "quarter", None),
        ("半年", "half", None),
        ("周；任务有效期5天", "week", 5),
        ("7个工作日(逐条)", None, None),
        ("不限周期", None, None),
    ],
)
def test_the_cycle_of_an_item_says_its_kind_of_period(cycle, kind, days):
    assert (kind_of(cycle), valid_for(cycle)) == (kind, days)
