"""What leaves the desk as a file: read in pages; written whole or not at all; and audited."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from client.errors import FileRefused
from client.store.audit import Entry
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import as_json, payload_of, read_drafts
from forms.catalog.schema import Values

PAGE: Final = 1_000

_NEWEST: Final = """
SELECT j.value AS record_id, v.catalog, v.content FROM json_each(?) j JOIN version v ON v.n =
  (SELECT MAX(n) FROM version WHERE record_id = j.value AND op <> 'withdraw')
"""
_RECEIPTS: Final = """
SELECT v.n, c.server_at, c.receipt_no, c.stage, c.outcome, c.version_id, v.record_id, v.op,
  COALESCE(r.subject_name, '') AS subject_name, COALESCE(r.doc_no, '') AS doc_no
FROM version v JOIN receipt c ON c.version_id = v.version_id LEFT JOIN record r ON r.record_id = v.record_id
WHERE (v.n, c.stage) > (?, ?) ORDER BY v.n, c.stage LIMIT ?
"""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A receipt with the record that it is of; `n` rises with the version."""

    n: int
    server_at: str
    receipt_no: str
    stage: str
    outcome: str
    version_id: str
    record_id: str
    op: str
    subject_name: str
    doc_no: str


def write_out(
    desk: Desk,
    path: Path,
    write: Callable[[Path], int],
    *,
    action: str,
    thing: str,
    said: Mapping[str, str],
) -> int:
    """Let `write` make a file beside `path`, audit that it leaves, and put it in its place.

    Args:
        desk: whose rows they are.
        path: of the file; one that is there is replaced.
        write: writes the file that it is given, and returns how many rows it holds.
        action: for the audit, e.g. ``list_exported``.
        thing: id of the record, or name of the list.
        said: for the audit: the filter.

    Raises:
        FileRefused: ``file_unwritable``: folder, disk, or a program that holds the file.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=".minxin-", dir=path.parent))
    except OSError as error:
        raise FileRefused("file_unwritable", file_name=path.name) from error
    try:
        made = folder / path.name
        rows = write(made)
        _sync(made)
        with desk.db.transaction() as tx:
            desk.tell(tx, action, thing, rows=rows, form=path.suffix.lower(), said=dict(said))
            made.replace(path)
    except OSError as error:
        raise FileRefused("file_unwritable", file_name=path.name) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return rows


def _sync(path: Path) -> None:
    with path.open("rb+") as made:
        os.fsync(made.fileno())


def walk(read: Callable[[T | None], Sequence[T]]) -> Iterator[T]:
    """Walk a long list page by page: `read` gives the page after a row, PAGE rows but for the last one."""
    last: T | None = None
    while True:
        page = read(last)
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1]


def values_of(
    reader: Connection, ids: Sequence[str], drafted: Sequence[str]
) -> dict[str, tuple[str, Values]]:
    """Return the item and the values that count of at most PAGE records.

    Args:
        reader: of the desk.
        ids: records.
        drafted: those of which the working copy counts; of the others the newest version does.
    """
    found: dict[str, tuple[str, Values]] = {}
    for row in reader.execute(_NEWEST, (as_json(ids),)):
        found[row["record_id"]] = (row["catalog"], payload_of(row["content"])["payload"])
    for record_id, draft in read_drafts(reader, drafted).items():
        if draft.values or record_id not in found:
            found[record_id] = (draft.catalog, draft.values)
    return found


def receipts(reader: Connection, after: ReceiptRow | None) -> list[ReceiptRow]:
    """Return a page of receipts, in the order of the versions."""
    place = (after.n, after.stage) if after else (0, "")
    return [ReceiptRow(*row) for row in reader.execute(_RECEIPTS, (*place, PAGE))]


def audit_entries(reader: Connection, after: Entry | None) -> list[Entry]:
    """Return a page of the audit chain."""
    rows = reader.execute(
        "SELECT n, at, actor, action, object, detail_sha256, prev FROM audit WHERE n > ? ORDER BY n LIMIT ?",
        (after.n if after else 0, PAGE),
    )
    return [Entry(*row) for row in rows]


def operator_names(reader: Connection) -> dict[str, str]:
    """Return the names of operators by their ids."""
    return {row[0]: row[1] for row in reader.execute("SELECT operator_id, name FROM operator LIMIT 10000")}
