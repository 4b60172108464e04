import json
from datetime import timedelta

import pytest

from client.errors import NotAllowed
from client.store import attachments, batches, outbox
from client.store.attachments import keep
from client.sync.plan import is_due


def due_ids(office):
    found = outbox.due(office.desk.db.reader(), office.clock(), is_due, limit=100)
    return [one.version_id for one in found]


def ids(contents):
    return [one.version_id for one in contents]


def test_nothing_is_cut_when_nothing_is_due(office):
    assert office.cut() is None


def test_legal_deadlines_go_first_then_corrections_then_new_records(office):
    new, correction = office.approved(2), office.approved(1, "correct", parent="p")
    withdrawal = office.approved(1, "withdraw", parent="p", payload={})

    assert due_ids(office) == ids([*withdrawal, *correction]) + sorted(ids(new), key=due_ids(office).index)


def test_what_hangs_on_an_unconfirmed_approval_waits(office):
    approval = office.approve(office.contents(2), confirmed=False)
    assert due_ids(office) == []
    assert outbox.approvals_to_put(office.desk.db.reader()) == [approval]

    outbox.confirm_approval(office.desk, approval)

    assert len(due_ids(office)) == 2
    assert outbox.approvals_to_put(office.desk.db.reader()) == []


def test_a_newer_version_of_a_record_waits_until_the_older_one_is_settled(office):
    (first,) = office.approved(1)
    (second,) = office.approved(1, "correct", record_id=first.record_id, parent=first.version_id)
    assert due_ids(office) == [first.version_id]

    cut = office.cut()

    assert due_ids(office) == []
    assert office.rows()[second.version_id]["state"] == "queued"
    assert cut.items == 1


def test_a_correction_waits_for_the_decision_that_it_carries_out(office):
    case_id = office.desk.new_id()
    decide = office.content("decide", record_id=case_id, parent="rev", catalog="CASE@1", case_id=case_id)
    correct = office.content("correct", parent="p", case_id=case_id)

    office.approve([decide, correct], case_id=case_id)

    assert due_ids(office) == [decide.version_id]


def test_a_refused_approval_blocks_what_hangs_on_it_and_flows_again_once_it_is_taken(office):
    approval = office.approve(office.contents(2), confirmed=False)

    outbox.refuse_approval(office.desk, approval, "checker_key_unknown")

    assert office.states() == ["blocked"] * 2
    assert {json.loads(row["last_problem"])["code"] for row in office.rows().values()} == {
        "checker_key_unknown"
    }
    assert outbox.approvals_to_put(office.desk.db.reader()) == [approval]
    outbox.confirm_approval(office.desk, approval)
    assert office.states() == ["queued"] * 2


def test_only_attachments_that_something_waits_for_are_sent(office):
    needed = keep(office.desk, [b"decision"], name="决定书.pdf", media_type="application/pdf")
    keep(office.desk, [b"other"], name="别的.pdf", media_type="application/pdf")
    (version,) = office.approved(1, "correct", parent="p", evidence=[needed.as_dict()])
    assert outbox.attachments_to_put(office.desk.db.reader()) == [needed.sha256]

    outbox.refuse_attachment(office.desk, needed.sha256, "attachment_damaged")

    assert json.loads(office.rows()[version.version_id]["last_problem"])["code"] == "attachment_damaged"
    assert office.states() == ["blocked"]
    assert outbox.attachments_to_put(office.desk.db.reader()) == [needed.sha256]
    outbox.confirm_attachment(office.desk, needed.sha256)
    assert office.states() == ["queued"]
    assert outbox.attachments_to_put(office.desk.db.reader()) == []


def test_a_person_releases_what_is_blocked_and_the_next_batch_names_the_one_given_up(office):
    (version,) = office.approved(1)
    cut = office.cut()
    batches.block(office.desk, cut.batch_id, "internal")
    assert office.states() == ["blocked"]

    outbox.release(office.desk, version.version_id)
    again = office.cut()

    body = json.loads(batches.frozen(office.desk.db.reader(), again.batch_id).body)
    assert body["void"] == [cut.batch_id]
    with pytest.raises(NotAllowed, match="not_blocked"):
        outbox.release(office.desk, version.version_id)


def test_a_held_version_comes_back_when_its_wait_is_over(office):
    (version,) = office.approved(1)
    office.cut()
    with office.desk.db.transaction() as tx:
        tx.execute(
            "UPDATE outbox SET state = 'held', batch_id = NULL, next_try_at = ?",
            ((office.clock() + timedelta(seconds=9)).isoformat(),),
        )
    assert due_ids(office) == []

    office.clock.go(10)

    assert due_ids(office) == [version.version_id]


def test_status_counts_versions_and_says_how_the_link_stands(office):
    office.approved(3)
    office.cut(1)

    said = outbox.status(office.desk.db.reader())

    assert set(said) == {
        "queued", "sent", "unknown", "held", "blocked", "accepted", "rejected", "last_contact", "next_try",
        "platform",
    }  # fmt: skip
    assert (said["queued"], said["sent"], said["accepted"]) == (2, 1, 0)
    assert said["platform"] == {
        "url": "http://127.0.0.1:1", "server_id": "platform-1", "down_since": None, "error": None,
    }  # fmt: skip
    assert outbox.waiting(office.desk.db.reader()) == 3


def test_evidence_of_the_platform_is_never_sent_back(office):
    fetched = attachments.keep(office.desk, [b"from the hall"], name="申请.pdf", media_type="application/pdf")
    outbox.confirm_attachment(office.desk, fetched.sha256)
    office.approved(1, "correct", parent="p", evidence=[fetched.as_dict()])

    assert outbox.attachments_to_put(office.desk.db.reader()) == []


def test_the_list_of_what_waits_begins_with_what_is_blocked_and_names_why(office):
    approval = office.approve(office.contents(1), confirmed=False)
    office.approved(2)
    outbox.refuse_approval(office.desk, approval, "checker_key_unknown")
    office.cut(1)

    rows = outbox.list_waiting(office.desk.db.reader())

    assert [row.state for row in rows] == ["blocked", "sent", "queued"]
    assert rows[0].problem == {"code": "checker_key_unknown", "of": "approval"}
    assert [row.problem for row in rows[1:]] == [None, None]
    assert len(outbox.list_waiting(office.desk.db.reader(), limit=2)) == 2
