"""Texts become values and values texts: leniently, and the same value back."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.catalog.fieldtypes import TYPES, Unparsable, length, parse, show
from forms.catalog.schema import FieldType

OPEN_END = {"kind": "open_end", "value": "2099-12-31"}

READS = [
    ("string", "  厦门鹭潮食品有限公司\u3000", "厦门鹭潮食品有限公司"),
    ("text", "第一行\r\n第二行", "第一行\n第二行"),
    ("date", "2026年3月5日", "2026-03-05"),
    ("date", "2026.3.5", "2026-03-05"),
    ("date", "20260305", "2026-03-05"),
    ("date", "2026/03/05 00:00:00", "2026-03-05"),
    ("decimal", "1,234.50", "1234.5"),
    ("decimal", "１２３４", "1234"),
    ("decimal", "-0", "0"),
    ("decimal", "1E+2", "100"),
    ("int", "1,234", 1234),
    ("int", "12.0", 12),
    ("enum", "1", "1"),
    ("enum", "甲类", "1"),
    ("enum", " 乙 类", "2"),
    ("enum", "1.0", "1"),
    ("enum", "1-甲类", "1"),
    ("enum", "其他-丙类", {"code": "9", "text": "丙类"}),
    ("enum", "其它：丙类", {"code": "9", "text": "丙类"}),
    ("enum", "其他（丙类）", {"code": "9", "text": "丙类"}),
    ("enum", "其他", "9"),
    ("set", "甲类", ["1"]),
    ("set", "甲类;乙类", ["1", "2"]),
    ("set", "甲类；乙类", ["1", "2"]),
    ("set", "甲类、乙类", ["1", "2"]),
    ("set", "甲类,乙类，", ["1", "2"]),
    ("set", "1;2", ["1", "2"]),
    ("set", "乙类;甲类;乙类", ["2", "1"]),
    ("set", "甲类;其他-丙类;乙类", ["1", {"code": "9", "text": "丙类"}, "2"]),
    ("set", "其他-丙类、甲类", [{"code": "9", "text": "丙类"}, "1"]),
    ("set", "其他-丙、丁;甲类", [{"code": "9", "text": "丙、丁"}, "1"]),
]


@pytest.mark.parametrize(("kind", "text", "value"), READS, ids=[f"{r[0]} {r[1].strip()!r}" for r in READS])
def test_a_text_is_read_as_people_mean_it(kind, text, value, a_field):
    assert parse(a_field(kind), text) == value


REFUSED = [
    ("string", "   ", "blank", None),
    ("date", "", "blank", None),
    ("date", "尽快", "date_unreadable", None),
    ("date", "5/3/2026", "date_ambiguous", None),
    ("date", "45000", "date_serial", "2023-03-15"),
    ("date", "26-3-5", "date_short_year", "2026-03-05"),
    ("date", "长期", "long_term_not_here", None),
    ("decimal", "五", "not_a_number", None),
    ("decimal", "1.2.3", "not_a_number", None),
    ("int", "1.5", "not_whole", None),
    ("enum", "丙类", "not_in_code_set", None),
    ("set", "甲类;丁类", "not_in_code_set", None),
]


@pytest.mark.parametrize(
    ("kind", "text", "code", "suggestion"), REFUSED, ids=[f"{r[0]} {r[1]!r}" for r in REFUSED]
)
def test_what_is_not_clear_is_refused_never_guessed(kind, text, code, suggestion, a_field):
    with pytest.raises(Unparsable) as caught:
        parse(a_field(kind), text)

    assert (caught.value.code, caught.value.suggestion) == (code, suggestion)


def test_long_term_is_read_where_a_date_may_stay_open(a_field):
    field = a_field("date", OPEN_END)

    assert parse(field, "长期") == "2099-12-31"
    assert show(field, "2099-12-31") == "长期"


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("19.5", None, "19.5"),
        ("19.50", None, "19.5"),
        ("195,000元", None, "19.5"),
        ("十九万五千元", None, "19.5"),
        ("5千元", None, "0.5"),
        ("195000", "元", "19.5"),
        ("19.5万元", "元", "19.5"),
        ("-5", None, "-5"),
        ("0", None, "0"),
    ],
)
def test_money_is_read_into_wan(text, unit, value, penalty):
    assert parse(penalty.by_id["CF_NR_FK"], text, unit=unit) == value


def test_money_of_several_sums_is_refused_with_the_fine(penalty):
    with pytest.raises(Unparsable) as caught:
        parse(penalty.by_id["CF_NR_FK"], "罚没合计6.5万元，其中罚款5万元")

    assert (caught.value.code, caught.value.suggestion) == ("amount_several_one_fine", "5")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("uscc", " 91350200ma9yyyyy7y", "91350200MA9YYYYY7Y"),
        ("idcard", "11010519491231002x", "11010519491231002X"),
        ("orgcode", "MA9YYYYY-7", "MA9YYYYY7"),
        ("regno", "350200 999999998", "350200999999998"),
    ],
)
def test_an_identifier_is_put_into_its_proper_form(kind, text, value, a_field):
    assert parse(a_field("string", {"kind": kind}), text) == value


def test_names_of_codes_may_hold_separators(penalty):
    field = penalty.by_id["CF_CFLB"]

    assert parse(field, "罚款、没收违法所得，通报批评") == ["02", "03", "08"]
    assert parse(field, "法律、行政法规规定的其他行政处罚") == ["07"]
    assert parse(field, "法律、行政法规规定的其他行政处罚-责令改正;罚款") == [
        {"code": "07", "text": "责令改正"},
        "02",
    ]
    assert parse(field, "2;3") == ["02", "03"]


def test_a_length_counts_what_the_limit_counts(penalty):
    assert length(penalty.by_id["CF_XDR_MC"], "𠮷林厂") == 3
    assert length(penalty.by_id["CF_NR_FK"], "-19.5") == 3
    assert length(penalty.by_id["CF_CFLB"], ["02", {"code": "07", "text": "责令"}]) == len("罚款;其他-责令")


@pytest.mark.parametrize(
    ("field_id", "text", "value"),
    [
        ("CF_CFLB", "处罚款；吊销营业执照", ["02", "05"]),
        ("CF_CFLB", "暂扣许可证、执照；没收违法所得、没收非法财物", ["11", "03", "09"]),
        ("CF_CFLB", "其他行政处罚-责令改正、警告", [{"code": "07", "text": "责令改正"}, "01"]),
        ("CF_XDR_LB", "法人和非法人组织", "1"),
        ("CF_FR_ZJLX", "居民身份证", "1"),
        ("CF_FR_ZJLX", "其他-军官证", {"code": "9", "text": "军官证"}),
    ],
)
def test_codes_are_known_by_what_people_call_them(field_id, text, value, penalty):
    assert parse(penalty.by_id[field_id], text) == value


def test_every_type_has_its_class():
    assert set(TYPES) == set(FieldType.__args__)


# --- the same value back --------------------------------------------------------------------

LINE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp", "Cf"]), min_size=1
)
MEMBER = st.one_of(st.sampled_from(["1", "2"]), st.builds(lambda text: {"code": "9", "text": text}, LINE))
DAY = st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(date.isoformat)
DECIMAL = st.decimals(-(10**11), 10**11, places=6).map(lambda d: format(d.normalize() + 0, "f"))
VALUES = {
    "string": LINE,
    "text": st.lists(LINE, min_size=1).map("\n".join),
    "date": DAY,
    "decimal": DECIMAL,
    "int": st.integers(-(10**17), 10**17),
    "enum": MEMBER,
    "set": st.lists(MEMBER, min_size=1, unique_by=str),
    "attachment": st.lists(
        st.fixed_dictionaries(
            {
                "name": LINE,
                "size": st.integers(1, 10**8),
                "media_type": st.sampled_from(["image/png", "text/plain"]),
                "sha256": st.text("0123456789abcdef", min_size=64, max_size=64),
            }
        ),
        min_size=1,
    ),
    "group": st.lists(
        st.fixed_dictionaries(
            {"GOODS": st.one_of(LINE, st.sampled_from(["甲|乙", "丙\\", "\\n", "丁\n戊"]))},
            optional={"SUM": DECIMAL, "DAY": DAY},
        ),
        min_size=1,
    ),
}


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_a_value_that_is_shown_reads_as_itself(kind, a_field):
    field = a_field(kind, *([OPEN_END] if kind == "date" else []))

    @settings(deadline=None)
    @given(VALUES[kind])
    def same_back(value):
        assert parse(field, show(field, value)) == value

    same_back()


def test_each_value_of_the_shipped_items_reads_as_itself(catalog_set, a_record):
    for code in ("XZCF_FR", "XZCF_ZRR", "XZXK_FR", "XZXK_ZRR"):
        item = catalog_set.items[code]
        for field_id, value in a_record(code).items():
            field = item.by_id[field_id]
            assert parse(field, show(field, value)) == value


def test_each_code_of_the_shipped_items_reads_as_itself_by_name_and_by_code(catalog_set):
    for item in catalog_set.items.values():
        for field in item.fields:
            for code in field.code_set.codes if field.code_set else ():
                expected = [code.code] if field.type == "set" else code.code
                assert parse(field, code.code) == parse(field, show(field, expected)) == expected
                if field.type != "string" and code.name in field.code_set.by_name:
                    assert parse(field, code.name) == expected
