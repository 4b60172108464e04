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

Place = tuple[str, str]
"""Version and stage: a receipt is kept once for each."""

# With the stages that receipts are kept of; an index answers that.
_OURS: Final = """
  SELECT v.version_id, v.record_id, v.content_sha256,
    (SELECT group_concat(r.stage) FROM receipt r WHERE r.version_id = v.version_id)
  FROM json_each(?) j JOIN version v ON v.version_id = j.value
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
        keep(tx, [(one, None) for one in final], answer.seal)
        taken_back = _taken_back(tx, final) if was_restored(tx) else []
        _leave_outbox(desk, tx, [one for one in final if one not in taken_back])
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


_FROM_ONE_ON: Final = """
  SELECT s.raw FROM outbox f JOIN receipt b ON b.version_id = f.version_id AND b.stage = 'checked'
  JOIN outbox o ON o.batch_id = f.batch_id
  JOIN receipt r ON r.version_id = o.version_id AND r.stage = 'checked' AND r.receipt_no >= b.receipt_no
  JOIN receipt_said s ON s.version_id = r.version_id AND s.stage = 'checked'
  WHERE f.version_id = ? ORDER BY r.receipt_no LIMIT ?
"""


def checked(reader: Connection, runs: Sequence[tuple[str, int]]) -> dict[tuple[str, int], list[bytes]]:
    """Return the receipts that versions were given in answers, where all of a run are here.

    Args:
        reader: of the desk.
        runs: a version, and how many: itself and those of its batch whose receipts have the next numbers.
    """
    alone = as_json(sorted({version_id for version_id, count in runs if count == 1}))
    rows = reader.execute(
        "SELECT r.version_id, r.raw FROM json_each(?) j JOIN receipt_said r ON r.version_id = j.value"
        " WHERE r.stage = 'checked'",
        (alone,),
    )
    found = {(row["version_id"], 1): [row["raw"]] for row in rows}
    for version_id, count in set(runs) - found.keys():
        if count > 1:
            raws = [row["raw"] for row in reader.execute(_FROM_ONE_ON, (version_id, count))]
            if len(raws) == count:
                found[version_id, count] = raws
    return found


def keep(
    tx: Connection, receipts: Iterable[tuple[Receipt, int | None]], seal: Seal, epoch: str | None = None
) -> dict[Place, bool]:
    """Keep receipts of this desk's versions; those of other desks of the unit are passed over.

    A receipt that is kept already is nothing new. Another one for the same version and stage never
    happens, unless the platform was restored from a backup and judged anew: then the first one stays.

    Args:
        tx: the open transaction.
        receipts: each with its number in the feed, or None when it came in an answer.
        seal: of the message that they came in.
        epoch: of the feed, when it was a page of that.

    Returns:
        Those that are kept exactly as they came, and whether since now.

    Raises:
        LinkError: ``receipt_conflict``.
    """
    same: dict[Place, bool] = {}
    seal_n: int | None = None
    server_id: str = tx.value("SELECT server_id FROM device LIMIT 1")
    for piece in chunks(receipts, CHUNK):
        ours = _ours(tx, piece)
        fresh: dict[Place, tuple[object, ...]] = {}
        for one, feed_seq in piece:
            version = ours.get(one.version_id)
            if version is None:
                continue
            record_id, content_sha256, stages = version
            if one.content_sha256 != content_sha256 or one.record_id != record_id:
                raise LinkError("receipt_conflict", version_id=one.version_id, stage=one.stage)
            place = (one.version_id, one.stage)
            if place in fresh or one.stage in stages:
                if not _is_same(tx, one, fresh.get(place), server_id):
                    continue
            else:
                fresh[place] = _columns(one, feed_seq, server_id)
            same[place] = same.get(place, place in fresh)
        if fresh:
            seal_n = seal_n or _keep_seal(tx, seal, server_id, epoch)
            tx.executemany(_KEEP, [(*columns, seal_n) for columns in fresh.values()])
    return same


def _ours(
    tx: Connection, piece: Sequence[tuple[Receipt, int | None]]
) -> dict[str, tuple[str, str, Sequence[str]]]:
    """Return the versions of this desk among them: record, digest of the content, stages that are kept."""
    ids = as_json(sorted({one.version_id for one, _ in piece}))
    return {
        version_id: (record_id, sha256, stages.split(",") if stages else ())
        for version_id, record_id, sha256, stages in tx.execute(_OURS, (ids,))
    }


def _is_same(tx: Connection, one: Receipt, fresh: tuple[object, ...] | None, server_id: str) -> bool:
    """Say whether a receipt is the one that is kept; another one is taken for that only after a restore."""
    if fresh:
        is_same = fresh == _columns(one, fresh[6], server_id)
    else:
        kept = tx.value(
            "SELECT raw FROM receipt_said WHERE version_id = ? AND stage = ?", (one.version_id, one.stage)
        )
        is_same = bool(kept == one.raw)
    if not is_same and not was_restored(tx):
        raise LinkError("receipt_conflict", version_id=one.version_id, stage=one.stage)
    return is_same


def _keep_seal(tx: Connection, seal: Seal, server_id: str, epoch: str | None) -> int:
    n: int = tx.value(
        "INSERT INTO seal (digests, sig, server_id, epoch) VALUES (?,?,?,?) RETURNING n",
        (seal.digests, seal.sig, server_id, epoch),
    )
    return n


def _columns(one: Receipt, feed_seq: object, server_id: str) -> tuple[object, ...]:
    """What is kept of a receipt: its bytes only where they do not follow from the rest (`receipt_said`)."""
    problem = None if one.problem is None else as_json(one.problem)
    plain = (
        f'{{"at":"{one.at}","content_sha256":"{one.content_sha256}","outcome":"{one.outcome}","problem":null,'
        f'"receipt_no":"{one.receipt_no}","record_id":"{one.record_id}","server_id":"{server_id}",'
        f'"stage":"{one.stage}","version_id":"{one.version_id}"}}'
    )
    raw = None if plain.encode() == one.raw else one.raw
    return (one.version_id, one.stage, one.outcome, problem, one.receipt_no, one.at, feed_seq, raw)


def _leave_outbox(desk: Desk, tx: Connection, final: Sequence[Receipt]) -> None:
    tx.execute(
        "UPDATE outbox SET state = 'done', next_try_at = NULL, last_problem = NULL"
        " WHERE version_id IN (SELECT value FROM json_each(?)) AND state <> 'done'",
        (as_json([one.version_id for one in final]),),
    )
    rejected = {one.version_id: one for one in final if one.outcome == "rejected"}
    if not rejected:
        return
    ours = tx.execute(
        "SELECT version_id, record_id, op, content FROM version"
        " WHERE version_id IN (SELECT value FROM json_each(?))",
        (as_json(sorted(rejected)),),
    ).fetchall()
    touch(tx, [version["record_id"] for version in ours], desk.now())
    for version in ours:
        if version["op"] == "decide":
            code = rejected[version["version_id"]].problem_code
            cases.decision_rejected(desk, tx, version, code or "rejected")


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
    """Set aside, with the platform's reason, what it does not accept a second time: a person must look.

    A decision is decided anew, and what would have carried it out is recalled, as when it is refused at once.
    """
    decisions = _decisions(tx, [one.version_id for one in taken_back])
    for one in taken_back:
        decision = decisions.get(one.version_id)
        tx.execute(
            "UPDATE outbox SET state = ?, next_try_at = NULL, last_problem = ? WHERE version_id = ?",
            (
                "blocked" if decision is None else "recalled",
                as_json({**(one.problem or {}), "code": one.problem_code, "of": "restore"}),
                one.version_id,
            ),
        )
        if decision is not None:
            cases.decision_rejected(desk, tx, decision, one.problem_code or "rejected")
        detail = {"code": one.problem_code, "receipt_no": one.receipt_no}
        desk.tell_as(tx, SYSTEM, "acceptance_taken_back", one.version_id, detail)


def _decisions(tx: Connection, version_ids: Sequence[str]) -> Mapping[str, Row]:
    """Return those of the versions that are decisions on a case."""
    rows = tx.execute(
        "SELECT v.* FROM json_each(?) j JOIN version v ON v.version_id = j.value WHERE v.op = 'decide'",
        (as_json(list(version_ids)),),
    )
    return {row["version_id"]: row for row in rows}


def _hold(desk: Desk, tx: Connection, batch_id: str, held: Sequence[Receipt], retry_in_s: RetryIn) -> int:
    """Let held versions come back, and hand over anew what the platform says that it lacks."""
    if not held:
        return 0
    rows = tx.execute(
        "SELECT version_id, tries FROM outbox WHERE batch_id = ?"
        " AND version_id IN (SELECT value FROM json_each(?))",
        (batch_id, as_json([one.version_id for one in held])),
    )
    tries = {row["version_id"]: row["tries"] for row in rows}
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
