"""What a decision on a case (处理决定) says, and the corrections and withdrawals that follow from it.

Nothing is written here: contents are made, `case_acts` submits them as one act.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from client.core.cases import Case, Disputed
from client.errors import NotAllowed
from client.store import versions
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import without_empty
from forms.catalog.check import check
from forms.catalog.problems import Answer
from forms.seal.content import Content

CASE_CATALOG: Final = "CASE@1"
NO_ITEM: Final = "0" * 64
FINDINGS: Final = frozenset({"stands", "correct_to", "supplement", "delete"})
WITH_VALUE: Final = frozenset({"correct_to", "supplement"})
OUTCOMES: Final = frozenset({"granted", "refused"})
UPHELD: Final = "objection_upheld"  # 异议成立
NOT_UPHELD: Final = "objection_not_upheld"  # 异议不成立
REPAIRED: Final = "repair_granted"  # 准予修复
NOT_REPAIRED: Final = "repair_refused"  # 不予修复
MOST_REASON: Final = 2_000
"""Characters of a reason on the wire."""


def contents_of(desk: Desk, case: Case, payload: Mapping[str, Any]) -> list[Content]:
    """Return the decision and what follows from it, ready to be frozen.

    Args:
        desk: the open desk.
        case: as it is now.
        payload: what the handler wrote; see `client.store.cases.save_decision`.

    Raises:
        NotAllowed: ``decision_incomplete``: a disputed field has no finding, or the text is missing;
            ``outcome_missing``: of a repair; ``record_changed``: this desk has a newer version of a record
            than the case tells of.
    """
    text = str(payload.get("text", ""))
    if not text.strip():
        raise NotAllowed("decision_incomplete", field="")
    findings = _findings(case, payload)
    changes = [
        made
        for record in case.records
        if (made := _change(desk, case, record, findings, payload)) is not None
    ]
    said: dict[str, Any] = {
        "disputes": findings, "corrections": [one.version_id for one in changes], "text": text,
    }  # fmt: skip
    code = UPHELD if changes else NOT_UPHELD
    if case.row.kind == "repair":
        outcome = payload.get("outcome")
        if outcome not in OUTCOMES:
            raise NotAllowed("outcome_missing")
        said["outcome"] = outcome
        code = REPAIRED if outcome == "granted" else NOT_REPAIRED
    decide = Content(
        record_id=case.row.case_id,
        version_id=desk.new_id(),
        parent=case.revision,
        op="decide",
        catalog=CASE_CATALOG,
        item_sha256=NO_ITEM,
        payload=said,
        reason={"code": code, "text": _short(text)},
        case_id=case.row.case_id,
    )
    return [decide, *changes]


def _findings(case: Case, payload: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return one finding for every disputed field, in the shape of the wire."""
    first = case.records[0].record_id
    said = {(one.get("record_id", first), one.get("field")): one for one in payload.get("disputes", [])}
    found: list[Mapping[str, Any]] = []
    for record in case.records:
        for dispute in record.disputes:
            one = said.get((record.record_id, dispute.field), {})
            finding = one.get("finding")
            if finding not in FINDINGS or (finding in WITH_VALUE and "value" not in one):
                raise NotAllowed("decision_incomplete", field=dispute.field)
            kept = {"record_id": record.record_id, "field": dispute.field, "finding": finding}
            found.append(kept | ({"value": one["value"]} if finding in WITH_VALUE else {}))
    return found


def _change(
    desk: Desk,
    case: Case,
    record: Disputed,
    findings: Sequence[Mapping[str, Any]],
    payload: Mapping[str, Any],
) -> Content | None:
    """Return the correction or withdrawal that carries the findings on a record out; None: it stands."""
    mine = [one for one in findings if one["record_id"] == record.record_id]
    goes = any(one["finding"] == "delete" for one in mine)
    corrected = {one["field"]: one["value"] for one in mine if one["finding"] in WITH_VALUE}
    if not goes and not corrected:
        return None
    reader = desk.db.reader()
    head = versions.head(reader, record.record_id)
    if head is not None and head.version_id != record.version_id:
        raise NotAllowed("record_changed")
    item = desk.catalogs.item(record.catalog)
    values = {} if goes else without_empty({**record.values, **corrected})
    answers = [] if goes else _answers(desk, reader, record, values, payload)
    return Content(
        record_id=record.record_id,
        version_id=desk.new_id(),
        parent=record.version_id,
        op="withdraw" if goes else "correct",
        catalog=record.catalog,
        item_sha256=item.digest,
        payload=values,
        answers=answers,
        reason={"code": "objection", "text": _short(str(payload["text"]))},
        case_id=case.row.case_id,
    )


def _answers(
    desk: Desk, reader: Connection, record: Disputed, values: Mapping[str, Any], payload: Mapping[str, Any]
) -> list[Answer]:
    """What was said to warnings before holds on, where this desk knows it; the handler's word goes first."""
    content = reader.value("SELECT content FROM version WHERE version_id = ?", (record.version_id,))
    said = [*(json.loads(content)["answers"] if content else []), *payload.get("answers", [])]
    by_place = {(one["path"], one["code"]): Answer(one["path"], one["code"], one["reason"]) for one in said}
    item = desk.catalogs.item(record.catalog)
    asked = {(p.path, p.code) for p in check(item, values, reported_on=desk.today()) if p.answerable}
    return [one for place, one in by_place.items() if place in asked]


def _short(text: str) -> str:
    return text[:MOST_REASON]
