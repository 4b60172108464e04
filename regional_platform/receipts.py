"""Receipts (回执): their numbers, their bytes, and the seal over those of one message.

A receipt says who and what, which stands in `version_key` and is never changed there, the stage, and when.
Nearly all say no more: those are not kept as bytes, but made anew, the same each time. One with a problem in
it stands in the table `receipt`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, insert, select, update

from forms.seal.receipt import Stage, digests_of, plain_receipts, receipt_bytes, seal_receipts
from regional_platform.store.among import among
from regional_platform.store.engine import Store
from regional_platform.store.identity import Identity
from regional_platform.store.tables import receipt, receipt_count, version_key
from regional_platform.times import legal_month

AT_ONCE: Final = 5_000
"""Numbers that one process takes at a time."""


class Key(NamedTuple):
    """What all receipts of a version say of it; columns of `version_key`."""

    version_id: str
    record_id: str
    content_sha256: str
    outcome: str
    receipt_no: str


KEY: Final = tuple(version_key.c[name] for name in Key._fields)


class Numbers:
    """The receipt numbers that this process may give, by city and month."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._free: dict[tuple[str, int], range] = {}

    def take(self, city: str, count: int, now: datetime) -> list[str]:
        """Take `count` receipt numbers of a city and month, e.g. ``350200-202611-0004711``.

        No number is given twice. One that was taken and not used is left out: a hole says nothing.
        """
        month = legal_month(now)
        with self._lock:
            free = self._free.get((city, month), range(0))
            if len(free) < count:
                most = max(count, AT_ONCE)
                # In a transaction of its own: the row would hold up all batches of the city.
                last = self._store.write(lambda connection: _counted(connection, city, month, most), units=())
                free = range(last - most + 1, last + 1)
                self._free = {key: rest for key, rest in self._free.items() if key[1] >= month}
            self._free[city, month] = free[count:]
        return [f"{city}-{month}-{n:07d}" for n in free[:count]]


def _counted(connection: Connection, city: str, month: int, count: int) -> int:
    """Count numbers as given; returns the last of them."""
    taken = (
        update(receipt_count)
        .where(receipt_count.c.city == city, receipt_count.c.month == str(month))
        .values(n=receipt_count.c.n + count)
        .returning(receipt_count.c.n)
    )
    last = connection.execute(taken).scalar_one_or_none()
    if last is None:
        last = count
        connection.execute(insert(receipt_count).values(city=city, month=str(month), n=count))
    return int(last)


def written(
    identity: Identity, key: Key, stage: Stage, at: str, problem: Mapping[str, Any] | None = None
) -> bytes:
    """Make one receipt and return its canonical bytes, as they are kept and sent.

    Args:
        identity: the platform.
        key: the version.
        stage: which it has reached.
        at: when, as text.
        problem: why not, or what is still to be said.
    """
    return receipt_bytes(
        {
            "version_id": key.version_id,
            "record_id": key.record_id,
            "content_sha256": key.content_sha256,
            "outcome": key.outcome,
            "stage": stage,
            "receipt_no": key.receipt_no,
            "server_id": identity.server_id,
            "at": at,
            "problem": problem,
        }
    )


def read_stages(
    connection: Connection, identity: Identity, told: Sequence[tuple[str, Stage, str]]
) -> list[bytes]:
    """Return the receipts that the feed tells of: version, stage, and when; in the same order."""
    ids = {version_id for version_id, _, _ in told}
    kept = _kept(connection, ids)
    rows = connection.execute(select(*KEY).where(among(version_key.c.version_id, ids))).all()
    keys = {row[0]: tuple(row) for row in rows}
    made: list[bytes] = []
    for (stage, at), run in groupby(told, key=itemgetter(1, 2)):
        alike = [keys[version_id] for version_id, _, _ in run]
        made += plain_receipts(alike, stage=stage, at=at, server_id=identity.server_id)
    if kept:
        return [kept.get(one[:2], plain) for one, plain in zip(told, made, strict=True)]
    return made


def read_checked(connection: Connection, identity: Identity, ids: Collection[str]) -> dict[str, bytes]:
    """Return the receipts that versions were given when they were checked, by version; final ones only."""
    if not ids:
        return {}
    follow = connection.execute(
        select(*KEY, version_key.c.checked_at).where(
            among(version_key.c.version_id, ids), version_key.c.checked_at.is_not(None)
        )
    )
    found = {row[0]: written(identity, Key(*row[:-1]), "checked", row.checked_at) for row in follow}
    kept = _kept(connection, ids)
    return found | {version_id: raw for (version_id, stage), raw in kept.items() if stage == "checked"}


def _kept(connection: Connection, ids: Collection[str]) -> dict[tuple[str, str], bytes]:
    rows = connection.execute(select(receipt).where(among(receipt.c.version_id, ids)))
    return {(row.version_id, row.stage): bytes(row.raw) for row in rows}


def seal_of(identity: Identity, receipts: Iterable[bytes]) -> bytes:
    """Seal the receipts of a message, in its order; returns JSON."""
    return json.dumps(seal_receipts(identity.key, identity.server_id, digests_of(receipts))).encode()
