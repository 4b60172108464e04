"""Working copies (草稿): made, saved as typed, thrown away, brought back; changes begun."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from client.core.merge import Merged, Side
from client.core.reasons import ChangeOp
from client.core.records import Attachment, Draft, Reason, Saved
from client.core.workflow import RULES
from client.errors import NotAllowed
from client.store import merges
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import (
    answers_json,
    as_json,
    chunks,
    only,
    put_draft,
    read_draft,
    read_drafts,
    shown,
    state_of,
    states_of,
    touch,
    without_empty,
    write_shown,
)
from client.store.versions import draft_again, head, last_values
from forms.catalog.check import check, unanswered
from forms.catalog.problems import SAME_ACT, Answer, Problem
from forms.catalog.schema import Item, Values
from forms.seal.canonical import canonical, digest


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A record to be made, with what a check has found already; for imports.

    Attributes:
        problems: of `check`; None to have it checked here.
        import_row: row as the spreadsheet shows it.
    """

    values: Values
    answers: tuple[Answer, ...] = ()
    problems: Sequence[Problem] | None = None
    import_row: int | None = None


def create(
    desk: Desk,
    item_ref: str,
    values: Values | None = None,
    *,
    import_id: str | None = None,
    import_row: int | None = None,
) -> str:
    """Make a new record with a draft.

    Args:
        desk: the open desk.
        item_ref: ``CODE`` (in the current set) or ``CODE@SET``.
        values: what is known already.
        import_id: the import that it came with.
        import_row: row as the spreadsheet shows it.

    Returns:
        The new record's id.
    """
    new = NewDraft(values or {}, import_row=import_row)
    return create_many(desk, item_ref, [new], import_id=import_id)[0]


def create_many(
    desk: Desk, item_ref: str, drafts: Iterable[NewDraft], *, import_id: str | None = None
) -> list[str]:
    """Make many records of one item in one transaction (or in the caller's), with one audit entry.

    Returns:
        The new ids, in the order of `drafts`.
    """
    desk.require("create")
    item = desk.catalogs.item(item_ref)
    at, owner, ids = desk.now(), desk.operator.operator_id, []
    with desk.db.transaction() as tx:
        for piece in chunks(drafts):
            made = [(desk.new_id(), new, without_empty(new.values)) for new in piece]
            tx.executemany(
                "INSERT INTO record VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                (_record_row(item, record_id, new, values, import_id, at) for record_id, new, values in made),
            )
            tx.executemany(
                "INSERT INTO draft (record_id, catalog, op, payload, answers, edit_state, errors, warnings,"
                " owner, saved_at) VALUES (?,?,'create',?,?,?,?,?,?,?)",
                (
                    (record_id, item.ref, as_json(values), answers_json(new.answers),
                     *_verdict(desk, item, values, new), owner, at)
                    for record_id, new, values in made
                ),
            )  # fmt: skip
            ids += [record_id for record_id, _, _ in made]
        detail = {"item": item.ref, "count": len(ids), "ids_sha256": digest(canonical(ids))}
        desk.tell(tx, "drafts_created", import_id or (ids[0] if len(ids) == 1 else ""), **detail)
    return ids


def _record_row(
    item: Item, record_id: str, new: NewDraft, values: Values, import_id: str | None, at: str
) -> tuple[object, ...]:
    seen = shown(item, values)
    return (
        record_id, item.code, at, seen.subject_name, seen.subject_code, seen.doc_no, seen.act_on,
        seen.natural_key, import_id, new.import_row, at,
    )  # fmt: skip


def _verdict(desk: Desk, item: Item, values: Values, new: NewDraft) -> tuple[str, int, int]:
    problems = new.problems
    if problems is None:
        problems = check(item, values, reported_on=desk.today())
    return verdict(problems, new.answers)


def verdict(problems: Sequence[Problem], answers: Sequence[Answer]) -> tuple[str, int, int]:
    """Return edit_state, errors and unanswered warnings for what a check found."""
    standing = unanswered(problems, answers)
    errors = sum(problem.severity == "error" for problem in standing)
    return ("editing" if standing else "checked"), errors, len(standing) - errors


def save(desk: Desk, record_id: str, values: Values, answers: Sequence[Answer] | None = None) -> Saved:
    """Store the working copy as typed, right or wrong, and say what is wrong. One short transaction.

    Args:
        desk: the open desk.
        record_id: of a draft on the desk.
        values: all of them; a value that cannot be read stays as its text.
        answers: to warnings; None keeps those that are there.

    Raises:
        NotAllowed: the record is in review, on the way, accepted; or a withdrawal, which has no values.
    """
    values = without_empty(values)
    with desk.db.transaction() as tx:
        draft = _on_the_desk(desk, tx, record_id)
        if draft.op == "withdraw":
            raise NotAllowed("withdrawal_has_no_values")
        item = desk.catalogs.item(draft.catalog)
        kept = draft.answers if answers is None else tuple(answers)
        at = desk.now()
        merges.settle_typed(tx, draft, values, at)
        problems = [*check(item, values, reported_on=desk.today()), *merges.problems(tx, draft, item)]
        edit_state, errors, warnings = verdict(problems, kept)
        tx.execute(
            "UPDATE draft SET payload = ?, answers = ?, edit_state = ?, errors = ?, warnings = ?,"
            " saved_at = ? WHERE record_id = ?",
            (as_json(values), answers_json(kept), edit_state, errors, warnings, at, record_id),
        )
        write_shown(tx, record_id, item, values, at)
        desk.tell(tx, "draft_saved", record_id, errors=errors, warnings=warnings)
    return Saved(tuple(problems), at)


def _on_the_desk(desk: Desk, tx: Connection, record_id: str) -> Draft:
    desk.require("save", state_of(tx, record_id))
    draft = read_draft(tx, record_id)
    assert draft is not None  # the state says so
    return draft


def set_reason(desk: Desk, record_id: str, reason: Reason, evidence: Sequence[Attachment] = ()) -> None:
    """Say why a record is corrected or withdrawn, and by what evidence.

    Raises:
        NotAllowed: ``no_change``: a new record needs no reason.
    """
    with desk.db.transaction() as tx:
        draft = _on_the_desk(desk, tx, record_id)
        if draft.op == "create":
            raise NotAllowed("no_change")
        put_draft(tx, replace(draft, reason=reason, evidence=tuple(evidence), saved_at=desk.now()))
        touch(tx, [record_id], desk.now())
        desk.tell(tx, "reason_set", record_id, code=reason.code, evidence=[e.sha256 for e in evidence])


def begin_change(
    desk: Desk, record_id: str, op: ChangeOp, *, case_id: str | None = None, said: Values | None = None
) -> Merged | None:
    """Begin to correct (更正) or withdraw (撤销) what the platform has accepted.

    The parent is the version that the platform holds, as far as this desk has heard: another desk's too.

    Args:
        desk: the open desk.
        record_id: of the record.
        op: what is begun.
        case_id: the case that it answers, when no decision on it carries it out.
        said: what the record is to say, over what this desk has accepted of it; None: nothing is said yet.

    Returns:
        What was put together, where another desk's version came in between; else None.

    Raises:
        NotAllowed: ``not_in_this_state``; ``nothing_accepted``; ``withdrawn_already``; ``case_of_others``:
            the case is not about this record.
    """
    with desk.db.transaction() as tx:
        desk.require("change", state_of(tx, record_id))
        about = (case_id, record_id)
        if case_id and not tx.value("SELECT 1 FROM case_record WHERE case_id = ? AND record_id = ?", about):
            raise NotAllowed("case_of_others")
        seen = head(tx, record_id)
        if seen is None:
            raise NotAllowed("nothing_accepted")
        if seen.op == "withdraw":
            raise NotAllowed("withdrawn_already")
        values = seen.values if said is None else without_empty(said)
        draft = _change(desk, seen.catalog, record_id, op, seen.version_id, values, case_id)
        stands = tuple(answer for answer in seen.answers if answer.code == SAME_ACT)
        draft = replace(draft, answers=stands if op == "correct" else ())
        newer, merged = merges.newer_than(tx, seen), None
        if newer is not None:
            draft, merged = merges.put_together(tx, draft, newer)
        item = desk.catalogs.item(draft.catalog)
        put_draft(tx, draft if said is None else _judged(desk, tx, item, draft))
        write_shown(tx, record_id, item, draft.values, draft.saved_at)
        desk.tell(tx, "change_begun", record_id, op=op, parent=draft.base_version)
    return merged


def _change(
    desk: Desk, catalog: str, record_id: str, op: str, parent: str, values: Values, case_id: str | None
) -> Draft:
    return Draft(
        record_id=record_id, catalog=catalog, op=op, base_version=parent, values=values, answers=(),
        reason=None, evidence=(), case_id=case_id, edit_state="editing", errors=0, warnings=0, returned=False,
        owner=desk.operator.operator_id, saved_at=desk.now(), deleted_at=None,
    )  # fmt: skip


def open_rejected(desk: Desk, record_id: str, said: Values | None = None) -> Merged | None:
    """Make a rejected version a draft again; its parent stays what it was.

    One that came second (``stale``) is put together with what the platform holds now, which is its parent
    from then on. What both changed is left open; see `choose`.

    Args:
        desk: the open desk.
        record_id: of the record.
        said: what is to be said now, e.g. by a file; None: what the version said.

    Returns:
        What was put together; None for any other rejection.
    """
    with desk.db.transaction() as tx:
        desk.require("reopen", state_of(tx, record_id))
        merged = _reopen(desk, tx, record_id, said)
        desk.tell(tx, "rejected_reopened" if merged is None else "stale_merged", record_id)
    return merged


def choose(desk: Desk, record_id: str, field: str, side: Side) -> Saved:
    """Choose what a field says that two desks changed: ours or theirs. Typing another value is a choice too.

    Raises:
        NotAllowed: ``nothing_to_choose``; the record is no draft.
    """
    with desk.db.transaction() as tx:
        draft = _on_the_desk(desk, tx, record_id)
        values = merges.chosen(tx, draft, field, side, desk.now())
        desk.tell(tx, "merge_chosen", record_id, field=field, side=side)
        return save(desk, record_id, values)


def _reopen(desk: Desk, tx: Connection, record_id: str, said: Values | None = None) -> Merged | None:
    version_id = tx.value("SELECT version_id FROM record_state WHERE record_id = ?", (record_id,))
    draft = draft_again(desk, tx, version_id)
    if said is not None and draft.op != "withdraw":
        draft = replace(draft, values=without_empty(said))
    theirs, merged = merges.refused_as_stale(tx, version_id), None
    if theirs is not None:
        draft, merged = merges.put_together(tx, draft, theirs)
    item = desk.catalogs.item(draft.catalog)
    put_draft(tx, _judged(desk, tx, item, draft))
    write_shown(tx, record_id, item, draft.values, draft.saved_at)
    return merged


def _judged(desk: Desk, tx: Connection, item: Item, draft: Draft) -> Draft:
    """Return a draft with what a check finds in it; a withdrawal says nothing that could be wrong."""
    if draft.op == "withdraw":
        return draft
    problems = [*check(item, draft.values, reported_on=desk.today()), *merges.problems(tx, draft, item)]
    edit_state, errors, warnings = verdict(problems, draft.answers)
    return replace(draft, edit_state=edit_state, errors=errors, warnings=warnings)


def copy(desk: Desk, record_id: str) -> str:
    """Make a new record with the values of another; returns its id."""
    reader = desk.db.reader()
    desk.require("copy", state_of(reader, record_id))
    draft = read_draft(reader, record_id)
    if draft is not None:
        return create(desk, draft.catalog.partition("@")[0], draft.values)
    held = head(reader, record_id)
    if held is None or held.op == "withdraw":
        held = last_values(reader, record_id)
    if held is None:
        raise NotAllowed("record_unknown")
    return create(desk, held.catalog.partition("@")[0], held.values)


def delete(desk: Desk, ids: Sequence[str]) -> None:
    """Throw drafts away; `bring_back` undoes it. A rejected record is given up the same way.

    What the platform holds of a record stays as it is: a deleted change leaves the record unchanged.
    """
    at = desk.now()
    with desk.db.transaction() as tx:
        desk.require("delete")
        states = states_of(tx, ids)
        only(states, RULES["delete"].states, "delete")
        for record_id, state in states.items():
            if state == "rejected":
                _reopen(desk, tx, record_id)
        for piece in chunks(ids):
            tx.execute(
                "UPDATE draft SET deleted_at = ? WHERE record_id IN (SELECT value FROM json_each(?))",
                (at, as_json(piece)),
            )
            touch(tx, piece, at)
            for draft in read_drafts(tx, piece).values():
                _show_what_counts(desk, tx, draft, at)
        desk.tell(tx, "drafts_deleted", ids[0] if len(ids) == 1 else "", ids=list(ids))


def _show_what_counts(desk: Desk, tx: Connection, draft: Draft, at: str) -> None:
    """After a change was thrown away, lists show again what the platform holds."""
    held = head(tx, draft.record_id) if draft.op != "create" else None
    if held is not None:
        write_shown(tx, draft.record_id, desk.catalogs.item(held.catalog), held.values, at)


def bring_back(desk: Desk, ids: Sequence[str]) -> None:
    """Undo `delete`.

    Raises:
        NotAllowed: ``not_deleted``: there is no deleted draft of one of the records.
    """
    at = desk.now()
    with desk.db.transaction() as tx:
        desk.require("bring_back")
        only(states_of(tx, ids), RULES["bring_back"].states, "bring_back")
        for piece in chunks(ids):
            deleted = {i: d for i, d in read_drafts(tx, piece).items() if d.deleted_at is not None}
            if len(deleted) != len(set(piece)):
                raise NotAllowed("not_deleted")
            tx.execute(
                "UPDATE draft SET deleted_at = NULL WHERE record_id IN (SELECT value FROM json_each(?))",
                (as_json(piece),),
            )
            touch(tx, piece, at)
            for draft in deleted.values():
                if draft.op != "create":
                    write_shown(tx, draft.record_id, desk.catalogs.item(draft.catalog), draft.values, at)
        desk.tell(tx, "drafts_brought_back", ids[0] if len(ids) == 1 else "", ids=list(ids))
