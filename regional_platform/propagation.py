"""Propagation: who holds a copy of a record, and whether they know that it was changed.

A unit holds a record once it was shown one of another unit. When a correction or a withdrawal of it is
stored, each holder is told by its feed and asked to confirm. Nobody has to press anything: a desk asks for
what follows a number only when it has applied all up to it, so a unit has confirmed when each of its desks
has read beyond the entry. What nobody will ever confirm (a desk that was scrapped, say) a named person
waives with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)

from forms.seal.canonical import canonical
from regional_platform.feed import News, append
from regional_platform.store.among import among
from regional_platform.store.case_tables import confirmation, holding
from regional_platform.store.tables import SAME_VERSION, device, feed_head, record, version, version_key
from regional_platform.times import iso

COUNTED_EVERY: Final = 10_000
"""Numbers of the feed after which a desk's reading is counted also where nothing waits for it."""

READ: Final = "read"
WAIVED: Final = "waived"


def note_holder(connection: Connection, unit: str, record_ids: Iterable[str], now: datetime) -> None:
    """Write down that `unit` was shown records of other units."""
    fresh = sorted(not_yet_holding(connection, unit, set(record_ids)))
    if fresh:
        rows = [{"record_id": one, "unit": unit, "since_at": iso(now)} for one in fresh]
        connection.execute(insert(holding), rows)


def not_yet_holding(connection: Connection, unit: str, record_ids: set[str]) -> set[str]:
    """Return those records that the unit was never shown."""
    known = select(holding.c.record_id).where(holding.c.unit == unit, holding.c.record_id.in_(record_ids))
    return record_ids - set(connection.execute(known).scalars())


def tell_changed(connection: Connection, stored: Sequence[str], now: datetime) -> set[str]:
    """Tell the holders of records of the corrections and withdrawals just stored, and ask for confirmation.

    Returns:
        The units whose bell is to be rung.
    """
    rows = connection.execute(
        select(version_key.c.version_id, version_key.c.record_id, holding.c.unit, version.c.op)
        .join(holding, holding.c.record_id == version_key.c.record_id)
        .join(version, SAME_VERSION)
        .where(
            among(version_key.c.version_id, stored),
            version.c.op.in_(("correct", "withdraw")),
            holding.c.unit != version_key.c.unit,
        )
        .order_by(holding.c.unit, version.c.n)
    ).all()
    asked = [
        (row.unit, row.version_id, row.record_id, {"record_id": row.record_id, "version_id": row.version_id,
                                                   "op": row.op})
        for row in rows
    ]  # fmt: skip
    return _ask(connection, "record.changed", asked, now)


def ask_holders(
    connection: Connection, version_id: str, record_ids: Sequence[str], what: str, now: datetime
) -> set[str]:
    """Tell the holders of records what a decision did to them, and ask for confirmation.

    Returns:
        The units whose bell is to be rung.
    """
    rows = connection.execute(
        select(holding.c.unit, holding.c.record_id)
        .join(record, record.c.record_id == holding.c.record_id)
        .where(holding.c.record_id.in_(record_ids), holding.c.unit != record.c.unit)
        .order_by(holding.c.unit, holding.c.record_id)
    ).all()
    asked = [
        (row.unit, version_id, row.record_id, {"record_id": row.record_id, "version_id": version_id})
        for row in rows
    ]
    return _ask(connection, what, asked, now)


def _ask(
    connection: Connection,
    what: str,
    asked: Sequence[tuple[str, str, str, dict[str, str]]],
    now: datetime,
) -> set[str]:
    """Tell units of a version of a record each; a unit confirms a version once, with the last it is told."""
    if not asked:
        return set()
    rung = append(connection, [News(unit, what, json=canonical(told)) for unit, _, _, told in asked], now)
    heads = select(feed_head.c.unit, feed_head.c.n).where(feed_head.c.unit.in_(rung))
    last = {row.unit: row.n for row in connection.execute(heads)}
    rows = {
        (version_id, unit): {
            "version_id": version_id, "unit": unit, "record_id": record_id, "seq": last[unit],
            "asked_at": iso(now),
        }
        for unit, version_id, record_id, _ in asked
    }  # fmt: skip
    connection.execute(insert(confirmation), list(rows.values()))
    return rung


def disputed_news(
    connection: Connection, record_id: str, but: Iterable[str], *, disputed: bool
) -> list[News]:
    """Make the news for the holders of a record that a dispute about it began or ended.

    Args:
        connection: open.
        record_id: the record.
        but: units that are told of the case itself.
        disputed: whether it began.
    """
    held = select(holding.c.unit).where(holding.c.record_id == record_id, holding.c.unit.not_in(set(but)))
    told = canonical({"record_id": record_id, "disputed": disputed})
    units = sorted(connection.execute(held).scalars())
    return [News(unit, "record.disputed", json=told) for unit in units]


def has_to_tell(connection: Connection, unit: str, device_id: str, after: int) -> bool:
    """Say whether it is news that a desk has read up to number `after`.

    It is, when a confirmation waits for its reading, when that was not counted for long, or when nobody is
    behind any more; not at every look while the unit waits for another desk.
    """
    return connection.execute(_HAS_TO_TELL, {"unit": unit, "desk": device_id, "after": after}).scalar_one()


def confirm_read(connection: Connection, unit: str, device_id: str, after: int, now: datetime) -> list[str]:
    """Count a desk's reading up to number `after`; returns the versions that its unit has now confirmed."""
    read = update(device).where(device.c.device_id == device_id, device.c.feed_ack < after)
    connection.execute(read.values(feed_ack=after))
    settled = (
        update(confirmation)
        .where(_open_until(unit, after), ~exists().where(_is_behind()))
        .values(settled_at=iso(now), how=READ)
        .returning(confirmation.c.version_id)
    )
    return sorted(connection.execute(settled).scalars())


def waive(
    connection: Connection, version_id: str, unit: str, by: str, reason: str, now: datetime
) -> bool | None:
    """Do without the confirmation of a unit; False when it was settled already, None when none was asked."""
    one = (confirmation.c.version_id == version_id, confirmation.c.unit == unit)
    known = connection.execute(select(confirmation.c.settled_at).where(*one)).one_or_none()
    if known is None:
        return None
    open_one = update(confirmation).where(*one, confirmation.c.settled_at.is_(None))
    values = {"settled_at": iso(now), "how": WAIVED, "settled_by": by, "reason": reason}
    return connection.execute(open_one.values(**values)).rowcount == 1


def outstanding(connection: Connection, version_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Which units have not confirmed which of these versions, with the desks that are behind."""
    rows = connection.execute(
        select(confirmation.c.version_id, confirmation.c.unit, confirmation.c.asked_at, device.c.name)
        .select_from(confirmation.outerjoin(device, _is_behind()))
        .where(confirmation.c.version_id.in_(version_ids), confirmation.c.settled_at.is_(None))
        .order_by(
            confirmation.c.asked_at, confirmation.c.unit, confirmation.c.version_id, device.c.enrolled_at
        )
    )
    return [
        {
            "version_id": version_id,
            "unit": unit,
            "asked_at": asked_at,
            "desks": [row.name for row in behind if row.name is not None],
        }
        for (version_id, unit, asked_at), behind in groupby(rows, key=lambda row: tuple(row[:3]))
    ]


def places(connection: Connection, record_id: str) -> list[dict[str, Any]]:
    """Every unit that holds a record, and what it was asked to confirm, oldest first."""
    asked = connection.execute(
        select(confirmation).where(confirmation.c.record_id == record_id).order_by(confirmation.c.asked_at)
    ).all()
    held = select(holding).where(holding.c.record_id == record_id).order_by(holding.c.since_at)
    return [
        {
            "unit": row.unit,
            "since_at": row.since_at,
            "confirmations": [_shown(one._mapping) for one in asked if one.unit == row.unit],  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
        }
        for row in connection.execute(held)
    ]


def _shown(row: Any) -> dict[str, Any]:
    names = ("version_id", "asked_at", "settled_at", "how", "settled_by", "reason")
    return {name: row[name] for name in names}


def _is_behind() -> ColumnElement[bool]:
    """A desk that the unit of a confirmation had when it was asked, and that has not read so far."""
    return and_(
        device.c.unit == confirmation.c.unit,
        device.c.revoked_at.is_(None),
        device.c.retired_at.is_(None),
        device.c.enrolled_at <= confirmation.c.asked_at,
        device.c.feed_ack < confirmation.c.seq,
    )


def _open_until(unit: str | BindParameter[str], after: int | BindParameter[int]) -> ColumnElement[bool]:
    return and_(confirmation.c.unit == unit, confirmation.c.settled_at.is_(None), confirmation.c.seq <= after)


def _has_to_tell() -> Select[bool]:
    desk = bindparam("desk", type_=String)
    uncounted = exists().where(device.c.device_id == desk, device.c.feed_ack < confirmation.c.seq)
    others_behind = exists().where(_is_behind(), device.c.device_id != desk)
    after = bindparam("after", type_=Integer)
    open_ones = _open_until(bindparam("unit", type_=String), after)
    far = exists().where(device.c.device_id == desk, device.c.feed_ack + COUNTED_EVERY <= after)
    return select(or_(far, exists().where(open_ones, or_(uncounted, ~others_behind))))


_HAS_TO_TELL: Final = _has_to_tell()
"""Built once: every look at the feed asks it."""
