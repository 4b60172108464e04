"""Conflicts: what contradicts each other is somebody's matter, from when it is found until it is settled.

What was accepted stays accepted. A conflict that no longer holds, because a side was withdrawn or
corrected, is settled by itself; one that a person settled comes up again when a side changes.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from forms.catalog.masking import masked
from forms.seal.canonical import canonical
from regional_platform import questions
from regional_platform.contradictions import Found, Held
from regional_platform.feed import News
from regional_platform.store.conflict_tables import conflict, conflict_act, conflict_record
from regional_platform.store.tables import record, unit
from regional_platform.times import iso

Outcome = Literal["withdrawn", "corrected", "both_right"]
SIDE: Final = ("record_id", "unit", "city", "item", "act_on", "version_id")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A conflict with its sides, as the database has it."""

    row: RowMapping
    sides: tuple[RowMapping, ...]

    @property
    def units(self) -> frozenset[str]:
        """The units concerned: who owns it, and who supplied a side."""
        return frozenset({self.row["owner"], *(side["unit"] for side in self.sides)})

    def as_json(self) -> dict[str, Any]:
        """The conflict as it travels; a person's number is masked, for all of a unit read its feed."""
        row = self.row
        return {
            "conflict_id": row["conflict_id"],
            "kind": row["kind"],
            "subject_code": masked(row["subject_code"] or "", "id_number") or None,
            "attributes": json.loads(row["attributes"]),
            **{name: row[name] for name in (
                "state", "owner", "taken_by", "found_at", "changed_at", "settled_at", "outcome", "reason",
            )},
            "records": [
                {name: side[name] or None if name == "act_on" else side[name] for name in SIDE}
                for side in self.sides
            ],
        }  # fmt: skip


def read(connection: Connection, keys: Iterable[str] = (), ids: Iterable[str] = ()) -> list[Conflict]:
    """Read conflicts by key or id, in the order in which they were found."""
    rows = connection.execute(
        select(conflict)
        .where(conflict.c.key.in_(set(keys)) | conflict.c.conflict_id.in_(set(ids)))
        .order_by(conflict.c.n)
    ).mappings().all()  # fmt: skip
    sides: dict[str, list[RowMapping]] = defaultdict(list)
    for side in connection.execute(
        select(conflict_record)
        .where(conflict_record.c.conflict_id.in_([row["conflict_id"] for row in rows]))
        .order_by(conflict_record.c.record_id)
    ).mappings():
        sides[side["conflict_id"]].append(side)
    return [Conflict(row, tuple(sides[row["conflict_id"]])) for row in rows]


def reconcile(
    connection: Connection, found: Iterable[Found], known: Iterable[Conflict], now: datetime
) -> list[News]:
    """Make what is kept follow from what is found.

    Args:
        connection: writing.
        found: all that holds of what `known` and the records at hand are about.
        known: the conflicts that may have changed.
        now: the present moment.
    """
    holds = {one.key: one for one in found}
    before = {one.row["key"]: one for one in known}
    news: list[News] = []
    for key in sorted(holds.keys() | before.keys()):
        one, was = holds.get(key), before.get(key)
        if was is None:
            assert one is not None
            news += _open(connection, one, now)
        elif one is not None:
            news += _go_on(connection, was, one, now)
        elif was.row["state"] == "open":
            news += settle(connection, was, _because(connection, was), now)
    return news


def settle(
    connection: Connection,
    one: Conflict,
    outcome: Outcome,
    now: datetime,
    *,
    by: str | None = None,
    reason: str | None = None,
) -> list[News]:
    """Settle a conflict; what its records asked for is settled with it."""
    changed = {"state": "settled", "settled_at": iso(now), "outcome": outcome, "reason": reason}
    told = change(connection, one, "settled", changed, now, by=by, reason=reason)
    asked = questions.settle_records(connection, [side["record_id"] for side in one.sides], now, reason)
    return [*told, *asked]


def change(
    connection: Connection,
    one: Conflict,
    what: str,
    changed: Mapping[str, Any],
    now: datetime,
    *,
    by: str | None = None,
    reason: str | None = None,
) -> list[News]:
    """Change the row of a conflict, keep the act, and make the news for all that are or were concerned."""
    conflict_id = one.row["conflict_id"]
    connection.execute(
        update(conflict).where(conflict.c.conflict_id == conflict_id).values(**changed, changed_at=iso(now))
    )
    (becomes,) = read(connection, ids=[conflict_id])
    _keep_act(connection, becomes, what, now, by=by, reason=reason)
    kind = {"opened": "conflict.opened", "settled": "conflict.settled"}.get(what, "conflict.changed")
    return _news(becomes, kind, one.units | becomes.units)


def _open(connection: Connection, found: Found, now: datetime) -> list[News]:
    at, conflict_id = iso(now), str(uuid.uuid4())
    connection.execute(
        insert(conflict).values(
            conflict_id=conflict_id, key=found.key, kind=found.kind, subject_code=found.subject_code,
            attributes=json.dumps(found.attributes), state="open", owner=_owner(connection, found),
            found_at=at, changed_at=at,
        )
    )  # fmt: skip
    _write_sides(connection, conflict_id, found.records)
    (made,) = read(connection, ids=[conflict_id])
    _keep_act(connection, made, "opened", now)
    return _news(made, "conflict.opened", made.units)


def _go_on(connection: Connection, was: Conflict, found: Found, now: datetime) -> list[News]:
    """It holds still: nothing changes unless a side does; then a settled one is open again."""
    sides = {side["record_id"]: side["version_id"] for side in was.sides}
    if sides == {one.record_id: one.version_id for one in found.records}:
        return []
    conflict_id = was.row["conflict_id"]
    connection.execute(delete(conflict_record).where(conflict_record.c.conflict_id == conflict_id))
    _write_sides(connection, conflict_id, found.records)
    changed: dict[str, Any] = {"attributes": json.dumps(found.attributes)}
    if was.row["state"] == "open":
        return change(connection, was, "changed", changed, now)
    changed |= {"state": "open", "owner": _owner(connection, found), "taken_by": None, "settled_at": None,
                "outcome": None, "reason": None}  # fmt: skip
    return change(connection, was, "opened", changed, now)


def _because(connection: Connection, was: Conflict) -> Outcome:
    """Why it no longer holds: a side was withdrawn, or else corrected."""
    gone = select(record.c.record_id).where(
        record.c.record_id.in_([side["record_id"] for side in was.sides]), record.c.head_op == "withdraw"
    )
    return "withdrawn" if connection.execute(gone).first() else "corrected"


def _owner(connection: Connection, found: Found) -> str:
    """Who reported last, while that unit is open; else the city of the subject, or of the record."""
    last = found.records[-1]
    cities = [f"{(found.subject_code or '')[2:6]}00", last.city]
    open_ones = set(
        connection.execute(
            select(unit.c.code).where(unit.c.code.in_([last.unit, *cities]), unit.c.closed_at.is_(None))
        ).scalars()
    )
    return next((code for code in (last.unit, *cities) if code in open_ones), last.unit)


def _write_sides(connection: Connection, conflict_id: str, records: Sequence[Held]) -> None:
    connection.execute(
        insert(conflict_record),
        [{"conflict_id": conflict_id, **{name: getattr(one, name) for name in SIDE}} for one in records],
    )


def _keep_act(
    connection: Connection,
    one: Conflict,
    what: str,
    now: datetime,
    *,
    by: str | None = None,
    reason: str | None = None,
) -> None:
    connection.execute(
        insert(conflict_act).values(
            conflict_id=one.row["conflict_id"], what=what, at=iso(now), operator_id=by,
            owner=one.row["owner"], outcome=one.row["outcome"], reason=reason,
            records=json.dumps([side["record_id"] for side in one.sides]),
        )
    )  # fmt: skip


def _news(one: Conflict, kind: str, units: Iterable[str]) -> list[News]:
    told = canonical(one.as_json())
    return [News(code, kind, json=told) for code in sorted(units)]
