"""Words of the page 报送: its lists, their filters, empty lists, what a cycle brought about. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from client.core.batches import WaitingRow
from client.core.questions import QuestionRow
from client.sync.cycle import SyncOutcome
from client.ui.sync import reading

if TYPE_CHECKING:
    from client.ui.session import Session

TITLES: Final = {
    "waiting": "待发送", "batches": "批次", "rejected": "退回", "stored": "已入库", "questions": "疑问数据",
}  # fmt: skip
CHOICES: Final = {
    "waiting": (
        ("全部状态", ()), ("已隔离", ("blocked",)), ("平台待处理", ("held",)),
        ("结果未知", ("unknown", "sent")), ("待发送", ("queued",)),
    ),
    "batches": (("全部批次", ()), ("等结果", ("open",)), ("有结果", ("answered",)), ("作废", ("void",))),
    "rejected": (("退回", ()),),
    "stored": (
        ("全部进度", ()), ("已入库", ("stored",)), ("未关联", ("unmatched",)),
        ("已校验", ("checked", "matched")), ("已更正", ("corrected",)), ("已撤销", ("withdrawn",)),
    ),
    "questions": (
        ("未处理", ("open",)), ("已忽略", ("ignored",)), ("已办结", ("corrected", "settled")), ("全部", ()),
    ),
}  # fmt: skip
WORDS: Final = {
    "waiting": ("paper-plane-tilt", "没有待发送的记录", "复核通过的记录会出现在这里，并自动发送。"),
    "batches": ("package", "还没有发送过", "每次发送的批次、次数和平台的答复会出现在这里。"),
    "rejected": ("check-circle", "没有被退回的记录", "平台退回的会出现在这里，打开就到错的地方。"),
    "stored": ("archive", "还没有入库的记录", "平台接受的会出现在这里，带回执号。"),
    "questions": ("check-circle", "没有疑问数据", "平台退回、关联不上或超过一天没有结果的记录，会列在这里。"),
}
STEPS: Final = {"waiting": ("去填报", "records"), "stored": ("去填报", "records")}


def empty_words(
    session: Session, tab: str, more: str
) -> tuple[str, str, str, tuple[str, Callable[[], object]] | None]:
    """Return icon, title, text and step for an empty list; `more` says how old what is known is."""
    icon, title, text = WORDS[tab]
    step = STEPS.get(tab)
    action = (step[0], lambda: session.navigate(step[1])) if step is not None else None
    return icon, title, f"{text}{more}" if tab == "questions" else text, action


def outcome_words(outcome: SyncOutcome) -> str:
    """Say what a cycle brought about."""
    parts = []
    if outcome.accepted:
        parts.append(f"平台接受 {outcome.accepted:,} 条")
    if outcome.rejected:
        parts.append(f"退回 {outcome.rejected:,} 条")
    if outcome.held:
        parts.append(f"待处理 {outcome.held:,} 条")
    if outcome.events:
        parts.append(f"取回 {outcome.events:,} 条通知")
    if outcome.resent:
        parts.append(f"平台从备份恢复过，缺的 {outcome.resent:,} 条已重新发送")
    if outcome.clock_jump_s is not None:
        parts.append(f"这台电脑的时间变动了 {abs(outcome.clock_jump_s):,} 秒，请核对电脑时间")
    return "同步完成：" + "，".join(parts) + "。" if parts else "同步完成，没有新内容。"


def as_line(row: Any) -> str:
    """A row as text, with its reason, for a colleague or for support."""
    if isinstance(row, QuestionRow):
        one = row.question
        said = [
            row.subject_name or reading.ELSEWHERE,
            row.doc_no,
            reading.CAUSES.get(one.cause, one.cause),
            one.problem,
        ]
        return "　".join([*said, one.version_id])
    said = [row.subject_name, row.doc_no, row.state]
    if isinstance(row, WaitingRow):
        said += [reading.whole_reason(row.problem).replace("\n", " "), row.version_id]
    return "　".join(part for part in said if part)
