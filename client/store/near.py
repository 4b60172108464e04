"""Records that may be the same act as a row, though their natural keys differ (比对): found, not judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from client.store.connection import Connection, Row
from client.store.draft_rows import as_json

_MOST: Final = 20_000
"""Records looked at for a thousand rows; more are of a subject with which nobody can compare by eye."""

_LAST: Final = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Near:
    """What lists show of a record that may be meant."""

    record_id: str
    subject_name: str
    subject_code: str
    doc_no: str
    act_on: str


def of_subjects(reader: Connection, item: str, codes: Iterable[str], days: Iterable[str]) -> list[Near]:
    """Return records of an item, of these subjects, and of these days."""
    rows = reader.execute(
        "SELECT r.record_id, r.subject_name, r.subject_code, r.doc_no, r.act_on FROM json_each(?) j"
        " JOIN record r ON r.subject_code = j.value AND r.subject_code <> ''"
        " WHERE r.item = ? AND r.act_on IN (SELECT value FROM json_each(?)) AND NOT EXISTS"
        " (SELECT 1 FROM import_file f WHERE f.import_id = r.import_id AND f.state = 'loading') LIMIT ?",
        (as_json(sorted(set(codes))), item, as_json(sorted(set(days))), _MOST),
    )
    return [_near(row) for row in rows]


def of_keys(reader: Connection, beginnings: Iterable[str]) -> dict[str, list[Near]]:
    """Return records whose natural key begins with one of these texts."""
    found: dict[str, list[Near]] = {}
    rows = reader.execute(
        "SELECT j.value AS beginning, r.record_id, r.subject_name, r.subject_code, r.doc_no, r.act_on"
        " FROM json_each(?) j JOIN record r ON r.natural_key >= j.value AND r.natural_key < j.value || ?"
        " WHERE NOT EXISTS"
        " (SELECT 1 FROM import_file f WHERE f.import_id = r.import_id AND f.state = 'loading') LIMIT ?",
        (as_json(sorted(set(beginnings))), _LAST, _MOST),
    )
    for row in rows:
        found.setdefault(row["beginning"], []).append(_near(row))
    return found


def _near(row: Row) -> Near:
    return Near(row["record_id"], row["subject_name"], row["subject_code"], row["doc_no"], row["act_on"])
