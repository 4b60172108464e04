"""The validator: all problems at once, shapes, codes as of a day, answers, the natural key."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.catalog.check import check, natural_key, unanswered
from forms.catalog.messages import sentence
from forms.catalog.problems import Answer, Problem
from forms.seal.canonical import canonical


def found(item, record, today) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in check(item, record, reported_on=today)]


def test_all_problems_are_found_in_the_order_of_the_fields(penalty, a_record, today):
    record = a_record(
        CF_XDR_MC=None, CF_XDR_SHXYM="91350200MA9YYYYY7X", CF_NR_FK=None, CF_YXQ="2026-13-01", MORE="1"
    )

    assert found(penalty, record, today) == [
        ("CF_XDR_MC", "required_missing"),
        ("CF_XDR_SHXYM", "uscc_check"),
        ("CF_NR_FK", "required_if"),
        ("CF_YXQ", "not_a_date"),
        ("MORE", "unknown_field"),
    ]


def test_an_empty_record_misses_exactly_what_is_required(penalty, today):
    assert found(penalty, {}, today) == [(f.id, "required_missing") for f in penalty.fields if f.required]


SHAPES = [
    ("string", 7, "wrong_shape"),
    ("string", ["甲"], "wrong_shape"),
    ("string", {"code": "1"}, "wrong_shape"),
    ("string", "", "blank"),
    ("string", " \u3000", "blank"),
    ("string", None, "blank"),
    ("string", "undefined", "placeholder"),
    ("string", "NULL", "placeholder"),
    ("string", "#N/A", "placeholder"),
    ("string", "一\n二", "control_characters"),
    ("string", "一\x00二", "control_characters"),
    ("string", "一\t二", "control_characters"),
    ("text", "一\x0b二", "control_characters"),
    ("string", "一\u200b二", "invisible_characters"),
    ("string", "\ufeff一", "invisible_characters"),
    ("string", "一\ufffd", "broken_characters"),
    ("string", "一\ud800", "broken_characters"),
    ("string", " 一", "outer_blanks"),
    ("string", "一\u3000", "outer_blanks"),
    ("string", "一" * 11, "too_long"),
    ("date", "2026-02-30", "not_a_date"),
    ("date", "2026/03/05", "not_a_date"),
    ("date", "20260305", "not_a_date"),
    ("date", "2026-3-5", "not_a_date"),
    ("date", "２０２６-03-05", "not_a_date"),
    ("date", 20260305, "wrong_shape"),
    ("date", "2026-W10-4", "not_a_date"),
    ("date", " ", "blank"),
    ("decimal", 5, "wrong_shape"),
    ("decimal", 5.5, "wrong_shape"),
    ("decimal", "五", "not_a_number"),
    ("decimal", "1,000", "not_a_number"),
    ("decimal", "-0", "not_a_number"),
    ("decimal", "05", "not_a_number"),
    ("decimal", ".5", "not_a_number"),
    ("decimal", "1e3", "not_a_number"),
    ("decimal", "5.10", "decimal_form"),
    ("decimal", "0.1234567", "too_many_decimals"),
    ("decimal", "1234567890123", "too_many_digits"),
    ("int", "5", "wrong_shape"),
    ("int", True, "wrong_shape"),
    ("int", 5.0, "wrong_shape"),
    ("int", 12345678901, "too_many_digits"),
    ("enum", 1, "wrong_shape"),
    ("enum", ["1"], "wrong_shape"),
    ("enum", "7", "not_in_code_set"),
    ("enum", "", "blank"),
    ("enum", "甲类", "not_in_code_set"),
    ("enum", "9", "other_text_missing"),
    ("enum", {"code": "9", "text": " "}, "other_text_missing"),
    ("enum", {"code": "9"}, "wrong_shape"),
    ("enum", {"code": "9", "text": "丙", "more": "丁"}, "wrong_shape"),
    ("enum", {"code": 9, "text": "丙"}, "wrong_shape"),
    ("enum", {"code": "9", "text": 3}, "wrong_shape"),
    ("enum", {"code": "1", "text": "丙"}, "other_text_unwanted"),
    ("enum", {"code": "9", "text": "丙\n丁"}, "control_characters"),
    ("enum", {"code": "9", "text": "null"}, "placeholder"),
    ("enum", {"code": "9", "text": "丙" * 8}, "too_long"),
    ("set", "1", "wrong_shape"),
    ("set", [], "blank"),
    ("set", {"code": "9", "text": "丙"}, "wrong_shape"),
]
SIZES = {"string": 10, "text": 10, "enum": 10, "int": 10}


@pytest.mark.parametrize(
    ("kind", "value", "code"), SHAPES, ids=[f"{s[0]} {str(s[1])[:12]!r} {s[2]}" for s in SHAPES]
)
def test_a_value_of_the_wrong_shape_is_one_problem(kind, value, code, an_item, field_entry, today):
    item = an_item(field_entry("X", kind, **({"max_length": SIZES[kind]} if kind in SIZES else {})))

    assert found(item, {"X": value}, today) == [("X", code)]


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        (["1", "2"], []),
        (["1", "1"], [("X/1", "code_doubled")]),
        (["1", 7, None], [("X/1", "wrong_shape"), ("X/2", "wrong_shape")]),
        (["7", "9"], [("X/0", "not_in_code_set"), ("X/1", "other_text_missing")]),
        ([{"code": "9", "text": "丙"}, {"code": "9", "text": "丁"}], []),
        ([{"code": "9", "text": "丙"}, {"code": "9", "text": "丙"}], [("X/1", "code_doubled")]),
        ([{"code": "9", "text": "丙" * 20}], [("X/0", "too_long")]),
        ([{"code": "9", "text": "丙" * 9}, "1"], [("X", "too_long")]),
    ],
)
def test_the_members_of_a_set_are_judged_each_at_its_place(value, problems, an_item, field_entry, today):
    item = an_item(field_entry("X", "set", max_length=12))

    assert found(item, {"X": value}, today) == problems


def test_text_may_run_over_lines_and_rare_characters_are_fine(an_item, field_entry, today):
    item = an_item(field_entry("X", "text"), field_entry("Y"))

    assert found(item, {"X": "第一行\n第二行\t续", "Y": "𠮷·\ue000林"}, today) == []


def test_a_length_counts_characters_not_bytes(an_item, field_entry, today):
    item = an_item(field_entry("X", max_length=2))

    assert found(item, {"X": "𠮷林"}, today) == []


def test_a_suggestion_is_given_where_it_is_proved(penalty, a_record, today):
    record = a_record(
        CF_XDR_MC=" 厦门鹭潮食品有限公司",
        CF_XDR_SHXYM="91350200ma9yyyyy7y",
        CF_CFJGDM="1135O500MA9YYYYY7N",
        CF_NR_FK="5.0",
        CF_YXQ="9999-12-31",
        CF_FR_ZJHM="110105491231002",
    )
    suggestions = {p.field_id: p.suggestion for p in check(penalty, record, reported_on=today)}

    assert suggestions == {
        "CF_XDR_MC": "厦门鹭潮食品有限公司",
        "CF_XDR_SHXYM": "91350200MA9YYYYY7Y",
        "CF_CFJGDM": "11350500MA9YYYYY7N",
        "CF_NR_FK": "5",
        "CF_YXQ": "2099-12-31",
        "CF_FR_ZJHM": "11010519491231002X",
    }


def test_a_wrong_check_character_has_no_suggestion(penalty, a_record, today):
    """Nobody knows which of the characters is wrong; a "right" one would only hide it."""
    problems = check(penalty, a_record(CF_XDR_SHXYM="91350200MA9YYYYY7X"), reported_on=today)

    assert [(p.code, p.suggestion) for p in problems] == [("uscc_check", None)]


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        ("2019-12-31", ["code_not_yet"]),
        ("2020-01-01", []),
        ("2021-12-31", []),
        ("2022-01-01", ["code_no_more"]),
    ],
)
def test_a_code_is_judged_as_of_the_date_of_the_act(day, codes, files, today):
    files.code_sets["KIND"]["codes"][0] |= {"since": "2020-01-01", "until": "2021-12-31"}
    files.item |= {"act_on": "DAY"}
    files.item["fields"] = [files.field("NAME"), files.field("X", "enum"), files.field("DAY", "date")]
    item = files.load()

    assert [code for _, code in found(item, {"X": "1", "DAY": day}, today)] == codes


@pytest.mark.parametrize("act", [None, "2020-02-30"], ids=["no act date", "an act date that is none"])
def test_without_a_date_of_the_act_a_code_is_judged_as_of_the_reporting_day(act, files):
    files.code_sets["KIND"]["codes"][0] |= {"until": "2021-12-31"}
    files.item |= {"act_on": "DAY"}
    files.item["fields"] = [files.field("NAME"), files.field("X", "enum"), files.field("DAY", "date")]
    item = files.load()
    record = {"X": "1"} | ({"DAY": act} if act else {})

    assert ("X", "code_no_more") in found(item, record, date(2022, 1, 1))
    assert ("X", "code_no_more") not in found(item, record, date(2021, 1, 1))


def test_a_text_with_codes_takes_only_those(an_item, field_entry, today):
    item = an_item(field_entry("X", code_set="KIND"))

    assert found(item, {"X": "1"}, today) == []
    assert found(item, {"X": "7"}, today) == [("X", "not_in_code_set")]


def test_the_pilot_codes_are_doubts_that_can_be_answered(penalty, a_record, today):
    problems = check(penalty, a_record(CF_XDR_SHXYM="91350100M000100Y44"), reported_on=today)

    assert [(p.code, p.severity, p.answerable) for p in problems] == [("uscc_pilot_check", "warning", True)]
    assert unanswered(problems, []) == problems
    assert unanswered(problems, [Answer("CF_XDR_SHXYM", "uscc_pilot_check", "营业执照核对无误")]) == []


def test_only_a_reason_answers_and_only_its_own_warning():
    warning = Problem("A", "long_ago", "warning", answerable=True)
    error = Problem("B", "uscc_check")
    hint = Problem("C", "formula_value_taken", "warning")

    assert unanswered([warning, error, hint], []) == [warning, error]
    assert unanswered([warning], [Answer("A", "long_ago", "  ")]) == [warning]
    assert unanswered([warning], [Answer("A", "name_short", "是")]) == [warning]
    assert unanswered([error], [Answer("B", "uscc_check", "是")]) == [error]


def test_the_same_act_has_the_same_natural_key(penalty, a_record):
    key = natural_key(penalty, a_record())

    assert key == "XZCF_FR 厦市监罚〔2026〕12号 厦门鹭潮食品有限公司"
    assert (
        natural_key(penalty, a_record(CF_WSH="厦市监罚[2026]第12号", CF_XDR_MC="厦门 鹭潮食品有限公司"))
        == key
    )
    assert natural_key(penalty, a_record(CF_XDR_MC="鹭潮(厦门)食品")) == natural_key(
        penalty, a_record(CF_XDR_MC="鹭潮（厦门）食品")
    )
    assert natural_key(penalty, a_record(CF_WSH="厦市监罚〔2026〕13号")) != key


@pytest.mark.parametrize("change", [{"CF_WSH": None}, {"CF_XDR_MC": " "}, {"CF_WSH": "空"}, {"CF_WSH": "无"}])
def test_without_one_of_its_parts_there_is_no_natural_key(change, penalty, a_record):
    assert natural_key(penalty, a_record(**change)) is None


def test_an_item_without_a_natural_key_has_none(an_item):
    assert natural_key(an_item(natural_key=[]), {"NAME": "甲"}) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def test_no_json_is_too_odd_to_be_checked(penalty, a_record, today):
    """Whatever comes over the wire, the answer is problems, each with a sentence, and never a crash."""
    ids = [field.id for field in penalty.fields]

    @settings(deadline=None)
    @given(st.dictionaries(st.sampled_from(ids) | st.text(), JSON, max_size=4))
    def judged(changes):
        record = a_record() | changes
        for problem in check(penalty, record, reported_on=today):
            assert sentence(problem, penalty)
            assert problem.severity == "error" or problem.answerable

    judged()


def test_what_passes_can_be_digested(catalog_set, a_record, today):
    for code in ("XZCF_FR", "XZCF_ZRR", "XZXK_FR", "XZXK_ZRR"):
        item, record = catalog_set.items[code], a_record(code)
        assert check(item, record, reported_on=today) == []
        assert canonical(record)


def test_checking_leaves_the_record_and_the_item_as_they_were(penalty, a_record, today):
    record = a_record(CF_NR_FK="0")
    first = check(penalty, record, reported_on=today)

    assert record == a_record(CF_NR_FK="0")
    assert check(penalty, record, reported_on=today) == first
