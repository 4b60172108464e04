"""Transfer (移送): a case that came to the wrong unit goes to the right one, with a reason; and waivers."""

from __future__ import annotations

import json
import uuid
from typing import Any

from sqlalchemy import Connection, Row, select

from regional_platform.api.models import TransferBody, WaiverBody
from regional_platform.auth.callers import Caller
from regional_platform.case_decisions import close_ready
from regional_platform.case_log import add_event, as_json, is_taken, row_of
from regional_platform.case_marks import moved
from regional_platform.cases import is_party
from regional_platform.feed import append
from regional_platform.platform import Platform
from regional_platform.problems import Fault, Refusal
from regional_platform.propagation import waive
from regional_platform.store.case_tables import case_event
from regional_platform.store.tables import unit

MAY_TRANSFER = ("handler", "liaison")
MAY_WAIVE = ("handler", "liaison", "admin")


def transfer(platform: Platform, caller: Caller, case_id: str, said: TransferBody) -> tuple[bytes, bool]:
    """Hand a case over to another unit.

    Returns:
        The case as JSON, and whether this transfer was made before.

    Raises:
        Refusal: case-unknown, not-authorised, stale (412, with the case), event-unfitting, field-invalid,
            key-reused.
    """
    rung: set[str] = set()

    def act(connection: Connection) -> tuple[bytes, bool]:
        rung.clear()
        row = _mine(connection, caller, case_id, MAY_TRANSFER, said.transfer_id)
        known = connection.execute(
            select(case_event).where(case_event.c.event_id == said.transfer_id)
        ).one_or_none()
        if known is not None:
            told = json.loads(known.data)
            if (known.case_id, told.get("to_unit"), told.get("reason")) != (
                case_id,
                said.to_unit,
                said.reason,
            ):
                raise Refusal("key-reused")
            return as_json(connection, row), True
        if is_taken(connection, said.transfer_id):
            raise Refusal("key-reused")
        if row.revision != said.revision:
            raise Refusal("stale", status=412, current=json.loads(as_json(connection, row)))
        if row.state != "opened":
            raise Refusal("event-unfitting", stage=row.stage)
        _refuse_nowhere(connection, row, said.to_unit)
        now = platform.clock()
        add_event(
            connection, case_id, "transferred", now, unit=row.unit, operator=caller.operator_id,
            data={"from_unit": row.unit, "to_unit": said.to_unit, "reason": said.reason},
            event_id=said.transfer_id,
        )  # fmt: skip
        values = {"unit": said.to_unit, "owner_id": None, "owner_name": None}
        made, news = moved(connection, platform.settings.resources, row, said.transfer_id, now, **values)
        rung.update(append(connection, news, now))
        return made, False

    answer = platform.store.write(act)
    platform.bell.ring(rung)
    return answer


def waive_confirmation(platform: Platform, caller: Caller, case_id: str, said: WaiverBody) -> bytes:
    """Do without what a unit would have to confirm, so that the case can be closed.

    Raises:
        Refusal: case-unknown, not-authorised, key-reused, field-invalid.
    """
    rung: set[str] = set()

    def act(connection: Connection) -> bytes:
        rung.clear()
        row = _mine(connection, caller, case_id, MAY_WAIVE)
        now = platform.clock()
        made = waive(connection, said.version_id, said.unit, caller.operator_id, said.reason, now)
        if made is None:
            detail = "没有要这个机构确认这个版本。"
            raise Refusal("field-invalid", errors=[Fault("#/version_id", "unfitting", detail)])
        if made:
            told = {"version_id": said.version_id, "unit": said.unit, "reason": said.reason}
            event_id = said.waiver_id or str(uuid.uuid4())
            if is_taken(connection, event_id):
                raise Refusal("key-reused")
            add_event(
                connection, case_id, "waived", now, unit=caller.unit, operator=caller.operator_id, data=told,
                event_id=event_id,
            )  # fmt: skip
            news = moved(connection, platform.settings.resources, row, event_id, now)[1]
            rung.update(
                append(connection, news + close_ready(platform, connection, [said.version_id], now), now)
            )
        after = row_of(connection, case_id)
        assert after is not None
        return as_json(connection, after)

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
    had = select(case_event.c.unit).where(case_event.c.event_id == transfer_id)
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
