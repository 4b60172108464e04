"""Which row is the header, which column is which field, and which item it is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from client.errors import FileRefused
from client.intake.cells import Cell
from client.intake.headings import Header, Matcher, find, settle, unit_in
from forms.catalog.schema import CatalogSet, Item

SHORT = (
    "序号",
    "当事人名称",
    "统一社会信用代码",
    "行政处罚决定书文号",
    "处罚种类",
    "罚款金额(万元)",
    "决定日期",
)


def find_in(items: Sequence[Item], *rows: Sequence[Cell], merges: Sequence[tuple[int, int, int, int]] = ()):
    return find([(number, list(cells)) for number, cells in enumerate(rows, start=1)], items, merges)


def fields_of(header: Header | None) -> list[str | None]:
    assert header is not None
    return [heading.field for heading in header.headings]


def test_every_title_id_and_alias_finds_its_own_field(catalog: CatalogSet):
    for item in catalog.items.values():
        matcher = Matcher(item)
        for field in item.fields:
            for name in (field.id, field.title, *field.aliases):
                assert matcher.field_of(name) == field.id, (item.code, name)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("罚款金额", id="unit left out"),
        pytest.param("罚款金额（万元）", id="full-width brackets"),
        pytest.param("罚款金额(元)", id="another unit"),
        pytest.param("罚款金额(单位：万元)", id="unit with a word before it"),
        pytest.param(" 罚款 金额\n（万元） ", id="blanks and a line break"),
        pytest.param("*罚款金额(万元)", id="mark of a required field"),
        pytest.param("罚款金额(万元)*", id="mark behind"),
        pytest.param("罚款金额（必填）", id="note behind"),
        pytest.param("罚款金额【万元】", id="other brackets"),
        pytest.param("罚款金额：", id="colon behind"),
        pytest.param("ＣＦ_ＮＲ_ＦＫ", id="id in full width"),
        pytest.param("cf_nr_fk", id="id in small letters"),
    ],
)
def test_headings_match_however_they_are_dressed(penalty: Item, text: str):
    assert Matcher(penalty).field_of(text) == "CF_NR_FK"


@pytest.mark.parametrize("text", ["", "序号", "金额合计", "行政", "某某" * 80])
def test_a_heading_that_names_no_field_is_not_forced(penalty: Item, text: str):
    assert Matcher(penalty).field_of(text) is None


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("罚款金额（元）", "元"),
        ("罚款（单位：万元）", "万元"),
        ("罚款[亿元]", "亿元"),
        ("罚款金额", ""),
        ("元月罚款", ""),
    ],
)
def test_the_unit_of_a_heading_is_read(text: str, unit: str):
    assert unit_in(text) == unit


def test_title_lines_stand_above_the_header(penalty: Item):
    header = find_in([penalty], ["2026年行政处罚信息"], ["填报单位：示例局", "", "单位：万元"], [], SHORT)

    assert header is not None
    assert (header.row, header.last_row, header.matched) == (4, 4, 6)
    assert header.headings[0].field is None
    assert header.headings[5].letters == "F"


def test_a_file_without_headings_has_no_header(penalty: Item):
    assert find_in([penalty], ["甲", "乙", "丙"], ["1", "2", "3"]) is None


def test_a_header_in_two_rows_is_read_together(penalty: Item):
    upper = ["序号", "行政相对人", "", "处罚决定", "", "备注"]
    lower = ["", "名称", "代码_1", "书文号", "日期", ""]

    for merges in ([(0, 1, 0, 2), (0, 3, 0, 4), (0, 0, 1, 0), (0, 5, 1, 5)], []):
        header = find_in([penalty], upper, lower, ["1", "甲公司", "", "", "", ""], merges=merges)

        assert header is not None
        assert (header.row, header.last_row) == (1, 2)
        assert fields_of(header) == [None, "CF_XDR_MC", "CF_XDR_SHXYM", "CF_WSH", "CF_JDRQ", "BZ"]


def test_a_line_of_ids_under_the_header_belongs_to_it(penalty: Item):
    titles = [field.title for field in penalty.fields]
    ids = [field.id for field in penalty.fields]

    header = find_in([penalty], titles, ids, ["甲公司"])

    assert header is not None
    assert (header.row, header.last_row, header.matched) == (1, 2, len(ids))


def test_records_are_never_taken_for_a_second_header_row(penalty: Item):
    record = ["1", "厦门示例公司", "91350200MA00000000", "厦市监罚〔2026〕1号", "罚款", "2", "2026-01-05"]

    header = find_in([penalty], SHORT, record)

    assert header is not None
    assert header.last_row == 1


@pytest.mark.parametrize("code", ["XZXK_FR", "XZXK_ZRR", "XZCF_FR", "XZCF_ZRR"])
def test_the_item_is_known_by_its_headings(catalog: CatalogSet, code: str):
    titles = [field.title for field in catalog.item(code).fields]

    header = find_in(list(catalog.items.values()), titles)

    assert header is not None
    assert header.item == code


def test_shared_headings_are_decided_by_what_is_required(catalog: CatalogSet):
    headings = ["行政相对人名称", "行政处罚决定书文号", "处罚决定日期", "处罚类别", "证件类型", "证件号码"]

    header = find_in(list(catalog.items.values()), headings)

    assert header is not None
    assert header.item == "XZCF_ZRR"


def test_two_columns_for_one_field_are_named(penalty: Item):
    header = find_in([penalty], [*SHORT, "当事人"])
    assert header is not None

    with pytest.raises(FileRefused) as refused:
        header.refuse_doubles()

    assert (refused.value.code, refused.value.params["columns"]) == ("heading_doubled", "B、H")


def test_a_person_settles_what_the_headings_leave_open(penalty: Item):
    header = find_in([penalty], [*SHORT, "当事人"])
    assert header is not None

    settled = settle(header, {7: None, 0: "BZ"})

    settled.refuse_doubles()
    assert fields_of(settled)[0] == "BZ"
    assert fields_of(settled)[7] is None
