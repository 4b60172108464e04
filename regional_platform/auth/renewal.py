"""Renewal: a desk goes on under a new id, because a copy of it is about (a cloned disk, an image put back).

Both copies hold the same id and the same secrets; nobody can tell which is the first. Whoever asks first gets
a new id, and from then on the old one takes no batches: the other copy is told `device-forked` and asks for
an id of its own. Each keeps its outbox; the ids of versions keep their effect single.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from regional_platform.acts import keep
from regional_platform.auth.callers import Caller, refuse_ended, token_digest
from regional_platform.platform import Platform
from regional_platform.store.tables import device, session
from regional_platform.times import iso


@dataclass(frozen=True, slots=True)
class Renewed:
    """A desk's new id, and the session that goes on with it; whether the id was made now."""

    device_id: str
    token: str
    expires_at: str
    made: bool


def renew(platform: Platform, caller: Caller, public_key: str, feed_ack: int) -> Renewed:
    """Give the caller's desk a new id, or the one that the same key was given before.

    The caller's session ends and goes on as another one, of the new desk: a copy that holds the same token is
    left with none. Sessions of others at the old desk stay with it.

    Args:
        platform: the open platform.
        caller: signed in at the desk.
        public_key: of the new desk.
        feed_ack: the feed is applied there up to this number.

    Raises:
        Refusal: device-revoked, token-expired.
    """
    now = platform.clock()
    return platform.store.write(
        lambda connection: _renew(connection, caller, public_key, feed_ack, now), units=(caller.unit,)
    )


def _renew(connection: Connection, caller: Caller, public_key: str, feed_ack: int, now: datetime) -> Renewed:
    refuse_ended(connection, caller, hold=True)
    same = select(device.c.device_id).where(
        device.c.renews == caller.device_id, device.c.public_key == public_key
    )
    known = connection.execute(same).scalar_one_or_none()
    device_id = known or _go_on(connection, caller, public_key, feed_ack, now)
    mine = session.c.token_sha256 == caller.token_sha256
    expires_at: str = connection.execute(select(session.c.expires_at).where(mine)).scalar_one()
    connection.execute(update(session).where(mine).values(ended_at=iso(now)))
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(session).values(
            token_sha256=token_digest(token),
            device_id=device_id,
            operator_id=caller.operator_id,
            issued_at=iso(now),
            expires_at=expires_at,
        )
    )
    return Renewed(device_id, token, expires_at, made=known is None)


def _go_on(connection: Connection, caller: Caller, public_key: str, feed_ack: int, now: datetime) -> str:
    """Make the new desk: it has been the unit's as long as the old one was, and retires that."""
    device_id, old = str(uuid.uuid4()), device.c.device_id == caller.device_id
    row = connection.execute(select(device).where(old)).one()
    connection.execute(
        insert(device).values(
            device_id=device_id,
            unit=row.unit,
            name=row.name,
            public_key=public_key,
            enrolled_at=row.enrolled_at,
            feed_ack=feed_ack,
            renews=caller.device_id,
        )
    )
    connection.execute(
        update(device).where(old).values(retired_at=func.coalesce(device.c.retired_at, iso(now)))
    )
    after = {"device_id": device_id}
    keep(connection, caller, now, "device.renew", f"device:{caller.device_id}", caller.path, after=after)
    return device_id
