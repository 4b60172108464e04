"""Templates of all 151 items: filled in they come back as the same values, and name their catalog."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pytest

from client.intake.candidates import Candidates, candidates_of
from client.intake.judging import Opened, Part, Plan, judge_file
from client.intake.origin import Origin, template_of
from client.intake.outcome import check_file
from client.intake.preview import preview
from client.intake.read import open_book
from client.intake.sheet_xml import column_letters
from client.intake.template import write_template
from forms.catalog.examples import FIRM_CODE, choices, example
from forms.catalog.fieldtypes import show
from forms.catalog.schema import Item
from tests.forms.catalog.sampling import a_sample

RESOURCES = Path(__file__).parents[3] / "resources"
CODES = sorted(path.stem for path in (RESOURCES / "catalogs" / "2026.1" / "items").glob("*.json"))
TODAY = dt.date(2026, 11, 24)


def fill(template: Path, item: Item, record: dict[str, object]) -> Path:
    """Type a record into the second row, as texts."""
    filled = template.with_name("已填.xlsx")
    cells = "".join(
        f'<c r="{column_letters(column)}2" t="inlineStr">'
        f"<is><t>{escape(show(field, record[field.id]))}</t></is></c>"
        for column, field in enumerate(item.fields)
        if field.id in record
    )
    with zipfile.ZipFile(template) as blank, zipfile.ZipFile(filled, "w") as out:
        for entry in blank.infolist():
            content = blank.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(
                    b"</sheetData>", f'<row r="2">{cells}</row></sheetData>'.encode(), 1
                )
            out.writestr(entry, content)
    return filled


@pytest.mark.parametrize("code", CODES)
def test_a_filled_template_comes_back_as_the_same_values(code, catalog, tmp_path):
    item = catalog.items[code]
    record = a_sample(item)
    template = tmp_path / "模板.xlsx"
    write_template(item, template)

    plan = Plan(Candidates((item,)), TODAY, keep=True)
    parts = [part for part in judge_file(fill(template, item, record), plan) if isinstance(part, Part)]

    assert [json.loads(row[1]) for row in parts[0].chunk.good] == [record]


def most_choices(catalog, count: int) -> list[Item]:
    """Return the items with most fields that offer a choice."""
    items = sorted(catalog.items.values(), key=lambda item: -sum(f.type == "enum" for f in item.fields))
    return items[:count]


def test_every_field_with_a_choice_offers_all_of_it_in_every_row(catalog, tmp_path):
    items = most_choices(catalog, 5)
    assert sum(field.type == "enum" for item in items for field in item.fields) >= 20

    for item in items:
        write_template(item, tmp_path / "模板.xlsx")
        book = openpyxl.load_workbook(tmp_path / "模板.xlsx")
        sheet, offered = book["填报"], {}
        for rule in sheet.data_validations.dataValidation:
            (cells,) = rule.sqref.ranges
            assert (cells.min_row, cells.max_row, cells.min_col) == (2, 5001, cells.max_col)
            name, _, place = rule.formula1.partition("!")
            offered[sheet.cell(1, cells.min_col).value] = [
                row[0].value for row in book[name][place.replace("$", "")]
            ]
        wanted = {field.title: list(choices(field)) for field in item.fields if field.type == "enum"}
        assert offered == wanted, item.code


def test_the_guide_and_the_notes_have_an_example_of_every_field(catalog, tmp_path):
    item = catalog.items["XZCF_FR"]
    write_template(item, tmp_path / "模板.xlsx")

    book = openpyxl.load_workbook(tmp_path / "模板.xlsx")
    guide = {row[0]: row[6] for row in book["填写说明"].iter_rows(min_row=3, values_only=True)}
    assert guide == {field.title: example(field, item) for field in item.fields}
    assert all(guide.values())
    assert book["填报"]["C1"].comment.text.endswith(f"示例：{FIRM_CODE}")


def test_a_template_says_which_item_it_was_written_for(catalog, tmp_path):
    item = catalog.items["XZCF_FR"]
    template = tmp_path / "模板.xlsx"
    write_template(item, template)

    with open_book(template) as book:
        origin = template_of(book)

    assert origin == Origin("XZCF_FR@2026.1", item.digest)
    assert origin.is_of(item)
    assert not origin.is_of(catalog.items["XZXK_FR"])


@pytest.mark.parametrize("change", [{"set_name": "2025.1"}, {"digest": "0" * 64}], ids=["set", "digest"])
def test_an_old_template_is_told_and_read_as_the_item_is_now(catalog, tmp_path, change):
    item = catalog.items["XZCF_FR"]
    old = replace(item, **change)
    template = tmp_path / "模板.xlsx"
    write_template(old, template)
    filled = fill(template, item, a_sample(item))

    outcome = check_file(filled, catalog, today=TODAY)

    (found,) = [one for one in outcome.problems if one.code == "template_old"]
    assert (found.row, found.column, found.severity, found.value) == (1, "A", "warning", old.ref)
    assert old.ref in found.message
    assert "XZCF_FR@2026.1" in found.message
    assert (outcome.ok, outcome.faulty) == (1, 0)
    best = preview(filled, catalog).best
    assert "template_old" in {notice.code for notice in best.notices}


def test_a_template_of_now_and_one_of_another_item_say_nothing_of_age(catalog, tmp_path):
    item = catalog.items["XZCF_FR"]
    template = tmp_path / "模板.xlsx"
    write_template(item, template)
    filled = fill(template, item, a_sample(item)).rename(tmp_path / "本项已填.xlsx")
    other = tmp_path / "别项.xlsx"
    write_template(replace(item, code="XZXK_FR", set_name="2025.1"), other)
    foreign = fill(other, item, a_sample(item)).rename(tmp_path / "别项已填.xlsx")

    for path in (filled, foreign):
        codes = {one.code for one in check_file(path, catalog, today=TODAY).problems}
        assert "template_old" not in codes


def twins(catalog) -> Candidates:
    """Two items that no heading tells apart."""
    penalty = catalog.items["XZCF_FR"]
    return Candidates((penalty, replace(penalty, code="XZCF_XX")), sure=True)


def opened(path: Path, items: Candidates) -> Opened:
    return next(one for one in judge_file(path, Plan(items, TODAY)) if isinstance(one, Opened))


def test_a_template_settles_which_item_it_is_where_headings_leave_it_open(catalog, tmp_path):
    items = twins(catalog)
    for item in items.items:
        template = tmp_path / f"{item.code}.xlsx"
        write_template(item, template)
        header = opened(fill(template, item, a_sample(item)), items).header
        assert (header.item, header.rival) == (item.code, "")


def test_a_template_whose_headings_are_of_another_item_settles_nothing(catalog, tmp_path):
    """Somebody pasted another table over it: the headings say what it is."""
    item = catalog.items["XZCF_FR"]
    template = tmp_path / "模板.xlsx"
    write_template(replace(item, code="GJJ_NDJC"), template)

    items = candidates_of(catalog, None)

    assert opened(fill(template, item, a_sample(item)), items).header.item == "XZCF_FR"


def test_what_is_no_template_has_no_origin(xlsx):
    with open_book(xlsx([["名称"], ["厦门鹭潮食品有限公司"]])) as book:
        assert template_of(book) is None


def test_rows_have_one_column_and_files_none_but_a_word(catalog, tmp_path):
    """A repeated group is one cell, an entry a line; attachments are added on the page."""
    penalty = catalog.items["XZCF_FR"]
    note, day = penalty.by_id["BZ"], penalty.by_id["CF_JDRQ"]
    rows = replace(note, id="MX", title="货物明细", type="group", max_length=3, fields=(
        replace(note, id="NAME", title="品名", rules=()),
        replace(day, id="DAY", title="进货日期", required=False, rules=()),
    ))  # fmt: skip
    files = replace(note, id="FJ", title="附件", type="attachment", max_length=2, rules=())
    fields = (*penalty.fields, files, rows)
    item = replace(penalty, fields=fields, by_id={field.id: field for field in fields})
    value = [{"NAME": "甲|乙", "DAY": "2026-03-04"}, {"NAME": "丙"}]
    record = a_sample(penalty) | {"MX": value}
    template = tmp_path / "模板.xlsx"
    write_template(item, template)

    in_cells = replace(item, fields=tuple(field for field in fields if field.id != "FJ"))
    plan = Plan(Candidates((item,)), TODAY, keep=True)
    part = next(p for p in judge_file(fill(template, in_cells, record), plan) if isinstance(p, Part))
    assert [json.loads(row[1]) for row in part.chunk.good] == [record]

    with open_book(template) as book:
        headings = next(book.sheet("填报").rows())[1]
        guide = {row[1][0]: row[1][5] for row in book.sheet("填写说明").rows() if len(row[1]) > 5}
    assert "附件" not in headings
    assert "请在填报页添加文件" in guide["附件"]
    assert "品名 | 进货日期" in guide["货物明细"]
