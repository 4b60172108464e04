"""Reconciliation with the real platform: what it lost, what was altered there, what others brought."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from client.store import drafts, versions
from client.sync.reconciling import reconcile
from tests.client.sync.branch import Branch

UNIT = "350200-01"
SETTLED = {"stored", "withdrawn", "corrected"}


@pytest.fixture
def branch(platform, tmp_path):
    made = Branch(tmp_path / "desk", platform.url, platform.unit(UNIT), platform.seed["subjects"])
    made.open_for_business("reporter", "reviewer")
    yield made
    made.stand_up()


def settle(branch):
    branch.sync_until(lambda: set(branch.states().values()) <= SETTLED)


def reconciled(branch):
    with closing(branch.transport()) as transport:
        return reconcile(branch.desk, transport)


def change(platform, *statements):
    """What no program of ours would do to the platform's database, past what protects it."""
    with closing(sqlite3.connect(platform.database, timeout=20)) as at, at:
        for (name,) in at.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            at.execute(f"DROP TRIGGER {name}")
        for statement, values in statements:
            at.execute(statement, values)


def withdraw(branch, record_id):
    drafts.begin_change(branch.desk, record_id, "withdraw")
    drafts.set_reason(branch.desk, record_id, drafts.Reason("decision_revoked", "决定已撤销"), ())
    branch.approve_drafts([record_id])


def test_equal_trees_take_one_question_and_what_differs_is_named_record_by_record(platform, branch):
    ids = branch.approved(30)
    settle(branch)
    withdraw(branch, ids[0])
    settle(branch)

    equal = reconciled(branch)
    assert (equal.compared, equal.requests, equal.differing, equal.queued) == (30, 1, (), 0)

    reader = branch.desk.db.reader()
    altered, judged, ahead = (versions.head(reader, one).version_id for one in ids[1:4])
    newer = "018f0000-0000-7000-8000-000000000000"
    row = "unit, record_id, content_sha256, receipt_no, outcome, stage, stored_at, city, month"
    copied = (
        f"INSERT INTO version_key (version_id, {row}) SELECT ?, {row} FROM version_key WHERE version_id = ?"
    )
    change(
        platform,
        ("UPDATE version_key SET content_sha256 = ? WHERE version_id = ?", ("f" * 64, altered)),
        ("UPDATE version_key SET outcome = 'accepted_with_warnings' WHERE version_id = ?", (judged,)),
        (copied, (newer, ahead)),
        ("UPDATE record SET head = ? WHERE record_id = ?", (newer, ids[3])),
    )  # fmt: skip
    before = branch.outbox()

    found = reconciled(branch)
    assert {one.record_id: one.what for one in found.differing} == {
        ids[1]: "altered", ids[2]: "outcome", ids[3]: "ahead",
    }  # fmt: skip
    assert (found.queued, branch.outbox()) == (0, before)
    assert found.requests <= 5
    there = {one.record_id: one.as_dict()["there"] for one in found.differing}
    assert there[ids[3]]["version_id"] == newer


def test_what_the_platform_lost_is_sent_again_under_its_ids_and_then_both_agree(platform, branch):
    ids = branch.approved(8)
    settle(branch)
    withdraw(branch, ids[0])
    settle(branch)
    lost = [ids[0], ids[5]]
    gone = {"record": "record_id", "version_key": "record_id", "version": "record_id"}
    held = [one.version_id for each in lost for one in versions.history(branch.desk.db.reader(), each)]
    marks, of_versions = ",".join("?" * len(lost)), ",".join("?" * len(held))
    change(
        platform,
        *((f"DELETE FROM {table} WHERE {column} IN ({marks})", lost) for table, column in gone.items()),
        (f"DELETE FROM receipt WHERE version_id IN ({of_versions})", held),
    )

    found = reconciled(branch)
    assert {(one.record_id, one.what) for one in found.differing} == {(one, "lost") for one in lost}
    assert found.queued == 3
    assert reconciled(branch).waiting == 2

    settle(branch)
    branch.sync_until(lambda: set(branch.outbox()) == {"done"})
    again = reconciled(branch)
    assert (again.requests, again.differing) == (1, ())


def test_records_of_another_desk_of_the_unit_are_only_counted_as_theirs(platform, branch, tmp_path):
    unit = platform.unit(UNIT)
    other = Branch(tmp_path / "other", platform.url, unit, platform.seed["subjects"], _made=40)
    other.enrol("reporter", "reviewer", code=unit["spare_enrolment_codes"][0])
    branch.approved(2)
    settle(branch)
    stranger = reconcile_as(branch, other)

    assert (stranger.compared, stranger.only_there, stranger.queued) == (0, 2, 0)
    assert {one.what for one in stranger.differing} == {"only_there"}
    other.stand_up()


def reconcile_as(branch, other):
    """The other desk asks with the session of the first: a one-time code serves one desk."""
    with other.desk.db.transaction() as tx:
        token = branch.desk.db.reader().value("SELECT token FROM operator WHERE token IS NOT NULL LIMIT 1")
        tx.execute("UPDATE operator SET token = ?", (token,))
    return reconciled(other)
