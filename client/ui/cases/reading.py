"""What the page 异议 reads of one case: records, clocks, timeline, what stands beside. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from client.core.case_events import possible
from client.core.case_openings import Post
from client.core.cases import Case, Disputed
from client.core.events import event_of
from client.core.people import Operator
from client.core.records import VersionRow
from client.store import case_contents, case_posts, case_queue, cases, versions
from client.store.case_queue import QueueRow
from client.store.case_shown import Shown, posts_of
from client.store.desk import Desk
from client.store.profile import read_operators
from client.ui.cases import words
from client.ui.cases.clocks import CaseClocks, clocks_of
from client.ui.cases.side_pane import Beside
from client.ui.cases.timeline import Step, steps_of
from forms.catalog.check import check
from forms.catalog.problems import Problem
from forms.catalog.schema import Item, Value

MOST_EARLIER: Final = 50


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case with everything that the page shows.

    Attributes:
        row: its line of the queue.
        shown: own unconfirmed posts included.
        items: of the disputed records, in their order.
        steps: newest first.
        beside: of each record: as it stands, its document and its history on this desk.
        also: other cases about the same records; `earlier`: about the same subjects.
        refused: posts that the platform did not take, and nobody has looked at.
        can: kinds of events that this operator may say now.
        people: operators of the unit.
    """

    case: Case
    row: QueueRow
    shown: Shown
    items: tuple[Item, ...]
    steps: tuple[Step, ...]
    beside: tuple[Beside, ...]
    clocks: CaseClocks
    also: tuple[QueueRow, ...]
    earlier: tuple[QueueRow, ...]
    refused: tuple[Post, ...]
    can: tuple[str, ...]
    people: tuple[Operator, ...]
    today: date


def read_case(desk: Desk, case_id: str) -> CaseView:
    """Return one case; raises NotAllowed ``case_unknown``."""
    reader = desk.db.reader()
    case = cases.get(reader, case_id)
    row = case_queue.get(reader, case_id)
    assert row is not None, "a case is shown as soon as it is there"
    shown = case_posts.seen(desk, reader, case_id)
    people = read_operators(reader)
    names = {one.operator_id: one.name for one in people}
    items = tuple(desk.catalogs.item(record.catalog) for record in case.records)
    histories = [versions.history(reader, record.record_id) for record in case.records]
    history = [version for one in histories for version in one if version.case_id == case_id]
    history += versions.history(reader, case_id)
    also = case_queue.about_same_records(reader, case_id)
    known = {one.case_id for one in also}
    earlier = [
        one for one in case_queue.earlier(reader, case_id, limit=MOST_EARLIER) if one.case_id not in known
    ]
    return CaseView(
        case=case,
        row=row,
        shown=shown,
        items=items,
        steps=steps_of(case, shown, history, names),
        beside=tuple(map(_beside, case.records, items, histories, [names] * len(items))),
        clocks=clocks_of(desk, case, shown),
        also=tuple(also),
        earlier=tuple(earlier),
        refused=tuple(one for one in posts_of(reader, case_id) if one.state == "refused"),
        can=possible(shown.stage, desk.operator.roles, shown.kinds),
        people=tuple(people),
        today=desk.today(),
    )


def _beside(record: Disputed, item: Item, history: Sequence[VersionRow], names: Mapping[str, str]) -> Beside:
    source = next((v.evidence for v in history if v.version_id == record.version_id), ())
    events = tuple(event_of(version, names) for version in history)
    return Beside(item, record.values, source, events, tuple(one.attachment for one in record.evidence))


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
        if one.get("finding") not in words.CHANGES or one["record_id"] != record.record_id:
            continue
        if one.get("value") in (None, ""):
            values.pop(one["field"], None)
        else:
            values[one["field"]] = one["value"]
    return values


def missing(view: CaseView, payload: Mapping[str, Any]) -> str | None:
    """Say what a decision still lacks, in words; None when it is whole."""
    said = {(one["record_id"], one["field"]): one for one in payload.get("disputes", [])}
    if view.case.row.kind == "repair" and not payload.get("outcome"):
        return words.INCOMPLETE_OUTCOME
    for record, item in zip(view.case.records, view.items, strict=True):
        for dispute in record.disputes:
            lacks = _lacks(record, item, dispute.field, said.get((record.record_id, dispute.field), {}))
            if lacks is not None:
                return lacks
    return None if str(payload.get("text", "")).strip() else words.INCOMPLETE_TEXT


def _lacks(record: Disputed, item: Item, field: str, one: Mapping[str, Any]) -> str | None:
    title = title_of(item, field)
    finding = one.get("finding")
    if finding not in case_contents.FINDINGS:
        return words.INCOMPLETE.format(field=title)
    if finding in words.CHANGES and "value" not in one:
        return words.INCOMPLETE_VALUE.format(field=title)
    if finding in words.CHANGES and one["value"] == record.values.get(field):
        return words.SAME_VALUE.format(field=title)
    return None


def title_of(item: Item, field_id: str) -> str:
    """Return the title of a field; its id where the item does not know it."""
    field = item.by_id.get(field_id)
    return field.title if field is not None else field_id
