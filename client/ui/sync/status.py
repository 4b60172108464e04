"""What is said of the line and the queue: one sentence of truth, from counted facts. No Qt, no clock.

The window's bar, the pages and `minxin status` say the same words. Nothing is called delivered (green)
while something is unknown, held, blocked, waiting, returned or not known: a test goes through the cases.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from client.core.times import SHANGHAI
from client.ui import messages
from client.ui.sync.facts import LineFacts, LineWords
from client.ui.sync.short import said_by
from client.ui.sync.spans import ago, amount, clock, lasting

FRESH: Final = timedelta(minutes=15)
"""A contact longer ago is said with its age, and nothing is called good any more."""

CLOCK_TOLERANCE_S: Final = 120
"""What a clock may be wrong by before a person is told."""

SUNSET_NEAR: Final = timedelta(days=30)
"""So long before the platform gives a protocol up, the short line says so, too."""

NEEDS_SIGN_IN: Final = frozenset({"sign_in_needed", "token_expired", "sign_in_refused"})


OWN_WAITS: Final = (
    "记录都在本机，恢复后自动发送。", "记录都在本机，稍后自动再试。", "记录都在本机；",
    "；记录都在本机", "稍后自动再试。", "稍后自动发送，不用操作。", "；待发送的记录都在",
)  # fmt: skip
"""Parts of the sentences of failures; said once here, with the number of what waits and the time."""


def what_is_wrong(code: str) -> str:
    """Return what a failure means and what to do, without what is said of the queue anyway."""
    said = messages.sentence(code)
    for part in OWN_WAITS:
        said = said.replace(part, "")
    return said


def words(facts: LineFacts) -> LineWords:
    """Say the first thing that a person must know."""
    for applies, say in RULES:
        if applies(facts):
            return say(facts)
    raise AssertionError("the last rule always applies")


# --- parts of sentences -----------------------------------------------------------------------------------


def queue_words(facts: LineFacts, *, most: int = 5) -> str:
    """Return what waits, the gravest first: ``2 条已隔离 · 3 条待发``; empty for nothing."""
    parts = (
        (facts.blocked, "已隔离"),
        (facts.unsure, "结果未知"),
        (facts.carried, "已装进交换包"),
        (facts.held, "平台待处理"),
        (facts.queued, "待发"),
    )
    return " · ".join([f"{count:,} 条{word}" for count, word in parts if count][:most])


def contact_words(facts: LineFacts) -> str:
    """Return when the platform was last heard of."""
    if facts.last_contact_at is None or facts.now is None:
        return "还没有联系过平台"
    return f"上次联系平台 {ago(facts.last_contact_at, facts.now)}"


def next_words(facts: LineFacts) -> str:
    """Return when the program tries again by itself; empty when it does not, or all is well."""
    if facts.next_try_at is None or facts.now is None or facts.next_try_at <= facts.now:
        return ""
    return f"{clock(facts.next_try_at, facts.now)} 自动再试"


def error_words(facts: LineFacts) -> str:
    """Return in a few words what ended the last cycle, and since when; empty when nothing did."""
    if facts.error is None:
        return ""
    since = f"（{clock(facts.down_since_at, facts.now)} 起）" if facts.down_since_at is not None else ""
    return f"{said_by(facts.error)}{since}"


def clock_words(facts: LineFacts) -> str:
    """Say by how much this PC's clock is wrong; empty while it is right enough."""
    seconds = abs(facts.clock_ahead_s)
    if seconds <= CLOCK_TOLERANCE_S:
        return ""
    side = "慢" if facts.clock_ahead_s > 0 else "快"
    minutes = round(seconds / 60)
    by = f"{minutes:,} 分钟" if minutes < 120 else f"{round(minutes / 60):,} 小时"
    return f"这台电脑的时间比平台{side}了约 {by}，请校准电脑的日期和时间；报送不受影响，但时间会记错。"


def update_by(facts: LineFacts) -> str:
    """Return the day by which the program must be updated, ``2028-02-01``; empty while none is announced."""
    return "" if facts.sunset_at is None else f"{facts.sunset_at.astimezone(SHANGHAI):%Y-%m-%d}"


def sunset_words(facts: LineFacts) -> str:
    """Say by when the program must be updated; empty while the platform has announced nothing."""
    day = update_by(facts)
    if not day:
        return ""
    if facts.now is not None and facts.sunset_at is not None and facts.sunset_at <= facts.now:
        return f"平台自 {day} 起不再接受这个版本的闽信通，请升级程序；记录都在本机。"
    return f"平台自 {day} 起不再接受这个版本的闽信通，请在此之前升级程序；升级前照常报送。"


def notices(facts: LineFacts) -> tuple[str, ...]:
    """Return what is to be seen to besides, whatever the sentence says."""
    return tuple(filter(None, (clock_words(facts), sunset_words(facts))))


def _ends_soon(facts: LineFacts) -> bool:
    return (
        facts.sunset_at is not None and facts.now is not None and facts.sunset_at - facts.now <= SUNSET_NEAR
    )


def _short(facts: LineFacts, head: str) -> str:
    queue = queue_words(facts, most=1)
    return f"{queue} · {head}" if queue else head


def _others(facts: LineFacts) -> str:
    """Name what the head of the sentence leaves out: nothing that waits goes unsaid."""
    queue = queue_words(facts)
    return f"现有 {queue}。" if " · " in queue else ""


# --- the rules, in order ----------------------------------------------------------------------------------


def _running(facts: LineFacts) -> LineWords:
    if not facts.going or not facts.going[1]:
        return LineWords("正在联系平台", "正在联系平台：报送待发送的记录，取回回执和通知。", "info")
    done, of = facts.going
    left = lasting(facts.left_s) if facts.left_s is not None else ""
    carried = f"（{amount(facts.sent_bytes)} / {amount(facts.total_bytes)}）" if facts.total_bytes else ""
    remaining = f"还要{left}，" if left else ""
    return LineWords(
        f"正在报送 {done:,}/{of:,}" + (f" · {left}" if left else ""),
        f"正在报送：{of:,} 条中已有 {done:,} 条收到回执{carried}。{remaining}可以继续做别的事。",
        "info",
    )


def _blocked(facts: LineFacts) -> LineWords:
    return LineWords(
        queue_words(facts, most=2),
        f"有 {facts.blocked:,} 条发送不成，已单独隔离，不影响其他记录。"
        f"请看下面列出的原因，改正，或点“再试一次”。{_others(facts)}",
        "bad",
    )


def _needs_somebody(facts: LineFacts) -> bool:
    """The last cycle met something that does not pass by itself."""
    return facts.error is not None and facts.error not in NEEDS_SIGN_IN and facts.next_try_at is None


def _stopped(facts: LineFacts) -> LineWords:
    assert facts.error is not None
    return LineWords(
        _short(facts, said_by(facts.error)),
        f"{what_is_wrong(facts.error)}{_at_home(facts, '不会丢')}不会自动再试；处理好后请点“立即同步”。",
        "bad",
    )


def _paused(facts: LineFacts) -> LineWords:
    since = clock(facts.paused_at, facts.now)
    waits = f"现有 {queue_words(facts)}。" if facts.waiting else ""
    return LineWords(
        _short(facts, f"已暂停（{since} 起）"),
        f"报送已暂停（{since} 起）：不发送，也不取回执、异议和通知。{waits}点“恢复报送”继续。",
        "warn",
    )


def _not_signed_in(facts: LineFacts) -> LineWords:
    if facts.error == "token_expired":
        waits = f"{facts.waiting:,} 条记录等着发送。{_others(facts)}" if facts.waiting else ""
        return LineWords(
            _short(facts, "登录已过期"),
            f"联网登录已过期，请重新登录；记录都在本机，登录后自动接着发送。{waits}",
            "warn",
        )
    if not facts.waiting:
        return LineWords(
            "未联网登录",
            "还没有联网登录。填报和复核都可以照常做；登录后才能发送记录、取回回执和异议。",
            "plain",
        )
    return LineWords(
        f"{queue_words(facts, most=1)} · 未联网登录",
        f"{facts.waiting:,} 条记录等着发送。联网登录后自动发送。{_others(facts)}",
        "warn",
    )


def _failed(facts: LineFacts) -> LineWords:
    assert facts.error is not None
    since = f"（{clock(facts.down_since_at, facts.now)} 起）" if facts.down_since_at is not None else ""
    said = what_is_wrong(facts.error).replace("。", f"{since}。", 1).replace("）（", "，")
    when = next_words(facts)
    goes_on = "恢复后自动询问和发送，不会重复" if facts.unsure or facts.carried else "恢复后自动发送"
    return LineWords(
        _short(facts, error_words(facts)),
        f"{said}{_at_home(facts, goes_on)}" + (f"{when}。" if when else ""),
        "warn",
    )


def _at_home(facts: LineFacts, goes_on: str) -> str:
    if not facts.waiting:
        return "没有待发送的记录。"
    which = "还没有回执的" if facts.unsure or facts.carried else "待发送的"
    return f"{facts.waiting:,} 条{which}记录都在本机，{goes_on}。{_others(facts)}"


def _unknown(facts: LineFacts) -> LineWords:
    return LineWords(
        queue_words(facts, most=2),
        f"{facts.unsure:,} 条已经送出，还没有收到回执。将自动向平台询问，不会重复入库。{_others(facts)}",
        "warn",
    )


def _carried(facts: LineFacts) -> LineWords:
    return LineWords(
        queue_words(facts, most=2),
        f"{facts.carried:,} 条已装进交换包，由 U 盘带到平台；读入回执包或联网询问后才知道结果。"
        f"{_others(facts)}",
        "info",
    )


def _held(facts: LineFacts) -> LineWords:
    return LineWords(
        queue_words(facts, most=2),
        f"{facts.held:,} 条平台已收到，还缺上一版、审核或附件，补齐后自动再送。{_others(facts)}",
        "warn",
    )


def _queued(facts: LineFacts) -> LineWords:
    return LineWords(
        queue_words(facts, most=1),
        f"{facts.queued:,} 条已审核的记录等着发送，稍后自动发送。{contact_words(facts)}。",
        "info",
    )


def _never(_facts: LineFacts) -> LineWords:
    return LineWords("还没有联系过平台", "已联网登录，还没有联系过平台。", "plain")


def _returned(facts: LineFacts) -> LineWords:
    return LineWords(
        f"{facts.rejected:,} 条被退回",
        f"已审核的记录都已送达，其中 {facts.rejected:,} 条被平台退回，等待修改。{contact_words(facts)}。",
        "warn",
    )


def _is_stale(facts: LineFacts) -> bool:
    if facts.last_contact_at is None or facts.now is None:
        return True
    return not timedelta(0) <= facts.now - facts.last_contact_at <= FRESH


def _ending(facts: LineFacts) -> LineWords:
    said = _stale(facts) if _is_stale(facts) else _all_there(facts)
    return LineWords(
        f"请在 {update_by(facts)[5:]} 前升级程序", f"{said.sentence}{sunset_words(facts)}", "warn"
    )


def _stale(facts: LineFacts) -> LineWords:
    contact = contact_words(facts)
    return LineWords(
        f"已全部送达 · {contact}",
        f"已审核的记录都已送达平台。{contact}，之后的回执、异议和通知还没有取回。",
        "plain",
    )


def _all_there(facts: LineFacts) -> LineWords:
    at = clock(facts.last_contact_at, facts.now)
    return LineWords(f"已全部送达 {at}", f"已审核的记录都已送达平台（{contact_words(facts)}）。", "good")


RULES: Final[tuple[tuple[Callable[[LineFacts], bool], Callable[[LineFacts], LineWords]], ...]] = (
    (lambda facts: facts.running, _running),
    (lambda facts: facts.blocked > 0, _blocked),
    (_needs_somebody, _stopped),
    (lambda facts: facts.paused_at is not None, _paused),
    (lambda facts: not facts.signed_in, _not_signed_in),
    (lambda facts: facts.error is not None, _failed),
    (lambda facts: facts.unsure > 0, _unknown),
    (lambda facts: facts.held > 0, _held),
    (lambda facts: facts.carried > 0, _carried),
    (lambda facts: facts.queued > 0, _queued),
    (lambda facts: facts.last_contact_at is None, _never),
    (lambda facts: facts.rejected > 0, _returned),
    (_ends_soon, _ending),
    (_is_stale, _stale),
    (lambda _facts: True, _all_there),
)
"""The first that applies is said."""
