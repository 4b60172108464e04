"""A checked file: every problem at its place, and a sum that is right."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from client.demo.sample_files import write_penalties
from client.demo.samples import FAULTS, Office, invented_subject, with_check
from client.errors import FileRefused
from client.intake.candidates import Candidates
from client.intake.child import Stopped
from client.intake.judging import Part, Plan, judge_file
from client.intake.outcome import CheckOutcome, check_file
from forms.catalog.schema import CatalogSet, Item
from tests.client.intake.here import ReadHere

TODAY = dt.date(2026, 11, 24)

Build = Callable[..., dict[str, Any]]
Write = Callable[..., Path]


KINDS = ("good", "faulty", "same", "blank", "totals")


@pytest.fixture
def checked(catalog: CatalogSet) -> Callable[..., CheckOutcome]:
    return lambda path, **more: check_file(path, catalog, today=TODAY, reader=ReadHere(), **more)


def places(outcome: CheckOutcome, severity: str = "error") -> list[tuple[int, str, str, str]]:
    return [(p.row, p.column, p.field, p.code) for p in outcome.problems if p.severity == severity]


def refusal(check: Callable[..., CheckOutcome], path: Path, **more: Any) -> str:
    with pytest.raises(FileRefused) as refused:
        check(path, **more)
    return refused.value.code


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_the_sample_has_every_fault_where_it_was_planted_and_no_other(
    tmp_path: Path, penalty: Item, checked: Callable[..., CheckOutcome], ending: str
):
    chance = random.Random(1)
    sample = write_penalties(
        tmp_path / f"样例.{ending}",
        penalty,
        office=Office("厦门市示范市场监督管理局", with_check("11350200M0DEM0000")),
        subjects=[invented_subject(n, chance) for n in range(60)],
        today=TODAY,
    )

    outcome = checked(sample.path)

    assert (outcome.rows, outcome.ok, outcome.faulty, outcome.duplicates) == (
        sample.rows, sample.ok, sample.faulty, sample.duplicates
    )  # fmt: skip
    planted = {(one.row, one.fault.field, one.fault.code) for one in sample.planted}
    found = {(p.row, p.field, p.code) for p in outcome.problems if p.code != "totals_skipped"}
    assert found == planted
    assert len({one.fault.name for one in sample.planted}) == len(FAULTS) >= 10


@pytest.mark.parametrize("today", [dt.date(2027, 1, 4), dt.date(2028, 2, 29), dt.date(2026, 12, 31)])
def test_the_sample_is_right_on_any_day(tmp_path: Path, catalog: CatalogSet, today: dt.date):
    chance = random.Random(1)
    sample = write_penalties(
        tmp_path / "样例.xlsx", catalog.item("XZCF_FR"),
        office=Office("示范局", with_check("11350200M0DEM0000")),
        subjects=[invented_subject(n, chance) for n in range(60)], today=today,
    )  # fmt: skip

    outcome = check_file(sample.path, catalog, today=today)

    assert (outcome.ok, outcome.faulty) == (sample.ok, sample.faulty)


def test_rows_and_columns_are_named_as_the_spreadsheet_shows_them(
    xlsx: Write, checked: Callable[..., CheckOutcome], typed: Build, penalty: Item
):
    titles = [field.title for field in penalty.fields]
    right = typed(1)["CF_XDR_SHXYM"]
    wrong = typed(1, CF_XDR_SHXYM=right[:-1] + ("1" if right[-1] == "0" else "0"))
    cells = [wrong.get(field.id) for field in penalty.fields]

    outcome = checked(xlsx([["汇总"], [], ["序号", "", *titles], [], [1, None, *cells]]))

    assert places(outcome) == [(5, "E", "CF_XDR_SHXYM", "uscc_check")]


def test_a_field_without_a_column_has_no_letter(
    xlsx: Write, checked: Callable[..., CheckOutcome], typed: Build, penalty: Item
):
    fields = [field for field in penalty.fields if field.id != "CF_FRDB"]
    row = typed(1)

    outcome = checked(xlsx([[f.title for f in fields], [row.get(f.id) for f in fields]]))

    assert places(outcome) == [(2, "", "CF_FRDB", "required_missing")]
    assert outcome.as_json()["problems"][0]["column"] is None


def test_the_json_has_the_promised_shape(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    said = checked(penalties(typed(1), typed(2, CF_WSH=None))).as_json()

    assert {key: said[key] for key in ("item", "rows", "ok", "faulty", "duplicates")} == {
        "item": "XZCF_FR", "rows": 2, "ok": 1, "faulty": 1, "duplicates": 0
    }  # fmt: skip
    assert said["problems"] == [
        {
            "row": 3, "column": "L", "field": "CF_WSH", "code": "required_missing", "severity": "error",
            "value": "", "message": said["problems"][0]["message"], "suggestion": None,
        }
    ]  # fmt: skip
    assert said["problems"][0]["message"].startswith("行政处罚决定书文号：")


def test_the_same_act_twice_is_a_duplicate_within_ok(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    first = typed(1, CF_WSH="厦监罚〔2026〕8号")
    again = first | {"CF_WSH": "厦监罚[2026] 第8号", "BZ": "补录"}

    outcome = checked(penalties(first, typed(2), again))

    assert (outcome.ok, outcome.faulty, outcome.duplicates) == (3, 0, 1)
    assert places(outcome, "warning") == [(4, "L", "", "duplicate_in_file")]
    assert "第 2 行" in outcome.problems[0].message


def test_a_faulty_row_does_not_make_a_later_one_a_duplicate(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    outcome = checked(penalties(typed(1, CF_FRDB=None), typed(1)))

    assert (outcome.ok, outcome.faulty, outcome.duplicates) == (1, 1, 0)


def test_digits_lost_in_excel_are_refused_and_not_guessed(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    outcome = checked(penalties(typed(1, CF_CFJGDM=113502000000000123, CF_SJLYDM="1.13502E+17")))

    assert [(p.field, p.code) for p in outcome.problems] == [
        ("CF_CFJGDM", "digits_lost"),
        ("CF_SJLYDM", "digits_lost"),
    ]
    assert outcome.problems[0].suggestion is None


def test_short_numbers_in_text_columns_are_texts(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    outcome = checked(penalties(typed(1, CF_XDR_GSZC=110108000000016.0, BZ=12.0)))

    assert outcome.ok == 1


def test_values_of_formulas_are_taken_and_that_is_said(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    def paint(_workbook, sheet):
        sheet.write_formula(1, 17, "=1+1", None, 2)
        sheet.write_formula(2, 17, "=1+2", None, 3)

    outcome = checked(penalties(typed(1), typed(2), paint=paint))

    assert outcome.ok == 2
    assert [(p.row, p.column, p.code, p.value) for p in outcome.problems] == [
        (2, "R", "formula_value_taken", "2")
    ]


def test_a_formula_without_a_result_and_an_error_cell_are_problems(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build, rewritten: Callable[..., Path]
):
    def paint(_workbook, sheet):
        sheet.write_formula(1, 17, "=1+1", None, 77)
        sheet.write_formula(2, 17, "=1/0", None, "#DIV/0!")

    path = rewritten(
        penalties(typed(1), typed(2), paint=paint), "xl/worksheets/sheet1.xml", b"<v>77</v>", b""
    )

    assert places(checked(path)) == [
        (2, "R", "CF_NR_FK", "formula_without_value"),
        (3, "R", "CF_NR_FK", "cell_error"),
    ]


def test_blanks_totals_notes_and_repeated_headers_are_no_records(
    xlsx: Write, checked: Callable[..., CheckOutcome], typed: Build, penalty: Item
):
    titles = ["序号", *(field.title for field in penalty.fields)]
    rows = [[n, *(typed(n).get(field.id) for field in penalty.fields)] for n in (1, 2, 3)]
    sheet = [
        titles, rows[0], [2], [3, "  "], titles, rows[1], ["小计", 2], rows[2],
        ["合 计：", None, 5], ["填表人：林晓燕", "", "审核人：陈志远"],
    ]  # fmt: skip

    outcome = checked(xlsx(sheet))

    assert (outcome.rows, outcome.ok) == (3, 3)
    assert [(p.row, p.code) for p in outcome.problems] == [
        (5, "header_repeated"),
        (7, "totals_skipped"),
        (9, "totals_skipped"),
        (10, "note_skipped"),
    ]


def test_a_record_with_few_cells_is_faulty_and_not_skipped(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    outcome = checked(penalties(typed(1), {"CF_XDR_MC": "只有名称的公司"}))

    assert (outcome.rows, outcome.faulty) == (2, 1)


@pytest.mark.parametrize(
    ("heading", "cell", "stored"),
    [
        pytest.param("罚款金额(万元)", 1.5, "1.5", id="number in 万元"),
        pytest.param("罚款金额(元)", 15_000, "1.5", id="number in 元"),
        pytest.param("罚款金额（单位：元）", "15000", "1.5", id="text in 元"),
        pytest.param("罚款金额(元)", "1.5万", "1.5", id="a unit in the cell is believed"),
        pytest.param("罚款金额(万元)", "5,000元", "0.5", id="another unit in the cell"),
        pytest.param("罚款金额(万元)", "十九万五千元", "19.5", id="in words"),
        pytest.param("罚款金额(亿元)", 0.5, "5000", id="亿元"),
        pytest.param("罚款金额(万元)", 0.1 + 0.2, "0.3", id="noise of the machine"),
    ],
)
def test_amounts_end_in_the_fields_unit(
    penalties: Write, catalog: CatalogSet, typed: Build, heading: str, cell: object, stored: str
):
    path = penalties(typed(1, CF_NR_FK=cell), heading={"CF_NR_FK": heading})

    assert stored_values(path, catalog)["CF_NR_FK"] == stored


def test_a_unit_that_nobody_wrote_is_assumed_aloud(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    outcome = checked(penalties(typed(1), heading={"CF_NR_FK": "罚款金额"}))

    assert [(p.row, p.column, p.code) for p in outcome.problems] == [(1, "R", "unit_assumed")]


@pytest.mark.parametrize(
    ("field", "cell", "stored"),
    [
        pytest.param("CF_JDRQ", dt.date(2026, 11, 2), "2026-11-02", id="date cell"),
        pytest.param("CF_JDRQ", "2026年11月2日", "2026-11-02", id="Chinese date"),
        pytest.param("CF_JDRQ", "２０２６／１１／２", "2026-11-02", id="full width date"),
        pytest.param("CF_YXQ", "长期", "2099-12-31", id="long term"),
        pytest.param("CF_XDR_LB", "法人及非法人组织 ", "1", id="code by name"),
        pytest.param("CF_CFLB", "警告、罚款", ["01", "02"], id="set"),
        pytest.param("CF_CFLB", "2", ["02"], id="code that lost its nought"),
        pytest.param("CF_FRDB", "张　三", "张三", id="blank for lay-out"),
        pytest.param("CF_FRDB", "Anna  Lee ", "Anna Lee", id="blank that is meant"),
        pytest.param("BZ", "第一行\n第二行", "第一行第二行", id="line break in a line"),
        pytest.param("CF_SY", "第一段。\r\n第二段（见附件）。 ", "第一段。\n第二段（见附件）。", id="prose"),
        pytest.param("BZ", "\u200bＡＢ１２（一）", "AB12（一）", id="wide letters, Chinese brackets"),
    ],
)
def test_cells_are_cleaned_and_nothing_else(
    penalties: Write, catalog: CatalogSet, typed: Build, field: str, cell: object, stored: object
):
    path = penalties(typed(1, **{field: cell}))

    assert stored_values(path, catalog)[field] == stored


def test_changes_are_kept_before_and_after(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    outcome = checked(penalties(typed(1, CF_JDRQ="2026年11月2日")))

    (change,) = outcome.changes
    assert (change.row, change.column, change.field) == (2, "U", "CF_JDRQ")
    assert (change.before, change.after, change.reason) == ("2026年11月2日", "2026-11-02", "date_form")
    assert outcome.change_counts == {("CF_JDRQ", "date_form"): 1}


def test_what_cannot_be_read_stays_as_typed_and_is_named(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    outcome = checked(penalties(typed(1, CF_JDRQ="今年夏天", CF_NR_FK="若干", CF_CFLB="罚金")))

    assert {(p.field, p.value) for p in outcome.problems} == {
        ("CF_JDRQ", "今年夏天"), ("CF_NR_FK", "若干"), ("CF_CFLB", "罚金")
    }  # fmt: skip


def test_a_bare_day_number_is_not_guessed_but_proposed(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    outcome = checked(penalties(typed(1, CF_JDRQ=46_330)))

    assert [(p.code, p.suggestion) for p in outcome.problems] == [("date_serial", "2026-11-04")]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        pytest.param([["这是一份通知"], ["请各单位于月底前报送"]], "headings_unknown", id="no table"),
        pytest.param([["行政相对人名称", "处罚机关", "处罚依据", "备注"]], "no_rows", id="header alone"),
        pytest.param([], "file_empty", id="nothing at all"),
    ],
)
def test_files_without_records_are_refused(
    xlsx: Write, checked: Callable[..., CheckOutcome], rows: list[list[str]], code: str
):
    assert refusal(checked, xlsx(rows)) == code


def test_a_formatted_blank_template_is_refused(penalties: Write, checked: Callable[..., CheckOutcome]):
    def paint(workbook, sheet):
        boxed = workbook.add_format({"border": 1})
        for row in range(1, 2501):
            for column in range(28):
                sheet.write_blank(row, column, None, boxed)

    assert refusal(checked, penalties(paint=paint)) == "no_rows"


def test_doubled_headings_are_refused_until_a_person_says_which(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    path = penalties(typed(1), heading={"BZ": "处罚机关名称"})

    assert refusal(checked, path) == "heading_doubled"
    assert checked(path, fields={27: None}).ok == 1
    assert refusal(checked, path, fields=dict.fromkeys(range(28))) == "headings_unknown"


def test_a_column_without_a_heading_can_be_given_a_field(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    path = penalties(typed(1, BZ="长" * 600), heading={"BZ": ""})

    assert checked(path).ok == 1
    assert places(checked(path, fields={27: "BZ"})) == [(2, "AB", "BZ", "too_long")]


def test_a_heading_over_two_filled_columns_is_refused(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    """The first column under a merged heading may hold all there is; a second one may not be lost."""

    def paint(_workbook, sheet):
        sheet.merge_range(0, 27, 0, 28, "备注")

    def paint_and_fill(workbook, sheet):
        paint(workbook, sheet)
        sheet.write(1, 28, "第二列也有内容")

    assert checked(penalties(typed(1), paint=paint, name="一.xlsx")).ok == 1
    assert refusal(checked, penalties(typed(1), paint=paint_and_fill, name="二.xlsx")) == "heading_merged"


def test_headings_that_name_nothing_are_reported(
    xlsx: Write, checked: Callable[..., CheckOutcome], typed: Build, penalty: Item
):
    titles = ["序号", *(field.title for field in penalty.fields), "经办人手机"]

    outcome = checked(xlsx([titles, [1, *(typed(1).get(field.id) for field in penalty.fields)]]))

    assert [(heading.letters, heading.text) for heading in outcome.unmatched] == [
        ("A", "序号"),
        ("AD", "经办人手机"),
    ]


def test_the_item_and_the_sheet_can_be_said(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    path = penalties(typed(1))

    assert checked(path, item="XZCF_ZRR").item.code == "XZCF_ZRR"
    assert refusal(checked, path, item="XZCF") == "item_unknown"
    assert refusal(checked, path, sheet="没有") == "sheet_unknown"


def test_hidden_sheets_are_not_read(
    xlsx: Write, checked: Callable[..., CheckOutcome], typed: Build, penalty: Item
):
    titles = [field.title for field in penalty.fields]

    def paint(workbook, _sheet):
        old = workbook.add_worksheet("旧")
        old.write_row(0, 0, titles)
        old.hide()

    assert refusal(checked, xlsx([["说明"]], paint=paint)) == "headings_unknown"


def test_other_sheets_that_look_like_records_are_named(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build, penalty: Item
):
    def paint(workbook, _sheet):
        more = workbook.add_worksheet("第二批")
        more.write_row(0, 0, [field.title for field in penalty.fields[:20]])

    outcome = checked(penalties(typed(1), paint=paint))

    assert (outcome.opened.sheet, outcome.opened.others) == ("表", ("第二批",))


def test_checking_can_be_stopped(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build, tmp_path: Path
):
    report = tmp_path / "报告.xlsx"

    with pytest.raises(Stopped):
        checked(penalties(typed(1)), cancelled=lambda: True, report=report)

    assert not report.exists()


def test_progress_tells_the_row_and_the_last_one(
    penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    seen: list[tuple[int, int | None]] = []

    checked(penalties(*map(typed, range(1, 1502))), progress=lambda row, of: seen.append((row, of)))

    assert seen == [(1001, 1502), (1502, 1502)]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=30))
def test_the_sum_is_right_whatever_comes(
    kinds: list[str], penalties: Write, checked: Callable[..., CheckOutcome], typed: Build
):
    hold_the_sum(kinds, penalties, checked, typed)


def test_the_sum_is_right_when_a_child_reads(penalties: Write, catalog: CatalogSet, typed: Build):
    hold_the_sum([*KINDS, *KINDS], penalties, lambda path: check_file(path, catalog, today=TODAY), typed)


def hold_the_sum(
    kinds: list[str], penalties: Write, check: Callable[..., CheckOutcome], typed: Build
) -> None:
    rows = {
        "faulty": typed(7777, CF_CFLB="罚金"), "same": typed(8888), "blank": {},
        "totals": {"CF_XDR_MC": "合计"},
    }  # fmt: skip
    path = penalties(*(rows.get(kind) or typed(n) if kind != "blank" else {} for n, kind in enumerate(kinds)))
    count = {kind: kinds.count(kind) for kind in ("good", "faulty", "same")}

    if sum(count.values()) == 0:
        with pytest.raises(FileRefused, match="no_rows"):
            check(path)
        return
    outcome = check(path)

    assert outcome.rows == outcome.ok + outcome.faulty == sum(count.values())
    assert outcome.faulty == count["faulty"]
    assert outcome.duplicates == max(0, count["same"] - 1)


def stored_values(path: Path, catalog: CatalogSet) -> dict[str, Any]:
    """The values of the first row, as they would be stored."""
    plan = Plan(Candidates((catalog.item("XZCF_FR"),)), TODAY, keep=True)
    part = next(message for message in judge_file(path, plan) if isinstance(message, Part))
    assert part.chunk is not None
    rows = part.chunk.good or [(0, row[2]) for row in part.chunk.faulty]
    values: dict[str, Any] = json.loads(rows[0][1])
    return values
