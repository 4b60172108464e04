"""Sign-in by an exchange package (交换包): who signed it acts, at the desk that sent it, while it is read.

There is no line over which to ask for a password. The desk's key, enrolled, signs the header; the person's
key, registered at a sign-in of before, signs the content for this platform. Both together open a session that
lasts as long as the reading: from there on the same routes decide with the same rights as for anybody else.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, insert, select

from forms.seal.package_stream import Seal
from regional_platform.auth.callers import token_digest
from regional_platform.platform import Platform
from regional_platform.problems import Refusal
from regional_platform.store.tables import device, operator, operator_key, session, unit
from regional_platform.times import iso

LASTS: Final = timedelta(hours=2)
"""No reading takes longer; one that is killed leaves no session open for more."""


def device_key(connection: Connection, device_id: str) -> str:
    """Return the public key of a desk.

    Raises:
        Refusal: device-unknown, device-revoked.
    """
    found = connection.execute(
        select(device.c.public_key, device.c.revoked_at).where(device.c.device_id == device_id)
    ).one_or_none()
    if found is None:
        raise Refusal("device-unknown")
    if found.revoked_at is not None:
        raise Refusal("device-revoked")
    return str(found.public_key)


def open_session(platform: Platform, device_id: str, seal: Seal) -> str:
    """Open a session for the person who sealed a package of a desk; returns its token.

    Raises:
        Refusal: signature-invalid: no key of a person of the desk's unit proves the seal. operator-locked.
    """
    token, now = secrets.token_urlsafe(32), platform.clock()

    def act(connection: Connection) -> None:
        _refuse_stranger(connection, device_id, seal)
        connection.execute(
            insert(session).values(
                token_sha256=token_digest(token),
                device_id=device_id,
                operator_id=seal.by,
                issued_at=iso(now),
                expires_at=iso(now + LASTS),
            )
        )

    platform.store.write(act, units=())
    return token


def _refuse_stranger(connection: Connection, device_id: str, seal: Seal) -> None:
    person = connection.execute(
        select(operator.c.locked_at, operator.c.closed_at, unit.c.closed_at.label("unit_closed_at"))
        .join(unit, unit.c.code == operator.c.unit)
        .join(device, device.c.unit == operator.c.unit)
        .where(operator.c.operator_id == seal.by, device.c.device_id == device_id)
    ).one_or_none()
    keys = connection.execute(
        select(operator_key.c.public_key).where(operator_key.c.operator_id == seal.by)
    ).scalars()
    if person is None or not any(seal.proves(key) for key in keys):
        raise Refusal("signature-invalid", part="package")
    if any(at is not None for at in person):
        raise Refusal("operator-locked")
