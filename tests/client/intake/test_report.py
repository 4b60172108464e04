"""Workbooks that we write: faulty rows marked and explained, and templates that come back in."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from client.core.row_keys import read_key
from client.errors import FileRefused
from client.intake.error_report import ErrorReport, Origin
from client.intake.headings import Header, Heading
from client.intake.outcome import check_file
from client.intake.report import LONGEST_TEXT, Finding, Report, Source, safe_text
from client.intake.template import write_template
from client.paths import resources
from forms.catalog.loader import load_set
from forms.catalog.schema import CatalogSet

TODAY = dt.date(2026, 11, 24)
SOURCE = Source("表.xlsx", "表", "行政处罚", "2026-11-24")
HEADER = Header("XZCF_FR", 1, 1, (Heading(0, "名称", "CF_XDR_MC"), Heading(2, "备注", "BZ")))

Write = Callable[..., Path]
Build = Callable[..., dict[str, Any]]


def finding(column: str = "C", severity: str = "error") -> Finding:
    return Finding(column, "备注", severity, "原值", "备注：太长。", "短一点")


def test_faulty_rows_are_marked_and_explained_in_a_workbook(
    penalties: Write, typed: Build, catalog: CatalogSet, tmp_path: Path, rewritten: Callable[..., Path]
):
    """With a remark in its sheet, which keeps it from being given back as itself."""
    path = penalties(typed(1), typed(2, CF_CFLB="罚金", CF_JDRQ=46_330), typed(3), typed(1))
    rewritten(path, "xl/worksheets/sheet1.xml", b"<row r=", b"<!-- x --><row r=")
    report = tmp_path / "报告.xlsx"

    outcome = check_file(path, catalog, today=TODAY, report=report)

    book = openpyxl.load_workbook(report)
    rows, problems = book["有误的行"], book["问题清单"]
    assert [cell.value for cell in rows[1]][:2] == ["原行号", "行政相对人名称"]
    assert (rows.max_row, rows["A2"].value) == (2, 3)
    assert rows["Q2"].value == "罚金"
    assert rows["Q2"].comment.text.startswith("处罚类别：")
    assert rows["Q2"].fill.fgColor.rgb == "FFF8D7D3"
    assert rows["B2"].comment is None
    listed = [[cell.value for cell in row] for row in problems.iter_rows(min_row=2)]
    assert len(listed) == len(outcome.problems) == 3
    assert listed[0][:5] == [3, "P", "处罚类别", "错误", "罚金"]
    assert (listed[1][1], listed[1][6]) == ("U", "2026-11-04")
    assert listed[2][:4] == [5, "L", None, "提醒"]
    assert dict(book["说明"].values)["有误的行"] == "1"


def test_no_text_becomes_a_formula(tmp_path: Path):
    path = tmp_path / "报告.xlsx"
    with Report(path, HEADER, SOURCE) as report:
        report.add(2, ["=1+1", "", '=HYPERLINK("http://a")'], [finding()])

    with zipfile.ZipFile(path) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any(b"<f>" in sheet or b"hyperlink" in sheet for sheet in sheets)
    assert openpyxl.load_workbook(path)["有误的行"]["B2"].value == "=1+1"


def test_a_faulty_cell_that_looks_like_a_formula_stays_a_text_when_it_is_edited(tmp_path: Path):
    path = tmp_path / "报告.xlsx"
    with Report(path, HEADER, SOURCE) as report:
        report.add(2, ["甲", "", "=1+1"], [finding()])
        report.add(3, ["甲", "", "罚金"], [finding()])

    rows = openpyxl.load_workbook(path)["有误的行"]
    assert [(rows.cell(row, 4).number_format, rows.cell(row, 4).data_type) for row in (2, 3)] == [
        ("@", "s"), ("General", "s"),
    ]  # fmt: skip
    assert rows["D2"].fill.fgColor.rgb == "FFF8D7D3"


def test_every_kind_of_cell_is_written(tmp_path: Path):
    path = tmp_path / "报告.xlsx"
    cells = ["文字", 1.5, dt.date(2026, 3, 5), dt.datetime(2026, 3, 5, 10, 3), True, dt.time(9, 30), ""]
    with Report(path, HEADER, SOURCE) as report:
        report.add(2, cells, [finding("G")])

    row = [cell.value for cell in openpyxl.load_workbook(path)["有误的行"][2]]
    assert row == [2, "文字", 1.5, "2026-03-05", None, "2026-03-05 10:03:00", True, "09:30:00", None]


def test_what_no_workbook_can_hold_is_cut_visibly(tmp_path: Path):
    assert safe_text("a\x00b\x0bc") == "abc"
    assert len(safe_text("长" * 40_000)) == LONGEST_TEXT
    assert safe_text("长" * 40_000).endswith("已截断）")
    path = tmp_path / "报告.xlsx"
    with Report(path, HEADER, SOURCE) as report:
        report.add(2, ["长" * 40_000], [finding()])

    assert len(openpyxl.load_workbook(path)["有误的行"]["B2"].value) == LONGEST_TEXT


def test_a_long_list_goes_on_in_another_sheet_and_comments_end_aloud(tmp_path: Path):
    """With lower limits than Excel's: a million rows would take minutes."""
    path = tmp_path / "报告.xlsx"
    with Report(path, HEADER, SOURCE, last_row=10, most_comments=3) as report:
        for row in range(2, 27):
            report.add(row, ["名"], [finding()])

    book = openpyxl.load_workbook(path)
    lists = [sheet for sheet in book.sheetnames if sheet.startswith("问题清单")]
    assert lists == ["问题清单", "问题清单2", "问题清单3"]
    assert sum(book[name].max_row - 1 for name in lists) == 25
    assert sum(cell.comment is not None for row in book["有误的行"].iter_rows() for cell in row) == 3
    said = dict(book["说明"].values)
    assert said["错误"] == "25"
    assert "前 3 处" in said["批注"]
    assert "前 10 行" in said["行数"]


def test_a_report_that_fails_leaves_no_file(tmp_path: Path):
    path = tmp_path / "报告.xlsx"

    def fail() -> None:
        with Report(path, HEADER, SOURCE):
            raise FileRefused("file_damaged")

    with pytest.raises(FileRefused, match="file_damaged"):
        fail()
    assert not path.exists()


def test_a_problem_that_is_told_last_has_the_key_of_its_row_in_a_report_that_spilled(tmp_path: Path):
    """Rows that were read long ago get their key, too; a row without a record gets none."""
    path = tmp_path / "报告.xlsx"
    with ErrorReport(path, HEADER, SOURCE, Origin("R", "0198abcd"), None, most_rows=2) as report:
        for row in (2, 3, 4):
            report.know({row: f"{row:016x}"})
            report.add(row, ["名"], [finding()])
        for row in (2, 7):
            report.add_finding(row, finding())

    rows = openpyxl.load_workbook(path)["问题清单"].iter_rows(min_row=2, values_only=True)
    keys = [(row[0], read_key(row[8] or "")) for row in rows]
    assert [(row, key.row if key else None) for row, key in keys] == [
        (2, 2),
        (3, 3),
        (4, 4),
        (2, 2),
        (7, None),
    ]
    assert keys[0] == keys[3]


@pytest.mark.parametrize("why", ["read-only", "open in a program", "a folder"])
def test_a_report_leaves_alone_what_it_may_not_replace(tmp_path: Path, why: str):
    path = tmp_path / "报告.xlsx"
    if why == "a folder":
        path.mkdir()
    else:
        path.write_bytes(b"old")
    if why == "read-only":
        path.chmod(0o444)
    if why == "open in a program":
        (tmp_path / ".~lock.报告.xlsx#").write_text("x")

    with pytest.raises(FileRefused, match="report_unwritable"):
        ErrorReport(path, HEADER, SOURCE, Origin("R", "0198abcd"), None)

    assert path.is_dir() or path.read_bytes() == b"old"


def test_a_report_that_fails_leaves_the_one_of_before(tmp_path: Path):
    path = tmp_path / "报告.xlsx"
    path.write_bytes(b"old")

    def fail() -> None:
        with Report(path, HEADER, SOURCE) as report:
            report.add(2, ["名"], [finding()])
            raise FileRefused("file_damaged")

    with pytest.raises(FileRefused, match="file_damaged"):
        fail()
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["报告.xlsx"]


def write_new(path: Path) -> None:
    with Report(path, HEADER, SOURCE) as report:
        for row in range(2, 2000):
            report.add(row, [f"样例{row}号商行"], [finding()])


def write_blank(path: Path) -> None:
    write_template(load_set(resources() / "catalogs" / "2026.1").item("XZCF_FR"), path)


@pytest.mark.parametrize("write", [write_new, write_blank], ids=["a report", "a template"])
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, write: Callable[[Path], None], small_disk: Callable[[int], Any]
):
    path = tmp_path / "报告.xlsx"
    path.write_bytes(b"old")

    with small_disk(8_000), pytest.raises(FileRefused, match="report_unwritable"):
        write(path)

    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["报告.xlsx"]


def test_a_report_into_a_missing_folder_is_refused_by_name(tmp_path: Path):
    def write() -> None:
        with Report(tmp_path / "没有" / "报告.xlsx", HEADER, SOURCE) as report:
            report.add(2, ["名"], [finding()])

    with pytest.raises(FileRefused, match="report_unwritable"):
        write()


# --- templates ---


@pytest.mark.parametrize("code", ["XZXK_FR", "XZXK_ZRR", "XZCF_FR", "XZCF_ZRR"])
def test_a_filled_template_is_read_with_every_field(catalog: CatalogSet, tmp_path: Path, code: str):
    item = catalog.item(code)
    path = tmp_path / "模板.xlsx"
    write_template(item, path)
    book = openpyxl.load_workbook(path)
    book["填报"]["A2"] = "某某样例公司"
    book.save(path)

    outcome = check_file(path, catalog, today=TODAY)

    assert (outcome.item.code, outcome.rows) == (code, 1)
    assert [h.field for h in outcome.opened.header.headings] == [field.id for field in item.fields]


def test_an_untouched_template_is_blank(catalog: CatalogSet, tmp_path: Path):
    path = tmp_path / "模板.xlsx"
    write_template(catalog.item("XZCF_FR"), path)

    with pytest.raises(FileRefused, match="no_rows"):
        check_file(path, catalog, today=TODAY)


def test_a_template_keeps_codes_as_text_offers_choices_and_names_its_catalog(
    catalog: CatalogSet, tmp_path: Path
):
    item = catalog.item("XZCF_FR")
    path = tmp_path / "模板.xlsx"
    write_template(item, path)

    book = openpyxl.load_workbook(path)
    sheet = book["填报"]
    assert book["字典"].sheet_state == "hidden"
    assert sheet.column_dimensions["C"].width > 10
    choices = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert choices["B2:B5001"] == "字典!$A$1:$A$2"
    assert [cell.value for cell in book["字典"]["A"]][:2] == ["法人及非法人组织", "个体工商户"]
    assert "单位：万元" in sheet["R1"].comment.text
    assert {p.name: p.value for p in book.custom_doc_props.props}["MinXin catalog"] == item.ref
    assert len(list(book["填写说明"].iter_rows())) == len(item.fields) + 2
