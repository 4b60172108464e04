"""Attachments and repeated groups: shape, problems by row, words, schema, a later catalog, the digest."""

from __future__ import annotations

from datetime import date

import jsonschema_rs
import pytest

from forms.catalog.changes import Mover, compare, undo
from forms.catalog.changesentences import change_sentence
from forms.catalog.check import check
from forms.catalog.export import columns, json_schema
from forms.catalog.fieldtypes import Unparsable, length, parse, show
from forms.catalog.messages import sentence
from forms.catalog.nested import MOST_BYTES, files_in, join_cells, split_cells
from forms.catalog.reading import CatalogError

TODAY = date(2026, 11, 24)
WRONG = "91350203MA0000031X"


def a_file(n: int = 1, **given):
    return {
        "sha256": f"{n:064x}",
        "name": f"决定书{n}.pdf",
        "size": 1024,
        "media_type": "application/pdf",
    } | given


@pytest.fixture(scope="module")
def item(an_item, field_entry):
    rows = field_entry("MX", "group", title="货物明细", max_length=3)
    rows["fields"] += [
        field_entry("CODE", "enum", code_set="KIND", title="种类"),
        field_entry("PAYER", "string", {"kind": "uscc"}, title="付款人代码"),
        field_entry("WHY", "text", {"kind": "required_if_filled", "ref": "SUM"}, title="依据"),
    ]
    return an_item(
        field_entry("ON", "date"),
        field_entry("FJ", "attachment", title="附件", max_length=2),
        rows,
        act_on="ON",
    )


CASES = [
    ("files", {"FJ": [a_file(1), a_file(2)]}, []),
    ("no list of files", {"FJ": "决定书.pdf"}, [("FJ", "wrong_shape")]),
    ("an empty list of files", {"FJ": []}, [("FJ", "blank")]),
    ("a file without a name", {"FJ": [a_file(name=" ")]}, [("FJ/0", "wrong_shape")]),
    ("a file with more than it should have", {"FJ": [a_file(path="/etc/passwd")]}, [("FJ/0", "wrong_shape")]),
    ("a digest in capitals", {"FJ": [a_file(sha256="A" * 64)]}, [("FJ/0", "wrong_shape")]),
    ("a size that is a text", {"FJ": [a_file(size="1024")]}, [("FJ/0", "wrong_shape")]),
    ("a size of True", {"FJ": [a_file(size=True)]}, [("FJ/0", "wrong_shape")]),
    ("an empty file", {"FJ": [a_file(size=0)]}, [("FJ/0", "wrong_shape")]),
    ("a file that is too large", {"FJ": [a_file(size=MOST_BYTES + 1)]}, [("FJ/0", "file_too_large")]),
    ("the same file twice", {"FJ": [a_file(), a_file(name="又一份.pdf")]}, [("FJ/1", "file_doubled")]),
    ("too many files", {"FJ": [a_file(n) for n in (1, 2, 3)]}, [("FJ", "too_many_files")]),
    ("rows", {"MX": [{"GOODS": "茶叶"}, {"GOODS": "紫菜", "SUM": "1.5", "WHY": "发票"}]}, []),
    ("no list of rows", {"MX": {"GOODS": "茶叶"}}, [("MX", "wrong_shape")]),
    ("an empty list of rows", {"MX": []}, [("MX", "blank")]),
    ("an empty row", {"MX": [{"GOODS": "茶叶"}, {}]}, [("MX/1", "row_empty")]),
    ("a row that is a text", {"MX": ["茶叶"]}, [("MX/0", "wrong_shape")]),
    ("too many rows", {"MX": [{"GOODS": f"茶{n}"} for n in range(4)]}, [("MX", "too_many_rows")]),
    ("a row without what it must have", {"MX": [{"CODE": "1"}]}, [("MX/0/GOODS", "required_missing")]),
    ("a wrong number", {"MX": [{"GOODS": "茶", "SUM": "二", "WHY": "票"}]}, [("MX/0/SUM", "not_a_number")]),
    ("a rule within the row", {"MX": [{"GOODS": "茶", "SUM": "2"}]}, [("MX/0/WHY", "required_if_filled")]),
    ("a check character", {"MX": [{"GOODS": "茶", "PAYER": WRONG}]}, [("MX/0/PAYER", "uscc_check")]),
    ("an unknown code", {"MX": [{"GOODS": "茶", "CODE": "7"}]}, [("MX/0/CODE", "not_in_code_set")]),
    ("a field that rows do not have", {"MX": [{"GOODS": "茶", "X": "1"}]}, [("MX/0/X", "unknown_field")]),
    ("what is wrong in several rows", {"MX": [{"GOODS": "茶" * 21}, {"DAY": "昨天"}]},
     [("MX/0/GOODS", "too_long"), ("MX/1/GOODS", "required_missing"), ("MX/1/DAY", "not_a_date")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_each_entry_is_judged_and_named(item, values, expected):
    found = check(item, values, reported_on=TODAY)

    assert [(problem.path, problem.code) for problem in found] == expected
    for problem in found:
        assert sentence(problem, item).startswith(item.by_id[problem.field_id].title)
        assert "{" not in sentence(problem, item)


CASES_OF_SHAPE = [
    case for case in CASES if not {"file_doubled", "uscc_check", "not_a_date"} & {code for _, code in case[2]}
]


@pytest.mark.parametrize(
    ("values", "expected"), [case[1:] for case in CASES_OF_SHAPE], ids=[case[0] for case in CASES_OF_SHAPE]
)
def test_the_exported_schema_says_the_same(item, values, expected):
    validator = jsonschema_rs.Draft202012Validator(json_schema(item), validate_formats=True)

    assert validator.is_valid(values) == (not expected)


def test_a_code_in_a_row_is_judged_as_of_the_act_of_the_record(an_item, field_entry, files):
    files.code_sets["KIND"]["codes"][0]["until"] = "2025-12-31"
    rows = field_entry("MX", "group", fields=[field_entry("CODE", "enum", code_set="KIND")])
    files.item |= {"fields": [*files.item["fields"], field_entry("ON", "date"), rows], "act_on": "ON"}
    item = files.load()
    first = files.code_sets["KIND"]["codes"][0]["code"]

    def codes(day):
        values = {"NAME": "甲", "ON": day, "MX": [{"CODE": first}]}
        return [problem.code for problem in check(item, values, reported_on=TODAY)]

    assert codes("2025-12-31") == []
    assert codes("2026-01-01") == ["code_no_more"]


def test_the_sentence_names_the_row_and_its_field(item):
    problem = check(
        item, {"MX": [{"GOODS": "茶"}, {"GOODS": "茶", "SUM": "1,5", "WHY": "票"}]}, reported_on=TODAY
    )[0]

    assert sentence(problem, item) == "货物明细：第 2 行 金额：“1,5”不是数字，请只填数字。"


def test_files_are_found_in_the_values_each_once(item):
    values = {"FJ": [a_file(1), a_file(2), a_file(1), "not a file"], "MX": [{"GOODS": "茶"}]}

    assert files_in(item, values) == [a_file(1), a_file(2)]


def test_a_column_holds_rows_and_no_files(item):
    assert "MX" in {column.field_id for column in columns(item)}
    assert "FJ" not in {column.field_id for column in columns(item)}
    assert length(item.by_id["FJ"], [a_file(1), a_file(2)]) == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [("茶叶 | 二", "row_unreadable"), ("茶 | 1 | 2026-01-01 | 1 | 2 | 3 | 4", "row_too_wide")],
)
def test_a_line_that_is_no_row_is_refused(item, text, code):
    with pytest.raises(Unparsable) as refused:
        parse(item.by_id["MX"], text)

    assert refused.value.code == code


def test_cells_are_read_as_people_write_them():
    assert split_cells("茶叶|1.5 |  2026-01-05") == ["茶叶", "1.5", "2026-01-05"]
    assert split_cells(join_cells(["a|b", "c\\", "d\ne", ""])) == ["a|b", "c\\", "d\ne", ""]
    assert split_cells("a\\") == ["a\\"]


def test_what_is_typed_wrongly_is_still_shown(item):
    assert show(item.by_id["MX"], "随手写的") == "随手写的"
    assert show(item.by_id["MX"], [{"GOODS": "茶", "SUM": "二"}, "x"]) == "茶 | 二 |  |  |  | "


def test_a_group_within_a_group_and_a_key_of_rows_are_refused(files, field_entry):
    inner = field_entry("IN", "group")
    files.item["fields"].append(field_entry("MX", "group", fields=[inner]))
    files.item["natural_key"] = ["NAME", "MX"]
    with pytest.raises(CatalogError) as refused:
        files.load()

    assert {(fault.path, fault.code) for fault in refused.value.faults} >= {
        ("fields/1/fields/0/type", "nested_twice"), ("natural_key", "not_one_value"),
    }  # fmt: skip


def test_a_rule_of_a_row_names_fields_of_the_row(files, field_entry):
    inner = field_entry("IN", "string", {"kind": "required_if_filled", "ref": "NAME"})
    files.item["fields"].append(field_entry("MX", "group", fields=[inner]))
    with pytest.raises(CatalogError) as refused:
        files.load()

    assert [(fault.path, fault.code) for fault in refused.value.faults] == [
        ("fields/1/fields/0/checks/0", "unknown_field")
    ]


def test_a_later_catalog_moves_the_rows_and_undoing_gives_them_back(an_item, field_entry):
    def version(*fields):
        return an_item(field_entry("MX", "group", fields=list(fields), title="明细"))

    old = version(field_entry("A", title="甲"), field_entry("B", title="乙"))
    new = version(
        field_entry("A2", title="甲", renamed_from=["A"], required=True), field_entry("C", title="丙")
    )
    changes = compare(old, new)
    said = [change_sentence(change, new) for change in changes]

    assert {(change.kind, change.field) for change in changes} == {
        ("field_renamed", "MX/A2"), ("made_required", "MX/A2"),
        ("field_added", "MX/C"), ("field_removed", "MX/B"),
    }  # fmt: skip
    assert any("明细·甲（MX/A2）" in one for one in said)
    values = {"MX": [{"A": "1", "B": "2"}, {"A": "3"}]}
    move = Mover(old, new).plan(values, reported_on=TODAY)
    assert move.values == {"MX": [{"A2": "1"}, {"A2": "3"}]}
    assert [(why.field, why.code) for why in move.why] == [("MX", "value_dropped")]
    assert undo(move.steps, move.values) == values
