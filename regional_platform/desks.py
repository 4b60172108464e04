"""Desks (终端) as their administrators see them: last contact, revocation, codes for enrolment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from regional_platform.acts import Actor, keep, needs_admin, within
from regional_platform.auth.enrolment import code_digest, new_code, revoke_device
from regional_platform.problems import Refusal
from regional_platform.store.tables import device, enrolment_code, feed_head, unit
from regional_platform.times import iso
from regional_platform.units import unit_row

CODE_DAYS: Final = 7
"""How long an enrolment code serves when nobody says otherwise."""


def _rows() -> Any:
    return (
        select(device, unit.c.path, feed_head.c.n.label("feed_head"))
        .join(unit, unit.c.code == device.c.unit)
        .join(feed_head, feed_head.c.unit == device.c.unit)
    )


def _shown(row: Row[Any]) -> dict[str, Any]:
    names = (
        "device_id",
        "unit",
        "name",
        "enrolled_at",
        "revoked_at",
        "seen_at",
        "feed_ack",
        "feed_head",
        "retired_at",
        "renews",
    )
    return {name: getattr(row, name) for name in names}


def list_devices(
    connection: Connection, actor: Actor, *, code: str | None, after: str, limit: int
) -> dict[str, Any]:
    """List desks by id, one page; those of one unit, or all that the actor administers or audits."""
    wanted = _rows().where(device.c.device_id > after, within(unit.c.path, actor, "admin", "auditor"))
    if code is not None:
        wanted = wanted.where(device.c.unit == code)
    rows = connection.execute(wanted.order_by(device.c.device_id).limit(limit + 1)).all()
    return {
        "devices": [_shown(row) for row in rows[:limit]],
        "next": rows[limit - 1].device_id if len(rows) > limit else None,
    }


def _row(connection: Connection, actor: Actor, device_id: str) -> Row[Any]:
    """A desk that the actor administers; others are not told apart from none."""
    row: Row[Any] | None = connection.execute(_rows().where(device.c.device_id == device_id)).one_or_none()
    if row is None or not actor.may("admin", row.path):
        raise Refusal("device-unknown")
    return row


def revoke(
    connection: Connection, actor: Actor, now: datetime, device_id: str, reason: str
) -> dict[str, Any]:
    """Revoke a desk: its sessions end at once, and it is turned away everywhere.

    Raises:
        Refusal: device-unknown.
    """
    row = _row(connection, actor, device_id)
    if row.revoked_at is None:
        revoke_device(connection, device_id, iso(now))
        after = {"reason": reason}
        keep(connection, actor, now, "device.revoke", f"device:{device_id}", row.path, after=after)
    return _shown(_row(connection, actor, device_id))


def give_code(
    connection: Connection,
    actor: Actor,
    now: datetime,
    *,
    code: str,
    days: int = CODE_DAYS,
    replaces: str | None = None,
) -> dict[str, Any]:
    """Make a code with which one desk of the unit `code` can enrol within `days`.

    The desk `replaces` of the same unit is revoked when the code is used: it enrols anew.

    Raises:
        Refusal: unit-unknown, unit-closed, not-authorised, device-unknown.
    """
    at = unit_row(connection, code, open_only=True)
    needs_admin(actor, at.path)
    if replaces is not None and _row(connection, actor, replaces).unit != code:
        raise Refusal("device-unknown")
    made, expires_at = new_code(), iso(now + timedelta(days=days))
    digest = code_digest(made)
    connection.execute(
        insert(enrolment_code).values(code_sha256=digest, unit=code, expires_at=expires_at, replaces=replaces)
    )
    after = {"expires_at": expires_at, "replaces": replaces, "code_sha256": digest[:12]}
    keep(connection, actor, now, "device.code", f"unit:{code}", at.path, after=after)
    return {"enrolment_code": made, "unit": code, "expires_at": expires_at, "replaces": replaces}
