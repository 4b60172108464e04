"""What the reviewer's page reads: submitted acts that wait, and their entries. Never writes."""

from __future__ import annotations

from typing import Final

from client.core.records import ActEntry, ActRow
from client.store.connection import Connection, Row
from client.store.draft_rows import payload_of

_ACT: Final = (
    "SELECT w.act_id, MAX(w.title) AS title, MAX(w.maker) AS maker, MAX(o.name) AS maker_name,"
    " MIN(w.submitted_at) AS submitted_at, MAX(w.import_id) AS import_id, MAX(w.case_id) AS case_id,"
    " SUM((SELECT COUNT(*) FROM review_entry e"
    " WHERE e.approval_id = w.approval_id AND e.state = 'waiting')) AS waiting,"
    " COUNT(*) AS approvals FROM review w LEFT JOIN operator o ON o.operator_id = w.maker"
)


def acts_waiting(reader: Connection, *, limit: int = 200) -> list[ActRow]:
    """Return the acts that wait for a reviewer, the oldest first."""
    rows = reader.execute(
        _ACT + " WHERE w.state = 'waiting' GROUP BY w.act_id ORDER BY submitted_at, w.act_id LIMIT ?",
        (limit,),
    )
    return [_act(row) for row in rows]


def act(reader: Connection, act_id: str) -> ActRow | None:
    """Return one act, waiting or not; None when it is unknown."""
    row = reader.execute(_ACT + " WHERE w.act_id = ? GROUP BY w.act_id", (act_id,)).fetchone()
    return None if row is None else _act(row)


def _act(row: Row) -> ActRow:
    return ActRow(
        act_id=row["act_id"],
        title=row["title"],
        maker=row["maker"],
        maker_name=row["maker_name"] or "",
        submitted_at=row["submitted_at"],
        import_id=row["import_id"],
        case_id=row["case_id"],
        waiting=row["waiting"],
        approvals=row["approvals"],
    )


def act_entries(
    reader: Connection,
    act_id: str,
    *,
    waiting_only: bool = True,
    after: ActEntry | None = None,
    limit: int = 200,
) -> list[ActEntry]:
    """Return one page of an act's entries, as they were submitted.

    Args:
        reader: of the desk.
        act_id: of the act.
        waiting_only: without what was approved, returned or taken back.
        after: last entry of the page before.
        limit: entries, at most 1,000.
    """
    rows = reader.execute(
        "SELECT e.*, COALESCE(v.content, e.content) AS said, r.subject_name, r.doc_no FROM review w"
        " JOIN review_entry e ON e.approval_id = w.approval_id"
        " LEFT JOIN version v ON v.version_id = e.version_id LEFT JOIN record r ON r.record_id = e.record_id"
        " WHERE w.act_id = :act AND (NOT :waiting OR e.state = 'waiting')"
        " AND (e.approval_id, e.place) > (:approval, :place) ORDER BY e.approval_id, e.place LIMIT :limit",
        {
            "act": act_id,
            "waiting": int(waiting_only),
            "approval": after.approval_id if after else "",
            "place": after.place if after else -1,
            "limit": max(1, min(limit, 1_000)),
        },
    )
    return [_entry(row) for row in rows]


def _entry(row: Row) -> ActEntry:
    content = payload_of(row["said"])
    return ActEntry(
        approval_id=row["approval_id"],
        place=row["place"],
        record_id=row["record_id"],
        version_id=row["version_id"],
        state=row["state"],
        op=content["op"],
        subject_name=row["subject_name"] or "",
        doc_no=row["doc_no"] or "",
        content=content,
    )
