"""Comparisons (比对): whether another department or city has reported the same act, or knows a subject.

A desk asks for a bounded list, and is told what it may see of it: who, where, when, and the digest of the
head. Its own unit's records are left out, for it has those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, func, select

from regional_platform.auth.callers import Caller
from regional_platform.case_marks import disputed, is_stopped, not_shown
from regional_platform.catalogs import Catalogs
from regional_platform.sight import Sight, sight_of
from regional_platform.store.tables import record, unit, version_key

MOST: Final = 500
"""Acts and subjects in one comparison."""

MOST_OF_ACT: Final = 10
"""Records that are told of one act; of more it is said that there are more."""

MOST_READ: Final = 20_000


@dataclass(frozen=True, slots=True)
class Act:
    """An act as the desk knows it: item and natural key, see `forms.catalog.naturalkey`.

    Attributes:
        person: exact number of the person that it is about, as far as it was said.
    """

    item: str
    key: str
    person: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Compared:
    """What is answered, and the records and subjects of others that it lets the caller see."""

    told: dict[str, Any]
    records: Sequence[str]
    subjects: Sequence[str]


def compare(
    connection: Connection,
    catalogs: Catalogs,
    caller: Caller,
    acts: Sequence[Act],
    subjects: Sequence[str],
    *,
    by_number: bool,
) -> Compared:
    """Look acts and subjects up among the records of other units.

    Args:
        connection: reading.
        catalogs: the sets of the platform.
        caller: who asks.
        acts: by item and natural key.
        subjects: codes, exact.
        by_number: whether a reason was given, without which no person is looked up.
    """
    of_acts, records = _acts(connection, catalogs, caller, acts, by_number=by_number)
    of_subjects, seen = _subjects(connection, catalogs, caller, subjects, by_number=by_number)
    return Compared({"acts": of_acts, "subjects": of_subjects}, records, seen)


def _acts(
    connection: Connection, catalogs: Catalogs, caller: Caller, acts: Sequence[Act], *, by_number: bool
) -> tuple[list[dict[str, Any]], list[str]]:
    persons = {act: act.person for act in acts} if by_number else {}
    rows: Sequence[Row[Any]] = connection.execute(_same(caller, {act.key for act in acts})).all()
    by_act: dict[Act, list[Row[Any]]] = defaultdict(list)
    hidden: dict[Act, int] = defaultdict(int)
    stopped = not_shown(connection, [row.record_id for row in rows])
    for row in rows:
        act = Act(row.item, row.act_key)
        by_its_number = row.subject_code is not None and persons.get(act) == row.subject_code
        sight = sight_of(
            caller, catalogs.current.items.get(row.item), row.path, row.subject_code, by_number=by_its_number,
            stopped=row.record_id in stopped,
        )  # fmt: skip
        if sight in {"whole", "head"}:
            by_act[act].append(row)
        elif sight == "counted":
            hidden[act] += 1
    shown = {act: found[:MOST_OF_ACT] for act, found in by_act.items()}
    under_dispute = disputed(connection, [row.record_id for found in shown.values() for row in found])
    answers = [
        {
            "item": act.item,
            "key": act.key,
            "reported": [_reported(row, row.record_id in under_dispute) for row in shown.get(act, ())],
            "more": len(by_act.get(act, ())) > MOST_OF_ACT,
            "hidden": hidden[act],
        }
        for act in acts
    ]
    asked = set(acts)
    return answers, [row.record_id for act, found in shown.items() if act in asked for row in found]


def _same(caller: Caller, keys: Collection[str]) -> Select[Any]:
    return (
        select(
            record.c.record_id, record.c.item, record.c.act_key, record.c.subject_code, record.c.unit,
            record.c.city, record.c.act_on, record.c.head_op, version_key.c.content_sha256, unit.c.path,
            unit.c.name,
        )
        .join(unit, unit.c.code == record.c.unit)
        .join(version_key, version_key.c.version_id == record.c.head)
        .where(record.c.act_key.in_(keys), record.c.unit != caller.unit)
        .order_by(record.c.act_key, record.c.act_on.desc(), record.c.record_id)
        .limit(MOST_READ)
    )  # fmt: skip


def _reported(row: Row[Any], is_disputed: bool) -> dict[str, Any]:  # noqa: FBT001 - a fact, not a switch
    return {
        "record_id": row.record_id,
        "unit": row.unit,
        "unit_name": row.name,
        "city": row.city,
        "act_on": row.act_on or None,
        "op": row.head_op,
        "content_sha256": row.content_sha256,
        "disputed": is_disputed,
    }


def _subjects(
    connection: Connection, catalogs: Catalogs, caller: Caller, codes: Sequence[str], *, by_number: bool
) -> tuple[list[dict[str, Any]], list[str]]:
    some = (
        select(record.c.subject_code, record.c.item, record.c.unit, record.c.city, record.c.act_on)
        .where(
            record.c.subject_code.in_(set(codes)), record.c.unit != caller.unit,
            record.c.head_op != "withdraw", ~is_stopped(),
        )
        .limit(MOST_READ)
        .subquery()
    )  # fmt: skip
    rows = connection.execute(
        select(
            some.c.subject_code,
            some.c.item,
            some.c.unit,
            some.c.city,
            unit.c.path,
            unit.c.name,
            func.count().label("n"),
            func.max(some.c.act_on).label("last_on"),
        )
        .join(unit, unit.c.code == some.c.unit)
        .group_by(some.c.subject_code, some.c.item, some.c.unit, some.c.city, unit.c.path, unit.c.name)
        .order_by(some.c.subject_code, some.c.item, some.c.unit)
    )
    known: dict[str, list[dict[str, Any]]] = defaultdict(list)
    hidden: dict[str, int] = defaultdict(int)
    for row in rows:
        item = catalogs.current.items.get(row.item)
        sight: Sight = sight_of(caller, item, row.path, row.subject_code, by_number=by_number)
        if sight in {"whole", "head"}:
            known[row.subject_code].append({
                "item": row.item, "unit": row.unit, "unit_name": row.name, "city": row.city, "count": row.n,
                "last_on": row.last_on or None,
            })  # fmt: skip
        elif sight == "counted":
            hidden[row.subject_code] += row.n
    answers = [{"code": code, "known": known.get(code, []), "hidden": hidden[code]} for code in codes]
    return answers, [code for code in codes if code in known]
