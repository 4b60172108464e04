"""What a restored platform has lost: accepted versions are asked about page by page, and sent again.

How far the asking has come is kept with what it found, in one transaction: a kill costs one question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import as_json
from client.store.link import SYSTEM, asked_up_to, put_asked_up_to


@dataclass(frozen=True, slots=True)
class Accepted:
    """A page of versions that the platform had accepted, in the order of their approval.

    Attributes:
        up_to: the number of the last; None when there are no more.
    """

    version_ids: tuple[str, ...]
    up_to: int | None


# A version under its own number; what is on its way again anyhow need not be asked about.
_ACCEPTED: Final = """
  SELECT v.n, v.version_id FROM version v JOIN outbox o ON o.version_id = v.version_id
  JOIN receipt c ON c.version_id = v.version_id AND c.stage = 'checked'
  WHERE v.n > ? AND o.state = 'done' AND c.outcome <> 'rejected' ORDER BY v.n LIMIT ?
"""
_AGAIN: Final = """
  UPDATE outbox SET state = 'queued', batch_id = NULL, tries = 0, next_try_at = NULL, last_problem = NULL
  WHERE state = 'done' AND version_id IN (SELECT value FROM json_each(?))
"""
_APPROVALS: Final = """
  UPDATE approval SET confirmed_at = NULL WHERE approval_id IN (
    SELECT v.approval_id FROM json_each(?) j JOIN version v ON v.version_id = j.value)
"""
_EVIDENCE: Final = """
  UPDATE attachment SET confirmed_at = NULL WHERE file_name IS NOT NULL AND sha256 IN (
    SELECT json_extract(e.value, '$.sha256') FROM json_each(?) j JOIN version v ON v.version_id = j.value,
      json_each(CAST(v.content AS TEXT), '$.evidence') e
    WHERE instr(v.content, CAST('"evidence":[]' AS BLOB)) = 0)
"""


def accepted_after(reader: Connection, after: int, *, limit: int) -> Accepted:
    """Return the next page of accepted versions."""
    rows = reader.execute(_ACCEPTED, (after, limit)).fetchall()
    return Accepted(tuple(row["version_id"] for row in rows), rows[-1]["n"] if rows else None)


def queue_again(desk: Desk, version_ids: Sequence[str], up_to: int | None) -> int:
    """Queue what the platform lacks under its own ids, and note how far the asking has come.

    First receipts stay. Approvals and evidence are handed over again, before the versions.

    Args:
        desk: the open desk.
        version_ids: of the page, those that the platform lacks.
        up_to: number of the last version asked about; None when all were.

    Returns:
        How many were queued.
    """
    with desk.db.transaction() as tx:
        if asked_up_to(tx) is None:
            return 0
        queued = put_in_outbox_again(tx, version_ids)
        if queued:
            detail = {"versions": queued}
            desk.tell_as(tx, SYSTEM, "versions_queued_again", desk.device.device_id, detail)
        put_asked_up_to(tx, up_to)
    return queued


def put_in_outbox_again(tx: Connection, version_ids: Sequence[str]) -> int:
    """Queue versions that were done, with what must be handed over before them; returns how many."""
    if not version_ids:
        return 0
    ids = as_json(list(version_ids))
    queued: int = tx.execute(_AGAIN, (ids,)).rowcount
    if queued:
        tx.execute(_APPROVALS, (ids,))
        tx.execute(_EVIDENCE, (ids,))
    return queued
