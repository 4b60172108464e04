"""Notices (通知): to a unit and all below it, from a day until a day; withdrawn, never deleted.

A notice goes down the feed of every open unit that it is for, and again when it is withdrawn. Who joins the
subtree later finds it in the list.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from regional_platform import feed
from regional_platform.acts import Actor, keep, needs_admin, under, within
from regional_platform.problems import Fault, Refusal
from regional_platform.store.admin_tables import notice
from regional_platform.store.tables import unit
from regional_platform.times import iso
from regional_platform.units import unit_row


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {
        "notice_id": row.notice_id,
        "unit": row.unit,
        "title": row.title,
        "text": row.text,
        "from": row.from_on,
        "until": row.until_on,
        "posted_by": row.posted_by,
        "posted_at": row.posted_at,
        "withdrawn_at": row.withdrawn_at,
        "withdrawn_why": row.withdrawn_why,
    }


def post(
    connection: Connection,
    actor: Actor,
    now: datetime,
    *,
    notice_id: str,
    code: str,
    title: str,
    text: str,
    from_on: date,
    until_on: date,
) -> tuple[dict[str, Any], set[str]]:
    """Post a notice; the same under the same id again changes nothing.

    Returns:
        The notice, and the units that the bell must ring for.

    Raises:
        Refusal: unit-unknown, unit-closed, not-authorised, malformed, key-reused.
    """
    at = unit_row(connection, code, open_only=True)
    needs_admin(actor, at.path)
    if until_on < from_on:
        raise Refusal("malformed", errors=[Fault("#/until", "unfitting", "结束日期早于开始日期。")])
    values = {
        "unit": code, "title": title, "text": text, "from_on": from_on.isoformat(),
        "until_on": until_on.isoformat(),
    }  # fmt: skip
    known = connection.execute(select(notice).where(notice.c.notice_id == notice_id)).one_or_none()
    if known is not None:
        if any(getattr(known, name) != value for name, value in values.items()):
            raise Refusal("key-reused")
        return _shown(known), set()
    connection.execute(
        insert(notice).values(notice_id=notice_id, posted_by=actor.operator_id, posted_at=iso(now), **values)
    )
    keep(connection, actor, now, "notice.post", f"notice:{notice_id}", at.path, after=values)
    return _tell(connection, notice_id, at.path, "notice", now)


def withdraw(
    connection: Connection, actor: Actor, now: datetime, notice_id: str, reason: str
) -> tuple[dict[str, Any], set[str]]:
    """Withdraw a notice; one that is withdrawn already stays as it is.

    Returns:
        The notice, and the units that the bell must ring for.

    Raises:
        Refusal: notice-unknown, also where the actor does not administer the unit.
    """
    row = connection.execute(
        select(notice, unit.c.path)
        .join(unit, unit.c.code == notice.c.unit)
        .where(notice.c.notice_id == notice_id)
    ).one_or_none()
    if row is None or not actor.may("admin", row.path):
        raise Refusal("notice-unknown")
    if row.withdrawn_at is not None:
        return _shown(row), set()
    connection.execute(
        update(notice)
        .where(notice.c.notice_id == notice_id)
        .values(withdrawn_by=actor.operator_id, withdrawn_at=iso(now), withdrawn_why=reason)
    )
    after = {"reason": reason}
    keep(connection, actor, now, "notice.withdraw", f"notice:{notice_id}", row.path, after=after)
    return _tell(connection, notice_id, row.path, "notice.withdrawn", now)


def _tell(
    connection: Connection, notice_id: str, path: str, kind: str, now: datetime
) -> tuple[dict[str, Any], set[str]]:
    told = _shown(connection.execute(select(notice).where(notice.c.notice_id == notice_id)).one())
    return told, tell_all(connection, path, kind, told, now)


def tell_all(connection: Connection, path: str, kind: str, told: dict[str, Any], now: datetime) -> set[str]:
    """Write something into the feed of every open unit of a subtree; returns whom the bell must ring for."""
    open_below = select(unit.c.code).where(under(unit.c.path, path), unit.c.closed_at.is_(None))
    codes = connection.execute(open_below).scalars().all()
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return feed.append(connection, [feed.News(code, kind, json=body) for code in codes], now)


def list_notices(
    connection: Connection, caller: Actor, *, on: date | None, after: str, limit: int
) -> dict[str, Any]:
    """List notices by id, one page: those for the caller's unit, and those in subtrees that one administers.

    With `on`: only those that hold on that day and are not withdrawn.
    """
    for_me = func.substr(caller.path, 1, func.length(unit.c.path)) == unit.c.path
    wanted = (
        select(notice)
        .join(unit, unit.c.code == notice.c.unit)
        .where(notice.c.notice_id > after, or_(for_me, within(unit.c.path, caller, "admin", "auditor")))
        .order_by(notice.c.notice_id)
        .limit(limit + 1)
    )
    if on is not None:
        day = on.isoformat()
        holds = and_(notice.c.from_on <= day, notice.c.until_on >= day, notice.c.withdrawn_at.is_(None))
        wanted = wanted.where(holds)
    rows = connection.execute(wanted).all()
    return {
        "notices": [_shown(row) for row in rows[:limit]],
        "next": rows[limit - 1].notice_id if len(rows) > limit else None,
    }
