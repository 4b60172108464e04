"""The clerk's own workbook, marked: what is added, what stays, and the way back in."""

from __future__ import annotations

import datetime as dt
import json
import re
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from client.core.imports import ROW_KEY_HEADING
from client.core.row_keys import read_key, row_digest, write_key
from client.errors import FileRefused
from client.intake.importing import import_file, write_report
from client.intake.losses import losses
from client.intake.outcome import check_file
from client.store import drafts, imports
from client.store.desk import Desk
from forms.catalog.schema import CatalogSet

TODAY = dt.date(2026, 11, 24)

Build = Callable[..., dict[str, Any]]
Write = Callable[..., Path]

# --- keys ---


def test_a_key_says_what_was_written_and_a_damaged_one_says_nothing():
    text = write_key("I", "0198-abcd-ef01", 12, row_digest({"A": "甲"}))

    key = read_key(f" {text} ")

    assert key is not None
    assert (key.kind, key.origin, key.row, key.unchanged) == ("I", "0198-abcd-ef01", 12, False)
    for place in range(len(text)):
        assert read_key(text[:place] + "x" + text[place + 1 :]) is None
    assert read_key("") is None


def test_a_digest_minds_texts_and_not_blanks_around_them():
    assert row_digest({"A": " 甲\r\n乙 ", "B": ""}) == row_digest({"A": "甲\n乙"})
    assert row_digest({"A": "甲", "B": "乙"}) != row_digest({"A": "乙", "B": "甲"})


# --- what is kept ---


def rich(book: Any, sheet: Any) -> None:
    """Put into a workbook what clerks put there."""
    sheet.freeze_panes(1, 1)
    sheet.set_column(2, 5, 30, book.add_format({"bg_color": "#DDEEFF"}))
    sheet.autofilter(0, 0, 3, 30)
    sheet.write_comment(1, 0, "老批注", {"author": "王"})
    sheet.conditional_format(1, 3, 9, 3, {"type": "cell", "criteria": ">", "value": 5, "format": None})
    sheet.data_validation(1, 1, 50, 1, {"validate": "list", "source": ["甲", "乙"]})
    sheet.set_landscape()
    sheet.print_area(0, 0, 9, 9)
    sheet.protect()
    other = book.add_worksheet("汇总")
    other.write_formula("A1", "=SUM(B1:B9)", None, 7)
    other.merge_range("C1:D2", "合并")
    other.add_sparkline("A5", {"range": "汇总!B1:B9"})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=汇总!$B$1:$B$9"})
    other.insert_chart("F2", chart)
    other.insert_checkbox("A7", True)
    book.define_name("我的区域", "=汇总!$A$1:$B$3")


def opened(path: Path) -> Any:
    """Open a workbook with openpyxl, which tells what it is going to lose."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".* extension is not supported and will be removed")
        return openpyxl.load_workbook(path)


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_clerks_workbook_comes_back_with_marks_and_all_else_as_it_was(
    penalties: Write, typed: Build, catalog: CatalogSet, tmp_path: Path
):
    path = penalties(typed(1, CF_XDR_MC=None), typed(2, CF_CFLB="罚金"), typed(3), paint=rich)
    out = tmp_path / "表-问题.xlsx"

    outcome = check_file(path, catalog, today=TODAY, report=out)

    assert outcome.healed
    before, after = parts_of(path), parts_of(out)
    changed = {name for name in before if after[name] != before[name]}
    assert changed == {
        "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml",
        "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml",
    }  # fmt: skip
    sheet, old = after["xl/worksheets/sheet1.xml"].decode(), before["xl/worksheets/sheet1.xml"].decode()
    assert sheet[sheet.index("</sheetData>") :] == old[old.index("</sheetData>") :]
    book, source = opened(out), opened(path)
    rows, plain = book["表"], source["表"]
    assert [book.sheetnames[-1], *source.sheetnames] == ["问题清单", *book.sheetnames[:-1]]
    for row in plain.iter_rows():
        for cell in row:
            mine = rows[cell.coordinate]
            assert (mine.value, mine.number_format, repr(mine.font)) == (
                cell.value,
                cell.number_format,
                repr(cell.font),
            )
    assert rows["A2"].fill.fgColor.rgb == "FFF8D7D3"
    assert rows["A2"].comment.text.startswith("老批注")
    assert "行政相对人名称：" in rows["A2"].comment.text
    assert rows["P3"].fill.fgColor.rgb == "FFF8D7D3"
    assert rows["P3"].comment.text.startswith("处罚类别：")
    assert rows["P4"].comment is None
    assert repr(rows["B3"].fill) == repr(plain["B3"].fill)
    letters = rows.cell(1, rows.max_column).column_letter
    assert rows[f"{letters}1"].value == ROW_KEY_HEADING
    assert rows.column_dimensions[letters].hidden
    assert all(read_key(rows[f"{letters}{row}"].value) for row in (2, 3, 4))


def test_the_list_leads_to_the_cells_and_offers_yes_and_no(
    penalties: Write, typed: Build, catalog: CatalogSet, tmp_path: Path
):
    out = tmp_path / "表-问题.xlsx"
    check_file(penalties(typed(1), typed(2, CF_CFLB="+罚金()")), catalog, today=TODAY, report=out)

    listed = openpyxl.load_workbook(out)["问题清单"]
    texts = [cell.value for cell in listed[2]]
    assert texts[:5] == ["3", "P", "处罚类别", "错误", "+罚金()"]
    assert listed["A2"].hyperlink.location == "'表'!P3"
    (rule,) = listed.data_validations.dataValidation
    assert (rule.formula1, str(rule.sqref).startswith("H2")) == ('"接受,拒绝"', True)
    assert listed.column_dimensions["I"].hidden
    assert not any(b"<f>" in part for name, part in parts_of(out).items() if name.endswith("sheet2.xml"))


def test_a_workbook_resaved_by_another_program_is_marked_too(
    penalties: Write, typed: Build, catalog: CatalogSet, tmp_path: Path
):
    path = penalties(typed(1), typed(2, CF_CFLB="罚金"), paint=rich)
    opened(path).save(path)
    out = tmp_path / "问题.xlsx"

    assert check_file(path, catalog, today=TODAY, report=out).healed
    assert openpyxl.load_workbook(out)["表"]["P3"].comment.text.startswith("处罚类别：")


def test_what_cannot_be_kept_is_named_first(penalties: Write, typed: Build, tmp_path: Path):
    path = penalties(typed(1))
    signed = tmp_path / "签名.xlsx"
    signed.write_bytes(path.read_bytes())
    with zipfile.ZipFile(signed, "a") as archive:
        archive.writestr("_xmlsignatures/sig1.xml", "<x/>")
        archive.writestr("xl/threadedComments/threadedComment1.xml", "<x/>")

    assert losses(path) == ()
    assert losses(signed) == ("signature_lost", "threads_unmarked")
    assert losses(tmp_path / "没有.xlsx") == ()
    assert losses(path, out=tmp_path / "问题.xlsx", rows=20_000) == ()
    assert losses(path, out=tmp_path / "问题.xlsm") == ("ending_unmarked",)
    assert losses(path, rows=20_001) == ("rows_unmarked",)


@pytest.mark.parametrize(
    ("kind", "lost"), [("xls", ("format_unmarked",)), ("ods", ("format_unmarked",)), ("csv", ())]
)
def test_a_format_that_is_not_marked_is_a_loss_where_it_has_looks(
    xls: Write, ods: Write, text_table: Write, kind: str, lost: tuple[str, ...]
):
    rows = [["名称"], ["甲公司"]]
    path = text_table(rows, "utf-8") if kind == "csv" else {"xls": xls, "ods": ods}[kind](rows)

    assert losses(path) == lost


def test_the_report_never_takes_the_place_of_the_file_itself(
    penalties: Write, typed: Build, catalog: CatalogSet
):
    path = penalties(typed(1, CF_CFLB="罚金"))
    before = path.read_bytes()

    with pytest.raises(FileRefused, match="report_over_source"):
        check_file(path, catalog, today=TODAY, report=path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b"<row r=", b"<!-- x --><row r=", id="a remark in the sheet"),
        pytest.param(b"<c r=", b"<c q=", id="cells without a place"),
    ],
)
def test_a_sheet_written_unusually_gets_the_new_workbook(
    penalties: Write,
    typed: Build,
    catalog: CatalogSet,
    tmp_path: Path,
    rewritten: Any,
    old: bytes,
    new: bytes,
):
    path = rewritten(penalties(typed(1, CF_CFLB="罚金")), "xl/worksheets/sheet1.xml", old, new)
    out = tmp_path / "问题.xlsx"

    outcome = check_file(path, catalog, today=TODAY, report=out)

    assert not outcome.healed
    assert openpyxl.load_workbook(out).sheetnames == ["有误的行", "问题清单", "说明"]


# --- the way back ---


def a_report(desk: Desk, path: Path, out: Path) -> str:
    done = import_file(desk, path).sum
    write_report(desk, done.import_id, out, source=path)
    return done.import_id


def column_of(sheet: Any, title: str, row: int = 1) -> int:
    return next(cell.column for cell in sheet[row] if cell.value == title)


def parts(one: Any) -> dict[str, int]:
    assert one.adds_up()
    names = ("created", "updated", "corrected", "skipped", "faulty")
    return {name: count for name in names if (count := getattr(one, name))}


def values_of(desk: Desk, import_id: str, row: int) -> dict[str, Any]:
    record_id = desk.db.reader().value(
        "SELECT record_id FROM record WHERE import_id = ? AND import_row = ?", (import_id, row)
    )
    payload = desk.db.reader().value("SELECT payload FROM draft WHERE record_id = ?", (record_id,))
    return dict(json.loads(payload))


def test_three_repaired_rows_of_a_thousand_change_exactly_three_records(
    desk: Desk, penalties: Write, typed: Build, tmp_path: Path
):
    """Two of fifty faulty rows repaired, one record's number changed; rows turned round, one deleted."""
    rows = [typed(n, **({"CF_CFLB": "罚金"} if n % 20 == 7 else {})) for n in range(1000)]
    out = tmp_path / "表-问题.xlsx"
    first = a_report(desk, penalties(*rows), out)
    book = openpyxl.load_workbook(out)
    sheet = book["表"]
    kind, number = column_of(sheet, "处罚类别"), column_of(sheet, "行政处罚决定书文号")
    for row in (9, 29):
        sheet.cell(row, kind, rows[0]["CF_CFLB"])
    sheet.cell(3, number, "厦示改〔2026〕9001号")
    sheet.delete_rows(500)
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for place, line in enumerate(reversed(cells), start=2):
        for column, value in enumerate(line, start=1):
            sheet.cell(place, column).value = value
    book.save(out)

    again = import_file(desk, out).sum

    assert parts(again) == {"created": 2, "updated": 1, "skipped": 948, "faulty": 48}
    assert imports.fates(desk.db.reader(), first) == {"faulty": 48, "taken": 2}
    assert values_of(desk, first, 3)["CF_WSH"] == "厦示改〔2026〕9001号"
    assert desk.db.reader().value("SELECT COUNT(*) FROM draft") == 952
    assert parts(import_file(desk, out).sum) == {"skipped": 951, "faulty": 48}


def test_an_unchanged_row_leaves_what_was_edited_on_the_desk(
    desk: Desk, penalties: Write, typed: Build, tmp_path: Path
):
    out = tmp_path / "表-问题.xlsx"
    first = a_report(desk, penalties(typed(1), typed(2, CF_CFLB="罚金")), out)
    record_id = desk.db.reader().value("SELECT record_id FROM record WHERE import_id = ?", (first,))
    drafts.save(desk, record_id, values_of(desk, first, 2) | {"BZ": "在本机改过"})

    again = import_file(desk, out).sum

    assert parts(again) == {"skipped": 1, "faulty": 1}
    assert values_of(desk, first, 2)["BZ"] == "在本机改过"


def test_an_accepted_proposal_is_put_in_and_a_refused_one_is_not(
    desk: Desk, penalties: Write, typed: Build, tmp_path: Path
):
    out = tmp_path / "表-问题.xlsx"
    broken = [typed(n, CF_JDRQ=46_330) for n in (1, 2, 3)]
    first = a_report(desk, penalties(*broken), out)
    book = openpyxl.load_workbook(out)
    listed = book["问题清单"]
    lines = [row for row in range(2, listed.max_row + 1) if listed.cell(row, 7).value]
    assert len(lines) == 3
    listed.cell(lines[0], 8, "接受")
    listed.cell(lines[1], 8, "拒绝")
    book.save(out)

    again = import_file(desk, out).sum

    assert parts(again) == {"created": 1, "faulty": 2}
    assert values_of(desk, again.import_id, 2)["CF_JDRQ"] == "2026-11-04"
    assert imports.fates(desk.db.reader(), first) == {"faulty": 2, "taken": 1}


def test_keys_that_cannot_be_believed_are_told_and_their_rows_read_as_without(
    desk: Desk, penalties: Write, typed: Build, tmp_path: Path
):
    out = tmp_path / "表-问题.xlsx"
    a_report(desk, penalties(*(typed(n) for n in range(4)), typed(9, CF_CFLB="罚金")), out)
    book = openpyxl.load_workbook(out)
    sheet = book["表"]
    keys, number = column_of(sheet, ROW_KEY_HEADING), column_of(sheet, "行政处罚决定书文号")
    sheet.cell(2, keys).value = "坏了"
    sheet.cell(3, keys).value = write_key("I", "0198aaaa-bbbb", 3, "0" * 16)
    sheet.cell(4, number).value = "厦示改〔2026〕9002号"
    sheet.cell(4, keys).value = sheet.cell(5, keys).value
    book.save(out)

    done = import_file(desk, out)

    assert {"row_key_damaged", "row_key_unknown", "row_key_doubled"} <= {n.code for n in done.notices}
    assert parts(done.sum) == {"created": 1, "skipped": 3, "faulty": 1}


def test_rows_sorted_without_their_keys_change_no_other_record(
    desk: Desk, penalties: Write, typed: Build, tmp_path: Path
):
    out = tmp_path / "表-问题.xlsx"
    a_report(desk, penalties(*(typed(n) for n in range(6)), typed(9, CF_CFLB="罚金")), out)
    book = openpyxl.load_workbook(out)
    sheet = book["表"]
    keys = column_of(sheet, ROW_KEY_HEADING)
    lines = [[sheet.cell(row, column).value for column in range(1, keys)] for row in range(2, 9)]
    lines[0][column_of(sheet, "备注") - 1] = "补"
    for row, line in enumerate(reversed(lines), start=2):
        for column, value in enumerate(line, start=1):
            sheet.cell(row, column).value = value
    book.save(out)

    done = import_file(desk, out)

    assert "row_key_moved" in {notice.code for notice in done.notices}
    assert parts(done.sum) == {"updated": 1, "skipped": 5, "faulty": 1}


def test_the_new_workbook_comes_back_by_its_keys(desk: Desk, penalties: Write, typed: Build, tmp_path: Path):
    out = tmp_path / "问题.xlsx"
    done = import_file(desk, penalties(typed(1), typed(2, CF_CFLB="罚金"), typed(3, CF_CFLB="罚金"))).sum
    write_report(desk, done.import_id, out)
    book = openpyxl.load_workbook(out)
    sheet = book["有误的行"]
    sheet.cell(2, column_of(sheet, "处罚类别"), typed(1)["CF_CFLB"])
    book.save(out)

    again = import_file(desk, out).sum

    assert parts(again) == {"created": 1, "faulty": 1}
    assert imports.fates(desk.db.reader(), done.import_id) == {"faulty": 1, "taken": 1}


def test_a_returned_file_is_marked_again_with_the_same_column(
    desk: Desk, penalties: Write, typed: Build, tmp_path: Path
):
    out, third = tmp_path / "表-问题.xlsx", tmp_path / "表-问题-问题.xlsx"
    first = a_report(desk, penalties(typed(1), typed(2, CF_CFLB="罚金"), typed(3, CF_CFLB="罚金")), out)
    second = a_report(desk, out, third)
    book = openpyxl.load_workbook(third)
    assert book.sheetnames == ["表", "问题清单"]
    sheet = book["表"]
    assert [cell.value for cell in sheet[1]].count(ROW_KEY_HEADING) == 1
    sheet.cell(3, column_of(sheet, "处罚类别"), typed(1)["CF_CFLB"])
    book.save(third)

    import_file(desk, third)

    for import_id in (first, second):
        assert imports.fates(desk.db.reader(), import_id)["taken"] == 1
    assert re.fullmatch(r"MX1-I-.*", str(sheet.cell(3, sheet.max_column).value))
