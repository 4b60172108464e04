"""Operators (操作员): made, given and taken roles, locked, closed; their secrets are told once.

An administrator acts within the units that they administer, and never on their own account: neither this one
nor another of the same person. No unit is left without anyone who administers it.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from regional_platform.acts import Actor, keep, needs_admin, within
from regional_platform.auth.credentials import PasswordCost, hash_password
from regional_platform.auth.grants import give
from regional_platform.problems import Refusal
from regional_platform.store.tables import operator, role_grant, session, unit
from regional_platform.times import iso
from regional_platform.units import unit_row

REGION_ONLY: Final = frozenset({"hall"})
"""Roles that reach every unit, so that they are given over the whole region or not at all."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Secrets of a person, made before the transaction that keeps them: hashing takes its time.

    Attributes:
        password, totp_secret: to be told once.
        encoded: what is kept of the password.
    """

    password: str
    totp_secret: str
    encoded: str

    def told(self) -> dict[str, str]:
        """What the administrator hands over."""
        return {"password": self.password, "totp_secret": self.totp_secret}


def fresh_secrets(cost: PasswordCost) -> Fresh:
    """Make a password and a secret for one-time codes."""
    password = secrets.token_urlsafe(9)
    totp_secret = base64.b32encode(secrets.token_bytes(20)).decode()
    return Fresh(password, totp_secret, hash_password(password, cost))


def _rows(*conditions: ColumnElement[bool]) -> Any:
    return (
        select(operator, unit.c.path)
        .join(unit, unit.c.code == operator.c.unit)
        .where(*conditions)
        .order_by(operator.c.operator_id)
    )


def _row(connection: Connection, operator_id: str) -> Row[Any]:
    row = connection.execute(_rows(operator.c.operator_id == operator_id)).one_or_none()
    if row is None:
        raise Refusal("operator-unknown")
    return row


def _shown(connection: Connection, rows: list[Row[Any]]) -> list[dict[str, Any]]:
    names = [row.operator_id for row in rows]
    held: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    grants = select(role_grant).where(role_grant.c.operator_id.in_(names)).order_by(role_grant.c.n)
    for one in connection.execute(grants):
        told = {"grant_id": one.n, "role": one.role, "unit": one.unit, "granted_by": one.granted_by}
        ended = {"granted_at": one.granted_at, "ended_by": one.ended_by, "ended_at": one.ended_at}
        held[one.operator_id].append({**told, **ended})
    return [
        {
            "operator_id": row.operator_id,
            "person": row.person,
            "name": row.name,
            "unit": row.unit,
            "locked_at": row.locked_at,
            "closed_at": row.closed_at,
            "grants": held[row.operator_id],
        }
        for row in rows
    ]


def read(connection: Connection, actor: Actor, operator_id: str) -> dict[str, Any]:
    """Read an operator with all grants, those that have ended too; for administrators and auditors.

    Raises:
        Refusal: operator-unknown, also where the actor has no such right.
    """
    row = _row(connection, operator_id)
    if not (actor.may("admin", row.path) or actor.may("auditor", row.path)):
        raise Refusal("operator-unknown")
    return _shown(connection, [row])[0]


def list_operators(
    connection: Connection, actor: Actor, *, code: str | None, after: str, limit: int
) -> dict[str, Any]:
    """List operators by id, one page; those of one unit, or all that the actor may read."""
    conditions = [operator.c.operator_id > after, within(unit.c.path, actor, "admin", "auditor")]
    if code is not None:
        conditions.append(operator.c.unit == code)
    rows = connection.execute(_rows(*conditions).limit(limit + 1)).all()
    return {
        "operators": _shown(connection, list(rows[:limit])),
        "next": rows[limit - 1].operator_id if len(rows) > limit else None,
    }


def make(
    connection: Connection,
    actor: Actor,
    now: datetime,
    fresh: Fresh,
    *,
    operator_id: str,
    name: str,
    code: str,
    person: str | None = None,
) -> dict[str, Any]:
    """Make an operator of the unit `code`, who holds nothing yet.

    `person` is the same for all accounts of one person; None when this is the only one.

    Raises:
        Refusal: unit-unknown, unit-closed, not-authorised, code-taken.
    """
    at = refuse_making(connection, actor, operator_id, code)
    values = {"operator_id": operator_id, "person": person or operator_id, "unit": code, "name": name}
    connection.execute(
        insert(operator).values(**values, password=fresh.encoded, totp_secret=fresh.totp_secret)
    )
    keep(connection, actor, now, "operator.add", f"operator:{operator_id}", at.path, after=values)
    return {**_shown(connection, [_row(connection, operator_id)])[0], **fresh.told()}


def refuse_making(connection: Connection, actor: Actor, operator_id: str, code: str) -> Row[Any]:
    """Return the unit of a new operator; also asked before secrets are hashed, which costs far more.

    Raises:
        Refusal: unit-unknown, unit-closed, not-authorised, code-taken.
    """
    at = unit_row(connection, code, open_only=True)
    needs_admin(actor, at.path)
    if connection.execute(_rows(operator.c.operator_id == operator_id)).one_or_none() is not None:
        raise Refusal("code-taken")
    return at


def _of_others(connection: Connection, actor: Actor, operator_id: str) -> Row[Any]:
    """An operator whom the actor administers, and who is another person."""
    row = _row(connection, operator_id)
    if not actor.may("admin", row.path):
        raise Refusal("operator-unknown" if not actor.may("auditor", row.path) else "not-authorised")
    own = select(operator.c.person).where(operator.c.operator_id == actor.operator_id)
    if actor.operator_id is not None and connection.execute(own).scalar_one() == row.person:
        raise Refusal("own-rights")
    return row


def grant(
    connection: Connection, actor: Actor, now: datetime, operator_id: str, role: str, code: str
) -> dict[str, Any]:
    """Give a role over a unit and all below it.

    Raises:
        Refusal: operator-unknown, unit-unknown, unit-closed, not-authorised, own-rights, role-misplaced,
            grant-held.
    """
    row = _of_others(connection, actor, operator_id)
    at = unit_row(connection, code, open_only=True)
    needs_admin(actor, at.path)
    if role in REGION_ONLY and at.level != "region":
        raise Refusal("role-misplaced")
    if row.closed_at is not None:
        raise Refusal("operator-closed")
    held = select(role_grant.c.n).where(
        role_grant.c.operator_id == operator_id,
        role_grant.c.role == role,
        role_grant.c.unit == code,
        role_grant.c.ended_at.is_(None),
    )
    if connection.execute(held).first() is not None:
        raise Refusal("grant-held")
    give(connection, operator_id, [(role, code)], actor.operator_id, iso(now))
    after = {"role": role, "unit": code}
    keep(connection, actor, now, "operator.grant", f"operator:{operator_id}", at.path, after=after)
    return _shown(connection, [_row(connection, operator_id)])[0]


def end_grant(
    connection: Connection, actor: Actor, now: datetime, operator_id: str, grant_id: int
) -> dict[str, Any]:
    """End a grant; the actor must administer the unit that it is over.

    Raises:
        Refusal: operator-unknown, not-authorised, own-rights, grant-unknown, last-admin.
    """
    row = _of_others(connection, actor, operator_id)
    found = connection.execute(
        select(role_grant, unit.c.path)
        .join(unit, unit.c.code == role_grant.c.unit)
        .where(role_grant.c.n == grant_id, role_grant.c.operator_id == operator_id)
    ).one_or_none()
    if found is None or found.ended_at is not None:
        raise Refusal("grant-unknown")
    needs_admin(actor, found.path)
    _end(connection, actor, now, role_grant.c.n == grant_id)
    if found.role == "admin" and row.closed_at is None:
        _refuse_orphan(connection, found.path)
    before = {"role": found.role, "unit": found.unit}
    keep(connection, actor, now, "operator.end", f"operator:{operator_id}", found.path, before=before)
    return _shown(connection, [_row(connection, operator_id)])[0]


def _end(connection: Connection, actor: Actor, now: datetime, condition: ColumnElement[bool]) -> None:
    connection.execute(
        update(role_grant)
        .where(condition, role_grant.c.ended_at.is_(None))
        .values(ended_at=iso(now), ended_by=actor.operator_id)
    )


def _refuse_orphan(connection: Connection, path: str) -> None:
    """Somebody who can sign in must administer the unit at `path`, there or from above."""
    above = func.substr(path, 1, func.length(unit.c.path)) == unit.c.path
    left = (
        select(role_grant.c.n)
        .join(unit, unit.c.code == role_grant.c.unit)
        .join(operator, operator.c.operator_id == role_grant.c.operator_id)
        .where(
            role_grant.c.role == "admin",
            role_grant.c.ended_at.is_(None),
            operator.c.locked_at.is_(None),
            operator.c.closed_at.is_(None),
            above,
        )
        .limit(1)
    )
    if connection.execute(left).one_or_none() is None:
        raise Refusal("last-admin")


def _refuse_orphans_of(connection: Connection, operator_id: str) -> None:
    over = (
        select(unit.c.path)
        .join(role_grant, role_grant.c.unit == unit.c.code)
        .where(role_grant.c.operator_id == operator_id, role_grant.c.role == "admin")
        .where(role_grant.c.ended_at.is_(None))
    )
    for path in connection.execute(over).scalars().all():
        _refuse_orphan(connection, path)


def _end_sessions(connection: Connection, now: datetime, operator_id: str) -> None:
    connection.execute(
        update(session)
        .where(session.c.operator_id == operator_id, session.c.ended_at.is_(None))
        .values(ended_at=iso(now))
    )


def lock(
    connection: Connection, actor: Actor, now: datetime, operator_id: str, reason: str
) -> dict[str, Any]:
    """Lock an account: its sessions end at once, and nobody can sign in to it until it is unlocked.

    Raises:
        Refusal: operator-unknown, not-authorised, own-rights, operator-closed, last-admin.
    """
    row = _of_others(connection, actor, operator_id)
    if row.closed_at is not None:
        raise Refusal("operator-closed")
    if row.locked_at is None:
        connection.execute(
            update(operator).where(operator.c.operator_id == operator_id).values(locked_at=iso(now))
        )
        _refuse_orphans_of(connection, operator_id)
        _end_sessions(connection, now, operator_id)
        after = {"reason": reason}
        keep(connection, actor, now, "operator.lock", f"operator:{operator_id}", row.path, after=after)
    return _shown(connection, [_row(connection, operator_id)])[0]


def unlock(connection: Connection, actor: Actor, now: datetime, operator_id: str) -> dict[str, Any]:
    """Unlock an account, also one that closed itself after failed sign-ins.

    Raises:
        Refusal: operator-unknown, not-authorised, own-rights, operator-closed.
    """
    row = _of_others(connection, actor, operator_id)
    if row.closed_at is not None:
        raise Refusal("operator-closed")
    if row.locked_at is not None or row.locked_until is not None:
        connection.execute(
            update(operator)
            .where(operator.c.operator_id == operator_id)
            .values(locked_at=None, locked_until=None, failures=0)
        )
        keep(connection, actor, now, "operator.unlock", f"operator:{operator_id}", row.path)
    return _shown(connection, [_row(connection, operator_id)])[0]


def close(
    connection: Connection, actor: Actor, now: datetime, operator_id: str, reason: str
) -> dict[str, Any]:
    """Close an account for good: all its grants and sessions end; what the person did stays.

    Raises:
        Refusal: operator-unknown, not-authorised, own-rights, operator-closed, last-admin.
    """
    row = _of_others(connection, actor, operator_id)
    if row.closed_at is not None:
        raise Refusal("operator-closed")
    connection.execute(
        update(operator).where(operator.c.operator_id == operator_id).values(closed_at=iso(now))
    )
    _refuse_orphans_of(connection, operator_id)
    _end(connection, actor, now, role_grant.c.operator_id == operator_id)
    _end_sessions(connection, now, operator_id)
    after = {"reason": reason}
    keep(connection, actor, now, "operator.close", f"operator:{operator_id}", row.path, after=after)
    return _shown(connection, [_row(connection, operator_id)])[0]


def refuse_reset(connection: Connection, actor: Actor, operator_id: str) -> Row[Any]:
    """Return the operator; also asked before secrets are hashed.

    Raises:
        Refusal: operator-unknown, not-authorised, own-rights, operator-closed.
    """
    row = _of_others(connection, actor, operator_id)
    if row.closed_at is not None:
        raise Refusal("operator-closed")
    return row


def reset(
    connection: Connection, actor: Actor, now: datetime, fresh: Fresh, operator_id: str
) -> dict[str, Any]:
    """Give a person a new password and a new secret for one-time codes; their sessions end.

    Raises:
        Refusal: operator-unknown, not-authorised, own-rights, operator-closed.
    """
    row = refuse_reset(connection, actor, operator_id)
    connection.execute(
        update(operator)
        .where(operator.c.operator_id == operator_id)
        .values(
            password=fresh.encoded, totp_secret=fresh.totp_secret, totp_step=None, totp_device=None,
            failures=0, failed_at=None, locked_until=None,
        )
    )  # fmt: skip
    _end_sessions(connection, now, operator_id)
    keep(connection, actor, now, "operator.reset", f"operator:{operator_id}", row.path)
    return {**_shown(connection, [_row(connection, operator_id)])[0], **fresh.told()}
