"""The outbox (待发送): every approved version, from approval until a receipt of the platform is kept.

A version leaves it only by a final receipt (`receipts.apply`) or by recall before it was ever sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from client.core.batches import Due, Encode, OpenBatch, WaitingRow
from client.core.times import from_text
from client.errors import NotAllowed
from client.store import batches
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import CHUNK, as_json
from client.store.link import SYSTEM, link

Choose = Callable[[Sequence[Due]], Sequence[Due]]
"""Takes what is due, in order, and returns what goes into the next batch."""

IsOver = Callable[[datetime | None, datetime], bool]
"""Says whether a wait is over: when it was to end, and the time now."""

# Older versions of a record go first, alone; what a restored platform has lost waits for what is on its way.
# A correction that carries out a decision waits for the decision, a decision for what was said before it.
_DUE: Final = """
  SELECT o.version_id, v.record_id, o.lane, o.queued_n, v.content, v.approval_id, v.place, o.batch_id,
    v.content_sha256, o.next_try_at
  FROM outbox o JOIN version v ON v.version_id = o.version_id
  JOIN approval a ON a.approval_id = v.approval_id
  WHERE o.state = ? AND (o.state <> 'unknown' OR o.batch_id IS NULL) AND (a.confirmed_at IS NOT NULL OR ?)
    AND NOT EXISTS (SELECT 1 FROM version e JOIN outbox p ON p.version_id = e.version_id
                    WHERE e.record_id = v.record_id AND e.n <> v.n
                    AND ((e.n < v.n AND p.state IN ('queued','sent','unknown','held','blocked'))
                         OR (p.batch_id IS NOT NULL AND p.state IN ('sent','unknown'))))
    AND (v.case_id IS NULL OR v.op = 'decide'
         OR NOT EXISTS (SELECT 1 FROM version d JOIN outbox p ON p.version_id = d.version_id
                        WHERE d.record_id = v.case_id AND d.approval_id = v.approval_id AND d.op = 'decide'
                        AND p.state IN ('queued','sent','unknown','held','blocked')))
    AND (v.op <> 'decide' OR NOT EXISTS (SELECT 1 FROM case_post p WHERE p.case_id = v.record_id
                                         AND p.post_id = v.parent AND p.state IN ('queued','sent')))
  ORDER BY o.lane, o.queued_n LIMIT ?
"""


def due(
    reader: Connection, now: datetime, is_over: IsOver, *, limit: int, unconfirmed: bool = False
) -> list[Due]:
    """Return what may be sent, by lane, oldest first.

    Held versions, and those that an answer left out, come back when their wait is over.

    Args:
        reader: of the desk.
        now: by this desk's clock.
        is_over: says whether a wait is over.
        limit: most versions of a state.
        unconfirmed: also those whose approval the platform has not confirmed, because it travels with them.
    """
    found: list[Due] = []
    for state in ("queued", "held", "unknown"):
        # Among what waits, those whose wait is over may stand behind many of which it is not.
        most = limit if state == "queued" else max(limit, CHUNK)
        for row in reader.execute(_DUE, (state, unconfirmed, most)):
            *values, next_try_at = tuple(row)
            if is_over(None if next_try_at is None else from_text(next_try_at), now):
                found.append(Due(*values))
    return sorted(found, key=attrgetter("lane", "queued_n"))[:limit]


def cut_batch(
    desk: Desk,
    *,
    choose: Choose,
    encode: Encode,
    is_over: IsOver,
    look_at: int,
    unconfirmed: bool = False,
    keep: batches.Keep | None = None,
) -> OpenBatch | None:
    """Freeze the next batch and mark its versions sent, in one transaction; None when nothing is due.

    Args:
        desk: the open desk.
        choose: of what is due.
        encode: makes the bytes.
        is_over: says whether a wait is over.
        look_at: most versions to choose from.
        unconfirmed: as for `due`.
        keep: told of the bytes; None for nobody.
    """
    with desk.db.transaction() as tx:
        chosen = choose(due(tx, desk.clock(), is_over, limit=look_at, unconfirmed=unconfirmed))
        return batches.freeze(desk, tx, chosen, encode, keep=keep) if chosen else None


def approvals_to_put(reader: Connection, *, limit: int = 1_000) -> list[str]:
    """Return the approvals that the platform has not confirmed and that something waits for."""
    rows = reader.execute(
        "SELECT a.approval_id FROM approval a WHERE a.confirmed_at IS NULL AND EXISTS ("
        " SELECT 1 FROM version v JOIN outbox o ON o.version_id = v.version_id"
        " WHERE v.approval_id = a.approval_id AND o.state IN ('queued','sent','unknown','held','blocked'))"
        " ORDER BY a.approved_at, a.approval_id LIMIT ?",
        (limit,),
    )
    return [row["approval_id"] for row in rows]


_LEGAL: Final = """
  SELECT v.approval_id, v.content FROM outbox o JOIN version v ON v.version_id = o.version_id
  WHERE o.state = ? AND o.lane = 0
"""


def legal_papers(reader: Connection) -> frozenset[str]:
    """Return the approvals and attachments (by digest) that waiting decisions, withdrawals and posts name."""
    found: set[str] = set()
    for state in WAITING_STATES:
        for approval_id, content in reader.execute(_LEGAL, (state,)):
            found.add(approval_id)
            found.update(one["sha256"] for one in json.loads(content)["evidence"])
    found.update(row["sha256"] for row in reader.execute(_WANTED_BY_POSTS, (1_000,)))
    return frozenset(found)


def approval_body(reader: Connection, approval_id: str) -> bytes:
    """Return the frozen bytes of an approval; raises NotAllowed ``approval_unknown``."""
    body: bytes | None = reader.value("SELECT body FROM approval WHERE approval_id = ?", (approval_id,))
    if body is None:
        raise NotAllowed("approval_unknown")
    return body


def confirm_approval(desk: Desk, approval_id: str) -> None:
    """Note that the platform has an approval; what was blocked for it flows again."""
    with desk.db.transaction() as tx:
        tx.execute("UPDATE approval SET confirmed_at = ? WHERE approval_id = ?", (desk.now(), approval_id))
        tx.execute(
            "UPDATE outbox SET state = 'queued', last_problem = NULL WHERE state = 'blocked'"
            " AND json_extract(last_problem, '$.of') = 'approval'"
            " AND version_id IN (SELECT version_id FROM version WHERE approval_id = ?)",
            (approval_id,),
        )


def refuse_approval(desk: Desk, approval_id: str, code: str) -> None:
    """Block what hangs on an approval that the platform does not take; it is offered again each cycle."""
    with desk.db.transaction() as tx:
        blocked = tx.execute(
            "UPDATE outbox SET state = 'blocked', last_problem = ? WHERE state IN ('queued','held','blocked')"
            " AND version_id IN (SELECT version_id FROM version WHERE approval_id = ?)",
            (as_json({"code": code, "of": "approval"}), approval_id),
        )
        desk.tell_as(
            tx, SYSTEM, "approval_refused", approval_id, {"code": code, "versions": blocked.rowcount}
        )  # fmt: skip


_WANTED: Final = """
  SELECT DISTINCT a.sha256
  FROM outbox o JOIN version v ON v.version_id = o.version_id,
    json_each(CAST(v.content AS TEXT), '$.evidence') e
  JOIN attachment a ON a.sha256 = json_extract(e.value, '$.sha256')
  WHERE o.state IN ('queued','sent','unknown','held','blocked') AND a.confirmed_at IS NULL
    AND instr(v.content, CAST('"evidence":[]' AS BLOB)) = 0
  ORDER BY a.sha256 LIMIT ?
"""
_WANTED_BY_POSTS: Final = """
  SELECT DISTINCT a.sha256 FROM case_post p, json_each(p.files) f JOIN attachment a ON a.sha256 = f.value
  WHERE p.state IN ('queued','sent') AND a.confirmed_at IS NULL ORDER BY a.sha256 LIMIT ?
"""
_BLOCK_FOR_ATTACHMENT: Final = """
  UPDATE outbox SET state = 'blocked', last_problem = ?1
  WHERE state IN ('queued','held','blocked') AND version_id IN (
    SELECT v.version_id FROM version v, json_each(CAST(v.content AS TEXT), '$.evidence') e
    WHERE instr(v.content, CAST(?2 AS BLOB)) > 0 AND json_extract(e.value, '$.sha256') = ?2)
"""


def attachments_to_put(reader: Connection, *, limit: int = 1_000) -> list[str]:
    """Return the attachments that the platform has not confirmed and that something waits for."""
    if reader.value("SELECT 1 FROM attachment WHERE confirmed_at IS NULL LIMIT 1") is None:
        return []
    wanted = {row["sha256"] for row in reader.execute(_WANTED, (limit,))}
    wanted |= {row["sha256"] for row in reader.execute(_WANTED_BY_POSTS, (limit,))}
    return sorted(wanted)[:limit]


def confirm_attachment(desk: Desk, sha256: str) -> None:
    """Note that the platform has an attachment; what was blocked for it flows again."""
    with desk.db.transaction() as tx:
        tx.execute("UPDATE attachment SET confirmed_at = ? WHERE sha256 = ?", (desk.now(), sha256))
        tx.execute(
            "UPDATE outbox SET state = 'queued', last_problem = NULL WHERE state = 'blocked'"
            " AND json_extract(last_problem, '$.sha256') = ?",
            (sha256,),
        )


def refuse_attachment(desk: Desk, sha256: str, code: str) -> None:
    """Block what needs an attachment that cannot be sent; it is tried again each cycle."""
    with desk.db.transaction() as tx:
        problem = as_json({"code": code, "of": "attachment", "sha256": sha256})
        tx.execute(_BLOCK_FOR_ATTACHMENT, (problem, sha256))
        desk.tell_as(tx, SYSTEM, "attachment_refused", sha256, {"code": code})


def release(desk: Desk, version_id: str) -> None:
    """Let a blocked version try again: a person looked at it.

    Raises:
        NotAllowed: ``not_blocked``; ``not_your_role``.
    """
    desk.require("recall")
    with desk.db.transaction() as tx:
        freed = tx.execute(
            "UPDATE outbox SET state = 'queued', last_problem = NULL"
            " WHERE version_id = ? AND state = 'blocked'",
            (version_id,),
        )
        if freed.rowcount != 1:
            raise NotAllowed("not_blocked")
        desk.tell(tx, "version_released", version_id)


_WAITING: Final = """
  SELECT o.version_id, v.record_id, v.op, COALESCE(r.item, '') AS item,
    COALESCE(r.subject_name, c.subject_name, '') AS subject_name, COALESCE(r.doc_no, '') AS doc_no,
    o.state, o.tries, o.next_try_at, o.batch_id, o.queued_n, o.last_problem
  FROM outbox o JOIN version v ON v.version_id = o.version_id
  LEFT JOIN record r ON r.record_id = v.record_id LEFT JOIN casefile c ON c.case_id = v.record_id
  WHERE o.state = ?1 AND (?3 = '' OR instr(COALESCE(r.subject_name, c.subject_name, ''), ?3) > 0
                          OR instr(COALESCE(r.doc_no, ''), ?3) > 0)
  ORDER BY o.lane, o.queued_n LIMIT ?2
"""
WAITING_STATES: Final = ("blocked", "held", "unknown", "sent", "queued")
"""What has not left the outbox: what a person must look at first, then in the order of sending."""


def list_waiting(
    reader: Connection, *, states: Sequence[str] = WAITING_STATES, text: str = "", limit: int = 500
) -> list[WaitingRow]:
    """Return what has not left the outbox.

    Args:
        reader: of the desk.
        states: of `WAITING_STATES`, in their order.
        text: part of a name or a document number.
        limit: most rows.
    """
    found: list[WaitingRow] = []
    for state in states:
        for row in reader.execute(_WAITING, (state, limit - len(found), text)):
            *values, problem = tuple(row)
            values.append(json.loads(problem) if problem else None)
            found.append(WaitingRow(*values))
    return found


def carried(reader: Connection) -> int:
    """Return how many versions went out on a stick and were not answered yet."""
    return int(
        reader.value(
            "SELECT COUNT(*) FROM outbox WHERE state = 'unknown'"
            " AND json_extract(last_problem, '$.code') = 'by_courier'"
        )
    )


def never_left(reader: Connection) -> int:
    """Return how many versions lie in a batch that was cut and of which not a byte has left yet."""
    return int(
        reader.value(
            "SELECT COUNT(*) FROM outbox o JOIN batch b ON b.batch_id = o.batch_id"
            " WHERE o.state = 'sent' AND b.first_sent_at IS NULL"
        )
    )


def waiting(reader: Connection) -> int:
    """Return how many versions have no final receipt; those that are blocked wait for a person."""
    return int(
        reader.value("SELECT COUNT(*) FROM outbox WHERE state IN ('queued','sent','unknown','held')")
    )  # fmt: skip


def status(reader: Connection) -> dict[str, Any]:
    """Return what `minxin status` prints: numbers of versions, and how the link stands."""
    counts = {row[0]: row[1] for row in reader.execute("SELECT state, COUNT(*) FROM outbox GROUP BY state")}
    outcomes = {
        row[0]: row[1]
        for row in reader.execute(
            "SELECT outcome, COUNT(*) FROM receipt WHERE stage = 'checked' GROUP BY outcome"
        )
    }
    now = link(reader)
    url, server_id = tuple(reader.execute("SELECT platform_url, server_id FROM device LIMIT 1").fetchall()[0])
    return {
        **{state: counts.get(state, 0) for state in ("queued", "sent", "unknown", "held", "blocked")},
        "accepted": outcomes.get("accepted", 0) + outcomes.get("accepted_with_warnings", 0),
        "rejected": outcomes.get("rejected", 0),
        "last_contact": now.last_contact_at,
        "next_try": now.next_try_at,
        "platform": {
            "url": url,
            "server_id": server_id,
            "down_since": now.down_since_at,
            "error": now.last_error,
        },
    }
