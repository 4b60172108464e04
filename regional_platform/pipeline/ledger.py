"""Write what was judged: a few statements for the whole batch, not a few for each item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from forms.seal.receipt import FINAL_OUTCOMES
from regional_platform.auth.callers import Caller
from regional_platform.pipeline.incoming import Incoming
from regional_platform.pipeline.judge import Verdict
from regional_platform.pipeline.world import KnownVersion, RecordState, World
from regional_platform.store.tables import job, receipt, record, version, version_key
from regional_platform.times import iso

NO_APPROVAL = "00000000-0000-0000-0000-000000000000"
"""Stands where an item was too misshapen to name its approval."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An item with its verdict and its receipt; `known` is what was there before the batch."""

    incoming: Incoming
    verdict: Verdict
    receipt: bytes
    known: KnownVersion | None
    receipt_no: str

    @property
    def counts(self) -> bool:
        """Whether something new is written for it."""
        return self.verdict.replay is None and not self.verdict.foreign


def write(
    connection: Connection,
    caller: Caller,
    batch_id: str,
    judged: Sequence[Judged],
    world: World,
    now: datetime,
) -> None:
    """Write versions, keys, receipts, records and the work that follows."""
    last = {each.incoming.version_id: each for each in judged if each.counts}
    _write_versions(connection, caller, batch_id, list(last.values()), now)
    _write_records(connection, caller.unit, list(last.values()), world)
    accepted = [each for each in last.values() if each.verdict.outcome.startswith("accepted")]
    _add(connection, job, [_job(each, caller.unit) for each in accepted])


def _add(connection: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _write_versions(
    connection: Connection, caller: Caller, batch_id: str, judged: Sequence[Judged], now: datetime
) -> None:
    at = iso(now)
    fresh = [each for each in judged if each.known is None]
    _add(connection, version, [_version(each.incoming, caller, batch_id, at) for each in fresh])
    _add(connection, version_key, [_key(each, caller.unit) for each in fresh])
    again = [{"id": each.incoming.version_id, "now": each.verdict.outcome} for each in judged if each.known]
    if again:
        moved = update(version_key).where(version_key.c.version_id == bindparam("id"))
        connection.execute(moved.values(outcome=bindparam("now")), again)
    _add(
        connection,
        receipt,
        [
            {"version_id": each.incoming.version_id, "stage": "checked", "raw": each.receipt}
            for each in judged
            if each.verdict.outcome in FINAL_OUTCOMES
        ],
    )


def _version(one: Incoming, caller: Caller, batch_id: str, at: str) -> dict[str, Any]:
    body = one.body
    return {
        "version_id": one.version_id,
        "record_id": one.record_id,
        "unit": caller.unit,
        "device_id": caller.device_id,
        "batch_id": batch_id,
        "parent": body.parent if body else None,
        "op": body.op if body else "unread",
        "catalog": body.catalog if body else "",
        "content": one.content,
        "approval_id": body.approval.id if body else NO_APPROVAL,
        "place": body.approval.place if body else 0,
        "case_id": body.case_id if body else None,
        "received_at": at,
    }


def _key(each: Judged, unit: str) -> dict[str, Any]:
    return {
        "version_id": each.incoming.version_id,
        "unit": unit,
        "record_id": each.incoming.record_id,
        "content_sha256": each.incoming.digest,
        "receipt_no": each.receipt_no,
        "outcome": each.verdict.outcome,
        "stage": "checked",
        "stored_at": None,
    }


def _job(each: Judged, unit: str) -> dict[str, Any]:
    """A record goes through matching; a decision names its case and has no subject of its own."""
    body, named = each.incoming.body, each.incoming.subject
    assert body is not None
    return {
        "version_id": each.incoming.version_id,
        "unit": unit,
        "step": "store" if body.op == "decide" else "match",
        "subject_kind": named.kind if named else None,
        "subject_code": named.code if named else None,
        "subject_name": named.name if named else None,
    }


def _write_records(connection: Connection, unit: str, judged: Sequence[Judged], world: World) -> None:
    """Move the heads. Natural keys are let go before they are taken, whatever the order of the items."""
    accepted = {each.incoming.record_id for each in judged if each.verdict.outcome.startswith("accepted")}
    ours = {each.incoming.record_id: world.records.get(each.incoming.record_id) for each in judged}
    states = {
        record_id: state for record_id, state in ours.items() if state is not None and state.unit == unit
    }
    moved = [
        {"id": record_id, **_columns(state)}
        for record_id, state in states.items()
        if state.in_table and record_id in accepted
    ]
    if moved:
        mine = update(record).where(record.c.record_id == bindparam("id"))
        connection.execute(mine.values(natural_key=None), [{"id": row["id"]} for row in moved])
        connection.execute(mine, moved)
    fresh = [
        {"record_id": record_id, "unit": unit, **_columns(state)}
        for record_id, state in states.items()
        if not state.in_table
    ]
    _add(connection, record, fresh)


def _columns(state: RecordState) -> dict[str, str | None]:
    return {
        "item": state.item,
        "head": state.head,
        "head_op": state.head_op,
        "natural_key": state.natural_key,
    }
