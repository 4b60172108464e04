"""Transfer (移送): a case that came to the wrong unit goes to the right one, with a reason; and waivers."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from regional_platform.api.models import TransferBody, WaiverBody
from regional_platform.auth.callers import Caller
from regional_platform.cases import as_json, close_ready, is_party, revised, row_of
from regional_platform.feed import append
from regional_platform.platform import Platform
from regional_platform.problems import Fault, Refusal
from regional_platform.propagation import waive
from regional_platform.store.case_tables import case_transfer, casefile
from regional_platform.store.tables import unit
from regional_platform.times import iso

MAY_TRANSFER = ("handler", "liaison")
MAY_WAIVE = ("handler", "liaison", "admin")


def transfer(platform: Platform, caller: Caller, case_id: str, said: TransferBody) -> tuple[bytes, bool]:
    """Hand a case over to another unit.

    Returns:
        The case as JSON, and whether this transfer was made before.

    Raises:
        Refusal: case-unknown, not-authorised, stale, field-invalid, key-reused.
    """
    rung: set[str] = set()

    def act(connection: Connection) -> tuple[bytes, bool]:
        rung.clear()
        row = _mine(connection, caller, case_id, MAY_TRANSFER, said.transfer_id)
        known = connection.execute(
            select(case_transfer).where(case_transfer.c.transfer_id == said.transfer_id)
        ).one_or_none()
        if known is not None:
            if (known.case_id, known.to_unit, known.reason) != (case_id, said.to_unit, said.reason):
                raise Refusal("key-reused")
            return as_json(connection, row), True
        if row.state != "opened" or row.revision != said.revision:
            raise Refusal("stale", current={"case_id": case_id, "revision": row.revision, "state": row.state})
        _refuse_nowhere(connection, row, said.to_unit)
        now = platform.clock()
        connection.execute(
            insert(case_transfer).values(
                transfer_id=said.transfer_id, case_id=case_id, from_unit=row.unit, to_unit=said.to_unit,
                reason=said.reason, by=caller.operator_id, at=iso(now),
            )
        )  # fmt: skip
        connection.execute(
            update(casefile)
            .where(casefile.c.case_id == case_id)
            .values(unit=said.to_unit, revision=str(uuid.uuid4()))
        )
        made, news = revised(connection, case_id, "case.changed", None, now)
        rung.update(append(connection, news, now))
        return made, False

    answer = platform.store.write(act)
    platform.bell.ring(rung)
    return answer


def waive_confirmation(platform: Platform, caller: Caller, case_id: str, said: WaiverBody) -> bytes:
    """Do without what a unit would have to confirm, so that the case can be closed.

    Raises:
        Refusal: case-unknown, not-authorised, field-invalid.
    """
    rung: set[str] = set()

    def act(connection: Connection) -> bytes:
        rung.clear()
        _mine(connection, caller, case_id, MAY_WAIVE)
        now = platform.clock()
        made = waive(connection, said.version_id, said.unit, caller.operator_id, said.reason, now)
        if made is None:
            detail = "没有要这个机构确认这个版本。"
            raise Refusal("field-invalid", errors=[Fault("#/version_id", "unfitting", detail)])
        if made:
            rung.update(append(connection, close_ready(connection, [said.version_id], now), now))
        row = row_of(connection, case_id)
        assert row is not None
        return as_json(connection, row)

    answer = platform.store.write(act)
    platform.bell.ring(rung)
    return answer


def _mine(
    connection: Connection,
    caller: Caller,
    case_id: str,
    roles: tuple[str, ...],
    transfer_id: str | None = None,
) -> Row[Any]:
    """The case, when the caller's unit has it (or had it until this very transfer) and a role fits."""
    row = row_of(connection, case_id)
    had = select(case_transfer.c.from_unit).where(case_transfer.c.transfer_id == transfer_id)
    before = connection.execute(had).scalar_one_or_none() if transfer_id else None
    if row is None or not is_party(connection, caller, row):
        raise Refusal("case-unknown")
    if caller.unit not in {row.unit, before} or not caller.roles & set(roles):
        raise Refusal("not-authorised")
    return row


def _refuse_nowhere(connection: Connection, row: Row[Any], to_unit: str) -> None:
    level = connection.execute(select(unit.c.level).where(unit.c.code == to_unit)).scalar_one_or_none()
    if to_unit == row.unit or level not in {"department", "station", "district"}:
        detail = "请选择另一个受理异议的机构。"
        raise Refusal("field-invalid", errors=[Fault("#/to_unit", "unfitting", detail)])
