"""Acts of administration: who may do them, and the history that they stay in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, Connection, false, func, insert, or_, select

from regional_platform.auth.grants import Grant, grants_of
from regional_platform.problems import Refusal
from regional_platform.store.admin_tables import admin_act
from regional_platform.store.tables import operator, unit
from regional_platform.times import iso


class Actor(Protocol):
    """Who does something: a caller, or the platform's own commands."""

    @property
    def operator_id(self) -> str | None:
        """None for the platform's own commands."""

    @property
    def grants(self) -> Sequence[Grant]:
        """All that the actor holds."""

    @property
    def path(self) -> str:
        """Of the actor's own unit; empty for the platform's own commands."""

    def may(self, role: str, path: str) -> bool:
        """Say whether the actor holds a role over the unit at `path`."""

    def sees(self, path: str) -> bool:
        """Say whether the actor holds any role over the unit at `path`."""


class Console:
    """Whoever sits at the platform's own machine: may do everything, and is nobody's caller."""

    operator_id: Final = None
    grants: Final = (Grant("admin", ""), Grant("auditor", ""))
    path: Final = ""

    def may(self, _role: str, _path: str) -> bool:
        """Say yes."""
        return True

    def sees(self, _path: str) -> bool:
        """Say yes."""
        return True


CONSOLE: Final = Console()


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """A person in whose name a command acts: with that person's rights, and no more."""

    operator_id: str
    grants: Sequence[Grant]
    path: str

    def may(self, role: str, path: str) -> bool:
        """Say whether the person holds a role over the unit at `path`."""
        return any(one.role == role and one.covers(path) for one in self.grants)

    def sees(self, path: str) -> bool:
        """Say whether the person holds any role over the unit at `path`."""
        return any(one.covers(path) for one in self.grants)


def on_behalf(connection: Connection, operator_id: str) -> OnBehalf:
    """Return the person in whose name a command acts.

    Raises:
        Refusal: operator-unknown, operator-locked, operator-closed.
    """
    row = connection.execute(
        select(operator.c.locked_at, operator.c.closed_at, unit.c.path)
        .join(unit, unit.c.code == operator.c.unit)
        .where(operator.c.operator_id == operator_id)
    ).one_or_none()
    if row is None:
        raise Refusal("operator-unknown")
    if row.closed_at is not None:
        raise Refusal("operator-closed")
    if row.locked_at is not None:
        raise Refusal("operator-locked")
    return OnBehalf(operator_id, grants_of(connection, [operator_id])[operator_id], row.path)


def needs_admin(actor: Actor, path: str) -> None:
    """Refuse who does not administer the unit at `path`.

    Raises:
        Refusal: not-authorised.
    """
    if not actor.may("admin", path):
        raise Refusal("not-authorised")


def under(column: ColumnElement[str], path: str) -> ColumnElement[bool]:
    """The condition that a path lies in the subtree of `path`; LIKE would mind case here and not there."""
    return func.substr(column, 1, len(path)) == path


def within(column: ColumnElement[str], actor: Actor, *roles: str) -> ColumnElement[bool]:
    """The condition that a path lies where the actor holds one of `roles`."""
    paths = [grant.path for grant in actor.grants if grant.role in roles]
    return or_(false(), *(under(column, path) for path in paths))


def keep(
    connection: Connection,
    actor: Actor,
    now: datetime,
    act: str,
    thing: str,
    path: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append an act to the history.

    `act` (``unit.add``) was done to `thing` (``unit:350200-01``) and concerns the unit at `path`; `before`
    and `after` say what changed, never a secret.
    """
    connection.execute(
        insert(admin_act).values(
            at=iso(now),
            operator_id=actor.operator_id,
            act=act,
            object=thing,
            path=path,
            before=_text(before),
            after=_text(after),
        )
    )


def _text(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def list_acts(
    connection: Connection, actor: Actor, *, thing: str | None, after: int, limit: int
) -> dict[str, Any]:
    """List the acts that the actor may read, oldest first: as auditor or administrator of where they fell."""
    wanted = (
        select(admin_act, operator.c.name)
        .select_from(admin_act.outerjoin(operator, operator.c.operator_id == admin_act.c.operator_id))
        .where(admin_act.c.n > after, within(admin_act.c.path, actor, "auditor", "admin"))
        .order_by(admin_act.c.n)
        .limit(limit + 1)
    )
    if thing is not None:
        wanted = wanted.where(admin_act.c.object == thing)
    rows = connection.execute(wanted).all()
    return {
        "acts": [
            {
                "n": row.n,
                "at": row.at,
                "operator": row.operator_id,
                "name": row.name,
                "act": row.act,
                "object": row.object,
                "before": None if row.before is None else json.loads(row.before),
                "after": None if row.after is None else json.loads(row.after),
            }
            for row in rows[:limit]
        ],
        "next": rows[limit - 1].n if len(rows) > limit else None,
    }
