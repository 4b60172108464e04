"""The sentence of truth: what is said first, and that nothing is called delivered that is not known to be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from client.sync.plan import LINK, REFUSED
from client.ui import messages
from client.ui.sync.facts import LineFacts
from client.ui.sync.short import SHORT
from client.ui.sync.spans import ago, amount, lasting
from client.ui.sync.status import notices, queue_words, words

NOW = datetime(2026, 11, 24, 2, 42, tzinfo=UTC)
JUST_NOW = NOW - timedelta(seconds=20)
LATER = NOW + timedelta(minutes=4)


def facts(**given: Any) -> LineFacts:
    return LineFacts(**{"signed_in": True, "now": NOW, "last_contact_at": JUST_NOW} | given)


@pytest.mark.parametrize(
    ("given", "short", "tone"),
    [
        pytest.param({"running": True, "going": (120, 500)}, "正在报送 120/500", "info", id="running"),
        pytest.param(
            {"running": True, "going": (120, 500), "left_s": 130.0},
            "正在报送 120/500 · 约 3 分钟",
            "info",
            id="running on a slow line",
        ),
        pytest.param({"running": True}, "正在联系平台", "info", id="greeting"),
        pytest.param({"blocked": 2, "queued": 9}, "2 条已隔离 · 9 条待发", "bad", id="blocked goes first"),
        pytest.param({"signed_in": False, "queued": 12}, "12 条待发 · 未联网登录", "warn", id="no sign-in"),
        pytest.param({"signed_in": False}, "未联网登录", "plain", id="no sign-in, nothing waits"),
        pytest.param(
            {"error": "no_connection", "down_since_at": NOW, "next_try_at": LATER, "queued": 3},
            "3 条待发 · 离线（10:42 起）",
            "warn",
            id="down",
        ),
        pytest.param(
            {"error": "portal", "down_since_at": NOW, "next_try_at": LATER},
            "网络要求先登录（10:42 起）",
            "warn",
            id="a portal",
        ),
        pytest.param(
            {"error": "maintenance", "next_try_at": LATER, "queued": 3},
            "3 条待发 · 平台说：正在维护",
            "warn",
            id="the platform asks for time",
        ),
        pytest.param(
            {"error": "device_revoked", "queued": 3},
            "3 条待发 · 平台说：本终端已停用",
            "bad",
            id="a right is gone",
        ),
        pytest.param({"error": "who_knows"}, "平台说：不接受", "bad", id="a refusal nobody knows"),
        pytest.param(
            {"paused_at": NOW, "queued": 3}, "3 条待发 · 已暂停（10:42 起）", "warn", id="paused with work"
        ),
        pytest.param({"paused_at": NOW}, "已暂停（10:42 起）", "warn", id="paused"),
        pytest.param({"unknown": 2, "sent": 1, "queued": 1}, "3 条结果未知 · 1 条待发", "warn", id="unknown"),
        pytest.param(
            {"unknown": 3, "carried": 3, "queued": 1}, "3 条已装进交换包 · 1 条待发", "info", id="by stick"
        ),
        pytest.param(
            {"unknown": 4, "carried": 3},
            "1 条结果未知 · 3 条已装进交换包",
            "warn",
            id="by stick and by line",
        ),
        pytest.param({"held": 3}, "3 条平台待处理", "warn", id="held"),
        pytest.param({"queued": 1_200}, "1,200 条待发", "info", id="queued"),
        pytest.param({"last_contact_at": None}, "还没有联系过平台", "plain", id="never"),
        pytest.param({"rejected": 2}, "2 条被退回", "warn", id="given back"),
        pytest.param(
            {"last_contact_at": NOW - timedelta(hours=3)},
            "已全部送达 · 上次联系平台 3 小时前",
            "plain",
            id="delivered, but not heard of for hours",
        ),
        pytest.param(
            {"last_contact_at": NOW + timedelta(days=2)},
            "已全部送达 · 上次联系平台 11-26 10:42",
            "plain",
            id="a contact in the future: whose clock?",
        ),
        pytest.param(
            {"sunset_at": NOW + timedelta(days=20)},
            "请在 12-14 前升级程序",
            "warn",
            id="a program that ends soon",
        ),
        pytest.param({"sunset_at": NOW + timedelta(days=200)}, "已全部送达 10:41", "good", id="ends one day"),
        pytest.param(
            {"signed_in": False, "error": "token_expired", "queued": 3},
            "3 条待发 · 登录已过期",
            "warn",
            id="the session is over",
        ),
        pytest.param({}, "已全部送达 10:41", "good", id="all there"),
    ],
)
def test_the_line_says_the_first_thing_that_a_person_must_know(given: dict[str, Any], short: str, tone: str):
    spoken = words(facts(**given))

    assert (spoken.short, spoken.tone) == (short, tone)


def test_nothing_is_called_delivered_while_anything_is_not_known_to_be():
    counts = ("queued", "sent", "unknown", "held", "blocked", "rejected")
    for numbers in product((0, 1), repeat=len(counts)):
        for signed_in, error, paused, contact, running in product(
            (True, False),
            (None, "timeout", "maintenance"),
            (None, NOW),
            (None, JUST_NOW, NOW - timedelta(minutes=16)),
            (True, False),
        ):
            given = facts(
                **dict(zip(counts, numbers, strict=True)), signed_in=signed_in, error=error,
                next_try_at=LATER, paused_at=paused, last_contact_at=contact, running=running,
            )  # fmt: skip
            well = not any(numbers) and signed_in and not (error or paused or running) and contact == JUST_NOW
            assert (words(given).tone == "good") == well, given


@pytest.mark.parametrize("head", ["blocked", "unknown", "held", "signed_in", "error", "paused_at"])
def test_whatever_is_said_first_the_sentence_names_all_that_waits(head: str):
    waiting = facts(queued=4, unknown=3, held=2, blocked=1 if head == "blocked" else 0)
    change: dict[str, Any] = {
        "signed_in": {"signed_in": False},
        "error": {"error": "timeout", "next_try_at": LATER},
        "paused_at": {"paused_at": NOW},
    }.get(head, {})
    if head == "held":
        waiting = replace(waiting, unknown=0)
    given = replace(waiting, **change)

    assert queue_words(given) in words(given).sentence


def test_an_error_that_passes_says_when_and_one_that_does_not_says_who():
    passing = words(facts(error="timeout", next_try_at=LATER, queued=1)).sentence
    lasting_one = words(facts(error="protocol_too_old", queued=1)).sentence

    assert "10:46 自动再试" in passing
    assert "请升级程序" in lasting_one
    assert "不会自动再试" in lasting_one


def test_a_platform_that_is_down_since_yesterday_is_said_with_the_date_and_what_waits():
    since = datetime(2026, 11, 23, 2, 42, tzinfo=UTC)
    spoken = words(facts(error="no_connection", down_since_at=since, next_try_at=LATER, queued=3))

    assert spoken.sentence == (
        "平台暂时联系不上（11-23 10:42 起）。3 条待发送的记录都在本机，恢复后自动发送。10:46 自动再试。"
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"sunset_at": NOW + timedelta(days=200)}, ("平台自 2027-06-12 起不再接受", "在此之前升级")),
        ({"sunset_at": NOW - timedelta(days=1)}, ("平台自 2026-11-23 起不再接受", "请升级程序")),
        ({"clock_ahead_s": 725}, ("时间比平台慢了约 12 分钟", "请校准")),
        ({"clock_ahead_s": -7 * 3600}, ("时间比平台快了约 7 小时",)),
        ({"clock_ahead_s": 100}, ()),
    ],
)
def test_a_clock_that_is_wrong_and_a_program_that_ends_are_said_besides(given: dict, words: tuple[str, ...]):
    said = notices(facts(**given))

    assert len(said) == (1 if words else 0)
    assert all(word in said[0] for word in words)


@pytest.mark.parametrize("code", sorted({*LINK, *REFUSED} - {"batch_unknown"}))
def test_whatever_ends_a_cycle_has_short_words_and_a_whole_sentence(code: str):
    spoken = words(facts(error=code, next_try_at=LATER, queued=1))

    assert len(spoken.short) <= 32
    assert spoken.sentence.endswith("。")
    assert "。。" not in spoken.sentence
    assert spoken.tone != "good"


def test_short_words_are_only_kept_for_codes_that_exist():
    assert SHORT.keys() <= messages.LINK.keys() | messages.PLATFORM.keys()


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(seconds=59), "刚刚"),
        (timedelta(minutes=10), "10 分钟前"),
        (timedelta(hours=3), "3 小时前"),
        (timedelta(days=1), "11-23 10:42"),
        (timedelta(minutes=-5), "10:47"),
    ],
)
def test_how_long_ago_is_said_as_people_say_it(before: timedelta, said: str):
    assert ago(NOW - before, NOW) == said


def test_bytes_and_times_are_rounded_up():
    assert [lasting(s) for s in (5, 60, 61, 3_700)] == [
        "不到 1 分钟",
        "约 1 分钟",
        "约 2 分钟",
        "约 1 小时 2 分钟",
    ]
    assert [amount(n) for n in (1, 20_480, 3_500_000)] == ["1 KB", "20 KB", "3.3 MB"]
