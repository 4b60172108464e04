"""What the reviewer sees of an act, read in one go. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from client.core.records import (
    ActEntry,
    ActRow,
    Attachment,
    Reason,
    ReviewNote,
    answers_of,
    evidence_of,
    reason_of,
)
from client.store import act_sums, acts, cases, import_files, records, versions
from client.store.act_sums import Sums, Which
from client.store.desk import Desk
from client.ui.cases.dispute_rows import as_words
from forms.catalog.check import check
from forms.catalog.problems import Answer, Problem
from forms.catalog.schema import Item, Values

SUMS = (
    "来自 {file}：读取 {read:,} = 新增 {created:,} + 更新 {updated:,} + 更正 {corrected:,}"
    " + 跳过 {skipped:,} + 有误 {faulty:,}"
)
STANDS = "维持"
CORRECT_TO = "更正为 {value}"

EVERYTHING = Which()

MOST_ENTRIES = 1_000
"""Entries of an act that the list shows; the sums cover all of it, and so does approving."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One disputed field of a decision, and what the handler found."""

    title: str
    before: str
    finding: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry with everything that a reviewer wants beside it.

    Attributes:
        item: None for a decision on a case.
        before: values that the platform holds, for a correction or a withdrawal.
        problems: answered warnings, shown beside their fields.
        text: the conclusion of a decision.
    """

    entry: ActEntry
    item: Item | None
    values: Values
    before: Values | None
    reason: Reason | None
    evidence: tuple[Attachment, ...]
    problems: tuple[Problem, ...] = ()
    answers: tuple[Answer, ...] = ()
    notes: tuple[ReviewNote, ...] = ()
    findings: tuple[Finding, ...] = ()
    text: str = ""


def read_acts(desk: Desk) -> list[ActRow]:
    """Return the acts that wait, oldest first."""
    return acts.acts_waiting(desk.db.reader())


@dataclass(frozen=True, slots=True)
class ActView:
    """One act as the lists show it.

    Attributes:
        entries: what still waits, decisions first, at most `MOST_ENTRIES`.
        sums: of the import that it is, in words; empty when it is none.
        totals: sums over all that waits of it.
        found: entries that were wanted, listed or not.
        seen: versions that this reviewer looked at in a sample.
    """

    act: ActRow
    entries: tuple[ActEntry, ...]
    sums: str
    totals: Sums
    found: int
    seen: frozenset[str]

    @property
    def looked(self) -> int:
        """How many of the listed entries were looked at."""
        return sum(entry.version_id in self.seen for entry in self.entries)


def read_act(desk: Desk, act: ActRow, which: Which = EVERYTHING, known: ActView | None = None) -> ActView:
    """Return one act with its sums and the entries that are wanted.

    Args:
        desk: the open desk.
        act: the act.
        which: entries.
        known: the view before, whose sums still hold when nothing has left the act.
    """
    reader = desk.db.reader()
    found = act_sums.find(desk, act, which, limit=MOST_ENTRIES)
    entries = found.entries
    same = known is not None and (known.act.act_id, known.act.waiting) == (act.act_id, act.waiting)
    totals = known.totals if known is not None and same else act_sums.sums_of(desk, act)
    named = [
        replace(entry, subject_name=cases.get(reader, entry.record_id).row.subject_name)
        if entry.op == "decide"
        else entry
        for entry in entries
    ]
    sums = ""
    if act.import_id is not None:
        one = import_files.get(reader, act.import_id)
        sums = SUMS.format(
            file=one.file_name, read=one.rows_read, created=one.created, updated=one.updated,
            corrected=one.corrected, skipped=one.skipped, faulty=one.faulty,
        )  # fmt: skip
    seen = act_sums.seen(reader, act.act_id, desk.operator.operator_id)
    decisions_first = tuple(sorted(named, key=lambda entry: entry.op != "decide"))
    return ActView(act, decisions_first, sums, totals, found.count, seen)


def read_entry(desk: Desk, entry: ActEntry) -> EntryView:
    """Return one entry with its surroundings."""
    said = entry.content
    reason, evidence = reason_of(said["reason"]), evidence_of(said["evidence"])
    reader = desk.db.reader()
    if entry.op == "decide":
        return _decision(desk, entry, reason)
    item = desk.catalogs.item(said["catalog"])
    values: Values = said["payload"]
    before: Values | None = None
    if entry.op != "create":
        held = versions.head(reader, entry.record_id)
        if held is not None:
            before = held.values
        elif said["case_id"] is not None:
            # This desk never held the record: the case tells what the platform holds.
            held_then = cases.get(reader, said["case_id"]).records
            before = next((one.values for one in held_then if one.record_id == entry.record_id), None)
    answers = answers_of(said["answers"])
    problems: Sequence[Problem] = ()
    if entry.op != "withdraw":
        problems = check(item, values, reported_on=desk.today())
    detail = records.get(reader, entry.record_id)
    return EntryView(
        entry=entry,
        item=item,
        values=values if entry.op != "withdraw" else before or {},
        before=before if entry.op == "correct" else None,
        reason=reason,
        evidence=evidence,
        problems=tuple(problems),
        answers=answers,
        notes=detail.notes,
    )


def _decision(desk: Desk, entry: ActEntry, reason: Reason | None) -> EntryView:
    case = cases.get(desk.db.reader(), entry.record_id)
    items = {one.record_id: desk.catalogs.item(one.catalog) for one in case.records}
    old = {(one.record_id, said.field): said.old for one in case.records for said in one.disputes}
    findings = []
    for one in entry.content["payload"]["disputes"]:
        field = items[one["record_id"]].by_id[one["field"]]
        found = STANDS
        if one["finding"] == "correct_to":
            found = CORRECT_TO.format(value=as_words(field, one["value"]))
        before = as_words(field, old.get((one["record_id"], field.id)))
        findings.append(Finding(field.title, before, found))
    return EntryView(
        entry=entry,
        item=None,
        values={},
        before=None,
        reason=reason,
        evidence=tuple(one.attachment for record in case.records for one in record.evidence),
        findings=tuple(findings),
        text=entry.content["payload"]["text"],
    )


def changed_fields(view: EntryView) -> list[str]:
    """Return the ids of fields that a correction changes."""
    if view.before is None or view.item is None:
        return []
    before: Mapping[str, Any] = view.before
    return [field.id for field in view.item.fields if before.get(field.id) != view.values.get(field.id)]
