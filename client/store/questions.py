"""Questions of the platform (疑问数据), kept as they were last told: by the feed, or when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple
from typing import Final

from client.core.questions import STATES, Question, QuestionRow
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.link import put_setting, setting

_SEEN: Final = "questions_seen_at"


def put(desk: Desk, tx: Connection, told: Iterable[Question]) -> None:
    """Take in what the platform told, in the open transaction; what is older than what is known is left."""
    tx.executemany(
        "INSERT INTO question VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (version_id) DO UPDATE SET"
        " cause = excluded.cause, problem = excluded.problem, state = excluded.state,"
        " since_at = excluded.since_at, changed_at = excluded.changed_at, changed_by = excluded.changed_by,"
        " reason = excluded.reason WHERE excluded.changed_at >= question.changed_at",
        [astuple(one) for one in told],
    )
    put_setting(tx, _SEEN, desk.now())


def keep(desk: Desk, told: Sequence[Question]) -> None:
    """Take in what the platform told when it was asked."""
    with desk.db.transaction() as tx:
        put(desk, tx, told)


def seen_at(reader: Connection) -> str | None:
    """Return when anything was last heard of questions; UTC text, None for never."""
    return setting(reader, _SEEN)


_LIST: Final = """
  SELECT q.version_id, q.record_id, q.unit, q.item, q.cause, q.problem, q.state, q.since_at, q.changed_at,
    q.changed_by, q.reason, COALESCE(r.subject_name, ''), COALESCE(r.doc_no, ''), r.record_id IS NOT NULL
  FROM question q LEFT JOIN record r ON r.record_id = q.record_id
  WHERE q.state = ?1 AND (?3 = '' OR instr(r.subject_name, ?3) > 0 OR instr(r.doc_no, ?3) > 0)
  ORDER BY q.since_at DESC, q.version_id LIMIT ?2
"""


def list_questions(
    reader: Connection, *, states: Sequence[str] = ("open",), text: str = "", limit: int = 500
) -> list[QuestionRow]:
    """Return questions in some states, each state the newest first."""
    found: list[QuestionRow] = []
    for state in states:
        for row in reader.execute(_LIST, (state, limit - len(found), text)):
            *values, subject_name, doc_no, is_here = tuple(row)
            found.append(QuestionRow(Question(*values), subject_name, doc_no, bool(is_here)))
    return found


def doubtful(reader: Connection) -> int:
    """Return how many open questions are about something that was not simply given back."""
    return int(reader.value("SELECT COUNT(*) FROM question WHERE state = 'open' AND cause <> 'rejected'"))


def counts(reader: Connection) -> dict[str, int]:
    """Return how many questions stand in each state."""
    found = {row[0]: row[1] for row in reader.execute("SELECT state, COUNT(*) FROM question GROUP BY state")}
    return {state: found.get(state, 0) for state in STATES}
