"""Who is calling: the session behind a bearer token."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, and_, bindparam, select, update

from regional_platform.auth.grants import Grant, roles_at
from regional_platform.problems import Refusal
from regional_platform.store.tables import device, operator, role_grant, session, unit
from regional_platform.times import iso

SEEN_EVERY: Final = timedelta(minutes=5)
"""How exactly the last contact of a desk is kept: a write for every call would cost more than it tells."""


granted: Final = unit.alias("granted")


@dataclass(frozen=True, slots=True)
class Caller:
    """An operator (操作员) at a desk (终端) of a unit (机构), signed in.

    Attributes:
        roles: those that hold for the own unit.
        path: of the own unit.
        grants: all that the operator holds, here and elsewhere.
        seen_at: when the desk was last noted to have called.
    """

    operator_id: str
    roles: frozenset[str]
    unit: str
    path: str
    city: str
    device_id: str
    token_sha256: str
    grants: tuple[Grant, ...]
    seen_at: str | None = None

    def needs(self, role: str) -> None:
        """Refuse who does not have a role.

        Raises:
            Refusal: not-authorised.
        """
        if role not in self.roles:
            raise Refusal("not-authorised")

    def may(self, role: str, path: str) -> bool:
        """Say whether the caller holds a role over the unit at `path`."""
        return any(grant.role == role and grant.covers(path) for grant in self.grants)

    def sees(self, path: str) -> bool:
        """Say whether the caller holds any role over the unit at `path`."""
        return any(grant.covers(path) for grant in self.grants)


_CALLER: Final = (
    select(
        session.c.token_sha256,
        session.c.expires_at,
        session.c.ended_at,
        operator.c.operator_id,
        unit.c.code,
        unit.c.path,
        unit.c.city,
        device.c.device_id,
        device.c.revoked_at,
        device.c.seen_at,
        role_grant.c.role,
        granted.c.path.label("granted_path"),
    )
    .join(operator, operator.c.operator_id == session.c.operator_id)
    .join(device, device.c.device_id == session.c.device_id)
    .join(unit, unit.c.code == operator.c.unit)
    .outerjoin(
        role_grant,
        and_(role_grant.c.operator_id == operator.c.operator_id, role_grant.c.ended_at.is_(None)),
    )
    .outerjoin(granted, granted.c.code == role_grant.c.unit)
    .where(session.c.token_sha256 == bindparam("token"))
    .order_by(role_grant.c.n)
)
"""Built once: every request asks it, and building it takes three times as long as asking."""

_REVOKED: Final = select(device.c.revoked_at).where(device.c.device_id == bindparam("desk"))
_REVOKED_AND_HELD: Final = _REVOKED.with_for_update()
_ENDED: Final = select(session.c.ended_at).where(session.c.token_sha256 == bindparam("token"))


def token_digest(token: str) -> str:
    """What is kept of a token: its SHA-256. The token itself is known to the client alone."""
    return hashlib.sha256(token.encode()).hexdigest()


def caller_of(connection: Connection, token: str, now: datetime) -> Caller:
    """Return who a token stands for.

    Raises:
        Refusal: token-expired or device-revoked.
    """
    rows = connection.execute(_CALLER, {"token": token_digest(token)}).all()
    found = rows[0] if rows else None
    if found is not None and found.revoked_at is not None:
        raise Refusal("device-revoked")
    if found is None or found.ended_at is not None or found.expires_at <= iso(now):
        raise Refusal("token-expired", headers={"WWW-Authenticate": "Bearer"})
    grants = tuple(Grant(row.role, row.granted_path) for row in rows if row.role is not None)
    return Caller(
        operator_id=found.operator_id,
        roles=roles_at(grants, found.path),
        unit=found.code,
        path=found.path,
        city=found.city,
        device_id=found.device_id,
        token_sha256=found.token_sha256,
        grants=grants,
        seen_at=found.seen_at,
    )


def seen_long_ago(caller: Caller, now: datetime) -> bool:
    """Say whether it is time to note once more that the desk has called."""
    return caller.seen_at is None or caller.seen_at <= iso(now - SEEN_EVERY)


def note_seen(connection: Connection, caller: Caller, now: datetime) -> None:
    """Note that the desk has called."""
    connection.execute(update(device).where(device.c.device_id == caller.device_id).values(seen_at=iso(now)))


def refuse_ended(connection: Connection, caller: Caller, *, hold: bool = False) -> None:
    """Refuse a caller who was let in and whose session has ended since.

    Args:
        connection: open.
        caller: as let in.
        hold: keep the desk from being revoked until this transaction ends.

    Raises:
        Refusal: device-revoked, token-expired.
    """
    revoked = _REVOKED_AND_HELD if hold else _REVOKED
    if connection.execute(revoked, {"desk": caller.device_id}).scalar_one() is not None:
        raise Refusal("device-revoked")
    if connection.execute(_ENDED, {"token": caller.token_sha256}).scalar_one_or_none() is not None:
        raise Refusal("token-expired", headers={"WWW-Authenticate": "Bearer"})
