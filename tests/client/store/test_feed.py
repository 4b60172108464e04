import json

import pytest

from client.core.answers import FeedItem
from client.errors import LinkError
from client.store import approvals, batches, drafts, feed, link, receipts, review, versions
from client.store.desk import Catalogs
from forms.catalog.loader import load_set
from forms.seal.content import Content
from tests.client.sync.office import a_stage, an_office
from tests.conftest import TREE

AT = "2026-11-24T08:00:02.000Z"


def a_notice(seq, kind="notice"):
    return FeedItem(seq, kind, AT, {"text": f"第 {seq} 条"})


def inbox(office):
    rows = (
        office.desk.db.reader()
        .execute("SELECT epoch, seq, type, data FROM heard ORDER BY seq LIMIT 100")
        .fetchall()
    )
    return [tuple(row) for row in rows]


def cursor(office):
    return link.link(office.desk.db.reader()).cursor


def test_a_page_and_its_cursor_are_kept_together(office):
    assert feed.apply(office.desk, office.page(a_notice(1), a_notice(2))) == 2

    assert [row[1] for row in inbox(office)] == [1, 2]
    assert cursor(office) == 2


def test_a_page_again_is_nothing_new_and_a_page_that_overlaps_is_taken_from_where_it_is_new(office):
    feed.apply(office.desk, office.page(a_notice(1), a_notice(2)))

    assert feed.apply(office.desk, office.page(a_notice(1), a_notice(2))) == 0
    assert feed.apply(office.desk, office.page(a_notice(2), a_notice(3))) == 1
    assert [row[1] for row in inbox(office)] == [1, 2, 3]


def test_what_this_program_does_not_know_is_kept_for_one_that_does(office):
    feed.apply(office.desk, office.page(a_notice(1, "list.published")))

    assert inbox(office) == [
        (
            "e1",
            1,
            "list.published",
            json.dumps({"text": "第 1 条"}, ensure_ascii=False, separators=(",", ":")),
        )
    ]


def test_what_the_platform_holds_no_more_moves_the_cursor_and_is_not_kept(office):
    gone = [FeedItem(seq, "dropped", AT, {}) for seq in (1, 2)]

    assert feed.apply(office.desk, office.page(*gone, a_notice(3))) == 3
    assert [row[1] for row in inbox(office)] == [3]
    assert cursor(office) == 3


@pytest.mark.parametrize(
    "seqs", [pytest.param([2], id="the first is missing"), pytest.param([1, 3], id="one between is missing")]
)
def test_a_hole_in_the_feed_is_refused_and_nothing_of_the_page_kept(office, seqs):
    with pytest.raises(LinkError, match="feed_gap"):
        feed.apply(office.desk, office.page(*[a_notice(seq) for seq in seqs]))

    assert (inbox(office), cursor(office)) == ([], 0)


def test_a_page_of_another_epoch_is_refused(office):
    with pytest.raises(LinkError, match="feed_gap"):
        feed.apply(office.desk, office.page(a_notice(1), epoch="e2"))


def test_a_new_epoch_starts_the_feed_anew_and_keeps_what_came_before(office):
    feed.apply(office.desk, office.page(a_notice(1), a_notice(2)))

    link.adopt_epoch(office.desk, "e2")
    feed.apply(office.desk, office.page(a_notice(1), epoch="e2"))

    assert office.desk.device.epoch == "e2"
    assert [(row[0], row[1]) for row in sorted(inbox(office))] == [("e1", 1), ("e1", 2), ("e2", 1)]


def test_what_was_set_aside_and_has_moved_on_at_the_platform_is_sent_again(office):
    """A late request of before had arrived: the platform answers the version as the first time."""
    (content,) = office.approved(1)
    batches.block(office.desk, office.cut().batch_id, "internal")
    matched = a_stage(1, office.receipt(content, stage="matched"))

    feed.apply(office.desk, office.page(matched))

    assert office.states() == ["queued"]


def test_a_receipt_that_is_kept_with_its_number_is_not_said_twice_and_one_that_comes_again_is_named(office):
    (content,) = office.approved(1)
    matched = office.receipt(content, stage="matched")

    feed.apply(office.desk, office.page(a_stage(1, matched), a_notice(2), a_stage(3, matched)))

    named = f'{{"version_id":"{content.version_id}","stage":"matched"}}'
    assert [row[1:] for row in inbox(office)] == [
        (1, "stage", named), (2, "notice", '{"text":"第 2 条"}'), (3, "stage", named),
    ]  # fmt: skip
    assert office.desk.db.reader().value("SELECT COUNT(*) FROM inbox") == 2


def test_what_an_answer_left_out_and_has_moved_on_is_not_set_aside_for_a_fault_of_the_platform(office):
    (content,) = office.approved(1)
    receipts.apply(office.desk, office.answer(office.cut().batch_id), retry_in_s=lambda _tries: 2.0)
    feed.apply(office.desk, office.page(a_stage(1, office.receipt(content, stage="matched"))))
    office.clock.go(2)
    again = office.cut()
    assert list(batches.frozen(office.desk.db.reader(), again.batch_id).versions) == [content.version_id]

    batches.block(office.desk, again.batch_id, "internal")

    assert office.states() == ["unknown"]
    office.clock.go(batches.ONCE_MORE_AFTER.total_seconds())
    answer = office.answer(office.cut().batch_id, office.receipt(content))
    receipts.apply(office.desk, answer, retry_in_s=lambda _tries: 2.0)
    assert office.states() == ["done"]


def test_what_was_taken_back_while_a_copy_of_the_disk_sent_it_is_sent_again_and_its_draft_stands_on_it(
    tmp_path, a_penalty
):
    """A PC was copied and the copy sent; on the first, which knew nothing of it, the version was recalled."""
    shipped = Catalogs([load_set(TREE / "resources" / "catalogs" / "2026.1")])
    office = an_office(tmp_path / "desk", shipped)
    record_id = drafts.create(office.desk, "XZCF_FR", a_penalty(1))
    approvals.approve(office.checker, review.submit(office.desk, [record_id], title="一").act_id)
    raw = office.desk.db.reader().value("SELECT content FROM version")
    content = Content(**{name: value for name, value in json.loads(raw).items() if name != "answers"})
    versions.recall(office.desk, content.version_id)
    assert office.states() == ["recalled"]

    feed.apply(office.desk, office.page(a_stage(1, office.receipt(content, stage="matched"))))

    assert office.states() == ["queued"]
    draft = drafts.read_draft(office.desk.db.reader(), content.record_id)
    assert (draft.op, draft.base_version) == ("correct", content.version_id)
    office.desk.close()
