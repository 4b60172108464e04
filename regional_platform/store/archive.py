"""Old partitions of the versions are put away into files, and taken back from them. PostgreSQL only.

A file holds one city and month as text, as COPY writes it, packed; beside it a slip says how many rows, which
columns and which digest. What is put away is gone from the database: ids, records and receipts stay, so that
no id is ever taken for another. Only what nobody needs any more may go: no record's last accepted version,
and nothing that still waits for a step.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import zstandard
from sqlalchemy import Connection, Row, text

from regional_platform.store.engine import Store
from regional_platform.store.partitions import make

COLUMNS: Final = (
    "n, version_id, record_id, unit, device_id, batch_id, parent, op, catalog, content, approval_id, place, "
    "case_id, received_at, city, month"
)
_PIECE: Final = 1 << 20

_HOLDINGS: Final = text("""
    SELECT key.city, key.month, count(*) AS versions, count(record.head) AS heads,
           count(*) FILTER (WHERE key.outcome LIKE 'accepted%' AND key.stage <> 'stored') AS waiting
    FROM version_key AS key
    LEFT JOIN record ON record.record_id = key.record_id AND record.head = key.version_id
    WHERE :month = 0 OR (key.city = :city AND key.month = :month)
    GROUP BY key.city, key.month ORDER BY key.city, key.month
""")


class ArchiveError(Exception):
    """Nothing was put away or taken back; `code` says why."""

    def __init__(self, code: str, **said: object) -> None:
        super().__init__(code)
        self.code, self.said = code, said


@dataclass(frozen=True, slots=True)
class Slip:
    """What lies in a file."""

    city: str
    month: int
    rows: int
    columns: str
    sha256: str


def table_of(city: str, month: int) -> str:
    """The name of a partition."""
    return f"version_{city}_{month}"


def holdings(store: Store, city: str = "", month: int = 0) -> list[dict[str, Any]]:
    """Say of every city and month (or one) what there is, and whether it lies in the database.

    Looks at every version ever received: some minutes for a hundred million.
    """
    with store.reading() as connection:
        _take_time(connection)
        rows = connection.execute(_HOLDINGS, {"city": city, "month": month}).all()
        sizes = {row.name: row.bytes for row in connection.execute(text(
            "SELECT relname AS name, pg_total_relation_size(oid) AS bytes FROM pg_class "
            "WHERE relispartition AND relname LIKE 'version\\_%'"
        ))}  # fmt: skip
    return [_holding(row, sizes.get(table_of(row.city, row.month))) for row in rows]


def _holding(row: Row[Any], size: int | None) -> dict[str, Any]:
    told = {"city": row.city, "month": row.month, "versions": row.versions, "heads": row.heads}
    return {**told, "waiting": row.waiting, "bytes": size, "here": size is not None}


def put_away(store: Store, city: str, month: int, folder: Path) -> Slip:
    """Write a partition into a file of a folder, read the file back, and take the partition away.

    Raises:
        ArchiveError: not_here, in_use (with heads and waiting), file_there, damaged, changed.
    """
    slip, name = copy_out(store, city, month, folder), table_of(city, month)
    check(folder / f"{name}.copy.zst", slip)
    with store.writing() as connection:
        connection.execute(text(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE"))
        if connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() != slip.rows:  # noqa: S608 - city and month were found
            raise ArchiveError("changed", file=str(folder))
        connection.execute(text(f"ALTER TABLE version_{city} DETACH PARTITION {name}"))
        connection.execute(text(f"DROP TABLE {name}"))
    return slip


def copy_out(store: Store, city: str, month: int, folder: Path) -> Slip:
    """Write a partition into a file, and its slip beside it; the partition stays.

    Raises:
        ArchiveError: not_here, in_use, file_there.
    """
    _refuse_needed(store, city, month)
    name = table_of(city, month)
    file = folder / f"{name}.copy.zst"
    if file.exists():
        raise ArchiveError("file_there", file=str(file))
    digest, rows = hashlib.sha256(), 0
    folder.mkdir(parents=True, exist_ok=True)
    with store.reading() as connection, file.open("xb") as out:
        _take_time(connection)
        packer = zstandard.ZstdCompressor(level=10).compressobj()
        with (
            _cursor(connection) as cursor,
            cursor.copy(
                f"COPY (SELECT {COLUMNS} FROM {name} ORDER BY n) TO STDOUT"  # noqa: S608 - city and month were found
            ) as lines,
        ):
            for piece in lines:
                rows += bytes(piece).count(b"\n")
                _write(out, digest, packer.compress(piece))
        _write(out, digest, packer.flush())
        out.flush()
        os.fsync(out.fileno())
    slip = Slip(city, month, rows, COLUMNS, digest.hexdigest())
    file.with_suffix(".json").write_text(json.dumps(asdict(slip), indent=1), encoding="utf-8")
    return slip


def _write(out: BinaryIO, digest: Any, packed: bytes) -> None:
    out.write(packed)
    digest.update(packed)


def check(file: Path, slip: Slip) -> None:
    """Read a file back and hold it against its slip.

    Raises:
        ArchiveError: damaged.
    """
    with file.open("rb") as kept:
        if hashlib.file_digest(kept, "sha256").hexdigest() != slip.sha256:
            raise ArchiveError("damaged", file=str(file))


def take_back(store: Store, file: Path) -> Slip:
    """Put the versions of a file back where they were.

    Raises:
        ArchiveError: no_slip, damaged, here_already.
    """
    slip = _slip_of(file)
    check(file, slip)
    if any(one["here"] for one in holdings(store, slip.city, slip.month)):
        raise ArchiveError("here_already")
    with store.writing() as connection:
        _take_time(connection)
        make(connection, [(slip.city, slip.month)])
        name, rows = table_of(slip.city, slip.month), 0
        with _cursor(connection) as cursor:
            with cursor.copy(f"COPY {name} ({slip.columns}) FROM STDIN") as lines, file.open("rb") as kept:
                reader = zstandard.ZstdDecompressor().stream_reader(kept)
                while piece := reader.read(_PIECE):
                    lines.write(piece)
            rows = cursor.rowcount
        if rows != slip.rows:
            raise ArchiveError("damaged", file=str(file))
    return slip


def _slip_of(file: Path) -> Slip:
    try:
        slip = Slip(**json.loads(file.with_suffix(".json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ArchiveError("no_slip", file=str(file.with_suffix(".json"))) from error
    if slip.columns != COLUMNS:
        raise ArchiveError("no_slip", file=str(file.with_suffix(".json")))
    return slip


def _refuse_needed(store: Store, city: str, month: int) -> None:
    known = [one for one in holdings(store, city, month) if one["here"]]
    if not known:
        raise ArchiveError("not_here")
    if known[0]["heads"] or known[0]["waiting"]:
        raise ArchiveError("in_use", heads=known[0]["heads"], waiting=known[0]["waiting"])


def _take_time(connection: Connection) -> None:
    for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {setting} = 0"))


@contextmanager
def _cursor(connection: Connection) -> Iterator[Any]:
    """A cursor of the driver, in the transaction of a connection: SQLAlchemy has no COPY."""
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        yield cursor
