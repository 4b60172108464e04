"""Sign-in: prove, count failures, register the signing key, open a session."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from regional_platform.auth.callers import Caller, token_digest
from regional_platform.auth.credentials import Secrets
from regional_platform.auth.grants import grants_of, roles_at
from regional_platform.platform import Platform
from regional_platform.problems import Refusal
from regional_platform.store.tables import device, operator, operator_key, session, unit
from regional_platform.times import iso


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a sign-in request says."""

    device_id: str
    operator_id: str
    password: str
    totp: str
    signing_key: str


def sign_in(platform: Platform, said: SignIn) -> dict[str, Any]:
    """Open a session.

    Raises:
        Refusal: sign-in-refused, device-revoked, device-not-enrolled, operator-locked, or rate-limited after
            too many failures.
    """
    now = platform.clock()
    with platform.store.reading() as connection:
        person = _person(connection, said)
        if person is None:
            _refuse_unknown_desk(connection, said.device_id)
        held = grants_of(connection, [said.operator_id])[said.operator_id]
    if person is not None:
        _refuse_while_locked(person, now)
    kept = (
        Secrets(person.password, person.totp_secret, person.totp_step, person.totp_device) if person else None
    )
    step = platform.credential.prove(
        kept, {"password": said.password, "totp": said.totp}, said.device_id, now
    )
    if person is None:
        raise Refusal("sign-in-refused", headers={"WWW-Authenticate": "Bearer"})
    if step is None:
        platform.store.write(
            lambda connection: _count_failure(platform, connection, said, now), units=(person.unit,)
        )
        raise Refusal("sign-in-refused", headers={"WWW-Authenticate": "Bearer"})
    _refuse_closed(person)
    token = secrets.token_urlsafe(32)
    expires = now + timedelta(hours=platform.settings.session_hours)

    def open_session(connection: Connection) -> None:
        newest = _person(connection, said) or person
        _refuse_while_locked(newest, now)
        _refuse_closed(newest)
        _register(connection, said, step, now)
        connection.execute(
            insert(session).values(
                token_sha256=token_digest(token),
                device_id=said.device_id,
                operator_id=said.operator_id,
                issued_at=iso(now),
                expires_at=iso(expires),
            )
        )

    platform.store.write(open_session, units=(person.unit,))
    return {
        "token": token,
        "expires_at": iso(expires),
        "operator": {
            "operator_id": person.operator_id,
            "name": person.name,
            "roles": sorted(roles_at(held, person.path)),
            "unit": {"code": person.unit, "name": person.unit_name, "city": person.city},
        },
    }


def sign_out(platform: Platform, caller: Caller) -> None:
    """End the caller's session."""
    ended = (
        update(session)
        .where(session.c.token_sha256 == caller.token_sha256)
        .values(ended_at=iso(platform.clock()))
    )
    platform.store.write(lambda connection: connection.execute(ended), units=())


def _person(connection: Connection, said: SignIn) -> Row[Any] | None:
    """The operator, when the desk belongs to the operator's unit."""
    found = connection.execute(
        select(
            operator,
            unit.c.name.label("unit_name"),
            unit.c.city,
            unit.c.path,
            unit.c.closed_at.label("unit_closed_at"),
            device.c.revoked_at,
        )
        .join(unit, unit.c.code == operator.c.unit)
        .join(device, device.c.unit == operator.c.unit)
        .where(operator.c.operator_id == said.operator_id, device.c.device_id == said.device_id)
    ).one_or_none()
    if found is not None and found.revoked_at is not None:
        raise Refusal("device-revoked")
    return found


def _refuse_unknown_desk(connection: Connection, device_id: str) -> None:
    """A desk that came after the backup which the platform was put back from has to learn it.

    An id is random, so that nobody finds out anything by asking.
    """
    known = select(device.c.device_id).where(device.c.device_id == device_id)
    if connection.execute(known).one_or_none() is None:
        raise Refusal("device-not-enrolled")


def _refuse_closed(person: Row[Any]) -> None:
    """Only who has proved who they are is told that the account is locked or closed, or its unit."""
    if person.locked_at is not None or person.closed_at is not None or person.unit_closed_at is not None:
        raise Refusal("operator-locked")


def _refuse_while_locked(person: Row[Any], now: datetime) -> None:
    until = person.locked_until
    if until is not None and until > iso(now):
        seconds = max(1, math.ceil((datetime.fromisoformat(until) - now).total_seconds()))
        raise Refusal("rate-limited", headers={"Retry-After": str(seconds)}, seconds=seconds)


def _count_failure(platform: Platform, connection: Connection, said: SignIn, now: datetime) -> None:
    """Count on the newest row; close sign-in at the last failure that is allowed."""
    lockout = timedelta(seconds=platform.settings.lockout_s)
    found = connection.execute(
        select(operator.c.failures, operator.c.failed_at).where(operator.c.operator_id == said.operator_id)
    ).one()
    recent = found.failed_at is not None and found.failed_at > iso(now - lockout)
    failures = found.failures + 1 if recent else 1
    closed = failures >= platform.settings.failures_allowed
    counted: dict[str, Any] = {"failures": 0 if closed else failures, "failed_at": iso(now)}
    if closed:
        counted["locked_until"] = iso(now + lockout)
    connection.execute(update(operator).where(operator.c.operator_id == said.operator_id).values(counted))


def _register(connection: Connection, said: SignIn, step: int, now: datetime) -> None:
    """Forget failures, use up the code, keep the signing key."""
    connection.execute(
        update(operator)
        .where(operator.c.operator_id == said.operator_id)
        .values(failures=0, failed_at=None, locked_until=None, totp_step=step, totp_device=said.device_id)
    )
    known = select(operator_key.c.public_key).where(
        operator_key.c.operator_id == said.operator_id, operator_key.c.public_key == said.signing_key
    )
    if connection.execute(known).one_or_none() is None:
        connection.execute(
            insert(operator_key).values(
                operator_id=said.operator_id,
                public_key=said.signing_key,
                device_id=said.device_id,
                registered_at=iso(now),
            )
        )
