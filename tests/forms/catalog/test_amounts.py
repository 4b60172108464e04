"""Amounts as decisions and spreadsheets write them → 万元."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.catalog.amounts import judge_amount
from forms.catalog.numerals import NoNumber, decimal_number, whole_number

CLEAR = [
    ("19.5万", "19.5"),
    ("19.5万元", "19.5"),
    ("十九万五千元", "19.5"),
    ("5,000元", "0.5"),
    ("5，000元", "0.5"),
    ("5千元", "0.5"),
    ("罚款人民币十九万五千元", "19.5"),
    ("80万", "80"),
    ("罚款5万元", "5"),
    ("￥5,000.00", "0.5"),
    ("¥5000", "0.5"),
    ("人民币5000元整", "0.5"),
    ("RMB 5000", "0.5"),
    ("5元5角", "0.00055"),
    ("五百元", "0.05"),
    ("1.2亿元", "12000"),
    ("2百元", "0.02"),
    ("0.01元", "0.000001"),
    ("5万5千元", "5.5"),
    ("19万5千元", "19.5"),
    ("一万零五百元", "1.05"),
    ("1万零500元", "1.05"),
    ("5 000元", "0.5"),
    ("0元", "0"),
    ("伍仟元整", "0.5"),
    ("壹拾玖万伍仟元整（195000元）", "19.5"),
    ("大写：贰佰元整", "0.02"),
    ("十九点五万元", "19.5"),
    ("５万元", "5"),
    ("12万3456.78元", "12.345678"),
    ("两万元", "2"),
    ("3万元人民币", "3"),
    ("100元", "0.01"),
    ("一九五〇〇〇元", "19.5"),
    ("19.500000万元", "19.5"),
    ("2026年罚款3千元", "0.3"),
    ("人民币壹拾玖万伍仟元正", "19.5"),
    ("5000元3角2分", "0.500032"),
    ("一百二十三元四角五分", "0.012345"),
    ("2026-3-5罚款5000元", "0.5"),
    ("伍千圆整", "0.5"),
    ("19.5萬", "19.5"),
    ("１９．５万", "19.5"),
    ("二万零五元", "2.0005"),
    ("十九万零五百", "19.05"),
]
DOUBTFUL = [
    ("80", "80", "amount_bare"),
    ("19.50", "19.5", "amount_bare"),
    ("1,234", "1234", "amount_bare"),
    ("1E+05", "100000", "amount_bare"),
    ("0", "0", "amount_bare"),
    ("二十", "20", "amount_bare"),
    ("罚款 5", "5", "amount_bare"),
    ("5万5", "5.5", "amount_spoken"),
    ("十九万五", "19.5", "amount_spoken"),
    ("一百五元", "0.015", "amount_spoken"),
    ("罚没合计6.5万元，其中罚款5万元", "5", "amount_several_one_fine"),
    ("没收违法所得2000元并处罚款1万元", "1", "amount_several_one_fine"),
]
WRONG = [
    ("", "amount_blank"),
    ("无", "amount_unreadable"),
    ("警告", "amount_unreadable"),
    ("万元", "amount_unreadable"),
    ("3000美元", "amount_other_unit"),
    ("5%", "amount_other_unit"),
    ("-5元", "amount_negative"),
    ("-5", "amount_negative"),
    ("0.001元", "amount_too_fine"),
    ("0.0000001", "amount_too_fine"),
    ("1,2", "amount_commas"),
    ("5,0000元", "amount_commas"),
    ("1000000000000000万", "amount_too_much"),
    ("罚款2万元，罚款3万元", "amount_several"),
    ("罚款壹万元（1000元）", "amount_contradiction"),
    ("1万元-2万元", "amount_range"),
    ("1-2万元", "amount_range"),
    ("1至2万元", "amount_range"),
    ("1~2万", "amount_range"),
    ("五千元到一万元", "amount_range"),
    ("5000元以下", "amount_about"),
    ("5万元（含）以上", "amount_about"),
    ("不超过5万元", "amount_about"),
    ("约十万元", "amount_about"),
    ("2万余元", "amount_about"),
    ("5000元左右", "amount_about"),
    ("5000元/月", "amount_other_unit"),
    ("5.5.5万", "amount_unreadable"),
    ("3/5万", "amount_unreadable"),
]


@pytest.mark.parametrize(("text", "normal"), CLEAR, ids=[text for text, _ in CLEAR])
def test_an_amount_with_its_unit_is_clear(text, normal):
    verdict = judge_amount(text)

    assert (verdict.normal, verdict.verdict, verdict.code) == (normal, "ok", "")


@pytest.mark.parametrize(("text", "normal", "code"), DOUBTFUL, ids=[text for text, *_ in DOUBTFUL])
def test_what_has_to_be_guessed_is_doubtful(text, normal, code):
    verdict = judge_amount(text)

    assert (verdict.normal, verdict.verdict, verdict.code) == (normal, "warning", code)


@pytest.mark.parametrize(("text", "code"), WRONG, ids=[text or "empty" for text, _ in WRONG])
def test_what_cannot_be_told_is_wrong(text, code):
    verdict = judge_amount(text)

    assert (verdict.normal, verdict.verdict, verdict.code) == (None, "wrong", code)


def test_a_bare_number_counts_what_its_heading_says():
    assert judge_amount("5000", "元").normal == "0.5"
    assert judge_amount("5万元", "元").normal == "5"


@settings(deadline=None)
@given(st.integers(0, 10**12))
def test_every_sum_of_fen_is_read_exactly(fen):
    yuan = Decimal(fen) / 100
    verdict = judge_amount(f"{yuan:,.2f}元")

    assert verdict.verdict == "ok"
    assert Decimal(verdict.normal) * 10_000 == yuan


@settings(deadline=None)
@given(st.text())
def test_no_text_is_too_odd_to_be_judged(text):
    verdict = judge_amount(text)

    assert (verdict.normal is None) == (verdict.verdict == "wrong")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("零", 0),
        ("十", 10),
        ("十九", 19),
        ("二十", 20),
        ("一百零五", 105),
        ("一千零五十", 1050),
        ("两千", 2000),
        ("十九万五千", 195_000),
        ("壹拾玖万伍仟", 195_000),
        ("一亿零三万", 100_030_000),
        ("二〇二六", 2026),
        ("九千九百九十九", 9999),
    ],
)
def test_chinese_numbers_are_read(text, number):
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", "百", "五五百", "十百", "一万万", "三x", "千五百万亿"])
def test_what_nobody_writes_is_no_number(text):
    if text == "百":
        assert whole_number(text) == 100  # 百 alone is said for a hundred
        return
    with pytest.raises(NoNumber):
        whole_number(text)


def test_decimals_may_stand_before_a_step():
    assert decimal_number("十九点五万") == 195_000
    assert decimal_number("三点一四") == Decimal("3.14")
