"""Records as the platform holds them: head, stage, whether disputed, and every version received."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from regional_platform.auth.callers import Caller
from regional_platform.case_marks import disputed, repaired
from regional_platform.problems import Refusal
from regional_platform.store.tables import SAME_VERSION, record, unit, version, version_key
from regional_platform.subtree import seen_by


def read_record(connection: Connection, caller: Caller, record_id: str) -> dict[str, Any]:
    """Read a record with its versions.

    Raises:
        Refusal: record-unknown, also for a record of others.
    """
    row = connection.execute(_rows().where(record.c.record_id == record_id)).one_or_none()
    if row is None or not caller.sees(row.path):
        raise Refusal("record-unknown")
    versions = connection.execute(
        select(version.c.version_id, version.c.op, version.c.received_at, version_key.c.outcome)
        .join(version_key, SAME_VERSION)
        .where(version_key.c.record_id == record_id, version_key.c.unit == row.unit, version.c.op != "decide")
        .order_by(version.c.n)
    ).all()
    return {
        **_shown(connection, [row])[0],
        "versions": [
            {"version_id": one.version_id, "op": one.op, "at": one.received_at, "outcome": one.outcome}
            for one in versions
            if one.op != "unread"
        ],
    }


def list_records(
    connection: Connection, caller: Caller, *, code: str | None, item: str | None, after: str, limit: int
) -> dict[str, Any]:
    """List records of the caller's subtree by record id, one page.

    Raises:
        Refusal: not-authorised, when a unit outside of it is asked for.
    """
    if code is not None and not _sees(connection, caller, code):
        raise Refusal("not-authorised")
    wanted = (
        _rows()
        .where(seen_by(caller), record.c.record_id > after)
        .order_by(record.c.record_id)
        .limit(limit + 1)
    )
    if code is not None:
        wanted = wanted.where(record.c.unit == code)
    if item is not None:
        wanted = wanted.where(record.c.item == item)
    rows = connection.execute(wanted).all()
    shown = _shown(connection, rows[:limit])
    return {"records": shown, "next": rows[limit - 1].record_id if len(rows) > limit else None}


def _sees(connection: Connection, caller: Caller, code: str) -> bool:
    path = connection.execute(select(unit.c.path).where(unit.c.code == code)).scalar_one_or_none()
    return path is not None and caller.sees(path)


def _rows() -> Select[Any]:
    head = version_key.join(version, SAME_VERSION)
    return select(
        record.c.record_id,
        record.c.unit,
        unit.c.path,
        record.c.head,
        version.c.op,
        version.c.catalog,
        version.c.content,
        version_key.c.stage,
        version_key.c.stored_at,
    ).select_from(
        record.join(unit, unit.c.code == record.c.unit).outerjoin(
            head, version_key.c.version_id == record.c.head
        )
    )


def _shown(connection: Connection, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    ids = [row.record_id for row in rows]
    under_dispute, mended = disputed(connection, ids), repaired(connection, ids)
    return [
        {
            "record_id": row.record_id,
            "unit": row.unit,
            "head": _head(row),
            "stage": row.stage,
            "disputed": row.record_id in under_dispute,
            "repaired": row.record_id in mended,
        }
        for row in rows
    ]


def _head(row: Row[Any]) -> dict[str, Any] | None:
    if row.head is None:
        return None
    return {
        "version_id": row.head,
        "op": row.op,
        "catalog": row.catalog,
        "payload": json.loads(row.content)["payload"],
        "stored_at": row.stored_at,
    }
