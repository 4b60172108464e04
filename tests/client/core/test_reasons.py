from __future__ import annotations

import pytest

from client.core.reasons import REASONS, missing


@pytest.mark.parametrize(
    ("op", "reason", "lacks"),
    [
        ("correct", None, "reason_missing"),
        ("correct", {"code": "", "text": "写错了"}, "reason_missing"),
        ("correct", {"code": "wrong_entry"}, None),
        ("correct", {"code": "decision_revoked", "text": "已撤销"}, "reason_unfit"),
        ("correct", {"code": "other", "text": "  "}, "reason_text_missing"),
        ("correct", {"code": "other", "text": "合并机构"}, None),
        ("withdraw", {"code": "decision_revoked"}, "reason_text_missing"),
        ("withdraw", {"code": "decision_revoked", "text": "处罚决定已撤销"}, None),
        ("withdraw", {"code": "nonsense", "text": "x"}, "reason_unfit"),
    ],
)
def test_a_change_needs_a_reason_that_fits_it(op: str, reason: dict[str, str] | None, lacks: str | None):
    assert missing(op, reason) == lacks


def test_every_reason_is_for_some_change():
    assert all(ops <= {"correct", "withdraw"} and ops for ops in REASONS.values())
