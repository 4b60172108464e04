"""What a version (版本) says: the bytes that are frozen, digested and approved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from forms.catalog.problems import Answer
from forms.seal.canonical import canonical, digest

Op = Literal["create", "correct", "withdraw", "decide"]

CONTENT_KEYS = (
    "record_id", "version_id", "parent", "op", "catalog", "item_sha256",
    "payload", "answers", "reason", "evidence", "case_id",
)  # fmt: skip
"""Keys of a batch item that are under the content digest; all are always present."""


@dataclass(frozen=True, slots=True)
class Content:
    """The content of one version.

    Attributes:
        record_id: UUIDv7 of the record; of the case when `op` is ``decide``.
        parent: version_id that the person saw; None for ``create``; for ``decide`` the case's revision.
        catalog: ``XZCF_FR@2026.1``; ``CASE@1`` for a decision.
        item_sha256: digest of the item (64 hex); of nothing (64 zeros) for a decision.
        payload: field id → value; empty for ``withdraw``.
        reason: ``{"code", "text"}`` for correct, withdraw and decide; None for create.
        evidence: attachments as ``{"sha256", "size", "name", "media_type"}``.
        case_id: the case that the act answers, or None.
    """

    record_id: str
    version_id: str
    parent: str | None
    op: Op
    catalog: str
    item_sha256: str
    payload: Mapping[str, Any]
    answers: Sequence[Answer] = ()
    reason: Mapping[str, str] | None = None
    evidence: Sequence[Mapping[str, Any]] = ()
    case_id: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The content as a batch item carries it, without the approval."""
        answers = sorted(
            ({"path": a.path, "code": a.code, "reason": a.reason} for a in self.answers),
            key=lambda a: (a["path"], a["code"]),
        )
        return {
            "record_id": self.record_id,
            "version_id": self.version_id,
            "parent": self.parent,
            "op": self.op,
            "catalog": self.catalog,
            "item_sha256": self.item_sha256,
            "payload": dict(self.payload),
            "answers": answers,
            "reason": dict(self.reason) if self.reason else None,
            "evidence": [dict(e) for e in self.evidence],
            "case_id": self.case_id,
        }

    def frozen(self) -> bytes:
        """The canonical bytes that the store keeps for ever."""
        return canonical(self.as_dict())


def content_digest(item: Mapping[str, Any]) -> str:
    """Digest the content part of a batch item; what else the item carries does not count."""
    return digest(canonical({key: item[key] for key in CONTENT_KEYS}))
