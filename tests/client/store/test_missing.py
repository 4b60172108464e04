import json

import pytest

from client.store import attachments, audit, link, missing, outbox, receipts


@pytest.fixture
def restored(office):
    """A desk whose platform took five versions and rejected a sixth, and was restored from a backup."""
    contents = office.approved(6)
    cut = office.cut()
    answers = [office.receipt(one) for one in contents[:5]]
    answers.append(office.receipt(contents[5], "rejected", problem={"type": "urn:minxin:problem:stale"}))
    answer(office, cut.batch_id, *answers)
    link.adopt_epoch(office.desk, "e2")
    office.contents_of_before = contents
    return office


def answer(office, batch_id, *said):
    return receipts.apply(office.desk, office.answer(batch_id, *said), retry_in_s=lambda _tries: 1.0)


def first_receipts(office):
    rows = office.desk.db.reader().execute("SELECT version_id, raw FROM receipt_said LIMIT 100").fetchall()
    return {row["version_id"]: row["raw"] for row in rows}


def test_what_was_accepted_is_asked_about_page_by_page_in_the_order_of_approval(restored):
    reader = restored.desk.db.reader()
    ids = [one.version_id for one in restored.contents_of_before]

    first = missing.accepted_after(reader, link.asked_up_to(reader), limit=3)
    second = missing.accepted_after(reader, first.up_to, limit=3)
    third = missing.accepted_after(reader, second.up_to, limit=3)

    assert [len(page.version_ids) for page in (first, second)] == [3, 2]
    assert {*first.version_ids, *second.version_ids} == set(ids[:5])
    assert third == missing.Accepted((), None)


def test_what_is_missing_is_queued_under_its_ids_and_the_first_receipts_stay(restored):
    ids = [one.version_id for one in restored.contents_of_before]
    before = first_receipts(restored)

    assert missing.queue_again(restored.desk, ids[1:3], 3) == 2

    queued = {one for one, row in restored.rows().items() if row["state"] == "queued"}
    assert queued == set(ids[1:3])
    assert first_receipts(restored) == before
    assert len(outbox.approvals_to_put(restored.desk.db.reader())) == 1
    assert link.asked_up_to(restored.desk.db.reader()) == 3
    assert missing.queue_again(restored.desk, (), None) == 0
    assert link.asked_up_to(restored.desk.db.reader()) is None
    assert audit.verify(restored.desk.db.reader()).holds


def test_evidence_of_what_is_missing_is_handed_over_again(office):
    paper = attachments.keep(office.desk, [b"decision"], name="决定书.pdf", media_type="application/pdf")
    (one,) = office.approved(1, "correct", parent="p", evidence=[paper.as_dict()])
    outbox.confirm_attachment(office.desk, paper.sha256)
    answer(office, office.cut().batch_id, office.receipt(one))
    link.adopt_epoch(office.desk, "e2")

    missing.queue_again(office.desk, [one.version_id], 1)

    assert outbox.attachments_to_put(office.desk.db.reader()) == [paper.sha256]


def test_who_is_accepted_again_leaves_the_outbox_with_the_first_receipt(restored):
    one = restored.contents_of_before[0]
    before = first_receipts(restored)
    missing.queue_again(restored.desk, [one.version_id], None)
    outbox.confirm_approval(restored.desk, outbox.approvals_to_put(restored.desk.db.reader())[0])

    answer(restored, restored.cut().batch_id, restored.receipt(one))

    assert set(restored.states()) == {"done"}
    assert first_receipts(restored) == before


def test_what_is_not_accepted_a_second_time_is_set_aside_with_the_platforms_reason(restored):
    one = restored.contents_of_before[0]
    before = first_receipts(restored)
    missing.queue_again(restored.desk, [one.version_id], None)
    outbox.confirm_approval(restored.desk, outbox.approvals_to_put(restored.desk.db.reader())[0])
    cut = restored.cut()
    refused = restored.receipt(one, "rejected", problem={"type": "urn:minxin:problem:catalog-retired"})

    answer(restored, cut.batch_id, refused)

    row = restored.rows()[one.version_id]
    assert (row["state"], json.loads(row["last_problem"])["code"]) == ("blocked", "catalog_retired")
    assert first_receipts(restored) == before


def test_a_version_that_was_lost_waits_while_a_newer_one_of_its_record_is_on_its_way(restored):
    one = restored.contents_of_before[0]
    (newer,) = restored.approved(1, "correct", record_id=one.record_id, parent=one.version_id)
    on_its_way = restored.cut()
    missing.queue_again(restored.desk, [one.version_id], None)
    outbox.confirm_approval(restored.desk, outbox.approvals_to_put(restored.desk.db.reader())[0])
    assert restored.cut() is None

    held = restored.receipt(newer, "held", problem={"type": "urn:minxin:problem:parent-unknown"})
    answer(restored, on_its_way.batch_id, held)

    assert restored.cut().items == 1
    assert restored.rows()[one.version_id]["state"] == "sent"
