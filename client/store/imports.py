"""Imports (导入): rows of a spreadsheet become drafts, in chunks, and visible in one last transaction.

A cut import is taken up where it stopped, or removed whole. Faulty rows stay with their import
until somebody takes them over as drafts. One import loads at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from client.core.imports import AS_USUAL, Choices, Chunk, GoodRow, Import, ImportRow, KeptRow, Source, Taken
from client.errors import NotAllowed
from client.store.connection import Connection, Row
from client.store.desk import Desk
from client.store.draft_rows import as_json, chunks, shown
from client.store.drafts import NewDraft, create_many
from client.store.import_changes import put_changes
from client.store.import_choices import SortedOut, keep_met, sort_doubled, sort_out
from client.store.import_files import cut_short, fates, get, list_imports, list_rows
from client.store.import_rows import (
    SAME,
    Fate,
    Met,
    best_of,
    change,
    fate_of,
    insert_new,
    keep,
    meet,
    meet_same,
    met_by_id,
    why,
)
from client.store.returned import keep_origins, take_origins
from forms.catalog.check import natural_key
from forms.catalog.schema import Item, Values

__all__ = [
    "Chunk", "GoodRow", "Import", "ImportRow", "KeptRow", "Source", "Taken",
    "add", "begin", "choices_of", "cut_short", "fates", "finish", "get", "list_imports", "list_rows",
    "remove", "skipped_for", "take_faulty",
]  # fmt: skip

_PAGE: Final = 1_000
_STAGED: Final = ("updated", "corrected")


# --- the road in ----------------------------------------------------------------------------------


def begin(desk: Desk, source: Source, choices: Choices = AS_USUAL) -> Import:
    """Begin an import, or take up the one that was cut, when it is the same.

    What was chosen stays with it until it is finished: `choices_of`.

    Raises:
        NotAllowed: ``import_cut_short``: another one was cut; it has to be finished or removed first.
            ``import_differs``: it was of this file, and that, or what was said of it, has changed since.
    """
    desk.require("create")
    with desk.db.transaction() as tx:
        loading = cut_short(tx)
        if loading is not None:
            if _source_of(loading) == source:
                if choices:
                    _keep_choices(tx, loading.import_id, choices.over(choices_of(tx, loading.import_id)))
                return loading
            same = loading.file_name == source.file_name
            raise NotAllowed("import_differs" if same else "import_cut_short", file_name=loading.file_name)
        import_id = desk.new_id()
        tx.execute(
            "INSERT INTO import_file (import_id, file_name, file_sha256, sheet, item, headings, state,"
            " started_at, operator) VALUES (?,?,?,?,?,?,'loading',?,?)",
            (
                import_id, source.file_name, source.file_sha256, source.sheet, source.item,
                as_json(list(source.headings)), desk.now(), desk.operator.operator_id,
            ),
        )  # fmt: skip
        if choices:
            _keep_choices(tx, import_id, choices)
        desk.tell(tx, "import_begun", import_id, file_sha256=source.file_sha256, item=source.item)
        return get(tx, import_id)


def choices_of(reader: Connection, import_id: str) -> Choices:
    """Return what was chosen for an import that is not finished."""
    said = reader.value("SELECT body FROM import_choice WHERE import_id = ?", (import_id,))
    return AS_USUAL if said is None else Choices.from_json(json.loads(said))


def _keep_choices(tx: Connection, import_id: str, choices: Choices) -> None:
    tx.execute(
        "INSERT OR REPLACE INTO import_choice (import_id, body) VALUES (?,?)",
        (import_id, as_json(choices.as_json())),
    )


def _source_of(one: Import) -> Source:
    return Source(one.file_name, one.file_sha256, one.sheet, one.item, one.headings)


def add(desk: Desk, import_id: str, chunk: Chunk, choices: Choices = AS_USUAL) -> Import:
    """Store one chunk in one transaction; none of it is visible yet.

    Args:
        desk: the open desk.
        import_id: of an import that loads.
        chunk: rows in a row.
        choices: what a person chose for rows that meet something (比对).

    Raises:
        NotAllowed: ``import_not_loading``: it was finished or removed meanwhile.
    """
    with desk.db.transaction() as tx:
        one = _loading(tx, import_id)
        item = desk.catalogs.item(one.item)
        counts = dict.fromkeys(("created", "updated", "corrected", "skipped"), 0)
        counts["faulty"] = len(chunk.faulty)
        done = sort_out(tx, item.code, chunk.good, choices, chunk.keys, one.file_sha256)
        _store(desk, tx, one, done, counts)
        if chunk.doubled:
            _store(desk, tx, one, sort_doubled(tx, import_id, item, chunk.doubled, choices), counts)
        keep(tx, import_id, "faulty", chunk.faulty)
        keep_origins(tx, import_id, chunk)
        if chunk.changes is not None:
            put_changes(tx, import_id, chunk.changes)
        tx.execute(
            "UPDATE import_file SET rows_read = rows_read + ?, created = created + ?, updated = updated + ?,"
            " corrected = corrected + ?, skipped = skipped + ?, faulty = faulty + ?, next_row = ?"
            " WHERE import_id = ?",
            (len(chunk), *counts.values(), chunk.next_row, import_id),
        )
        return get(tx, import_id)


def _store(desk: Desk, tx: Connection, one: Import, rows: SortedOut, counts: dict[str, int]) -> None:
    item = one.item.partition("@")[0]
    insert_new(desk, tx, one.import_id, item, one.item, rows.new, rows.reasons)
    counts["created"] += len(rows.new)
    for fate, kept in rows.kept.items():
        counts[fate] += len(kept)
        keep_met(tx, one.import_id, fate, kept)


def finish(desk: Desk, import_id: str) -> Import:
    """Make everything visible: in one transaction the waiting changes are made and the import opened."""
    with desk.db.transaction() as tx:
        one = _loading(tx, import_id)
        moved = dict.fromkeys(_STAGED, 0)
        item = desk.catalogs.item(one.item)
        waiting = one.updated or one.corrected
        for page in _staged(tx, import_id) if waiting else ():
            for row in page:
                if not _make_change(desk, tx, item, row):
                    moved[row["fate"]] += 1
        tx.execute(
            "UPDATE import_file SET state = 'visible', finished_at = ?, updated = updated - ?,"
            " corrected = corrected - ?, skipped = skipped + ? WHERE import_id = ?",
            (desk.now(), *moved.values(), sum(moved.values()), import_id),
        )
        take_origins(tx, import_id)
        tx.execute("DELETE FROM import_choice WHERE import_id = ?", (import_id,))
        done = get(tx, import_id)
        desk.tell(
            tx, "import_finished", import_id, read=done.rows_read, created=done.created, updated=done.updated,
            corrected=done.corrected, skipped=done.skipped, faulty=done.faulty,
        )  # fmt: skip
        return done


def _staged(tx: Connection, import_id: str) -> Iterator[list[Row]]:
    last = -1
    while True:
        page = tx.execute(
            "SELECT import_id, row, fate, record_id, payload, problems FROM import_row"
            " WHERE import_id = ? AND row > ? AND fate IN ('updated','corrected') ORDER BY row LIMIT ?",
            (import_id, last, _PAGE),
        ).fetchall()
        if not page:
            return
        last = page[-1]["row"]
        yield page


def _make_change(desk: Desk, tx: Connection, item: Item, row: Row) -> bool:
    """Make one waiting change; when somebody was quicker at the record, skip it and say so."""
    values = json.loads(row["payload"])
    record = _still_met(tx, item, row, values)
    fate = Fate("skipped", "record_changed")
    if record is not None:
        fate = fate_of(record, values)
        if fate.fate != "skipped":
            change(desk, record.record_id, record.state, values)
            return True
    tx.execute(
        "UPDATE import_row SET fate = 'skipped', problems = ? WHERE import_id = ? AND row = ?",
        (why(fate.code), row["import_id"], row["row"]),
    )
    return False


def _still_met(tx: Connection, item: Item, row: Row, values: Values) -> Met | None:
    """Return the record that a waiting change is of; None when it has become another act meanwhile."""
    record_id: str = row["record_id"]
    if row["problems"] == "[]":  # met by its natural key; else it was a person who named it
        seen = shown(item, values)
        if seen.natural_key is None:
            return None
        met = meet(tx, [seen.natural_key]).get(seen.natural_key, ())
        return next((one for one in met if one.record_id == record_id), None)
    return met_by_id(tx, [record_id]).get(record_id)


def skipped_for(reader: Connection, import_id: str, code: str) -> int:
    """Return how many rows of an import were skipped for a reason."""
    return int(
        reader.value(
            "SELECT COUNT(*) FROM import_row WHERE import_id = ? AND fate = 'skipped' AND problems = ?",
            (import_id, why(code)),
        )
    )


def remove(desk: Desk, import_id: str) -> None:
    """Remove a cut import whole; it leaves its line in the list of imports, and nothing else.

    Raises:
        NotAllowed: ``import_not_loading``: what is visible is removed draft by draft.
    """
    desk.require("create")
    with desk.db.transaction() as tx:
        _loading(tx, import_id)
        tx.execute(
            "DELETE FROM draft WHERE record_id IN (SELECT record_id FROM record WHERE import_id = ?)",
            (import_id,),
        )
        tx.execute("DELETE FROM record WHERE import_id = ?", (import_id,))
        tx.execute("DELETE FROM import_row WHERE import_id = ?", (import_id,))
        tx.execute("DELETE FROM import_change WHERE import_id = ?", (import_id,))
        tx.execute("DELETE FROM import_origin WHERE import_id = ?", (import_id,))
        tx.execute("DELETE FROM import_choice WHERE import_id = ?", (import_id,))
        tx.execute(
            "UPDATE import_file SET state = 'removed', rows_read = 0, created = 0, updated = 0,"
            " corrected = 0, skipped = 0, faulty = 0, next_row = 0, finished_at = ? WHERE import_id = ?",
            (desk.now(), import_id),
        )
        desk.tell(tx, "import_removed", import_id)


def _loading(tx: Connection, import_id: str) -> Import:
    one = get(tx, import_id)
    if one.state != "loading":
        raise NotAllowed("import_not_loading", state=one.state)
    return one


# --- what stayed with it --------------------------------------------------------------------------


def take_faulty(desk: Desk, import_id: str, rows: Sequence[int] | None = None) -> Taken:
    """Make drafts of faulty rows, problems and all; all of them when `rows` is None.

    A row that meets a draft changes it; one that meets what is in review or on its way is left.

    Raises:
        NotAllowed: ``import_not_visible``.
    """
    desk.require("create")
    made: dict[int, str] = {}
    left: list[int] = []
    with desk.db.transaction() as tx:
        one = get(tx, import_id)
        if one.state != "visible":
            raise NotAllowed("import_not_visible", state=one.state)
        item = desk.catalogs.item(one.item)
        for page in _faulty(tx, import_id, rows):
            waiting = {row["row"]: json.loads(row["payload"]) for row in page}
            while waiting:
                some = _no_two_alike(item, waiting)
                done = _take_some(desk, tx, one, some)
                made |= done
                left += [number for number in some if number not in done]
                waiting = {number: values for number, values in waiting.items() if number not in some}
        tx.executemany(
            "UPDATE import_row SET fate = 'taken', record_id = ? WHERE import_id = ? AND row = ?",
            ((record_id, import_id, number) for number, record_id in made.items()),
        )
        desk.tell(tx, "faulty_rows_taken", import_id, taken=len(made), left=len(left))
    return Taken(tuple(made.values()), tuple(left))


def _no_two_alike(item: Item, waiting: Mapping[int, Values]) -> dict[int, Values]:
    """Return rows of which no two have the same natural key: the later ones meet the earlier ones' drafts."""
    seen: set[str] = set()
    some: dict[int, Values] = {}
    for number, values in waiting.items():
        key = natural_key(item, values)
        if key not in seen:
            some[number] = values
        if key is not None:
            seen.add(key)
    return some


def _take_some(desk: Desk, tx: Connection, one: Import, rows: Mapping[int, Values]) -> dict[int, str]:
    """Make drafts of rows or change those that they meet; return row → record. What is missing is left."""
    item = desk.catalogs.item(one.item)
    met = {number: record for number, values in rows.items() if (record := _meet_values(tx, item, values))}
    new = {number: values for number, values in rows.items() if number not in met}
    ids = create_many(
        desk, one.item, (NewDraft(values, import_row=number) for number, values in new.items()),
        import_id=one.import_id,
    )  # fmt: skip
    done = dict(zip(new, ids, strict=True))
    for number, record in met.items():
        fate = fate_of(record, rows[number])
        if fate.fate != "skipped":
            change(desk, record.record_id, record.state, rows[number])
        if fate.fate != "skipped" or fate == SAME:
            done[number] = record.record_id
    return done


def _meet_values(tx: Connection, item: Item, values: Values) -> Met | None:
    seen = shown(item, values)
    if seen.natural_key is None:
        return meet_same(tx, item.code, seen, values)
    met = meet(tx, [seen.natural_key]).get(seen.natural_key)
    return best_of(met, values) if met else None


def _faulty(tx: Connection, import_id: str, rows: Sequence[int] | None) -> Iterator[list[Row]]:
    """Page through faulty rows; none of a page has changed its fate yet when it is read."""
    if rows is not None:
        for piece in chunks(sorted(set(rows))):
            yield tx.execute(
                "SELECT row, payload FROM import_row WHERE import_id = ? AND fate = 'faulty'"
                " AND row IN (SELECT value FROM json_each(?)) ORDER BY row LIMIT ?",
                (import_id, as_json(piece), _PAGE),
            ).fetchall()
        return
    last = -1
    while page := tx.execute(
        "SELECT row, payload FROM import_row WHERE import_id = ? AND fate = 'faulty' AND row > ?"
        " ORDER BY row LIMIT ?",
        (import_id, last, _PAGE),
    ).fetchall():
        last = page[-1]["row"]
        yield page
