"""Write what was judged: a few statements for the whole batch, not a few for each item."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, update

from forms.seal.receipt import FINAL_OUTCOMES
from regional_platform.auth.callers import Caller
from regional_platform.pipeline.incoming import Incoming
from regional_platform.pipeline.judge import TAKEN, Verdict
from regional_platform.pipeline.world import KnownVersion, RecordState, World
from regional_platform.store.bulk import Row, insert_many
from regional_platform.store.idlist import packed
from regional_platform.store.tables import job, receipt, record, version, version_key
from regional_platform.times import iso, legal_month

VERSION: Final = (
    "version_id", "record_id", "unit", "device_id", "batch_id", "parent", "op", "catalog", "content",
    "approval_id", "place", "case_id", "received_at", "city", "month",
)  # fmt: skip
KEY: Final = (
    "version_id", "unit", "record_id", "content_sha256", "receipt_no", "outcome", "stage", "stored_at",
    "city", "month", "checked_at",
)  # fmt: skip
RECEIPT: Final = ("version_id", "stage", "raw")
RECORD: Final = (
    "record_id", "unit", "item", "head", "head_op", "natural_key", "city", "subject_code", "act_on",
    "act_key",
)  # fmt: skip
JOB: Final = ("version_id", "unit", "step", "subject_kind", "subject_code", "subject_name")
RUN: Final = ("version_id", "unit", "step", "run")

NO_APPROVAL: Final = "00000000-0000-0000-0000-000000000000"
"""Stands where an item was too misshapen to name its approval."""


class Judged(NamedTuple):
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

    @property
    def follows(self) -> bool:
        """Whether its receipt says nothing but what follows from the key and the time."""
        return self.verdict.outcome == "accepted"

    @property
    def is_new(self) -> bool:
        """Whether it begins a record, and is seen for the first time."""
        body = self.incoming.body
        accepted = self.counts and self.known is None and self.verdict.outcome in TAKEN
        return accepted and body is not None and body.op == "create"


def write(
    connection: Connection,
    caller: Caller,
    batch_id: str,
    judged: Sequence[Judged],
    world: World,
    met: Sequence[str],
    now: datetime,
) -> list[Judged]:
    """Write versions, keys, receipts, records and the work that follows.

    Args:
        connection: writing.
        caller: who sent the batch.
        batch_id: the batch.
        judged: its items.
        world: as they left it.
        met: those that have met their subject already.
        now: of the receipts.

    Returns:
        What was written.
    """
    last = list({each.incoming.version_id: each for each in judged if each.counts}.values())
    stored = frozenset(met)
    _write_versions(connection, caller, batch_id, last, stored, now)
    _write_records(connection, caller, last, world)
    accepted = [
        _job(each, caller.unit)
        for each in last
        if each.verdict.outcome in TAKEN and each.incoming.version_id not in stored
    ]
    insert_many(connection, job, JOB, accepted)
    if met:
        insert_many(connection, job, RUN, [(met[0], caller.unit, "compare", packed(met))])
    return last


def _write_versions(
    connection: Connection,
    caller: Caller,
    batch_id: str,
    judged: Sequence[Judged],
    stored: Collection[str],
    now: datetime,
) -> None:
    fresh = [each for each in judged if each.known is None]
    at, part = iso(now), (caller.city, legal_month(now))
    versions = [(*_version(each.incoming, caller, batch_id), at, *part) for each in fresh]
    insert_many(connection, version, VERSION, versions)
    reached = {True: ("stored", at), False: ("checked", None)}
    keys = [
        (
            *_key(each, caller.unit), *reached[each.incoming.version_id in stored], *part,
            at if each.follows else None,
        )
        for each in fresh
    ]  # fmt: skip
    insert_many(connection, version_key, KEY, sorted(keys))  # rising, as the index would have them
    again = [
        {"id": each.incoming.version_id, "now": each.verdict.outcome, "at": at if each.follows else None}
        for each in judged
        if each.known
    ]
    if again:
        moved = update(version_key).where(version_key.c.version_id == bindparam("id"))
        connection.execute(moved.values(outcome=bindparam("now"), checked_at=bindparam("at")), again)
    final = [
        (each.incoming.version_id, "checked", each.receipt)
        for each in judged
        if each.verdict.outcome in FINAL_OUTCOMES and not each.follows
    ]
    insert_many(connection, receipt, RECEIPT, final)


def _version(one: Incoming, caller: Caller, batch_id: str) -> Row:
    body = one.body
    if body is None:
        return (one.version_id, one.record_id, caller.unit, caller.device_id, batch_id, None, "unread", "",
                one.content, NO_APPROVAL, 0, None)  # fmt: skip
    return (
        one.version_id, one.record_id, caller.unit, caller.device_id, batch_id, body.parent, body.op,
        body.catalog, one.content, body.approval.id, body.approval.place, body.case_id,
    )  # fmt: skip


def _key(each: Judged, unit: str) -> Row:
    one = each.incoming
    return (one.version_id, unit, one.record_id, one.digest, each.receipt_no, each.verdict.outcome)


def _job(each: Judged, unit: str) -> Row:
    """A record goes through matching; a decision names its case and has no subject of its own."""
    body, named = each.incoming.body, each.incoming.subject
    assert body is not None
    step = "store" if body.op == "decide" else "match"
    whom = (named.kind, named.code, named.name) if named else (None, None, None)
    return (each.incoming.version_id, unit, step, *whom)


def _write_records(connection: Connection, caller: Caller, judged: Sequence[Judged], world: World) -> None:
    """Move the heads. Natural keys are let go before they are taken, whatever the order of the items."""
    accepted = {each.incoming.record_id for each in judged if each.verdict.outcome in TAKEN}
    ours = {each.incoming.record_id: world.records.get(each.incoming.record_id) for each in judged}
    states = {
        record_id: state
        for record_id, state in ours.items()
        if state is not None and state.unit == caller.unit
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
        (record_id, caller.unit, state.item, state.head, state.head_op, state.natural_key, caller.city,
         state.act.subject_code, state.act.on, state.act.key)
        for record_id, state in states.items()
        if not state.in_table
    ]  # fmt: skip
    insert_many(connection, record, RECORD, sorted(fresh))


def _columns(state: RecordState) -> dict[str, str | None]:
    return {
        "item": state.item,
        "head": state.head,
        "head_op": state.head_op,
        "natural_key": state.natural_key,
        "subject_code": state.act.subject_code,
        "act_on": state.act.on,
        "act_key": state.act.key,
    }
