"""Every sentence of the page 异议, and the words of its codes."""

from __future__ import annotations

from typing import Final

from client.core.cases import CaseRow
from client.ui.widgets.marks import StateLook

PAPER: Final = "异议办件清单"
TITLE: Final = "异议"
KINDS: Final[dict[str, str]] = {"objection": "异议申请"}
QUEUE: Final = "异议队列"
NO_DUE: Final = "期限未设"
NO_DUE_YET: Final = "期限未设（期限规则尚未启用）"
NO_DUE_WHY: Final = "期限规则尚未启用，请按本地规定自行掌握期限。"
DUE: Final = "{due} 前办结"

EMPTY: Final = "没有要办的异议"
EMPTY_WAY: Final = "平台转来的异议会出现在这里。联网登录后自动取回。"
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
TAB_SOURCE: Final = "来源文书"
TAB_RECORD: Final = "登记的记录"
TAB_HISTORY: Final = "记录经过"
TIMELINE: Final = "办理经过"
NO_EVIDENCE_WAY: Final = "需要材料时可以请申请人补正。"
NO_SOURCE: Final = "本机没有这条记录的来源文书"
NO_SOURCE_WAY: Final = "填报时附上的决定书、扫描件会显示在这里。"
COLUMNS: Final = ("数据项", "登记内容", "申请主张", "核查结论")
NOTHING: Final = "空"
STANDS: Final = "维持"
CORRECT_TO: Final = "更正为"
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
INCOMPLETE_TEXT: Final = "请写明核查结论。"
SAME_VALUE: Final = "“{field}”更正后的内容和登记的一样。没有错就选维持。"

NOT_HANDLER: Final = "你的角色不含异议处理，这里只能查看。"
IN_REVIEW: Final = "结论已提交，等复核员确认。要改的话先取回。"
APPROVED: Final = "结论已通过复核，正在报送平台。"
DECIDED: Final = "平台已接受结论，等记录更正入库后办结。"
CLOSED: Final = "已办结（{at}）。"
CHANGED: Final = "异议的内容在平台上有变化。请看过最新内容再提交。"
SEEN: Final = "已看过，按最新内容办理"
RETURNED: Final = "结论被退回：{why}"

CERTIFICATES: Final = "CERT_TYPE_SGS"
"""Code set of the kinds of certificates."""
CERTIFICATE: Final = "证件"

LOOKS: Final[dict[str, StateLook]] = {
    "opened": StateLook("ring", "待核查", "warn"),
    "editing": StateLook("half", "核查中", "info"),
    "changed": StateLook("swap", "内容有变", "bad"),
    "in_review": StateLook("half", "待复核", "info"),
    "approved": StateLook("away", "报送中", "info"),
    "decided": StateLook("dots3", "已作结论", "info"),
    "closed": StateLook("dots4", "已办结", "good"),
}

EVENTS: Final[dict[str, str]] = {
    "opened": "{name}提出异议",
    "saved": "结论保存在本机",
    "decided": "平台接受结论",
    "closed": "办结",
}


def look(row: CaseRow) -> StateLook:
    """Return the look of a case, as far as it has come."""
    if row.state in ("decided", "closed"):
        return LOOKS[row.state]
    if row.changed:
        return LOOKS["changed"]
    return LOOKS[row.decision or "opened"]


def masked(number: str) -> str:
    """Return an id or phone number with its middle hidden."""
    if len(number) <= 4:
        return "*" * len(number)
    keep = 3 if len(number) > 8 else 1
    return f"{number[:keep]}{'*' * (len(number) - keep - 4)}{number[-4:]}"
