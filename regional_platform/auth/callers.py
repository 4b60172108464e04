"""Who is calling: the session behind a bearer token."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from regional_platform.problems import Refusal
from regional_platform.store.tables import device, operator, session, unit
from regional_platform.times import iso


@dataclass(frozen=True, slots=True)
class Caller:
    """An operator (操作员) at a desk (终端) of a unit (机构), signed in."""

    operator_id: str
    roles: frozenset[str]
    unit: str
    city: str
    device_id: str
    token_sha256: str

    def needs(self, role: str) -> None:
        """Refuse who does not have a role.

        Raises:
            Refusal: not-authorised.
        """
        if role not in self.roles:
            raise Refusal("not-authorised")


def token_digest(token: str) -> str:
    """What is kept of a token: its SHA-256. The token itself is known to the client alone."""
    return hashlib.sha256(token.encode()).hexdigest()


def caller_of(connection: Connection, token: str, now: datetime) -> Caller:
    """Return who a token stands for.

    Raises:
        Refusal: token-expired or device-revoked.
    """
    found = connection.execute(
        select(
            session.c.token_sha256,
            session.c.expires_at,
            session.c.ended_at,
            operator.c.operator_id,
            operator.c.roles,
            unit.c.code,
            unit.c.city,
            device.c.device_id,
            device.c.revoked_at,
        )
        .join(operator, operator.c.operator_id == session.c.operator_id)
        .join(device, device.c.device_id == session.c.device_id)
        .join(unit, unit.c.code == operator.c.unit)
        .where(session.c.token_sha256 == token_digest(token))
    ).one_or_none()
    if found is None or found.ended_at is not None or found.expires_at <= iso(now):
        raise Refusal("token-expired", headers={"WWW-Authenticate": "Bearer"})
    if found.revoked_at is not None:
        raise Refusal("device-revoked")
    return Caller(
        operator_id=found.operator_id,
        roles=frozenset(json.loads(found.roles)),
        unit=found.code,
        city=found.city,
        device_id=found.device_id,
        token_sha256=found.token_sha256,
    )
