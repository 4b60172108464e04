"""import by the command line: its error report, and what is done with rows that meet something."""

from __future__ import annotations

import random
import zipfile
from datetime import date
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from client.core.times import day_in_shanghai
from client.demo import samples
from client.demo.samples import Office, invented_subject, with_check
from client.wiring import load_catalogs, utc_now
from forms.catalog.slips import one_slip

WRITER = "林晓"
OFFICE = Office("厦门市示范市场监督管理局", with_check("11350200M0DEM0000"))


@pytest.fixture
def here(minxin, house):
    """Call verbs at a desk as the reporter."""
    house.close()
    where = ("--profile", str(house.directory), "--operator", WRITER)
    return lambda *words: minxin(*words, *where, secrets={"--passphrase-fd": house.passphrase})


@pytest.fixture
def penalties(tmp_path):
    """Write penalties, each with what is different in it, under their titles."""
    fields, today = load_catalogs().item("XZCF_FR").fields, day_in_shanghai(utc_now())

    def write(*rows: dict[str, Any], name: str = "处罚.xlsx", heading: str = ""):
        path = tmp_path / name
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet("表")
            sheet.write_row(0, 0, [field.title for field in fields])
            if heading:
                sheet.write(0, 0, heading)
            for row, changed in enumerate(rows, start=1):
                chance = random.Random(row)
                made = samples.penalty(row, invented_subject(row, chance), OFFICE, today, chance) | changed
                for column, field in enumerate(fields):
                    cell = made.get(field.id)
                    if cell is not None:
                        sheet.write(row, column, cell.isoformat() if isinstance(cell, date) else cell)
        return path

    return write


WRONG = {"CF_CFLB": "罚金"}


# --- the error report ---


def test_the_faulty_rows_come_back_in_the_clerks_own_workbook(here, penalties, tmp_path):
    path, out = penalties({}, WRONG, {}), tmp_path / "处罚-问题.xlsx"

    done = here("import", str(path), "--report", str(out))

    assert (done.code, done.err) == (1, "")
    assert "新增 2 + 更新 0 + 更正 0 + 跳过 0 + 有误 1。" in done.out
    assert f"错误报告：{out}，是原表的副本" in done.out
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["表", "问题清单"]
    assert book["表"]["P3"].fill.fgColor.rgb == "FFF8D7D3"


def test_the_repaired_report_brings_in_what_was_repaired_and_nothing_twice(here, penalties, tmp_path):
    out = tmp_path / "处罚-问题.xlsx"
    here("import", str(penalties({}, WRONG, WRONG)), "--report", str(out))
    book = openpyxl.load_workbook(out)
    book["表"]["P3"] = "罚款"
    book.save(out)

    said = here("import", str(out), "--json").said

    assert [said[name] for name in ("read", "created", "skipped", "faulty")] == [3, 1, 1, 1]


@pytest.mark.parametrize("verb", ["check", "import"])
def test_what_the_report_cannot_keep_is_named_first(minxin, here, penalties, tmp_path, verb):
    path, out = penalties({}, WRONG), tmp_path / "问题.xlsx"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("_xmlsignatures/sig1.xml", "<x/>")

    done = (here if verb == "import" else minxin)(verb, str(path), "--report", str(out))

    assert done.err.startswith("写了批注，文件的数字签名就会失效。（signature_lost）")
    assert openpyxl.load_workbook(out).sheetnames == ["表", "问题清单"]


@pytest.mark.parametrize("verb", ["check", "import"])
def test_a_file_that_cannot_come_back_as_itself_gets_a_new_workbook_and_it_is_said(
    minxin, here, penalties, tmp_path, verb
):
    old, out = tmp_path / "旧.ods", tmp_path / "问题.xlsx"
    save_as_ods(penalties({}, WRONG), old)
    call = here if verb == "import" else minxin

    done = call(verb, str(old), "--report", str(out))

    assert done.code == 1
    assert "format_unmarked" in done.err
    assert "是新的表格，只有有误的行" in done.out
    assert openpyxl.load_workbook(out).sheetnames == ["有误的行", "问题清单", "说明"]


def save_as_ods(path, out) -> None:
    document = OpenDocumentSpreadsheet()
    table = Table(name="表")
    for row in openpyxl.load_workbook(path)["表"].iter_rows(values_only=True):
        line = TableRow()
        for value in row:
            cell = TableCell(valuetype="string")
            cell.addElement(P(text="" if value is None else str(value)))
            line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    document.save(str(out))


@pytest.mark.parametrize("place", ["the file itself", "a missing folder"])
def test_a_report_that_cannot_be_written_stops_the_import_before_it_begins(here, penalties, tmp_path, place):
    path = penalties({}, WRONG)
    out = path if place == "the file itself" else tmp_path / "没有" / "问题.xlsx"
    before = path.read_bytes()

    done = here("import", str(path), "--report", str(out))

    assert done.code == 2
    assert path.read_bytes() == before
    assert here("records", "--json").said["count"] == 0


# --- cleaning ---


SLIP = "check_slip"
MISTAKEN = {"8": "B", "B": "8", "0": "D", "5": "6", "2": "Z"}


def with_slip() -> dict[str, str]:
    """A credit code with one character mistaken for another, and only one code that it can have been."""
    for n in range(500):
        right = with_check(f"91350200MA32B{n:03d}8")
        for place, sign in enumerate(right):
            if sign in MISTAKEN and one_slip(wrong := right[:place] + MISTAKEN[sign] + right[place + 1 :]):
                return {"CF_XDR_SHXYM": wrong, "CF_XDR_LB": "法人及非法人组织"}
    raise AssertionError("no such code")


@pytest.mark.parametrize(
    ("options", "created"),
    [
        pytest.param((), 0, id="nobody said yes"),
        pytest.param(("--accept", SLIP), 1, id="accepted in every field"),
        pytest.param(("--accept", f"CF_XDR_SHXYM/{SLIP}"), 1, id="accepted in the field"),
        pytest.param(("--accept", f"CF_CFJGDM/{SLIP}"), 0, id="accepted in another field"),
        pytest.param(("--accept", SLIP, "--refuse", f"CF_XDR_SHXYM/{SLIP}"), 0, id="refused in the field"),
    ],
)
def test_a_slip_is_mended_where_somebody_said_so(here, penalties, options, created):
    said = here("import", str(penalties(with_slip())), *options, "--json").said

    assert (said["created"], said["faulty"]) == (created, 1 - created)


def test_a_refused_cleaning_leaves_the_cell_as_it_was_written(here, penalties, tmp_path):
    path = penalties({"BZ": "ＡＢ１２号"})
    taken = here("import", str(path), "--refuse", "BZ/full_width", "--json")

    assert taken.code == 0
    out = tmp_path / "记录.csv"
    assert here("records", "--item", "XZCF_FR", "--out", str(out)).code == 0
    assert "ＡＢ１２号" in out.read_text("utf-8-sig")


# --- rows that meet something ---


def brought(here, path, *options) -> dict[str, int]:
    said = here("import", str(path), *options, "--json").said
    names = ("created", "updated", "corrected", "skipped", "faulty")
    return {name: said[name] for name in names if said[name]}


@pytest.mark.parametrize(
    ("options", "did", "count", "note"),
    [
        pytest.param((), {"updated": 1, "skipped": 1}, 2, "新的", id="as usual"),
        pytest.param(("--on-difference", "update"), {"updated": 1, "skipped": 1}, 2, "新的", id="update"),
        pytest.param(("--on-difference", "skip"), {"skipped": 2}, 2, "旧的", id="skip"),
        pytest.param(
            ("--on-difference", "keep", "--reason", "确是两件事"),
            {"created": 1, "skipped": 1}, 3, "新的", id="keep both",
        ),
    ],
)  # fmt: skip
def test_a_row_that_differs_from_a_draft_is_taken_as_was_chosen(
    here, penalties, tmp_path, options, did, count, note
):
    here("import", str(penalties({"BZ": "旧的"}, {}, name="一月.xlsx")))

    assert brought(here, penalties({"BZ": "新的"}, {}, name="二月.xlsx"), *options) == did

    assert here("records", "--json").said["count"] == count
    out = tmp_path / "记录.csv"
    here("records", "--item", "XZCF_FR", "--out", str(out))
    assert note in out.read_text("utf-8-sig")


def test_keeping_both_without_a_reason_is_refused(here, penalties):
    done = here("import", str(penalties({})), "--on-difference", "keep", "--reason", "  ")

    assert done.code == 2
    assert "reason_missing" in done.err
    assert here("records", "--json").said["count"] == 0


def test_the_same_file_again_brings_nothing_whatever_was_chosen(here, penalties):
    path = penalties({}, {})
    here("import", str(path))

    for choice in ("update", "skip"):
        assert brought(here, path, "--on-difference", choice) == {"skipped": 2}
