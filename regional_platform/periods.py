"""Zero reports (无数据上报): a unit declares that nothing of an item happened in a period."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from forms.law.periods import Period, kind_of, read_period
from regional_platform.acts import Actor
from regional_platform.catalogs import Catalogs
from regional_platform.problems import Fault, Refusal
from regional_platform.reported import dated_records
from regional_platform.store.admin_tables import zero_report
from regional_platform.store.tables import record, unit
from regional_platform.times import iso, legal_day
from regional_platform.units import unit_row


def period_named(name: str, pointer: str = "#/period") -> Period:
    """Read the name of a period.

    Raises:
        Refusal: malformed.
    """
    try:
        return read_period(name)
    except ValueError as error:
        raise Refusal("malformed", errors=[Fault(pointer, "unfitting", "没有这样的周期。")]) from error


def _shown(row: Row[Any]) -> dict[str, Any]:
    names = (
        "report_id", "unit", "item", "period", "made_by", "made_at", "withdrawn_by", "withdrawn_at",
        "withdrawn_why",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names}


def declare_nothing(
    connection: Connection,
    catalogs: Catalogs,
    caller: Actor,
    now: datetime,
    *,
    report_id: str,
    code: str,
    item: str,
    period: str,
    early: bool,
) -> dict[str, Any]:
    """Take a zero report in; the same under the same id again changes nothing.

    Raises:
        Refusal: unit-unknown, unit-closed, not-authorised, key-reused, item-unknown, malformed, period-unfit,
            period-not-over (unless `early`), period-has-records, already-declared.
    """
    at = unit_row(connection, code, open_only=True)
    if not caller.may("reporter", at.path):
        raise Refusal("not-authorised")
    values = {"unit": code, "item": item, "period": period}
    known = _one(connection, report_id)
    if known is not None:
        if any(getattr(known, name) != value for name, value in values.items()):
            raise Refusal("key-reused")
        return _shown(known)
    wanted = period_named(period)
    _refuse_unfit(catalogs, item, wanted)
    if not early and legal_day(now) <= wanted.last:
        raise Refusal("period-not-over")
    there = dated_records(connection, code, wanted.first, wanted.last, record.c.item == item)
    if there:
        raise Refusal("period-has-records", count=len(there))
    active = select(zero_report.c.report_id).where(
        zero_report.c.unit == code, zero_report.c.item == item, zero_report.c.period == period,
        zero_report.c.withdrawn_at.is_(None),
    )  # fmt: skip
    if connection.execute(active).first() is not None:
        raise Refusal("already-declared")
    connection.execute(
        insert(zero_report).values(
            report_id=report_id, last_on=wanted.last.isoformat(), made_by=caller.operator_id,
            made_at=iso(now), **values,
        )
    )  # fmt: skip
    made = _one(connection, report_id)
    assert made is not None
    return _shown(made)


def _one(connection: Connection, report_id: str) -> Row[Any] | None:
    return connection.execute(select(zero_report).where(zero_report.c.report_id == report_id)).one_or_none()


def _refuse_unfit(catalogs: Catalogs, item: str, period: Period) -> None:
    known = catalogs.current.items.get(item)
    if known is None:
        raise Refusal("item-unknown")
    if kind_of(known.cycle) != period.kind:
        raise Refusal("period-unfit")


def take_back(
    connection: Connection, caller: Actor, now: datetime, report_id: str, reason: str
) -> dict[str, Any]:
    """Withdraw a zero report; one that is withdrawn already stays as it is.

    Raises:
        Refusal: zero-report-unknown, also where the caller is no reporter of the unit.
    """
    row = _one(connection, report_id)
    if row is None or not caller.may("reporter", unit_row(connection, row.unit).path):
        raise Refusal("zero-report-unknown")
    if row.withdrawn_at is None:
        connection.execute(
            update(zero_report)
            .where(zero_report.c.report_id == report_id)
            .values(withdrawn_by=caller.operator_id, withdrawn_at=iso(now), withdrawn_why=reason)
        )
    found = _one(connection, report_id)
    assert found is not None
    return _shown(found)


def list_zero_reports(
    connection: Connection, caller: Actor, *, code: str, period: str | None, after: str, limit: int
) -> dict[str, Any]:
    """List the zero reports of a unit by id, one page.

    Raises:
        Refusal: unit-unknown, not-authorised.
    """
    if not caller.sees(unit_row(connection, code).path):
        raise Refusal("not-authorised")
    wanted = (
        select(zero_report)
        .join(unit, unit.c.code == zero_report.c.unit)
        .where(zero_report.c.unit == code, zero_report.c.report_id > after)
        .order_by(zero_report.c.report_id)
        .limit(limit + 1)
    )
    if period is not None:
        wanted = wanted.where(zero_report.c.period == period)
    rows = connection.execute(wanted).all()
    return {
        "zero_reports": [_shown(row) for row in rows[:limit]],
        "next": rows[limit - 1].report_id if len(rows) > limit else None,
    }
