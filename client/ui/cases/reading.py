"""What the page 异议 reads: the queue, and one case with its record and its timeline. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from client.core.cases import Case, CaseRow, Disputed
from client.core.events import event_of
from client.core.records import VersionRow
from client.store import case_contents, cases, versions
from client.store.desk import Desk
from client.store.profile import read_operators
from client.ui.cases import words
from client.ui.cases.side_pane import Beside
from client.ui.records.words import OPS, OUTBOX, OUTCOMES, STAGES
from forms.catalog.check import check
from forms.catalog.problems import Problem
from forms.catalog.schema import Item, Value

MOST_CASES = 500


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline. `at` is UTC text."""

    at: str
    text: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case with everything that the page shows.

    Attributes:
        items: of the disputed records, in their order.
        steps: newest first.
        beside: the record as it stands, its document and its history on this desk.
    """

    case: Case
    items: tuple[Item, ...]
    steps: tuple[Step, ...]
    beside: Beside


def read_queue(desk: Desk) -> list[CaseRow]:
    """Return the cases, what is to be done first."""
    return cases.list_cases(desk.db.reader(), limit=MOST_CASES)


def read_case(desk: Desk, case_id: str) -> CaseView:
    """Return one case."""
    reader = desk.db.reader()
    case = cases.get(reader, case_id)
    items = tuple(desk.catalogs.item(record.catalog) for record in case.records)
    histories = [versions.history(reader, record.record_id) for record in case.records]
    history = [version for one in histories for version in one if version.case_id == case_id]
    history += versions.history(reader, case_id)
    return CaseView(case, items, tuple(_steps(case, history)), _beside(desk, case, items[0], histories[0]))


def _beside(desk: Desk, case: Case, item: Item, history: Sequence[VersionRow]) -> Beside:
    record = case.records[0]
    source = next((v.evidence for v in history if v.version_id == record.version_id), ())
    names = {one.operator_id: one.name for one in read_operators(desk.db.reader())}
    events = [event_of(version, names) for version in history]
    return Beside(item, record.values, source, tuple(events))


def _steps(case: Case, history: Sequence[VersionRow]) -> list[Step]:
    applicant = case.applicant.get("name", "")
    steps = [Step(case.row.opened_at, words.EVENTS["opened"].format(name=applicant))]
    if case.decision is not None and case.decision.state == "editing":
        steps.append(Step(case.decision.saved_at, words.EVENTS["saved"]))
    for version in history:
        word = OPS.get(version.op, version.op)
        outcome = OUTCOMES.get(version.outcome or "", OUTBOX.get(version.outbox, ""))
        since = [one for one in (outcome, STAGES.get(version.stage or "", "")) if one]
        steps.append(Step(version.created_at, f"{word}通过复核（现在：{'，'.join(since)}）"))
    if case.decided is not None and case.decided.get("decided_at"):
        steps.append(Step(case.decided["decided_at"], words.EVENTS["decided"]))
    if case.row.closed_at:
        steps.append(Step(case.row.closed_at, words.EVENTS["closed"]))
    return sorted(steps, key=lambda step: step.at, reverse=True)


def standing(desk: Desk, view: CaseView, payload: Mapping[str, Any]) -> dict[str, tuple[Problem, ...]]:
    """Return what would stand in the way of each record as it would be corrected; also answered warnings."""
    return {
        record.record_id: tuple(check(item, corrected(record, payload), reported_on=desk.today()))
        for record, item in zip(view.case.records, view.items, strict=True)
    }


def corrected(record: Disputed, payload: Mapping[str, Any]) -> dict[str, Value]:
    """Return a record's values as the findings would have them."""
    values: dict[str, Value] = dict(record.values)
    for one in payload.get("disputes", []):
        if one.get("finding") != "correct_to" or one["record_id"] != record.record_id:
            continue
        if one.get("value") in (None, ""):
            values.pop(one["field"], None)
        else:
            values[one["field"]] = one["value"]
    return values


def missing(view: CaseView, payload: Mapping[str, Any]) -> str | None:
    """Say what a decision still lacks, in words; None when it is whole."""
    said = {(one["record_id"], one["field"]): one for one in payload.get("disputes", [])}
    for record, item in zip(view.case.records, view.items, strict=True):
        for dispute in record.disputes:
            title = title_of(item, dispute.field)
            one = said.get((record.record_id, dispute.field), {})
            if one.get("finding") not in case_contents.FINDINGS:
                return words.INCOMPLETE.format(field=title)
            if one["finding"] == "correct_to" and "value" not in one:
                return words.INCOMPLETE_VALUE.format(field=title)
            if one["finding"] == "correct_to" and one["value"] == record.values.get(dispute.field):
                return words.SAME_VALUE.format(field=title)
    return None if str(payload.get("text", "")).strip() else words.INCOMPLETE_TEXT


def title_of(item: Item, field_id: str) -> str:
    """Return the title of a field; its id where the item does not know it."""
    field = item.by_id.get(field_id)
    return field.title if field is not None else field_id
