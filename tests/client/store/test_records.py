from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from client.core.workflow import STATES
from client.errors import NotAllowed
from client.store import drafts, records, review
from client.store.desk import Desk

Build = Callable[..., dict[str, Any]]


@pytest.fixture
def ids(desk: Desk, a_penalty: Build, a_permit: Build) -> list[str]:
    """Seven penalties and three permits; the last two of the penalties have problems."""
    made = [drafts.create(desk, "XZCF_FR", a_penalty(n)) for n in range(1, 6)]
    made += [drafts.create(desk, "XZCF_FR", a_penalty(n, CF_JDRQ=None)) for n in (6, 7)]
    return made + [drafts.create(desk, "XZXK_FR", a_permit(n)) for n in (8, 9, 10)]


def listed(desk: Desk, **which: Any) -> list[str]:
    return [row.record_id for row in records.list_records(desk.db.reader(), **which)]


def test_the_record_changed_last_comes_first(desk: Desk, ids: list[str], a_penalty: Build):
    assert listed(desk) == ids[::-1]

    drafts.save(desk, ids[2], a_penalty(3, BZ="再看"))
    assert listed(desk)[0] == ids[2]


def test_by_creation_nothing_moves_while_somebody_types(desk: Desk, ids: list[str], a_penalty: Build):
    drafts.save(desk, ids[2], a_penalty(3, BZ="再看"))

    assert listed(desk, order="created") == ids[::-1]


@pytest.mark.parametrize("order", ["changed", "created"])
def test_pages_follow_one_another_without_a_hole(desk: Desk, ids: list[str], order: str):
    reader, seen, page = desk.db.reader(), [], records.list_records(desk.db.reader(), order=order, limit=3)
    while page:
        seen += [row.record_id for row in page]
        page = records.list_records(reader, order=order, after=page[-1], limit=3)

    assert seen == ids[::-1]


def test_lists_are_filtered_by_item_and_state_together(desk: Desk, ids: list[str]):
    assert set(listed(desk, item="XZXK_FR")) == set(ids[7:])
    assert set(listed(desk, state="problems")) == set(ids[5:7])
    assert set(listed(desk, state=["problems", "draft"])) == set(ids)
    assert listed(desk, item="XZXK_FR", state="problems") == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("样例3号", [3]),
        ("海监罚决〔2026〕4号", [4]),
        ("海监罚决(2026)4号", [4]),
        ("[2026]", range(1, 11)),
        ("餐饮", [8, 9, 10]),
        ("  样例3号 ", [3]),
        ("100%", []),
        ("_", []),
        ("\\", []),
        ("查无此人", []),
    ],
)
def test_search_finds_a_part_of_a_name_a_code_or_a_number(
    desk: Desk, ids: list[str], text: str, numbers: list[int]
):
    assert set(listed(desk, text=text)) == {ids[n - 1] for n in numbers}
    assert records.count(desk.db.reader(), text=text) == len(numbers)


def test_search_finds_a_code_whatever_its_case(desk: Desk, ids: list[str], a_penalty: Build):
    code = a_penalty(3)["CF_XDR_SHXYM"]

    assert listed(desk, text=code.lower()[4:]) == [ids[2]]


def test_counts_agree_with_lists_in_every_state(desk: Desk, ids: list[str]):
    drafts.delete(desk, ids[:1])
    review.submit(desk, ids[1:3], title="两条")
    reader = desk.db.reader()

    counts = records.states(reader)

    assert sum(counts.values()) == 10
    for state in STATES:
        assert counts[state] == len(listed(desk, state=state)) == records.count(reader, state=state)
    assert records.count(reader) == 9 == len(listed(desk))
    assert records.count(reader, item="XZXK_FR") == 3
    wanted = frozenset({"draft", "in_review"})
    assert records.states(reader, wanted=wanted) == {"draft": 5, "in_review": 2}
    assert records.states(reader, item="XZXK_FR", wanted=frozenset({"draft"})) == {"draft": 3}


def test_a_page_has_a_limit_whatever_is_asked_for(desk: Desk, ids: list[str]):
    assert len(listed(desk, limit=0)) == 1
    assert len(listed(desk, limit=10**9)) == 10


@pytest.mark.parametrize("state", STATES)
def test_sorting_candidates_and_walking_the_list_find_the_same(desk: Desk, ids: list[str], state: str):
    drafts.delete(desk, ids[:1])
    review.submit(desk, ids[1:3], title="两条")

    assert listed(desk, state=state, sort_up_to=0) == listed(desk, state=state, sort_up_to=100)


def test_an_unknown_record_is_named(desk: Desk):
    with pytest.raises(NotAllowed, match="record_unknown"):
        records.get(desk.db.reader(), "nobody")
