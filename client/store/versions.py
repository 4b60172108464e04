"""Frozen versions (版本): the head of a record, its history, and recall (撤回) before sending."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from client.core.records import Draft, Head, VersionRow, answers_of, evidence_of, reason_of
from client.errors import NotAllowed
from client.store.connection import Connection, Row
from client.store.desk import Desk
from client.store.draft_rows import (
    as_json,
    is_of_decision,
    payload_of,
    put_draft,
    state_of,
    write_shown,
)
from forms.catalog.nested import files_in
from forms.catalog.schema import Values

_STAGES: Final = ("checked", "unmatched", "matched", "stored")
"""Stages from the first to the furthest."""


def head(reader: Connection, record_id: str) -> Head | None:
    """Return the newest version that the platform has accepted; None while it holds nothing."""
    row = reader.execute(
        "SELECT v.version_id, v.op, v.catalog, v.content FROM version v WHERE v.record_id = ? AND EXISTS ("
        " SELECT 1 FROM receipt c WHERE c.version_id = v.version_id"
        " AND c.outcome IN ('accepted','accepted_with_warnings')) ORDER BY v.n DESC LIMIT 1",
        (record_id,),
    ).fetchone()
    if row is None:
        return None
    said = payload_of(row["content"])
    return Head(
        row["version_id"], record_id, row["op"], row["catalog"], said["payload"], answers_of(said["answers"])
    )


def last_values(reader: Connection, record_id: str) -> Head | None:
    """Return the newest version that says anything of the record's values, accepted or not."""
    row = reader.execute(
        "SELECT version_id, op, catalog, content FROM version WHERE record_id = ?"
        " AND op IN ('create','correct') ORDER BY n DESC LIMIT 1",
        (record_id,),
    ).fetchone()
    if row is None:
        return None
    said = payload_of(row["content"])
    return Head(
        row["version_id"], record_id, row["op"], row["catalog"], said["payload"], answers_of(said["answers"])
    )


def values_of(reader: Connection, version_id: str | None) -> Values | None:
    """Return the values of one version; None when this desk does not have it."""
    content = reader.value("SELECT content FROM version WHERE version_id = ?", (version_id,))
    return None if content is None else payload_of(content)["payload"]


def history(reader: Connection, record_id: str, *, limit: int = 100) -> list[VersionRow]:
    """Return a record's versions, newest first, each with what became of it."""
    rows = reader.execute(
        "SELECT v.*, a.checker, o.state AS outbox, o.last_problem FROM version v"
        " JOIN approval a ON a.approval_id = v.approval_id JOIN outbox o ON o.version_id = v.version_id"
        " WHERE v.record_id = ? ORDER BY v.n DESC LIMIT ?",
        (record_id, limit),
    ).fetchall()
    return [_version_row(reader, row) for row in rows]


def _version_row(reader: Connection, row: Row) -> VersionRow:
    said = payload_of(row["content"])
    receipts = {
        r["stage"]: r
        for r in reader.execute(
            "SELECT stage, outcome, problem, receipt_no FROM receipt WHERE version_id = ? LIMIT 20",
            (row["version_id"],),
        )
    }
    stage = next((s for s in reversed(_STAGES) if s in receipts), None)
    checked = receipts.get("checked")
    problem = (checked["problem"] if checked else None) or row["last_problem"]
    return VersionRow(
        version_id=row["version_id"],
        record_id=row["record_id"],
        parent=row["parent"],
        op=row["op"],
        catalog=row["catalog"],
        values=said["payload"],
        reason=reason_of(said["reason"]),
        evidence=evidence_of(said["evidence"]),
        case_id=row["case_id"],
        maker=row["maker"],
        checker=row["checker"],
        created_at=row["created_at"],
        approval_id=row["approval_id"],
        outbox=row["outbox"],
        outcome=checked["outcome"] if checked else None,
        stage=stage,
        receipt_no=receipts[stage]["receipt_no"] if stage else None,
        problem=json.loads(problem) if problem else None,
    )


def draft_again(desk: Desk, reader: Connection, version_id: str) -> Draft:
    """Return the working copy that a version was made of, as a draft that is being edited.

    Raises:
        NotAllowed: ``version_unknown``; ``belongs_to_case``: a decision is taken back as a whole, as a case.
    """
    row = reader.execute("SELECT * FROM version WHERE version_id = ?", (version_id,)).fetchone()
    if row is None:
        raise NotAllowed("version_unknown")
    if row["op"] == "decide":
        raise NotAllowed("belongs_to_case")
    said = payload_of(row["content"])
    values = said["payload"]
    if row["op"] == "withdraw":
        before = head(reader, row["record_id"])
        values = before.values if before else {}
    # The version names the files of its fields among its evidence, so that they travel with it.
    in_fields = {file["sha256"] for file in files_in(desk.catalogs.item(row["catalog"]), values)}
    return Draft(
        record_id=row["record_id"],
        catalog=row["catalog"],
        op=row["op"],
        base_version=row["parent"],
        values=values,
        answers=answers_of(said["answers"]),
        reason=reason_of(said["reason"]),
        evidence=tuple(one for one in evidence_of(said["evidence"]) if one.sha256 not in in_fields),
        case_id=row["case_id"],
        edit_state="editing",
        errors=0,
        warnings=0,
        returned=False,
        owner=desk.operator.operator_id,
        saved_at=desk.now(),
        deleted_at=None,
    )


def rejections(reader: Connection, record_ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return what the platform last said of records that it gave back; those it never did are left out."""
    rows = reader.execute(
        "SELECT v.record_id, r.problem FROM json_each(?) j CROSS JOIN version v ON v.record_id = j.value"
        " CROSS JOIN receipt r ON r.version_id = v.version_id WHERE r.outcome = 'rejected' ORDER BY v.n",
        (as_json(list(record_ids)),),
    )
    return {row["record_id"]: json.loads(row["problem"] or "{}") for row in rows}


def recall(desk: Desk, version_id: str) -> None:
    """Take a version out of the outbox, and make it a draft again (撤回).

    Only while it has never been in a batch: afterwards the platform may have it, and only a
    correction or a withdrawal is honest.

    Raises:
        NotAllowed: ``already_sent``, ``belongs_to_case``, ``version_unknown``, ``not_your_role``.
    """
    with desk.db.transaction() as tx:
        draft = draft_again(desk, tx, version_id)
        if is_of_decision(tx, draft.record_id, draft.case_id):
            raise NotAllowed("belongs_to_case")  # the decision of the case names this version
        desk.require("recall", state_of(tx, draft.record_id))
        taken = tx.execute(
            "UPDATE outbox SET state = 'recalled' WHERE version_id = ? AND state = 'queued'"
            " AND batch_id IS NULL AND tries = 0",
            (version_id,),
        )
        if taken.rowcount != 1:
            raise NotAllowed("already_sent")
        put_draft(tx, draft)
        write_shown(tx, draft.record_id, desk.catalogs.item(draft.catalog), draft.values, draft.saved_at)
        desk.tell(tx, "version_recalled", version_id)
    if desk.second_copy is not None:
        desk.second_copy.trim(desk)
