"""Decisions (处理决定): written into their case when accepted; it is closed when they are carried out."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, exists, insert, or_, select

from forms.seal.canonical import canonical
from regional_platform.case_log import add_event, row_of
from regional_platform.case_marks import moved
from regional_platform.cases import show_evidence
from regional_platform.feed import News
from regional_platform.pipeline.incoming import Incoming
from regional_platform.store.among import among
from regional_platform.store.case_tables import case_correction, case_record, casefile, confirmation
from regional_platform.store.tables import approval, version_key
from regional_platform.times import iso


def decide(connection: Connection, one: Incoming, now: datetime) -> list[News]:
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
    corrections = set(one.decision.corrections)
    if corrections:
        connection.execute(
            insert(case_correction),
            [{"decided_version": one.version_id, "version_id": needed} for needed in sorted(corrections)],
        )
    row = row_of(connection, one.record_id)
    assert row is not None
    show_evidence(connection, one.record_id, row.unit, [said.sha256 for said in one.body.evidence])
    maker = connection.execute(
        select(approval.c.maker).where(approval.c.approval_id == one.body.approval.id)
    ).scalar_one()
    if row.stage == "received":  # who decides on a case has taken it up
        event_id = str(uuid.uuid4())
        add_event(connection, row.case_id, "accepted", now, unit=row.unit, operator=maker, event_id=event_id)
    add_event(
        connection, row.case_id, "decided", now, unit=row.unit, operator=maker,
        data={"version_id": one.version_id}, event_id=one.version_id,
    )  # fmt: skip
    values = {"stage": "decided", "decided_version": one.version_id, "decision": canonical(decision)}
    return moved(connection, row, one.version_id, now, version_id=one.version_id, **values)[1]


def close_ready(connection: Connection, stored: Sequence[str], now: datetime) -> list[News]:
    """Close the decided cases that waited for versions, and wait for nothing more.

    A case waits until its decision and all corrections are stored, and every unit that holds the record
    has confirmed them.

    Args:
        connection: of a writing transaction.
        stored: versions that were just stored, or confirmed by a unit.
        now: the present moment.
    """
    decisions = set(
        connection.execute(
            select(case_correction.c.decided_version).where(among(case_correction.c.version_id, stored))
        ).scalars()
    )
    carried_out = exists().where(
        version_key.c.version_id == case_correction.c.version_id,
        version_key.c.record_id == case_record.c.record_id,
        case_record.c.case_id == casefile.c.case_id,
        version_key.c.stage == "stored",
    )
    asked = exists().where(
        confirmation.c.version_id == case_correction.c.version_id, confirmation.c.settled_at.is_(None)
    )
    open_needs = exists().where(
        case_correction.c.decided_version == casefile.c.decided_version, or_(~carried_out, asked)
    )
    ready = connection.execute(
        select(casefile.c.case_id, casefile.c.decided_version, casefile.c.unit, casefile.c.hall_unit)
        .join(version_key, version_key.c.version_id == casefile.c.decided_version)
        .where(
            among(casefile.c.decided_version, decisions | set(stored)),
            casefile.c.state == "decided",
            version_key.c.stage == "stored",
            ~open_needs,
        )
        .order_by(casefile.c.case_id)
    ).all()
    news: list[News] = []
    for row in ready:
        news += _close(connection, row.case_id, row.decided_version, now)
    return news


def _close(connection: Connection, case_id: str, version_id: str, now: datetime) -> list[News]:
    """Close a case; its records lose the mark unless another case is about them."""
    row = row_of(connection, case_id)
    assert row is not None
    event_id = str(uuid.uuid4())
    add_event(connection, case_id, "closed", now, unit=row.unit, operator=None, event_id=event_id)
    return moved(connection, row, event_id, now, version_id=version_id, stage="closed", closed_at=iso(now))[1]
