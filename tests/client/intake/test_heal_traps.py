"""The clerk's own workbook, marked, when it holds what Excel workbooks hold: sound, readable, all else kept.

Each trap is a small workbook made here. What comes back is read by openpyxl, by our own reader, and
held against the rules of the format (`soundness`), whose breach Excel answers with an offer to repair.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from client.core.imports import ROW_KEY_HEADING
from client.core.row_keys import read_key
from client.errors import FileRefused
from client.intake.candidates import Candidates
from client.intake.judging import Opened, Part, Plan, judge_file
from client.intake.reporting import begin
from client.intake.sheet_xml import column_letters
from forms.catalog.schema import Item
from tests.client.intake.conftest import compound_bytes
from tests.client.intake.soundness import assert_sound, faults

TODAY = dt.date(2026, 11, 24)
RED = "FFF8D7D3"

Build = Callable[..., dict[str, Any]]
Write = Callable[..., Path]
Paint = Callable[[Any, Any], None]


@pytest.fixture
def report(penalty: Item) -> Callable[..., bool]:
    """Check a file and write its report, in this process; returns whether it is the file itself, marked."""

    def write(path: Path, out: Path) -> bool:
        messages = judge_file(path, Plan(Candidates((penalty,)), TODAY, cells=True))
        head = next(messages)
        assert isinstance(head, Opened)
        with begin(out, path, head, penalty, TODAY) as writer:
            for part in messages:
                if isinstance(part, Part):
                    writer.take(part)
        return writer.healed

    return write


def counted(path: Path, item: Item) -> tuple[int, int]:
    """Return how many records a file holds, and how many are faulty."""
    parts = [p for p in judge_file(path, Plan(Candidates((item,)), TODAY)) if isinstance(p, Part)]
    return sum(part.rows for part in parts), sum(part.faulty for part in parts)


def opened(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".* extension is not supported and will be removed")
        return openpyxl.load_workbook(path, keep_vba=path.suffix == ".xlsm")


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# --- the traps ---


def a_picture() -> io.BytesIO:
    """A red square of 8 × 8."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    lines = zlib.compress((b"\0" + b"\xc0\x30\x20" * 8) * 8)
    return io.BytesIO(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")
    )


def pictures(book: Any, sheet: Any) -> None:
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=表!$R$2:$R$4"})
    sheet.insert_chart(1, 33, chart)
    sheet.insert_image(8, 2, "章.png", {"image_data": a_picture()})


def page_header(_book: Any, sheet: Any) -> None:
    """A picture in the page header lives in a drawing of the same kind as notes do."""
    sheet.set_header("&L&G", {"image_left": "章.png", "image_data_left": a_picture()})


def background(_book: Any, sheet: Any) -> None:
    sheet.set_background(a_picture())


def filters(_book: Any, sheet: Any) -> None:
    sheet.autofilter(0, 0, 3, 30)
    sheet.filter_column(1, "x == 法人及非法人组织")
    sheet.freeze_panes(1, 2)


def looks_by_rule(book: Any, sheet: Any) -> None:
    """Bars of Excel 2010 have a list of extensions of their own, within the rule."""
    sheet.conditional_format(1, 17, 3, 17, {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format(1, 16, 3, 16, {"type": "icon_set", "icon_style": "3_arrows"})
    strong = book.add_format({"bg_color": "#FFFF00"})
    sheet.conditional_format(1, 0, 3, 0, {"type": "duplicate", "format": strong})


def choices(book: Any, sheet: Any) -> None:
    other = book.add_worksheet("选项")
    other.write_column(0, 0, ["罚款", "警告"])
    sheet.data_validation(1, 15, 99, 15, {"validate": "list", "source": "=选项!$A$1:$A$2"})
    sheet.data_validation(1, 1, 99, 1, {"validate": "list", "source": ["甲", "乙"]})


def notes(_book: Any, sheet: Any) -> None:
    sheet.write_comment(2, 15, "王：再核对\n周五前", {"author": "王"})
    sheet.write_comment(1, 0, "老批注", {"author": "李"})


def buttons(_book: Any, sheet: Any) -> None:
    """A button has a drawing of the kind of notes, and no note."""
    sheet.insert_button(9, 1, {"macro": "填数", "caption": "填数"})


def names(book: Any, sheet: Any) -> None:
    book.define_name("处罚表", "=表!$A:$AE")
    book.define_name("表!本页", "=表!$A$1:$AE$4")
    sheet.print_area(0, 0, 3, 30)
    sheet.repeat_rows(0)


def protection(_book: Any, sheet: Any) -> None:
    sheet.protect("1234", {"format_cells": True})


def hidden_rest(_book: Any, sheet: Any) -> None:
    sheet.set_column("AF:XFD", None, None, {"hidden": True})
    sheet.set_column(3, 5, 12, None, {"level": 1})


def other_marks(book: Any, sheet: Any) -> None:
    sheet.write_url(3, 30, "https://example.invalid/", string="依据")
    sheet.add_sparkline(3, 29, {"range": "表!R2:R4"})
    sheet.set_h_pagebreaks([3])
    sheet.set_row(2, 30, book.add_format({"bg_color": "#DDEEFF"}))
    sheet.ignore_errors({"number_stored_as_text": "C1:C99"})


TRAPS: dict[str, Paint] = {
    "pictures and a chart": pictures, "a picture in the page header": page_header,
    "a picture behind the cells": background, "a filter and frozen panes": filters,
    "looks by rule": looks_by_rule, "choices": choices, "notes": notes, "a button": buttons,
    "names over the columns": names, "a protected sheet": protection,
    "hidden columns to the end": hidden_rest, "links, sparklines, breaks": other_marks,
}  # fmt: skip


@pytest.mark.parametrize("paint", TRAPS.values(), ids=TRAPS)
def test_a_workbook_with_it_comes_back_sound_with_its_marks_and_all_else_kept(
    penalties: Write, typed: Build, penalty: Item, report: Any, tmp_path: Path, paint: Paint
):
    path = penalties(typed(1), typed(2, CF_CFLB="罚金"), typed(3), paint=paint)
    assert_sound(path)
    out = tmp_path / "表-问题.xlsx"

    assert report(path, out)

    assert_sound(out)
    assert counted(out, penalty) == counted(path, penalty) == (3, 1)
    before, after = parts_of(path), parts_of(out)
    ours = {
        "xl/worksheets/sheet1.xml", "xl/worksheets/_rels/sheet1.xml.rels", "xl/styles.xml", "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml",
    }  # fmt: skip
    assert {name for name in before if after[name] != before[name]} <= ours
    new, old = tail_of(after), tail_of(before)
    assert re.sub(r"<legacyDrawing [^>]*/>", "", new) == re.sub(r"<legacyDrawing [^>]*/>", "", old)
    sheet = opened(out)["表"]
    assert sheet["P3"].fill.fgColor.rgb == RED
    assert "处罚类别：" in sheet["P3"].comment.text
    key = next(cell for cell in sheet[1] if cell.value == ROW_KEY_HEADING)
    assert sheet.column_dimensions[key.column_letter].hidden or paint is hidden_rest
    assert all(read_key(sheet.cell(row, key.column).value) for row in (2, 3, 4))


def tail_of(parts: dict[str, bytes]) -> str:
    text = parts["xl/worksheets/sheet1.xml"].decode()
    return text[text.index("</sheetData>") :]


def test_the_key_column_stands_behind_pictures_which_it_would_squeeze(
    penalties: Write, typed: Build, report: Any, tmp_path: Path
):
    out = tmp_path / "问题.xlsx"
    report(penalties(typed(1, CF_CFLB="罚金"), paint=pictures), out)

    sheet = opened(out)["表"]
    (chart,) = sheet._charts
    key = next(cell for cell in sheet[1] if cell.value == ROW_KEY_HEADING)
    assert key.column - 1 > chart.anchor.to.col


def test_macros_stay_byte_for_byte(
    penalties: Write, typed: Build, penalty: Item, report: Any, tmp_path: Path
):
    program = tmp_path / "vbaProject.bin"
    program.write_bytes(compound_bytes("VBA", "PROJECT") + bytes(range(256)))
    path = penalties(
        typed(1), typed(2, CF_CFLB="罚金"), name="表.xlsm",
        paint=lambda book, _sheet: book.add_vba_project(str(program)),
    )  # fmt: skip
    out = tmp_path / "表-问题.xlsm"

    assert report(path, out)

    assert_sound(out)
    assert parts_of(out)["xl/vbaProject.bin"] == program.read_bytes()
    assert b"macroEnabled" in parts_of(out)["[Content_Types].xml"]
    assert counted(out, penalty) == (2, 1)


def test_a_list_object_keeps_its_range_and_the_key_stands_beside_it(
    penalties: Write, typed: Build, penalty: Item, report: Any, tmp_path: Path
):
    titles = [{"header": field.title} for field in penalty.fields]

    def paint(_book: Any, sheet: Any) -> None:
        sheet.add_table(0, 0, 3, len(titles) - 1, {"name": "处罚", "columns": titles})

    path = penalties(typed(1), typed(2, CF_CFLB="罚金"), typed(3), paint=paint)
    out = tmp_path / "表-问题.xlsx"

    assert report(path, out)

    assert_sound(out)
    assert parts_of(out)["xl/tables/table1.xml"] == parts_of(path)["xl/tables/table1.xml"]
    sheet = opened(out)["表"]
    assert sheet.cell(1, len(titles) + 1).value == ROW_KEY_HEADING
    assert sheet.tables["处罚"].ref.endswith(sheet.cell(4, len(titles)).coordinate)
    assert counted(out, penalty) == (3, 1)


@pytest.mark.parametrize("merged", [True, False], ids=["merged", "not merged"])
def test_a_header_of_two_rows_with_a_title_above_keeps_its_shape(
    xlsx: Write, typed: Build, penalty: Item, report: Any, tmp_path: Path, merged: bool
):
    titles = [field.title for field in penalty.fields]
    rows = [typed(1), typed(2, CF_CFLB="罚金")]
    upper = ["当事人", *[""] * 10, "处罚", *[""] * (len(titles) - 12)]

    def paint(_book: Any, sheet: Any) -> None:
        if merged:
            sheet.merge_range(0, 0, 0, len(titles) - 1, "行政处罚登记表")
            sheet.merge_range(1, 0, 1, 10, "当事人")
            sheet.merge_range(1, 11, 1, len(titles) - 1, "处罚")

    cells = [[row.get(field.id) for field in penalty.fields] for row in rows]
    path = xlsx([["行政处罚登记表"], upper, titles, *cells], paint=paint)
    out = tmp_path / "表-问题.xlsx"

    assert report(path, out)

    assert_sound(out)
    sheet = opened(out)["表"]
    assert sheet.cell(3, len(titles) + 1).value == ROW_KEY_HEADING
    assert sheet["P5"].fill.fgColor.rgb == RED
    assert sheet.merged_cells.ranges == opened(path)["表"].merged_cells.ranges
    assert counted(out, penalty) == (2, 1)
    assert report(out, tmp_path / "再.xlsx")
    assert_sound(tmp_path / "再.xlsx")


def test_a_fault_within_merged_cells_is_shown_where_it_is_seen(
    penalties: Write, typed: Build, penalty: Item, report: Any, tmp_path: Path
):
    """Of a merged range only the first cell is drawn; a note elsewhere would never be found."""

    def paint(book: Any, sheet: Any) -> None:
        sheet.merge_range(1, 15, 3, 15, "罚款", book.add_format({"border": 1}))

    path = penalties(typed(1), typed(2), typed(3), paint=paint)
    out = tmp_path / "表-问题.xlsx"

    assert report(path, out)

    assert_sound(out)
    sheet = opened(out)["表"]
    said = sheet["P2"].comment.text
    assert re.findall(r"^第 (\d) 行：处罚类别", said, re.MULTILINE) == ["3", "4"]
    assert sheet["P2"].fill.fgColor.rgb == RED
    assert [row[0].value for row in opened(out)["问题清单"].iter_rows(min_row=2)] == ["3", "4"]
    assert report(out, tmp_path / "再.xlsx")
    assert opened(tmp_path / "再.xlsx")["表"]["P2"].comment.text == said


def test_cells_with_a_conversation_are_coloured_and_the_conversation_stays(
    penalties: Write, typed: Build, report: Any, tmp_path: Path
):
    path = with_thread(penalties(typed(1, CF_XDR_MC=None), typed(2, CF_CFLB="罚金"), paint=thread_note), "P3")
    assert_sound(path)
    out = tmp_path / "表-问题.xlsx"

    assert report(path, out)

    assert_sound(out)
    before, after = parts_of(path), parts_of(out)
    for name in ("xl/threadedComments/threadedComment1.xml", "xl/persons/person.xml"):
        assert after[name] == before[name]
    sheet = opened(out)["表"]
    assert sheet["P3"].fill.fgColor.rgb == RED
    assert sheet["P3"].comment.text.startswith("[Threaded comment]")
    assert "闽信通" not in sheet["P3"].comment.text
    assert "行政相对人名称：" in sheet["A2"].comment.text


def thread_note(_book: Any, sheet: Any) -> None:
    """What Excel leaves for programs that know no conversations."""
    sheet.write_comment(2, 15, "[Threaded comment]\n\nComment:\n    再核对", {"author": "tc={6A5F}"})


def with_thread(path: Path, cell: str) -> Path:
    """Add a conversation as Excel 365 writes it."""
    parts = {name: content.decode() if name.endswith((".xml", ".rels")) else content
             for name, content in parts_of(path).items()}  # fmt: skip
    space = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    kinds = "http://schemas.microsoft.com/office/2017/10/relationships"
    person = "{11111111-2222-3333-4444-555555555555}"
    parts["xl/threadedComments/threadedComment1.xml"] = (
        f'<ThreadedComments xmlns="{space}"><threadedComment ref="{cell}" dT="2026-11-20T08:00:00.00"'
        f' personId="{person}" id="{{6A5F}}"><text>再核对</text></threadedComment></ThreadedComments>'
    )
    parts["xl/persons/person.xml"] = (
        f'<personList xmlns="{space}"><person displayName="王" id="{person}" userId="王" providerId="None"/>'
        "</personList>"
    )
    for listing, kind, target in (
        (
            "xl/worksheets/_rels/sheet1.xml.rels",
            "threadedComment",
            "../threadedComments/threadedComment1.xml",
        ),
        ("xl/_rels/workbook.xml.rels", "person", "persons/person.xml"),
    ):
        tag = f'<Relationship Id="rIdT1" Type="{kinds}/{kind}" Target="{target}"/>'
        parts[listing] = str(parts[listing]).replace("</Relationships>", f"{tag}</Relationships>")
    types = "".join(
        f'<Override PartName="/xl/{part}" ContentType="application/vnd.ms-excel.{kind}+xml"/>'
        for part, kind in (("threadedComments/threadedComment1.xml", "threadedcomments"),
                           ("persons/person.xml", "person"))
    )  # fmt: skip
    parts["[Content_Types].xml"] = str(parts["[Content_Types].xml"]).replace("</Types>", f"{types}</Types>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_a_workbook_in_the_strict_dialect_gets_the_new_workbook(
    odd_xlsx: Write, typed: Build, penalty: Item, report: Any, tmp_path: Path
):
    """Its parts have names of their own; ours among them would not be read."""
    lines = [[f.title for f in penalty.fields], [str(typed(1).get(f.id) or "") for f in penalty.fields]]
    rows = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{column_letters(column)}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
            for column, text in enumerate(line)
        )
        + "</row>"
        for number, line in enumerate(lines, start=1)
    )
    path = odd_xlsx(f"<sheetData>{rows}</sheetData>", strict=True)
    out = tmp_path / "问题.xlsx"

    assert not report(path, out)
    assert_sound(out)
    assert opened(out).sheetnames == ["有误的行", "问题清单", "说明"]


# --- the second round ---


def own_looks(book: Any, sheet: Any) -> None:
    """Fills and notes of the clerk's own, some of them in cells that are faulty."""
    blue, shaded = (
        book.add_format({"bg_color": "#DDEEFF"}),
        book.add_format({"pattern": 4, "fg_color": "#00AA00"}),
    )
    sheet.write_string(1, 15, "罚金", blue)
    sheet.write_string(2, 15, "罚金", shaded)
    sheet.write_string(3, 30, "备注", blue)
    sheet.write_comment(1, 15, "王：再核对\n周五前", {"author": "王"})
    sheet.write_comment(3, 2, "老批注", {"author": "李"})


def looks_of(path: Path) -> dict[str, tuple[str, str, str]]:
    """Return cell → fill and note, but for our own column."""
    sheet = opened(path)["表"]
    last = next((cell.column for cell in sheet[1] if cell.value == ROW_KEY_HEADING), sheet.max_column + 1)
    return {
        cell.coordinate: (repr(cell.fill), str(cell.comment and cell.comment.text), cell.number_format)
        for row in sheet.iter_rows(max_col=last - 1)
        for cell in row
    }


def as_left(path: Path) -> None:
    """Leave the file as our own program wrote it."""


def as_resaved(path: Path) -> None:
    """Save it by another program, which numbers styles, texts and notes anew."""
    book = opened(path)
    book.save(path)


def as_forgotten(path: Path) -> None:
    """Save it by a program that forgets who wrote a note, as LibreOffice does."""
    parts = parts_of(path)
    authors = re.compile(rb"<authors>.*</authors>", re.DOTALL)
    parts["xl/comments1.xml"] = authors.sub(
        b"<authors>" + b"<author> </author>" * 4 + b"</authors>", parts["xl/comments1.xml"]
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("saved", [as_left, as_resaved, as_forgotten])
def test_what_is_mended_looks_as_before_and_what_is_not_stays_marked_once(
    penalties: Write, typed: Build, penalty: Item, report: Any, tmp_path: Path, saved: Callable[[Path], None]
):
    rows = (typed(1, CF_CFLB="罚金"), typed(2, CF_CFLB="罚金"), typed(3, CF_CFLB="罚金"))
    path, out, again = penalties(*rows, paint=own_looks), tmp_path / "一.xlsx", tmp_path / "二.xlsx"
    plain = looks_of(path)
    report(path, out)
    assert looks_of(out)["P3"] != plain["P3"]
    saved(out)
    book = opened(out)
    book["表"]["P2"] = book["表"]["P4"] = "罚款"
    book.save(out)

    assert report(out, again)

    assert_sound(again)
    looks = looks_of(again)
    assert {cell: look for cell, look in looks.items() if cell != "P3"} == {
        cell: look for cell, look in plain.items() if cell != "P3"
    }
    sheet = opened(again)["表"]
    assert sheet["P3"].fill.fgColor.rgb == RED
    assert sheet["P3"].comment.text.count("处罚类别：") == 1
    listed = opened(again)["问题清单"]
    assert [row[0].value for row in listed.iter_rows(min_row=2)] == ["3"]
    assert [sheet.title for sheet in opened(again)] == ["表", "问题清单"]

    book = opened(again)
    book["表"]["P3"] = "罚款"
    book.save(again)
    third = tmp_path / "三.xlsx"
    assert report(again, third)
    assert_sound(third)
    assert looks_of(third) == plain


def test_rows_that_were_sorted_get_their_own_looks_back(
    penalties: Write, typed: Build, report: Any, tmp_path: Path
):
    path, out, again = (
        penalties(typed(1), typed(2), typed(3), paint=own_looks),
        tmp_path / "一.xlsx",
        tmp_path / "二.xlsx",
    )
    plain = looks_of(path)
    report(path, out)
    book = opened(out)
    sheet = book["表"]
    for column in range(1, sheet.max_column + 1):  # the second and the third row change places
        one, two = sheet.cell(2, column), sheet.cell(3, column)
        one.value, two.value = two.value, one.value
        one._style, two._style = two._style, one._style
    sheet["P2"] = sheet["P3"] = "罚款"
    book.save(out)

    report(out, again)

    fills = {cell: look[0] for cell, look in looks_of(again).items()}
    assert (fills["P2"], fills["P3"]) == (plain["P3"][0], plain["P2"][0])


def test_what_a_person_wrote_below_our_words_stays(
    penalties: Write, typed: Build, report: Any, tmp_path: Path
):
    out, again = tmp_path / "一.xlsx", tmp_path / "二.xlsx"
    report(penalties(typed(1), typed(2, CF_CFLB="罚金")), out)
    book = opened(out)
    cell = book["表"]["P3"]
    cell.comment.text += "\n已问过王科"
    cell.value = "罚款"
    book.save(out)

    report(out, again)

    assert_sound(again)
    assert opened(again)["表"]["P3"].comment.text == "已问过王科"


def test_a_sheet_of_the_clerks_own_named_like_our_list_is_left_alone(
    penalties: Write, typed: Build, report: Any, tmp_path: Path
):
    def paint(book: Any, _sheet: Any) -> None:
        book.add_worksheet("问题清单").write(0, 0, "我自己的清单")

    out, again = tmp_path / "一.xlsx", tmp_path / "二.xlsx"
    report(penalties(typed(1), typed(2, CF_CFLB="罚金"), paint=paint), out)

    assert report(out, again)

    book = opened(again)
    assert book.sheetnames == ["表", "问题清单", "问题清单2"]
    assert book["问题清单"]["A1"].value == "我自己的清单"
    assert book["问题清单2"]["A2"].value == "3"


def test_without_our_list_nothing_of_ours_is_left_but_what_is_still_wrong(
    penalties: Write, typed: Build, report: Any, tmp_path: Path
):
    out, again = tmp_path / "一.xlsx", tmp_path / "二.xlsx"
    report(penalties(typed(1), typed(2, CF_CFLB="罚金"), typed(3, CF_CFLB="罚金")), out)
    book = opened(out)
    del book["问题清单"]
    book["表"]["P3"] = "罚款"
    book.save(out)

    assert report(out, again)

    assert_sound(again)
    sheet = opened(again)["表"]
    assert (sheet["P3"].comment, sheet["P3"].fill.fill_type) == (None, None)
    assert sheet["P4"].fill.fgColor.rgb == RED


def test_answers_outlive_the_next_round(
    penalties: Write, typed: Build, penalty: Item, report: Any, tmp_path: Path
):
    """Else what was accepted once would be faulty again in the file of the second round."""
    out, again = tmp_path / "一.xlsx", tmp_path / "二.xlsx"
    report(penalties(*(typed(n, CF_JDRQ=46_330) for n in (1, 2, 3))), out)
    book = opened(out)
    listed = book["问题清单"]
    lines = {row[0].value: row[0].row for row in listed.iter_rows(min_row=2) if row[6].value}
    listed.cell(lines["2"], 8, "接受")
    listed.cell(lines["3"], 8, "拒绝")
    book.save(out)
    assert counted(out, penalty) == (3, 2)

    report(out, again)

    assert counted(again, penalty) == (3, 2)
    said = {
        row[0].value: row[7].value for row in opened(again)["问题清单"].iter_rows(min_row=2) if row[6].value
    }
    assert said == {"2": "接受", "3": "拒绝", "4": None}


def test_a_key_whose_row_is_no_record_any_more_is_taken_out(
    penalties: Write, typed: Build, report: Any, tmp_path: Path
):
    out, again = tmp_path / "一.xlsx", tmp_path / "二.xlsx"
    report(penalties(typed(1), typed(2, CF_CFLB="罚金"), typed(3)), out)
    book = opened(out)
    sheet = book["表"]
    key = next(cell.column for cell in sheet[1] if cell.value == ROW_KEY_HEADING)
    first = read_key(sheet.cell(3, key).value)
    for column in range(1, key):
        sheet.cell(4, column).value = None
    book.save(out)

    report(out, again)

    sheet = opened(again)["表"]
    second = read_key(sheet.cell(3, key).value)
    assert first is not None
    assert second is not None
    assert first.origin != second.origin
    assert sheet.cell(4, key).value is None


# --- where it goes ---


@pytest.mark.parametrize("why", ["read-only", "open in a program", "the folder is missing"])
def test_a_target_that_cannot_be_written_is_told_and_nothing_is_lost(
    penalties: Write, typed: Build, report: Any, tmp_path: Path, why: str
):
    path = penalties(typed(1, CF_CFLB="罚金"))
    source, out = path.read_bytes(), tmp_path / "问题.xlsx"
    if why == "the folder is missing":
        out = tmp_path / "没有" / "问题.xlsx"
    else:
        out.write_bytes(b"old")
    if why == "read-only":
        out.chmod(0o444)
    if why == "open in a program":
        (tmp_path / "~$问题.xlsx").write_bytes(b"x")

    with pytest.raises(FileRefused, match="report_unwritable"):
        report(path, out)

    assert path.read_bytes() == source
    assert not out.exists() or out.read_bytes() == b"old"


def test_a_full_disk_leaves_the_report_of_before_and_no_rest(
    penalties: Write, typed: Build, report: Any, tmp_path: Path, small_disk: Any
):
    path, out = penalties(*(typed(n, CF_CFLB="罚金") for n in range(50))), tmp_path / "问题.xlsx"
    out.write_bytes(b"old")

    with small_disk(8_000), pytest.raises(FileRefused, match="report_unwritable"):
        report(path, out)

    assert out.read_bytes() == b"old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["表.xlsx", "问题.xlsx"]


def test_a_report_can_be_read_by_all_who_could_read_the_folder(
    penalties: Write, typed: Build, report: Any, tmp_path: Path
):
    path, out = penalties(typed(1, CF_CFLB="罚金")), tmp_path / "问题.xlsx"

    report(path, out)

    assert out.stat().st_mode == path.stat().st_mode


# --- the check itself ---


@pytest.mark.parametrize(
    ("part", "old", "new", "said"),
    [
        ("xl/worksheets/sheet1.xml", '<c r="B2"', '<c r="A2"', "cell A2 in row 2"),
        ("xl/worksheets/sheet1.xml", "<sheetViews>", "<mergeCells/><sheetViews>", "order"),
        ("xl/_rels/workbook.xml.rels", "sheet1.xml", "sheet9.xml", "missing part"),
        (
            "[Content_Types].xml",
            "</Types>",
            '<Override PartName="/x.xml" ContentType="a"/></Types>',
            "missing part",
        ),
        ("xl/styles.xml", '<fills count="2"', '<fills count="3"', "fills count 3"),
        ("xl/theme/theme1.xml", "</a:theme>", "</a:them>", "xl/theme/theme1.xml"),
    ],
    ids=["a cell twice", "a part of a sheet twice", "a lost part", "a type of nothing", "a count", "no XML"],
)
def test_the_check_of_soundness_sees_what_is_broken(
    penalties: Write, typed: Build, rewritten: Any, part: str, old: str, new: str, said: str
):
    path = rewritten(penalties(typed(1)), part, old.encode(), new.encode())

    assert any(said in one for one in faults(path))
