"""The queue of cases: order, groups, filters, pages, the next one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from client.core.answers import FeedItem
from client.core.times import to_text
from client.store import case_figures, case_queue, cases, feed
from client.store.case_queue import Filter
from client.store.desk import Desk
from tests.client.objections import FINE, an_objection
from tests.client.sync.office import Office, an_office

RECORD = {"version_id": "v1", "catalog": "XZCF_FR@2026.1", "payload": {"CF_XDR_MC": "示范公司"}}
ROWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("late", {"due_on": "2026-11-20", "owner": {"operator_id": "u01", "name": "林晓燕"}}),
    ("soon", {"due_on": "2026-11-26", "stage": "received", "record_id": "shared", "reason_code": "not_mine"}),
    ("other", {"due_on": "2026-11-25", "owner": {"operator_id": "u09", "name": "别人"}, "unit": "350500-02"}),
    ("undated", {"hall_unit": "350600-00"}),
    ("same record", {"due_on": "2026-12-30", "record_id": "shared"}),
    ("asked", {"due_on": "2026-11-21", "stage": "supplement"}),
    ("decided", {"due_on": "2026-11-19", "stage": "decided", "state": "decided"}),
    ("over", {"stage": "closed", "state": "closed", "closed_at": "2026-11-23T01:00:00.000Z"}),
)


@pytest.fixture
def desk(tmp_path: Path, catalogs: Any) -> Iterator[Desk]:
    office = an_office(tmp_path / "desk", catalogs)
    arrive(office, *ROWS)
    yield office.desk
    office.desk.close()


def arrive(office: Office, *rows: tuple[str, dict[str, Any]]) -> None:
    at = to_text(datetime(2026, 11, 24, 8, tzinfo=UTC))
    items = []
    for n, (name, given) in enumerate(rows, start=1):
        other = {what: value for what, value in given.items() if what != "unit"}
        record = {**RECORD, "record_id": f"r{n}"}
        case = an_objection(name, given.get("unit", "350200-01"), record, [FINE], **other)
        items.append(FeedItem(n, "case.opened", at, case))
    feed.apply(office.desk, office.page(*items))


def names(rows: list[case_queue.QueueRow]) -> list[str]:
    return [row.case_id for row in rows]


def test_the_most_urgent_stands_first_and_cases_about_one_record_together(desk: Desk):
    rows = case_queue.page(desk.db.reader(), case_queue.EVERYTHING)

    assert names(rows) == ["late", "asked", "other", "soon", "same record", "undated", "decided", "over"]
    assert {row.case_id: row.also_open for row in rows if row.also_open} == {"soon": 1, "same record": 1}
    assert names(case_queue.about_same_records(desk.db.reader(), "soon")) == ["same record"]
    assert len(case_queue.earlier(desk.db.reader(), "soon")) == len(ROWS) - 1


@pytest.mark.parametrize(
    ("which", "found"),
    [
        (Filter(), ["late", "asked", "other", "soon", "same record", "undated", "decided"]),
        (Filter(owner="u01"), ["late"]),
        (Filter(unit="350500-02"), ["other"]),
        (Filter(unassigned=True, stages=("accepted",)), ["same record", "undated"]),
        (Filter(overdue_on="2026-11-24"), ["late", "asked"]),
        (Filter(city="350600"), ["undated"]),
        (Filter(text="示范公司 林小满 so"), ["soon"]),
        (Filter(kind="repair"), []),
        (Filter(reason="not_mine"), ["soon"]),
        (Filter(field="CF_NR_FK", item="XZCF_FR", stages=("received",)), ["soon"]),
        (Filter(is_open=False, closed_since="2026-11-23", closed_until="2026-11-23"), ["over"]),
        (Filter(is_open=None, since="2026-11-25"), []),
        (Filter(needs_person=True), []),
    ],
    ids=str,
)
def test_filters_narrow_the_list_and_its_count(desk: Desk, which: Filter, found: list[str]):
    assert names(case_queue.page(desk.db.reader(), which)) == found
    assert case_queue.count(desk.db.reader(), which) == len(found)


def test_pages_follow_one_another_without_a_gap_or_a_repetition(desk: Desk):
    reader, seen, after = desk.db.reader(), list[str](), None
    while rows := case_queue.page(reader, case_queue.EVERYTHING, after=after, limit=3):
        seen += names(rows)
        after = rows[-1].key

    assert seen == names(case_queue.page(reader, case_queue.EVERYTHING))


def test_the_next_case_is_the_most_urgent_that_this_person_can_work_on(desk: Desk):
    reader = desk.db.reader()

    first = case_queue.next_case(reader, "u01")
    assert first is not None
    assert first.case_id == "late"
    second = case_queue.next_case(reader, "u01", after=first.key)
    assert second is not None
    assert second.case_id == "soon"  # one waits for the applicant, one is somebody else's

    cases.save_decision(desk, "soon", {"disputes": [], "text": ""})  # the reporter has begun it
    mine = case_queue.next_case(reader, "u09", Filter(unassigned=True))
    assert mine is not None
    assert mine.case_id == "same record"
    assert case_queue.next_case(reader, "u01", Filter(stages=("suspended",))) is None


def test_when_the_first_of_a_group_ends_the_others_stand_where_they_belong(desk: Desk):
    told = dict(cases.told(desk.db.reader(), "soon")) | {"state": "closed", "stage": "closed"}
    with desk.db.transaction() as tx:
        cases.put(desk, tx, told, desk.now())

    row = case_queue.get(desk.db.reader(), "same record")

    assert row is not None
    assert (row.also_open, row.key[0]) == (0, row.key[1])


def test_figures_tell_what_came_what_ended_in_time_and_about_what(tmp_path: Path, catalogs: Any):
    office = an_office(tmp_path / "figures", catalogs)
    ended = {"stage": "closed", "state": "closed", "opened_at": "2026-11-02T01:00:00.000Z"}
    arrive(
        office,
        ("in time", {**ended, "closed_at": "2026-11-12T01:00:00.000Z", "due_on": "2026-11-12"}),
        ("late", {**ended, "closed_at": "2026-11-12T16:30:00.000Z", "due_on": "2026-11-12"}),
        ("undated", {**ended, "closed_at": "2026-11-06T01:00:00.000Z", "reason_code": "not_mine"}),
        (
            "before",
            {**ended, "opened_at": "2026-10-02T01:00:00.000Z", "closed_at": "2026-10-09T01:00:00.000Z"},
        ),
        ("open", {"opened_at": "2026-11-03T01:00:00.000Z", "due_on": "2026-11-20", "kind": "repair"}),
    )

    found = case_figures.read(
        office.desk.db.reader(), date(2026, 11, 1), date(2026, 11, 30), today=date(2026, 11, 24)
    )

    assert (found.received, found.closed, found.on_time, found.overdue, found.undated) == (4, 3, 1, 1, 1)
    assert (found.open, found.open_overdue, found.median_days) == (1, 1, 10.0)
    assert found.by_reason == {"wrong_content": 3, "not_mine": 1}
    assert (found.by_item, found.by_field) == ({"XZCF_FR": 4}, {"CF_NR_FK": 4})
    assert found.as_json()["by_kind"] == {"objection": 3, "repair": 1}
    office.desk.close()
