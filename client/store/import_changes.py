"""What an import put in order (清洗): seen afterwards by record and by group, undone, and done again.

Undoing puts a field back as it was typed, checks the draft again, and says so in the audit chain. A
draft that was edited in that field since, and what has left the desk, stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from client.core.imports import Cleaned
from client.core.packed import unpack
from client.core.workflow import ON_THE_DESK
from client.store.connection import Connection, Row
from client.store.desk import Desk
from client.store.draft_rows import as_json, chunks, read_drafts, states_of, without_empty, write_shown
from client.store.drafts import verdict
from forms.catalog.check import check


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that an import put in order.

    Attributes:
        row, column: as the spreadsheet shows them.
        before: what stood there, as text.
        after: the value that was stored.
        undone: whether it is again as it was typed.
    """

    row: int
    column: str
    field: str
    before: str
    after: Any
    reason: str
    undone: bool


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of an undoing: cells put back, and cells left because they changed since."""

    done: int
    left: int


def put_changes(tx: Connection, import_id: str, cleaned: Cleaned) -> None:
    """Keep what was cleaned in the rows of a chunk; a chunk that is there already is the same."""
    counts = [[field, reason, count] for (field, reason), count in cleaned.counts.items()]
    tx.execute(
        "INSERT OR IGNORE INTO import_change (import_id, first_row, last_row, counts, body)"
        " VALUES (?,?,?,?,?)",
        (import_id, cleaned.first_row, cleaned.last_row, as_json(counts), cleaned.body),
    )


def groups(reader: Connection, import_id: str) -> dict[tuple[str, str], int]:
    """Return (field, reason) → how many cells the import put in order."""
    counts: dict[tuple[str, str], int] = {}
    rows = reader.execute(
        "SELECT counts FROM import_change WHERE import_id = ? ORDER BY first_row LIMIT 100000", (import_id,)
    )
    for row in rows:
        for field, reason, count in json.loads(row["counts"]):
            counts[field, reason] = counts.get((field, reason), 0) + count
    return counts


def list_changes(
    reader: Connection,
    import_id: str,
    *,
    group: tuple[str, str] | None = None,
    rows: Sequence[int] | None = None,
    after: int = 0,
    limit: int = 1_000,
) -> list[CellChange]:
    """Return cells that were put in order, by row, from the row after `after`; a row's are never parted.

    Args:
        reader: a connection.
        import_id: of the import.
        group: (field, reason); None for all.
        rows: only of these rows.
        after: the last row of the page before.
        limit: about how many.
    """
    found: list[CellChange] = []
    for page in _pages(reader, import_id, group, rows, after):
        found += page
        if len(found) >= limit:
            last = found[limit - 1].row
            return [change for change in found if change.row <= last]
    return found


def _pages(
    reader: Connection, import_id: str, group: tuple[str, str] | None, rows: Sequence[int] | None, after: int
) -> Iterator[list[CellChange]]:
    wanted = None if rows is None else frozenset(rows)
    lowest, highest = (min(wanted), max(wanted)) if wanted else (0, 2**62)
    if wanted is not None and not wanted:
        return
    starts = reader.execute(
        "SELECT first_row FROM import_change WHERE import_id = ? AND last_row > ?"
        " AND last_row >= ? AND first_row <= ? ORDER BY first_row LIMIT 100000",
        (import_id, after, lowest, highest),
    ).fetchall()
    for start in starts:
        block = reader.execute(
            "SELECT first_row, last_row, body FROM import_change WHERE import_id = ? AND first_row = ?",
            (import_id, start["first_row"]),
        ).fetchone()
        assert block is not None
        undone = _undone(reader, import_id, block)
        page = [
            CellChange(row, column, field, before, value, reason, (row, field) in undone)
            for row, column, field, before, value, reason, done in map(json.loads, unpack(block["body"]))
            if done
            and row > after
            and (group is None or (field, reason) == group)
            and (wanted is None or row in wanted)
        ]
        if page:
            yield page


def _undone(reader: Connection, import_id: str, block: Row) -> set[tuple[int, str]]:
    rows = reader.execute(
        "SELECT row, field FROM import_undone WHERE import_id = ? AND row BETWEEN ? AND ? LIMIT 200000",
        (import_id, block["first_row"], block["last_row"]),
    )
    return {(row["row"], row["field"]) for row in rows}


def of_record(reader: Connection, record_id: str) -> list[CellChange]:
    """Return what the last import of a record put in order in it."""
    place = _place_of(reader, record_id)
    return [] if place is None else list_changes(reader, place[0], rows=[place[1]])


def _place_of(reader: Connection, record_id: str) -> tuple[str, int] | None:
    """Return import and row from which a record has its values; None when it was not imported."""
    place = reader.execute(
        "SELECT import_id, import_row AS row FROM record WHERE record_id = ? AND import_id IS NOT NULL"
        " UNION ALL SELECT import_id, row FROM import_row WHERE record_id = ? AND fate IN"
        " ('taken','updated','corrected') ORDER BY import_id DESC LIMIT 1",
        (record_id, record_id),
    ).fetchone()
    return None if place is None else (place["import_id"], place["row"])


def record_of(reader: Connection, import_id: str, row: int) -> str | None:
    """Return the record that a row of an import became or changed; None when there is none."""
    return _records(reader, import_id, [row]).get(row)


def undo(
    desk: Desk, import_id: str, *, group: tuple[str, str] | None = None,
    cells: Iterable[tuple[int, str]] | None = None,
) -> Undone:  # fmt: skip
    """Put cells back as they were typed.

    Args:
        desk: the open desk.
        import_id: of a finished import.
        group: (field, reason) whose cells are meant; None for any.
        cells: (row, field) that are meant; None for all of the group.

    Raises:
        NotAllowed: ``not_your_role``.
    """
    desk.require("save")
    only = None if cells is None else frozenset(cells)
    rows = None if only is None else sorted({row for row, _ in only})
    done = left = 0
    with desk.db.transaction() as tx:
        for page in _pages(tx, import_id, group, rows, 0):
            meant = [
                change
                for change in page
                if not change.undone and (only is None or (change.row, change.field) in only)
            ]
            for piece in chunks(_whole(meant)):
                put_back = _put_back(desk, tx, import_id, piece)
                done += put_back
                left += len(piece) - put_back
        desk.tell(tx, "cleaning_undone", import_id, group=list(group or ()), done=done, left=left)
    return Undone(done, left)


def undo_in(desk: Desk, record_id: str, field: str) -> Undone:
    """Put a field of a record back as its last import read it; raises as `undo`."""
    place = _place_of(desk.db.reader(), record_id)
    return Undone(0, 0) if place is None else undo(desk, place[0], cells=[(place[1], field)])


def redo_in(desk: Desk, record_id: str, field: str) -> Undone:
    """Put a field in order again that was put back as it was read; raises as `undo`."""
    desk.require("save")
    with desk.db.transaction() as tx:
        place = _place_of(tx, record_id)
        found = [] if place is None else list_changes(tx, place[0], rows=[place[1]])
        meant = _whole(change for change in found if change.undone and change.field == field)
        if place is None or not meant:
            return Undone(0, 0)
        done = _put_back(desk, tx, place[0], meant, again=True)
        desk.tell(tx, "cleaning_done_again", record_id, field=field, done=done)
    return Undone(done, len(meant) - done)


def _whole(changes: Iterable[CellChange]) -> list[CellChange]:
    """Take what was done to one cell for several reasons, one after the other, as one change."""
    cells: dict[tuple[int, str], CellChange] = {}
    for change in changes:
        first = cells.get((change.row, change.field))
        cells[change.row, change.field] = replace(change, before=first.before) if first else change
    return list(cells.values())


def _put_back(
    desk: Desk, tx: Connection, import_id: str, changes: Sequence[CellChange], *, again: bool = False
) -> int:
    """Put cells back where the draft still has what the import stored; return how many.

    `again`: the other way round, where it still has what stood in the file.
    """
    records = _records(tx, import_id, {change.row for change in changes})
    states = states_of(tx, list(dict.fromkeys(records.values())))
    drafts = read_drafts(tx, [one for one, state in states.items() if state in ON_THE_DESK])
    by_record: dict[str, list[CellChange]] = {}
    for change in changes:
        record_id = records.get(change.row)
        draft = drafts.get(record_id) if record_id else None
        stands = change.before if again else change.after
        if draft is None or not record_id or draft.op == "withdraw":
            continue
        if draft.values.get(change.field, "") == stands:
            by_record.setdefault(record_id, []).append(change)
    at, operator = desk.now(), desk.operator.operator_id
    for record_id, some in by_record.items():
        draft = drafts[record_id]
        item = desk.catalogs.item(draft.catalog)
        put = {change.field: change.after if again else change.before for change in some}
        values = without_empty({**draft.values, **put})
        edit_state, errors, warnings = verdict(
            check(item, values, reported_on=desk.today()), draft.answers
        )  # fmt: skip
        tx.execute(
            "UPDATE draft SET payload = ?, edit_state = ?, errors = ?, warnings = ?, saved_at = ?"
            " WHERE record_id = ?",
            (as_json(values), edit_state, errors, warnings, at, record_id),
        )
        write_shown(tx, record_id, item, values, at)
    put_back = [change for some in by_record.values() for change in some]
    if again:
        tx.executemany(
            "DELETE FROM import_undone WHERE import_id = ? AND row = ? AND field = ?",
            ((import_id, change.row, change.field) for change in put_back),
        )
        return len(put_back)
    tx.executemany(
        "INSERT OR IGNORE INTO import_undone (import_id, row, field, operator, undone_at) VALUES (?,?,?,?,?)",
        ((import_id, change.row, change.field, operator, at) for change in put_back),
    )
    return len(put_back)


def _records(tx: Connection, import_id: str, rows: Iterable[int]) -> dict[int, str]:
    """Return row → the record that it became or changed."""
    found = tx.execute(
        "SELECT j.value AS row, COALESCE((SELECT r.record_id FROM record r WHERE r.import_id = ?"
        " AND r.import_row = j.value), (SELECT i.record_id FROM import_row i WHERE i.import_id = ?"
        " AND i.row = j.value AND i.fate IN ('taken','updated','corrected'))) AS record_id"
        " FROM json_each(?) j",
        (import_id, import_id, as_json(sorted(rows))),
    )
    return {row["row"]: row["record_id"] for row in found if row["record_id"]}
