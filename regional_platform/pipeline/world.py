"""What the database knows that the items of one batch are judged against, read in a few queries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, exists, or_, select

from forms.law.repairs import window
from regional_platform.approvals import Approved, approvals_of
from regional_platform.case_clocks import rules_of
from regional_platform.pipeline.incoming import NO_ACT, Act, Incoming
from regional_platform.receipts import read_checked
from regional_platform.store.among import among
from regional_platform.store.case_tables import case_record, case_revision, casefile
from regional_platform.store.identity import Identity
from regional_platform.store.tables import SAME_VERSION, attachment, record, version, version_key
from regional_platform.times import legal_day


class KnownVersion(NamedTuple):
    """A version id that was seen before."""

    unit: str
    record_id: str
    digest: str
    outcome: str
    receipt_no: str


class RecordState(NamedTuple):
    """A record: its owner and its last accepted version; `in_table` when it has a row already."""

    unit: str
    item: str
    head: str | None
    head_op: str | None
    natural_key: str | None
    in_table: bool
    act: Act = NO_ACT


@dataclass(frozen=True, slots=True)
class RepairState:
    """A request for repair: whether all that it needs is there, and from which day on it may be granted.

    Attributes:
        whole: the applicant has committed, the duties are fulfilled, and the day of publication is known.
        from_on: None when it may be granted today.
        clause: where that is written.
    """

    whole: bool
    from_on: str | None
    clause: str


@dataclass(frozen=True, slots=True)
class CaseState:
    """A case that the unit has, or that is about a record of the unit."""

    unit: str
    stage: str
    revision: str
    disputed: frozenset[tuple[str, str]]
    repair: RepairState | None


class World:
    """The state that items are judged against; it moves with every item that is accepted."""

    def __init__(
        self,
        connection: Connection,
        identity: Identity,
        unit: str,
        incoming: Sequence[Incoming],
        resources: Path,
        now: datetime,
    ) -> None:
        self._connection, self._resources, self._today = connection, resources, legal_day(now)
        self.unit = unit
        bodies = [one.body for one in incoming if one.body]
        ids = {one.version_id for one in incoming} | {body.parent for body in bodies if body.parent}
        keys = {one.natural_key for one in incoming if one.natural_key}
        files = frozenset().union(*(one.files for one in incoming))
        cases = {body.case_id for body in bodies if body.case_id}
        self.versions = self._versions(ids)
        self.records = self._records({one.record_id for one in incoming})
        self.by_key = self._by_key(keys)
        self.approvals: dict[str, Approved] = approvals_of(
            connection, unit, {body.approval.id for body in bodies}
        )
        self.attachments = self._attachments(files) if files else set()
        self.cases = self._cases(cases) if cases else {}
        self._accepted: dict[str, bytes] = {}
        again = {one.version_id for one in incoming} & self.versions.keys()
        self.receipts = read_checked(connection, identity, again)
        """Version → the receipt that was given for it, byte for byte; final ones only."""
        self.taken = _taken(connection, ids) if cases else set()
        """Those ids of versions that some change of a case bears already."""
        self.decided: set[str] = set()
        """Versions of decisions that were accepted; each is the new revision of its case."""

    def head_of(self, record_id: str) -> dict[str, Any] | None:
        """The head of a record with its payload, for someone who edited an older one."""
        head = self.records[record_id].head
        if head is None:
            return None
        content = self._accepted.get(head)
        if content is None:
            wanted = (
                select(version.c.content)
                .join(version_key, SAME_VERSION)
                .where(version_key.c.version_id == head)
            )
            content = self._connection.execute(wanted).scalar_one()
        said = json.loads(content)
        return {name: said[name] for name in ("version_id", "op", "catalog", "payload")}

    def take(self, one: Incoming, outcome: str, number: str) -> None:
        """Move on: `one` was judged, and later items of the batch see it."""
        self.versions[one.version_id] = KnownVersion(self.unit, one.record_id, one.digest, outcome, number)
        body = one.body
        if body is not None and body.op == "decide":
            if outcome.startswith("accepted"):
                self.decided.add(one.version_id)
                self.cases[one.record_id] = replace(
                    self.cases[one.record_id], stage="decided", revision=one.version_id
                )
            return
        known = self.records.get(one.record_id)
        if body is None or not outcome.startswith("accepted"):
            fresh = RecordState(self.unit, one.item_code, None, None, None, in_table=False)
            self.records[one.record_id] = known or fresh
            return
        if known is not None and known.natural_key:
            self.by_key.pop(known.natural_key, None)
        if one.natural_key:
            self.by_key[one.natural_key] = one.record_id
        self._accepted[one.version_id] = one.content
        self.records[one.record_id] = RecordState(
            unit=self.unit if known is None else known.unit,
            item=one.item_code if known is None or known.head is None else known.item,
            head=one.version_id,
            head_op=body.op,
            natural_key=one.natural_key,
            in_table=known is not None and known.in_table,
            act=known.act.withdrawn() if known is not None and body.op == "withdraw" else one.act,
        )

    def _versions(self, ids: Iterable[str]) -> dict[str, KnownVersion]:
        rows = self._connection.execute(select(version_key).where(among(version_key.c.version_id, ids)))
        return {
            row.version_id: KnownVersion(
                row.unit, row.record_id, row.content_sha256, row.outcome, row.receipt_no
            )
            for row in rows
        }

    def _records(self, ids: Iterable[str]) -> dict[str, RecordState]:
        rows = self._connection.execute(select(record).where(among(record.c.record_id, ids)))
        return {
            row.record_id: RecordState(
                row.unit,
                row.item,
                row.head,
                row.head_op,
                row.natural_key,
                in_table=True,
                act=Act(row.subject_code, row.act_on, row.act_key),
            )
            for row in rows
        }

    def _by_key(self, keys: Iterable[str]) -> dict[str, str]:
        rows = self._connection.execute(
            select(record.c.natural_key, record.c.record_id).where(
                record.c.unit == self.unit, among(record.c.natural_key, keys)
            )
        )
        return {row.natural_key: row.record_id for row in rows}

    def _cases(self, ids: Iterable[str]) -> dict[str, CaseState]:
        supplied = (
            exists()
            .where(case_record.c.case_id == casefile.c.case_id, record.c.record_id == case_record.c.record_id)
            .where(record.c.unit == self.unit)
        )
        rows = self._connection.execute(
            select(casefile).where(casefile.c.case_id.in_(ids), or_(casefile.c.unit == self.unit, supplied))
        )
        return {
            row.case_id: CaseState(row.unit, row.stage, row.revision, _disputed(row), self._repair(row))
            for row in rows
        }

    def _repair(self, row: Row[Any]) -> RepairState | None:
        """When a repair may be granted, by the rules of the city of the unit that has it."""
        said = json.loads(row.opening)
        if said["repair"] is None:
            return None
        repair, taken_in_on = said["repair"], legal_day(datetime.fromisoformat(said["taken_in_at"]))
        rules = rules_of(self._connection, self._resources, row, taken_in_on).provider
        period = rules.period(repair["severity"])
        whole = bool(repair["committed"] and repair["published_on"] and repair["fulfilled_on"])
        if period is None or not whole:
            return RepairState(whole, None, "")
        began, fulfilled = (date.fromisoformat(repair[name]) for name in ("published_on", "fulfilled_on"))
        from_on = window(period, began, fulfilled, self._today).from_on
        early = from_on is not None and from_on > self._today
        return RepairState(whole, str(from_on) if early else None, period.clause)

    def _attachments(self, files: Iterable[str]) -> set[str]:
        mine = select(attachment.c.sha256).where(
            attachment.c.unit == self.unit, among(attachment.c.sha256, files)
        )
        return set(self._connection.execute(mine).scalars())


def _taken(connection: Connection, ids: Iterable[str]) -> set[str]:
    known = select(case_revision.c.revision).where(among(case_revision.c.revision, ids))
    return set(connection.execute(known).scalars())


def _disputed(row: Row[Any]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (one["record_id"], dispute["field"])
        for one in json.loads(row.opening)["records"]
        for dispute in one["disputes"]
    )
