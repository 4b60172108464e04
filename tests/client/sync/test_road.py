"""The sync against the real platform, as a process of its own, over real sockets."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from client.errors import LinkError, NotAllowed, PlatformRefusal
from client.store import attachments, backup, batches, drafts, link, outbox, versions
from client.store.draft_rows import read_draft
from client.sync import signin
from client.sync.transport import HttpTransport
from forms.seal.keys import SigningKey
from regional_platform.cli import main
from tests.client.sync.branch import PASSPHRASE, Branch, Ledger, Lossy, check_agreement, now

UNIT = "350200-01"


@pytest.fixture
def branch(platform, tmp_path):
    """A desk of a department, its people signed in, its reporter at work."""
    made = Branch(tmp_path / "desk", platform.url, platform.unit(UNIT), platform.seed["subjects"])
    made.open_for_business("reporter", "reviewer")
    yield made
    made.stand_up()


def ledger(platform):
    return Ledger.of(platform.database, UNIT)


def is_settled(branch):
    return lambda: (
        set(branch.states().values()) <= {"stored", "unmatched", "rejected", "corrected", "withdrawn"}
    )


def test_records_go_up_and_come_back_stored(platform, branch):
    branch.approved(25)

    outcome = branch.sync()
    branch.sync_until(is_settled(branch))

    assert (outcome.accepted, outcome.rejected, outcome.held, outcome.unknown) == (25, 0, 0, 0)
    assert outcome.problem is None
    assert set(branch.states().values()) == {"stored"}
    check_agreement(branch, ledger(platform))


def test_ten_times_pressing_the_button_is_the_same_as_once(platform, branch):
    branch.approved(5)
    branch.sync_until(is_settled(branch))
    before = (branch.outbox(), branch.receipts(), len(batches.list_batches(branch.desk.db.reader())))

    for _ in range(10):
        assert branch.sync().problem is None

    after = (branch.outbox(), branch.receipts(), len(batches.list_batches(branch.desk.db.reader())))
    assert after == before
    check_agreement(branch, ledger(platform))


def test_one_bad_record_among_many_is_rejected_alone_with_its_reason(platform, branch):
    ids = branch.approved(6)
    double = drafts.create_many(branch.desk, "XZCF_FR", [drafts.NewDraft(_values(branch, ids[0]))])
    branch.approve_drafts(double)

    branch.sync()
    outcome = branch.sync()

    (version,) = versions.history(branch.desk.db.reader(), double[0])
    assert outcome.problem is None
    assert version.outcome == "rejected"
    assert version.problem["type"] == "urn:minxin:problem:duplicate-business-key"
    assert version.problem["record_id"] == ids[0]
    assert outbox.status(branch.desk.db.reader())["accepted"] == 6


def _values(branch, record_id):
    return versions.last_values(branch.desk.db.reader(), record_id).values


def test_a_correction_and_a_withdrawal_follow_what_was_stored(platform, branch):
    wrong, gone = branch.approved(2)
    branch.sync_until(is_settled(branch))
    drafts.begin_change(branch.desk, wrong, "correct")
    drafts.save(branch.desk, wrong, _values(branch, wrong) | {"CF_NR_FK": "0.2"}, ())
    drafts.set_reason(branch.desk, wrong, drafts.Reason("wrong_entry", "小数点错位"), ())
    drafts.begin_change(branch.desk, gone, "withdraw")
    drafts.set_reason(branch.desk, gone, drafts.Reason("decision_revoked", "决定已撤销"), ())
    branch.approve_drafts([wrong, gone])

    branch.sync_until(is_settled(branch))

    assert branch.states() == {wrong: "corrected", gone: "withdrawn"}
    assert versions.head(branch.desk.db.reader(), wrong).values["CF_NR_FK"] == "0.2"
    check_agreement(branch, ledger(platform))


def test_evidence_travels_before_the_version_that_needs_it(platform, branch, tmp_path):
    (record_id,) = branch.approved(1)
    branch.sync_until(is_settled(branch))
    paper = tmp_path / "撤销决定书.pdf"
    paper.write_bytes(b"%PDF-1.4 " + bytes(range(256)) * 5_000)
    evidence = attachments.add(branch.desk, paper)
    drafts.begin_change(branch.desk, record_id, "withdraw")
    drafts.set_reason(branch.desk, record_id, drafts.Reason("decision_revoked", "决定已撤销"), (evidence,))
    branch.approve_drafts([record_id])

    branch.sync_until(is_settled(branch))

    assert branch.states() == {record_id: "withdrawn"}
    assert outbox.attachments_to_put(branch.desk.db.reader()) == []


def test_what_a_reviewer_approved_before_signing_in_is_blocked_by_name_and_flows_afterwards(
    platform, tmp_path
):
    branch = Branch(tmp_path / "desk", platform.url, platform.unit(UNIT), platform.seed["subjects"])
    branch.enrol("reporter", "reviewer")
    branch.sign_in("reporter")
    (record_id,) = branch.approved(1)

    branch.sync()

    (version,) = versions.history(branch.desk.db.reader(), record_id)
    assert (version.outbox, version.problem["code"]) == ("blocked", "checker_key_unknown")
    branch.sign_in("reviewer")
    assert branch.sync().accepted == 1
    branch.stand_up()


def test_without_a_session_nothing_is_sent_and_nothing_lost(platform, tmp_path):
    branch = Branch(tmp_path / "desk", platform.url, platform.unit(UNIT), platform.seed["subjects"])
    branch.enrol("reporter", "reviewer")
    branch.approved(1)

    outcome = branch.sync()

    assert isinstance(outcome.problem, NotAllowed)
    assert (outcome.problem.code, outcome.next_try_at) == ("sign_in_needed", None)
    assert branch.outbox() == ["queued"]
    branch.stand_up()


def test_a_session_that_ended_asks_to_sign_in_and_the_same_batch_goes_afterwards(platform, branch):
    branch.approved(2)
    signin.sign_out(branch.desk, branch.transport())
    with branch.desk.db.transaction() as tx:
        tx.execute(
            "UPDATE operator SET token = 'forged' WHERE operator_id = ?", (branch.desk.operator.operator_id,)
        )
    outcome = branch.sync()
    assert isinstance(outcome.problem, PlatformRefusal)
    assert outcome.problem.code == "token_expired"

    branch.sign_in("reporter")

    assert branch.sync().accepted == 2


def test_while_the_platform_is_away_everything_waits_and_the_screen_can_say_since_when(platform, branch):
    branch.approved(3)
    platform.stop()

    outcome = branch.sync()

    assert isinstance(outcome.problem, LinkError)
    assert outcome.problem.code == "no_connection"
    assert outcome.next_try_at is not None
    now = link.link(branch.desk.db.reader())
    assert (now.last_error, now.failures) == ("no_connection", 1)
    assert now.down_since_at is not None
    platform.start()
    assert branch.sync().accepted == 3
    assert link.link(branch.desk.db.reader()).down_since_at is None


def test_another_platform_at_the_same_address_gets_nothing(platform, branch):
    branch.approved(1)
    pinned = branch.desk.device
    object.__setattr__(
        branch.desk, "device", type(pinned)(**_changed(pinned, server_key=SigningKey.generate().public))
    )

    outcome = branch.sync()

    assert isinstance(outcome.problem, LinkError)
    assert outcome.problem.code == "not_ours"
    assert branch.outbox() == ["queued"]


def _changed(device, **other):
    return {name: getattr(device, name) for name in type(device).__dataclass_fields__} | other


def test_enrolment_refuses_a_wrong_code_and_repeats_a_lost_answer(platform, tmp_path):
    unit, key = platform.unit(UNIT), SigningKey.generate()
    transport = HttpTransport(platform.url)

    def enrol(code, device_key):
        return signin.enrol(
            transport, url=platform.url, ca_file=None, code=code, name="二号窗口", device_key=device_key
        )

    first = enrol(unit["enrolment_code"], key)

    assert enrol(unit["enrolment_code"], key) == first
    assert first.device.unit_code == UNIT
    with pytest.raises(PlatformRefusal, match="enrolment_code_used"):
        enrol(unit["enrolment_code"], SigningKey.generate())
    with pytest.raises(PlatformRefusal, match="enrolment_code_unknown"):
        enrol("no such code", SigningKey.generate())


def test_a_wrong_password_is_refused_and_keeps_no_session(platform, branch):
    with pytest.raises(PlatformRefusal, match="sign_in_refused"):
        signin.sign_in(branch.sit_down("reviewer"), branch.transport(), password="wrong", totp="000000")


def test_over_a_line_that_loses_and_repeats_nothing_is_missing_and_nothing_doubled(platform, branch):
    for seed in range(8):
        chance = random.Random(seed)
        lossy = Lossy(branch.transport(), random.Random(seed))
        for _ in range(3):
            branch.approved(chance.randint(1, 9))
            branch.sync(lossy, seed=seed)

    branch.sync_until(is_settled(branch))

    assert set(branch.outbox()) == {"done"}
    check_agreement(branch, ledger(platform))


def test_a_desk_that_was_restored_from_a_backup_loses_nothing_and_sends_nothing_twice(platform, branch):
    branch.approved(3)
    copy = backup.daily(branch.desk)
    assert copy is not None
    branch.sync_until(is_settled(branch))
    branch.approved(2)
    branch.sync_until(is_settled(branch))
    (unsent,) = branch.approved(1)  # after the copy, and the platform has not seen it
    branch.stand_up()
    backup.restore(
        branch.folder, copy.name, operator_name=branch.person("reporter")["operator_id"],
        passphrase=PASSPHRASE, possession=None, clock=now,
    )  # fmt: skip

    branch.sit_down("reporter")
    assert branch.outbox() == ["queued"] * 4
    branch.sync_until(is_settled(branch))
    assert branch.states()[unsent] == "stored"
    branch.approved(1)
    branch.sync_until(is_settled(branch))

    assert branch.outbox() == ["done"] * 5
    theirs = ledger(platform)
    assert len(theirs.versions) == len(set(theirs.versions)) == 7
    assert branch.receipts().keys() <= theirs.receipts.keys()


def test_a_platform_that_was_put_back_is_given_again_what_it_lost(platform, branch, tmp_path):
    branch.approved(2)
    branch.sync_until(is_settled(branch))
    copy = tmp_path / "kept.db"
    with closing(sqlite3.connect(platform.database)) as at, closing(sqlite3.connect(copy)) as kept:
        at.backup(kept)
    branch.approved(3)
    branch.sync_until(is_settled(branch))
    platform.stop()
    for end in ("-wal", "-shm"):
        platform.database.with_name(platform.database.name + end).unlink(missing_ok=True)
    shutil.copyfile(copy, platform.database)
    done = CliRunner().invoke(main, ["restored", "--database", str(platform.database)])
    assert done.exit_code == 0, done.output
    platform.start()

    outcome = branch.sync()

    assert (outcome.problem, outcome.epoch_changed, outcome.resent) == (None, True, 3)
    branch.sync_until(is_settled(branch))
    assert branch.outbox() == ["done"] * 5
    assert len(set(ledger(platform).outcomes)) == 5


def test_a_copied_disk_is_found_out_and_both_copies_go_on_under_ids_of_their_own(platform, branch, tmp_path):
    shared = branch.approved(2)
    branch.stand_up()
    copy = replace(branch, folder=Path(shutil.copytree(branch.folder, tmp_path / "copy")))
    branch.sit_down("reporter"), copy.sit_down("reporter")
    own = branch.approved(3)
    branch.sync_until(is_settled(branch))
    copy._made = 50
    theirs = copy.approved(1)
    old = copy.desk.device.device_id

    outcome = copy.sync()
    assert (outcome.problem, outcome.renewed, outcome.accepted) == (None, True, 3)
    copy.sync_until(is_settled(copy))
    assert copy.desk.device.device_id != old
    assert link.token(copy.desk.db.reader(), copy.person("reviewer")["operator_id"]) is None

    late = branch.approved(1)
    assert branch.sync().problem.code == "token_expired"
    branch.sign_in("reporter")
    assert branch.sync().renewed
    branch.sync_until(is_settled(branch))

    assert (set(copy.outbox()), set(branch.outbox())) == ({"done"}, {"done"})
    records = ledger(platform).versions
    assert len(records) == len(set(records)) == len({*shared, *own, *theirs, *late})

    # Both correct one record, each over the version that it saw: the second is told, nothing is overwritten.
    for desk, changed in ((copy, {"CF_NR_FK": "0.2", "CF_SY": "查明的"}), (branch, {"CF_NR_FK": "0.3"})):
        _correct(desk, shared[0], **changed)
        desk.sync_until(is_settled(desk))
    second, *_ = versions.history(branch.desk.db.reader(), shared[0])
    first, *_ = versions.history(copy.desk.db.reader(), shared[0])
    assert (first.outcome, second.outcome) == ("accepted", "rejected")
    assert second.problem["type"] == "urn:minxin:problem:stale"
    assert second.problem["current"]["version_id"] == first.version_id
    copy.stand_up()

    # What the first changed is taken over, what both changed is chosen, and the platform takes it on top.
    merged = drafts.open_rejected(branch.desk, shared[0])
    assert (merged.taken, [one.field for one in merged.open]) == (("CF_SY",), ["CF_NR_FK"])
    drafts.choose(branch.desk, shared[0], "CF_NR_FK", "mine")
    branch.approve_drafts(shared[:1])
    branch.sync_until(is_settled(branch))
    third, *_ = versions.history(branch.desk.db.reader(), shared[0])
    assert (third.outcome, third.parent) == ("accepted", first.version_id)
    assert (third.values["CF_NR_FK"], third.values["CF_SY"]) == ("0.3", "查明的")


def _correct(branch, record_id, **changed):
    drafts.begin_change(branch.desk, record_id, "correct")
    drafts.save(branch.desk, record_id, _values(branch, record_id) | changed, ())
    drafts.set_reason(branch.desk, record_id, drafts.Reason("wrong_entry", "小数点错位"), ())
    branch.approve_drafts([record_id])


def test_two_desks_of_a_unit_share_its_feed_and_each_keeps_its_own(platform, branch, tmp_path):
    unit = platform.unit(UNIT)
    other = Branch(tmp_path / "other", platform.url, unit, platform.seed["subjects"])
    other.enrol("reporter", "reviewer", code=unit["spare_enrolment_codes"][0])
    branch.approved(3)
    branch.sync_until(is_settled(branch))

    assert read_draft(other.desk.db.reader(), "none") is None
    assert other.receipts() == {}
    other.stand_up()
