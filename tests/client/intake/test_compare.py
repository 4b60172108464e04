"""Comparing (比对): what rows meet, how they differ, and that the sum is right whatever is chosen."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from client.core.imports import POSSIBLE, USUAL, Choice, Choices, Import
from client.intake.compare import Known, Meeting
from client.intake.importing import import_file
from client.intake.outcome import check_file
from client.store import imports, records
from client.store.desk import Desk
from tests.client.intake.here import ReadHere

TODAY = dt.date(2026, 11, 24)
NUMBERS = itertools.count()
KEEP = Choice("keep", "两份决定")
LATER = Choices({"doubled_differs": Choice("update")})

Build = Callable[..., dict[str, Any]]
Write = Callable[..., Path]


def meetings(desk: Desk, path: Path) -> list[Meeting]:
    outcome = check_file(
        path, desk.catalogs.current, today=desk.today(), item="XZCF_FR", known=Known(desk),
        reader=ReadHere(),
    )  # fmt: skip
    assert outcome.compared is not None
    return sorted(outcome.compared.meetings, key=lambda one: one.row)


def bring(desk: Desk, path: Path, **more: Any) -> Import:
    return import_file(desk, path, item="XZCF_FR", reader=ReadHere(), **more).sum


def parts(one: Import) -> dict[str, int]:
    assert one.adds_up()
    names = ("created", "updated", "corrected", "skipped", "faulty")
    return {name: getattr(one, name) for name in names if getattr(one, name)}


@pytest.mark.parametrize(
    ("there", "here", "kind", "fields"),
    [
        pytest.param({}, {}, "same", [], id="the very same"),
        pytest.param({}, {"BZ": "补"}, "draft_differs", ["BZ"], id="another content"),
        pytest.param(
            {"CF_WSH": "厦市监罚〔2026〕8号"}, {"CF_WSH": "厦市监罚[2026] 第8号"},
            "draft_differs", ["CF_WSH"],
            id="brackets of another kind are the same number",
        ),
        pytest.param(
            {"CF_WSH": "厦市监罚〔2026〕8号"}, {"CF_WSH": "厦市监罚字〔2026〕8号"}, "near_record", ["CF_WSH"],
            id="nearly the same number",
        ),
        pytest.param(
            {"CF_WSH": "厦市监罚〔2026〕8号"}, {"CF_WSH": "厦市监罚〔2026〕9号"}, "near_record", ["CF_WSH"],
            id="another number and all else the same",
        ),
    ],
)  # fmt: skip
def test_a_row_meets_what_is_on_the_desk(
    desk: Desk, penalties: Write, typed: Build, there: dict[str, Any], here: dict[str, Any], kind: str,
    fields: list[str],
):  # fmt: skip
    bring(desk, penalties(typed(1, **there), name="旧.xlsx"))

    (one,) = meetings(desk, penalties(typed(1, **here), name="新.xlsx"))

    assert (one.row, one.kind, [difference.field for difference in one.differences]) == (2, kind, fields)
    assert one.state == "draft"


def test_the_same_number_under_another_subject_is_near(desk: Desk, penalties: Write, typed: Build):
    first, other = typed(1, CF_WSH="厦市监罚〔2026〕8号"), typed(2, CF_WSH="厦市监罚〔2026〕8号")
    bring(desk, penalties(other, name="旧.xlsx"))

    # Most of two decisions by one office is the same; only the subject and its codes differ.
    (one,) = meetings(desk, penalties(other | {"CF_XDR_MC": first["CF_XDR_MC"]}, name="新.xlsx"))

    assert (one.kind, one.other_subject) == ("near_record", other["CF_XDR_MC"])


def test_two_decisions_of_one_day_with_neighbouring_numbers_are_two(
    desk: Desk, penalties: Write, typed: Build
):
    one, two = typed(1, CF_WSH="厦市监罚〔2026〕8号"), typed(1, CF_WSH="厦市监罚〔2026〕9号")
    other = {
        "CF_SY": "另一件事。",
        "CF_WFXW": "另一种",
        "CF_NR": "警告。",
        "CF_YJ": "另一条",
        "CF_FRDB": "另一人",
    }
    bring(desk, penalties(one, name="旧.xlsx"))

    assert meetings(desk, penalties(two | other | {"BZ": "又"}, name="新.xlsx")) == []


def test_later_rows_of_the_file_are_held_against_earlier_ones(desk: Desk, penalties: Write, typed: Build):
    found = meetings(desk, penalties(typed(1), typed(2), typed(1), typed(2, BZ="补")))

    assert [(one.row, one.kind, one.other_row) for one in found] == [
        (4, "doubled_same", 2),
        (5, "doubled_differs", 3),
    ]
    (difference,) = found[1].differences
    assert (difference.field, difference.there, difference.here) == ("BZ", None, "补")


def test_what_is_chosen_for_a_row_beats_what_is_chosen_for_its_kind(
    desk: Desk, penalties: Write, typed: Build
):
    bring(desk, penalties(typed(1), typed(2), name="旧.xlsx"))
    choices = Choices({"draft_differs": Choice("skip")}, {3: Choice("update")})

    done = bring(desk, penalties(typed(1, BZ="补"), typed(2, BZ="补"), name="新.xlsx"), choices=choices)

    assert parts(done) == {"updated": 1, "skipped": 1}
    (skipped,) = imports.list_rows(desk.db.reader(), done.import_id, fate="skipped")
    assert (skipped.row, skipped.problems[0]["code"]) == (2, "chosen_skip")


def test_both_are_kept_with_the_reason_as_an_answer_and_come_in_no_third_time(
    desk: Desk, penalties: Write, typed: Build
):
    bring(desk, penalties(typed(1), name="旧.xlsx"))
    path = penalties(typed(1, BZ="补"), name="新.xlsx")

    done = bring(desk, path, choices=Choices({"draft_differs": Choice("keep", "两次检查，两份决定")}))
    again = bring(desk, path)

    assert (parts(done), parts(again)) == ({"created": 1}, {"skipped": 1})
    reader = desk.db.reader()
    drafts = [records.get(reader, one.record_id).draft for one in records.list_records(reader, limit=10)]
    (answer,) = next(draft.answers for draft in drafts if draft.answers)
    assert (answer.path, answer.code, answer.reason) == ("", "same_act", "两次检查，两份决定")


def test_a_later_row_may_take_the_place_of_the_first_or_stay_beside_it(
    desk: Desk, penalties: Write, typed: Build
):
    path = penalties(typed(1), typed(1, BZ="补"), typed(2), typed(2, BZ="补"), name="新.xlsx")
    choices = Choices({"doubled_differs": Choice("update")}, {5: Choice("keep", "两份决定")})

    done = bring(desk, path, choices=choices)

    assert parts(done) == {"created": 3, "updated": 1}
    reader = desk.db.reader()
    notes = [
        records.get(reader, one.record_id).draft.values.get("BZ")
        for one in records.list_records(reader, limit=10)
    ]
    assert sorted(note or "" for note in notes) == ["", "补", "补"]


@pytest.mark.parametrize("before", [pytest.param(None, id="new"), pytest.param("后", id="there already")])
@pytest.mark.parametrize("second", [LATER, Choices()], ids=["chosen again", "as usual"])
def test_the_same_file_again_does_not_change_a_later_row_back(
    desk: Desk, penalties: Write, typed: Build, before: str | None, second: Choices
):
    if before is not None:
        bring(desk, penalties(typed(1, BZ=before), name="先.xlsx"))
    path = penalties(typed(1), typed(1, BZ="后"), name="表.xlsx")
    bring(desk, path, choices=LATER)

    (one, _) = meetings(desk, path)
    again = bring(desk, path, choices=second)

    (row,) = records.list_records(desk.db.reader(), limit=5)
    assert records.get(desk.db.reader(), row.record_id).draft.values["BZ"] == "后"
    assert parts(again) == {"skipped": 2}
    assert (one.row, one.kind, one.code) == (2, "not_now", "later_row_stands")


def test_rows_kept_beside_their_like_are_not_kept_a_second_time(desk: Desk, penalties: Write, typed: Build):
    path = penalties(typed(1), typed(1), typed(1), typed(2), typed(2, BZ="补"))
    choices = Choices({"doubled_same": KEEP, "doubled_differs": KEEP})

    first, again = (bring(desk, path, choices=choices) for _ in range(2))

    assert (parts(first), parts(again)) == ({"created": 5}, {"skipped": 5})


def test_a_near_record_is_changed_only_when_a_person_names_it(desk: Desk, penalties: Write, typed: Build):
    bring(desk, penalties(typed(1, CF_WSH="厦市监罚〔2026〕8号"), name="旧.xlsx"))
    path = penalties(typed(1, CF_WSH="厦市监罚字〔2026〕8号"), name="新.xlsx")
    (near,) = meetings(desk, path)

    done = bring(desk, path, choices=Choices(rows={2: Choice("update", record_id=near.record_id)}))

    assert parts(done) == {"updated": 1}
    (row,) = records.list_records(desk.db.reader(), limit=10)
    assert row.doc_no == "厦市监罚字〔2026〕8号"


def test_every_usual_choice_is_possible():
    assert all(USUAL[kind].act in POSSIBLE[kind] for kind in USUAL)
    assert USUAL.keys() == POSSIBLE.keys()


ROWS = ("new", "known", "changed", "faulty", "doubled", "doubled_other", "near")


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.sampled_from(ROWS), min_size=1, max_size=20), data=st.data())
def test_the_sum_is_right_whatever_comes_and_whatever_is_chosen(
    kinds: list[str], data: st.DataObject, desk: Desk, penalties: Write, typed: Build
):
    base = 100 * next(NUMBERS)
    number = f"厦市监罚〔2026〕{base + 1}{{:02}}00号".format
    old = [typed(base + n, CF_WSH=number(n)) for n in range(20)]
    bring(desk, penalties(*old, name="旧.xlsx"))
    makers: dict[str, Callable[[int], dict[str, Any]]] = {
        "new": lambda n: typed(base + 30 + n),
        "known": lambda n: typed(base + n, CF_WSH=number(n)),
        "changed": lambda n: typed(base + n, CF_WSH=number(n), BZ="补"),
        "faulty": lambda n: typed(base + 60 + n, CF_CFLB="罚金"),
        "doubled": lambda _n: typed(base + 99),
        "doubled_other": lambda n: typed(base + 99, BZ=f"补{n}"),
        "near": lambda n: typed(base + n, CF_WSH=number(n).replace("罚", "罚字")),
    }
    path = penalties(*(makers[kind](n) for n, kind in enumerate(kinds)), name="新.xlsx")
    found = meetings(desk, path)
    groups = {
        kind: Choice(act, "有理由" if act == "keep" else "")
        for kind in USUAL
        if not kind.startswith("near") and (act := data.draw(st.sampled_from(POSSIBLE[kind])))
    }
    rows = {
        one.row: Choice(data.draw(st.sampled_from(POSSIBLE[one.kind])), "有理由", one.record_id or None)
        for one in found
        if data.draw(st.booleans())
    }

    before = records.count(desk.db.reader())
    done = bring(desk, path, choices=Choices(groups, rows))
    taken = imports.take_faulty(desk, done.import_id)

    assert done.adds_up()
    assert (done.rows_read, done.faulty) == (len(kinds), kinds.count("faulty"))
    assert records.count(desk.db.reader()) == before + done.created + len(taken.record_ids)
    fates = imports.fates(desk.db.reader(), done.import_id)
    assert fates.get("taken", 0) + fates.get("faulty", 0) == done.faulty
    assert fates.get("skipped", 0) == done.skipped
    assert fates.get("updated", 0) == done.updated
