"""Rows whose acts the platform has from other units: which they are, what becomes of them, and the sum."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from client.core.comparisons import Asked, Reported, Shown, Told
from client.core.imports import Choice, Choices, Elsewhere, Import
from client.errors import StoreError
from client.intake.child import Stopped
from client.intake.compare import Compared, Known
from client.intake.elsewhere import (
    KIND,
    differences_of,
    keys_of,
    persons_of,
    rows_there,
    who_of,
    with_elsewhere,
)
from client.intake.importing import import_file
from client.intake.outcome import CheckOutcome, check_file
from client.store import imports, records
from client.store.desk import Desk
from client.store.draft_rows import read_drafts
from tests.client.intake.here import ReadHere

Build = Callable[..., dict[str, Any]]
Write = Callable[..., Path]

ZHANGZHOU = Reported(
    "0199a0d0-0000-7000-8000-000000000001", "漳州市样例监管局", "350600", "2026-11-02", False
)
QUANZHOU = Reported("0199a0d0-0000-7000-8000-000000000002", "样例城管局", "350500", "", True)


def checked(desk: Desk, path: Path) -> CheckOutcome:
    return check_file(
        path, desk.catalogs.current, today=desk.today(), item="XZCF_FR", known=Known(desk), reader=ReadHere()
    )


def bring(desk: Desk, path: Path, **more: Any) -> Import:
    return import_file(desk, path, item="XZCF_FR", reader=ReadHere(), **more).sum


def told(outcome: CheckOutcome, of: dict[int, Told]) -> Asked:
    """What the platform says, by row."""
    keys = {row.row: row.key for row in outcome.compared.free}
    return Asked(set(keys.values()), {keys[row]: one for row, one in of.items()})


def chosen(outcome: CheckOutcome, asked: Asked, choices: Choices, rows: dict[int, Choice]) -> Choices:
    return with_elsewhere(choices, rows_there(outcome.compared, asked, {}), rows)


def answers_of(desk: Desk) -> dict[str, list[str]]:
    reader = desk.db.reader()
    rows = records.list_records(reader, limit=50)
    found = read_drafts(reader, [row.record_id for row in rows])
    return {
        found[row.record_id].values["CF_WSH"]: [a.reason for a in found[row.record_id].answers]
        for row in rows
    }


def test_only_rows_that_would_become_records_are_asked_about(desk: Desk, penalties: Write, typed: Build):
    bring(desk, penalties(typed(1), typed(2), name="旧.xlsx"))
    path = penalties(typed(1), typed(2, BZ="改"), typed(3), typed(4, CF_CFLB="罚金"), typed(5), typed(5))

    outcome = checked(desk, path)

    assert [row.row for row in outcome.compared.free] == [4, 6]
    assert len(keys_of(outcome.compared)) == 2


def test_rows_about_persons_are_told_apart_by_their_numbers(desk: Desk, text_table: Write, typed: Build):
    item = desk.catalogs.item("XZCF_ZRR")
    rows = [
        typed(n) | {"CF_XDR_MC": "林小满", "CF_XDR_LB": "2", "CF_XDR_ZJLX": "1", "CF_XDR_ZJHM": number}
        for n, number in enumerate(("110101199003070011", "11010119900307002X"))
    ]
    cells = [[show_cell(row.get(field.id)) for field in item.fields] for row in rows]
    path = text_table([[field.title for field in item.fields], *cells], "utf-8")

    compared = check_file(
        path, desk.catalogs.current, today=desk.today(), item=item.code, known=Known(desk), reader=ReadHere()
    ).compared

    assert compared is not None
    assert (len(compared.free), compared.persons) == (2, 2)
    assert sorted(persons_of(compared).values()) == ["110101199003070011", "11010119900307002X"]
    assert persons_of(compared).keys() == set(keys_of(compared))


def show_cell(cell: Any) -> str:
    return "" if cell is None else str(cell)


@pytest.mark.parametrize(
    ("choices", "rows", "created", "skipped", "reasons"),
    [
        pytest.param({}, {}, 1, 2, [[]], id="skipped unless somebody says otherwise"),
        pytest.param({KIND: Choice("keep", "两地都有")}, {}, 3, 0, [[], ["两地都有"], ["两地都有"]],
                     id="all kept"),
        pytest.param({}, {3: Choice("keep", "系统重号")}, 2, 1, [[], ["系统重号"]], id="one kept"),
        pytest.param({KIND: Choice("keep", "重号")}, {3: Choice("skip")}, 2, 1, [[], ["重号"]],
                     id="one skipped"),
    ],
)  # fmt: skip
def test_a_row_that_others_have_reported_becomes_what_was_chosen_and_the_sum_is_right(
    desk: Desk, penalties: Write, typed: Build, choices, rows, created, skipped, reasons
):
    path = penalties(typed(1), typed(2), typed(3))
    outcome = checked(desk, path)
    asked = told(outcome, {3: Told((ZHANGZHOU,)), 4: Told((), hidden=2)})

    done = bring(desk, path, choices=chosen(outcome, asked, Choices(choices), rows))

    assert (done.rows_read, done.created, done.skipped) == (3, created, skipped)
    assert done.adds_up()
    assert sorted(answers_of(desk).values()) == reasons
    again = bring(desk, path, choices=chosen(outcome, asked, Choices(choices), rows))
    assert (again.created, again.skipped) == (0, 3)


def test_the_platform_is_asked_while_the_rows_wait_and_the_file_is_read_once(
    desk: Desk, penalties: Write, typed: Build
):
    bring(desk, penalties(typed(1), name="旧.xlsx"))
    path = penalties(typed(1), typed(2), typed(3), typed(3), typed(4, CF_CFLB="罚金"))

    def ask(compared: Compared) -> Choices:
        path.unlink()
        asked = Asked({row.key for row in compared.free}, {compared.free[0].key: Told((ZHANGZHOU,))})
        return with_elsewhere(Choices(), rows_there(compared, asked, {}), {})

    done = bring(desk, path, ask=ask)

    assert (done.rows_read, done.created, done.skipped, done.faulty) == (5, 1, 3, 1)
    codes = [row.problems[-1]["code"] for row in imports.list_rows(desk.db.reader(), done.import_id)]
    assert codes == ["same_values", "reported_elsewhere", "duplicate_in_file", "not_in_code_set"]


def test_a_skipped_row_says_who_has_reported_it(desk: Desk, penalties: Write, typed: Build):
    path = penalties(typed(1), typed(2))
    outcome = checked(desk, path)
    asked = told(outcome, {2: Told((ZHANGZHOU,)), 3: Told((), hidden=1)})

    done = bring(desk, path, choices=chosen(outcome, asked, Choices(), {}))

    rows = imports.list_rows(desk.db.reader(), done.import_id, fate="skipped")
    assert [(row.problems[0]["code"], row.problems[0]["params"]["who"]) for row in rows] == [
        ("reported_elsewhere", "漳州市样例监管局（2026-11-02）"), ("reported_elsewhere", "别的部门"),
    ]  # fmt: skip
    assert rows[0].values["CF_WSH"]


@pytest.mark.parametrize(
    ("said", "who"),
    [
        (Told((ZHANGZHOU,)), "漳州市样例监管局（2026-11-02）"),
        (Told((QUANZHOU,)), "泉州市样例城管局"),
        (Told((QUANZHOU, ZHANGZHOU), hidden=1), "泉州市样例城管局等 3 家"),
        (Told((QUANZHOU,) * 10, more=True), "泉州市样例城管局等 10 家以上"),
        (Told((), hidden=3), "别的部门"),
    ],
)
def test_who_reported_it_is_said_in_a_few_words(said, who):
    assert who_of(said) == who


def test_what_differs_is_shown_as_far_as_it_is_not_masked(desk: Desk, penalties: Write, typed: Build):
    outcome = checked(desk, penalties(typed(1)))
    (there,) = rows_there(outcome.compared, told(outcome, {2: Told((ZHANGZHOU,))}), {})
    mine = dict(drafts_values(desk, penalties(typed(1), name="二.xlsx")))
    theirs = mine | {"CF_FRDB": "郑*", "CF_NR_FK": "99"}
    theirs.pop("CF_NR")

    found = differences_of(there, Shown(theirs, frozenset({"CF_FRDB"})), outcome.item)

    assert [(one.field, one.there, one.here) for one in found] == [
        ("CF_NR", None, mine["CF_NR"]), ("CF_NR_FK", "99", mine["CF_NR_FK"])
    ]  # fmt: skip


def drafts_values(desk: Desk, path: Path) -> dict[str, Any]:
    bring(desk, path)
    (row,) = records.list_records(desk.db.reader(), limit=2)
    return records.get(desk.db.reader(), row.record_id).draft.values


def test_what_was_chosen_survives_a_cut_and_is_asked_for_no_second_time(
    desk: Desk, penalties: Write, typed: Build
):
    path = penalties(*map(typed, range(1, 1_011)))
    outcome = checked(desk, path)
    asked = told(outcome, {row: Told((ZHANGZHOU,)) for row in (2, 3, 1_005, 1_006)})
    choices = chosen(outcome, asked, Choices(), {3: Choice("keep", "重号"), 1_006: Choice("keep", "重号")})

    def pull(row: int, _of: int | None) -> None:
        if row > 1_000:
            raise StoreError("disk_full")

    with pytest.raises(StoreError, match="disk_full"):
        bring(desk, path, choices=choices, progress=pull)
    cut = imports.cut_short(desk.db.reader())
    kept = imports.choices_of(desk.db.reader(), cut.import_id)
    assert kept == choices
    (shown, *_, last) = rows_there(checked(desk, path).compared, Asked(), kept.elsewhere)
    assert (shown.told, shown.who, last.row) == (None, "漳州市样例监管局（2026-11-02）", 1_006)

    done = bring(desk, path)

    assert (done.created, done.skipped, done.adds_up()) == (1_008, 2, True)
    assert imports.choices_of(desk.db.reader(), done.import_id) == Choices()
    assert sum(reasons == ["重号"] for reasons in answers_of(desk).values()) <= 2


def test_an_import_that_is_stopped_leaves_no_choice_behind(desk: Desk, penalties: Write, typed: Build):
    choices = Choices(elsewhere={2: Elsewhere("skip", "", "漳州")})
    with pytest.raises(Stopped):
        bring(desk, penalties(typed(1)), choices=choices, cancelled=iter([False, True]).__next__)

    assert desk.db.reader().value("SELECT COUNT(*) FROM import_choice") == 0
