"""The queue of cases (办件列表): by days left, with filters, page by page; and which one is next.

Read-only. Cases about one record stand together, where the most urgent of them stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from client.core.case_events import TO_DO
from client.store.connection import Connection, Row
from client.store.draft_rows import as_json


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases; what is None or empty filters nothing.

    Attributes:
        owner: operator id: what is theirs.
        unit: code: what this unit has to answer.
        unassigned: only what is nobody's.
        overdue_on: ISO day: what was due before it, and is not decided.
        stages: of `case_events.STAGES`.
        kind: objection or repair.
        city: six digits, of the other side.
        text: part of the name of a subject or an applicant, or of a case id.
        is_open: True: not ended; False: ended; None: both.
        reason, item, field: code of a reason, of an item, of a disputed field.
        since, until: ISO days of the opening, both included; for figures.
        closed_since, closed_until: the same of the end.
        needs_person: something that was said of it was refused, and nobody has looked.
    """

    owner: str | None = None
    unit: str | None = None
    unassigned: bool = False
    overdue_on: str | None = None
    stages: Sequence[str] = ()
    kind: str | None = None
    city: str | None = None
    text: str = ""
    is_open: bool | None = True
    reason: str | None = None
    item: str | None = None
    field: str | None = None
    since: str | None = None
    until: str | None = None
    closed_since: str | None = None
    closed_until: str | None = None
    needs_person: bool = False


OPEN: Final = Filter()
EVERYTHING: Final = Filter(is_open=None)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue.

    Attributes:
        stage: own unconfirmed posts included.
        owner: operator id; None: nobody's.
        city: six digits, of the other side.
        due_on: ISO day; None while no clock runs.
        due_certain: False: the calendar of a year is missing, the day is the earliest possible (暂定).
        waiting, refused: posts of this desk that the platform has not answered, and has not taken.
        decision: state of the decision on this desk; None when nobody has begun.
        handler: whose decision that is.
        changed: the case has changed since that was begun.
        also_open: other open cases about the same records.
        key: where the next page begins.
    """

    case_id: str
    kind: str
    stage: str
    is_open: bool
    subject_name: str
    unit: str
    city: str
    owner: str | None
    owner_name: str
    due_on: str | None
    due_certain: bool
    opened_at: str
    closed_at: str | None
    waiting: int
    refused: int
    decision: str | None
    handler: str | None
    changed: bool
    also_open: int
    key: tuple[str, str]


_ROW: Final = """
  SELECT s.*, d.state AS decision, d.handler,
    d.parent IS NOT NULL AND d.state = 'editing' AND d.parent <> s.revision AS changed,
    (SELECT COUNT(DISTINCT o.case_id) FROM case_record r JOIN case_record q ON q.record_id = r.record_id
     JOIN case_shown o ON o.case_id = q.case_id
     WHERE r.case_id = s.case_id AND o.case_id <> s.case_id AND o.is_open) AS also_open
  FROM case_shown s LEFT JOIN case_decision d ON d.case_id = s.case_id
"""
_WHERE: Final = """
  WHERE (:is_open IS NULL OR s.is_open = :is_open)
    AND (:owner IS NULL OR s.owner = :owner) AND (:unit IS NULL OR s.unit = :unit)
    AND (NOT :unassigned OR s.owner IS NULL) AND (:kind IS NULL OR s.kind = :kind)
    AND (:overdue_on IS NULL OR (s.due_on < :overdue_on AND s.stage <> 'decided'))
    AND (:stages = '[]' OR s.stage IN (SELECT value FROM json_each(:stages)))
    AND (:city IS NULL OR s.city = :city) AND (:text = '' OR instr(s.words, :text) > 0)
    AND (:since IS NULL OR date(s.opened_at, '+8 hours') >= :since)
    AND (:until IS NULL OR date(s.opened_at, '+8 hours') <= :until)
    AND (:closed_since IS NULL OR date(s.closed_at, '+8 hours') >= :closed_since)
    AND (:closed_until IS NULL OR date(s.closed_at, '+8 hours') <= :closed_until)
    AND (NOT :needs_person OR s.refused > 0)
    AND ((:reason IS NULL AND :item IS NULL AND :field IS NULL) OR EXISTS (
      SELECT 1 FROM case_record x WHERE x.case_id = s.case_id AND (:reason IS NULL OR x.reason_code = :reason)
        AND (:item IS NULL OR x.item = :item)
        AND (:field IS NULL OR EXISTS (SELECT 1 FROM json_each(x.fields) f WHERE f.value = :field))))
"""
_PAGE: Final = (
    f"{_ROW}{_WHERE} AND (s.group_key, s.sort_key) > (:after_group, :after_sort)"
    " ORDER BY s.group_key, s.sort_key LIMIT :limit"
)
_COUNTED: Final = "SELECT COUNT(*) FROM case_shown s"
_COUNT: Final = f"{_COUNTED} {_WHERE}"
_NEXT: Final = (
    f"{_ROW}{_WHERE} AND (s.group_key, s.sort_key) > (:after_group, :after_sort)"
    " AND (s.owner IS NULL OR s.owner = :me)"
    " AND (d.state IS NULL OR (d.state = 'editing' AND d.handler = :me))"
    " ORDER BY s.group_key, s.sort_key LIMIT 1"
)
_OF_RECORDS: Final = """
  SELECT q.case_id FROM case_record r JOIN case_record q ON q.record_id = r.record_id
  WHERE r.case_id = :case_id AND q.case_id <> :case_id
"""
_OF_SUBJECTS: Final = """
  SELECT q.case_id FROM case_record r JOIN case_record q ON q.subject = r.subject AND q.subject <> ''
  WHERE r.case_id = :case_id AND q.case_id <> :case_id
"""
_ALSO: Final = f"{_ROW} WHERE s.case_id IN ({_OF_RECORDS}) ORDER BY s.group_key, s.sort_key LIMIT :limit"
_EARLIER: Final = (
    f"{_ROW} WHERE s.case_id IN ({_OF_SUBJECTS}) ORDER BY s.opened_at DESC, s.case_id LIMIT :limit"
)


def _said(which: Filter) -> dict[str, Any]:
    said: dict[str, Any] = {one.name: getattr(which, one.name) for one in fields(which)}
    return said | {"stages": as_json(list(which.stages))}


def page(
    reader: Connection, which: Filter = OPEN, *, after: tuple[str, str] | None = None, limit: int = 200
) -> list[QueueRow]:
    """Return cases, the most urgent first: by due date, then by age; decided ones after those, ended last.

    Args:
        reader: of the desk.
        which: filters.
        after: key of the last row of the page before; None for the first page.
        limit: most rows.
    """
    group, sort = after or ("", "")
    said = _said(which) | {"after_group": group, "after_sort": sort, "limit": limit}
    return [_row(row) for row in reader.execute(_PAGE, said)]


def count(reader: Connection, which: Filter = OPEN) -> int:
    """Return how many cases there are."""
    return int(reader.value(_COUNT, _said(which)))


def next_case(
    reader: Connection, operator_id: str, which: Filter = OPEN, *, after: tuple[str, str] | None = None
) -> QueueRow | None:
    """Return the most urgent case that this person can work on now; None when there is none.

    That is one whose next step is ours, that is nobody else's, and that nobody else at this desk has begun.

    Args:
        reader: of the desk.
        operator_id: who asks.
        which: filters; stages only narrow what can be worked on.
        after: key of the case that is being left, so that it is not the next one.
    """
    stages = [one for one in which.stages or sorted(TO_DO) if one in TO_DO]
    if not stages:
        return None
    group, sort = after or ("", "")
    said: Mapping[str, Any] = _said(which) | {
        "stages": as_json(stages), "is_open": True, "me": operator_id, "after_group": group,
        "after_sort": sort,
    }  # fmt: skip
    row = reader.execute(_NEXT, said).fetchone()
    return None if row is None else _row(row)


def about_same_records(reader: Connection, case_id: str, *, limit: int = 100) -> list[QueueRow]:
    """Return the other cases about the records of a case, open ones first."""
    return [_row(row) for row in reader.execute(_ALSO, {"case_id": case_id, "limit": limit})]


def earlier(reader: Connection, case_id: str, *, limit: int = 100) -> list[QueueRow]:
    """Return the other cases about the subjects of a case, newest first."""
    return [_row(row) for row in reader.execute(_EARLIER, {"case_id": case_id, "limit": limit})]


def get(reader: Connection, case_id: str) -> QueueRow | None:
    """Return one line; None for a case that this desk does not have."""
    row = reader.execute(f"{_ROW} WHERE s.case_id = ?", (case_id,)).fetchone()
    return None if row is None else _row(row)


def _row(row: Row) -> QueueRow:
    return QueueRow(
        row["case_id"], row["kind"], row["stage"], bool(row["is_open"]), row["subject_name"], row["unit"],
        row["city"], row["owner"], row["owner_name"] or "", row["due_on"], bool(row["due_certain"]),
        row["opened_at"], row["closed_at"], row["waiting"], row["refused"], row["decision"], row["handler"],
        bool(row["changed"]), row["also_open"], (row["group_key"], row["sort_key"]),
    )  # fmt: skip
