"""Clocks of a case: started, met, extended, suspended, and dates that no notice covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forms.law import clocks
from forms.law.calendar import Calendar
from forms.law.clocks import Clock, Due, Event, Extension
from forms.law.rulesets import load

RESOURCES = Path(__file__).parents[3] / "resources"
CALENDAR = Calendar.load(RESOURCES / "calendars")
SETS = load(RESOURCES / "legal" / "rules")
PLAIN = Clock(
    id="decide", title="答复", actor="provider", starts=("accepted", "transferred"), stops=("decided",),
    length=5, unit="working_day", suspends=True, extension=None, only=None, clause="", source="",
    provenance="own",
)  # fmt: skip
SHORT = Extension(most=3, unit="working_day", in_all=False, by="主要负责人")
IN_ALL = Extension(most=20, unit="working_day", in_all=True, by="部门负责人")


def ev(kind: str, on: str, **data: Any) -> Event:
    return Event(kind, date.fromisoformat(on), data)


def due(clock: Clock, *events: Event, today: str = "2026-09-01") -> Due:
    return clocks.due(clock, events, CALENDAR, date.fromisoformat(today))


def codes(found: Due) -> list[str]:
    return [step.code for step in found.steps]


def test_a_clock_counts_from_the_day_after_its_event():
    found = due(PLAIN, ev("accepted", "2026-09-18"), today="2026-09-21")

    assert (found.state, found.on, found.certain, found.left) == ("running", date(2026, 9, 24), True, 3)
    assert codes(found) == ["started", "length", "counted", "due"]
    assert found.steps[2].data["work"] == ["2026-09-20"]


def test_a_transfer_starts_the_providers_clock_afresh():
    found = due(PLAIN, ev("accepted", "2026-11-02"), ev("transferred", "2026-11-05"))

    assert (found.on, codes(found)[0]) == (date(2026, 11, 12), "restarted")


@pytest.mark.parametrize(
    ("decided", "state"), [("2026-11-09", "met"), ("2026-11-10", "late_met"), ("2026-11-30", "late_met")]
)
def test_what_is_done_on_the_last_day_is_done_in_time(decided: str, state: str):
    assert due(PLAIN, ev("accepted", "2026-11-02"), ev("decided", decided)).state == state


def test_a_clock_that_was_met_stays_met():
    found = due(
        PLAIN, ev("accepted", "2026-11-02"), ev("decided", "2026-11-03"), ev("transferred", "2026-11-04")
    )

    assert found.state == "met"


def test_the_end_of_a_case_ends_every_clock():
    found = due(PLAIN, ev("accepted", "2026-11-02"), ev("withdrawn", "2026-11-03"))

    assert (found.state, codes(found)[-1]) == ("met", "ended")


@pytest.mark.parametrize(
    ("today", "state", "left"), [("2026-11-09", "running", 0), ("2026-11-10", "overdue", -1)]
)
def test_overdue_begins_with_the_day_after(today: str, state: str, left: int):
    found = due(PLAIN, ev("accepted", "2026-11-02"), today=today)

    assert (found.state, found.left) == (state, left)


def test_a_clock_that_waits_for_papers_does_not_run():
    takes = replace(PLAIN, starts=("received", "supplemented"), stops=("accepted",))

    waiting = due(takes, ev("received", "2026-11-02"), ev("supplement_asked", "2026-11-03"))
    again = due(
        takes,
        ev("received", "2026-11-02"),
        ev("supplement_asked", "2026-11-03"),
        ev("supplemented", "2026-11-20"),
    )

    assert (waiting.state, codes(waiting)) == ("not_started", ["supplement_awaited"])
    assert (again.state, again.on) == ("running", date(2026, 11, 27))


def test_days_of_an_examination_are_not_counted():
    opened = [ev("accepted", "2026-11-02"), ev("suspended", "2026-11-04")]

    paused = due(PLAIN, *opened)
    resumed = due(PLAIN, *opened, ev("resumed", "2026-11-16"))
    deaf = due(replace(PLAIN, suspends=False), *opened)

    assert (paused.state, paused.on, paused.left) == ("suspended", None, 3)
    assert (resumed.state, resumed.on) == ("running", date(2026, 11, 19))
    assert (deaf.on, "pause_ignored" in codes(deaf)) == (date(2026, 11, 9), True)


def test_an_examination_that_comes_after_the_last_day_moves_nothing():
    found = due(PLAIN, ev("accepted", "2026-11-02"), ev("suspended", "2026-11-09"), today="2026-11-10")

    assert (found.state, found.on) == ("overdue", date(2026, 11, 9))


@pytest.mark.parametrize(
    ("extension", "grants", "on", "code"),
    [
        pytest.param(SHORT, [3], date(2026, 11, 12), "extended", id="to the bound"),
        pytest.param(SHORT, [2, 2], date(2026, 11, 12), "extended_beyond", id="the second goes over it"),
        pytest.param(IN_ALL, [15], date(2026, 11, 30), "extended", id="the bound is of the whole"),
        pytest.param(IN_ALL, [16], date(2026, 11, 30), "extended_beyond", id="over the whole"),
        pytest.param(None, [3], date(2026, 11, 9), "extended_beyond", id="there is none"),
        pytest.param(SHORT, ["3"], date(2026, 11, 9), "extended", id="no number is nothing"),
    ],
)
def test_an_extension_counts_up_to_its_bound(
    extension: Extension | None, grants: list[Any], on: date, code: str
):
    clock = replace(PLAIN, extension=extension)
    events = [
        ev("accepted", "2026-11-02"),
        *(ev("extended", "2026-11-03", clock="decide", days=n) for n in grants),
    ]

    found = due(clock, *events)

    assert found.on == on
    assert [step.code for step in found.steps if step.code.startswith("extended")][-1] == code


def test_the_room_that_is_left_for_an_extension_is_told():
    clock = replace(PLAIN, extension=SHORT)
    accepted, two = ev("accepted", "2026-11-02"), ev("extended", "2026-11-03", clock="decide", days=2)

    assert clocks.room(clock, [accepted]) == 3
    assert clocks.room(clock, [accepted, two]) == 1
    assert clocks.room(PLAIN, [accepted]) == 0


@pytest.mark.parametrize(
    ("length", "unit", "start", "on"),
    [
        pytest.param(20, "natural_day", "2026-09-14", date(2026, 10, 8), id="rolls over the National Day"),
        pytest.param(20, "natural_day", "2026-09-17", date(2026, 10, 8), id="ends on its last day off"),
        pytest.param(20, "natural_day", "2026-02-01", date(2026, 2, 24), id="rolls over the Spring Festival"),
        pytest.param(5, "natural_day", "2026-09-15", date(2026, 9, 20), id="a working Sunday does not roll"),
        pytest.param(1, "month", "2026-01-31", date(2026, 2, 28), id="no such day: the month's last, worked"),
        pytest.param(3, "month", "2026-03-16", date(2026, 6, 16), id="three months"),
        pytest.param(1, "year", "2024-02-29", date(2025, 2, 28), id="a leap day"),
    ],
)
def test_other_units_go_by_the_calendar_and_roll_over_days_off(length: int, unit: Any, start: str, on: date):
    found = due(replace(PLAIN, length=length, unit=unit), ev("accepted", start))

    assert (found.on, found.certain) == (on, True)


def test_without_a_notice_the_earliest_day_is_told_and_nobody_is_late():
    opened = ev("accepted", "2026-12-28")

    found = due(PLAIN, opened, today="2027-02-01")
    answered = due(PLAIN, opened, ev("decided", "2027-03-01"))
    natural = due(replace(PLAIN, length=5, unit="natural_day"), opened)

    assert (found.state, found.on, found.certain) == ("running", date(2027, 1, 3), False)
    assert codes(found)[-2:] == ["year_unknown", "due_earliest"]
    assert answered.state == "met"
    assert (natural.on, natural.certain) == (date(2027, 1, 2), False)


@pytest.mark.parametrize("unit", ["at_once", "promptly", "unspecified", "working_day"])
def test_a_duty_without_a_number_has_no_date_and_is_met(unit: Any):
    clock = replace(PLAIN, length=None, unit=unit)

    running = due(clock, ev("accepted", "2026-11-02"), today="2027-11-02")
    met = due(clock, ev("accepted", "2026-11-02"), ev("decided", "2026-12-02"))

    assert (running.state, running.on, running.certain, running.left) == ("running", None, False, None)
    assert codes(running) == ["started", "no_number"]
    assert met.state == "met"


def test_two_sides_run_at_once_and_the_first_to_run_out_leads():
    events = clocks.events_of([
        {"kind": "received", "on": "2026-11-02", "data": {}},
        {"kind": "accepted", "on": "2026-11-03", "data": {}},
    ])  # fmt: skip
    today = date(2026, 11, 4)

    both = clocks.all_due(SETS["henan-objection"], events, CALENDAR, today)
    own = clocks.all_due(SETS["henan-objection"], events, CALENDAR, today, own=True)
    provider = clocks.all_due(SETS["henan-objection"], events, CALENDAR, today, actor="provider")
    first = clocks.next_due(both)

    assert [one.clock.id for one in both] == ["annotate", "handle_assisted", "provider_decide"]
    assert [one.clock.id for one in own] == ["annotate", "handle_own", "provider_decide"]
    assert [one.clock.id for one in provider] == ["provider_decide"]
    assert first is not None
    assert (first.clock.id, first.on) == ("provider_decide", date(2026, 11, 6))


def test_where_no_number_is_known_no_date_leads():
    dues = clocks.all_due(
        SETS["fujian-objection"],
        [ev("received", "2026-11-02"), ev("accepted", "2026-11-03")],
        CALENDAR,
        date(2026, 11, 4),
    )

    assert clocks.next_due(dues) is None
    assert {one.state for one in dues} == {"met", "running", "not_started"}
