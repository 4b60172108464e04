"""The page of a subject (信用主体): who it is, and what of it the caller may see, from all three cities.

A page costs the same few queries whatever the subject has; nothing is read row by row.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, tuple_

from forms.catalog.codes import DOUBTS, FAULTS
from regional_platform.auth.callers import Caller
from regional_platform.case_marks import disputed, is_stopped, not_shown
from regional_platform.catalogs import Catalogs
from regional_platform.conflict_acts import of_subject
from regional_platform.pipeline.subjects import ANY_DAY, name_key
from regional_platform.problems import Refusal
from regional_platform.sight import (
    Sight,
    may_look_at_persons,
    seen,
    sight_of,
)
from regional_platform.store.tables import SAME_VERSION, record, subject, unit, version, version_key

MOST_COUNTED: Final = 5_000
"""Records of one subject that are counted; of more the page says that there are more."""

MOST_CONFLICTS: Final = 20
LAST_SIGN: Final = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after this record."""

    act_on: str
    record_id: str

    @classmethod
    def read(cls, text: str) -> Place:
        """Read ``2026-03-01~<record id>`` as `str` writes it."""
        act_on, _, record_id = text.partition("~")
        return cls(act_on, record_id)

    def __str__(self) -> str:
        return f"{self.act_on}~{self.record_id}"


@dataclass(frozen=True, slots=True)
class Page:
    """A page, and whether it shows anything that calls for a look to be kept."""

    told: dict[str, Any]
    looks: bool


def read_subject(
    connection: Connection,
    catalogs: Catalogs,
    caller: Caller,
    code: str,
    *,
    reason: str | None,
    after: str | None,
    limit: int,
) -> Page:
    """Read who a subject is, what is counted of it, and one page of its records, newest first.

    Args:
        connection: reading.
        catalogs: the sets of the platform.
        caller: who looks.
        code: the exact code; of a person the number of the identity document.
        reason: why; needed for a person.
        after: `next` of the page before.
        limit: most records.

    Raises:
        Refusal: not-authorised, reason-required, no-such-subject.
    """
    known = connection.execute(select(subject).where(subject.c.code == code)).one_or_none()
    person = known.kind == "person" if known is not None else not is_unit_code(code)
    if person:
        _refuse_curious(caller, reason)
    counted = _counts(connection, catalogs, caller, code, by_number=person)
    if known is None and not counted.any:
        raise Refusal("no-such-subject")
    rows = connection.execute(_page(caller, code, catalogs, counted.units, after, limit + 1)).all()
    shown = _shown(connection, catalogs, caller, code, rows[:limit], by_number=person)
    more = len(rows) > limit
    told = {
        "subject": _who(code, known, person=person),
        "groups": counted.groups,
        "hidden": counted.hidden,
        "conflicts": of_subject(connection, code, MOST_CONFLICTS),
        "complete": counted.complete,
        "records": shown,
        "next": str(Place(rows[limit - 1].act_on, rows[limit - 1].record_id)) if more else None,
    }
    return Page(told, looks=person or any(not one["whole"] for one in shown))


def find_subjects(connection: Connection, name: str, after: str | None, limit: int) -> dict[str, Any]:
    """Find organisations whose name begins so, by name; width, brackets and blanks do not count."""
    prefix = name_key(name)
    wanted = (
        select(subject)
        .where(
            subject.c.name_key >= prefix, subject.c.name_key < prefix + LAST_SIGN, subject.c.kind == "legal"
        )
        .order_by(subject.c.name_key, subject.c.code)
        .limit(limit + 1)
    )
    if after is not None:
        last = select(subject.c.name_key).where(subject.c.code == after).scalar_subquery()
        wanted = wanted.where(tuple_(subject.c.name_key, subject.c.code) > tuple_(last, after))
    rows = connection.execute(wanted).all() if prefix else []
    return {
        "subjects": [_who(row.code, row, person=False) for row in rows[:limit]],
        "next": rows[limit - 1].code if len(rows) > limit else None,
    }


def is_unit_code(code: str) -> bool:
    """Say whether a code is one of an organisation; in doubt it is a person's, and asked for as such."""
    return any(FAULTS[kind](code, ANY_DAY) in {"", *DOUBTS} for kind in ("uscc", "orgcode"))


def _refuse_curious(caller: Caller, reason: str | None) -> None:
    if not may_look_at_persons(caller):
        raise Refusal("not-authorised")
    if reason is None:
        raise Refusal("reason-required")


def _who(code: str, row: Row[Any] | None, *, person: bool) -> dict[str, Any]:
    """Basis `unmatched`: records name the code, and the library does not have it."""
    return {
        "code": code,
        "kind": "person" if person else "legal",
        "name": row.name if row is not None else None,
        "representative": row.representative if row is not None else None,
        "basis": row.basis if row is not None else "unmatched",
        "since_at": row.since_at if row is not None else None,
    }


@dataclass(frozen=True, slots=True)
class _Unit:
    """Where a unit stands."""

    code: str
    path: str
    city: str


@dataclass(frozen=True, slots=True)
class _Counts:
    """What there is of a subject: seen, by item and city; not shown, by item; the units that it is from."""

    groups: Sequence[dict[str, Any]]
    hidden: Sequence[dict[str, Any]]
    complete: bool
    units: Mapping[str, _Unit]
    any: bool


def _counts(
    connection: Connection, catalogs: Catalogs, caller: Caller, code: str, *, by_number: bool
) -> _Counts:
    """Count from the index alone, and only so far."""
    some = (
        select(record.c.item, record.c.unit, record.c.act_on, record.c.head_op, is_stopped().label("stopped"))
        .where(record.c.subject_code == code)
        .limit(MOST_COUNTED + 1)
        .subquery()
    )
    gone = or_(some.c.head_op == "withdraw", some.c.stopped)
    rows = connection.execute(
        select(some.c.item, some.c.unit, gone.label("gone"), func.count().label("n"),
               func.max(some.c.act_on).label("last_on"))
        .group_by(some.c.item, some.c.unit, gone)
    ).all()  # fmt: skip
    units = _units(connection, {row.unit for row in rows})
    groups: dict[tuple[str, str], list[Any]] = defaultdict(lambda: [0, ""])
    hidden: dict[str, int] = defaultdict(int)
    for row in rows:
        place = units[row.unit]
        sight = _sight(catalogs, caller, row.item, place.path, code, gone=row.gone, by_number=by_number)
        if sight in {"whole", "head"}:
            group = groups[row.item, place.city]
            group[0] += row.n
            group[1] = max(group[1], row.last_on)
        elif sight == "counted":
            hidden[row.item] += row.n
    names = catalogs.current.entries
    title = {item: names[item].name if item in names else item for item in {row.item for row in rows}}
    newest = sorted(groups.items(), key=lambda pair: (pair[1][1], pair[0]), reverse=True)
    return _Counts(
        groups=[
            {"item": item, "name": title[item], "city": city, "count": n, "last_on": last_on or None}
            for (item, city), (n, last_on) in newest
        ],
        hidden=[{"item": item, "name": title[item], "count": n} for item, n in sorted(hidden.items())],
        complete=sum(row.n for row in rows) <= MOST_COUNTED,
        units=units,
        any=bool(rows),
    )


def _units(connection: Connection, codes: Collection[str]) -> dict[str, _Unit]:
    wanted = select(unit.c.code, unit.c.path, unit.c.city).where(unit.c.code.in_(codes))
    return {row.code: _Unit(*row) for row in connection.execute(wanted)}


def _sight(
    catalogs: Catalogs, caller: Caller, item: str, path: str, code: str, *, gone: bool, by_number: bool
) -> Sight:
    """As `sight_of`, and what was withdrawn, or is not published any more, stands for nothing to others."""
    known = catalogs.current.items.get(item)
    sight = sight_of(caller, known, path, code, by_number=by_number)
    return "hidden" if gone and sight != "whole" else sight


def _page(
    caller: Caller,
    code: str,
    catalogs: Catalogs,
    units: Mapping[str, _Unit],
    after: str | None,
    limit: int,
) -> Select[Any]:
    """Rows in the order of the index ix_record_subject, those left out that the caller may not see."""
    mine = record.c.unit.in_([one.code for one in units.values() if caller.sees(one.path)])
    wanted = (
        select(
            record.c.record_id, record.c.unit, record.c.city, record.c.item, record.c.head, record.c.head_op,
            record.c.act_on, version.c.catalog, version.c.content, version_key.c.content_sha256,
            version_key.c.stage, version_key.c.stored_at, unit.c.path,
            unit.c.name.label("unit_name"),
        )
        .join(unit, unit.c.code == record.c.unit)
        .join(version_key, version_key.c.version_id == record.c.head)
        .join(version, SAME_VERSION)
        .where(record.c.subject_code == code, or_(mine, _shared(catalogs)))
        .order_by(record.c.act_on.desc(), record.c.record_id.desc())
        .limit(limit)
    )  # fmt: skip
    if after is None:
        return wanted
    place = Place.read(after)
    return wanted.where(tuple_(record.c.act_on, record.c.record_id) < tuple_(place.act_on, place.record_id))


def _shared(catalogs: Catalogs) -> ColumnElement[bool]:
    """What may be shown of other units at all; whether to this caller, `sight_of` says."""
    return and_(record.c.item.not_in(catalogs.closed), record.c.head_op != "withdraw")


def _shown(
    connection: Connection,
    catalogs: Catalogs,
    caller: Caller,
    code: str,
    rows: Sequence[Row[Any]],
    *,
    by_number: bool,
) -> list[dict[str, Any]]:
    ids = [row.record_id for row in rows]
    under_dispute, stopped = disputed(connection, ids), not_shown(connection, ids)
    shown = []
    for row in rows:
        item = catalogs.named(row.catalog) or catalogs.current.items.get(row.item)
        off = row.record_id in stopped
        sight = sight_of(caller, item, row.path, code, by_number=by_number, stopped=off)
        if sight not in {"whole", "head"}:
            continue
        payload, masked = seen(sight, item, json.loads(row.content)["payload"])
        shown.append({
            "record_id": row.record_id, "item": row.item, "unit": row.unit, "unit_name": row.unit_name,
            "city": row.city, "act_on": row.act_on or None, "disputed": row.record_id in under_dispute,
            "whole": sight == "whole", "stage": row.stage,
            "head": {
                "version_id": row.head, "op": row.head_op, "catalog": row.catalog, "payload": payload,
                "stored_at": row.stored_at, "content_sha256": row.content_sha256,
            },
            "masked": masked,
        })  # fmt: skip
    return shown
