from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from client.core.records import Approved, Reason
from client.errors import NotAllowed
from client.store import acts, audit, drafts, records, review, versions
from client.store.desk import Desk
from client.store.profile import add_operator
from forms.seal.approval import part_verifies
from forms.seal.content import content_digest

Build = Callable[..., dict[str, Any]]


def states(desk: Desk) -> dict[str, int]:
    return {state: n for state, n in records.states(desk.db.reader()).items() if n}


def some_drafts(desk: Desk, a_penalty: Build, count: int) -> list[str]:
    return drafts.create_many(desk, "XZCF_FR", [drafts.NewDraft(a_penalty(n)) for n in range(1, count + 1)])


def submitted(house: Any, a_penalty: Build, count: int = 3) -> tuple[str, list[str]]:
    desk = house.switch("林晓")
    ids = some_drafts(desk, a_penalty, count)
    act_id = review.submit(desk, ids, title="十一月处罚").act_id
    assert act_id is not None
    return act_id, ids


def approval_body(desk: Desk, approval_id: str) -> dict[str, Any]:
    body = desk.db.reader().value("SELECT body FROM approval WHERE approval_id = ?", (approval_id,))
    said: dict[str, Any] = json.loads(body)
    return said


# --- submit ---


def test_what_is_submitted_waits_for_a_reviewer(house: Any, a_penalty: Build):
    act_id, ids = submitted(house, a_penalty)

    assert states(house.desk) == {"in_review": 3}
    (act,) = acts.acts_waiting(house.desk.db.reader())
    assert (act.act_id, act.title, act.maker_name, act.waiting) == (act_id, "十一月处罚", "林晓", 3)
    entries = acts.act_entries(house.desk.db.reader(), act_id)
    assert {entry.record_id for entry in entries} == set(ids)
    assert entries[0].content["payload"]["CF_CFJG"] == "海湾区样例监管局"


def test_a_draft_with_problems_is_stopped_and_the_others_go(house: Any, a_penalty: Build):
    desk = house.desk
    good = drafts.create(desk, "XZCF_FR", a_penalty(1))
    bad = drafts.create(desk, "XZCF_FR", a_penalty(2, CF_JDRQ=None))

    done = review.submit(desk, [good, bad], title="混合")

    assert done.submitted == (good,)
    ((stopped, problems),) = done.stopped
    assert stopped == bad
    assert "CF_JDRQ" in {p.field_id for p in problems}
    assert states(desk) == {"in_review": 1, "problems": 1}


def test_a_draft_is_checked_again_as_of_the_day_it_is_submitted(house: Any, a_penalty: Build):
    desk = house.desk
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(1))
    house.clock.at = house.clock.at.replace(year=2025)

    done = review.submit(desk, [record_id], title="早了一年")

    assert done.act_id is None
    assert states(desk) == {"problems": 1}


def test_a_submission_of_nothing_good_makes_no_act(house: Any, a_penalty: Build):
    desk = house.desk
    bad = drafts.create(desk, "XZCF_FR", {})

    assert review.submit(desk, [bad], title="空").act_id is None
    assert acts.acts_waiting(desk.db.reader()) == []


def test_the_same_record_named_twice_is_submitted_once(house: Any, a_penalty: Build):
    record_id = drafts.create(house.desk, "XZCF_FR", a_penalty(1))

    assert review.submit(house.desk, [record_id, record_id], title="两次").submitted == (record_id,)


def test_what_is_in_review_cannot_be_saved_deleted_or_submitted_again(house: Any, a_penalty: Build):
    _, ids = submitted(house, a_penalty, 1)

    for act in (
        lambda: drafts.save(house.desk, ids[0], a_penalty(9)),
        lambda: drafts.delete(house.desk, ids),
        lambda: review.submit(house.desk, ids, title="又一次"),
    ):
        with pytest.raises(NotAllowed, match="not_in_this_state"):
            act()


# --- approve ---


def test_an_approval_freezes_versions_and_fills_the_outbox(house: Any, a_penalty: Build):
    act_id, ids = submitted(house, a_penalty)
    desk = house.switch("陈敏")

    done = review.approve(desk, act_id)

    assert done == Approved(3, done.approval_ids)
    assert states(desk) == {"queued": 3}
    detail = records.get(desk.db.reader(), ids[0])
    assert detail.draft is None
    (version,) = detail.versions
    assert (version.op, version.parent, version.outbox, version.outcome) == ("create", None, "queued", None)
    assert version.values == a_penalty(1)
    assert (version.maker, version.checker) != ("", "")
    assert version.maker != version.checker


def test_both_signatures_hold_over_the_digests_of_what_will_be_sent(house: Any, a_penalty: Build):
    act_id, _ = submitted(house, a_penalty)
    maker_key = house.desk.key.public
    desk = house.switch("陈敏")
    (approval_id,) = review.approve(desk, act_id).approval_ids

    body = approval_body(desk, approval_id)

    assert body["digests"] == sorted(body["digests"])
    assert body["excluded"] == []
    assert part_verifies(maker_key, "maker", body)
    assert part_verifies(desk.key.public, "checker", body)
    assert not part_verifies(desk.key.public, "maker", body)
    rows = desk.db.reader().execute("SELECT place, content, content_sha256 FROM version LIMIT 9").fetchall()
    for row in rows:
        assert content_digest(json.loads(row["content"])) == row["content_sha256"]
        assert body["digests"][row["place"]] == row["content_sha256"]


def test_nobody_approves_what_they_submitted(a_desk: Any, a_penalty: Build):
    house = a_desk(operators={"林晓": {"reporter", "reviewer"}, "陈敏": {"reviewer"}})
    act_id, _ = submitted(house, a_penalty)

    with pytest.raises(NotAllowed, match="maker_is_checker"):
        review.approve(house.desk, act_id)
    assert states(house.desk) == {"in_review": 3}
    assert review.approve(house.switch("陈敏"), act_id).versions == 3


def test_a_reporter_approves_nothing(house: Any, a_penalty: Build):
    act_id, _ = submitted(house, a_penalty)

    with pytest.raises(NotAllowed, match="not_your_role"):
        review.approve(house.desk, act_id)


def test_what_is_left_out_goes_back_and_its_place_is_excluded(house: Any, a_penalty: Build):
    act_id, ids = submitted(house, a_penalty)
    desk = house.switch("陈敏")

    done = review.approve(desk, act_id, left_out=[ids[1]], reason="金额与决定书不符")

    assert done.versions == 2
    assert states(desk) == {"queued": 2, "returned": 1}
    body = approval_body(desk, done.approval_ids[0])
    sent = {row["place"] for row in desk.db.reader().execute("SELECT place FROM version LIMIT 9")}
    assert len(body["digests"]) == 3
    assert set(body["excluded"]) == {0, 1, 2} - sent
    assert part_verifies(desk.key.public, "checker", body)
    assert records.get(desk.db.reader(), ids[1]).notes[0].reason == "金额与决定书不符"


def test_leaving_everything_out_approves_nothing_and_voids_the_act(house: Any, a_penalty: Build):
    act_id, ids = submitted(house, a_penalty)
    desk = house.switch("陈敏")

    done = review.approve(desk, act_id, left_out=ids, reason="整批退回")

    assert (done.versions, done.approval_ids) == (0, ())
    assert states(desk) == {"returned": 3}
    assert acts.acts_waiting(desk.db.reader()) == []


def test_an_act_is_approved_once(house: Any, a_penalty: Build):
    act_id, _ = submitted(house, a_penalty)
    desk = house.switch("陈敏")
    review.approve(desk, act_id)

    with pytest.raises(NotAllowed, match="act_unknown"):
        review.approve(desk, act_id)
    assert states(desk) == {"queued": 3}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE review_entry SET content = CAST(replace(CAST(content AS TEXT), '罚款', '免罚') AS BLOB)",
        (
            "UPDATE review_entry SET content_sha256 = iif(content_sha256 LIKE '0%', '1', '0')"
            " || substr(content_sha256, 2) WHERE place = 0"
        ),
        "UPDATE review_entry SET record_id = 'another' WHERE place = 0",
        "UPDATE review SET maker_sig = iif(maker_sig LIKE 'A%', 'B', 'A') || substr(maker_sig, 2)",
        "DELETE FROM review_entry WHERE place = 1",
    ],
    ids=["content", "digest", "record", "signature", "entry gone"],
)
def test_what_was_changed_after_the_maker_signed_is_not_approved(house: Any, a_penalty: Build, change: str):
    act_id, _ = submitted(house, a_penalty)
    desk = house.switch("陈敏")
    with desk.db.transaction() as tx:
        tx.execute(change)

    with pytest.raises(NotAllowed, match="signature_invalid"):
        review.approve(desk, act_id)
    assert desk.db.reader().value("SELECT COUNT(*) FROM version") == 0


def test_a_maker_who_got_a_new_passphrase_and_key_is_still_believed(house: Any, a_penalty: Build):
    act_id, _ = submitted(house, a_penalty)
    maker = house.desk.operator
    desk = house.switch("陈敏")
    add_operator(desk, maker, "新的口令-2026", None)

    assert review.approve(desk, act_id).versions == 3


def test_a_long_act_is_cut_into_approvals_of_ten_thousand(house: Any, a_penalty: Build):
    desk = house.desk
    values = [drafts.NewDraft(a_penalty(n), problems=()) for n in range(10_003)]
    ids = drafts.create_many(desk, "XZCF_FR", values, import_id="imp")
    told: list[int] = []

    done = review.submit(desk, ids, title="整批导入", import_id="imp", progress=told.append)

    assert len(done.submitted) == 10_003
    assert len(done.approval_ids) == 2
    assert told[-1] == 10_003
    (act,) = acts.acts_waiting(desk.db.reader())
    assert (act.waiting, act.approvals, act.import_id) == (10_003, 2, "imp")
    checker = house.switch("陈敏")
    approved = review.approve(checker, act.act_id)
    assert approved.versions == 10_003
    sizes = [len(approval_body(checker, one)["digests"]) for one in approved.approval_ids]
    assert sorted(sizes) == [3, 10_000]
    numbers = checker.db.reader().execute("SELECT queued_n FROM outbox ORDER BY queued_n LIMIT 20000")
    assert [row[0] for row in numbers] == list(range(1, 10_004))


def test_a_submission_can_be_stopped_halfway_and_leaves_nothing(house: Any, a_penalty: Build):
    class StoppedError(Exception):
        pass

    def stop(_done: int) -> None:
        raise StoppedError

    ids = some_drafts(house.desk, a_penalty, 3)
    with pytest.raises(StoppedError):
        review.submit(house.desk, ids, title="停", progress=stop)

    assert states(house.desk) == {"draft": 3}
    assert acts.acts_waiting(house.desk.db.reader()) == []


# --- return, take back ---


def test_a_returned_record_is_a_draft_again_with_the_reason_at_its_field(house: Any, a_penalty: Build):
    act_id, ids = submitted(house, a_penalty)
    desk = house.switch("陈敏")

    review.return_(desk, [ids[0]], "日期与决定书不符", field="CF_JDRQ")

    assert states(desk) == {"in_review": 2, "returned": 1}
    (note,) = records.get(desk.db.reader(), ids[0]).notes
    assert (note.reason, note.field, note.operator) == (
        "日期与决定书不符",
        "CF_JDRQ",
        desk.operator.operator_id,
    )
    maker = house.switch("林晓")
    drafts.save(maker, ids[0], a_penalty(1, CF_JDRQ="2026-11-19"))
    assert review.submit(maker, [ids[0]], title="改好了").submitted == (ids[0],)
    assert states(maker) == {"in_review": 3}
    assert review.approve(house.switch("陈敏"), act_id).versions == 2


def test_a_return_needs_a_reason(house: Any, a_penalty: Build):
    _, ids = submitted(house, a_penalty)

    with pytest.raises(NotAllowed, match="reason_missing"):
        review.return_(house.switch("陈敏"), ids, "  ")


def test_the_maker_takes_back_what_is_not_approved_yet(house: Any, a_penalty: Build):
    act_id, ids = submitted(house, a_penalty)

    review.take_back(house.desk, ids)

    assert states(house.desk) == {"draft": 3}
    assert acts.acts_waiting(house.desk.db.reader()) == []
    with pytest.raises(NotAllowed, match="act_unknown"):
        review.approve(house.switch("陈敏"), act_id)


def test_only_the_maker_takes_back(a_desk: Any, a_penalty: Build):
    house = a_desk(operators={"林晓": {"reporter"}, "高远": {"reporter"}, "陈敏": {"reviewer"}})
    _, ids = submitted(house, a_penalty)

    with pytest.raises(NotAllowed, match="not_the_maker"):
        review.take_back(house.switch("高远"), ids)


def test_what_is_no_longer_in_review_cannot_be_returned(house: Any, a_penalty: Build):
    act_id, ids = submitted(house, a_penalty)
    desk = house.switch("陈敏")
    review.approve(desk, act_id)

    with pytest.raises(NotAllowed, match="not_in_this_state"):
        review.return_(desk, ids, "太晚了")


# --- recall ---


def test_a_recalled_version_is_a_draft_again(house: Any, a_penalty: Build):
    act_id, ids = submitted(house, a_penalty, 2)
    review.approve(house.switch("陈敏"), act_id)
    desk = house.switch("林晓")
    version_id = records.get(desk.db.reader(), ids[0]).versions[0].version_id

    versions.recall(desk, version_id)

    assert states(desk) == {"queued": 1, "draft": 1}
    detail = records.get(desk.db.reader(), ids[0])
    assert detail.draft is not None
    assert detail.draft.values == a_penalty(1)
    assert detail.versions[0].outbox == "recalled"
    assert review.submit(desk, [ids[0]], title="再报").submitted == (ids[0],)


@pytest.mark.parametrize(
    "sent",
    [
        "UPDATE outbox SET state = 'sent', batch_id = 'b'",
        "UPDATE outbox SET batch_id = 'b', tries = 1",
        "UPDATE outbox SET tries = 1",
    ],
)
def test_what_has_been_in_a_batch_cannot_be_recalled(house: Any, a_penalty: Build, sent: str):
    act_id, ids = submitted(house, a_penalty, 1)
    review.approve(house.switch("陈敏"), act_id)
    desk = house.switch("林晓")
    with desk.db.transaction() as tx:
        tx.execute(sent)
    version_id = records.get(desk.db.reader(), ids[0]).versions[0].version_id

    with pytest.raises(NotAllowed, match=r"already_sent|not_in_this_state"):
        versions.recall(desk, version_id)
    assert records.get(desk.db.reader(), ids[0]).draft is None


def test_every_act_stands_in_the_audit_chain(house: Any, a_penalty: Build):
    act_id, ids = submitted(house, a_penalty)
    desk = house.switch("陈敏")
    review.return_(desk, [ids[0]], "不符")
    review.approve(desk, act_id)

    actions = [r["action"] for r in desk.db.reader().execute("SELECT action FROM audit ORDER BY n LIMIT 99")]
    assert actions[-5:] == ["drafts_created", "submitted", "unlocked", "returned", "approved"]
    assert audit.verify(desk.db.reader()).holds


def test_a_reason_given_for_a_new_record_is_not_asked_for(house: Any, a_penalty: Build):
    act_id, _ = submitted(house, a_penalty, 1)
    desk = house.switch("陈敏")
    review.approve(desk, act_id)

    content = json.loads(desk.db.reader().value("SELECT content FROM version"))
    assert content["reason"] is None
    assert Reason("wrong_entry").as_dict() == {"code": "wrong_entry", "text": ""}
