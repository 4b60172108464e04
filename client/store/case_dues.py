"""Due dates of cases on this desk: worked out anew when a calendar or a choice of rules has come.

Each that moves is logged, and kept for whoever works on it to see.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from client.core.answers import FeedItem
from client.store import case_shown, legal
from client.store.connection import Connection, Row
from client.store.desk import Desk
from client.store.link import SYSTEM
from forms.law.sealed import CALENDAR

_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Moved:
    """A case whose due date has moved.

    Attributes:
        was, due_on: ISO days; None where there was, or is, none.
        why: ``calendar`` or ``rules``.
    """

    n: int
    case_id: str
    subject_name: str
    was: str | None
    due_on: str | None
    certain: bool
    why: str
    moved_at: str


def keep_law(desk: Desk, tx: Connection, items: Sequence[FeedItem]) -> None:
    """Keep calendars and choices of rules that came, and work out due dates anew."""
    taken = legal.keep(desk, tx, items)
    if taken:
        recompute(desk, tx, "calendar" if CALENDAR in taken else "rules")


_OPEN: Final = """
  SELECT case_id, data, due_on, json_extract(data, '$.due_certain') AS certain
  FROM casefile WHERE state <> 'closed' AND case_id > ? ORDER BY case_id LIMIT ?
"""


def recompute(desk: Desk, tx: Connection, why: str) -> int:
    """Work out the due dates of all cases that are not closed; returns how many moved.

    Args:
        desk: open.
        tx: the transaction in which the change came.
        why: ``calendar`` or ``rules``.
    """
    law, at, count, last = legal.read_law(tx, desk.device), desk.now(), 0, ""
    while rows := tx.execute(_OPEN, (last, _PAGE)).fetchall():
        last = rows[-1]["case_id"]
        for row in rows:
            said, posts = json.loads(row["data"]), case_shown.posts_of(tx, row["case_id"])
            seen = case_shown.over(said, posts, desk.device.unit_code)
            count += _move(desk, tx, row, case_shown.due_of(desk, law, said, seen), why, at)
    return count


def _move(desk: Desk, tx: Connection, row: Row, due: tuple[str | None, bool], why: str, at: str) -> bool:
    due_on, certain = due
    if due == (row["due_on"], bool(row["certain"])):
        return False
    case_shown.set_due(tx, row["case_id"], due)
    case_shown.show(desk, tx, row["case_id"])
    tx.execute(
        "INSERT INTO due_move (case_id, was, due_on, certain, why, moved_at) VALUES (?,?,?,?,?,?)",
        (row["case_id"], row["due_on"], due_on, int(certain), why, at),
    )
    detail = {"was": row["due_on"], "due_on": due_on, "certain": certain, "why": why}
    desk.tell_as(tx, SYSTEM, "case_due_moved", row["case_id"], detail)
    return True


def moves(reader: Connection, *, limit: int = 200) -> list[Moved]:
    """Return the cases whose date has moved and that nobody has seen yet, the latest first."""
    rows = reader.execute(
        "SELECT m.*, c.subject_name FROM due_move m JOIN casefile c ON c.case_id = m.case_id"
        " WHERE m.seen_at IS NULL ORDER BY m.n DESC LIMIT ?",
        (limit,),
    )
    return [
        Moved(
            row["n"], row["case_id"], row["subject_name"], row["was"], row["due_on"], bool(row["certain"]),
            row["why"], row["moved_at"],
        )
        for row in rows
    ]  # fmt: skip


def seen(desk: Desk, up_to: int) -> None:
    """Note that a person has seen the moves up to a number; they are told no more."""
    with desk.db.transaction() as tx:
        tx.execute("UPDATE due_move SET seen_at = ? WHERE seen_at IS NULL AND n <= ?", (desk.now(), up_to))
        desk.tell(tx, "due_moves_seen", str(up_to), upto=up_to)
