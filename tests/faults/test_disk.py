"""The disk fails under a sync: killed at a write, full, broken, bits flipped. Nothing is lost."""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from client.errors import ClientError, StoreError
from client.store import connection
from client.store.database import Database
from tests.faults import disk
from tests.faults.people import Branch
from tests.faults.simulator import Simulation

STRIDE = int(os.environ.get("MINXIN_STRIDE", "9"))
"""Every so manyeth point is tried; 1 tries all."""

FLIPS = 30
CALLS = "pwrite64,fsync,fdatasync,ftruncate,unlink"


class Scene:
    """A desk with much to send, and the platform, to be put back for each trial."""

    def __init__(self) -> None:
        self.simulation = Simulation(1, pages=connection.PAGE_SIZE)
        self.simulation.sky.bad = 0.0
        self.branch: Branch = self.simulation.branches[0]
        self.simulation.do(self.branch, "create")
        self.simulation.do(self.branch, "with_evidence")
        self.simulation.do(self.branch, "create")
        self._image = self.branch.image("before")
        self._snapshot = self.simulation.region.snapshot()

    def put_back(self) -> None:
        self.branch.close()
        self.branch.start(self._image)
        self.simulation.region.put(self._snapshot.file)

    def sync(self, say: disk.Say, profile: Path) -> None:
        """Open the desk if it is not open, sync, and say how it came out."""
        try:
            if self.branch.is_closed:
                self.branch.open(profile)
            outcome = self.branch.sync(
                self.simulation.lines[self.branch.name],
                pause=self.simulation.clock.go,
                stop=lambda: False,
            )
        except StoreError as error:
            say(f"store {error.code}")
        else:
            say(f"sync {outcome.problem.code if outcome.problem else 'well'}")

    def spoiled(self, how: Sequence[str], *, again: bool = False) -> disk.Child:
        """Sync in a process whose system calls are spoiled; with `again` once more when they are well."""
        self.put_back()
        profile = self.branch.desk.db.path.parent
        self.branch.close()
        self.simulation.region.let_go()

        def act(say: disk.Say, wait) -> None:
            self.sync(say, profile)
            if again:
                say("waiting")
                wait()
                self.sync(say, profile)

        with disk.traced(act, ["-o", os.devnull, "-e", f"trace={CALLS}", *how]) as child:
            if again:
                child.hear("waiting")
                child.let_go()
                child.tell()
            child.end()
        self.branch.open(profile)
        self.simulation.region.restart()
        return child

    def check(self) -> None:
        """After all that, what is on the disk comes to its end, and no invariant is broken."""
        assert self.branch.desk.db.reader().value("PRAGMA integrity_check") == "ok"
        self.simulation.calm_down()
        assert not self.simulation.check(calm=True)


@pytest.fixture
def scene():
    made = Scene()
    yield made
    made.simulation.close()


def no_strace() -> bool:
    if disk.can_trace():
        return False
    sys.stdout.write(
        "strace is not here or may not trace: the simulator's points in the program stand for it\n"
    )
    return True


@pytest.mark.timeout(600)
def test_killed_at_every_write_and_sync_of_a_cycle_nothing_is_lost(scene):
    if no_strace():
        return
    at = 1
    while scene.spoiled(["-e", f"inject={CALLS}:signal=SIGKILL:when={at}"]).was_killed:
        scene.check()
        at += STRIDE

    assert at > 4 * STRIDE
    sys.stdout.write(f"killed at every {STRIDE}th of {at} writes and syncs\n")


FULL = ("pwrite64", "ENOSPC", {"store disk_full", "store disk_failed", "sync maintenance", "sync well"})
"""At the memory that readers and writers share SQLite calls a full disk a broken one."""

BROKEN = ("fsync,fdatasync", "EIO", {"store disk_failed", "sync maintenance", "sync well"})


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("calls", "error", "names"), [FULL, BROKEN], ids=["disk full", "disk broken"])
@pytest.mark.parametrize("lasting", ["", "+"], ids=["once", "lasting"])
def test_a_disk_that_refuses_is_named_and_goes_on_when_it_is_well_again(scene, calls, error, names, lasting):
    if no_strace():
        return
    met: Counter[str] = Counter()
    for at in range(1, 40, 2 * STRIDE):
        child = scene.spoiled(["-e", f"inject={calls}:error={error}:when={at}{lasting}"], again=True)
        first, _, second = child.said

        assert first in names
        assert second == "sync well"
        scene.check()
        met[first] += 1
    assert set(met) - {"sync well"}
    sys.stdout.write(f"{error}: {dict(met)}\n")


def dump(database: Database) -> list[tuple[object, ...]]:
    reader = database.reader()
    tables = reader.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name LIMIT 1000")
    found: list[tuple[object, ...]] = []
    for (name,) in [tuple(row) for row in tables]:
        found += [tuple(row) for row in reader.execute(f'SELECT * FROM "{name}" LIMIT 100000')]
    return found


def test_every_flipped_bit_is_found_or_harmless(scene, tmp_path):
    scene.branch.close()
    file, key, chance = scene.branch.desk.db.path, scene.branch.place.key, random.Random(20261124)
    database = Database.open(file, key)
    whole = dump(database)
    database.close()
    content, found = file.read_bytes(), Counter[str]()
    scene.branch.open(file.parent)
    for n in range(FLIPS):
        copy = bytearray(content)
        copy[chance.randrange(len(copy))] ^= 1 << chance.randrange(8)
        spoiled = tmp_path / f"{n}.db"
        spoiled.write_bytes(copy)
        found[what_is_seen(Database, spoiled, key, whole)] += 1

    assert found["another content"] == 0, found
    assert found["found"] > FLIPS // 2
    sys.stdout.write(f"{FLIPS} flipped bits: {dict(found)}\n")


def what_is_seen(kind: type[Database], file, key: bytes, whole: list[tuple[object, ...]]) -> str:
    """Open a file with a flipped bit and read all of it."""
    try:
        database = kind.open(file, key)
    except ClientError:
        return "found"
    try:
        if not database.is_sound():
            return "found"
        return "harmless" if dump(database) == whole else "another content"
    except ClientError:
        return "found"
    finally:
        database.close()
