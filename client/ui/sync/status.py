"""What is said of the line and the queue: one sentence of truth, from counted facts. No Qt, no clock.

The window's bar, the pages and `minxin status` say the same words. Nothing is called delivered (green)
while something is unknown, held, blocked, waiting, returned or not known: a test goes through the cases.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from client.core.times import SHANGHAI, from_text
from client.ui import messages
from client.ui.sync.short import said_by

LineTone = Literal["good", "warn", "bad", "info", "plain"]

FRESH: Final = timedelta(minutes=15)
"""A contact longer ago is said with its age, and nothing is called good any more."""

NEEDS_SIGN_IN: Final = frozenset({"sign_in_needed", "token_expired", "sign_in_refused"})


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What is known now; counts are versions in the outbox.

    Attributes:
        carried: of the unknown ones, those that went out on a stick.
        rejected: records that the platform gave back and nobody has mended yet.
        running: a cycle is under way.
        going: versions with a final receipt, and all that waited when it began; None before it is known.
        signed_in: the operator has a session that the platform has not refused.
        error: code of why the last cycle ended early, or None.
        down_since_at: since when the platform cannot be reached.
        next_try_at: when the program tries by itself; None after an error that a person must see to.
        paused_at: since when a person has stopped the sending; None while it goes on.
        sent_bytes, total_bytes, left_s: of the running cycle, as far as it is known.
    """

    queued: int = 0
    sent: int = 0
    unknown: int = 0
    held: int = 0
    blocked: int = 0
    carried: int = 0
    rejected: int = 0
    running: bool = False
    going: tuple[int, int] | None = None
    signed_in: bool = False
    error: str | None = None
    last_contact_at: datetime | None = None
    down_since_at: datetime | None = None
    next_try_at: datetime | None = None
    paused_at: datetime | None = None
    now: datetime | None = None
    sent_bytes: int = 0
    total_bytes: int = 0
    left_s: float | None = None

    @property
    def waiting(self) -> int:
        """What has not left the outbox."""
        return self.queued + self.sent + self.unknown + self.held + self.blocked

    @property
    def unsure(self) -> int:
        """What was sent over the line, and nobody knows what came of it."""
        return self.unknown + self.sent - self.carried


@dataclass(frozen=True, slots=True)
class LineWords:
    """The short line of the top bar, the sentence of the page, and the tone of both."""

    short: str
    sentence: str
    tone: LineTone


OWN_WAIT: Final = "记录都在本机，恢复后自动发送。"
"""How the sentences of some failures end; said once, with the number of what waits."""


def words(facts: LineFacts) -> LineWords:
    """Say the first thing that a person must know."""
    for applies, say in RULES:
        if applies(facts):
            return say(facts)
    raise AssertionError("the last rule always applies")


# --- times ------------------------------------------------------------------------------------------------


def clock(at: datetime | None, now: datetime | None = None) -> str:
    """Return ``10:42``, with the date in front when it is another day; empty for None."""
    if at is None:
        return ""
    local = at.astimezone(SHANGHAI)
    if now is not None and local.date() != now.astimezone(SHANGHAI).date():
        return f"{local:%m-%d %H:%M}"
    return f"{local:%H:%M}"


def clock_text(at: str | None, now: datetime | None = None) -> str:
    """Return stored UTC text as ``11-24 10:42`` in Shanghai (``10:42`` when `now` is the same day)."""
    if not at:
        return ""
    local = from_text(at).astimezone(SHANGHAI)
    if now is not None and local.date() == now.astimezone(SHANGHAI).date():
        return f"{local:%H:%M}"
    return f"{local:%m-%d %H:%M}"


def ago(at: datetime, now: datetime) -> str:
    """Return how long ago something was: ``刚刚``, ``10 分钟前``, ``3 小时前``, else day and time.

    What lies in the future comes from a clock that was changed, and is told as it stands.
    """
    minutes = int((now - at).total_seconds() // 60)
    if 0 <= minutes < 1:
        return "刚刚"
    if 0 <= minutes < 60:
        return f"{minutes} 分钟前"
    if 0 <= minutes < 24 * 60:
        return f"{minutes // 60} 小时前"
    return clock(at, now)


def lasting(seconds: float) -> str:
    """Return how long something will take, rounded up as people say it."""
    if seconds < 60:
        return "不到 1 分钟"
    minutes = int(-(-seconds // 60))
    return f"约 {minutes} 分钟" if minutes < 60 else f"约 {minutes // 60} 小时 {minutes % 60} 分钟"


def amount(size_bytes: int) -> str:
    """Return a number of bytes in KB or MB."""
    return (
        f"{max(1, round(size_bytes / 1024)):,} KB"
        if size_bytes < 1 << 20
        else f"{size_bytes / 2**20:,.1f} MB"
    )


# --- parts of sentences -----------------------------------------------------------------------------------


def queue_words(facts: LineFacts, *, most: int = 5) -> str:
    """Return what waits, the gravest first: ``2 条已隔离 · 3 条待发``; empty for nothing."""
    parts = (
        (facts.blocked, "已隔离"),
        (facts.unsure, "结果未知"),
        (facts.carried, "已由 U 盘带出"),
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
        f"请看下面列出的原因，再决定放回或改正。{_others(facts)}",
        "bad",
    )


def _needs_somebody(facts: LineFacts) -> bool:
    """The last cycle met something that does not pass by itself."""
    return facts.error is not None and facts.error not in NEEDS_SIGN_IN and facts.next_try_at is None


def _stopped(facts: LineFacts) -> LineWords:
    assert facts.error is not None
    said = messages.sentence(facts.error).replace(OWN_WAIT, "")
    return LineWords(
        _short(facts, said_by(facts.error)),
        f"{said}{_at_home(facts)}不会自动再试；处理好后请点“立即同步”。",
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
    said = messages.sentence(facts.error).replace(OWN_WAIT, "").removesuffix("。")
    when = next_words(facts)
    return LineWords(
        _short(facts, error_words(facts)),
        f"{said}{since}。{_at_home(facts)}" + (f"{when}。" if when else ""),
        "warn",
    )


def _at_home(facts: LineFacts) -> str:
    if not facts.waiting:
        return "没有待发送的记录。"
    return f"{facts.waiting:,} 条待发送的记录都在本机，恢复后自动发送。{_others(facts)}"


def _unknown(facts: LineFacts) -> LineWords:
    return LineWords(
        queue_words(facts, most=2),
        f"{facts.unsure:,} 条已经送出，还没有收到回执。将自动向平台询问，不会重复入库。{_others(facts)}",
        "warn",
    )


def _carried(facts: LineFacts) -> LineWords:
    return LineWords(
        queue_words(facts, most=2),
        f"{facts.carried:,} 条已随交换包（U 盘）带出，读入回执包或联网询问后才知道结果。{_others(facts)}",
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
    (_is_stale, _stale),
    (lambda _facts: True, _all_there),
)
"""The first that applies is said."""
