"""The template workbook (填报模板) of an item: headings, drop-downs, notes, and which catalog it is of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from client.errors import FileRefused
from client.intake.origin import write_origin
from client.intake.placing import may_write, placing
from client.intake.report import let_go
from client.intake.sheet_xml import column_letters
from forms.catalog.examples import choices, example
from forms.catalog.schema import Field, FieldType, Item

FILL_SHEET: Final = "填报"
GUIDE_SHEET: Final = "填写说明"
CODE_SHEET: Final = "字典"
ROWS: Final = 5_000
"""Rows that have drop-downs; one range a column, so that the file stays small and sound."""

CATALOG_PROPERTY: Final = "MinXin catalog"
DIGEST_PROPERTY: Final = "MinXin digest"

_GUIDE: Final = ("数据项", "代码", "必填", "类型", "最长", "怎么填", "示例")
_GUIDE_WIDTHS: Final = (32, 18, 8, 10, 8, 70, 28)
_TYPES: Final[Mapping[FieldType, str]] = {
    "string": "文本", "text": "长文本", "date": "日期", "decimal": "数字", "int": "整数",
    "enum": "单选", "set": "多选", "attachment": "附件", "group": "明细",
}  # fmt: skip
_HOW: Final[Mapping[FieldType, str]] = {
    "string": "", "text": "", "date": "写成 2026/01/05；长期写 2099/12/31。", "decimal": "只写数字。",
    "int": "只写整数。", "enum": "从下拉列表里选。", "set": "从右侧字典里选，多个之间用英文分号“;”隔开。",
    "attachment": "不在表格里填，请在填报页添加文件。", "group": "一行写一条，各格之间用竖线“|”隔开，依次为",
}  # fmt: skip


def write_template(item: Item, path: Path) -> None:
    """Write the template of an item; reading it in again finds every field.

    Raises:
        FileRefused: `report_unwritable`: the file is open elsewhere, or the disk says no.
    """
    may_write(path)
    with placing(path) as draft:
        _write(item, draft)


def _write(item: Item, path: Path) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(path), options)
    book.set_custom_property(CATALOG_PROPERTY, item.ref)
    book.set_custom_property(DIGEST_PROPERTY, item.digest)
    fill, guide, codes = (book.add_worksheet(name) for name in (FILL_SHEET, GUIDE_SHEET, CODE_SHEET))
    lists = _write_codes(codes, item)
    _write_fill(book, fill, item, lists)
    _write_guide(book, guide, item)
    write_origin(book, item)
    codes.hide()
    fill.activate()
    try:
        book.close()
    except XlsxWriterException as refused:  # the disk filled up meanwhile
        raise FileRefused("report_unwritable") from refused
    finally:
        let_go(book)


def _write_codes(sheet: Any, item: Item) -> dict[str, str]:
    """Write the names that each field may choose from into a column; return field id → its range."""
    columns: dict[tuple[str, ...], str] = {}
    ranges: dict[str, str] = {}
    for field in item.fields:
        names = choices(field)
        if not names:
            continue
        if names not in columns:
            column = len(columns)
            for line, name in enumerate(names):
                sheet.write_string(line, column, name)
            letters = column_letters(column)
            columns[names] = f"={CODE_SHEET}!${letters}$1:${letters}${len(names)}"
        ranges[field.id] = columns[names]
    return ranges


def _write_fill(book: Any, sheet: Any, item: Item, lists: Mapping[str, str]) -> None:
    needed = book.add_format({"bold": True, "bg_color": "#FBEBC8", "border": 1, "text_wrap": True})
    optional = book.add_format({"bold": True, "bg_color": "#E8EDF2", "border": 1, "text_wrap": True})
    as_text = book.add_format({"num_format": "@"})
    as_day = book.add_format({"num_format": "yyyy/mm/dd"})
    as_number = book.add_format({"num_format": "0.######"})
    styles = {"date": as_day, "decimal": as_number, "int": as_number}
    sheet.freeze_panes(1, 1)
    in_cells = [field for field in item.fields if field.type != "attachment"]
    for column, field in enumerate(in_cells):
        width = 40 if field.type in {"text", "group"} else 22
        sheet.set_column(column, column, width, styles.get(field.type, as_text))
        sheet.write_string(0, column, field.title, needed if field.required else optional)
        said = f"{_how_to_fill(field)}\n示例：{example(field, item)}".lstrip("\n")
        sheet.write_comment(0, column, said, {"x_scale": 2, "y_scale": 1.5})
        if field.type == "enum":
            # Other texts stay possible: "other, namely" is written out.
            rule = {"validate": "list", "source": lists[field.id], "error_type": "warning"}
            sheet.data_validation(1, column, ROWS, column, rule)


def _write_guide(book: Any, sheet: Any, item: Item) -> None:
    heading = book.add_format({"bold": True, "bg_color": "#E8EDF2", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet.write_string(0, 0, f"{item.name}（{item.ref}）", heading)
    sheet.freeze_panes(2, 1)
    for column, (text, width) in enumerate(zip(_GUIDE, _GUIDE_WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(1, column, text, heading)
    for line, field in enumerate(item.fields, start=2):
        texts = (
            field.title, field.id, "必填" if field.required else "选填", _TYPES[field.type],
            f"{field.max_length}" if field.max_length else "", _how_to_fill(field), example(field, item),
        )  # fmt: skip
        for column, text in enumerate(texts):
            sheet.write_string(line, column, text, wrap)


def _how_to_fill(field: Field) -> str:
    parts = [field.help or "", _HOW[field.type]]
    if field.type == "group":
        parts[-1] += f"：{' | '.join(one.title for one in field.fields)}。"
    if field.unit:
        parts.append(f"单位：{field.unit}。")
    if field.type == "set":
        parts.append("可选：" + "、".join(choices(field)) + "。")
    return "\n".join(part for part in parts if part)
