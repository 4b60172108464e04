"""Rows and cells as the spreadsheet shows them, from every kind of file."""

from __future__ import annotations

import codecs
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from client.errors import FileRefused
from client.intake import plain_text
from client.intake.cells import Row
from client.intake.preview import preview
from client.intake.read import Sheet, open_book
from client.intake.sheet_xml import column_letters, column_number
from forms.catalog.schema import CatalogSet

DAY = dt.date(2026, 3, 5)
TABLE = (
    (),
    (None, "企业名称", "数量", "日期"),
    (None, "厦门鹭岛示例商贸有限公司", 1.5, DAY),
    (),
    (None, "第一行\n第二行", 3, DAY),
)


def first_sheet(path: Path) -> tuple[Sheet, list[Row]]:
    with open_book(path) as book:
        sheet = book.sheet(book.names[0][0])
        return sheet, list(sheet.rows())


def refusal(path: Path) -> str:
    with pytest.raises(FileRefused) as refused:
        first_sheet(path)
    return refused.value.code


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_rows_and_columns_keep_their_places(kind: str, request: pytest.FixtureRequest):
    path = request.getfixturevalue(kind)(TABLE)

    _, rows = first_sheet(path)

    filled = [(number, cells) for number, cells in rows if any(cell != "" for cell in cells)]
    assert filled == [
        (2, ["", "企业名称", "数量", "日期"]),
        (3, ["", "厦门鹭岛示例商贸有限公司", 1.5, DAY]),
        (5, ["", "第一行\n第二行", 3, DAY]),
    ]


def test_the_ending_of_the_name_says_nothing(xlsx: Callable[..., Path]):
    path = xlsx(TABLE, name="其实是工作簿.csv")

    with open_book(path) as book:
        assert book.kind == "xlsx"


@pytest.mark.parametrize(
    ("codec", "bom", "shown"),
    [
        pytest.param("utf-8", b"", "UTF-8", id="UTF-8"),
        pytest.param("utf-8", codecs.BOM_UTF8, "UTF-8 BOM", id="UTF-8 with a mark"),
        pytest.param("utf-16-le", codecs.BOM_UTF16_LE, "UTF-16", id="UTF-16 with a mark"),
        pytest.param("utf-16-be", codecs.BOM_UTF16_BE, "UTF-16", id="UTF-16 the other way round"),
        pytest.param("utf-16-le", b"", "UTF-16", id="UTF-16 without a mark"),
        pytest.param("gbk", b"", "GB18030", id="GBK"),
        pytest.param("gb18030", b"", "GB18030", id="GB18030 with four-byte characters"),
    ],
)
def test_text_is_read_in_its_encoding(text_table: Callable[..., Path], codec: str, bom: bytes, shown: str):
    name = "厦门㐀示例商行" if codec != "gbk" else "厦门鹭岛示例商行"  # 㐀 has four bytes in GB18030
    path = text_table([["名称", "代码"], [name, "00123"]], codec, bom=bom)

    with open_book(path) as book:
        assert book.encoding == shown
        assert list(book.sheet(book.names[0][0]).rows()) == [(1, ["名称", "代码"]), (2, [name, "00123"])]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found(text_table: Callable[..., Path], separator: str):
    rows = [["一", "二", "三"], ["甲，乙,丙", "a;b", "c\td"], ["1", "2", "3"]]

    _, read = first_sheet(text_table(rows, "utf-8", separator=separator))

    assert [cells for _, cells in read] == rows


def test_a_line_break_in_a_cell_makes_no_row(text_table: Callable[..., Path]):
    _, rows = first_sheet(text_table([["名称", "事实"], ["甲", "一\n二\n三"], ["乙", "四"]], "utf-8"))

    assert [number for number, _ in rows] == [1, 2, 3]


def test_a_quotation_mark_that_is_never_closed_is_named(tmp_path: Path):
    path = tmp_path / "表.csv"
    path.write_text('名称,事实\n甲,"一' + "长" * (plain_text._LONGEST_FIELD + 1), encoding="utf-8")

    assert refusal(path) == "text_damaged"


def test_bytes_of_no_encoding_are_refused_not_replaced(tmp_path: Path):
    path = tmp_path / "表.csv"
    path.write_bytes("名称,代码\n厦门".encode("gbk") + b"\xff\xff,1\n" + bytes(range(128, 256)))

    assert refusal(path) in {"encoding_unknown", "not_a_spreadsheet"}


def test_binary_matter_is_no_text(tmp_path: Path):
    path = tmp_path / "表.csv"
    path.write_bytes(bytes(range(1, 256)) * 40 + bytes(64))

    assert refusal(path) == "not_a_spreadsheet"


def test_control_characters_make_no_table(tmp_path: Path):
    path = tmp_path / "表.csv"
    path.write_bytes(b"a,b\x01\x02,c\n")

    assert refusal(path) == "not_a_spreadsheet"


def test_formulas_are_found_and_whether_their_results_are_there(xlsx: Callable[..., Path]):
    def paint(_workbook, sheet):
        sheet.write_formula(2, 1, "=1+1", None, 2)
        sheet.write_formula(3, 1, '=""&A1', None, "")

    sheet, _ = first_sheet(xlsx([["名称", "数量"], ["甲", 1]], paint=paint))

    assert sheet.marks.formulas == {(2, 1): True, (3, 1): True}


def test_a_formula_that_was_never_calculated_has_no_result(xlsx: Callable[..., Path], rewritten):
    path = xlsx([["名称"]], paint=lambda _workbook, sheet: sheet.write_formula(1, 0, "=1+1"))
    path = rewritten(path, "xl/worksheets/sheet1.xml", b"<v>0</v>", b"")

    sheet, _ = first_sheet(path)

    assert sheet.marks.formulas == {(1, 0): False}


def test_error_cells_are_found_although_calamine_reads_them_as_blank(xlsx: Callable[..., Path]):
    def paint(_workbook, sheet):
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")

    sheet, rows = first_sheet(xlsx([["名称", "数量"], ["甲"]], paint=paint))

    assert sheet.marks.errors == {(1, 1): "#DIV/0!"}
    assert rows[1][1] == ["甲", ""]


def test_formatted_blank_rows_and_columns_hold_nothing(xlsx: Callable[..., Path]):
    def paint(workbook, sheet):
        red = workbook.add_format({"bg_color": "red"})
        for row in range(2, 2500):
            sheet.write_blank(row, 0, None, red)
        sheet.write_blank(1, 16_383, None, red)

    _, rows = first_sheet(xlsx([["名称"], ["甲"]], paint=paint))

    assert rows == [(1, ["名称"]), (2, ["甲"])]


def test_hidden_sheets_are_known(xlsx: Callable[..., Path]):
    path = xlsx([["名称"]], paint=lambda workbook, _sheet: workbook.add_worksheet("旧").hide())

    with open_book(path) as book:
        assert book.names == (("表", False), ("旧", True))


def test_merged_ranges_are_known(xlsx: Callable[..., Path]):
    sheet, _ = first_sheet(xlsx([], paint=lambda _workbook, sheet: sheet.merge_range(0, 1, 0, 3, "相对人")))

    assert sheet.merges == ((0, 1, 0, 3),)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        pytest.param((0, 600), "too_many_columns", id="a column out at WC"),
        pytest.param((1_048_575, 300), "too_many_cells", id="a cell in the last row"),
    ],
)
def test_a_sheet_too_large_to_lay_out_is_refused_before_it_is(
    xlsx: Callable[..., Path], place: tuple[int, int], code: str
):
    assert refusal(xlsx([["名称"]], paint=lambda _book, sheet: sheet.write(*place, "远"))) == code


@pytest.mark.timeout(60)
def test_a_sheet_that_lies_about_its_extent_runs_into_the_memory_limit(
    xlsx: Callable[..., Path], rewritten: Callable[..., Path], catalog: CatalogSet
):
    path = xlsx([["名称"]], paint=lambda _book, sheet: sheet.write(1_048_575, 16_383, "远"))
    path = rewritten(path, "xl/worksheets/sheet1.xml", b'ref="A1:XFD1048576"', b'ref="A1:B20"')

    assert preview(path, catalog).refused.code == "needs_too_much_memory"


def test_an_old_workbook_under_a_password_is_refused(xls: Callable[..., Path]):
    """A FILEPASS record stands where an unlocked file has another one. Source: [MS-XLS] 2.4.117."""
    path = xls([["名称"]])
    content = bytearray(path.read_bytes())
    second = content.index(b"\x09\x08\x10\x00\x00\x06\x05\x00") + 20
    assert content[second : second + 2] == b"\xe1\x00"
    content[second] = 0x2F
    path.write_bytes(content)

    assert refusal(path) == "password_protected"


def test_a_workbook_whose_parts_are_missing_is_damage(archive: Callable[..., Path]):
    assert refusal(archive({"xl/workbook.xml": b"<workbook/>"})) == "file_damaged"


def test_text_with_too_many_columns_is_refused(text_table: Callable[..., Path]):
    assert refusal(text_table([["列"] * 600], "utf-8")) == "too_many_columns"


def test_a_document_type_in_a_sheet_is_refused(xlsx: Callable[..., Path], rewritten):
    path = rewritten(
        xlsx([["名称"]]),
        "xl/worksheets/sheet1.xml",
        b"<worksheet",
        b'<!DOCTYPE w [<!ENTITY a "b">]><worksheet',
    )

    assert refusal(path) == "file_damaged"


def test_a_sheet_cut_short_is_damage(xlsx: Callable[..., Path], rewritten):
    path = rewritten(xlsx([["名称"]]), "xl/worksheets/sheet1.xml", b"</worksheet>", b"")

    assert refusal(path) == "file_damaged"


def test_columns_are_written_as_the_spreadsheet_shows_them():
    assert [column_letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert [column_number(column_letters(n)) for n in range(2000)] == list(range(2000))
