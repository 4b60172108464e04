"""What goes wrong beside the packages: lost ones, kills, full sticks, refusals, a platform restored."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from client.store import link
from client.sync import courier
from tests.client.sync.branch import check_agreement
from tests.end2end.by_stick import (
    Office,
    Region,
    Walk,
    again,
    ledger,
    open_office,
    out,
    read,
    refused,
)


def test_a_package_that_never_came_is_named_and_stops_nothing(new_region: Region, tmp_path: Path):
    region, office = new_region, open_office(new_region)
    for number in (1, 2, 3):
        office.approved(1)
        out(office, tmp_path / f"up{number}.mxp")

    third = region.take_in(tmp_path / "up3.mxp", tmp_path / "down3.mxp")
    first = region.take_in(tmp_path / "up1.mxp", tmp_path / "down1.mxp")
    again = region.take_in(tmp_path / "up3.mxp", tmp_path / "down4.mxp")
    late = read(office, tmp_path / "down4.mxp")

    assert (third.missing, first.missing, again.missing, again.replayed) == ((1, 2), (), (2,), True)
    assert third.counts["accepted"] == 3  # what waited goes along in each
    assert (late.missing, late.ack_seq) == ((1, 2), 3)
    check_agreement(office, ledger(region))
    office.stand_up()


def test_a_program_killed_at_any_moment_of_writing_loses_nothing(
    region: Region, office: Office, tmp_path: Path
):
    office.approved(2)
    (office.folder / "courier").mkdir(exist_ok=True)
    (office.folder / "courier" / "half").write_bytes(b"of one that was killed before")
    (tmp_path / ".up.mxp.writing").write_bytes(b"the same, on the stick")
    tried = 0
    while True:
        steps = iter(range(tried))

        def die(_step: courier.Progress, steps: Iterator[int] = steps) -> None:
            if next(steps, None) is None:
                raise KeyboardInterrupt

        try:
            out(office, tmp_path / "up.mxp", progress=die)
        except KeyboardInterrupt:
            assert not (tmp_path / "up.mxp").exists()
            tried += 1
            continue
        break

    assert tried > 4
    taken = region.take_in(tmp_path / "up.mxp", tmp_path / "down.mxp")
    read(office, tmp_path / "down.mxp")
    assert taken.counts["accepted"] == 2
    assert len(list((office.folder / "courier").iterdir())) == 1
    assert not list(tmp_path.glob(".*"))
    check_agreement(office, ledger(region))


def test_a_stick_that_is_full_is_named_and_another_takes_the_same_package(
    region: Region, office: Office, tmp_path: Path
):
    office.approved(1)
    (small := tmp_path / "small").mkdir()
    (tmp_path / "large").mkdir()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    out(office, tmp_path / "up.mxp")
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        code = refused(lambda: again(office, small / "up.mxp"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    again(office, tmp_path / "large" / "up.mxp")

    assert (code, list(small.iterdir())) == ("stick_full", [])
    assert region.take_in(tmp_path / "large" / "up.mxp", tmp_path / "down.mxp").counts["accepted"] == 1


def test_stopping_and_lacking_the_platforms_key_say_so(region: Region, office: Office, tmp_path: Path):
    office.approved(1)

    assert refused(lambda: out(office, tmp_path / "up.mxp", cancelled=lambda: True)) == "stopped"
    for left in (office.folder / "courier").glob("*"):
        left.unlink()
    assert refused(lambda: again(office, tmp_path / "up.mxp")) == "package_gone"
    key = office.desk.device.package_key
    office.desk.device = replace(office.desk.device, package_key=None)
    assert refused(lambda: out(office, tmp_path / "up.mxp")) == "package_key_missing"
    assert office.sync().problem is None  # the greeting says it
    assert office.desk.device.package_key == key == region.app.state.platform.identity.package_key.public


# --- the platform contradicts, refuses, starts anew


def test_what_the_platform_refuses_is_blocked_by_name_and_flows_once_it_is_taken(
    new_region: Region, tmp_path: Path
):
    region, office = new_region, new_region.office()
    office.sign_in("reporter")
    office.approved(1)  # the reviewer has never signed in

    out(office, tmp_path / "up.mxp")
    taken = region.take_in(tmp_path / "up.mxp", tmp_path / "down.mxp")
    brought = read(office, tmp_path / "down.mxp")

    assert (taken.counts["refused"], taken.counts["held"]) == (1, 1)
    assert [(one.what, one.code) for one in brought.refused] == [("approval", "checker_key_unknown")]
    office.sign_in("reviewer")
    assert office.sync().problem is None
    office.stand_up()


def test_what_a_restored_platform_has_lost_comes_again_by_stick(new_region: Region, tmp_path: Path):
    region, office = new_region, open_office(new_region)
    walk = Walk(region, office, tmp_path)
    for word in ("make 2", "out", "at 1", "in 1"):
        walk.step(word)
    backup = region.backup()
    for word in ("make 1", "out", "at 2", "in 2", "out", "at 3"):
        walk.step(word)
    assert len(ledger(region).versions) == 3
    region.restore(backup, "another-epoch")
    assert len(ledger(region).versions) == 2

    walk.step("out")
    walk.step("at 4")
    told = read(office, tmp_path / "down4.mxp")
    walk.step("out")
    walk.step("at 5")
    asked = read(office, tmp_path / "down5.mxp")
    walk.step("out")
    walk.step("at 6")
    brought = read(office, tmp_path / "down6.mxp")
    older = read(office, tmp_path / "down3.mxp")

    assert (told.epoch_changed, told.outdated) == (True, False)
    assert (asked.resent, brought.applied.accepted) == (1, 1)
    assert (older.epoch_changed, older.outdated) == (False, True)
    now = link.link(office.desk.db.reader())
    assert (now.epoch, now.cursor) == ("another-epoch", ledger(region).feed_head)
    assert sorted(ledger(region).versions) == sorted(
        one for one, _stage in office.receipts() if _stage == "checked"
    )
    assert (set(office.outbox()), link.asked_up_to(office.desk.db.reader())) == ({"done"}, None)
    office.stand_up()
