"""A platform that was put back does not know a desk that came, or was renewed, after its backup."""

from __future__ import annotations

import logging
import random
import shutil
from pathlib import Path

import pytest

from client.errors import NotAllowed, PlatformRefusal
from client.store import renewal
from client.sync import signin
from tests.faults.people import Branch
from tests.faults.region import Region, Snapshot
from tests.faults.scene import OTHER_UNIT, START, UNIT, Scene, the_scene
from tests.faults.store import SMALL_PAGES


@pytest.fixture
def scene():
    logging.disable(logging.CRITICAL)
    made = the_scene(SMALL_PAGES)
    made.clock.now = START
    made.clock.go(3_600)
    made.region.put(made.template)
    yield made
    logging.disable(logging.NOTSET)


@pytest.fixture
def branch(scene: Scene, tmp_path: Path):
    made = Branch(
        scene.places[0], scene.folder / tmp_path.name, scene.catalogs, scene.clock, random.Random(7)
    )
    yield made
    made.close()
    shutil.rmtree(made.folder)


def sync(scene: Scene, branch: Branch) -> str | None:
    scene.clock.go(1_000)
    problem = branch.sync(scene.region, pause=scene.clock.go, stop=lambda: False).problem
    scene.region.work()
    return None if problem is None else problem.code


def renew(scene: Scene, branch: Branch) -> None:
    signin.renew(branch.desk, scene.region)


def put_back(region: Region, file: Path) -> None:
    region.restore(Snapshot(file), "another epoch")


def sign_in(scene: Scene, branch: Branch, *roles: str) -> None:
    for role in roles:
        scene.clock.go(60)
        branch.sign_in(scene.region, getattr(branch.place, role))


def all_is_there(scene: Scene, branch: Branch) -> bool:
    known = {row[0] for row in scene.region.rows("SELECT version_id FROM version_key")}
    rows = branch.rows("SELECT version_id, state FROM outbox")
    return {state for _, state in rows} == {"done"} and {version_id for version_id, _ in rows} == known


@pytest.mark.parametrize("renewals", [1, 2])
def test_a_desk_that_was_renewed_since_goes_on_from_the_id_that_the_platform_knows(scene, branch, renewals):
    before = branch.desk.device.device_id
    branch.create(2)
    assert sync(scene, branch) is None
    backup = scene.region.snapshot()
    for _ in range(renewals):
        renew(scene, branch)
    gone = branch.desk.device.device_id
    branch.create(2)
    assert sync(scene, branch) is None
    branch.create(1)
    put_back(scene.region, backup.file)
    assert sync(scene, branch) == "token_expired"

    sign_in(scene, branch, "reporter")

    assert branch.desk.device.device_id not in {before, gone}
    assert scene.region.rows("SELECT renews FROM device WHERE renews IS NOT NULL") == [(before,)]
    assert [sync(scene, branch) for _ in range(3)] == [None] * 3
    assert all_is_there(scene, branch)


def test_a_desk_that_was_enrolled_since_is_told_so_and_enrols_again_with_its_queue(scene, branch):
    branch.create(3)
    assert sync(scene, branch) is None
    branch.create(2)
    put_back(scene.region, scene.dawn)
    with pytest.raises(PlatformRefusal, match="device_not_enrolled"):
        sign_in(scene, branch, "reporter")
    before = branch.desk.device.device_id

    branch.enrol_again(scene.region, scene.region.new_code(UNIT))
    sign_in(scene, branch, "reviewer", "reporter")

    assert branch.desk.device.device_id != before
    assert [one.device_id for one in renewal.former(branch.desk.db.reader())] == [before]
    assert [sync(scene, branch) for _ in range(3)] == [None] * 3
    assert all_is_there(scene, branch)


def test_an_answer_to_the_new_enrolment_that_was_lost_costs_no_second_code(scene, branch):
    put_back(scene.region, scene.dawn)
    code, key = scene.region.new_code(UNIT), renewal.key_to_renew_with(branch.desk)
    signin.enrol(scene.region, url="-", ca_file=None, code=code, name="A", device_key=key)

    branch.enrol_again(scene.region, code)

    assert scene.region.rows("SELECT device_id FROM device") == [(branch.desk.device.device_id,)]


def test_a_code_of_another_unit_changes_nothing(scene, branch):
    before = branch.desk.device
    put_back(scene.region, scene.dawn)

    with pytest.raises(NotAllowed, match="code_of_another_unit"):
        branch.enrol_again(scene.region, scene.region.new_code(OTHER_UNIT))

    assert branch.desk.device == before
