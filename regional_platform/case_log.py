"""What happened to cases (办件), in order, and a case as it travels. Events are only ever added."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update

from forms.seal.canonical import canonical
from regional_platform.feed import News
from regional_platform.store.among import among
from regional_platform.store.case_tables import case_event, case_record, case_revision, casefile
from regional_platform.times import iso, legal_day

STATE_OF: Final[Mapping[str, str]] = {
    "received": "opened",
    "supplement": "opened",
    "accepted": "opened",
    "suspended": "opened",
    "decided": "decided",
    "refused": "closed",
    "withdrawn": "closed",
    "closed": "closed",
}
"""Stage of a case (its step in the law) → its state (what a list asks for)."""


def row_of(connection: Connection, case_id: str) -> Row[Any] | None:
    """Read a case."""
    return connection.execute(select(casefile).where(casefile.c.case_id == case_id)).one_or_none()


def is_taken(connection: Connection, revision: str) -> bool:
    """Say whether an id was already that of a change of some case."""
    known = select(case_revision.c.revision).where(case_revision.c.revision == revision)
    return connection.execute(known).one_or_none() is not None


def add_event(
    connection: Connection,
    case_id: str,
    kind: str,
    at: datetime,
    *,
    unit: str,
    operator: str | None,
    data: Mapping[str, Any] | None = None,
    event_id: str,
) -> None:
    """Add an event to a case; the caller holds the case's row.

    Args:
        connection: of a writing transaction.
        case_id: of the case.
        kind: of the event.
        at: when it happened; its legal day is counted in Asia/Shanghai.
        unit: whose act it was.
        operator: whose hand; None for the platform itself.
        data: what belongs to the kind.
        event_id: as its maker named it; it is the revision of the case from then on.
    """
    last = select(func.max(case_event.c.n)).where(case_event.c.case_id == case_id)
    before = connection.execute(last).scalar_one()
    connection.execute(
        insert(case_event).values(
            event_id=event_id, case_id=case_id, n=0 if before is None else before + 1,
            kind=kind, at=iso(at), legal_day=legal_day(at).isoformat(), unit=unit, operator=operator,
            data=canonical(dict(data or {})),
        )
    )  # fmt: skip


def events_of(connection: Connection, case_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """What happened to each of some cases, oldest first."""
    rows = connection.execute(
        select(case_event)
        .where(among(case_event.c.case_id, case_ids))
        .order_by(case_event.c.case_id, case_event.c.n)
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(
            {
                "event_id": row.event_id, "kind": row.kind, "at": row.at, "on": row.legal_day,
                "unit": row.unit, "operator": row.operator, "data": json.loads(row.data),
            }
        )  # fmt: skip
    return found


def record_ids_of(connection: Connection, case_id: str) -> list[str]:
    """The records that a case is about, in its order."""
    mine = select(case_record.c.record_id).where(case_record.c.case_id == case_id)
    return list(connection.execute(mine.order_by(case_record.c.place)).scalars())


def told(connection: Connection, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Cases as they travel."""
    case_ids = [row.case_id for row in rows]
    events = events_of(connection, case_ids)
    snapshots: dict[str, list[dict[str, Any]]] = defaultdict(list)
    held = select(case_record.c.case_id, case_record.c.snapshot).where(among(case_record.c.case_id, case_ids))
    for row in connection.execute(held.order_by(case_record.c.case_id, case_record.c.place)):
        snapshots[row.case_id].append(json.loads(row.snapshot))
    return [_told(row, snapshots[row.case_id], events[row.case_id]) for row in rows]


def _told(
    row: Row[Any], snapshots: Sequence[Mapping[str, Any]], events: list[dict[str, Any]]
) -> dict[str, Any]:
    opening = json.loads(row.opening)
    records = [{**said, **kept} for said, kept in zip(opening["records"], snapshots, strict=True)]
    owner = {"operator_id": row.owner_id, "name": row.owner_name} if row.owner_id is not None else None
    return {
        **opening,
        "records": records,
        "state": row.state,
        "stage": row.stage,
        "revision": row.revision,
        "unit": row.unit,
        "hall_unit": row.hall_unit,
        "owner": owner,
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
        "due_on": row.due_on,
        "due_certain": row.due_certain,
        "rules": {"platform": row.platform_rules, "provider": row.provider_rules},
        "events": events,
        "decision": json.loads(row.decision) if row.decision is not None else None,
    }


def papers_of(case: Mapping[str, Any]) -> set[str]:
    """Digests of all files that a case, as it travels, names."""
    handed_in = [event["data"] for event in case["events"] if event["kind"] == "supplemented"]
    evidence = [one for record in case["records"] for one in record["evidence"]]
    evidence += [one for data in handed_in for one in data["evidence"]]
    materials = [*case["materials"], *(one for data in handed_in for one in data["materials"])]
    return {one["sha256"] for one in [*evidence, *materials] if one["sha256"] is not None}


def as_json(connection: Connection, row: Row[Any]) -> bytes:
    """The case as it travels."""
    return canonical(told(connection, [row])[0])


def move(connection: Connection, case_id: str, revision: str, **values: Any) -> None:
    """Give a case a new revision with what has changed in it; a stage brings its state along.

    Args:
        connection: of a writing transaction.
        case_id: of the case.
        revision: the id of what changed it (an event, a transfer, the version of a decision), so that its
            maker knows it before the platform has seen it, and can go on from there without a line.
        values: columns of the case.
    """
    if "stage" in values:
        values["state"] = STATE_OF[values["stage"]]
    changed = update(casefile).where(casefile.c.case_id == case_id)
    connection.execute(changed.values(revision=revision, **values))


def parties(connection: Connection, row: Row[Any]) -> set[str]:
    """The units of a case: that which has it, that which took it in, those that handed it on."""
    moved = select(case_event.c.unit).where(
        case_event.c.case_id == row.case_id, case_event.c.kind == "transferred"
    )
    return {row.unit, row.hall_unit, *connection.execute(moved).scalars()}


def revised(
    connection: Connection, case_id: str, what: str, version_id: str | None, now: datetime
) -> tuple[bytes, list[News]]:
    """Log the revision that a case has just got, and make the news of it for all parties."""
    row = row_of(connection, case_id)
    assert row is not None
    connection.execute(
        insert(case_revision).values(
            revision=row.revision, case_id=case_id, state=row.state, at=iso(now), version_id=version_id
        )
    )
    case = as_json(connection, row)
    return case, [News(unit, what, json=case) for unit in sorted(parties(connection, row))]
