"""One decision number, written in many ways, is one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.catalog.docno import docno_form, judge_docno, says_none

SAME = [
    "厦市监罚〔2026〕12号",
    "厦市监罚[2026]12号",
    "厦市监罚(2026)12号",
    "厦市监罚（2026）12号",
    "厦市监罚【2026】12号",
    "厦市监罚﹝2026﹞12号",
    "厦市监罚［2026］12号",
    "厦市监罚〔2026〕第12号",
    "厦市监罚〔2026〕12",
    " 厦市监罚 〔2026〕 12 号 ",
    "厦市监罚〔２０２６〕１２号",
    "厦市监罚〔2026年〕12号",
    "厦市监罚〔2026〕\u200b12号",
]


@pytest.mark.parametrize("text", SAME)
def test_all_ways_of_writing_compare_equal(text):
    assert docno_form(text) == "厦市监罚〔2026〕12号"
    assert judge_docno(text).value == text


@pytest.mark.parametrize(
    "text",
    [
        "厦市监罚〔2026〕13号",
        "厦市监罚〔2025〕12号",
        "漳市监罚〔2026〕12号",
        "厦市监罚〔2026〕012号",
        "厦市监（思）罚〔2026〕12号",
    ],
)
def test_other_numbers_stay_others(text):
    assert docno_form(text) != "厦市监罚〔2026〕12号"


def test_brackets_within_the_name_compare_equal_too():
    assert (
        docno_form("厦市监(思)罚[2026]12号")
        == docno_form("厦市监〔思〕罚〔2026〕12号")
        == "厦市监（思）罚〔2026〕12号"
    )


@pytest.mark.parametrize(
    "text",
    [
        "泉环罚〔2026〕23—24号",
        "泉环罚〔2026〕23-24号",
        "泉环罚〔2026〕23号至24号",
        "泉环罚[2026]第23至第24号",
    ],
)
def test_a_range_is_kept_and_doubtful(text):
    verdict = judge_docno(text)

    assert (verdict.normal, verdict.code) == ("泉环罚〔2026〕23—24号", "docno_range")


@pytest.mark.parametrize("text", ["空", "无", " 无文号 ", "/", "—"])
def test_a_word_for_none_is_doubtful(text):
    assert says_none(text)
    assert judge_docno(text).code == "docno_none"


@pytest.mark.parametrize("text", ["JY13506020000012", "A-12-34", "第12号"])
def test_a_number_of_another_kind_is_left_as_it_is(text):
    assert docno_form(text) == text


def test_nothing_is_wrong():
    assert judge_docno("  ").verdict == "wrong"


@settings(deadline=None)
@given(st.text())
def test_the_form_of_a_form_is_itself(text):
    assert docno_form(docno_form(text)) == docno_form(text)
