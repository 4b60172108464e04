"""Receipts (回执): their numbers, their bytes, and the seal over those of one message."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from forms.seal.receipt import Outcome, Stage, digests_of, receipt_bytes, seal_receipts
from regional_platform.store.identity import Identity
from regional_platform.store.tables import receipt_count
from regional_platform.times import LEGAL_ZONE, iso


def take_numbers(connection: Connection, city: str, count: int, now: datetime) -> list[str]:
    """Take `count` receipt numbers of a city and month, e.g. ``350200-202611-0004711``.

    No number is given twice. One that was taken and not used is left out: a hole says nothing.
    """
    if not count:
        return []
    month = now.astimezone(LEGAL_ZONE).strftime("%Y%m")
    taken = (
        update(receipt_count)
        .where(receipt_count.c.city == city, receipt_count.c.month == month)
        .values(n=receipt_count.c.n + count)
        .returning(receipt_count.c.n)
    )
    last = connection.execute(taken).scalar_one_or_none()
    if last is None:
        last = count
        connection.execute(insert(receipt_count).values(city=city, month=month, n=count))
    return [f"{city}-{month}-{n:07d}" for n in range(last - count + 1, last + 1)]


def written(
    identity: Identity,
    *,
    version_id: str,
    record_id: str,
    content_sha256: str,
    outcome: Outcome,
    stage: Stage,
    receipt_no: str,
    at: datetime,
    problem: Mapping[str, Any] | None = None,
) -> bytes:
    """Make one receipt and return its canonical bytes, as they are kept and sent."""
    return receipt_bytes(
        {
            "version_id": version_id,
            "record_id": record_id,
            "content_sha256": content_sha256,
            "outcome": outcome,
            "stage": stage,
            "receipt_no": receipt_no,
            "server_id": identity.server_id,
            "at": iso(at),
            "problem": problem,
        }
    )


def seal_of(identity: Identity, receipts: Iterable[bytes]) -> bytes:
    """Seal the receipts of a message, in its order; returns JSON."""
    return json.dumps(seal_receipts(identity.key, identity.server_id, digests_of(receipts))).encode()
