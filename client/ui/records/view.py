"""What the right side shows of one record: decided here, without a widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from client.core.merge import Open, Theirs, theirs_in
from client.core.people import Device
from client.core.records import Attachment, Draft, Reason, RecordDetail, VersionRow
from client.core.shown import catalog_of, draft_of, values_of
from client.core.workflow import ON_THE_DESK, Act, possible
from client.ui.records import words
from client.ui.theme import Tone
from forms.catalog.identifiers import judge
from forms.catalog.problems import Answer
from forms.catalog.schema import Item, Value
from forms.qt.notes import Remark

POINTER: Final = "#/payload/"


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence over the form."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record, as the form panel shows it.

    Attributes:
        record_id: None for a record that is not stored yet.
        catalog: ``XZCF_FR@2026.1``, or the bare code for a new one.
        before: what the platform holds, to mark what a correction changes; None when nothing is compared.
        editable: the values may be changed; `reason_editable`: reason and evidence may.
        acts: what this operator may do with it now.
        remarks: what the platform or a reviewer said of single fields.
        open: what another desk changed too, and a person has to choose.
        came_second: it was refused because another desk changed the record first.
    """

    record_id: str | None
    catalog: str
    state: str
    op: str
    values: Mapping[str, Value]
    answers: tuple[Answer, ...]
    before: Mapping[str, Value] | None
    reason: Reason | None
    evidence: tuple[Attachment, ...]
    editable: bool
    reason_editable: bool
    acts: frozenset[Act]
    notices: tuple[Notice, ...]
    remarks: tuple[Remark, ...]
    errors: int = 0
    warnings: int = 0
    open: tuple[Open, ...] = ()
    came_second: bool = False


def new_view(item: str, roles: frozenset[str], values: Mapping[str, Value] | None = None) -> RecordView:
    """Return the view of a record that is about to be written."""
    acts = possible(roles, "draft") & {"save", "submit"}
    return RecordView(
        record_id=None,
        catalog=item,
        state="draft",
        op="create",
        values=values or {},
        answers=(),
        before=None,
        reason=None,
        evidence=(),
        editable="save" in acts,
        reason_editable=False,
        acts=acts,
        notices=(),
        remarks=(),
    )


def known_of_us(item: Item, device: Device, today: date) -> dict[str, Value]:
    """Return what a new record can say of our own unit: its name, and its code where that is one."""
    found: dict[str, Value] = {}
    right = judge("uscc", device.unit_code, today=today).verdict == "ok"
    for field in item.fields:
        if field.appearance == "unit_name":
            found[field.id] = device.unit_name
        elif field.appearance == "unit_code" and right:
            found[field.id] = device.unit_code
    return found


def view_of(detail: RecordDetail, roles: frozenset[str]) -> RecordView:
    """Return the view of a stored record."""
    state = detail.row.state
    draft = draft_of(detail)
    newest = detail.versions[0] if detail.versions else None
    acts = set(possible(roles, state))
    if detail.draft is None or detail.draft.deleted_at is None:
        acts.discard("bring_back")
    if detail.head is None or detail.head.op == "withdraw":
        acts.discard("change")
    on_the_desk = state in ON_THE_DESK and "save" in acts
    op = draft.op if draft else newest.op if newest else detail.row.op
    changing = draft is not None and draft.op != "create"
    return RecordView(
        record_id=detail.row.record_id,
        catalog=catalog_of(detail),
        state=state,
        op=op,
        values=values_of(detail),
        answers=draft.answers if draft else (),
        before=_before(detail, draft) if changing and op == "correct" else None,
        reason=draft.reason if draft else newest.reason if newest else None,
        evidence=draft.evidence if draft else newest.evidence if newest else (),
        editable=on_the_desk and op != "withdraw",
        reason_editable=on_the_desk and changing,
        acts=frozenset(acts),
        notices=tuple(_notices(detail, draft, newest)),
        remarks=tuple(_remarks(detail, draft, newest)),
        errors=detail.row.errors,
        warnings=detail.row.warnings,
        open=detail.open if on_the_desk else (),
        came_second=state == "rejected" and newest is not None and theirs_in(newest.problem) is not None,
    )


def _theirs(draft: Draft | None, newest: VersionRow | None) -> Theirs | None:
    """What another desk said, where the draft is on top of that."""
    theirs = theirs_in(newest.problem) if newest is not None else None
    on_top = draft is not None and theirs is not None and draft.base_version == theirs.version_id
    return theirs if on_top else None


def _before(detail: RecordDetail, draft: Draft | None) -> Mapping[str, Value] | None:
    theirs = _theirs(draft, detail.versions[0] if detail.versions else None)
    if theirs is not None:
        return theirs.values
    return detail.head.values if detail.head else None


def _refused(draft: Draft | None, newest: VersionRow | None, state: str) -> VersionRow | None:
    """The version that the platform refused, while it still explains what is on the screen."""
    if newest is None or newest.outcome != "rejected" or newest.problem is None:
        return None
    return newest if state == "rejected" or (draft is not None and draft.deleted_at is None) else None


def _notices(detail: RecordDetail, draft: Draft | None, newest: VersionRow | None) -> list[Notice]:
    state = detail.row.state
    found: list[Notice] = []
    if state in PLAIN_NOTICES:
        found.append(PLAIN_NOTICES[state])
    refused = _refused(draft, newest, state)
    if _theirs(draft, newest) is not None:
        found.append(Notice(words.MERGED, "info"))
    elif refused is not None and refused.problem is not None:
        whole = _whole_record(refused.problem)
        found.append(Notice(words.PLATFORM_SAYS.format(text=whole) if whole else words.REJECTED, "bad"))
    if state in {"held", "blocked"} and newest is not None and newest.problem is not None:
        found.append(Notice(words.HELD.format(why=_detail(newest.problem)), "warn"))
    if draft is not None and draft.returned and detail.notes and detail.notes[0].field is None:
        found.append(Notice(words.RETURNED.format(reason=detail.notes[0].reason), "warn"))
    if draft is not None and draft.op == "withdraw" and state in ON_THE_DESK:
        found.append(Notice(words.WITHDRAWING, "info"))
    return found


PLAIN_NOTICES: Final[dict[str, Notice]] = {
    "in_review": Notice(words.IN_REVIEW, "info"),
    "queued": Notice(words.QUEUED, "info"),
    "sent": Notice(words.ON_THE_WAY, "info"),
    "unknown": Notice(words.ON_THE_WAY, "info"),
    "unmatched": Notice(words.UNMATCHED, "warn"),
    "deleted": Notice(words.DELETED_ONE, "info"),
}


def _remarks(detail: RecordDetail, draft: Draft | None, newest: VersionRow | None) -> list[Remark]:
    found: list[Remark] = []
    refused = _refused(draft, newest, detail.row.state)
    if refused is not None and refused.problem is not None:
        for error in refused.problem.get("errors", ()):
            field = _field(error.get("pointer", ""))
            tone = "bad" if error.get("severity", "error") == "error" else "warn"
            found.append(Remark(field, words.PLATFORM_SAYS.format(text=_detail(error)), tone))
    if draft is not None and draft.returned and detail.notes and detail.notes[0].field is not None:
        note = detail.notes[0]
        found.append(Remark(note.field or "", words.REVIEWER_SAYS.format(text=note.reason), "warn"))
    return found


def _field(pointer: str) -> str:
    return pointer.removeprefix(POINTER).partition("/")[0] if pointer.startswith(POINTER) else ""


def _detail(problem: Mapping[str, Any]) -> str:
    return str(
        problem.get("detail") or problem.get("title") or problem.get("code") or problem.get("type", "")
    )


def _whole_record(problem: Mapping[str, Any]) -> str:
    """What the platform said of the record as a whole; nothing when it named fields."""
    named = any(_field(error.get("pointer", "")) for error in problem.get("errors", ()))
    return "" if named else _detail(problem)
