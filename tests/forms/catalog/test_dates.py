"""Dates as people write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.catalog.dates import judge_date, read_date

TODAY = date(2026, 11, 24)
FIFTH = [
    "2026年3月5日",
    "2026年03月05日",
    "2026.3.5",
    "2026.03.05",
    "20260305",
    "2026/3/5",
    "2026-3-5",
    "2026\\3\\5",
    "２０２６年３月５日",
    "２０２６－０３－０５",
    "2026 年 3 月 5 日",
    "二〇二六年三月五日",
    "二○二六年三月五日",
    "二零二六年三月五号",
    "2026-03-05 00:00:00",
    "2026-03-05T08:30:00Z",
    "2026/3/5 9:30",
    "2026年3月5日上午9时30分",
    "2026年3月5日（星期四）",
    "2026—3—5",
    "2026.3.5.",
    "2026。3。5",
    "2026、3、5",
    "2026 3 5",
    "公元2026年3月5日",
    "2026年3月5号",
    " 2026-03-05 ",
    "\ufeff2026-03-05",
    "'2026-03-05",
    "Mar 5, 2026",
    "5-Mar-2026",
    "5 March 2026",
    "2026-03-05 星期四",
    "2026、3、5".replace("、", ","),
    "2026_03_05",
]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026年元月5日", "2026-01-05"),
        ("二〇二六年一月廿五日", "2026-01-25"),
        ("二〇二六年五月卅日", "2026-05-30"),
    ],
)
def test_names_of_the_first_month_and_of_tens_are_read(text, day):
    assert judge_date(text, TODAY).normal == day


@pytest.mark.parametrize("text", FIFTH)
def test_the_fifth_of_march_in_all_its_ways(text):
    assert read_date(text, TODAY) == read_date("2026-03-05", TODAY)
    assert judge_date(text, TODAY).normal == "2026-03-05"
    assert judge_date(text, TODAY).verdict == "ok"


@pytest.mark.parametrize(
    "text", ["长期", " 长期 ", "长期有效", "永久", "2099/12/31", "2099年12月31日", "无固定期限"]
)
def test_long_term_is_the_last_day_of_2099(text):
    assert judge_date(text, TODAY).normal == "2099-12-31"


@pytest.mark.parametrize(
    ("text", "normal", "code"),
    [
        ("45000", "2023-03-15", "date_serial"),
        ("45000.75", "2023-03-15", "date_serial"),
        ("26.3.5", "2026-03-05", "date_short_year"),
        ("98-1-2", "1998-01-02", "date_short_year"),
        ("26年3月5日", "2026-03-05", "date_short_year"),
        ("05-Mar-26", "2026-03-05", "date_short_year"),
    ],
)
def test_what_has_to_be_guessed_is_doubtful(text, normal, code):
    verdict = judge_date(text, TODAY)

    assert (verdict.normal, verdict.verdict, verdict.code) == (normal, "warning", code)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5/3/2026", "date_ambiguous"),
        ("03-05-2026", "date_ambiguous"),
        ("2026-02-30", "date_impossible"),
        ("20261301", "date_impossible"),
        ("2026年3月", "date_incomplete"),
        ("202603", "date_incomplete"),
        ("2026", "date_incomplete"),
        ("3月5日", "date_incomplete"),
        ("2026-03-05至2027-03-04", "date_several"),
        ("0206-03-05", "date_year"),
        ("尽快", "date_unreadable"),
        ("1741132800000", "date_unreadable"),
        ("1741132800", "date_unreadable"),
        ("", "date_blank"),
        ("  ", "date_blank"),
        ("二〇二六年十三月五日", "date_impossible"),
        ("99999", "date_unreadable"),
        ("#N/A", "date_unreadable"),
    ],
)
def test_what_cannot_be_told_is_wrong(text, code):
    verdict = judge_date(text, TODAY)

    assert (verdict.normal, verdict.verdict, verdict.code) == (None, "wrong", code)


@pytest.mark.parametrize("text", ["25/3/2026", "3/25/2026", "03/03/2026"])
def test_a_day_that_cannot_be_a_month_settles_the_order(text):
    assert judge_date(text, TODAY).verdict == "ok"


@settings(deadline=None)
@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.sampled_from(
        [
            "{0.year}年{0.month}月{0.day}日",
            "{0:%Y%m%d}",
            "{0:%Y-%m-%d}",
            "{0.year}/{0.month}/{0.day}",
            "{0.year}.{0.month:02d}.{0.day:02d}",
            "{0:%Y-%m-%d} 00:00:00",
        ]
    ),
)
def test_every_day_reads_as_itself(day, form):
    assert read_date(form.format(day), TODAY).day == day


@settings(deadline=None)
@given(st.text())
def test_no_text_is_too_odd_to_be_judged(text):
    verdict = judge_date(text, TODAY)

    assert (verdict.normal is None) == (verdict.verdict == "wrong")
