"""Cases (办件): an objection (异议) to records, or a request for repair (信用修复): opened, read, listed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from forms.seal.canonical import canonical, digest
from regional_platform.api.models import CaseBody, CaseRecordBody
from regional_platform.auth.callers import Caller
from regional_platform.case_clocks import reckon
from regional_platform.case_log import add_event, as_json, is_taken, parties, revised, row_of, told
from regional_platform.feed import News, append
from regional_platform.platform import Platform
from regional_platform.problems import Fault, Refusal
from regional_platform.propagation import outstanding
from regional_platform.store.case_tables import case_evidence, case_lease, case_record, casefile
from regional_platform.store.tables import SAME_VERSION, attachment, record, version, version_key
from regional_platform.times import day, iso, moment
from regional_platform.units import answering


def open_case(platform: Platform, caller: Caller, said: CaseBody) -> tuple[bytes, bool]:
    """Open a case on records of one unit, and tell that unit.

    The hall does, and so does a handler for an objection that the own unit took in at its own desk.

    Returns:
        The case as JSON, and whether it was opened before.

    Raises:
        Refusal: not-authorised, key-reused, record-unknown, withdrawn-already, record-of-another-unit,
            case-repeated (with the open case), attachment-missing, field-invalid.
    """
    if not caller.roles & {"hall", "handler"}:
        raise Refusal("not-authorised")
    opening = canonical(said.model_dump())
    now = platform.clock()
    rung: set[str] = set()

    def act(connection: Connection) -> tuple[bytes, bool]:
        rung.clear()
        known = row_of(connection, said.case_id)
        if known is not None:
            if "hall" not in caller.roles and caller.unit not in {known.unit, known.hall_unit}:
                raise Refusal("not-authorised")
            if known.opening_sha256 != digest(opening) or known.hall_unit != caller.unit:
                raise Refusal("key-reused")
            return as_json(connection, known), True
        if is_taken(connection, said.case_id):
            raise Refusal("key-reused")
        unit, snapshots = _snapshots(platform, connection, said)
        if "hall" not in caller.roles and unit != caller.unit:
            raise Refusal("record-of-another-unit")
        _refuse_repeated(connection, said)
        refuse_missing(connection, caller.unit, _papers(said))
        made, news = _write(platform, connection, caller, said, opening, unit, snapshots, now)
        rung.update(append(connection, news, now))
        return made, False

    answer = platform.store.write(act)
    platform.bell.ring(rung)
    return answer


def _write(
    platform: Platform,
    connection: Connection,
    caller: Caller,
    said: CaseBody,
    opening: bytes,
    unit: str,
    snapshots: Sequence[bytes],
    now: datetime,
) -> tuple[bytes, list[News]]:
    connection.execute(
        insert(casefile).values(
            case_id=said.case_id, kind=said.kind, state="opened", stage="received",
            revision=said.case_id, unit=unit, hall_unit=caller.unit, application_id=said.application_id,
            opening=opening, opening_sha256=digest(opening), opened_by=caller.operator_id,
            opened_at=iso(now), due_certain=False, stops=False,
        )
    )  # fmt: skip
    rows = [
        {"case_id": said.case_id, "place": place, "record_id": one.record_id, "snapshot": snapshot}
        for place, (one, snapshot) in enumerate(zip(said.records, snapshots, strict=True))
    ]
    connection.execute(insert(case_record), rows)
    taken_in_at = min(moment(said.taken_in_at) or now, now)
    add_event(
        connection, said.case_id, "received", taken_in_at, unit=caller.unit, operator=caller.operator_id,
        event_id=said.case_id,
    )  # fmt: skip
    show_evidence(connection, said.case_id, caller.unit, _papers(said))
    reckon(connection, platform.settings.resources, said.case_id, now)
    return revised(connection, said.case_id, "case.opened", None, now)


def read_case(connection: Connection, caller: Caller, case_id: str, now: datetime) -> bytes:
    """Read a case that the caller may see.

    Raises:
        Refusal: case-unknown, also for a case of others.
    """
    row = row_of(connection, case_id)
    if row is None or not is_party(connection, caller, row):
        raise Refusal("case-unknown")
    case = {**told(connection, [row])[0], "lease": lease_of(connection, case_id, now)}
    decision = case["decision"]
    awaited = [*decision["corrections"], decision["version_id"]] if decision else []
    return canonical({**case, "waiting_for": outstanding(connection, awaited)})


def lease_of(connection: Connection, case_id: str, now: datetime) -> dict[str, Any] | None:
    """Who works on a case just now."""
    held = select(case_lease).where(case_lease.c.case_id == case_id, case_lease.c.until > iso(now))
    row = connection.execute(held).one_or_none()
    if row is None:
        return None
    return {"operator_id": row.operator_id, "name": row.name, "until": row.until}


def list_cases(
    connection: Connection, caller: Caller, *, state: str | None, after: str, limit: int
) -> dict[str, Any]:
    """List the cases of the caller's unit by case id, one page; at the hall, those of all units."""
    wanted = select(casefile).where(casefile.c.case_id > after).order_by(casefile.c.case_id).limit(limit + 1)
    if "hall" not in caller.roles:
        wanted = wanted.where(casefile.c.unit == caller.unit)
    if state is not None:
        wanted = wanted.where(casefile.c.state == state)
    rows = connection.execute(wanted).all()
    return {
        "cases": told(connection, rows[:limit]),
        "next": rows[limit - 1].case_id if len(rows) > limit else None,
    }


def is_party(connection: Connection, caller: Caller, row: Row[Any]) -> bool:
    """Say whether a case may be read: by the unit that has it, by those that handed it on, at the hall."""
    return "hall" in caller.roles or caller.unit in parties(connection, row)


def _snapshots(platform: Platform, connection: Connection, said: CaseBody) -> tuple[str, list[bytes]]:
    """The unit that supplied all the records, and each record as it is now."""
    errors, units, kept = _unfitting(said), set(), []
    for place, one in enumerate(said.records):
        unit, snapshot, unknown = _snapshot(platform, connection, one, f"#/records/{place}")
        errors += unknown
        units.add(unit)
        kept.append(canonical(snapshot))
    if errors:
        raise Refusal("field-invalid", errors=errors)
    if len(units) > 1:
        raise Refusal("record-of-another-unit")
    return units.pop(), kept


def _refuse_repeated(connection: Connection, said: CaseBody) -> None:
    """Refuse what the same applicant said of a record before, for the same reason, while that is open."""
    reasons = {one.record_id: one.reason_code for one in said.records}
    rows = connection.execute(
        select(casefile.c.case_id, casefile.c.opening)
        .join(case_record, case_record.c.case_id == casefile.c.case_id)
        .where(
            case_record.c.record_id.in_(reasons), casefile.c.kind == said.kind, casefile.c.state != "closed"
        )
        .order_by(casefile.c.case_id)
    )
    for row in rows:
        before = json.loads(row.opening)
        same = {name: getattr(said.applicant, name) for name in ("id_kind", "id_number")}
        if any(before["applicant"][name] != value for name, value in same.items()):
            continue
        if any(reasons.get(one["record_id"]) == one["reason_code"] for one in before["records"]):
            raise Refusal("case-repeated", case_id=row.case_id)


def _unfitting(said: CaseBody) -> list[Fault]:
    """What no single member of an opening shows."""
    found = []
    if len({one.record_id for one in said.records}) < len(said.records):
        found.append(Fault("#/records", "doubled", "同一条记录列了两次。"))
    if (said.kind == "repair") is (said.repair is None):
        found.append(Fault("#/repair", "unfitting", "信用修复要写明修复依据，异议不写。"))
    if moment(said.taken_in_at) is None:
        found.append(Fault("#/taken_in_at", "unfitting", "没有这个时间。"))
    repair = said.repair
    days = (
        {} if repair is None else {"published_on": repair.published_on, "fulfilled_on": repair.fulfilled_on}
    )
    found += [
        Fault(f"#/repair/{name}", "unfitting", "没有这一天。")
        for name, text in days.items()
        if text is not None and day(text) is None
    ]
    if said.kind == "objection":
        found += [
            Fault(f"#/records/{place}/disputes", "required_missing", "请写明对哪个数据项有异议。")
            for place, one in enumerate(said.records)
            if not one.disputes
        ]
    return found


def _snapshot(
    platform: Platform, connection: Connection, said: CaseRecordBody, pointer: str
) -> tuple[str, dict[str, Any], list[Fault]]:
    """The unit that answers for a record, the record as it is now, and what is disputed that it has not."""
    found = connection.execute(
        select(record.c.unit, record.c.head_op, version.c.version_id, version.c.catalog, version.c.content)
        .join(version_key, version_key.c.version_id == record.c.head)
        .join(version, SAME_VERSION)
        .where(record.c.record_id == said.record_id)
    ).one_or_none()
    if found is None:
        raise Refusal("record-unknown")
    if found.head_op == "withdraw":
        raise Refusal("withdrawn-already")
    code, _, set_name = found.catalog.partition("@")
    fields = platform.catalogs.sets[set_name].items[code].by_id
    unknown = [
        Fault(f"{pointer}/disputes/{place}/field", "unknown_field", "这条记录所属的目录事项没有这个数据项。")
        for place, dispute in enumerate(said.disputes)
        if dispute.field not in fields
    ]
    kept = {
        "version_id": found.version_id,
        "catalog": found.catalog,
        "payload": json.loads(found.content)["payload"],
    }
    return answering(connection, found.unit), kept, unknown


def _papers(said: CaseBody) -> list[str]:
    """Digests of all files that came with an opening."""
    evidence = [one.sha256 for disputed in said.records for one in disputed.evidence]
    return evidence + [one.sha256 for one in said.materials if one.sha256 is not None]


def refuse_missing(connection: Connection, unit: str, sha256s: Iterable[str]) -> None:
    """Refuse what names papers that the unit has not sent.

    Raises:
        Refusal: attachment-missing.
    """
    named = set(sha256s)
    kept = connection.execute(
        select(attachment.c.sha256).where(attachment.c.unit == unit, attachment.c.sha256.in_(named))
    ).scalars()
    missing = sorted(named - set(kept))
    if missing:
        raise Refusal("attachment-missing", missing=missing, count=len(missing))


def show_evidence(connection: Connection, case_id: str, unit: str, sha256s: Sequence[str]) -> None:
    """Let the other party of the case read the evidence of `unit`."""
    shown = set(
        connection.execute(
            select(case_evidence.c.sha256).where(
                case_evidence.c.case_id == case_id, case_evidence.c.unit == unit
            )
        ).scalars()
    )
    rows = [{"sha256": one, "case_id": case_id, "unit": unit} for one in sorted(set(sha256s) - shown)]
    if rows:
        connection.execute(insert(case_evidence), rows)
