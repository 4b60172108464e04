"""Every sentence of the page 异议, and the words of its codes."""

from __future__ import annotations

from typing import Final

PAPER: Final = "异议办件清单"
TITLE: Final = "异议"
KINDS: Final[dict[str, str]] = {"objection": "异议申请", "repair": "信用修复申请"}

NONE_CHOSEN: Final = "选一件异议，在这里核查"
NONE_CHOSEN_WAY: Final = "↑ ↓ 换一件。"

APPLICATION: Final = "申请"
APPLICANT: Final = "申请人"
PHONE: Final = "电话"
REASON: Final = "理由"
STATEMENT: Final = "申请说明"
OPENED: Final = "提出时间"
EVIDENCE: Final = "申请材料"
NO_EVIDENCE: Final = "申请人没有附材料"
NOT_HERE: Final = "材料还没有取到本机，联网同步后可以打开。"

TAB_EVIDENCE: Final = "材料"
TAB_SOURCE: Final = "文书"
TAB_RECORD: Final = "记录"
TAB_HISTORY: Final = "经过"
TAB_OTHERS: Final = "其他"
SAME_RECORD: Final = "同一记录"
SAME_SUBJECT: Final = "同一主体"
OTHERS_TIP: Final = "按 Enter 或双击打开"
TIMELINE: Final = "办理经过"
NO_EVIDENCE_WAY: Final = "可以请申请人补正。"
NO_SOURCE: Final = "本机没有这条记录的来源文书"
NO_SOURCE_WAY: Final = "填报时附上的会显示在这里。"
COLUMNS: Final = ("数据项", "登记内容", "申请主张", "核查结论")
NOTHING: Final = "空"
STANDS: Final = "维持"
CORRECT_TO: Final = "更正为"
SUPPLEMENT: Final = "补充为"
DELETE: Final = "删除整条记录"
DELETE_TIP: Final = "结论通过后撤销这条记录；各处不再显示，再次导入同一行时会提示。"
NOT_OURS: Final = "不是本单位提供的…"
UNKNOWN_FIELD: Final = "“{field}”：本机的目录里没有这个数据项，请更新目录。"
RECORD_OF: Final = "第 {n} 条，共 {count} 条：{name}"
UNDO_FINDING: Final = "撤销上一个选择 Ctrl+Z"
CONCLUSION: Final = "核查结论"
CONCLUSION_HINT: Final = "查明的事实和依据；申请人、复核员和平台都看得到"

SAVE: Final = "保存"
SUBMIT: Final = "提交复核"
TAKE_BACK: Final = "取回"
SAVED: Final = "已保存 {time}"
TO_SAVE: Final = "有改动，马上保存"
SAVING: Final = "正在保存…"
SUBMITTED: Final = "已提交复核，等另一位复核员确认。"
TAKEN_BACK: Final = "已取回，可以继续修改。"
STOPPED: Final = "更正后的记录还有 {n} 处问题，见各项下面。改好再提交。"
INCOMPLETE: Final = "请为“{field}”选择维持或更正。"
INCOMPLETE_VALUE: Final = "“{field}”要更正为什么，还没有填。"
INCOMPLETE_OUTCOME: Final = "请选择准予修复还是不予修复。"
INCOMPLETE_TEXT: Final = "请写明核查结论。"
SAME_VALUE: Final = "“{field}”更正后的内容和登记的一样。没有错就选维持。"

NOT_HANDLER: Final = "你的角色不含异议处理，这里只能查看。"
IN_REVIEW: Final = "结论已提交，等复核员确认。要改的话先取回。"
APPROVED: Final = "结论已通过复核，正在报送平台。"
DECIDED: Final = "平台已接受结论，等记录更正入库后办结。"
CLOSED: Final = "已办结（{at}）。"
CHANGED: Final = "办件在平台上有变化。左边“办理经过”是平台现在的，下面是你写的，没有覆盖。看过再提交。"
CONFLICT: Final = "你说的“{said}”平台没有接受：{why}。平台现在是：{now}。两边都留着，请选一样。"
AGAIN: Final = "按最新情况再说一次"
DROP: Final = "知道了，不再说"
DROP_OPENING: Final = "知道了，撤销登记"
TAKE_BACK_POST: Final = "撤回刚才说的"
POST_TAKEN_BACK: Final = "已撤回“{said}”，没有送到平台。"
HELD_BY_ME: Final = "你正在办，锁定到 {until}，到时自动续；离开就放开。"
HELD_BY_OTHER: Final = "{name}正在办（锁定到 {until}）。你写的会保存，但请先和他说一声。"
NOT_HELD: Final = "没有联网，不能锁定，别人可能也在办。"
OWNER: Final = "承办：{name}"
NO_OWNER: Final = "未分派"
CITY_ROAD: Final = "受理窗口 {hall} → 承办机构 {unit}"
CERTAIN_DUE: Final = "{due} 到期"
EARLIEST_DUE: Final = "最早 {due} 到期（暂定）"
NO_DUE: Final = "期限未设"
ALSO_OPEN: Final = "同一记录另有 {n} 件未结，见右边“其他”，请一起办。"
AGENT: Final = "代理人"
MATERIALS: Final = "提交的材料"
REPAIR: Final = "修复申请"
SEVERITY: Final = "失信程度"
PUBLISHED: Final = "公示日期"
FULFILLED: Final = "履行完毕"
COMMITTED: Final = "信用承诺"
YES: Final = "已签"
NO: Final = "没有签"
UNKNOWN: Final = "没有写"
EARLIEST: Final = "最早可修复"
NOT_YET: Final = "还没有满足条件"
PUBLICATION_ENDED: Final = "最长公示期已过，已自然停止公示"
GRANT: Final = "准予修复"
REFUSE_REPAIR: Final = "不予修复"
OUTCOME: Final = "修复决定"
GRANT_EARLY: Final = "还没有到最早可修复的日期；依据充分才选准予，并在结论里写明。"
SEEN: Final = "已看过，按最新内容办理"
RETURNED: Final = "结论被退回：{why}"

CERTIFICATES: Final = "CERT_TYPE_SGS"
"""Code set of the kinds of certificates."""
CERTIFICATE: Final = "证件"

DECIDABLE: Final = frozenset({"received", "supplement", "accepted", "suspended"})
"""Stages in which a decision may be written."""
SUBMITTABLE: Final = frozenset({"received", "accepted"})
"""Stages in which the platform takes one: a case that waits for the applicant or an examiner is not ripe."""
STANDING: Final[dict[str, str]] = {
    "supplement": "在等申请人补正，不计期限。材料交来以后按“补正已交”。",
    "suspended": "已送鉴定，中止办理。结果到了按“恢复办理”。",
    "refused": "已不予受理。告知申请人以后按“已告知申请人”。",
    "withdrawn": "申请人已撤回。",
}
"""What a stage means for who has the case open."""

CHANGES: Final = frozenset({"correct_to", "supplement"})
"""Findings that give a field another value."""

OPENED_STEP: Final = "{name}提出申请"
SAVED_STEP: Final = "结论保存在本机"
VERSION_STEP: Final = "{what}通过复核（现在：{since}）"
TRANSFERRED_STEP: Final = "给 {to}，{reason}"
EXTENDED_STEP: Final = "{days} 天，{by}批准，{reason}"


def masked(number: str) -> str:
    """Return an id or phone number with its middle hidden."""
    if len(number) <= 4:
        return "*" * len(number)
    keep = 3 if len(number) > 8 else 1
    return f"{number[:keep]}{'*' * (len(number) - keep - 4)}{number[-4:]}"
