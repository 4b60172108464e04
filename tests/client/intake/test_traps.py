"""Odd and hostile files, one trap each: read rightly and said, or refused by name."""

from __future__ import annotations

import datetime as dt
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from client.errors import FileRefused
from client.intake import table
from client.intake.candidates import Candidates
from client.intake.cells import Row
from client.intake.read import Book, open_book
from client.intake.table import Notice, Records
from forms.catalog.schema import Item

Write = Callable[..., Path]
HEAD = ["行政相对人名称", "行政处罚决定书文号", "处罚机关", "备注"]
ERROR_CELL = '<c r="B1" t="e"><v>#N/A</v></c>'
GOOD = ["厦门鹭岛示例商贸有限公司", "厦示监罚〔2026〕1号", "厦门市示范市场监督管理局", "一"]


def cells_of(path: Path) -> list[Row]:
    with open_book(path) as book:
        return list(book.sheet(book.names[0][0]).rows())


def records_of(path: Path, item: Item, **more: Any) -> tuple[list[int], list[Notice], Book]:
    with open_book(path) as book:
        records = Records(table.choose(book, Candidates((item,)), **more))
        return [number for number, _, _ in records], records.notices, book


def said(notices: list[Notice]) -> list[tuple[str, int, str, str]]:
    return [(notice.code, notice.row, notice.column, notice.value) for notice in notices]


def refusal(path: Path) -> str:
    with pytest.raises(FileRefused) as refused:
        cells_of(path)
    return refused.value.code


def row(*cells: str, number: int = 1) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def text(place: str, content: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{content}</t></is></c>'


# --- what is around and between the records ---------------------------------------------------------


def test_titles_above_and_totals_below_are_no_records_and_are_said(xlsx: Write, penalty: Item):
    rows = [
        ["2026年3月行政处罚汇总表"],
        ["填报单位：示范局"],
        HEAD,
        GOOD,
        ["合计", "共1条"],
        ["填表人：张某"],
    ]

    numbers, notices, _ = records_of(xlsx(rows), penalty)

    assert numbers == [4]
    assert said(notices) == [("totals_skipped", 5, "A", "合计"), ("note_skipped", 6, "A", "填表人：张某")]


def test_a_header_of_two_rows_with_merged_groups_is_read(xlsx: Write, penalty: Item):
    def paint(_workbook, sheet):
        sheet.merge_range(0, 0, 1, 0, "行政相对人名称")
        sheet.merge_range(0, 1, 0, 2, "处罚决定")
        sheet.write_row(1, 1, ["行政处罚决定书文号", "处罚机关"])
        sheet.write_row(2, 0, GOOD[:3])

    with open_book(xlsx([], paint=paint)) as book:
        found = table.choose(book, Candidates((penalty,)))

    assert (found.header.row, found.header.last_row) == (1, 2)
    assert [heading.field for heading in found.header.headings] == ["CF_XDR_MC", "CF_WSH", "CF_CFJG"]


def test_formatted_blanks_and_a_prefilled_number_column_are_no_records(xlsx: Write, penalty: Item):
    def paint(workbook, sheet):
        boxed = workbook.add_format({"border": 1})
        for number in range(2, 1500):
            sheet.write_number(number, 0, number, boxed)
            sheet.write_blank(number, 1, None, boxed)
            sheet.write_string(number, 2, "  ", boxed)

    numbers, notices, _ = records_of(xlsx([["序号", *HEAD], [1, *GOOD]], paint=paint), penalty)

    assert (numbers, notices) == ([2], [])


def test_blanks_and_line_breaks_in_headings_change_nothing(xlsx: Write, penalty: Item):
    head = [" 行政相对人名称 ", "行政处罚\n决定书文号　", "处罚机关\u200b", "*备注："]

    assert records_of(xlsx([head, GOOD]), penalty)[0] == [2]


def test_a_sheet_with_a_header_only_has_no_records(xlsx: Write, penalty: Item):
    assert records_of(xlsx([HEAD]), penalty)[0] == []


def test_a_doubled_heading_is_named_with_its_columns(xlsx: Write, penalty: Item):
    with pytest.raises(FileRefused) as refused:
        records_of(xlsx([[*HEAD, "备注"], [*GOOD, "二"]]), penalty)

    assert (refused.value.code, refused.value.params["columns"]) == ("heading_doubled", "D、E")


def test_hidden_rows_and_columns_are_read_and_said(xlsx: Write, penalty: Item):
    def paint(_workbook, sheet):
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column(3, 3, None, None, {"hidden": True})

    numbers, notices, _ = records_of(xlsx([HEAD, GOOD, GOOD, GOOD], paint=paint), penalty)

    assert numbers == [2, 3, 4]
    assert said(notices) == [("hidden_column_read", 1, "D", "备注"), ("hidden_rows_read", 3, "A", "1")]


def test_rows_that_a_filter_hides_are_read_and_said(xlsx: Write, penalty: Item):
    def paint(_workbook, sheet):
        sheet.autofilter(0, 0, 3, 3)
        sheet.filter_column(3, "x == 一")
        sheet.set_row(3, None, None, {"hidden": True})
        sheet.freeze_panes(1, 1)

    numbers, notices, _ = records_of(xlsx([HEAD, GOOD, GOOD, GOOD], paint=paint), penalty)

    assert (numbers, said(notices)) == ([2, 3, 4], [("hidden_rows_read", 4, "A", "1")])


def test_notes_are_counted_and_the_first_is_placed(xlsx: Write, penalty: Item):
    def paint(_workbook, sheet):
        sheet.write_comment(2, 1, "核对过")
        sheet.write_comment(1, 2, "待查")

    _, notices, _ = records_of(xlsx([HEAD, GOOD, GOOD], paint=paint), penalty)

    assert said(notices) == [("notes_not_read", 2, "C", "2")]


def test_of_several_sheets_with_records_the_fullest_is_read_and_the_others_are_named(
    xlsx: Write, penalty: Item
):
    def paint(workbook, _sheet):
        for name, head in (("二月", [*HEAD, "处罚依据"]), ("三月", HEAD)):
            more = workbook.add_worksheet(name)
            more.write_row(0, 0, head)
            more.write_row(1, 0, GOOD)

    with open_book(xlsx([HEAD, GOOD], paint=paint)) as book:
        found = table.choose(book, Candidates((penalty,)))

    assert found.sheet.name == "二月"
    assert said(Records(found).notices) == [("other_sheets_not_read", 1, "A", "表、三月")]


def test_a_row_that_a_person_calls_the_header_is_one_whatever_it_says(xlsx: Write, penalty: Item):
    path = xlsx([["说明"], ["甲", "乙", "丙"], GOOD[:3]])

    with open_book(path) as book:
        with pytest.raises(FileRefused, match="headings_unknown"):
            table.choose(book, Candidates((penalty,)), header_row=2)
        found = table.choose(book, Candidates((penalty,)), header_row=2, fields={0: "CF_XDR_MC", 1: "CF_WSH"})

    assert (found.header.row, found.header.last_row) == (2, 2)
    assert [(h.text, h.field) for h in found.header.headings] == [
        ("甲", "CF_XDR_MC"),
        ("乙", "CF_WSH"),
        ("丙", None),
    ]
    assert [number for number, _, _ in Records(found)] == [3]


# --- what a workbook carries beside its cells -------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "remarks"),
    [
        pytest.param({"xl/vbaProject.bin": "x"}, ("macros_not_run",), id="a macro, .xlsm"),
        pytest.param({"xl/macrosheets/sheet1.xml": "<x/>"}, ("macros_not_run",), id="a macro of Excel 4"),
        pytest.param(
            {"xl/externalLinks/externalLink1.xml": "<externalLink><externalBook/></externalLink>"},
            ("links_not_followed",), id="a link to another file",
        ),
        pytest.param(
            {"xl/externalLinks/externalLink1.xml": '<externalLink><ddeLink a="cmd"/></externalLink>'},
            ("links_not_followed", "dde_not_run"), id="DDE",
        ),
        pytest.param({"xl/connections.xml": "<connections/>"}, ("links_not_followed",), id="a database"),
        pytest.param({"xl/embeddings/oleObject1.bin": "x"}, ("objects_not_opened",), id="an OLE object"),
        pytest.param({"xl/activeX/activeX1.bin": "x"}, ("objects_not_opened",), id="a control"),
    ],
)  # fmt: skip
def test_macros_links_and_objects_are_left_alone_and_said(
    odd_xlsx: Write, penalty: Item, parts: dict[str, str], remarks: tuple[str, ...]
):
    head = row(*(text(f"{letter}1", title) for letter, title in zip("ABC", HEAD, strict=False)))
    below = row(text("A2", "甲"), number=2)
    path = odd_xlsx(f"<sheetData>{head}{below}</sheetData>", parts=parts)

    numbers, notices, book = records_of(path, penalty)

    assert (numbers, book.remarks) == ([2], remarks)
    assert tuple(notice.code for notice in notices) == remarks


def test_formula_texts_are_never_run(xlsx: Write):
    """What looks like DDE in a cell is a text to us, and stays as it is typed."""
    path = xlsx([["名称"]], paint=lambda _book, sheet: sheet.write_string(1, 0, "=cmd|'/c calc'!A1"))

    assert cells_of(path)[1] == (2, ["=cmd|'/c calc'!A1"])


# --- what is in the cells ---------------------------------------------------------------------------


def test_rich_text_escapes_and_signs_beyond_the_first_plane_are_read_as_they_are_shown(odd_xlsx: Write):
    shared = (
        '<si><r><t>富</t></r><r><rPr><b/></rPr><t xml:space="preserve"> 文本</t></r>'
        '<rPh sb="0" eb="1"><t>fu</t></rPh></si><si><t>一_x000D_\n二&#x1F600;&#x20BB7;</t></si>'
    )
    sheet = row(
        '<c r="A1" t="s"><v>0</v></c>', '<c r="B1" t="s"><v>1</v></c>', text("C1", "a&#xA0;b&#x200F;")
    )

    assert cells_of(odd_xlsx(f"<sheetData>{sheet}</sheetData>", shared=shared)) == [
        (1, ["富 文本", "一\r\n二😀𠮷", "a\xa0b\u200f"])
    ]


def test_a_very_long_cell_is_whole(xlsx: Write):
    assert cells_of(xlsx([["长" * 32_767]]))[0][1] == ["长" * 32_767]


def test_cells_without_references_follow_each_other(odd_xlsx: Write):
    sheet = "<sheetData><row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row></sheetData>"

    assert cells_of(odd_xlsx(sheet)) == [(1, [1, 2]), (2, [3, ""])]


@pytest.mark.parametrize(
    "dimension", ["", '<dimension ref="A1"/>', '<dimension ref="A1:B1"/>', '<dimension ref="A1:ZZ9"/>']
)
def test_a_missing_or_wrong_extent_loses_no_cell(odd_xlsx: Write, dimension: str):
    sheet = f"{dimension}<sheetData>{row(text('A1', '一'))}{row(text('D3', '二'), number=3)}</sheetData>"

    assert [row for row in cells_of(odd_xlsx(sheet)) if any(row[1])] == [
        (1, ["一", "", "", ""]),
        (3, ["", "", "", "二"]),
    ]


@pytest.mark.parametrize(
    "target",
    [
        "worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml", "../xl/worksheets/sheet1.xml",
        "./worksheets/sheet1.xml", r"worksheets\sheet1.xml", "worksheets/Sheet1.XML",
    ],
)  # fmt: skip
def test_a_sheet_is_found_whatever_way_the_workbook_names_its_part(odd_xlsx: Write, target: str):
    path = odd_xlsx(f"<sheetData>{row(text('A1', '一'))}</sheetData>", target=target)

    assert cells_of(path) == [(1, ["一"])]


def test_strict_workbooks_are_read(odd_xlsx: Write):
    sheet = f"<sheetData>{row(text('A1', '一'), ERROR_CELL)}</sheetData>"
    path = odd_xlsx(sheet, strict=True)

    with open_book(path) as book:
        opened = book.sheet("表")
        assert (list(opened.rows()), opened.marks.errors) == ([(1, ["一", ""])], {(0, 1): "#N/A"})


@pytest.mark.parametrize(("epoch", "serial"), [("0", 46_086), ("1", 44_624)])
def test_dates_of_both_epochs_are_the_same_day(odd_xlsx: Write, epoch: str, serial: int):
    day = f'<c r="A1" s="1"><v>{serial}</v></c>'
    path = odd_xlsx(
        f"<sheetData>{row(day)}</sheetData>",
        properties=f'<workbookPr date1904="{epoch}"/>',
        styles='<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>',
    )

    assert cells_of(path) == [(1, [dt.date(2026, 3, 5)])]


# --- texts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said_by", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_line_that_says_the_separator_is_believed_and_is_no_row(tmp_path: Path, said_by: str):
    path = tmp_path / "表.csv"
    path.write_bytes(f"{said_by}\r\n名称;文号,旧\r\n甲;一,二\r\n".encode())

    assert cells_of(path) == [(1, ["名称", "文号,旧"]), (2, ["甲", "一,二"])]


def test_mixed_line_ends_quotes_and_ragged_rows_are_read(tmp_path: Path):
    path = tmp_path / "表.csv"
    path.write_bytes('名称,事实,备注\r\n甲,"说""是""\n第二行",三\r乙\n丙,,,多\r\n'.encode())

    assert cells_of(path) == [
        (1, ["名称", "事实", "备注"]),
        (2, ["甲", '说"是"\n第二行', "三"]),
        (3, ["乙"]),
        (4, ["丙", "", "", "多"]),
    ]


def test_a_quotation_mark_left_open_does_not_swallow_the_rest_of_the_rows(tmp_path: Path):
    path = tmp_path / "表.csv"
    path.write_text('名称,事实\n甲,一\n乙,"二\n丙,三\n丁,四\n', encoding="utf-8")

    with pytest.raises(FileRefused) as refused:
        cells_of(path)

    assert (refused.value.code, refused.value.params) == ("text_damaged", {"row": 3})


def test_a_last_cell_of_several_lines_is_no_damage(tmp_path: Path):
    path = tmp_path / "表.csv"
    path.write_text('名称,事实\n甲,"一\n二"\n', encoding="utf-8")

    assert cells_of(path)[1] == (2, ["甲", "一\n二"])


def test_a_nought_byte_in_a_text_is_named_with_its_row(tmp_path: Path):
    path = tmp_path / "表.csv"
    path.write_bytes("名称,备注\n甲,一\n乙,\0二\n".encode())

    with pytest.raises(FileRefused) as refused:
        cells_of(path)

    assert (refused.value.code, refused.value.params) == ("text_damaged", {"row": 3})


# --- files that are no spreadsheet, broken ones, hostile ones ---------------------------------------


def test_every_cut_of_a_workbook_is_damage(xlsx: Write, tmp_path: Path):
    whole = xlsx([HEAD, GOOD]).read_bytes()
    path = tmp_path / "断.xlsx"
    for share in (0.1, 0.5, 0.9, 0.99):
        path.write_bytes(whole[: int(len(whole) * share)])
        assert refusal(path) == "file_damaged"


def test_entities_are_never_expanded(odd_xlsx: Write):
    bomb = '<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    assert (
        refusal(odd_xlsx("<sheetData/>", parts={"xl/workbook.xml": f"{bomb}<workbook/>"})) == "file_damaged"
    )


def test_a_part_that_unpacks_to_more_than_it_says_is_damage(xlsx: Write, tmp_path: Path):
    """The directory promises 1,000 bytes of a sheet that holds 8 MB: what is read stops there."""
    path = xlsx([HEAD, *[[f"甲{n}" * 50] * 4 for n in range(2000)]])
    content = bytearray(path.read_bytes())
    place = content.rindex(b"xl/worksheets/sheet1.xml") - 46
    assert content[place : place + 4] == b"PK\x01\x02"
    struct.pack_into("<I", content, place + 24, 1000)
    path.write_bytes(content)

    assert refusal(path) == "file_damaged"


def test_a_link_to_a_file_is_the_file(xlsx: Write, tmp_path: Path):
    link = tmp_path / "链接.xlsx"
    link.symlink_to(xlsx([["名称"]]))

    assert cells_of(link) == [(1, ["名称"])]


@pytest.mark.parametrize("way", ["folder", "broken link", "pipe", "error"])
def test_what_is_no_file_is_named(tmp_path: Path, way: str):
    path = tmp_path / "表.xlsx"
    if way == "folder":
        path.mkdir()
    elif way == "pipe":
        os.mkfifo(path)
    elif way == "error":
        path.symlink_to("/proc/self/mem")  # there, and every read fails
    else:
        path.symlink_to(tmp_path / "没有")

    assert refusal(path) == ("file_missing" if way == "broken link" else "file_unreadable")
