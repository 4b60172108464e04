"""The sentences of a derivation, as a handler reads them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from forms.law import clocks, words
from forms.law.calendar import Calendar
from forms.law.clocks import Event
from forms.law.rulesets import load

RESOURCES = Path(__file__).parents[3] / "resources"
CALENDAR = Calendar.load(RESOURCES / "calendars")
SETS = load(RESOURCES / "legal" / "rules")
HENAN = SETS["henan-objection"]


def test_a_date_opens_to_its_derivation():
    clock = HENAN.clock("handle_assisted")
    assert clock is not None
    events = [
        Event("received", date(2026, 9, 18)), Event("suspended", date(2026, 9, 22)),
        Event("resumed", date(2026, 9, 29)),
    ]  # fmt: skip

    found = clocks.due(clock, events, CALENDAR, date(2026, 9, 30))

    assert words.derivation(found.steps) == (
        "2026年9月18日收到申请，当日不计入，从次日起算。",
        "期限7个工作日。",
        "2026年9月19日至2026年9月22日，计3个工作日；9月20日调休上班计入。",
        "2026年9月22日暂停、2026年9月29日恢复，其间不计入。",
        "2026年9月30日至2026年10月10日，计4个工作日；10月1日至2日、10月5日至7日放假不计；10月10日调休上班计入。",
        "到期日：2026年10月10日。",
    )
    assert words.due_words(found) == "2026年10月10日到期，还有3个工作日"


@pytest.mark.parametrize(
    ("name", "clock", "events", "today", "said"),
    [
        ("henan", "provider_decide", [], "2026-11-03", "未起算"),
        ("henan", "provider_decide", [("accepted", "2026-11-02")], "2026-11-05",
         "2026年11月5日到期，今天到期"),
        ("henan", "provider_decide", [("accepted", "2026-11-02")], "2026-11-09",
         "2026年11月5日到期，已过2个工作日"),
        ("henan", "provider_decide", [("accepted", "2026-11-02"), ("suspended", "2026-11-03")], "2026-11-09",
         "暂停计时，还余2个工作日"),
        ("henan", "provider_decide", [("accepted", "2026-12-31")], "2026-12-31",
         "2027年1月4日（暂定，最早）到期，还有3个工作日"),
        ("shenzhen", "annotate", [("received", "2026-11-02")], "2026-11-03", "立即"),
        ("fujian", "accept", [("received", "2026-11-02")], "2026-11-03", "天数未查到"),
        ("credit-agency", "handle", [("received", "2026-11-02")], "2026-11-03",
         "2026年11月23日到期，还有20天"),
    ],
)  # fmt: skip
def test_a_clock_is_told_in_a_few_words(
    name: str, clock: str, events: list[tuple[str, str]], today: str, said: str
):
    asked = SETS[f"{name}-objection"].clock(clock)
    assert asked is not None
    past = [Event(kind, date.fromisoformat(on)) for kind, on in events]

    assert words.due_words(clocks.due(asked, past, CALENDAR, date.fromisoformat(today))) == said


def test_an_extension_says_who_granted_it_and_what_of_it_counts():
    clock = SETS["shenzhen-objection"].clock("provider_decide")
    assert clock is not None
    granted = {"clock": clock.id, "days": 5, "by": "林主任"}
    events = [Event("accepted", date(2026, 11, 2)), Event("extended", date(2026, 11, 3), granted)]

    said = words.derivation(clocks.due(clock, events, CALENDAR, date(2026, 11, 4)).steps)

    assert "2026年11月3日延长5个工作日，批准人：林主任；超出可以延长的限度，只计3个工作日。" in said


def test_a_moved_and_a_provisional_date_say_so():
    clock = replace(SETS["credit-agency-objection"].clocks[1], length=5)

    moved = clocks.due(clock, [Event("received", date(2026, 9, 28))], CALENDAR, date(2026, 9, 29))
    early = clocks.due(clock, [Event("received", date(2026, 12, 28))], CALENDAR, date(2026, 12, 29))

    assert words.derivation(moved.steps)[-2:] == (
        "2026年10月3日是休息日，顺延至2026年10月8日。", "到期日：2026年10月8日。",
    )  # fmt: skip
    assert words.derivation(early.steps)[-2:] == (
        "还没有2027年的放假通知，只能算出最早的日期，暂定。", "到期日最早为2027年1月2日（暂定）。",
    )  # fmt: skip


def test_every_code_has_its_word():
    assert set(words.EVENTS) == set(clocks.EVENT_KINDS)
    assert set(words.STATES) == set(get_args(clocks.State))
    assert set(words.PROVENANCE) == set(clocks.PROVENANCES)
