"""Why a record that the platform has accepted is corrected (更正) or withdrawn (撤销)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

ChangeOp = Literal["correct", "withdraw"]

REASONS: Final[Mapping[str, frozenset[str]]] = {
    "wrong_entry": frozenset({"correct", "withdraw"}),  # 填报错误
    "decision_changed": frozenset({"correct"}),  # 决定变更
    "decision_revoked": frozenset({"withdraw"}),  # 决定撤销
    "court_or_review": frozenset({"correct", "withdraw"}),  # 复议或诉讼
    "objection": frozenset({"correct", "withdraw"}),  # 异议成立
    "other": frozenset({"correct", "withdraw"}),  # 其他
}
"""Reason code → the changes that it can be given for."""

TEXT_NEEDED: Final = frozenset({"other"})
"""Codes that say nothing without a text; a withdrawal needs a text whatever its code."""


def missing(op: str, reason: Mapping[str, str] | None) -> str | None:
    """Say what a reason lacks for a change: a problem code, or None when it is enough.

    Args:
        op: ``correct`` or ``withdraw``.
        reason: ``{"code", "text"}`` as the draft holds it.
    """
    if reason is None or not reason.get("code"):
        return "reason_missing"
    code = reason["code"]
    if op not in REASONS.get(code, frozenset()):
        return "reason_unfit"
    if (op == "withdraw" or code in TEXT_NEEDED) and not reason.get("text", "").strip():
        return "reason_text_missing"
    return None
