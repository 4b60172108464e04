"""Find what contradicts what among the records of given acts and subjects: a few queries for all of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select
from sqlalchemy.exc import SQLAlchemyError

from regional_platform import contradictions
from regional_platform.conflicts import Conflict
from regional_platform.contradictions import Found, Held, Rules
from regional_platform.incidents import Isolation
from regional_platform.platform import Platform
from regional_platform.store.among import among
from regional_platform.store.list_tables import list_entry
from regional_platform.store.tables import SAME_VERSION, record, version, version_key
from regional_platform.times import legal_day

LISTED: Final = ("red", "black")


def search(
    platform: Platform,
    connection: Connection,
    acts: Collection[str],
    subjects: Collection[str],
    now: datetime,
) -> list[Found]:
    """Return all that contradicts each other now.

    Args:
        platform: open.
        connection: reading or writing.
        acts: keys of acts.
        subjects: codes of subjects.
        now: the present moment.
    """
    return [
        *_same_acts(connection, acts),
        *_of_registration(platform, connection, subjects),
        *_of_lists(platform, connection, subjects, legal_day(now).isoformat()),
    ]


def about(known: Iterable[Conflict]) -> tuple[set[str], set[str]]:
    """Return the acts and subjects that conflicts are about."""
    acts, subjects = set(), set()
    for one in known:
        if one.row["kind"] == "same_act":
            acts.add(one.row["key"].removeprefix(contradictions.key_of("same_act", "")))
        elif one.row["subject_code"]:
            subjects.add(one.row["subject_code"])
    return acts, subjects


def _same_acts(connection: Connection, acts: Collection[str]) -> list[Found]:
    if not acts:
        return []
    doubled = connection.execute(
        select(record.c.act_key)
        .where(among(record.c.act_key, acts))
        .group_by(record.c.act_key)
        .having(func.min(record.c.unit) != func.max(record.c.unit))
    ).scalars().all()  # fmt: skip
    by_act: dict[str, list[Held]] = defaultdict(list)
    if doubled:
        for row in connection.execute(_heads(record.c.act_key.in_(doubled))):
            by_act[row.act_key].append(_held(row))
    found = (contradictions.same_act(key, records) for key, records in by_act.items())
    return [one for one in found if one is not None]


def _of_registration(platform: Platform, connection: Connection, subjects: Collection[str]) -> list[Found]:
    rules = platform.contradictions
    if not subjects:
        return []
    known: dict[str, list[Held]] = defaultdict(list)
    for row in connection.execute(
        _heads(record.c.subject_code.in_(subjects), record.c.item.in_(rules.standing))
    ):
        with Isolation(f"comparing record {row.record_id}", SQLAlchemyError):
            known[row.subject_code].append(_held(row, values=json.loads(row.content)["payload"]))
    found = [contradictions.registration_differs(rules, code, records) for code, records in known.items()]
    closed = _closed(rules, known)
    permits: dict[str, list[Held]] = defaultdict(list)
    if closed:
        for row in connection.execute(
            _heads(
                record.c.subject_code.in_(closed),
                record.c.item.in_(rules.permits),
                record.c.act_on > min(day for _, day in closed.values()),
            )
        ):
            permits[row.subject_code].append(_held(row))
    found += [
        contradictions.permit_after_closing(code, record_, day, permits[code])
        for code, (record_, day) in closed.items()
    ]
    return [one for one in found if one is not None]


def _closed(rules: Rules, known: Mapping[str, Sequence[Held]]) -> dict[str, tuple[Held, str]]:
    """Subject → the record that says first that it is closed, and from when."""
    closed: dict[str, tuple[Held, str]] = {}
    for code, records in known.items():
        days = [(day, one.record_id, one) for one in records if (day := contradictions.closed_on(rules, one))]
        if days:
            day, _, one = min(days, key=lambda each: each[:2])
            closed[code] = (one, day)
    return closed


def _of_lists(
    platform: Platform, connection: Connection, subjects: Collection[str], today: str
) -> list[Found]:
    kinds = {code: named.kind for code, named in platform.book.names.items() if named.kind in LISTED}
    if not subjects:
        return []
    entries = connection.execute(
        select(list_entry.c.record_id, list_entry.c.list, list_entry.c.subject_code).where(
            list_entry.c.subject_code.in_(subjects),
            list_entry.c.list.in_(kinds),
            list_entry.c.withdrawn.is_(False),
            list_entry.c.since_on <= today,
            list_entry.c.last_on >= today,
        )
    ).all()
    listed: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in entries:
        listed[row.subject_code][kinds[row.list]].append(row.record_id)
    both = {code: sides for code, sides in listed.items() if len(sides) == len(LISTED)}
    wanted = [one for sides in both.values() for records in sides.values() for one in records]
    held = {row.record_id: _held(row) for row in connection.execute(_heads(record.c.record_id.in_(wanted)))}
    found = (
        contradictions.red_and_black(
            code, *([held[one] for one in sides[kind] if one in held] for kind in LISTED)
        )
        for code, sides in both.items()
    )
    return [one for one in found if one is not None]


def _heads(*which: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            record.c.record_id, record.c.unit, record.c.city, record.c.item, record.c.subject_code,
            record.c.act_on, record.c.act_key, record.c.head, version.c.n, version.c.received_at,
            version.c.content,
        )
        .join(version_key, version_key.c.version_id == record.c.head)
        .join(version, SAME_VERSION)
        .where(*which, record.c.head_op != "withdraw")
    )  # fmt: skip


def _held(row: Row[Any], *, values: Mapping[str, Any] | None = None) -> Held:
    day = legal_day(datetime.fromisoformat(row.received_at)).isoformat()
    return Held(
        row.record_id, row.unit, row.city, row.item, row.subject_code, row.act_on, row.head, row.n, day,
        values or {},
    )  # fmt: skip
