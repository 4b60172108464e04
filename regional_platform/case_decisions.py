"""Decisions (处理决定): written into their case when accepted; it is closed when they are carried out."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, insert, or_, select

from forms.seal.canonical import canonical
from regional_platform.case_log import add_event, record_ids_of, row_of
from regional_platform.case_marks import moved
from regional_platform.cases import show_evidence
from regional_platform.feed import News
from regional_platform.pipeline.incoming import Incoming
from regional_platform.platform import Platform
from regional_platform.propagation import ask_holders
from regional_platform.store.among import among
from regional_platform.store.case_tables import case_correction, casefile, confirmation
from regional_platform.store.tables import SAME_VERSION, approval, version, version_key
from regional_platform.times import iso


def decide(platform: Platform, connection: Connection, one: Incoming, now: datetime) -> list[News]:
    """Write an accepted decision into its case; who holds a record that is repaired is asked to confirm."""
    assert one.decision is not None
    assert one.body is not None
    assert one.body.reason is not None
    decision = {
        "version_id": one.version_id,
        "disputes": one.body.payload["disputes"],
        "corrections": one.decision.corrections,
        "text": one.decision.text,
        "outcome": one.decision.outcome,
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
    values = {
        "stage": "decided", "decided_version": one.version_id, "decision": canonical(decision),
        "outcome": one.decision.outcome,
    }  # fmt: skip
    resources = platform.settings.resources
    news = moved(connection, resources, row, one.version_id, now, version_id=one.version_id, **values)[1]
    if one.decision.outcome == "granted":
        record_ids = record_ids_of(connection, row.case_id)
        platform.bell.ring(ask_holders(connection, one.version_id, record_ids, "record.repaired", now))
    return news


def close_ready(
    platform: Platform, connection: Connection, stored: Sequence[str], now: datetime
) -> list[News]:
    """Close the decided cases that waited for versions, and wait for nothing more.

    A case waits until its decision and all corrections are stored, and every unit that holds the record
    has confirmed them.

    Args:
        platform: open.
        connection: of a writing transaction.
        stored: versions that were just stored, or confirmed by a unit.
        now: the present moment.
    """
    decisions = set(
        connection.execute(
            select(case_correction.c.decided_version).where(among(case_correction.c.version_id, stored))
        ).scalars()
    )
    asked = exists().where(
        confirmation.c.settled_at.is_(None),
        or_(
            confirmation.c.version_id == casefile.c.decided_version,
            confirmation.c.version_id.in_(
                select(case_correction.c.version_id).where(
                    case_correction.c.decided_version == casefile.c.decided_version
                )
            ),
        ),
    )
    ready = connection.execute(
        select(casefile.c.case_id, casefile.c.decided_version, casefile.c.decision)
        .join(version_key, version_key.c.version_id == casefile.c.decided_version)
        .where(
            among(casefile.c.decided_version, decisions | set(stored)),
            casefile.c.state == "decided",
            version_key.c.stage == "stored",
            ~asked,
        )
        .order_by(casefile.c.case_id)
    ).all()
    news: list[News] = []
    for row in ready:
        if not _carried_out(connection, json.loads(row.decision), record_ids_of(connection, row.case_id)):
            continue
        news += _close(platform, connection, row.case_id, row.decided_version, now)
    return news


def _carried_out(connection: Connection, decision: dict[str, Any], record_ids: Sequence[str]) -> bool:
    """Say whether all corrections are stored, and every record of which not all stands has one."""
    rows = connection.execute(
        select(version_key.c.version_id, version_key.c.record_id, version.c.op)
        .join(version, SAME_VERSION)
        .where(among(version_key.c.version_id, decision["corrections"]), version_key.c.stage == "stored")
    ).all()
    ours = [row for row in rows if row.record_id in record_ids]
    changed = {one["record_id"] for one in decision["disputes"] if one["finding"] != "stands"}
    deleted = {one["record_id"] for one in decision["disputes"] if one["finding"] == "delete"}
    withdrawn = {row.record_id for row in ours if row.op == "withdraw"}
    whole = {row.version_id for row in ours} == set(decision["corrections"])
    return whole and changed <= {row.record_id for row in ours} and deleted <= withdrawn


def _close(
    platform: Platform, connection: Connection, case_id: str, version_id: str, now: datetime
) -> list[News]:
    """Close a case; its records lose the mark unless another case is about them."""
    row = row_of(connection, case_id)
    assert row is not None
    event_id = str(uuid.uuid4())
    add_event(connection, case_id, "closed", now, unit=row.unit, operator=None, event_id=event_id)
    values = {"stage": "closed", "closed_at": iso(now)}
    resources = platform.settings.resources
    return moved(connection, resources, row, event_id, now, version_id=version_id, **values)[1]
