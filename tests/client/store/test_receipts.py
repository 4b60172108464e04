import json

import pytest

from client.errors import LinkError
from client.store import attachments, batches, feed, link, outbox, receipts
from tests.client.sync.office import a_problem, a_stage


def apply(office, batch_id, *answers):
    return receipts.apply(
        office.desk, office.answer(batch_id, *answers), retry_in_s=lambda tries: 2.0 * tries
    )


def kept(office):
    rows = (
        office.desk.db.reader().execute("SELECT version_id, stage, outcome FROM receipt LIMIT 100").fetchall()
    )
    return {(row["version_id"], row["stage"]): row["outcome"] for row in rows}


def test_a_final_receipt_is_kept_and_its_version_leaves_the_outbox(office):
    good, bad = office.approved(2)
    cut = office.cut()

    applied = apply(
        office,
        cut.batch_id,
        office.receipt(good),
        office.receipt(bad, "rejected", problem=a_problem("field-invalid")),
    )

    assert (applied.accepted, applied.rejected, applied.held, applied.unknown) == (1, 1, 0, 0)
    assert office.states() == ["done", "done"]
    assert kept(office) == {(good.version_id, "checked"): "accepted", (bad.version_id, "checked"): "rejected"}
    assert batches.open_batches(office.desk.db.reader()) == []
    said = outbox.status(office.desk.db.reader())
    assert (said["accepted"], said["rejected"]) == (1, 1)


def test_of_a_receipt_only_what_follows_from_nothing_else_is_kept_and_it_is_told_byte_for_byte(office):
    good, bad = office.approved(2)
    cut, told = office.cut(), [office.receipt(good)]
    told.append(office.receipt(bad, "rejected", problem=a_problem("field-invalid")))

    apply(office, cut.batch_id, *told)

    reader = office.desk.db.reader()
    bare = [row["version_id"] for row in reader.execute("SELECT version_id FROM receipt WHERE raw IS NULL")]
    assert bare == [good.version_id]
    said = {
        row["version_id"]: row["raw"] for row in reader.execute("SELECT version_id, raw FROM receipt_said")
    }
    assert said == {one.version_id: one.raw for one in told}


def test_the_same_answer_again_changes_nothing(office):
    (one,) = office.approved(1)
    cut, receipt = office.cut(), office.receipt(one)
    apply(office, cut.batch_id, receipt)
    before = office.rows()

    apply(office, cut.batch_id, receipt)

    assert office.rows() == before


def test_held_versions_come_back_with_the_reason_and_after_a_while(office):
    (one,) = office.approved(1)
    cut = office.cut()

    applied = apply(office, cut.batch_id, office.receipt(one, "held", problem=a_problem("parent-unknown")))

    assert applied.held == 1
    row = office.rows()[one.version_id]
    assert (row["state"], row["batch_id"], row["next_try_at"]) == ("held", None, "2026-11-24T08:00:02.000Z")
    assert json.loads(row["last_problem"])["type"] == "urn:minxin:problem:parent-unknown"
    assert kept(office) == {}


def test_an_approval_that_the_platform_lacks_is_handed_over_anew(office):
    (one,) = office.approved(1)
    cut = office.cut()

    apply(office, cut.batch_id, office.receipt(one, "held", problem=a_problem("approval-unknown")))

    assert len(outbox.approvals_to_put(office.desk.db.reader())) == 1


def test_an_attachment_that_the_platform_lacks_is_handed_over_anew(office):
    file = attachments.keep(office.desk, [b"x"], name="a.pdf", media_type="application/pdf")
    (one,) = office.approved(1, "correct", parent="p", evidence=[file.as_dict()])
    outbox.confirm_attachment(office.desk, file.sha256)
    cut = office.cut()

    problem = a_problem("attachment-missing", missing=[file.sha256])
    apply(office, cut.batch_id, office.receipt(one, "held", problem=problem))

    assert outbox.attachments_to_put(office.desk.db.reader()) == [file.sha256]


def test_what_an_answer_leaves_out_is_unknown_and_goes_into_another_batch(office):
    one, other = office.approved(2)
    cut = office.cut()

    applied = apply(office, cut.batch_id, office.receipt(one))

    assert applied.unknown == 1
    assert office.rows()[other.version_id]["state"] == "unknown"
    assert office.cut() is None
    office.clock.go(3)
    again = office.cut()
    assert list(batches.frozen(office.desk.db.reader(), again.batch_id).versions) == [other.version_id]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"outcome": "rejected"}, id="another outcome"),
        pytest.param({"receipt_no": "XM-999"}, id="another number"),
    ],
)
def test_a_second_receipt_that_contradicts_the_first_is_refused_and_changes_nothing(office, change):
    (one,) = office.approved(1)
    cut = office.cut()
    apply(office, cut.batch_id, office.receipt(one))
    before = kept(office)

    with pytest.raises(LinkError, match="receipt_conflict"):
        feed.apply(office.desk, office.page(a_stage(1, office.receipt(one, **change))))

    assert kept(office) == before
    assert link.link(office.desk.db.reader()).cursor == 0


@pytest.mark.parametrize("change", [{"content_sha256": "ab" * 32}, {"record_id": "another"}])
def test_a_receipt_for_another_content_is_refused(office, change):
    (one,) = office.approved(1)
    cut = office.cut()

    with pytest.raises(LinkError, match="receipt_conflict"):
        apply(office, cut.batch_id, office.receipt(one, **change))

    assert office.states() == ["sent"]


def test_after_a_restore_of_the_platform_the_first_receipt_stays_and_the_feed_goes_on(office):
    (one,) = office.approved(1)
    cut = office.cut()
    apply(office, cut.batch_id, office.receipt(one))
    link.adopt_epoch(office.desk, "e2")

    feed.apply(office.desk, office.page(a_stage(1, office.receipt(one)), epoch="e2"))

    assert kept(office) == {(one.version_id, "checked"): "accepted"}
    assert link.link(office.desk.db.reader()).cursor == 1


def test_stages_come_down_the_feed_in_any_company(office):
    (one,) = office.approved(1)
    stranger = office.content()
    cut = office.cut()
    apply(office, cut.batch_id, office.receipt(one))

    feed.apply(
        office.desk,
        office.page(
            a_stage(1, office.receipt(stranger, stage="stored")),
            a_stage(2, office.receipt(one, stage="matched")),
            a_stage(3, office.receipt(one, stage="stored")),
        ),
    )

    assert set(kept(office)) == {(one.version_id, stage) for stage in ("checked", "matched", "stored")}


def test_what_follows_a_version_in_its_batch_is_found_by_the_numbers_of_the_receipts(office):
    made = office.approved(3)
    apply(office, office.cut().batch_id, *(office.receipt(one) for one in made))
    reader = office.desk.db.reader()
    numbered = sorted(
        (row["receipt_no"], row["version_id"])
        for row in reader.execute("SELECT receipt_no, version_id FROM receipt")
    )
    raws = dict(reader.execute("SELECT version_id, raw FROM receipt_said").fetchall())
    ids = [version_id for _, version_id in numbered]

    found = receipts.checked(reader, [(ids[0], 1), (ids[1], 2), (ids[2], 2), ("nobody", 3)])

    assert found == {(ids[0], 1): [raws[ids[0]]], (ids[1], 2): [raws[one] for one in ids[1:]]}
