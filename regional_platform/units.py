"""The tree of units (机构): made, renamed, moved, closed and opened again; never deleted.

A unit's records, desks and people stay with its code wherever it moves; only its place in the tree changes,
and with it who has rights over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from forms.catalog.identifiers import judge
from regional_platform import feed
from regional_platform.acts import Actor, keep, needs_admin, under
from regional_platform.problems import Fault, Refusal
from regional_platform.store.admin_tables import liaison
from regional_platform.store.tables import feed_head, operator, session, unit
from regional_platform.times import iso, legal_day

LEVELS: Final = ("region", "city", "district", "department", "station")
"""区域、市、区县、部门、站所; a unit lies under one of a level before its own."""

OWN_CITY: Final = LEVELS[:2]
"""Levels that name their division; those below have their city's."""


def shown(row: Row[Any]) -> dict[str, Any]:
    """A unit as it is told."""
    names = ("code", "name", "city", "level", "parent", "path", "code18", "closed_at")
    return {name: getattr(row, name) for name in names}


def unit_row(connection: Connection, code: str, *, open_only: bool = False) -> Row[Any]:
    """Read a unit.

    Raises:
        Refusal: unit-unknown, unit-closed.
    """
    row = connection.execute(select(unit).where(unit.c.code == code)).one_or_none()
    if row is None:
        raise Refusal("unit-unknown")
    if open_only and row.closed_at is not None:
        raise Refusal("unit-closed")
    return row


def answering(connection: Connection, code: str) -> str:
    """Return the unit that answers for a unit's records: itself, or the next one above that is not closed."""
    row = connection.execute(select(unit).where(unit.c.code == code)).one()
    while row.closed_at is not None and row.parent is not None:
        row = connection.execute(select(unit).where(unit.c.code == row.parent)).one()
    return str(row.code)


def list_units(connection: Connection, *, beneath: str | None, after: str, limit: int) -> dict[str, Any]:
    """List units by code, one page; those at and below one unit, or all.

    Raises:
        Refusal: unit-unknown.
    """
    wanted = select(unit).where(unit.c.code > after).order_by(unit.c.code).limit(limit + 1)
    if beneath is not None:
        wanted = wanted.where(under(unit.c.path, unit_row(connection, beneath).path))
    rows = connection.execute(wanted).all()
    return {
        "units": [shown(row) for row in rows[:limit]],
        "next": rows[limit - 1].code if len(rows) > limit else None,
    }


def add(
    connection: Connection,
    actor: Actor,
    now: datetime,
    *,
    code: str,
    name: str,
    level: str,
    parent: str | None,
    city: str | None = None,
    code18: str | None = None,
) -> dict[str, Any]:
    """Make a unit under another; `parent` None makes the root, in an empty tree.

    `city` is a division code, only for a region or a city: others have that of the unit above.

    Raises:
        Refusal: unit-unknown, unit-closed, not-authorised, unit-misplaced, code-taken, field-invalid.
    """
    _hold_the_tree(connection)
    above = None if parent is None else unit_row(connection, parent, open_only=True)
    needs_admin(actor, "" if above is None else above.path)
    _refuse_place(level, above)
    _refuse_code18(code18, now)
    if connection.execute(select(unit.c.code).where(unit.c.code == code)).one_or_none() is not None:
        raise Refusal("code-taken")
    if above is None and connection.execute(select(unit.c.code).limit(1)).one_or_none() is not None:
        raise Refusal("unit-misplaced")
    path = f"{above.path if above else ''}{code}/"
    connection.execute(
        insert(unit).values(
            code=code,
            name=name,
            city=_city_of(level, city, above),
            level=level,
            parent=parent,
            path=path,
            code18=code18,
        )
    )
    connection.execute(insert(feed_head).values(unit=code, n=0))
    if above is not None:
        feed.tell_newcomer(connection, path.partition("/")[0], code, now)
    made = shown(unit_row(connection, code))
    keep(connection, actor, now, "unit.add", f"unit:{code}", path, after=made)
    return made


def _city_of(level: str, city: str | None, above: Row[Any] | None) -> str:
    if level in OWN_CITY or above is None:
        if city is None:
            raise Refusal("malformed", errors=[Fault("#/city", "missing", "区域和市要写明行政区划代码。")])
        return city
    if city is not None and city != above.city:
        raise Refusal("malformed", errors=[Fault("#/city", "unfitting", "行政区划与上级机构不同。")])
    return str(above.city)


def _refuse_place(level: str, above: Row[Any] | None) -> None:
    lowest = -1 if above is None else LEVELS.index(above.level)
    if LEVELS.index(level) <= lowest:
        raise Refusal("unit-misplaced")


def _refuse_code18(code18: str | None, now: datetime) -> None:
    if code18 is not None and judge("uscc", code18, today=legal_day(now)).verdict == "wrong":
        fault = Fault("#/code18", "check_character", "统一社会信用代码校验不符，请核对。")
        raise Refusal("field-invalid", errors=[fault])


def _hold_the_tree(connection: Connection) -> None:
    """Let one change of the tree finish before the next looks at it."""
    connection.execute(select(unit.c.code).where(unit.c.parent.is_(None)).with_for_update()).all()


def change(
    connection: Connection,
    actor: Actor,
    now: datetime,
    code: str,
    *,
    name: str | None = None,
    code18: str | None = None,
    parent: str | None = None,
) -> dict[str, Any]:
    """Rename a unit, give it another credit code, move it under another unit; None leaves as it is.

    Raises:
        Refusal: unit-unknown, unit-closed, not-authorised, unit-misplaced, field-invalid.
    """
    _hold_the_tree(connection)
    row = unit_row(connection, code, open_only=True)
    needs_admin(actor, row.path)
    _refuse_code18(code18, now)
    before = shown(row)
    if name is not None:
        connection.execute(update(unit).where(unit.c.code == code).values(name=name))
    if code18 is not None:
        connection.execute(update(unit).where(unit.c.code == code).values(code18=code18))
    if parent is not None and parent != row.parent:
        _move(connection, actor, row, parent)
    changed = unit_row(connection, code)
    if shown(changed) != before:
        act = "unit.move" if changed.path != row.path else "unit.change"
        keep(connection, actor, now, act, f"unit:{code}", changed.path, before=before, after=shown(changed))
    return shown(changed)


def _move(connection: Connection, actor: Actor, row: Row[Any], parent: str) -> None:
    """Hang a unit and all below it elsewhere; who moves must administer both places."""
    if row.parent is None:
        raise Refusal("unit-misplaced")
    needs_admin(actor, unit_row(connection, row.parent).path)
    above = unit_row(connection, parent, open_only=True)
    needs_admin(actor, above.path)
    if above.path.startswith(row.path):
        raise Refusal("unit-misplaced")
    _refuse_place(row.level, above)
    path = f"{above.path}{row.code}/"
    subtree = under(unit.c.path, row.path)
    if row.level not in OWN_CITY:
        connection.execute(update(unit).where(subtree).values(city=above.city))
    connection.execute(update(unit).where(unit.c.code == row.code).values(parent=parent))
    moved = path + func.substr(unit.c.path, len(row.path) + 1)
    connection.execute(update(unit).where(subtree).values(path=moved))


def close(connection: Connection, actor: Actor, now: datetime, code: str, reason: str) -> dict[str, Any]:
    """Close a unit: its people are signed out and cannot sign in; nothing of it is removed.

    Raises:
        Refusal: unit-unknown, unit-closed, not-authorised, unit-in-use.
    """
    _hold_the_tree(connection)
    row = _from_above(connection, actor, code)
    if row.closed_at is not None:
        raise Refusal("unit-closed")
    beneath = select(unit.c.code).where(unit.c.parent == code, unit.c.closed_at.is_(None)).limit(1)
    if connection.execute(beneath).one_or_none() is not None:
        raise Refusal("unit-in-use")
    connection.execute(update(unit).where(unit.c.code == code).values(closed_at=iso(now)))
    people = select(operator.c.operator_id).where(operator.c.unit == code)
    connection.execute(
        update(session)
        .where(session.c.operator_id.in_(people), session.c.ended_at.is_(None))
        .values(ended_at=iso(now))
    )
    keep(connection, actor, now, "unit.close", f"unit:{code}", row.path, after={"reason": reason})
    return shown(unit_row(connection, code))


def reopen(connection: Connection, actor: Actor, now: datetime, code: str, reason: str) -> dict[str, Any]:
    """Open a closed unit again; the one above it must be open.

    Raises:
        Refusal: unit-unknown, unit-closed, not-authorised.
    """
    row = _from_above(connection, actor, code)
    unit_row(connection, row.parent, open_only=True)
    connection.execute(update(unit).where(unit.c.code == code).values(closed_at=None))
    keep(connection, actor, now, "unit.reopen", f"unit:{code}", row.path, after={"reason": reason})
    return shown(unit_row(connection, code))


def _from_above(connection: Connection, actor: Actor, code: str) -> Row[Any]:
    """A unit whose parent the actor administers; the root is nobody's to close."""
    row = unit_row(connection, code)
    if row.parent is None:
        raise Refusal("not-authorised")
    needs_admin(actor, unit_row(connection, row.parent).path)
    return row


def liaisons_of(connection: Connection, code: str) -> list[dict[str, Any]]:
    """Read the liaisons (联络员) of a unit, in their order.

    Raises:
        Refusal: unit-unknown.
    """
    unit_row(connection, code)
    rows = connection.execute(select(liaison).where(liaison.c.unit == code).order_by(liaison.c.place))
    return [{"name": row.name, "phone": row.phone, "deputy": row.deputy} for row in rows]


def set_liaisons(
    connection: Connection, actor: Actor, now: datetime, code: str, wanted: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Put the liaisons of a unit in place of those before.

    Raises:
        Refusal: unit-unknown, unit-closed, not-authorised.
    """
    row = unit_row(connection, code, open_only=True)
    needs_admin(actor, row.path)
    before = liaisons_of(connection, code)
    connection.execute(delete(liaison).where(liaison.c.unit == code))
    if wanted:
        connection.execute(
            insert(liaison), [{"unit": code, "place": place, **one} for place, one in enumerate(wanted)]
        )
    after = liaisons_of(connection, code)
    keep(
        connection, actor, now, "unit.liaisons", f"unit:{code}", row.path,
        before={"liaisons": before}, after={"liaisons": after},
    )  # fmt: skip
    return after
