"""What a file is, before anything is done with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from client.errors import ClientError, FileRefused
from client.intake.preview import Preview, preview
from forms.catalog.schema import CatalogSet, Item

Write = Callable[..., Path]
Build = Callable[..., dict[str, Any]]


def code(error: ClientError) -> str:
    return f"说：{error.code}"


@pytest.fixture
def look(catalog: CatalogSet) -> Callable[..., Preview]:
    return lambda path, **more: preview(path, catalog, **more)


def test_sheets_headers_records_and_a_sample_are_shown(
    penalties: Write, typed: Build, penalty: Item, look: Callable[..., Preview]
):
    def paint(workbook, sheet):
        old = workbook.add_worksheet("旧")
        old.write_row(1, 0, [field.title for field in penalty.fields])
        old.write(2, 0, "某公司")
        old.hide()
        boxed = workbook.add_format({"border": 1})
        for row in range(8, 2000):
            sheet.write_blank(row, 0, None, boxed)
        sheet.write(8, 0, "合计")

    said = look(penalties(*map(typed, range(7)), paint=paint)).as_json(code)

    assert (said["encoding"], said["refused"]) == (None, None)
    first, hidden = said["sheets"]
    assert (first["name"], first["hidden"], first["header_row"], first["rows"]) == ("表", False, 1, 7)
    assert first["item"] == "XZCF_FR"
    assert first["headings"][11] == {"column": "L", "text": "行政处罚决定书文号", "field": "CF_WSH"}
    assert len(first["sample"]) == 5
    assert first["sample"][0][0] == typed(0)["CF_XDR_MC"]
    assert (hidden["name"], hidden["hidden"], hidden["header_row"], hidden["rows"]) == ("旧", True, 2, 1)


def test_the_encoding_of_a_text_is_shown(text_table: Write, look: Callable[..., Preview]):
    said = look(text_table([["名称", "文号", "决定日期", "处罚机关"], ["甲", "1", "", ""]], "gb18030"))

    assert said.as_json(code)["encoding"] == "GB18030"


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        pytest.param([["一份通知"]], "headings_unknown", id="no headings"),
        pytest.param([["行政相对人名称", "处罚机关", "备注"]], "no_rows", id="no records"),
        pytest.param(
            [["名称", "文号", "当事人", "备注"], ["甲", "1", "乙", ""]], "heading_doubled", id="doubled"
        ),
        pytest.param([], "file_empty", id="nothing"),
    ],
)
def test_what_an_import_would_refuse_is_said_and_the_sheets_are_shown(
    xlsx: Write, look: Callable[..., Preview], rows: list[list[str]], refused: str
):
    said = look(xlsx(rows)).as_json(code)

    assert said["refused"] == {"code": refused, "message": f"说：{refused}"}
    assert len(said["sheets"]) == 1


def test_a_file_that_cannot_be_read_is_an_answer_and_no_error(tmp_path: Path, look: Callable[..., Preview]):
    path = tmp_path / "表.xlsx"
    path.write_bytes(b"%PDF-1.7")

    said = look(path).as_json(code)

    assert said == {
        "sheets": [], "encoding": None,
        "refused": {"code": "not_a_spreadsheet", "message": "说：not_a_spreadsheet"},
    }  # fmt: skip


def test_an_item_that_does_not_exist_is_an_error(xlsx: Write, look: Callable[..., Preview]):
    with pytest.raises(FileRefused, match="item_unknown"):
        look(xlsx([["名称"]]), item="XZCF")


def test_the_best_sheet_is_the_visible_one_with_most_headings(
    xlsx: Write, penalty: Item, look: Callable[..., Preview]
):
    def paint(workbook, _sheet):
        more = workbook.add_worksheet("全")
        more.write_row(0, 0, [field.title for field in penalty.fields])
        more.write(1, 0, "某公司")

    found = look(xlsx([["名称", "文号", "处罚机关"], ["甲", "1", ""]], paint=paint))

    assert found.best is not None
    assert found.best.name == "全"
