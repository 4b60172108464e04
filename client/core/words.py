"""Words of states, acts and results, for paper, spreadsheets, window and command line alike."""

from __future__ import annotations

from typing import Final

CITIES: Final[dict[str, str]] = {"350200": "厦门市", "350500": "泉州市", "350600": "漳州市"}
"""The three cities by their division codes."""

CLAIMS: Final[dict[str, str]] = {
    "wrong_information": "信息错误",
    "missing_information": "信息遗漏",
    "expired": "超期仍公示",
    "should_not_be_public": "不应公示",
    "duplicate": "重复公示",
    "differs_from_source": "与认定机关信息不一致",
    "list_condition": "不符合列入条件，或应移出未移出名单",
    "rights": "侵犯商业秘密、个人隐私或合法权益",
    "basis_changed": "据以认定的决定已撤销或变更",
    "wrong_subject": "张冠李戴或重名",
    "stolen_identity": "被冒用身份",
    "repaired": "已修复仍公示",
    "other": "其他",
}
"""Why somebody objects; a code that is not here is shown as it came."""

STATE_WORDS: Final[dict[str, str]] = {
    "draft": "草稿",
    "problems": "有问题",
    "in_review": "待复核",
    "returned": "退回",
    "queued": "待发送",
    "sent": "发送中",
    "unknown": "结果未知，将自动询问",
    "held": "平台待处理",
    "blocked": "已隔离",
    "received": "已接收",
    "checked": "已校验",
    "matched": "已关联",
    "stored": "已入库",
    "unmatched": "未关联",
    "warned": "有提示通过",
    "rejected": "退回修改",
    "recalled": "已撤回",
    "conflict": "有冲突",
    "corrected": "已更正",
    "withdrawn": "已撤销",
    "disputed": "异议中",
    "deleted": "已删除",
}
"""State of a record → its word; four of them only the platform tells."""

REASONS: Final[dict[str, str]] = {
    "wrong_entry": "填报错误",
    "decision_changed": "决定已变更",
    "decision_revoked": "决定已撤销",
    "court_or_review": "复议或诉讼结果",
    "objection": "异议成立",
    "other": "其他",
}

OPS: Final[dict[str, str]] = {"create": "新报", "correct": "更正", "withdraw": "撤销", "decide": "处理决定"}

OUTCOMES: Final[dict[str, str]] = {
    "accepted": "平台已接收",
    "accepted_with_warnings": "平台已接收，有提示",
    "rejected": "平台退回",
    "held": "平台待处理",
}

STAGES: Final[dict[str, str]] = {
    "checked": "已校验",
    "matched": "已关联主体",
    "unmatched": "未关联主体",
    "stored": "已入库",
}

OUTBOX: Final[dict[str, str]] = {
    "queued": "待发送",
    "sent": "发送中",
    "unknown": "结果未知，将自动询问",
    "held": "平台待处理",
    "blocked": "已隔离",
    "done": "已有结果",
    "recalled": "已撤回",
}
