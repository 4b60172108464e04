"""Review (复核): submit, take back, return, approve. A second person stands behind everything that leaves.

Submitting freezes the content of each version and signs the sorted list of digests; approving
signs the same list, less what was left out, and puts the versions into the outbox.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from client.core.reasons import missing
from client.core.records import Attachment, Draft, Submitted
from client.core.workflow import ON_THE_DESK
from client.errors import NotAllowed
from client.store import merges
from client.store.approvals import approve
from client.store.case_acts import submit_contents
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import chunks, is_of_decision, only, read_drafts, states_of
from client.store.review_rows import Act, Frozen, frozen, put_review, set_back, waiting_entries, write_notes
from forms.catalog.check import check, unanswered
from forms.catalog.nested import files_in
from forms.catalog.problems import SAME_ACT, Answer, Problem
from forms.catalog.schema import Item, Values
from forms.seal.approval import MOST_DIGESTS
from forms.seal.canonical import NotCanonical
from forms.seal.content import Content

__all__ = ["approve", "return_", "submit", "submit_contents", "take_back"]

Progress = Callable[[int], None]
"""Told how many records are done; raising inside it gives the whole act up."""


def _nothing(_done: int) -> None:
    """Progress that nobody looks at."""


# --- submit ---


def submit(
    desk: Desk,
    ids: Sequence[str],
    *,
    title: str,
    import_id: str | None = None,
    progress: Progress = _nothing,
) -> Submitted:
    """Submit drafts for review, as one act.

    Each is checked again as of today; one with problems is stopped and stays a draft, the others go.
    More than 10,000 become several approvals under one act.

    Args:
        desk: the open desk; its operator is the maker.
        ids: of drafts.
        title: what the reviewer sees.
        import_id: when the act is a whole import.
        progress: told now and then.

    Raises:
        NotAllowed: one of the records is no draft.
    """
    desk.require("submit")
    act, approvals = Act(desk.new_id(), title, import_id), list[str]()
    submitted, stopped = list[str](), list[tuple[str, tuple[Problem, ...]]]()
    with desk.db.transaction() as tx:
        good: list[Frozen] = []
        for piece in chunks(dict.fromkeys(ids)):
            only(states_of(tx, piece), ON_THE_DESK, "submit")
            drafts = read_drafts(tx, piece)
            for record_id in piece:
                found = _freeze(desk, tx, drafts[record_id])
                if isinstance(found, Frozen):
                    good.append(found)
                else:
                    stopped.append((record_id, found))
                if len(good) == MOST_DIGESTS:
                    approvals.append(put_review(desk, tx, act, good))
                    submitted += [entry.record_id for entry in good]
                    good = []
            progress(len(submitted) + len(good) + len(stopped))
        if good:
            approvals.append(put_review(desk, tx, act, good))
            submitted += [entry.record_id for entry in good]
        _mark_stopped(tx, stopped)
        desk.tell(tx, "submitted", act.act_id, approvals=approvals, stopped=len(stopped))
    return Submitted(act.act_id if approvals else None, tuple(approvals), tuple(submitted), tuple(stopped))


def _freeze(desk: Desk, tx: Connection, draft: Draft) -> Frozen | tuple[Problem, ...]:
    """Freeze the content of one version, or say what stands in the way."""
    if is_of_decision(tx, draft.record_id, draft.case_id):
        return (Problem("", "belongs_to_case"),)
    item = desk.catalogs.item(draft.catalog)
    standing = list[Problem]()
    answers = tuple[Answer, ...]()
    if draft.op != "create":
        lacks = missing(draft.op, draft.reason.as_dict() if draft.reason else None)
        standing += [Problem("", lacks)] if lacks else []
    if draft.op != "withdraw":
        problems = check(item, draft.values, reported_on=desk.today())
        standing += [*unanswered(problems, draft.answers), *merges.problems(tx, draft, item)]
        before = merges.known_values(tx, draft.record_id, draft.base_version)
        if draft.op == "correct" and draft.values == before:
            standing.append(Problem("", "nothing_changed"))
        answers = _still_asked(problems, draft.answers)
    if standing:
        return tuple(standing)
    content = Content(
        record_id=draft.record_id,
        version_id=desk.new_id(),
        parent=draft.base_version,
        op=draft.op,  # type: ignore[arg-type]  # the table holds these words only
        catalog=draft.catalog,
        item_sha256=item.digest,
        payload={} if draft.op == "withdraw" else draft.values,
        answers=answers,
        reason=draft.reason.as_dict() if draft.reason else None,
        evidence=with_files(draft.evidence, item, draft.values),
        case_id=draft.case_id,
    )
    try:
        return frozen(content)
    except NotCanonical:
        return (Problem("", "value_unwritable"),)


def with_files(evidence: Iterable[Attachment], item: Item, values: Values) -> list[dict[str, Any]]:
    """Return all files that a version leans on: what it names as evidence, and those in its fields."""
    found = {one.sha256: one.as_dict() for one in evidence}
    return list(({one["sha256"]: one for one in files_in(item, values)} | found).values())


def _still_asked(problems: Sequence[Problem], answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """Keep the answers to warnings that are there, and why two records are one act."""
    asked = {(p.path, p.code) for p in problems if p.answerable} | {("", SAME_ACT)}
    return tuple(answer for answer in answers if (answer.path, answer.code) in asked)


def _mark_stopped(tx: Connection, stopped: Iterable[tuple[str, tuple[Problem, ...]]]) -> None:
    tx.executemany(
        "UPDATE draft SET errors = ?, warnings = ?, edit_state = 'editing' WHERE record_id = ?",
        (
            (sum(p.severity == "error" for p in problems), sum(p.severity != "error" for p in problems), i)
            for i, problems in stopped
        ),
    )


# --- take back, return ---


def take_back(desk: Desk, ids: Sequence[str]) -> None:
    """Take submitted records back before they are approved. Only the maker may.

    An act that answers a case comes back whole.

    Raises:
        NotAllowed: ``not_the_maker``; ``not_in_this_state``.
    """
    with desk.db.transaction() as tx:
        desk.require("take_back")
        waiting = waiting_entries(tx, ids, "take_back")
        if any(row["maker"] != desk.operator.operator_id for row in waiting):
            raise NotAllowed("not_the_maker")
        set_back(tx, waiting, "taken_back", desk.now())
        desk.tell(tx, "taken_back", ids[0] if len(ids) == 1 else "", ids=list(ids))


def return_(desk: Desk, ids: Sequence[str], reason: str, field: str | None = None) -> None:
    """Send submitted records back to their maker, with the reason.

    An act that answers a case goes back whole.

    Args:
        desk: the open desk; its operator is a reviewer.
        ids: of records in review (of the case, for a decision).
        reason: what the maker will read.
        field: id of the field that it is about.

    Raises:
        NotAllowed: ``reason_missing``; ``not_in_this_state``; ``not_your_role``.
    """
    if not reason.strip():
        raise NotAllowed("reason_missing")
    with desk.db.transaction() as tx:
        desk.require("return")
        waiting, at = waiting_entries(tx, ids, "return"), desk.now()
        set_back(tx, waiting, "returned", at)
        write_notes(tx, waiting, at, desk.operator.operator_id, reason, field)
        desk.tell(tx, "returned", ids[0] if len(ids) == 1 else "", ids=list(ids), field=field)
