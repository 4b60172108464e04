"""What this desk has said of cases (办件), on its way up: what is next, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from client.core.case_openings import Post
from client.errors import NotAllowed
from client.store.case_shown import post_of, show
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import as_json
from client.store.link import SYSTEM

HELD_FOR: Final = frozenset({"sign_in_needed", "token_expired", "attachment_missing"})
"""Codes after which a post waits for somebody, and is not refused."""

_ITS_TURN: Final = """
  SELECT * FROM case_post p WHERE p.post_id = ? AND p.state IN ('queued','sent')
  AND NOT EXISTS (SELECT 1 FROM case_post e WHERE e.case_id = p.case_id AND e.n < p.n
                  AND e.state IN ('queued','sent'))
  AND NOT EXISTS (SELECT 1 FROM json_each(p.files) f JOIN attachment a ON a.sha256 = f.value
                  WHERE a.confirmed_at IS NULL)
"""
"""What was said earlier goes first, and evidence before the case."""


def to_send(reader: Connection, *, limit: int = 1_000) -> list[str]:
    """Return what waits to be sent, in the order in which it was said."""
    rows = reader.execute(
        "SELECT post_id FROM case_post WHERE state IN ('queued','sent') ORDER BY n LIMIT ?", (limit,)
    )
    return [row["post_id"] for row in rows]


def counts(reader: Connection) -> dict[str, int]:
    """Return how much waits for the platform, and how much it did not take and nobody has looked at."""
    rows = reader.execute("SELECT state, COUNT(*) FROM case_post GROUP BY state")
    said = {row[0]: int(row[1]) for row in rows}
    return {"waiting": said.get("queued", 0) + said.get("sent", 0), "refused": said.get("refused", 0)}


def begin(desk: Desk, post_id: str) -> Post | None:
    """Note that a post is on its way, before its first byte is; None when it is not its turn."""
    with desk.db.transaction() as tx:
        row = tx.execute(_ITS_TURN, (post_id,)).fetchone()
        if row is None:
            return None
        tx.execute("UPDATE case_post SET state = 'sent', problem = NULL WHERE post_id = ?", (post_id,))
        return post_of(row)


def frozen(reader: Connection, post_id: str) -> bytes:
    """Return the bytes of a post."""
    body: bytes | None = reader.value("SELECT body FROM case_post WHERE post_id = ?", (post_id,))
    if body is None:
        raise NotAllowed("post_unknown")
    return body


def done(desk: Desk, post_id: str) -> None:
    """Note that the platform has a post. The case as it is now comes with the feed."""
    with desk.db.transaction() as tx:
        row = tx.execute(
            "UPDATE case_post SET state = 'done', problem = NULL, answered_at = ? WHERE post_id = ?"
            " AND state = 'sent' RETURNING case_id",
            (desk.now(), post_id),
        ).fetchone()
        if row is not None:
            desk.tell_as(tx, SYSTEM, "case_post_done", row["case_id"], {"post": post_id})
            show(desk, tx, row["case_id"])


def refused(desk: Desk, post_id: str, code: str) -> None:
    """Keep why the platform did not take a post; what was said after it does not hold either.

    What only waits for somebody (`HELD_FOR`) is offered again with the next cycle.
    """
    with desk.db.transaction() as tx:
        row = tx.execute("SELECT * FROM case_post WHERE post_id = ?", (post_id,)).fetchone()
        if row is None or row["state"] not in {"queued", "sent"}:
            return
        if code in HELD_FOR:
            set_state(tx, post_id, "queued", {"code": code})
            if code == "attachment_missing":
                tx.execute(
                    "UPDATE attachment SET confirmed_at = NULL"
                    " WHERE sha256 IN (SELECT value FROM json_each(?))",
                    (row["files"],),
                )
        else:
            set_state(tx, post_id, "refused", {"code": code})
            tx.execute("UPDATE case_post SET answered_at = ? WHERE post_id = ?", (desk.now(), post_id))
            supersede_after(desk, tx, row["case_id"], row["n"], "earlier_refused")
            desk.tell_as(tx, SYSTEM, "case_post_refused", row["case_id"], {"post": post_id, "code": code})
        show(desk, tx, row["case_id"])


def set_state(tx: Connection, post_id: str, state: str, problem: Mapping[str, Any] | None) -> None:
    """Write how a post stands, in the open transaction."""
    tx.execute(
        "UPDATE case_post SET state = ?, problem = ? WHERE post_id = ?",
        (state, None if problem is None else as_json(problem), post_id),
    )


def supersede_after(desk: Desk, tx: Connection, case_id: str, n: int, code: str) -> None:
    """What was said after something that does not hold does not hold either; a person says it anew."""
    rows = tx.execute(
        "SELECT post_id FROM case_post WHERE case_id = ? AND n > ? AND state IN ('queued','sent')",
        (case_id, n),
    ).fetchall()
    for row in rows:
        set_state(tx, row["post_id"], "refused", {"code": code})
        desk.tell_as(tx, SYSTEM, "case_post_refused", case_id, {"post": row["post_id"], "code": code})
