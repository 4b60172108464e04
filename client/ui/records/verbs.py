"""What the page asks of the desk: each takes values and returns a value, and touches no widget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from client.core.records import Attachment, Reason, RecordDetail, RecordRow, Saved, Submitted
from client.core.shown import catalog_of
from client.store import drafts, import_changes, records, review, versions
from client.store.desk import Desk
from client.store.import_changes import CellChange
from client.store.profile import locked_profile
from client.ui.records import words
from client.ui.records.model import PAGE_ROWS, Query
from forms.catalog.problems import Answer
from forms.catalog.schema import Entry, Item, Value

RECORDS: Final = frozenset({"records"})
REVIEW: Final = frozenset({"records", "review"})
OUTBOX: Final = frozenset({"records", "outbox"})

ORDER: Final = "created"
"""A list beside a form must not move while one types."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What came of a save."""

    record_id: str
    saved: Saved
    row: RecordRow


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the list; `total` counts all that the filter lets through."""

    rows: tuple[RecordRow, ...]
    more: bool
    total: int


def save(
    desk: Desk,
    record_id: str | None,
    item_ref: str,
    values: Mapping[str, Value],
    answers: Sequence[Answer],
) -> Stored:
    """Store what was typed; a record without an id is made."""
    if record_id is None:
        record_id = drafts.create(desk, item_ref, values)
    saved = drafts.save(desk, record_id, values, answers)
    return Stored(record_id, saved, records.get(desk.db.reader(), record_id).row)


def read_cleaned(desk: Desk, record_id: str) -> list[CellChange]:
    """Read what the import of a record put in order in it."""
    return import_changes.of_record(desk.db.reader(), record_id)


def read_list(desk: Desk, query: Query, after: RecordRow | None, limit: int = PAGE_ROWS) -> Listed:
    """Read one page of the list."""
    reader = desk.db.reader()
    rows = records.list_records(reader, **_filter(query), order=ORDER, after=after, limit=limit + 1)
    return Listed(tuple(rows[:limit]), len(rows) > limit, records.count(reader, **_filter(query)))


def read_rows(desk: Desk, query: Query, limit: int) -> tuple[RecordRow, ...]:
    """Return the first rows of all that the filter lets through."""
    return tuple(records.list_records(desk.db.reader(), **_filter(query), order=ORDER, limit=limit))


def _filter(query: Query) -> dict[str, Any]:
    """The store's names for what the page shows."""
    return {"item": query.item, "state": query.state, "text": query.text, "import_id": query.import_id}


def read_record(desk: Desk, record_id: str) -> RecordDetail:
    """Read one record with all that is known of it."""
    return records.get(desk.db.reader(), record_id)


def item_of(desk: Desk, record_id: str) -> Item:
    """Return the item that a record is written by."""
    return desk.catalogs.item(catalog_of(read_record(desk, record_id)))


def read_names(desk: Desk) -> Mapping[str, str]:
    """Return the names of those who can open this desk, by their ids."""
    return {one.operator_id: one.name for one in locked_profile(desk.profile)}


def begin_change(desk: Desk, record_id: str, op: str) -> None:
    """Begin a correction or a withdrawal of what the platform holds."""
    drafts.begin_change(desk, record_id, "withdraw" if op == "withdraw" else "correct")


def set_reason(desk: Desk, record_id: str, reason: Reason, evidence: Sequence[Attachment]) -> RecordDetail:
    """Store why a change is made."""
    drafts.set_reason(desk, record_id, reason, evidence)
    return read_record(desk, record_id)


def submit(desk: Desk, ids: Sequence[str], *, title: str) -> Submitted:
    """Submit for review, as one act."""
    return review.submit(desk, ids, title=title)


def recall(desk: Desk, record_id: str) -> None:
    """Take the newest version of a record out of the queue."""
    versions.recall(desk, read_record(desk, record_id).versions[0].version_id)


def title_of(rows: Sequence[RecordRow], names: Mapping[str, Entry]) -> str:
    """Return what the reviewer sees over the records of one act: ``行政处罚… 3 条``."""
    items = Counter(row.item for row in rows)
    if len(items) != 1:
        return words.ACT_TITLE_MIXED.format(n=len(rows))
    code = next(iter(items))
    name = names[code].name if code in names else code
    return words.ACT_TITLE.format(item=name, n=len(rows))
