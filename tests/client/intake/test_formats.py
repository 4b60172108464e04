"""One table in every format that offices hand in: the same cells come out, in the same places.

The files in `fixtures` are made by `fixtures/make_fixtures.mjs` (SheetJS), the others here.
"""

from __future__ import annotations

import codecs
import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableColumn, TableRow
from odf.text import P

from client.errors import FileRefused
from client.intake.cells import Row
from client.intake.marks import Marks
from client.intake.preview import preview
from client.intake.read import Book, Sheet, open_book
from forms.catalog.schema import CatalogSet

FIXTURES = Path(__file__).parent / "fixtures"
DAY = dt.date(2026, 3, 5)
NEXT = dt.date(2026, 3, 6)
CELLS = [
    ["行政相对人名称", "统一社会信用代码", "处罚决定日期", "罚款金额", "备注"],
    ["厦门鹭岛示例商贸有限公司", "00123", DAY, 1.5, "一"],
    ["漳州水仙示例食品有限公司", "", NEXT, 3, ""],
    ["泉州刺桐示例石材厂", "007", "", 0.25, True],
]
ERRORS = {(2, 1): "#N/A", (3, 2): "#DIV/0!"}


def read(path: Path) -> tuple[Book, Sheet, list[Row]]:
    with open_book(path) as book:
        sheet = book.sheet(book.names[0][0])
        return book, sheet, list(sheet.rows())


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("binary.xlsb", "xlsb"), ("binary-1904.xlsb", "xlsb"), ("excel97.xls", "xls"),
        ("excel97-1904.xls", "xls"), ("excel95.xls", "xls"), ("excel95-1904.xls", "xls"),
        ("sheetjs.xlsx", "xlsx"),
    ],
)  # fmt: skip
def test_every_format_and_both_epochs_give_the_same_cells(file: str, kind: str):
    book, sheet, rows = read(FIXTURES / file)

    assert book.kind == kind
    assert [cells for _, cells in rows] == CELLS
    assert [number for number, _ in rows] == [1, 2, 3, 4]
    assert sheet.marks.errors == ERRORS
    assert [hidden for _, hidden in book.names] == [False, True]


@pytest.mark.parametrize("file", ["binary.xlsb", "sheetjs.xlsx"])
def test_hidden_rows_and_columns_are_known(file: str):
    _, sheet, _ = read(FIXTURES / file)

    assert (sheet.marks.hidden_rows, sheet.marks.hidden_columns) == ({2}, {4})


def test_an_open_document_written_with_line_breaks_between_cells_is_read():
    _, sheet, rows = read(FIXTURES / "sheetjs.ods")

    assert [cells[:2] for _, cells in rows[:2]] == [cells[:2] for cells in CELLS[:2]]
    assert sheet.marks.formulas == {(2, 3): True}


@pytest.mark.parametrize(
    ("ending", "source"), [("et", "excel97.xls"), ("et", "sheetjs.xlsx"), ("xls", "sheetjs.xlsx")]
)
def test_a_file_of_wps_is_known_by_its_content_not_by_its_ending(tmp_path: Path, ending: str, source: str):
    path = tmp_path / f"表.{ending}"
    shutil.copy(FIXTURES / source, path)

    assert [cells for _, cells in read(path)[2]] == CELLS


@pytest.mark.parametrize(
    ("file", "kind"), [("web-page.xls", "html"), ("xml-table.xls", "xml"), ("excel4.xls", "old")]
)
def test_what_only_calls_itself_xls_is_named(file: str, kind: str):
    with pytest.raises(FileRefused) as refused:
        read(FIXTURES / file)

    assert (refused.value.code, refused.value.params) == ("not_a_spreadsheet", {"kind": kind})


def test_text_under_the_name_of_a_workbook_is_read_as_text(text_table: Callable[..., Path]):
    book, _, rows = read(text_table([["名称", "代码"], ["厦门市示例商行", "007"]], "gbk", name="表.xls"))

    assert (book.kind, book.encoding, rows[1][1]) == ("text", "GB18030", ["厦门市示例商行", "007"])


def test_an_old_workbook_of_another_code_page_is_read_as_unicode(tmp_path: Path):
    """Excel 97 and later write Unicode whatever the page says; some exporters leave 936 there."""
    content = bytearray((FIXTURES / "excel97.xls").read_bytes())
    place = content.index(b"\x42\x00\x02\x00\xb0\x04")
    content[place + 4 : place + 6] = (936).to_bytes(2, "little")
    path = tmp_path / "表.xls"
    path.write_bytes(content)

    assert [cells for _, cells in read(path)[2]] == CELLS


def test_bytes_of_excel_95_that_are_no_chinese_are_refused_not_replaced(tmp_path: Path):
    content = (FIXTURES / "excel95.xls").read_bytes().replace("厦门".encode("gbk"), b"\xff\xff\xff\xff")
    path = tmp_path / "表.xls"
    path.write_bytes(content)

    with pytest.raises(FileRefused, match="encoding_unknown"):
        read(path)


def test_formulas_hidden_rows_and_columns_of_an_old_workbook_are_known(tmp_path: Path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    sheet.write(0, 0, "名称")
    sheet.write(1, 0, xlwt.Formula("1+1"))
    sheet.row(1).hidden = True
    sheet.col(2).hidden = True
    sheet.write(1, 2, 5)
    path = tmp_path / "表.xls"
    book.save(str(path))

    _, opened, _ = read(path)

    assert opened.marks.formulas == {(1, 0): True}
    assert (opened.marks.hidden_rows, opened.marks.hidden_columns) == ({1}, {2})


def test_what_calamine_does_not_tell_of_an_open_document_is_known(tmp_path: Path):
    document = OpenDocumentSpreadsheet()
    table = Table(name="表")
    table.addElement(TableColumn())
    table.addElement(TableColumn(numbercolumnsrepeated="2", visibility="collapse"))
    head = TableRow()
    for text in ("名称", "数量", "备注"):
        cell = TableCell(valuetype="string")
        cell.addElement(P(text=text))
        head.addElement(cell)
    table.addElement(head)
    table.addElement(TableRow(numberrowsrepeated="2"))
    row = TableRow(visibility="filter")
    row.addElement(TableCell(valuetype="float", value="3", formula="of:=1+2"))
    row.addElement(TableCell(formula="of:=[.A1]"))
    table.addElement(row)
    document.spreadsheet.addElement(table)
    path = tmp_path / "表.ods"
    document.save(str(path))

    _, sheet, rows = read(path)

    assert sheet.marks == Marks({(3, 0): True, (3, 1): False}, {}, {3}, {1, 2})
    assert rows[3] == (4, [3, "", ""])


@pytest.mark.parametrize(
    ("codec", "bom", "name", "shown"),
    [
        pytest.param("cp950", b"", "廈門鷺島示範貿易有限公司", "Big5", id="Big5"),
        pytest.param("gbk", b"", "廈門鷺島示範貿易有限公司", "GB18030", id="traditional characters in GBK"),
        pytest.param("gb18030", b"", "厦门市示例㐀𠮷商行", "GB18030", id="GB18030 with four bytes"),
        pytest.param("utf-8", b"", "厦门市示例𠮷商行😀", "UTF-8", id="UTF-8 beyond the first plane"),
        pytest.param("utf-32-le", codecs.BOM_UTF32_LE, "厦门市示例商行", "UTF-32", id="UTF-32"),
    ],
)
def test_traditional_and_rare_characters_come_in_their_encoding(
    text_table: Callable[..., Path], codec: str, bom: bytes, name: str, shown: str
):
    head = {"cp950": ["行政相對人名稱", "備註"], "gbk": ["行政相對人名稱", "備註"]}.get(
        codec, ["名称", "备注"]
    )
    rows = [head, [name, "一"], [name, "二"]]

    book, _, read_rows = read(text_table(rows, codec, bom=bom))

    assert (book.encoding, [cells for _, cells in read_rows]) == (shown, rows)


def test_a_broken_character_in_utf_8_is_no_reason_to_guess_another_encoding(tmp_path: Path):
    text = "名称,备注\n厦门鹭岛示例商贸有限公司,一\n漳州水仙示例食品有限公司,二\n".encode()
    path = tmp_path / "表.csv"
    path.write_bytes(text[:-9] + text[-7:])

    with pytest.raises(FileRefused, match="encoding_unknown"):
        read(path)


def test_every_format_is_previewed(catalog: CatalogSet):
    """Once through the child process: nothing that reads a format is missing there."""
    for file in ("binary.xlsb", "excel95.xls"):
        seen = preview(FIXTURES / file, catalog, item="XZCF_FR")
        assert (seen.refused, seen.sheets[0].header.row, seen.sheets[0].rows) == (None, 1, 3)
