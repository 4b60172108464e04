"""Imports (导入) as lists and pages read them: the file, its sum, and the rows that made no new record."""

from __future__ import annotations

import json
from collections.abc import Sequence

from client.core.imports import Import, ImportRow
from client.errors import NotAllowed
from client.store.connection import Connection, Row


def get(reader: Connection, import_id: str) -> Import:
    """Return one import; raises NotAllowed ``import_unknown``."""
    row = reader.execute("SELECT * FROM import_file WHERE import_id = ?", (import_id,)).fetchone()
    if row is None:
        raise NotAllowed("import_unknown")
    return _import_of(row)


def cut_short(reader: Connection) -> Import | None:
    """Return the import that was begun and not finished, if there is one."""
    row = reader.execute("SELECT * FROM import_file WHERE state = 'loading' LIMIT 1").fetchone()
    return None if row is None else _import_of(row)


def list_imports(reader: Connection, *, limit: int = 100) -> list[Import]:
    """Return the newest imports, removed ones left out."""
    rows = reader.execute(
        "SELECT * FROM import_file WHERE state <> 'removed' ORDER BY started_at DESC, import_id DESC LIMIT ?",
        (limit,),
    )
    return [_import_of(row) for row in rows]


def list_rows(
    reader: Connection,
    import_id: str,
    *,
    fate: str | None = None,
    fates: Sequence[str] | None = None,
    after: int = 0,
    limit: int = 200,
) -> list[ImportRow]:
    """Return rows that made no new record, by row, from the one after `after`; of some fates or all."""
    wanted = [fate] if fate is not None else None if fates is None else list(fates)
    rows = reader.execute(
        "SELECT * FROM import_row WHERE import_id = ? AND row > ?"
        " AND (? IS NULL OR fate IN (SELECT value FROM json_each(?))) ORDER BY row LIMIT ?",
        (import_id, after, json.dumps(wanted) if wanted else None, json.dumps(wanted or []), limit),
    )
    return [
        ImportRow(
            row["row"], row["fate"], row["record_id"], json.loads(row["cells"]), json.loads(row["payload"]),
            json.loads(row["problems"]),
        )
        for row in rows
    ]  # fmt: skip


def fates(reader: Connection, import_id: str) -> dict[str, int]:
    """Count the rows of an import by fate as it is now."""
    rows = reader.execute(
        "SELECT fate, COUNT(*) AS times FROM import_row WHERE import_id = ? GROUP BY fate LIMIT 10",
        (import_id,),
    )
    return {row["fate"]: row["times"] for row in rows}


def _import_of(row: Row) -> Import:
    values = {name: row[name] for name in row.keys()}  # noqa: SIM118 - a row of an answer, not a dict
    return Import(**values | {"headings": json.loads(row["headings"])})
