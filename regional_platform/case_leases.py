"""Leases: while somebody works on a case nobody else of the unit begins. For half an hour, unless renewed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from regional_platform.auth.callers import Caller
from regional_platform.case_events import HANDS_OUT
from regional_platform.case_log import row_of
from regional_platform.cases import is_party, lease_of
from regional_platform.platform import Platform
from regional_platform.problems import Refusal
from regional_platform.store.case_tables import case_lease
from regional_platform.store.tables import operator
from regional_platform.times import iso

LEASED_FOR: Final = timedelta(minutes=30)


def take_lease(platform: Platform, caller: Caller, case_id: str) -> dict[str, Any]:
    """Take a case in hand, or keep it.

    Raises:
        Refusal: case-unknown, not-authorised, event-unfitting for one that has ended, case-leased with the
            name of who has it and until when.
    """

    def act(connection: Connection) -> dict[str, Any]:
        row = _mine(connection, caller, case_id)
        if row.state == "closed":
            raise Refusal("event-unfitting", stage=row.stage)
        now = platform.clock()
        held = lease_of(connection, case_id, now)
        if held is not None and held["operator_id"] != caller.operator_id:
            raise Refusal("case-leased", name=held["name"], until=held["until"])
        name = connection.execute(
            select(operator.c.name).where(operator.c.operator_id == caller.operator_id)
        ).scalar_one()
        values = {"operator_id": caller.operator_id, "name": name, "until": iso(now + LEASED_FOR)}
        changed = update(case_lease).where(case_lease.c.case_id == case_id).values(**values)
        if connection.execute(changed).rowcount == 0:
            connection.execute(insert(case_lease).values(case_id=case_id, **values))
        return values

    return platform.store.write(act)


def release(platform: Platform, caller: Caller, case_id: str) -> None:
    """Let a case go; nothing happens when the caller does not have it.

    Raises:
        Refusal: case-unknown, not-authorised.
    """

    def act(connection: Connection) -> None:
        _mine(connection, caller, case_id)
        mine = delete(case_lease).where(case_lease.c.case_id == case_id)
        connection.execute(mine.where(case_lease.c.operator_id == caller.operator_id))

    platform.store.write(act)


def _mine(connection: Connection, caller: Caller, case_id: str) -> Row[Any]:
    row = row_of(connection, case_id)
    if row is None or not is_party(connection, caller, row):
        raise Refusal("case-unknown")
    if caller.unit != row.unit or not caller.roles & (HANDS_OUT | {"reviewer"}):
        raise Refusal("not-authorised")
    return row
