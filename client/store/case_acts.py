"""Submit a decision on a case (办件) with the corrections that follow from it: one act, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from client.core.reasons import missing
from client.core.records import Draft, Submitted, evidence_of, reason_of
from client.core.workflow import ON_THE_DESK
from client.errors import NotAllowed
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import (
    is_of_decision,
    put_draft,
    read_draft,
    shown,
    state_of,
    without_empty,
    write_shown,
)
from client.store.review_rows import Act, frozen, put_review
from forms.catalog.check import check, unanswered
from forms.catalog.problems import Problem
from forms.seal.approval import MOST_DIGESTS
from forms.seal.content import Content


def submit_contents(desk: Desk, contents: Sequence[Content], *, title: str, case_id: str) -> Submitted:
    """Submit a decision and its corrections or withdrawals for review, as one act.

    A record that this desk has never held gets a row, so that its change can be followed like any other.

    Args:
        desk: the open desk; its operator is a handler, and becomes the maker.
        contents: op ``decide`` (its record is the case), ``correct`` or ``withdraw``; each with a reason.
        title: what the reviewer sees.
        case_id: of the case; every content names it.

    Returns:
        What was submitted; when anything stands in the way, nothing is, and `stopped` says what.

    Raises:
        NotAllowed: ``being_changed``: a record has another change under way; ``not_in_this_state``.
    """
    desk.require("decide")
    if not 0 < len(contents) <= MOST_DIGESTS or any(one.case_id != case_id for one in contents):
        raise ValueError("between 1 and 10,000 contents, all of the case")
    found = [(one.record_id, _standing(desk, one)) for one in contents]
    stopped = tuple((record_id, problems) for record_id, problems in found if problems)
    if stopped:
        return Submitted(None, (), (), stopped)
    act = Act(desk.new_id(), title, case_id=case_id)
    with desk.db.transaction() as tx:
        for content in contents:
            if content.op != "decide":
                _put_change(desk, tx, content)
        approval_id = put_review(desk, tx, act, [frozen(content) for content in contents])
        tx.execute("UPDATE case_decision SET state = 'in_review' WHERE case_id = ?", (case_id,))
        versions = [content.version_id for content in contents]
        desk.tell(tx, "decision_submitted", case_id, act=act.act_id, versions=versions)
    return Submitted(act.act_id, (approval_id,), tuple(one.record_id for one in contents), ())


def _standing(desk: Desk, content: Content) -> tuple[Problem, ...]:
    """Say what stands in the way of one content."""
    if content.op == "create" or (content.op == "decide") != (content.record_id == content.case_id):
        raise ValueError("a decision is about its case, anything else about a record that is there")
    if content.op == "decide":
        return () if content.reason and content.reason.get("code") else (Problem("", "reason_missing"),)
    lacks = missing(content.op, content.reason)
    standing = [Problem("", lacks)] if lacks else []
    if content.op == "correct":
        item = desk.catalogs.item(content.catalog)
        standing += unanswered(check(item, content.payload, reported_on=desk.today()), content.answers)
    return tuple(standing)


def _put_change(desk: Desk, tx: Connection, content: Content) -> None:
    """Let a draft in review stand for the change: its state is seen, a return has somewhere to go."""
    item = desk.catalogs.item(content.catalog)
    known = tx.value("SELECT 1 FROM record WHERE record_id = ?", (content.record_id,))
    before = read_draft(tx, content.record_id)
    if known is None:
        seen = shown(item, content.payload)
        tx.execute(
            "INSERT INTO record (record_id, item, created_at, subject_name, subject_code, doc_no, act_on,"
            " natural_key, changed_at) VALUES (?,?,?,?,?,?,?,?,?)",
            (
                content.record_id, item.code, desk.now(), seen.subject_name, seen.subject_code, seen.doc_no,
                seen.act_on, seen.natural_key, desk.now(),
            ),
        )  # fmt: skip
    else:
        _must_be_free(desk, tx, content, before)
    values = without_empty(content.payload)
    if content.op == "withdraw" and before is not None:
        values = dict(before.values)
    put_draft(tx, _in_review(desk, content, values))
    if values:
        write_shown(tx, content.record_id, item, values, desk.now())


def _must_be_free(desk: Desk, tx: Connection, content: Content, before: Draft | None) -> None:
    state = state_of(tx, content.record_id)
    if state in ON_THE_DESK:
        if (
            before is None
            or before.case_id != content.case_id
            or not is_of_decision(tx, content.record_id, content.case_id)
        ):
            raise NotAllowed("being_changed")
    elif state != "deleted":
        desk.require("change", state)


def _in_review(desk: Desk, content: Content, values: Mapping[str, object]) -> Draft:
    return Draft(
        record_id=content.record_id,
        catalog=content.catalog,
        op=content.op,
        base_version=content.parent,
        values=values,  # type: ignore[arg-type]  # a payload has the shapes of values
        answers=tuple(content.answers),
        reason=reason_of(content.reason),
        evidence=evidence_of(content.evidence),
        case_id=content.case_id,
        edit_state="in_review",
        errors=0,
        warnings=0,
        returned=False,
        owner=desk.operator.operator_id,
        saved_at=desk.now(),
        deleted_at=None,
    )
