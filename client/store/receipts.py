"""Receipts (回执): the platform's words, kept for ever. A version has one at most for each stage.

Beside them are kept the seals of the messages that they came in: the list of digests that the platform
signed. Each receipt names its seal, so that it can be proved alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from client.core.answers import Answer, Applied, Receipt, Seal
from client.core.times import to_text
from client.errors import LinkError
from client.store import batches, cases
from client.store.connection import Connection, Row
from client.store.desk import Desk
from client.store.draft_rows import CHUNK, as_json, chunks, touch
from client.store.link import SYSTEM, was_restored

RetryIn = Callable[[int], float]
"""Seconds to wait before a version is sent again, by how often it was sent."""

_OURS: Final = """
  SELECT v.version_id, v.record_id, v.op, v.content, v.content_sha256, o.state, o.batch_id, o.tries
  FROM json_each(?) j JOIN version v ON v.version_id = j.value
  JOIN outbox o ON o.version_id = v.version_id
"""


def apply(desk: Desk, answer: Answer, *, retry_in_s: RetryIn) -> Applied:
    """Take a verified answer to a batch into the store, in one transaction.

    Final receipts are kept and their versions leave the outbox. Held versions, and those that the answer
    left out, come back under the same ids. The same answer again changes nothing.

    Raises:
        LinkError: ``receipt_conflict``: it contradicts a receipt that is kept; nothing is changed.
    """
    with desk.db.transaction() as tx:
        final = [one for one in answer.receipts if one.is_final]
        ours = keep(tx, [(one, None) for one in final], answer.seal)
        taken_back = _taken_back(tx, final) if was_restored(tx) else []
        _leave_outbox(desk, tx, [one for one in final if one not in taken_back], ours)
        _name_taken_back(desk, tx, taken_back)
        held = [one for one in answer.receipts if not one.is_final]
        held_ids = _hold(desk, tx, answer.batch_id, held, retry_in_s)
        unknown = _ask_again(desk, tx, answer.batch_id, retry_in_s)
        tx.execute(
            "UPDATE batch SET state = 'answered', last_problem = NULL WHERE batch_id = ? AND state = 'open'",
            (answer.batch_id,),
        )
        applied = _count(final, held_ids, unknown)
        batches.end_try(desk, tx, answer.batch_id, "answered")
        desk.tell_as(tx, SYSTEM, "batch_answered", answer.batch_id, _said(applied))
    return applied


def _count(final: Sequence[Receipt], held: int, unknown: int) -> Applied:
    outcomes = [one.outcome for one in final]
    return Applied(
        accepted=outcomes.count("accepted") + outcomes.count("accepted_with_warnings"),
        with_warnings=outcomes.count("accepted_with_warnings"),
        rejected=outcomes.count("rejected"),
        held=held,
        unknown=unknown,
    )


def _said(applied: Applied) -> Mapping[str, int]:
    return {
        "accepted": applied.accepted,
        "rejected": applied.rejected,
        "held": applied.held,
        "unknown": applied.unknown,
    }


_KEEP: Final = (
    "INSERT INTO receipt (version_id, stage, outcome, problem, receipt_no, server_at, feed_seq, raw, seal_n)"
    " VALUES (?,?,?,?,?,?,?,?,?)"
)


def keep(tx: Connection, receipts: Iterable[tuple[Receipt, int | None]], seal: Seal) -> dict[str, Row]:
    """Keep receipts of this desk's versions; those of other desks of the unit are passed over.

    A receipt that is kept already is nothing new. Another one for the same version and stage never
    happens, unless the platform was restored from a backup and judged anew: then the first one stays.

    Args:
        tx: the open transaction.
        receipts: each with its number in the feed, or None when it came in an answer.
        seal: of the message that they came in.

    Returns:
        The versions of this desk among them, by id.

    Raises:
        LinkError: ``receipt_conflict``.
    """
    found: dict[str, Row] = {}
    seal_n: int | None = None
    for piece in chunks(receipts, CHUNK):
        ids = as_json(sorted({one.version_id for one, _ in piece}))
        ours = {row["version_id"]: row for row in tx.execute(_OURS, (ids,))}
        kept = {
            (row["version_id"], row["stage"]): row["raw"]
            for row in tx.execute(
                "SELECT r.version_id, r.stage, r.raw FROM json_each(?) j"
                " JOIN receipt r ON r.version_id = j.value",
                (ids,),
            )
        }
        fresh: list[tuple[object, ...]] = []
        for one, feed_seq in piece:
            version = ours.get(one.version_id)
            if version is not None and _is_new(tx, one, version, kept.get((one.version_id, one.stage))):
                kept[one.version_id, one.stage] = one.raw
                fresh.append(_columns(one, feed_seq))
        if fresh:
            seal_n = seal_n or _keep_seal(tx, seal)
            tx.executemany(_KEEP, ((*columns, seal_n) for columns in fresh))
        found |= ours
    return found


def _keep_seal(tx: Connection, seal: Seal) -> int:
    n: int = tx.value("INSERT INTO seal (digests, sig) VALUES (?,?) RETURNING n", (seal.digests, seal.sig))
    return n


def _is_new(tx: Connection, one: Receipt, version: Row, kept: bytes | None) -> bool:
    if one.content_sha256 != version["content_sha256"] or one.record_id != version["record_id"]:
        raise LinkError("receipt_conflict", version_id=one.version_id, stage=one.stage)
    if kept is None:
        return True
    if kept != one.raw and not was_restored(tx):
        raise LinkError("receipt_conflict", version_id=one.version_id, stage=one.stage)
    return False


def _columns(one: Receipt, feed_seq: int | None) -> tuple[object, ...]:
    problem = None if one.problem is None else as_json(one.problem)
    return (one.version_id, one.stage, one.outcome, problem, one.receipt_no, one.at, feed_seq, one.raw)


def _leave_outbox(desk: Desk, tx: Connection, final: Sequence[Receipt], ours: Mapping[str, Row]) -> None:
    tx.execute(
        "UPDATE outbox SET state = 'done', next_try_at = NULL, last_problem = NULL"
        " WHERE version_id IN (SELECT value FROM json_each(?)) AND state <> 'done'",
        (as_json([one.version_id for one in final]),),
    )
    rejected = [one for one in final if one.outcome == "rejected" and one.version_id in ours]
    if rejected:
        touch(tx, [one.record_id for one in rejected], desk.now())
    for one in rejected:
        version = ours[one.version_id]
        if version["op"] == "decide":
            cases.decision_rejected(desk, tx, version, one.problem_code or "rejected")


def _taken_back(tx: Connection, final: Sequence[Receipt]) -> list[Receipt]:
    """Return the rejections of what the platform had accepted before it was restored; first receipts stay."""
    rejected = {one.version_id: one for one in final if one.outcome == "rejected"}
    rows = tx.execute(
        "SELECT r.version_id FROM json_each(?) j JOIN receipt r ON r.version_id = j.value"
        " WHERE r.stage = 'checked' AND r.outcome <> 'rejected'",
        (as_json(sorted(rejected)),),
    )
    return [rejected[row["version_id"]] for row in rows]


def _name_taken_back(desk: Desk, tx: Connection, taken_back: Sequence[Receipt]) -> None:
    """Set aside, with the platform's reason, what it does not accept a second time: a person must look."""
    for one in taken_back:
        tx.execute(
            "UPDATE outbox SET state = 'blocked', next_try_at = NULL, last_problem = ? WHERE version_id = ?",
            (as_json({**(one.problem or {}), "code": one.problem_code, "of": "restore"}), one.version_id),
        )
        detail = {"code": one.problem_code, "receipt_no": one.receipt_no}
        desk.tell_as(tx, SYSTEM, "acceptance_taken_back", one.version_id, detail)


def _hold(desk: Desk, tx: Connection, batch_id: str, held: Sequence[Receipt], retry_in_s: RetryIn) -> int:
    """Let held versions come back, and hand over anew what the platform says that it lacks."""
    rows = tx.execute(_OURS, (as_json([one.version_id for one in held]),)).fetchall()
    tries = {row["version_id"]: row["tries"] for row in rows if row["batch_id"] == batch_id}
    for one in held:
        if one.version_id not in tries:
            continue
        tx.execute(
            "UPDATE outbox SET state = 'held', batch_id = NULL, next_try_at = ?, last_problem = ?"
            " WHERE version_id = ? AND state IN ('sent','unknown')",
            (_after(desk, retry_in_s(tries[one.version_id])), as_json(one.problem), one.version_id),
        )
        _hand_over_anew(tx, one)
    return len(tries)


def _hand_over_anew(tx: Connection, one: Receipt) -> None:
    problem = one.problem or {}
    if one.problem_code == "approval_unknown":
        tx.execute(
            "UPDATE approval SET confirmed_at = NULL"
            " WHERE approval_id = (SELECT approval_id FROM version WHERE version_id = ?)",
            (one.version_id,),
        )
    if one.problem_code == "attachment_missing":
        tx.execute(
            "UPDATE attachment SET confirmed_at = NULL WHERE file_name IS NOT NULL"
            " AND sha256 IN (SELECT value FROM json_each(?))",
            (as_json(problem.get("missing", [])),),
        )


def _ask_again(desk: Desk, tx: Connection, batch_id: str, retry_in_s: RetryIn) -> int:
    """What an answer left out is unknown: it goes into another batch under the same id."""
    left_out = tx.execute(
        "SELECT version_id, tries FROM outbox WHERE batch_id = ? AND state IN ('sent','unknown')", (batch_id,)
    ).fetchall()
    tx.executemany(
        "UPDATE outbox SET state = 'unknown', batch_id = NULL, next_try_at = ?, last_problem = ?"
        " WHERE version_id = ?",
        (
            (_after(desk, retry_in_s(row["tries"])), as_json({"code": "left_out"}), row["version_id"])
            for row in left_out
        ),
    )
    return len(left_out)


def _after(desk: Desk, seconds: float) -> str:
    return to_text(desk.clock() + timedelta(seconds=seconds))
