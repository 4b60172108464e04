"""Batches (批次): frozen bytes, written before the first of them is sent, and sent again as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from client.core.batches import BatchRow, BatchTry, Due, Encode, Envelope, FrozenBatch, OpenBatch
from client.core.times import SHANGHAI, to_text
from client.errors import NotAllowed
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import as_json
from client.store.link import SYSTEM
from forms.seal.canonical import digest

Keep = Callable[[FrozenBatch], object]
"""Told of the bytes that were frozen just now, so that they need not be read again at once."""


def freeze(
    desk: Desk,
    tx: Connection,
    chosen: Sequence[Due],
    encode: Encode,
    *,
    tries: int = 0,
    keep: Keep | None = None,
) -> OpenBatch:
    """Freeze versions in a new batch, in the open transaction, and mark them sent.

    The batch takes the next number of this device and names the digest of the one before; batches that
    held its versions and were given up are named as void.

    Args:
        desk: the open desk.
        tx: the transaction.
        chosen: one or more; at most one version of a record.
        encode: makes the bytes.
        tries: with which it starts; more than 0 for a half of a batch that failed.
        keep: told of the bytes; None for nobody.
    """
    device = tx.execute("SELECT * FROM device LIMIT 1").fetchone()
    if device is None or not chosen:
        raise ValueError("a device and a version are needed")
    envelope = Envelope(
        batch_id=desk.new_id(),
        device_id=device["device_id"],
        device_seq=device["next_seq"],
        prev_sha256=device["last_batch_sha256"],
        void=sorted({one.batch_id for one in chosen if one.batch_id is not None}),
        feed_ack=device["cursor"],
        local=desk.clock().astimezone(SHANGHAI).isoformat(timespec="milliseconds"),
        offset_ms=device["clock_offset_ms"],
    )
    body = encode(envelope, chosen)
    body_sha256 = digest(body)
    tx.execute(
        "INSERT INTO batch (batch_id, device_seq, body_sha256, items, state, cut_at, tries)"
        " VALUES (?,?,?,?,'open',?,?)",
        (envelope.batch_id, envelope.device_seq, body_sha256, len(chosen), desk.now(), tries),
    )
    tx.execute("INSERT INTO batch_body VALUES (?,?)", (envelope.batch_id, body))
    tx.execute("UPDATE device SET next_seq = next_seq + 1, last_batch_sha256 = ?", (body_sha256,))
    tx.execute(
        "UPDATE outbox SET state = 'sent', batch_id = ?, tries = tries + 1, next_try_at = NULL,"
        " last_problem = NULL WHERE version_id IN (SELECT value FROM json_each(?))",
        (envelope.batch_id, as_json([one.version_id for one in chosen])),
    )
    desk.tell_as(
        tx, SYSTEM, "batch_cut", envelope.batch_id, {"sha256": body_sha256, "items": len(chosen)}
    )  # fmt: skip
    if keep is not None:
        versions = {one.version_id: one.content_sha256 for one in chosen}
        keep(FrozenBatch(envelope.batch_id, body, body_sha256, versions))
    return OpenBatch(envelope.batch_id, len(chosen), tries)


def open_batches(reader: Connection, *, limit: int = 1_000) -> list[OpenBatch]:
    """Return the batches that have no answer, oldest first."""
    rows = reader.execute(
        "SELECT batch_id, items, tries, first_sent_at FROM batch WHERE state = 'open'"
        " ORDER BY device_seq LIMIT ?",
        (limit,),
    )
    return [OpenBatch(r["batch_id"], r["items"], r["tries"], r["first_sent_at"] is not None) for r in rows]


def frozen(reader: Connection, batch_id: str) -> FrozenBatch:
    """Return the bytes of a batch and the digests of its versions; raises NotAllowed ``batch_unknown``."""
    row = reader.execute(
        "SELECT y.body, b.body_sha256 FROM batch b JOIN batch_body y ON y.batch_id = b.batch_id"
        " WHERE b.batch_id = ?",
        (batch_id,),
    ).fetchone()
    if row is None:
        raise NotAllowed("batch_unknown")
    versions = reader.execute(
        "SELECT o.version_id, v.content_sha256 FROM outbox o JOIN version v ON v.version_id = o.version_id"
        " WHERE o.batch_id = ?",
        (batch_id,),
    )
    return FrozenBatch(
        batch_id, row["body"], row["body_sha256"], {v["version_id"]: v["content_sha256"] for v in versions}
    )


def mark_sending(desk: Desk, batch_id: str) -> None:
    """Note, before a byte is sent, that from now on nobody knows whether it arrived."""
    with desk.db.transaction() as tx:
        at = desk.now()
        tx.execute(
            "UPDATE batch SET tries = tries + 1, first_sent_at = COALESCE(first_sent_at, ?), last_sent_at = ?"
            " WHERE batch_id = ? AND state = 'open'",
            (at, at, batch_id),
        )
        tx.execute("UPDATE outbox SET state = 'sent' WHERE batch_id = ? AND state = 'unknown'", (batch_id,))
        tx.execute(
            "INSERT INTO batch_try (batch_id, n, at) SELECT batch_id, tries, last_sent_at FROM batch"
            " WHERE batch_id = ? AND state = 'open' ON CONFLICT DO NOTHING",
            (batch_id,),
        )


def end_try(desk: Desk, tx: Connection, batch_id: str, code: str) -> None:
    """Note what came of the last sending: a code of why not, or ``answered``."""
    tx.execute(
        "UPDATE batch_try SET ended_at = ?1, code = ?2 WHERE batch_id = ?3"
        " AND n = (SELECT MAX(n) FROM batch_try WHERE batch_id = ?3)"
        " AND (ended_at IS NULL OR ?2 = 'answered')",
        (desk.now(), code, batch_id),
    )


def note_refusal(desk: Desk, batch_id: str, code: str) -> None:
    """Note that the platform answered the last sending, or the question about it, with a refusal."""
    with desk.db.transaction() as tx:
        end_try(desk, tx, batch_id, code)


def tries_of(reader: Connection, batch_id: str, *, limit: int = 50) -> list[BatchTry]:
    """Return the sendings of a batch, newest first."""
    rows = reader.execute(
        "SELECT n, at, ended_at, code FROM batch_try WHERE batch_id = ? ORDER BY n DESC LIMIT ?",
        (batch_id, limit),
    )
    return [BatchTry(*row) for row in rows]


def mark_unknown(desk: Desk, batch_id: str, code: str) -> None:
    """Note that a batch was sent and nothing that can be believed came back."""
    with desk.db.transaction() as tx:
        tx.execute("UPDATE batch SET last_problem = ? WHERE batch_id = ?", (code, batch_id))
        end_try(desk, tx, batch_id, code)
        tx.execute(
            "UPDATE outbox SET state = 'unknown', last_problem = ? WHERE batch_id = ?"
            " AND state IN ('sent','unknown')",
            (as_json({"code": code}), batch_id),
        )


def split(desk: Desk, batch_id: str, *, tries: int, encode: Encode) -> tuple[OpenBatch, OpenBatch]:
    """Give a batch up and freeze its versions in two, in one transaction. The versions keep their ids.

    Args:
        desk: the open desk.
        batch_id: of an open batch of two versions or more.
        tries: with which the halves start.
        encode: makes the bytes.
    """
    with desk.db.transaction() as tx:
        _give_up(tx, batch_id)
        waiting = _due_of(tx, batch_id)
        middle = (len(waiting) + 1) // 2
        desk.tell_as(tx, SYSTEM, "batch_split", batch_id, {"items": len(waiting)})
        first = freeze(desk, tx, waiting[:middle], encode, tries=tries)
        return first, freeze(desk, tx, waiting[middle:], encode, tries=tries)


ONCE_MORE_AFTER: Final = timedelta(minutes=15)
# An answer had left these out, and the feed told of them since: nothing but the receipt is lacking.
_ONCE_MORE: Final = """
  UPDATE outbox SET state = 'unknown', batch_id = NULL, next_try_at = ?, last_problem = ?
  WHERE batch_id = ? AND state IN ('sent','unknown')
    AND EXISTS (SELECT 1 FROM receipt r WHERE r.version_id = outbox.version_id)
    AND NOT EXISTS (SELECT 1 FROM receipt r WHERE r.version_id = outbox.version_id AND r.stage = 'checked')
"""


def block(desk: Desk, batch_id: str, code: str) -> None:
    """Set what is in a batch aside, named with its reason, so that the rest flows; a person releases it.

    What has receipts of later stages is there, whatever the platform fails on: it goes again after a while.
    """
    with desk.db.transaction() as tx:
        _give_up(tx, batch_id)
        tx.execute("UPDATE batch SET last_problem = ? WHERE batch_id = ?", (code, batch_id))
        end_try(desk, tx, batch_id, code)
        again_at = to_text(desk.clock() + ONCE_MORE_AFTER)
        tx.execute(_ONCE_MORE, (again_at, as_json({"code": code}), batch_id))
        tx.execute(
            "UPDATE outbox SET state = 'blocked', last_problem = ? WHERE batch_id = ?"
            " AND state IN ('sent','unknown')",
            (as_json({"code": code, "of": "platform"}), batch_id),
        )
        desk.tell_as(tx, SYSTEM, "batch_blocked", batch_id, {"code": code})


def _give_up(tx: Connection, batch_id: str) -> None:
    taken = tx.execute("UPDATE batch SET state = 'void' WHERE batch_id = ? AND state = 'open'", (batch_id,))
    if taken.rowcount != 1:
        raise NotAllowed("batch_unknown")


def _due_of(tx: Connection, batch_id: str) -> list[Due]:
    rows = tx.execute(
        "SELECT o.version_id, v.record_id, o.lane, o.queued_n, v.content, v.approval_id, v.place, o.batch_id,"
        " v.content_sha256 FROM outbox o JOIN version v ON v.version_id = o.version_id"
        " WHERE o.batch_id = ? AND o.state IN ('sent','unknown') ORDER BY o.lane, o.queued_n",
        (batch_id,),
    )
    return [Due(*row) for row in rows]


_LIST: Final = """
  SELECT b.batch_id, b.device_seq, b.items, length(y.body), b.state, b.cut_at, b.last_sent_at, b.tries,
    b.last_problem,
    COALESCE(SUM(c.outcome IN ('accepted','accepted_with_warnings')), 0),
    COALESCE(SUM(c.outcome = 'rejected'), 0),
    COALESCE(SUM(o.state <> 'done'), 0)
  FROM batch b JOIN batch_body y ON y.batch_id = b.batch_id
  LEFT JOIN outbox o ON o.batch_id = b.batch_id
  LEFT JOIN receipt c ON c.version_id = o.version_id AND c.stage = 'checked'
  WHERE b.device_seq IN (SELECT device_seq FROM batch WHERE (?1 IS NULL OR device_seq < ?1)
                         AND (?3 = '[]' OR state IN (SELECT value FROM json_each(?3)))
                         ORDER BY device_seq DESC LIMIT ?2)
  GROUP BY b.batch_id ORDER BY b.device_seq DESC
"""


def list_batches(
    reader: Connection, *, before: int | None = None, states: Sequence[str] = (), limit: int = 200
) -> list[BatchRow]:
    """Return batches, newest first.

    Args:
        reader: of the desk.
        before: `device_seq` of the last row of the page before.
        states: open, answered, void; empty for all.
        limit: most rows.
    """
    return [BatchRow(*row) for row in reader.execute(_LIST, (before, limit, as_json(list(states))))]
