"""Stick and network, the desk's store and the platform's database: mixed in any order, one effect."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from client.store import attachments, batches, cases, drafts, outbox, versions
from client.sync.wire import batch_body
from tests.client.sync.branch import Hall, check_agreement
from tests.databases import postgres
from tests.end2end.by_stick import (
    Office,
    Region,
    Walk,
    ledger,
    open_office,
    out,
    read,
)

__all__ = ["postgres"]  # a fixture


def test_what_is_due_goes_out_and_comes_home_stored(new_region: Region, tmp_path: Path):
    region, office = new_region, open_office(new_region)
    office.approved(5)

    packed = out(office, tmp_path / "up.mxp")
    assert set(office.outbox()) == {"unknown"}
    taken = region.take_in(tmp_path / "up.mxp", tmp_path / "down.mxp")
    brought = read(office, tmp_path / "down.mxp")

    assert (packed.load.approvals, packed.load.batches, packed.load.versions) == (1, 1, 5)
    assert (taken.counts["accepted"], taken.missing, taken.replayed) == (5, (), False)
    assert (brought.applied.accepted, brought.approvals, brought.ack_seq) == (5, 1, 1)
    assert set(office.states().values()) == {"stored"}
    assert outbox.approvals_to_put(office.desk.db.reader()) == []
    check_agreement(office, ledger(region))
    region.line.asked.clear()
    assert office.sync().sent == 0
    assert not [one for one in region.line.asked if one.startswith(("POST", "PUT"))]
    office.stand_up()


def test_the_same_on_postgresql(postgres, tmp_path: Path):
    with postgres.seeded.copied(tmp_path) as database:
        region = Region(database, postgres.seeded.seed, tmp_path)
        office = open_office(region)
        office.approved(5)
        out(office, tmp_path / "up.mxp")
        region.take_in(tmp_path / "up.mxp", tmp_path / "down.mxp")
        again = region.take_in(tmp_path / "up.mxp", tmp_path / "down2.mxp")
        read(office, tmp_path / "down2.mxp")
        read(office, tmp_path / "down.mxp")

        assert (again.replayed, again.counts["accepted"]) == (True, 5)
        assert set(office.states().values()) == {"stored"}
        assert office.sync().problem is None
        office.stand_up()
        region.close()


# --- any order


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(["make 3", "out", "net", "at 1", "in 1"], id="the network is quicker than the stick"),
        pytest.param(["make 3", "out", "at 1", "net", "in 1"], id="the network brings the answer first"),
        pytest.param(["make 3", "out", "at 1", "at 1", "in 2", "in 1", "in 2"], id="everything twice"),
        pytest.param(
            ["make 3", "out", "make 2", "out", "at 2", "at 1", "in 2", "in 1"], id="the second arrives first"
        ),
        pytest.param(
            ["make 2", "net", "make 3", "out", "make 1", "net", "out", "at 2", "in 1", "at 1", "in 2", "net"],
            id="both roads by turns",
        ),
        pytest.param(["make 3", "out", "out", "at 2", "in 1", "make 2", "net"], id="the first is lost"),
        pytest.param(["make 3", "out", "at 1", "make 1", "net", "net"], id="the answer never comes home"),
    ],
)
def test_in_any_order_there_is_one_effect(region: Region, office: Office, tmp_path: Path, steps: list[str]):
    walk = Walk(region, office, tmp_path)

    for word in [*steps, "net", "net"]:
        walk.step(word)

    assert set(office.states().values()) <= {"stored", "corrected", "withdrawn"}
    assert set(office.outbox()) == {"done"}
    check_agreement(office, ledger(region))


def test_a_batch_that_was_split_on_the_line_is_answered_by_stick_all_the_same(
    region: Region, office: Office, tmp_path: Path
):
    office.approved(4)
    out(office, tmp_path / "up.mxp")
    (opened,) = batches.open_batches(office.desk.db.reader())
    batches.split(office.desk, opened.batch_id, tries=0, encode=batch_body)

    region.take_in(tmp_path / "up.mxp", tmp_path / "down.mxp")
    brought = read(office, tmp_path / "down.mxp")

    assert brought.applied.accepted == 4
    assert set(office.outbox()) == {"done"}
    assert office.sync().problem is None
    check_agreement(office, ledger(region))


def test_a_correction_its_evidence_and_a_withdrawal_travel_too(
    region: Region, office: Office, tmp_path: Path
):
    wrong, gone = office.approved(2)
    walk = Walk(region, office, tmp_path)
    walk.net("")
    walk.net("")
    paper = tmp_path / "撤销决定书.pdf"
    paper.write_bytes(b"%PDF-1.4 " + random.Random(1).randbytes(2_300_000))
    evidence = attachments.add(office.desk, paper)
    values = versions.last_values(office.desk.db.reader(), wrong).values
    drafts.begin_change(office.desk, wrong, "correct")
    drafts.save(office.desk, wrong, values | {"CF_NR_FK": "0.2"}, ())
    drafts.set_reason(office.desk, wrong, drafts.Reason("wrong_entry", "小数点错位"), ())
    drafts.begin_change(office.desk, gone, "withdraw")
    drafts.set_reason(office.desk, gone, drafts.Reason("decision_revoked", "决定已撤销"), (evidence,))
    office.approve_drafts([wrong, gone])

    packed = out(office, tmp_path / "up.mxp", part_bytes=1_000_000)
    region.take_in(tmp_path / "up.001.mxp", tmp_path / "down.mxp", part_bytes=1_500)
    brought = read(office, tmp_path / "down.001.mxp")

    assert (packed.load.attachments, len(packed.files)) == (1, 3)
    assert (brought.attachments, brought.applied.accepted) == (1, 2)
    states = office.states()
    assert (states[wrong], states[gone]) == ("corrected", "withdrawn")
    assert outbox.attachments_to_put(office.desk.db.reader()) == []
    check_agreement(office, ledger(region))


def test_an_objection_comes_with_its_evidence_and_can_be_read_without_a_line(
    region: Region, office: Office, tmp_path: Path
):
    paper = b"%PDF-1.4 proof of payment"
    hall = region.office("hall", unit="350200-00", people=("hall",))
    hall.sign_in("hall")
    (record_id,) = office.approved(1)
    walk = Walk(region, office, tmp_path)
    walk.net("")
    dispute = {"field": "CF_NR_FK", "old": "0.1", "claimed": "0.01"}
    case_id = Hall(hall).object_to(record_id, dispute, paper=paper)

    walk.out("")
    walk.at("1")
    brought = read(office, tmp_path / "down1.mxp")

    assert brought.evidence == 1
    case = cases.get(office.desk.db.reader(), case_id)
    assert attachments.read(office.desk, case.records[0].evidence[0].attachment.sha256) == paper
    hall.stand_up()
