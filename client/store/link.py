"""What the desk remembers of its link to the platform: epoch, cursor, clock, contact, session."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Final

from client.core.answers import Hello, Limits
from client.core.batches import Pace
from client.core.people import Operator
from client.core.times import to_text
from client.errors import StoreError
from client.store.connection import Connection
from client.store.desk import Desk

SYSTEM: Final = "system"
"""The actor of what the program does by itself, in the audit chain."""

_FAILURES: Final = "sync_failures"
_NEXT_TRY: Final = "sync_next_try_at"
_PAUSED: Final = "sync_paused_at"
_PACE: Final = "sync_pace"
_ASKED_UP_TO: Final = "missing_asked_up_to"
_RESTORES: Final = "platform_restores"
_RESTORED_FROM: Final = "restored_from"
_SUNSET: Final = "protocol_sunset_at"

CLOCK_JUMP_S: Final = 120
"""More than this between two greetings is no drift: somebody, or something, set this PC's clock."""

FREE_NUMBERS: Final = 1_000_000
"""Numbers of batches left free after a restore; no desk cuts so many between two daily backups."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where the link stands.

    Attributes:
        cursor: the feed is applied up to this number.
        clock_offset_ms: how much the platform's clock is ahead.
        last_contact_at: when our platform last answered.
        down_since_at: when it first could not be reached; None while it can.
        last_error: code of why.
        failures: cycles in a row that failed.
        next_try_at: when the program tries by itself.
        paused_at: since when a person has stopped it from doing so; None while it goes on.
        sunset_at: from when the platform does not speak this program's protocol any more; None for now.
    """

    epoch: str
    cursor: int
    clock_offset_ms: int
    last_contact_at: str | None
    down_since_at: str | None
    last_error: str | None
    limits: Limits
    failures: int
    next_try_at: str | None
    paused_at: str | None
    sunset_at: str | None


def link(reader: Connection) -> Link:
    """Return where the link stands."""
    row = reader.execute(
        "SELECT epoch, cursor, clock_offset_ms, last_contact_at, down_since_at, last_error, limits"
        " FROM device LIMIT 1"
    ).fetchone()
    if row is None:
        raise StoreError("damaged")
    return Link(
        epoch=row["epoch"],
        cursor=row["cursor"],
        clock_offset_ms=row["clock_offset_ms"],
        last_contact_at=row["last_contact_at"],
        down_since_at=row["down_since_at"],
        last_error=row["last_error"],
        limits=_limits(json.loads(row["limits"])),
        failures=int(setting(reader, _FAILURES) or 0),
        next_try_at=setting(reader, _NEXT_TRY),
        paused_at=setting(reader, _PAUSED),
        sunset_at=setting(reader, _SUNSET),
    )


def _limits(said: Mapping[str, Any]) -> Limits:
    return Limits(**{one.name: int(said[one.name]) for one in fields(Limits) if one.name in said})


def setting(reader: Connection, name: str) -> str | None:
    """Return one remembered text, or None."""
    value: str | None = reader.value("SELECT value FROM setting WHERE name = ?", (name,))
    return value


def put_setting(tx: Connection, name: str, value: str | None) -> None:
    """Remember one text, or forget it."""
    if value is None:
        tx.execute("DELETE FROM setting WHERE name = ?", (name,))
        return
    tx.execute(
        "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def remember_hello(desk: Desk, hello: Hello, offset_ms: int) -> int | None:
    """Keep what the platform's greeting, signed with the pinned key, says of its limits, clock and keys.

    Returns:
        By how many seconds this PC's clock was put forward (or back, below 0) since the last greeting,
        when that is more than a drift; else None. The audit chain keeps it.
    """
    key = hello.package_key or desk.device.package_key
    with desk.db.transaction() as tx:
        was = link(tx)
        jump_s = 0 if was.last_contact_at is None else round((was.clock_offset_ms - offset_ms) / 1000)
        tx.execute(
            "UPDATE device SET limits = ?, clock_offset_ms = ?, last_contact_at = ?, package_key = ?",
            (json.dumps(asdict(hello.limits)), offset_ms, desk.now(), key),
        )
        put_setting(tx, _SUNSET, None if hello.sunset_at is None else to_text(hello.sunset_at))
        if abs(jump_s) > CLOCK_JUMP_S:
            desk.tell_as(tx, SYSTEM, "clock_jumped", desk.device.device_id, {"seconds": jump_s})
    desk.device = replace(desk.device, package_key=key)
    return jump_s if abs(jump_s) > CLOCK_JUMP_S else None


def reached(desk: Desk, pace: Pace) -> None:
    """Note a cycle that came to its end, and what the line bore."""
    with desk.db.transaction() as tx:
        tx.execute(
            "UPDATE device SET last_contact_at = ?, down_since_at = NULL, last_error = NULL", (desk.now(),)
        )
        put_setting(tx, _FAILURES, None)
        put_setting(tx, _NEXT_TRY, None)
        put_setting(tx, _PACE, json.dumps(asdict(pace)))


def failed(
    desk: Desk, code: str, *, next_try_at: datetime | None, is_down: bool, pace: Pace | None = None
) -> None:
    """Note a cycle that ended early.

    Args:
        desk: the open desk.
        code: why.
        next_try_at: when the program tries by itself; None when a person must act first.
        is_down: the platform could not be reached, as opposed to one that said no.
        pace: what the line bore; the next cycle begins with it.
    """
    with desk.db.transaction() as tx:
        tx.execute(
            "UPDATE device SET last_error = ?1,"
            " down_since_at = CASE WHEN ?2 THEN COALESCE(down_since_at, ?3) END",
            (code, int(is_down), desk.now()),
        )
        put_setting(tx, _FAILURES, str(int(setting(tx, _FAILURES) or 0) + 1))
        put_setting(tx, _NEXT_TRY, None if next_try_at is None else to_text(next_try_at))
        if pace is not None:
            put_setting(tx, _PACE, json.dumps(asdict(pace)))


def remembered_pace(reader: Connection) -> Pace:
    """Return what the line bore in the last cycle, so that a slow one does not begin with large batches."""
    kept = setting(reader, _PACE)
    return Pace() if kept is None else Pace(**json.loads(kept))


def pause(desk: Desk) -> None:
    """Let nothing go by itself any more, until `resume`; kept over restarts. Twice is once."""
    with desk.db.transaction() as tx:
        if setting(tx, _PAUSED) is None:
            put_setting(tx, _PAUSED, desk.now())
            desk.tell(tx, "sync_paused", desk.device.device_id)


def resume(desk: Desk) -> None:
    """Let it go on."""
    with desk.db.transaction() as tx:
        if setting(tx, _PAUSED) is not None:
            put_setting(tx, _PAUSED, None)
            desk.tell(tx, "sync_resumed", desk.device.device_id)


def set_ca_file(desk: Desk, name: str | None) -> None:
    """Believe only the authority in a file of the profile; None: those of the system."""
    with desk.db.transaction() as tx:
        tx.execute("UPDATE device SET ca_file = ?", (name,))
        desk.tell(tx, "ca_file_set", desk.device.device_id, own=name is not None)
    desk.device = replace(desk.device, ca_file=name)


def note_loss(tx: Connection) -> None:
    """Note that the platform lost what it signed for: it may judge that anew, and its first word stays."""
    put_setting(tx, _RESTORES, str(int(setting(tx, _RESTORES) or 0) + 1))


def adopt_epoch(desk: Desk, epoch: str) -> None:
    """The platform was restored: read its feed from the beginning, ask what it lacks. Nothing is dropped."""
    with desk.db.transaction() as tx:
        tx.execute("UPDATE device SET epoch = ?, cursor = 0", (epoch,))
        note_loss(tx)
        put_asked_up_to(tx, 0)
        # What was said of cases goes up again: what the platform still has, it answers as the first time.
        tx.execute(
            "UPDATE case_post SET state = 'queued' WHERE state = 'done' AND case_id IN"
            " (SELECT case_id FROM casefile WHERE state <> 'closed')"
        )
        desk.tell_as(tx, SYSTEM, "epoch_adopted", desk.device.device_id, {"epoch": epoch})
    desk.device = replace(desk.device, epoch=epoch)


def asked_up_to(reader: Connection) -> int | None:
    """Return up to which version a restored platform was asked what it lacks; None when it need not be."""
    kept = setting(reader, _ASKED_UP_TO)
    return None if kept is None else int(kept)


def put_asked_up_to(tx: Connection, n: int | None) -> None:
    """Note how far the asking has come; None when it is over."""
    put_setting(tx, _ASKED_UP_TO, None if n is None else str(n))


def after_restore(desk: Desk) -> None:
    """If this database is a backup that was put back: go on behind every number that may be used already.

    The platform may know batches that this copy does not. Their versions keep their ids, so that it
    answers them as the first time; but a number of a batch is never used for another one.
    """
    if setting(desk.db.reader(), _RESTORED_FROM) is None:
        return
    with desk.db.transaction() as tx:
        tx.execute("UPDATE device SET next_seq = next_seq + ?, last_batch_sha256 = NULL", (FREE_NUMBERS,))
        desk.tell_as(tx, SYSTEM, "numbers_skipped", desk.device.device_id, {"free": FREE_NUMBERS})
        put_setting(tx, _RESTORED_FROM, None)


def was_restored(reader: Connection) -> bool:
    """Say whether the platform ever lost what it had signed for, since this desk was enrolled."""
    return setting(reader, _RESTORES) is not None


def token(reader: Connection, operator_id: str) -> str | None:
    """Return an operator's session with the platform. Whether it still holds, the platform decides."""
    value: str | None = reader.value("SELECT token FROM operator WHERE operator_id = ?", (operator_id,))
    return value


def store_session(desk: Desk, operator: Operator, *, token: str, expires_at: str) -> None:
    """Keep a session, and what the platform says of its operator's name and roles."""
    with desk.db.transaction() as tx:
        tx.execute(
            "UPDATE operator SET token = ?, token_expires_at = ?, name = ?, roles = ? WHERE operator_id = ?",
            (token, expires_at, operator.name, json.dumps(sorted(operator.roles)), operator.operator_id),
        )
        desk.tell(tx, "signed_in", operator.operator_id)
    desk.operator = operator


def drop_session(desk: Desk) -> None:
    """Forget the session of the operator at work. Unsent work stays."""
    with desk.db.transaction() as tx:
        tx.execute(
            "UPDATE operator SET token = NULL, token_expires_at = NULL WHERE operator_id = ?",
            (desk.operator.operator_id,),
        )
        desk.tell(tx, "signed_out", desk.operator.operator_id)
