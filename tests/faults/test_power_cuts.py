"""The power fails at any moment while the real store writes: what was called saved is there afterwards."""

from __future__ import annotations

import os
import random
import shutil
import sys
from pathlib import Path

import pytest

from client.store import connection
from client.store.audit import verify
from client.store.database import Database
from client.store.profile import DATABASE
from tests.faults import disk
from tests.faults.fuse import Killed
from tests.faults.people import Branch
from tests.faults.scene import START, the_scene
from tests.faults.store import swapped

CUTS = int(os.environ.get("MINXIN_CUTS", "60"))
SITTINGS, ACTS = 3, 4


@pytest.fixture
def branch(tmp_path):
    scene = the_scene()
    scene.clock.now = START
    made = Branch(
        scene.places[0], scene.folder / tmp_path.name, scene.catalogs, scene.clock, random.Random(5)
    )
    made.close()
    yield made
    shutil.rmtree(made.folder)


def work(branch: Branch, say: disk.Say) -> None:
    """Sit down some times, make and approve records, and say which are saved."""
    profile = branch.desk.db.path.parent
    for _ in range(SITTINGS):
        branch.open(profile)
        for n in range(ACTS):
            say("saved " + " ".join(branch.create(n + 1)))
        branch.close()  # the last connection brings the log home


def recorded(branch: Branch) -> tuple[dict[str, bytes], list[disk.Op]]:
    """What the disk had before the work, and all that was done to it."""
    start = {DATABASE: branch.desk.db.path.read_bytes()}
    return start, disk.recorded(lambda say, _wait: work(branch, say), branch.desk.db.path.parent)


def cut_somewhere(
    ops: list[disk.Op], start: dict[str, bytes], chance: random.Random
) -> tuple[set[str], dict]:
    """What was saved before a cut, and what the disk has after it."""
    left, saved = disk.Disk(start), set()
    for op in ops[: chance.randrange(len(ops))]:
        left.do(op)
        if isinstance(op, disk.Said):
            saved.update(op.word.split()[1:])
    return saved, left.after_a_power_cut(chance)


def lost(files: dict[str, bytes], saved: set[str], key: bytes, folder: Path) -> set[str]:
    """Open what a power cut left; returns what is not there of what was saved."""
    disk.lay_out(files, folder)
    database = Database.open(folder / DATABASE, key)
    try:
        reader = database.reader()
        assert reader.value("PRAGMA integrity_check") == "ok"
        assert verify(reader).holds
        rows = reader.execute(
            "SELECT v.record_id FROM version v JOIN outbox o ON o.version_id = v.version_id LIMIT 100000"
        )
        return saved - {row[0] for row in rows}
    finally:
        database.close()


def lost_in_cuts(branch: Branch, count: int, folder: Path) -> set[str]:
    """Cut the power so often, each time at another moment; returns what was saved and is gone."""
    start, ops = recorded(branch)
    assert sum(isinstance(op, disk.Said) for op in ops) == SITTINGS * ACTS
    chance, gone = random.Random(20261124), set()
    for n in range(count):
        saved, left = cut_somewhere(ops, start, chance)
        gone |= lost(left, saved, branch.place.key, folder / str(n))
        shutil.rmtree(folder / str(n))
    return gone


def test_what_was_saved_survives_a_power_cut_at_any_moment(branch, tmp_path):
    if not disk.can_trace():
        sys.stdout.write("strace is not here or may not trace: the points in the program were used instead\n")
        killed_at_every_point(branch)
        return

    assert not lost_in_cuts(branch, CUTS, branch.folder / "cuts")
    sys.stdout.write(f"{CUTS} power cuts, nothing lost that was saved\n")


def killed_at_every_point(branch: Branch) -> None:
    """Where no disk can be recorded: die before and after every commit."""
    branch.open(branch.desk.db.path.parent)
    saved: set[str] = set()
    for n in range(40):
        branch.fuse.light(n % 8)
        try:
            saved.update(branch.create(1))
        except Killed:
            branch.die()
        rows = branch.rows("SELECT v.record_id FROM version v JOIN outbox o ON o.version_id = v.version_id")
        assert saved <= {row[0] for row in rows}
    branch.close()


def test_a_store_that_does_not_wait_for_the_disk_is_caught(branch):
    if not disk.can_trace():
        sys.stdout.write(
            "strace is not here or may not trace: nothing can be said of what lies on the disk\n"
        )
        return
    lazy = {**connection.PRAGMAS, "synchronous": ("PRAGMA synchronous = NORMAL", 1)}
    with swapped(connection, "PRAGMAS", lazy):
        start, ops = recorded(branch)
    chance = random.Random(20261124)
    for n in range(CUTS):
        saved, left = cut_somewhere(ops, start, chance)
        if lost(left, saved, branch.place.key, branch.folder / f"lazy-{n}"):
            return
    pytest.fail("a store with synchronous=NORMAL lost nothing")
