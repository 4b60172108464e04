"""Working days: golden vectors, two oracles, properties, and files that are not as they must be."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.law.calendar import Calendar, CalendarError

FILES = Path(__file__).parents[3] / "resources" / "calendars"
CALENDAR = Calendar.load(FILES)
FIRST, LAST = date(2018, 1, 1), date(2026, 12, 31)
COVERED = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


def off(first: str, last: str) -> dict[str, str]:
    return {"name": "元旦", "from": first, "to": last}


NOTICE = {
    "year": 2030,
    "title": "某年通知",
    "issued_on": None,
    "source": "某处",
    "provenance": "derived",
    "off": [off("2030-01-01", "2030-01-01")],
    "work": ["2030-01-05"],
}


def a_directory(at: Path, name: str = "2030.json", **changes: object) -> Path:
    notice = {key: value for key, value in {**NOTICE, **changes}.items() if value != "left out"}
    (at / name).write_text(json.dumps(notice), encoding="utf-8")
    (at / "statutory.json").write_bytes((FILES / "statutory.json").read_bytes())
    return at


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        pytest.param("2026-02-12", 5, "2026-02-26", id="over the Spring Festival"),
        pytest.param("2026-02-13", 3, "2026-02-25", id="with a working Saturday before it"),
        pytest.param("2026-04-30", 5, "2026-05-11", id="over Labour Day, with a working Saturday"),
        pytest.param("2026-09-18", 2, "2026-09-21", id="a working Sunday makes it earlier"),
        pytest.param("2026-09-18", 20, "2026-10-22", id="over two holidays"),
        pytest.param("2026-09-30", 3, "2026-10-10", id="ends on a working Saturday"),
        pytest.param("2026-09-30", 7, "2026-10-15", id="over the National Day"),
        pytest.param("2026-11-24", 20, "2026-12-22", id="without a holiday"),
        pytest.param("2026-12-03", 20, "2026-12-31", id="to the last day that a notice covers"),
    ],
)
def test_working_days_are_counted_as_the_notices_say(start: str, n: int, due: str):
    count = CALENDAR.add_working_days(date.fromisoformat(start), n)

    assert (count.date.isoformat(), count.certain, len(count.counted)) == (due, True, n)


def test_past_the_last_notice_the_date_is_provisional_and_the_earliest_possible():
    """1 January is off by law; the Saturday after it may be made a working day."""
    count = CALENDAR.add_working_days(date(2026, 12, 4), 20)

    assert (count.date, count.certain) == (date(2027, 1, 2), False)


def test_every_day_with_a_notice_is_as_two_other_calendars_have_it():
    other = holidays.CN(years=range(2018, 2027))

    ours = [CALENDAR.is_working_day(day) for day in COVERED]

    assert ours == [other.is_working_day(day) for day in COVERED]
    assert ours == [chinese_calendar.is_workday(day) for day in COVERED]


def test_a_day_without_a_notice_is_unknown_unless_the_law_fixes_it():
    assert CALENDAR.is_working_day(date(2027, 3, 1)) is None
    assert CALENDAR.is_working_day(date(2017, 3, 1)) is None
    assert CALENDAR.is_working_day(date(2027, 10, 2)) is False


def test_no_working_days_lead_to_the_start_itself():
    assert CALENDAR.add_working_days(date(2026, 2, 14), 0).date == date(2026, 2, 14)


@pytest.mark.parametrize(
    ("start", "n"),
    [
        pytest.param(date(2026, 2, 14), -1, id="backwards"),
        pytest.param(date(9999, 12, 20), 20, id="past the last year there is"),
    ],
)
def test_what_cannot_be_counted_is_refused(start: date, n: int):
    with pytest.raises(ValueError, match="forward"):
        CALENDAR.add_working_days(start, n)


@given(st.dates(date(2015, 1, 1), date(2030, 12, 31)), st.integers(0, 60), st.integers(0, 60))
def test_counting_in_two_steps_is_counting_in_one(start: date, some: int, more: int):
    first = CALENDAR.add_working_days(start, some)
    second = CALENDAR.add_working_days(first.date, more)

    whole = CALENDAR.add_working_days(start, some + more)

    assert whole.date == second.date
    assert whole.certain == (first.certain and second.certain)
    assert whole.counted == first.counted + second.counted


@given(st.dates(date(2018, 1, 1), date(2026, 6, 30)), st.integers(1, 60), st.sampled_from(range(2018, 2027)))
def test_a_notice_that_comes_later_makes_no_provisional_date_earlier(start: date, n: int, missing: int):
    """Take a year's notice away: what is then called the earliest date is no later than the truth."""
    left = {year: notice for year, notice in CALENDAR.notices.items() if year != missing}
    without = Calendar(left, CALENDAR.statute)

    truth, provisional = CALENDAR.add_working_days(start, n), without.add_working_days(start, n)

    assert provisional.date <= truth.date
    assert provisional.date == truth.date or not provisional.certain


@given(st.dates(FIRST, date(2026, 9, 1)), st.integers(1, 40))
def test_a_certain_count_ends_on_a_working_day_and_leaves_none_out(start: date, n: int):
    count = CALENDAR.add_working_days(start, n)

    passed = (start + timedelta(days=k) for k in range(1, (count.date - start).days + 1))

    assert count.certain
    assert count.counted == [day for day in passed if CALENDAR.is_working_day(day)]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"extra": 1}, "extra", id="unknown key"),
        pytest.param({"source": "left out"}, "source", id="missing key"),
        pytest.param({"year": 2031}, "year", id="another year than its name"),
        pytest.param({"off": {}}, "a list", id="no list"),
        pytest.param({"off": [{"from": "2030-01-01", "to": "2030-01-01"}]}, "off/0", id="without a name"),
        pytest.param({"off": [off("1月1日", "2030-01-01")]}, "no date", id="not ISO"),
        pytest.param({"off": [off("2030-01-02", "2030-01-01")]}, "before", id="backwards"),
        pytest.param({"off": [off("2029-12-31", "2030-01-01")]}, "outside", id="another year's day"),
        pytest.param({"work": ["2030-01-04"]}, "no weekend", id="a Friday made a working day"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(tmp_path: Path, changes: dict[str, object], why: str):
    with pytest.raises(CalendarError, match=why):
        Calendar.load(a_directory(tmp_path, **changes))


def test_what_is_no_json_is_refused(tmp_path: Path):
    (a_directory(tmp_path) / "2030.json").write_text("2030年", encoding="utf-8")

    with pytest.raises(CalendarError, match="cannot be read"):
        Calendar.load(tmp_path)


def test_an_imported_notice_makes_its_year_known(tmp_path: Path):
    calendar = Calendar.load(a_directory(tmp_path))

    assert calendar.last_year == 2030
    assert calendar.is_working_day(date(2030, 1, 5)) is True
    assert calendar.is_working_day(date(2030, 1, 1)) is False


def test_every_file_says_where_it_comes_from():
    assert sorted(CALENDAR.notices) == list(range(2018, 2027))
    assert all(notice.source and notice.title for notice in CALENDAR.notices.values())
    assert CALENDAR.notices[2026].provenance == "sourced"
    assert {notice.provenance for year, notice in CALENDAR.notices.items() if year < 2026} == {"derived"}
