"""Rows of a file that was given back: the record of each key, and old faulty rows that are good now.

A row that was a record changes that record and no other, whatever of it was changed, its number too.
A row that still says what it said changes nothing, though its record may have been edited since.
What an old faulty row became is written when the import becomes visible.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from client.core.imports import Chunk, GoodRow
from client.core.row_keys import IMPORT, RowKey
from client.store.connection import Connection
from client.store.draft_rows import as_json
from client.store.import_rows import Met, met_by_id


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """Keys of rows, sorted out.

    Attributes:
        keys: of imports of this desk and of reports; those of imports that nobody here knows are left out.
        unknown: rows whose keys are of another desk, another item, or an import that was removed.
    """

    keys: dict[int, RowKey]
    unknown: tuple[int, ...]


def known_keys(reader: Connection, item: str, keys: Mapping[int, RowKey]) -> KnownKeys:
    """Tell keys of visible imports of an item at this desk from foreign ones."""
    origins = sorted({key.origin for key in keys.values() if key.kind == IMPORT})
    rows = reader.execute(
        "SELECT import_id FROM import_file WHERE import_id IN (SELECT value FROM json_each(?))"
        " AND state = 'visible' AND (item = ? OR item LIKE ? || '@%')",
        (as_json(origins), item, item),
    )
    ours = {row["import_id"] for row in rows}
    unknown = tuple(n for n, key in keys.items() if key.kind == IMPORT and key.origin not in ours)
    return KnownKeys({n: key for n, key in keys.items() if n not in set(unknown)}, unknown)


def met_by_keys(tx: Connection, good: Sequence[GoodRow], keys: Mapping[int, RowKey]) -> dict[int, Met]:
    """Return row number → the record that its key names; one that is gone is left out.

    The record of a row that is unchanged is returned as if it said what the row says.
    """
    wanted = {row[0]: keys[row[0]] for row in good if row[0] in keys and keys[row[0]].kind == IMPORT}
    if not wanted:
        return {}
    records = _records(tx, wanted)
    met = met_by_id(tx, set(records.values()))
    found: dict[int, Met] = {}
    for number, payload, *_ in good:
        record = met.get(records.get(number, ""))
        if record is None:
            continue
        if wanted[number].unchanged:
            record = replace(record, values=json.loads(payload), op="create")
        found[number] = record
    return found


def _records(tx: Connection, keys: Mapping[int, RowKey]) -> dict[int, str]:
    """Return row number → the record that the row of its key became, or met."""
    by_place = {(key.origin, key.row): number for number, key in keys.items()}
    places = as_json([list(place) for place in by_place])
    rows = tx.execute(
        "WITH wanted AS (SELECT value ->> 0 AS import_id, value ->> 1 AS row FROM json_each(?))"
        " SELECT w.import_id, w.row, r.record_id FROM wanted w CROSS JOIN record r"
        " ON r.import_id = w.import_id AND r.import_row = w.row"
        " UNION ALL SELECT w.import_id, w.row, i.record_id FROM wanted w CROSS JOIN import_row i"
        " ON i.import_id = w.import_id AND i.row = w.row WHERE i.record_id IS NOT NULL",
        (places,),
    )
    return {by_place[row["import_id"], row["row"]]: row["record_id"] for row in rows}


def keep_origins(tx: Connection, import_id: str, chunk: Chunk) -> None:
    """Write down which rows of a chunk are faulty rows of an earlier import, until that is visible."""
    tx.executemany(
        "INSERT INTO import_origin (import_id, row, from_import, from_row)"
        " SELECT ?, ?, i.import_id, i.row FROM import_row i"
        " WHERE i.import_id = ? AND i.row = ? AND i.fate = 'faulty'",
        (
            (import_id, number, key.origin, key.row)
            for number, key in chunk.keys.items()
            if key.kind == IMPORT
        ),
    )


def take_origins(tx: Connection, import_id: str) -> int:
    """Let old faulty rows that are good now be taken (已收), each with the record that it became.

    Goes back through all imports by which the row was given back. Returns how many rows it were.
    """
    if tx.value("SELECT 1 FROM import_origin WHERE import_id = ? LIMIT 1", (import_id,)) is None:
        return 0
    before = tx.value("SELECT total_changes()")
    tx.execute(
        "WITH RECURSIVE became AS ("
        " SELECT o.from_import, o.from_row, r.record_id FROM import_origin o"
        "  JOIN record r ON r.import_id = o.import_id AND r.import_row = o.row WHERE o.import_id = ?1"
        " UNION ALL SELECT o.from_import, o.from_row, i.record_id FROM import_origin o"
        "  JOIN import_row i ON i.import_id = o.import_id AND i.row = o.row WHERE o.import_id = ?1"
        "  AND i.record_id IS NOT NULL AND (i.fate IN ('updated','corrected')"
        "  OR i.fate = 'skipped' AND i.problems LIKE '%\"same_values\"%')"
        " UNION SELECT o.from_import, o.from_row, b.record_id FROM became b"
        "  JOIN import_origin o ON o.import_id = b.from_import AND o.row = b.from_row)"
        " UPDATE import_row SET fate = 'taken', record_id = b.record_id FROM became b"
        " WHERE import_row.import_id = b.from_import AND import_row.row = b.from_row"
        " AND import_row.fate = 'faulty'",
        (import_id,),
    )
    return int(tx.value("SELECT total_changes()")) - int(before)
