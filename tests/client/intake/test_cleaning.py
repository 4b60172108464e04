"""Cleaning (清洗): what is proposed, refused or accepted by a person, and undone afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from client.core.imports import Cleanings
from client.intake.child import Stopped
from client.intake.groups import REASONS, groups_of
from client.intake.importing import import_file
from client.intake.outcome import CheckOutcome, check_file
from client.store import drafts, import_changes, imports, records
from client.store.desk import Desk
from forms.catalog.codes import orgcode_fault, uscc_fault
from forms.catalog.schema import CatalogSet
from forms.catalog.slips import one_slip
from tests.client.intake.here import ReadHere

TODAY = dt.date(2026, 11, 24)
FIRM = {"CF_XDR_LB": "法人及非法人组织"}

Build = Callable[..., dict[str, Any]]
Write = Callable[..., Path]


@pytest.fixture
def checked(catalog: CatalogSet) -> Callable[..., CheckOutcome]:
    return lambda path, **more: check_file(
        path, catalog, today=TODAY, item="XZCF_FR", reader=ReadHere(), **more
    )


def slip() -> tuple[str, str]:
    """A credit code with one wrong character, and what it was meant to be."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for tail in range(1000, 9999):
        for check in "0123456789X":
            for last in alphabet:
                code = f"91350203MA00{tail}{check}{last}"
                if uscc_fault(code) or orgcode_fault(code[8:17]):
                    continue
                wrong = code[:13] + ("7" if code[13] != "7" else "8") + code[14:]
                if one_slip(wrong) == code:
                    return wrong, code
    raise AssertionError("no such code")


@pytest.mark.parametrize(
    ("field", "cell", "after", "reason"),
    [
        pytest.param("CF_JDRQ", "2026年11月2日", "2026-11-02", "date_form", id="a date in words"),
        pytest.param("CF_NR_FK", "五万元", "5", "amount_form", id="an amount in words"),
        pytest.param("CF_FRDB", "张　三", "张三", "blanks", id="a blank for lay-out"),
        pytest.param("BZ", "一A\nB二 ", "一A B二", "line_breaks", id="a line break"),
        pytest.param("BZ", "ＡＢ１２号", "AB12号", "full_width", id="full width"),
        pytest.param("BZ", "А公司与B公司", "A公司与B公司", "look_alike", id="a Cyrillic letter"),
        pytest.param("BZ", "'=1+1", "=1+1", "text_mark", id="a mark before a formula, in a line"),
        pytest.param("CF_SY", "'-甲 乙 ", "-甲 乙", "text_mark", id="a mark before a formula, in prose"),
        pytest.param("CF_CFLB", "2", ["02"], "code_form", id="a code that lost its nought"),
    ],
)
def test_each_change_is_listed_before_and_after_with_its_reason(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build, field: str, cell: str,
    after: object, reason: str,
):  # fmt: skip
    outcome = checked(penalties(typed(1, **{field: cell})))

    (change,) = (one for one in outcome.changes if one.field == field)
    assert (change.row, change.before, change.after, change.reason, change.done) == (
        2,
        cell,
        after,
        reason,
        True,
    )
    assert change.reason in REASONS


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("法人及非法人组织", id="a code by its name"),
        pytest.param("1", id="a code"),
    ],
)
def test_a_code_by_code_or_name_is_no_change(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build, cell: str
):
    assert list(checked(penalties(typed(1, CF_XDR_LB=cell))).changes) == []


@pytest.mark.parametrize(
    "typed_code",
    [
        pytest.param(lambda code: code.replace("0", "O", 1), id="O for 0"),
        pytest.param(lambda code: code.replace("A", "А"), id="a Cyrillic А"),
        pytest.param(lambda code: code.replace("0", "〇", 1), id="〇 for 0"),
    ],
)
def test_letters_that_only_look_right_are_mended_in_codes(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build, typed_code: Callable[[str], str]
):
    _, right = slip()

    outcome = checked(penalties(typed(1, CF_XDR_SHXYM=typed_code(right), **FIRM)))

    (change,) = (one for one in outcome.changes if one.field == "CF_XDR_SHXYM")
    assert (change.after, change.reason) == (right, "look_alike")
    assert outcome.faulty == 0


def test_every_reason_has_its_words_and_all_changes_are_listed(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    outcome = checked(penalties(*(typed(n, CF_JDRQ="2026年11月2日", CF_FRDB="张 三") for n in range(450))))

    assert outcome.change_counts == {("CF_JDRQ", "date_form"): 450, ("CF_FRDB", "blanks"): 450}
    assert [one.row for one in outcome.changes.of("CF_JDRQ/date_form")] == list(range(2, 452))
    assert [group.count for group in groups_of(outcome)] == [450, 450]


def test_what_is_refused_stays_as_typed_and_is_judged_so(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    path = penalties(*(typed(n, CF_JDRQ="2026年11月2日") for n in range(3)))

    whole = checked(path, cleanings=Cleanings(groups={("CF_JDRQ", "date_form"): False}))
    one = checked(path, cleanings=Cleanings(cells={(3, "CF_JDRQ", "date_form"): False}))
    but_one = checked(
        path, cleanings=Cleanings({("", "date_form"): False}, {(3, "CF_JDRQ", "date_form"): True})
    )

    assert [outcome.faulty for outcome in (whole, one, but_one)] == [3, 1, 2]
    assert [change.done for change in one.changes] == [True, False, True]
    assert {problem.value for problem in whole.problems} == {"2026年11月2日"}


def test_a_slip_changes_nothing_until_a_person_says_yes(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    wrong, right = slip()
    path = penalties(typed(1, CF_XDR_SHXYM=wrong, **FIRM))

    before = checked(path)
    after = checked(path, cleanings=Cleanings(groups={("CF_XDR_SHXYM", "check_slip"): True}))

    assert before.faulty == 1
    assert [(one.code, one.suggestion) for one in before.problems] == [("uscc_check", right)]
    assert [(one.before, one.after, one.done) for one in before.changes] == [(wrong, right, False)]
    assert after.faulty == 0
    assert [one.done for one in after.changes] == [True]


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(913502030000000123, id="a number"),
        pytest.param(113502000000000000, id="one slip from a code, but what was lost is lost"),
    ],
)
def test_lost_digits_are_never_guessed(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build, number: int
):
    outcome = checked(penalties(typed(1, CF_XDR_SHXYM=number)))

    assert [(one.code, one.suggestion) for one in outcome.problems if one.field == "CF_XDR_SHXYM"] == [
        ("digits_lost", None)
    ]
    assert list(outcome.changes) == []


# --- after the import ---


def imported(desk: Desk, path: Path, **more: Any) -> str:
    return import_file(desk, path, item="XZCF_FR", reader=ReadHere(), **more).sum.import_id


def values_of(desk: Desk, row: int) -> dict[str, Any]:
    reader = desk.db.reader()
    record_id = reader.value("SELECT record_id FROM record WHERE import_row = ?", (row,))
    return dict(records.get(reader, record_id).draft.values)


def test_after_an_import_what_was_cleaned_is_seen_by_group_row_and_record(
    desk: Desk, penalties: Write, typed: Build
):
    path = penalties(*(typed(n, CF_JDRQ="2026年11月2日") for n in range(3)), typed(9, BZ="A\nB"))
    import_id = imported(desk, path)
    reader = desk.db.reader()

    assert import_changes.groups(reader, import_id) == {("CF_JDRQ", "date_form"): 3, ("BZ", "line_breaks"): 1}
    assert [one.row for one in import_changes.list_changes(reader, import_id)] == [2, 3, 4, 5]
    (change,) = import_changes.list_changes(reader, import_id, group=("BZ", "line_breaks"))
    assert (change.before, change.after, change.undone) == ("A\nB", "A B", False)
    record_id = import_changes.record_of(reader, import_id, 5)
    assert record_id
    assert import_changes.of_record(reader, record_id) == [change]


def test_a_group_is_undone_as_typed_but_for_drafts_edited_since(desk: Desk, penalties: Write, typed: Build):
    import_id = imported(desk, penalties(*(typed(n, CF_JDRQ="2026年11月2日") for n in range(3))))
    edited = import_changes.record_of(desk.db.reader(), import_id, 3)
    assert edited
    drafts.save(desk, edited, {**values_of(desk, 3), "CF_JDRQ": "2026-11-03"})

    undone = import_changes.undo(desk, import_id, group=("CF_JDRQ", "date_form"))

    assert (undone.done, undone.left) == (2, 1)
    assert [values_of(desk, row)["CF_JDRQ"] for row in (2, 3, 4)] == [
        "2026年11月2日",
        "2026-11-03",
        "2026年11月2日",
    ]
    assert records.count(desk.db.reader(), state="problems") == 2
    assert import_changes.undo(desk, import_id, group=("CF_JDRQ", "date_form")).done == 0
    assert [one.undone for one in import_changes.list_changes(desk.db.reader(), import_id)] == [
        True,
        False,
        True,
    ]


def test_one_cell_is_undone_alone(desk: Desk, penalties: Write, typed: Build):
    import_id = imported(desk, penalties(typed(1, CF_JDRQ="2026年11月2日", CF_FRDB="张　三")))

    undone = import_changes.undo(desk, import_id, cells=[(2, "CF_FRDB")])

    assert (undone.done, undone.left) == (1, 0)
    assert (values_of(desk, 2)["CF_FRDB"], values_of(desk, 2)["CF_JDRQ"]) == ("张　三", "2026-11-02")


def test_what_was_refused_is_imported_as_typed(desk: Desk, penalties: Write, typed: Build):
    path = penalties(typed(1, BZ="ＡＢ"), typed(2))

    import_id = imported(desk, path, cleanings=Cleanings({("BZ", "full_width"): False}))

    assert values_of(desk, 2)["BZ"] == "ＡＢ"
    assert import_changes.groups(desk.db.reader(), import_id) == {}


def test_a_removed_import_leaves_no_cleaning_behind(desk: Desk, penalties: Write, typed: Build):
    path = penalties(*(typed(n, BZ="ＡＢ") for n in range(2500)))

    seen: list[int] = []

    with pytest.raises(Stopped):
        imported(desk, path, progress=lambda row, _of: seen.append(row), cancelled=lambda: bool(seen))

    assert imports.cut_short(desk.db.reader()) is None
    assert desk.db.reader().value("SELECT COUNT(*) FROM import_change") == 0
