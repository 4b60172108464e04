"""Questions of the platform as they were last told, and the sendings of a batch."""

from __future__ import annotations

from typing import Any

import pytest

from client.core.answers import FeedItem
from client.core.questions import Question, read_questions
from client.store import batches, feed, outbox, questions, receipts

AT = "2026-11-24T08:00:02.000Z"


def a_question(n: int = 1, **other: Any) -> Question:
    said = {
        "version_id": f"v{n}", "record_id": f"r{n}", "unit": "350200-01", "item": "XZCF_FR",
        "cause": "rejected", "problem": "field-invalid", "state": "open", "since_at": AT, "changed_at": AT,
        "changed_by": None, "reason": None,
    }  # fmt: skip
    return Question(**said | other)


def as_told(one: Question) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Question.__slots__}


def states(office) -> dict[str, str]:
    rows = questions.list_questions(
        office.desk.db.reader(), states=("open", "ignored", "corrected", "settled")
    )
    return {row.question.version_id: row.question.state for row in rows}


def test_what_the_feed_tells_of_questions_is_kept_and_counted(office):
    told = [as_told(a_question(1)), as_told(a_question(2, state="settled")), {"version_id": "half"}]
    feed.apply(office.desk, office.page(FeedItem(1, "question.changed", AT, {"questions": told})))
    reader = office.desk.db.reader()

    assert states(office) == {"v1": "open", "v2": "settled"}
    assert questions.counts(reader) == {"open": 1, "corrected": 0, "ignored": 0, "settled": 1}
    assert questions.seen_at(reader) is not None
    assert questions.doubtful(reader) == 0
    questions.keep(office.desk, [a_question(3, cause="unmatched")])
    assert questions.doubtful(reader) == 1


def test_an_older_word_that_comes_late_changes_nothing(office):
    newer = a_question(1, state="ignored", changed_at="2026-11-24T09:00:00.000Z", reason="重名")
    questions.keep(office.desk, [newer])
    questions.keep(office.desk, [a_question(1)])

    assert states(office) == {"v1": "ignored"}


@pytest.mark.parametrize("said", [None, {}, [1], [{"version_id": 1}]])
def test_what_is_no_question_is_left_out(said):
    assert read_questions(said) == []


def test_every_sending_of_a_batch_is_kept_with_what_came_of_it(office):
    content, _ = office.approved(2)
    batch = office.cut()
    desk, reader = office.desk, office.desk.db.reader()
    for code in ("timeout", "truncated"):
        batches.mark_sending(desk, batch.batch_id)
        batches.mark_unknown(desk, batch.batch_id, code)
    batches.mark_sending(desk, batch.batch_id)
    batches.note_refusal(desk, batch.batch_id, "internal")
    batches.mark_sending(desk, batch.batch_id)
    assert [(one.n, one.code) for one in batches.tries_of(reader, batch.batch_id)] == [
        (4, None), (3, "internal"), (2, "truncated"), (1, "timeout"),
    ]  # fmt: skip

    receipts.apply(
        desk, office.answer(batch.batch_id, office.receipt(content)), retry_in_s=lambda _tries: 1.0
    )
    newest = batches.tries_of(reader, batch.batch_id)[0]
    assert (newest.n, newest.code) == (4, "answered")
    assert newest.ended_at is not None


def test_what_waits_is_found_by_state_and_by_number(office):
    office.approved(3)
    office.cut(1)
    reader = office.desk.db.reader()

    assert len(outbox.list_waiting(reader, states=("queued",))) == 2
    assert len(outbox.list_waiting(reader, states=("sent", "queued"))) == 3
    assert outbox.list_waiting(reader, text="无此文书") == []
