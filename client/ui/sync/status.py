"""What the window says of the line and the queue: one sentence of truth from counted facts. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from client.core.times import SHANGHAI, from_text

LineTone = Literal["good", "warn", "bad", "info", "plain"]


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What is known now; counts are versions in the outbox.

    Attributes:
        going: sent and all of the running sync, None when none runs.
        signed_in: a token that has not expired is there.
        asked: how a sync that runs says what it does, e.g. ``正在取回通知``.
    """

    queued: int = 0
    sent: int = 0
    unknown: int = 0
    held: int = 0
    blocked: int = 0
    rejected: int = 0
    running: bool = False
    going: tuple[int, int] | None = None
    signed_in: bool = False
    last_contact_at: datetime | None = None
    down_since_at: datetime | None = None
    now: datetime | None = None

    @property
    def waiting(self) -> int:
        """What has not left the outbox."""
        return self.queued + self.sent + self.unknown + self.held + self.blocked


@dataclass(frozen=True, slots=True)
class LineWords:
    """The short line of the top bar, the sentence of the page, and the tone of both."""

    short: str
    sentence: str
    tone: LineTone


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


def words(facts: LineFacts) -> LineWords:
    """Say the first thing that a person must know."""
    for applies, say in RULES:
        if applies(facts):
            return say(facts)
    raise AssertionError("the last rule always applies")


def _running(facts: LineFacts) -> LineWords:
    if facts.going and facts.going[1]:
        done, of = facts.going
        return LineWords(
            f"正在报送 {done:,}/{of:,}",
            f"正在报送：{of:,} 条中已有 {done:,} 条送出。可以继续做别的事。",
            "info",
        )
    return LineWords("正在联系平台", "正在联系平台：报送待发送的记录，取回回执和通知。", "info")


def _blocked(facts: LineFacts) -> LineWords:
    return LineWords(
        f"{facts.blocked:,} 条已隔离",
        f"有 {facts.blocked:,} 条反复发送不成，已单独隔离，不影响其他记录。请看下面列出的原因。",
        "bad",
    )


def _down(facts: LineFacts) -> LineWords:
    since = clock(facts.down_since_at, facts.now)
    waiting = f"{facts.waiting:,} 条待发送的记录都在本机" if facts.waiting else "没有待发送的记录"
    return LineWords(
        f"平台联系不上（{since} 起）",
        f"平台暂时联系不上（{since} 起）。{waiting}，恢复后自动发送。",
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
        f"{facts.waiting:,} 条待发送 · 未联网登录",
        f"{facts.waiting:,} 条记录等着发送。联网登录后自动发送。",
        "warn",
    )


def _unknown(facts: LineFacts) -> LineWords:
    count = facts.unknown + facts.sent
    return LineWords(
        f"{count:,} 条结果未知",
        f"{count:,} 条已经送出，还没有收到回执。将自动向平台询问，不会重复入库。",
        "warn",
    )


def _held(facts: LineFacts) -> LineWords:
    return LineWords(
        f"{facts.held:,} 条平台待处理",
        f"{facts.held:,} 条平台已收到，还缺上一版或附件，补齐后自动再送。",
        "warn",
    )


def _queued(facts: LineFacts) -> LineWords:
    return LineWords(
        f"{facts.queued:,} 条待发送", f"{facts.queued:,} 条已审核的记录等着发送，稍后自动发送。", "info"
    )


def _never(_facts: LineFacts) -> LineWords:
    return LineWords("还没有联系过平台", "已联网登录，还没有联系过平台。", "plain")


def _all_there(facts: LineFacts) -> LineWords:
    at = clock(facts.last_contact_at, facts.now)
    rejected = f"其中 {facts.rejected:,} 条被平台退回，等待修改。" if facts.rejected else ""
    return LineWords(
        f"已全部送达 {at}",
        f"已审核的记录都已送达平台（最近联系 {at}）。{rejected}",
        "warn" if rejected else "good",
    )


RULES: Final[tuple[tuple[Callable[[LineFacts], bool], Callable[[LineFacts], LineWords]], ...]] = (
    (lambda facts: facts.running, _running),
    (lambda facts: facts.blocked > 0, _blocked),
    (lambda facts: not facts.signed_in, _not_signed_in),
    (lambda facts: facts.down_since_at is not None, _down),
    (lambda facts: facts.unknown + facts.sent > 0, _unknown),
    (lambda facts: facts.held > 0, _held),
    (lambda facts: facts.queued > 0, _queued),
    (lambda facts: facts.last_contact_at is None, _never),
    (lambda _facts: True, _all_there),
)
"""The first that applies is said."""
