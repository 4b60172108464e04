"""One text of a kind: verdict, proper form, sentence."""

from __future__ import annotations

from contextlib import suppress
from time import perf_counter

import pytest

from forms.catalog.fieldtypes import Unparsable, parse
from forms.catalog.identifiers import KINDS, judge, sentence

CASES = [
    ("uscc", "91350200MA9YYYYY7Y", "91350200MA9YYYYY7Y", "ok", ""),
    ("uscc", " ９１３５０２００ma9yyyyy7y ", "91350200MA9YYYYY7Y", "ok", ""),
    ("uscc", "9135O200MA9YYYYY7Y", "91350200MA9YYYYY7Y", "warning", "letter_guessed"),
    ("uscc", "91350200MA9YYYYY7X", "91350200MA9YYYYY7X", "wrong", "uscc_check"),
    ("uscc", "91350200MA9YYYYO7Y", "91350200MA9YYYYO7Y", "wrong", "uscc_character"),
    ("uscc", "", None, "wrong", "identifier_blank"),
    ("uscc", "   ", None, "wrong", "identifier_blank"),
    ("ric", "11010519491231002x", "11010519491231002X", "ok", ""),
    ("ric", "110105491231002", "11010519491231002X", "warning", "ric_fifteen"),
    ("ric", "350203190002300001", "350203190002300001", "wrong", "ric_birth"),
    ("orgcode", "ma9yyyyy-7", "MA9YYYYY7", "ok", ""),
    ("regno", "3502001234567", "3502001234567", "warning", "regno_old"),
    ("regno", "350524NA000012X", "350524NA000012X", "ok", ""),
    ("division", "350203", "350203", "ok", ""),
    ("division", "350681", "350681", "warning", "division_replaced"),
    ("division", "350901", "350901", "warning", "division_withdrawn"),
    ("division", "359999", "359999", "wrong", "division_unknown"),
    ("division", "3502", "3502", "wrong", "division_form"),
    ("docno", "厦市监罚[2026]第12号", "厦市监罚〔2026〕12号", "ok", ""),
    ("docno", "空", "空", "warning", "docno_none"),
    ("amount", "十九万五千元", "19.5", "ok", ""),
    ("amount", "19.5", "19.5", "warning", "amount_bare"),
    ("amount", "无", None, "wrong", "amount_unreadable"),
    ("date", "2026年3月5日", "2026-03-05", "ok", ""),
    ("date", "45000", "2023-03-15", "warning", "date_serial"),
    ("date", "2026-02-30", None, "wrong", "date_impossible"),
]


@pytest.mark.parametrize(
    ("kind", "text", "normal", "verdict", "code"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES]
)
def test_a_text_is_judged(kind, text, normal, verdict, code, today):
    found = judge(kind, text, today=today)

    assert (found.value, found.normal, found.verdict, found.code) == (text, normal, verdict, code)
    assert bool(sentence(found)) == (verdict != "ok")
    assert "{" not in sentence(found)


def test_these_kinds_are_known():
    assert set(KINDS) == {"uscc", "ric", "orgcode", "regno", "docno", "amount", "date", "division"}


def test_an_unknown_kind_is_a_key_error(today):
    with pytest.raises(KeyError):
        judge("passport", "E1", today=today)


def test_what_is_normal_is_judged_fine_again(today):
    """Judging twice changes nothing; only a bare amount stays doubtful."""
    for kind, text, normal, verdict, _ in CASES:
        if verdict == "ok":
            again = judge(kind, normal, today=today)
            assert again.normal == normal, (kind, text)


def test_two_thousand_credit_codes_a_second_are_judged(today):
    codes = [f"91350200MA9Y{n:04d}7Y" for n in range(2_000)]
    start = perf_counter()
    for code in codes:
        judge("uscc", code, today=today)

    assert perf_counter() - start < 1


LONG = [
    "1" * 20_000,
    "一" * 20_000,
    "1," * 9_000,
    "2026-03-05" * 2_000,
    "罚款1元" * 5_000,
    "[2026]" * 3_000,
    " " * 20_000 + "x",
]


@pytest.mark.parametrize("text", LONG, ids=[text[:6] for text in LONG])
def test_a_text_without_end_is_judged_at_once(text, today, catalog_set):
    """A cell may hold anything: no pattern may run away with it, no number may be too big to be refused."""
    start = perf_counter()
    for kind in KINDS:
        judge(kind, text, today=today)
    for field in catalog_set.items["XZCF_FR"].fields:
        with suppress(Unparsable):
            parse(field, text)

    assert perf_counter() - start < 5
