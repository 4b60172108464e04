"""Words of the queue: how urgent a case is, how far it has come, which cases are shown."""

from __future__ import annotations

from datetime import date
from typing import Final

from client.store.case_queue import QueueRow
from client.ui.widgets.marks import StateLook

QUEUE: Final = "办件列表"
COLUMNS: Final = ("期限", "主体", "进展", "承办", "对方")
COUNT: Final = "{n:,} 件"
SEARCH: Final = "主体、申请人、编号"
SEARCH_NAME: Final = "筛选：主体、申请人或编号"
WHOSE: Final = "筛选：看哪些办件"
WHICH_KIND: Final = "筛选：种类"
ALL_KINDS: Final = "全部种类"
KINDS: Final[dict[str, str]] = {"objection": "异议", "repair": "信用修复"}
CLEAR: Final = "清除筛选"
FROM_FIGURES: Final = "按统计筛选"

NEXT: Final = "取下一件"
NEXT_KEYS: Final = "F8"
NO_NEXT: Final = "没有轮到你办的了：要么在等申请人、专家或平台，要么已有别人在办。"

EMPTY: Final = "没有要办的办件"
EMPTY_WAY: Final = "平台转来的异议和修复申请会出现在这里。联网登录后自动取回；窗口收到的用“登记办件”登记。"
NOTHING_FOUND: Final = "没有这样的办件"

VIEWS: Final[dict[str, str]] = {
    "open": "全部未结", "mine": "我的", "unit": "本机构要办的", "unassigned": "未分派", "overdue": "逾期",
    "refused": "平台没有接受的", "ended": "已结",
}  # fmt: skip

STAGES: Final[dict[str, StateLook]] = {
    "received": StateLook("ring", "待受理", "warn"),
    "supplement": StateLook("pause", "待补正", "plain"),
    "accepted": StateLook("half", "核查中", "info"),
    "suspended": StateLook("pause", "已中止", "plain"),
    "decided": StateLook("dots3", "已作结论", "info"),
    "refused": StateLook("cut", "不予受理", "plain"),
    "withdrawn": StateLook("undo", "已撤回", "plain"),
    "closed": StateLook("dots4", "已办结", "good"),
}
IN_REVIEW: Final = StateLook("half", "待复核", "info")
APPROVED: Final = StateLook("away", "结论报送中", "info")
CHANGED: Final = StateLook("swap", "内容有变", "bad")
REFUSED: Final = StateLook("square", "平台没有接受", "bad")
UNSENT: Final = "{stage}·待发送"
NOBODY: Final = "—"

NO_DUE: Final = "期限未设"
NO_DUE_TIP: Final = "没有在走的期限：规则集没有写天数，或这一步不计时。打开办件看期限怎么算。"
ENDED: Final = "已结"
TODAY: Final = "今天"
LEFT: Final = "还有 {n} 天"
PAST: Final = "逾期 {n} 天"
PROVISIONAL: Final = "（暂定）"
DUE_TIP: Final = "{due} 到期"
DUE_TIP_PROVISIONAL: Final = "最早 {due} 到期（暂定：有一年的放假通知还没有）"
ALSO: Final = "{name}（同一记录另有 {n} 件）"


def urgency(row: QueueRow, today: date) -> StateLook:
    """Return how near the due date is."""
    if not row.is_open:
        return StateLook("tick", ENDED, "plain")
    if row.due_on is None:
        return StateLook("ring", NO_DUE, "plain")
    left = (date.fromisoformat(row.due_on) - today).days
    mark = "" if row.due_certain else PROVISIONAL
    if left < 0:
        return StateLook("square", PAST.format(n=-left) + mark, "bad")
    if left == 0:
        return StateLook("triangle", TODAY + mark, "bad")
    return StateLook(
        "triangle" if left <= 2 else "quarter", LEFT.format(n=left) + mark, "warn" if left <= 2 else "plain"
    )


def due_tip(row: QueueRow) -> str:
    """Return the due date with its doubt."""
    if row.due_on is None:
        return NO_DUE_TIP
    return (DUE_TIP if row.due_certain else DUE_TIP_PROVISIONAL).format(due=row.due_on)


def progress(row: QueueRow) -> StateLook:
    """Return how far a case has come, on this desk and at the platform."""
    if row.refused:
        return REFUSED
    if row.changed:
        return CHANGED
    if row.is_open and row.decision == "in_review":
        return IN_REVIEW
    if row.decision == "approved" and row.stage != "decided" and row.is_open:
        return APPROVED
    look = STAGES.get(row.stage, STAGES["received"])
    return StateLook("away", UNSENT.format(stage=look.word), "warn") if row.waiting else look


def subject(row: QueueRow) -> str:
    """Return the subject, and how many other open cases touch the same record."""
    name = row.subject_name or NOBODY
    return ALSO.format(name=name, n=row.also_open) if row.also_open and row.is_open else name
