"""Enrolment: a desk becomes a unit's with a code that the unit was given."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from regional_platform.auth.grants import grants_of, roles_at
from regional_platform.platform import Platform
from regional_platform.problems import Refusal
from regional_platform.store.tables import device, enrolment_code, operator, session, unit
from regional_platform.times import iso

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: nothing that reads like something else


def new_code() -> str:
    """Make an enrolment code of 100 random bits, in groups that can be read out."""
    text = "".join(secrets.choice(_ALPHABET) for _ in range(20))
    return "-".join(text[place : place + 5] for place in range(0, 20, 5))


def code_digest(code: str) -> str:
    """What is kept of a code; blanks, hyphens and case do not count."""
    plain = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The answer, and whether the desk was made now."""

    answer: dict[str, Any]
    made: bool


def revoke_device(connection: Connection, device_id: str, at: str) -> None:
    """Mark a desk as revoked, and end its sessions."""
    connection.execute(update(device).where(device.c.device_id == device_id).values(revoked_at=at))
    connection.execute(
        update(session)
        .where(session.c.device_id == device_id, session.c.ended_at.is_(None))
        .values(ended_at=at)
    )


def enrol(platform: Platform, code: str, name: str, public_key: str) -> Enrolled:
    """Make a desk, or return the one that the same key made with this code before.

    Raises:
        Refusal: enrolment-code-unknown, enrolment-code-used, enrolment-code-expired, device-revoked,
            unit-closed.
    """
    return platform.store.write(lambda connection: _enrol(platform, connection, code, name, public_key))


def _enrol(platform: Platform, connection: Connection, code: str, name: str, public_key: str) -> Enrolled:
    digest = code_digest(code)
    found = connection.execute(
        select(enrolment_code).where(enrolment_code.c.code_sha256 == digest)
    ).one_or_none()
    if found is None:
        raise Refusal("enrolment-code-unknown")
    device_id, now = found.device_id, iso(platform.clock())
    if device_id is None:
        if found.expires_at is not None and found.expires_at <= now:
            raise Refusal("enrolment-code-expired")
        if connection.execute(select(unit.c.closed_at).where(unit.c.code == found.unit)).scalar_one():
            raise Refusal("unit-closed")
        device_id = str(uuid.uuid4())
        if found.replaces is not None:
            revoke_device(connection, found.replaces, now)
        connection.execute(
            insert(device).values(
                device_id=device_id, unit=found.unit, name=name, public_key=public_key, enrolled_at=now
            )
        )
        connection.execute(
            update(enrolment_code)
            .where(enrolment_code.c.code_sha256 == digest)
            .values(device_id=device_id, public_key=public_key, used_at=now)
        )
    elif found.public_key != public_key:
        raise Refusal("enrolment-code-used")
    elif connection.execute(select(device.c.revoked_at).where(device.c.device_id == device_id)).scalar_one():
        raise Refusal("device-revoked")
    return Enrolled(_answer(platform, connection, device_id, found.unit), made=found.device_id is None)


def _answer(platform: Platform, connection: Connection, device_id: str, code: str) -> dict[str, Any]:
    of = connection.execute(select(unit).where(unit.c.code == code)).one()
    people = connection.execute(
        select(operator.c.operator_id, operator.c.name)
        .where(operator.c.unit == code, operator.c.closed_at.is_(None))
        .order_by(operator.c.operator_id)
    ).all()
    held = grants_of(connection, [one.operator_id for one in people])
    return {
        "device_id": device_id,
        "unit": {"code": of.code, "name": of.name, "city": of.city},
        "server_id": platform.identity.server_id,
        "server_key": platform.identity.key.public,
        "epoch": platform.identity.epoch,
        "operators": [
            {
                "operator_id": one.operator_id,
                "name": one.name,
                "roles": sorted(roles_at(held[one.operator_id], of.path)),
            }
            for one in people
        ],
    }
