"""Corrections and withdrawals: from a receipt to the next version, and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from client.core.records import Reason
from client.errors import NotAllowed
from client.store import drafts, records, review, versions
from client.store.desk import Desk
from forms.catalog.problems import SAME_ACT, Answer

Build = Callable[..., dict[str, Any]]


def state(desk: Desk, record_id: str) -> str:
    return records.get(desk.db.reader(), record_id).row.state


def newest(desk: Desk, record_id: str) -> str:
    return records.get(desk.db.reader(), record_id).versions[0].version_id


def hear(desk: Desk, version_id: str, *stages: str, outcome: str = "accepted") -> None:
    """Write what the platform said of a version, as the sync does."""
    with desk.db.transaction() as tx:
        tx.execute(
            "UPDATE outbox SET state = 'done', batch_id = 'b', tries = 1 WHERE version_id = ?", (version_id,)
        )
        for stage in stages:
            tx.execute(
                "INSERT INTO receipt VALUES (?,?,?,?,'R-1',?,NULL,x'7b7d',NULL,NULL)",
                (
                    version_id,
                    stage,
                    outcome,
                    '{"code":"stale"}' if outcome == "rejected" else None,
                    desk.now(),
                ),
            )


def approved(house: Any, ids: list[str]) -> None:
    """Submit as 林晓, approve as 陈敏, and sit down as 林晓 again."""
    done = review.submit(house.switch("林晓"), ids, title="报送")
    assert not done.stopped
    review.approve(house.switch("陈敏"), done.act_id)
    house.switch("林晓")


@pytest.fixture
def stored(house: Any, a_penalty: Build) -> str:
    """A record that the platform has stored."""
    record_id = drafts.create(house.switch("林晓"), "XZCF_FR", a_penalty(1))
    approved(house, [record_id])
    hear(house.desk, newest(house.desk, record_id), "checked", "matched", "stored")
    return record_id


@pytest.mark.parametrize(
    ("stages", "outcome", "shown"),
    [
        (["checked"], "accepted", "checked"),
        (["checked"], "accepted_with_warnings", "checked"),
        (["checked"], "rejected", "rejected"),
        (["checked", "unmatched"], "accepted", "unmatched"),
        (["checked", "unmatched", "matched"], "accepted", "matched"),
        (["checked", "matched", "stored"], "accepted", "stored"),
    ],
)
def test_the_state_follows_the_receipts(
    house: Any, a_penalty: Build, stages: list[str], outcome: str, shown: str
):
    record_id = drafts.create(house.switch("林晓"), "XZCF_FR", a_penalty(1))
    approved(house, [record_id])
    assert state(house.desk, record_id) == "queued"

    hear(house.desk, newest(house.desk, record_id), *stages, outcome=outcome)

    assert state(house.desk, record_id) == shown


@pytest.mark.parametrize("on_the_way", ["sent", "unknown", "held", "blocked"])
def test_the_state_follows_the_outbox(house: Any, a_penalty: Build, on_the_way: str):
    record_id = drafts.create(house.switch("林晓"), "XZCF_FR", a_penalty(1))
    approved(house, [record_id])
    with house.desk.db.transaction() as tx:
        tx.execute("UPDATE outbox SET state = ?, batch_id = 'b'", (on_the_way,))

    assert state(house.desk, record_id) == on_the_way
    with pytest.raises(NotAllowed, match="not_in_this_state"):
        drafts.begin_change(house.desk, record_id, "correct")


def test_a_correction_starts_from_what_the_platform_holds(house: Any, stored: str, a_penalty: Build):
    desk = house.desk

    drafts.begin_change(desk, stored, "correct")

    detail = records.get(desk.db.reader(), stored)
    assert detail.draft is not None
    assert detail.head is not None
    assert (detail.row.state, detail.row.op) == ("draft", "correct")
    assert detail.draft.base_version == detail.head.version_id
    assert detail.draft.values == a_penalty(1)


def test_a_correction_is_a_new_version_of_its_parent(house: Any, stored: str, a_penalty: Build):
    desk = house.desk
    parent = newest(desk, stored)
    drafts.begin_change(desk, stored, "correct")
    drafts.save(desk, stored, a_penalty(1, CF_NR_FK="0.2"))
    drafts.set_reason(desk, stored, Reason("wrong_entry", "金额看错"))

    approved(house, [stored])

    version = records.get(house.desk.db.reader(), stored).versions[0]
    assert (version.op, version.parent, version.reason) == (
        "correct",
        parent,
        Reason("wrong_entry", "金额看错"),
    )
    assert (
        house.desk.db.reader().value("SELECT lane FROM outbox WHERE version_id = ?", (version.version_id,))
        == 1
    )
    hear(house.desk, version.version_id, "checked", "matched", "stored")
    assert state(house.desk, stored) == "corrected"
    assert versions.head(house.desk.db.reader(), stored).values["CF_NR_FK"] == "0.2"


@pytest.mark.parametrize(
    ("op", "reason", "problem"),
    [
        ("correct", None, "reason_missing"),
        ("correct", Reason("decision_revoked", "已撤销"), "reason_unfit"),
        ("correct", Reason("other"), "reason_text_missing"),
        ("withdraw", None, "reason_missing"),
        ("withdraw", Reason("decision_revoked"), "reason_text_missing"),
    ],
)
def test_a_change_without_a_proper_reason_is_stopped(
    house: Any, stored: str, a_penalty: Build, op: str, reason: Reason | None, problem: str
):
    desk = house.desk
    drafts.begin_change(desk, stored, op)
    if op == "correct":
        drafts.save(desk, stored, a_penalty(1, CF_NR_FK="0.2"))
    if reason:
        drafts.set_reason(desk, stored, reason)

    ((_, problems),) = review.submit(desk, [stored], title="更正").stopped

    assert [(p.path, p.code) for p in problems] == [("", problem)]


def test_a_correction_that_changes_nothing_is_stopped(house: Any, stored: str):
    desk = house.desk
    drafts.begin_change(desk, stored, "correct")
    drafts.set_reason(desk, stored, Reason("wrong_entry"))

    ((_, problems),) = review.submit(desk, [stored], title="更正").stopped

    assert [p.code for p in problems] == ["nothing_changed"]


def test_a_withdrawal_carries_no_values_and_ends_the_record(house: Any, stored: str, a_penalty: Build):
    desk = house.desk
    drafts.begin_change(desk, stored, "withdraw")
    with pytest.raises(NotAllowed, match="withdrawal_has_no_values"):
        drafts.save(desk, stored, a_penalty(1))
    drafts.set_reason(desk, stored, Reason("decision_revoked", "处罚决定已被撤销"))
    approved(house, [stored])

    version_id = newest(house.desk, stored)
    content = house.desk.db.reader().value("SELECT content FROM version WHERE version_id = ?", (version_id,))
    assert json.loads(content)["payload"] == {}
    hear(house.desk, version_id, "checked", "stored")
    assert state(house.desk, stored) == "withdrawn"
    with pytest.raises(NotAllowed, match="not_in_this_state"):
        drafts.begin_change(house.desk, stored, "correct")
    assert records.list_records(house.desk.db.reader(), text="样例1号")[0].record_id == stored


def test_a_record_whose_withdrawal_is_accepted_but_not_stored_is_not_changed_again(house: Any, stored: str):
    drafts.begin_change(house.desk, stored, "withdraw")
    drafts.set_reason(house.desk, stored, Reason("decision_revoked", "处罚决定已被撤销"))
    approved(house, [stored])
    hear(house.desk, newest(house.desk, stored), "checked")

    with pytest.raises(NotAllowed, match="withdrawn_already"):
        drafts.begin_change(house.desk, stored, "correct")


def test_a_change_thrown_away_leaves_the_record_as_the_platform_has_it(
    house: Any, stored: str, a_penalty: Build
):
    desk = house.desk
    drafts.begin_change(desk, stored, "correct")
    drafts.save(desk, stored, a_penalty(77))
    assert records.get(desk.db.reader(), stored).row.subject_name == "海湾样例77号商贸有限公司"

    drafts.delete(desk, [stored])

    row = records.get(desk.db.reader(), stored).row
    assert (row.state, row.op, row.subject_name) == ("stored", "create", "海湾样例1号商贸有限公司")
    drafts.bring_back(desk, [stored])
    row = records.get(desk.db.reader(), stored).row
    assert (row.state, row.subject_name) == ("draft", "海湾样例77号商贸有限公司")


def test_a_new_change_replaces_one_thrown_away(house: Any, stored: str, a_penalty: Build):
    desk = house.desk
    drafts.begin_change(desk, stored, "correct")
    drafts.save(desk, stored, a_penalty(77))
    drafts.delete(desk, [stored])

    drafts.begin_change(desk, stored, "correct")

    assert records.get(desk.db.reader(), stored).draft.values == a_penalty(1)


def test_a_recalled_correction_is_a_draft_and_the_record_stays_stored_when_it_is_thrown_away(
    house: Any, stored: str, a_penalty: Build
):
    drafts.begin_change(house.desk, stored, "correct")
    drafts.save(house.desk, stored, a_penalty(1, CF_NR_FK="0.2"))
    drafts.set_reason(house.desk, stored, Reason("wrong_entry"))
    approved(house, [stored])

    versions.recall(house.desk, newest(house.desk, stored))

    draft = records.get(house.desk.db.reader(), stored).draft
    assert (draft.op, draft.values["CF_NR_FK"], draft.reason) == ("correct", "0.2", Reason("wrong_entry"))
    drafts.delete(house.desk, [stored])
    assert state(house.desk, stored) == "stored"


def test_a_recalled_withdrawal_shows_the_values_again(house: Any, stored: str, a_penalty: Build):
    drafts.begin_change(house.desk, stored, "withdraw")
    drafts.set_reason(house.desk, stored, Reason("decision_revoked", "处罚决定已被撤销"))
    approved(house, [stored])

    versions.recall(house.desk, newest(house.desk, stored))

    draft = records.get(house.desk.db.reader(), stored).draft
    assert (draft.op, draft.values) == ("withdraw", a_penalty(1))


def rejected(house: Any, record_id: str) -> None:
    approved(house, [record_id])
    hear(house.desk, newest(house.desk, record_id), "checked", outcome="rejected")


def test_a_rejected_record_is_opened_again_and_its_next_version_has_the_same_parent(
    house: Any, a_penalty: Build
):
    record_id = drafts.create(house.switch("林晓"), "XZCF_FR", a_penalty(1))
    rejected(house, record_id)
    first = newest(house.desk, record_id)
    assert records.get(house.desk.db.reader(), record_id).versions[0].problem == {"code": "stale"}

    drafts.open_rejected(house.desk, record_id)

    draft = records.get(house.desk.db.reader(), record_id).draft
    assert (draft.op, draft.base_version, draft.values) == ("create", None, a_penalty(1))
    assert state(house.desk, record_id) == "draft"
    drafts.save(house.desk, record_id, a_penalty(1, BZ="改正"))
    approved(house, [record_id])
    assert newest(house.desk, record_id) != first
    assert state(house.desk, record_id) == "queued"


def test_a_rejected_record_that_is_given_up_is_deleted_and_can_come_back(house: Any, a_penalty: Build):
    record_id = drafts.create(house.switch("林晓"), "XZCF_FR", a_penalty(1))
    rejected(house, record_id)

    drafts.delete(house.desk, [record_id])

    assert state(house.desk, record_id) == "deleted"
    drafts.bring_back(house.desk, [record_id])
    assert state(house.desk, record_id) == "draft"


def test_a_rejected_correction_that_is_given_up_shows_what_the_platform_holds(
    house: Any, stored: str, a_penalty: Build
):
    drafts.begin_change(house.desk, stored, "correct")
    drafts.save(house.desk, stored, a_penalty(77))
    drafts.set_reason(house.desk, stored, Reason("wrong_entry"))
    rejected(house, stored)
    assert state(house.desk, stored) == "rejected"

    drafts.delete(house.desk, [stored])

    row = records.get(house.desk.db.reader(), stored).row
    assert (row.state, row.subject_name) == ("stored", "海湾样例1号商贸有限公司")
    assert [r.record_id for r in records.list_records(house.desk.db.reader(), state="stored")] == [stored]
    drafts.begin_change(house.desk, stored, "correct")
    assert records.get(house.desk.db.reader(), stored).draft.values == a_penalty(1)


def test_after_a_rejected_correction_a_new_one_can_begin_from_the_head(
    house: Any, stored: str, a_penalty: Build
):
    head = versions.head(house.desk.db.reader(), stored).version_id
    drafts.begin_change(house.desk, stored, "correct")
    drafts.save(house.desk, stored, a_penalty(77))
    drafts.set_reason(house.desk, stored, Reason("wrong_entry"))
    rejected(house, stored)

    drafts.begin_change(house.desk, stored, "correct")

    draft = records.get(house.desk.db.reader(), stored).draft
    assert (draft.base_version, draft.values) == (head, a_penalty(1))


def test_a_rejected_new_record_has_nothing_to_correct(house: Any, a_penalty: Build):
    record_id = drafts.create(house.switch("林晓"), "XZCF_FR", a_penalty(1))
    rejected(house, record_id)

    with pytest.raises(NotAllowed, match="nothing_accepted"):
        drafts.begin_change(house.desk, record_id, "correct")


def test_a_copy_of_a_stored_record_takes_its_values(house: Any, stored: str, a_penalty: Build):
    other = drafts.copy(house.desk, stored)

    assert records.get(house.desk.db.reader(), other).draft.values == a_penalty(1)


def test_why_a_record_stands_beside_another_goes_with_it_and_with_its_corrections(
    house: Any, a_penalty: Build
):
    desk = house.switch("林晓")
    why = Answer("", SAME_ACT, "两次检查，两份决定")
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(1))
    drafts.save(desk, record_id, a_penalty(1), [why])
    approved(house, [record_id])
    hear(house.desk, newest(house.desk, record_id), "checked", "matched", "stored")
    drafts.begin_change(house.desk, record_id, "correct")
    draft = records.get(house.desk.db.reader(), record_id).draft

    assert draft is not None
    assert draft.answers == (why,)
