"""Cases (办件): an objection (异议) to a record, from the hall desk to the decision and its corrections."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, insert, or_, select, update

from forms.seal.canonical import canonical, digest
from regional_platform.api.models import CaseBody
from regional_platform.auth.callers import Caller
from regional_platform.feed import News, append
from regional_platform.pipeline.incoming import Incoming
from regional_platform.platform import Platform
from regional_platform.problems import Fault, Refusal
from regional_platform.propagation import disputed_news, outstanding
from regional_platform.store.among import among
from regional_platform.store.case_tables import (
    case_correction,
    case_evidence,
    case_revision,
    case_transfer,
    casefile,
    confirmation,
)
from regional_platform.store.tables import SAME_VERSION, attachment, record, version, version_key
from regional_platform.times import iso
from regional_platform.units import answering


def open_case(platform: Platform, caller: Caller, said: CaseBody) -> tuple[bytes, bool]:
    """Open a case on a record, and tell the unit that supplied it.

    Returns:
        The case as JSON, and whether it was opened before.

    Raises:
        Refusal: not-authorised, key-reused, record-unknown, withdrawn-already, attachment-missing,
            field-invalid.
    """
    caller.needs("hall")
    opening = canonical(said.model_dump())
    now = platform.clock()
    rung: set[str] = set()

    def act(connection: Connection) -> tuple[bytes, bool]:
        known = row_of(connection, said.case_id)
        if known is not None:
            if known.opening_sha256 != digest(opening) or known.hall_unit != caller.unit:
                raise Refusal("key-reused")
            return as_json(connection, known), True
        unit, snapshot = _snapshot(platform, connection, said)
        _refuse_missing(connection, caller.unit, said)
        revision = str(uuid.uuid4())
        connection.execute(
            insert(casefile).values(
                case_id=said.case_id,
                kind=said.kind,
                state="opened",
                revision=revision,
                unit=unit,
                hall_unit=caller.unit,
                record_id=said.record_id,
                opening=opening,
                opening_sha256=digest(opening),
                snapshot=snapshot,
                opened_by=caller.operator_id,
                opened_at=iso(now),
            )
        )
        _show_evidence(connection, said.case_id, caller.unit, [one.sha256 for one in said.evidence])
        made, news = revised(connection, said.case_id, "case.opened", None, now)
        news += disputed_news(connection, said.record_id, (unit, caller.unit), disputed=True)
        rung.update(append(connection, news, now))
        return made, False

    answer = platform.store.write(act)
    platform.bell.ring(rung)
    return answer


def read_case(connection: Connection, caller: Caller, case_id: str) -> bytes:
    """Read a case that the caller may see.

    Raises:
        Refusal: case-unknown, also for a case of others.
    """
    row = row_of(connection, case_id)
    if row is None or not is_party(connection, caller, row):
        raise Refusal("case-unknown")
    case = _told(connection, [row])[0]
    corrections = case["decision"]["corrections"] if case["decision"] else []
    return canonical({**case, "waiting_for": outstanding(connection, corrections)})


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
        "cases": _told(connection, rows[:limit]),
        "next": rows[limit - 1].case_id if len(rows) > limit else None,
    }


def is_party(connection: Connection, caller: Caller, row: Row[Any]) -> bool:
    """Say whether a case may be read: by the unit that has it, by those that handed it on, at the hall."""
    return row.unit == caller.unit or "hall" in caller.roles or caller.unit in _left(connection, row.case_id)


def decide(connection: Connection, one: Incoming, revision: str, now: datetime) -> list[News]:
    """Write an accepted decision into its case."""
    assert one.decision is not None
    assert one.body is not None
    assert one.body.reason is not None
    decision = {
        "version_id": one.version_id,
        "disputes": one.body.payload["disputes"],
        "corrections": one.decision.corrections,
        "text": one.decision.text,
        "reason": one.body.reason.model_dump(),
        "decided_at": iso(now),
    }
    connection.execute(
        update(casefile)
        .where(casefile.c.case_id == one.record_id)
        .values(
            state="decided",
            revision=revision,
            decided_version=one.version_id,
            decision=canonical(decision),
        )
    )
    corrections = set(one.decision.corrections)
    if corrections:
        connection.execute(
            insert(case_correction),
            [{"decided_version": one.version_id, "version_id": needed} for needed in sorted(corrections)],
        )
    row = connection.execute(select(casefile.c.unit).where(casefile.c.case_id == one.record_id)).one()
    _show_evidence(connection, one.record_id, row.unit, [said.sha256 for said in one.body.evidence])
    return revised(connection, one.record_id, "case.changed", one.version_id, now)[1]


def close_ready(connection: Connection, moved: Sequence[str], now: datetime) -> list[News]:
    """Close the decided cases that waited for versions, and wait for nothing more.

    A case waits until its decision and all corrections are stored, and every unit that holds the record
    has confirmed them.

    Args:
        connection: of a writing transaction.
        moved: versions that were just stored, or confirmed by a unit.
        now: the present moment.
    """
    decisions = set(
        connection.execute(
            select(case_correction.c.decided_version).where(among(case_correction.c.version_id, moved))
        ).scalars()
    )
    open_needs = exists().where(
        case_correction.c.decided_version == casefile.c.decided_version,
        or_(
            ~exists().where(
                version_key.c.version_id == case_correction.c.version_id,
                version_key.c.record_id == casefile.c.record_id,
                version_key.c.stage == "stored",
            ),
            exists().where(
                confirmation.c.version_id == case_correction.c.version_id,
                confirmation.c.settled_at.is_(None),
            ),
        ),
    )
    ready = connection.execute(
        select(
            casefile.c.case_id,
            casefile.c.decided_version,
            casefile.c.record_id,
            casefile.c.unit,
            casefile.c.hall_unit,
        )
        .join(version_key, version_key.c.version_id == casefile.c.decided_version)
        .where(
            among(casefile.c.decided_version, decisions | set(moved)),
            casefile.c.state == "decided",
            version_key.c.stage == "stored",
            ~open_needs,
        )
        .order_by(casefile.c.case_id)
    ).all()
    news: list[News] = []
    for row in ready:
        connection.execute(
            update(casefile)
            .where(casefile.c.case_id == row.case_id)
            .values(state="closed", revision=str(uuid.uuid4()), closed_at=iso(now))
        )
        news += revised(connection, row.case_id, "case.closed", row.decided_version, now)[1]
        if not disputed(connection, [row.record_id]):
            parties = (row.unit, row.hall_unit)
            news += disputed_news(connection, row.record_id, parties, disputed=False)
    return news


def disputed(connection: Connection, record_ids: Iterable[str]) -> set[str]:
    """Return those records on which a case is open."""
    return set(
        connection.execute(
            select(casefile.c.record_id).where(
                casefile.c.record_id.in_(set(record_ids)), casefile.c.state != "closed"
            )
        ).scalars()
    )


def as_json(connection: Connection, row: Row[Any]) -> bytes:
    """The case as it travels."""
    return canonical(_told(connection, [row])[0])


def _told(connection: Connection, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    transfers = _transfers(connection, [row.case_id for row in rows])
    return [
        {
            **json.loads(row.opening),
            "state": row.state,
            "revision": row.revision,
            "unit": row.unit,
            "record": json.loads(row.snapshot),
            "opened_at": row.opened_at,
            "due_on": row.due_on,
            "accepted_on": row.accepted_on,
            "suspended_on": row.suspended_on,
            "extended_to": row.extended_to,
            "transfers": transfers[row.case_id],
            "decision": json.loads(row.decision) if row.decision is not None else None,
            "closed_at": row.closed_at,
        }
        for row in rows
    ]


def _transfers(connection: Connection, case_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """How each of some cases was handed on, oldest first."""
    names = ("from_unit", "to_unit", "reason", "at")
    rows = connection.execute(
        select(case_transfer)
        .where(case_transfer.c.case_id.in_(case_ids))
        .order_by(case_transfer.c.at, case_transfer.c.transfer_id)
    ).mappings()
    found: dict[str, list[dict[str, Any]]] = {case_id: [] for case_id in case_ids}
    for row in rows:
        found[row["case_id"]].append({name: row[name] for name in names})
    return found


def _left(connection: Connection, case_id: str) -> set[str]:
    """The units that handed a case on."""
    return {one["from_unit"] for one in _transfers(connection, [case_id])[case_id]}


def row_of(connection: Connection, case_id: str) -> Row[Any] | None:
    """Read a case."""
    return connection.execute(select(casefile).where(casefile.c.case_id == case_id)).one_or_none()


def _snapshot(platform: Platform, connection: Connection, said: CaseBody) -> tuple[str, bytes]:
    """The unit that supplied the record, and the record as it is now."""
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
        Fault(f"#/disputes/{place}/field", "unknown_field", "这条记录所属的目录事项没有这个数据项。")
        for place, dispute in enumerate(said.disputes)
        if dispute.field not in fields
    ]
    if unknown:
        raise Refusal("field-invalid", errors=unknown)
    kept = {
        "version_id": found.version_id,
        "catalog": found.catalog,
        "payload": json.loads(found.content)["payload"],
    }
    return answering(connection, found.unit), canonical(kept)


def _refuse_missing(connection: Connection, unit: str, said: CaseBody) -> None:
    named = {one.sha256 for one in said.evidence}
    kept = connection.execute(
        select(attachment.c.sha256).where(attachment.c.unit == unit, attachment.c.sha256.in_(named))
    ).scalars()
    missing = sorted(named - set(kept))
    if missing:
        raise Refusal("attachment-missing", missing=missing, count=len(missing))


def _show_evidence(connection: Connection, case_id: str, unit: str, sha256s: Sequence[str]) -> None:
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


def revised(
    connection: Connection, case_id: str, what: str, version_id: str | None, now: datetime
) -> tuple[bytes, list[News]]:
    """Log the revision that a case has just got, and make the news of it for all parties."""
    row = row_of(connection, case_id)
    assert row is not None
    connection.execute(
        insert(case_revision).values(
            revision=row.revision, case_id=case_id, state=row.state, at=iso(now), version_id=version_id
        )
    )
    told = as_json(connection, row)
    left = _left(connection, case_id)
    return told, [News(unit, what, json=told) for unit in sorted({row.unit, row.hall_unit} | left)]
