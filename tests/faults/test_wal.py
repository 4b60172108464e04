"""The log beside the database (`-wal`) is torn, damaged, missing, or of another day.

What was approved is there in any case, because it lies twice; of the rest as much as SQLite can promise.
Nothing is read in half: what does not belong to the database is set aside, what is damaged is named.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from client.errors import StoreError
from client.store import profile
from client.store.audit import verify
from client.store.desk import Desk
from client.store.profile import DATABASE
from tests.faults.people import Branch
from tests.faults.scene import PASSPHRASE, START, Scene, the_scene
from tests.faults.test_disk import dump

WAL = f"{DATABASE}-wal"
TORN = 12


@dataclass
class Place:
    """A desk, opened as the program opens it.

    Attributes:
        folder: its profile.
        approved: every version that was ever called approved here.
    """

    scene: Scene
    branch: Branch
    approved: set[str]

    @property
    def folder(self) -> Path:
        return self.branch.desk.profile

    def work(self) -> None:
        """Make and approve some records."""
        self.branch.create(3)
        self.approved |= {row[0] for row in self.branch.rows("SELECT version_id FROM version")}

    def close(self) -> None:
        """The program ends, and says that all lies in the database itself."""
        self.branch.close()
        (self.folder / profile.LOCK).write_bytes(b"home")

    def copied(self, to: Path) -> Path:
        """Copy the disk as it is, with the keys."""
        shutil.copytree(self.folder, to, symlinks=True)
        shutil.copyfile(self.branch.place.file.with_name(profile.KEYS), to / profile.KEYS)
        return to

    def opened(self, folder: Path) -> Desk:
        """Open a profile as the program does."""
        return profile.unlock(
            folder, self.branch.place.reporter.operator.operator_id, PASSPHRASE, None,
            catalogs=self.scene.catalogs, clock=self.scene.clock, new_id=self.branch.desk.new_id,
        )  # fmt: skip

    def seen(self, folder: Path) -> str:
        """Open a profile whatever lies there; say what is seen of it."""
        try:
            desk = self.opened(folder)
        except StoreError as error:
            return error.code
        try:
            reader = desk.db.reader()
            assert reader.value("PRAGMA integrity_check") == "ok"
            assert verify(reader).holds
            there = {row[0] for row in reader.execute("SELECT version_id FROM version LIMIT 10000")}
            assert self.approved <= there, "what was approved is gone"
            return "read back" if desk.second_copy.found is not None else "whole"
        finally:
            desk.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    scene = the_scene()
    scene.clock.now = START
    branch = Branch(
        scene.places[0], scene.folder / tmp_path.name, scene.catalogs, scene.clock, random.Random(11)
    )
    made = Place(scene, branch, set())
    made.work()
    branch.close()
    branch.open(made.folder)
    made.work()  # this lies in the log
    yield made
    branch.close()
    shutil.rmtree(branch.folder)


def spoiled(place: Place, to: Path, spoil: Callable[[bytes], bytes | None]) -> Path:
    """Copy the disk after a power cut, with another log."""
    folder = place.copied(to)
    (folder / profile.LOCK).write_bytes(b"4711")
    left = spoil((folder / WAL).read_bytes())
    (folder / WAL).unlink() if left is None else (folder / WAL).write_bytes(left)
    return folder


def test_a_log_that_is_torn_damaged_or_missing_costs_nothing_that_was_approved(place, tmp_path):
    chance, found = random.Random(20261124), Counter[str]()

    def torn(log: bytes) -> bytes:
        return log[: chance.randrange(len(log))]

    def flipped(log: bytes) -> bytes:
        at = chance.randrange(len(log))
        return log[:at] + bytes([log[at] ^ 1 << chance.randrange(8)]) + log[at + 1 :]

    ways = [torn] * TORN + [flipped] * TORN + [lambda log: log, lambda _log: None, lambda _log: b""]
    for n, spoil in enumerate(ways):
        found[place.seen(spoiled(place, tmp_path / str(n), spoil))] += 1

    assert found.keys() == {"whole", "read back"}, found


@pytest.fixture
def other_day(place: Place) -> bytes:
    """A log of before, all of which came home; much has been done since."""
    log = (place.folder / WAL).read_bytes()
    for _ in range(2):
        place.branch.close()
        place.branch.open(place.folder)
        place.work()
    place.close()
    return log


def test_a_log_of_another_day_is_set_aside_and_said(place, other_day, tmp_path):
    folder = place.copied(tmp_path / "copy")
    before = place.opened(folder)
    whole = dump(before.db)
    before.close()
    (folder / WAL).write_bytes(other_day)

    desk = place.opened(folder)
    now = dump(desk.db)
    actions = [row[0] for row in desk.db.reader().execute("SELECT action FROM audit ORDER BY n LIMIT 1000")]
    desk.close()

    assert actions[-2:] == ["unlocked", "strange_log_set_aside"]
    assert [row for row in whole if row not in now] == []
    assert (folder / f"{WAL}.strange-1").read_bytes() == other_day
    assert place.seen(folder) == "whole"


def test_a_log_that_a_reader_beside_keeps_alive_counts(place, tmp_path):
    """Where another process reads, the log does not come home when the desk is closed."""
    place.close()
    folder = place.copied(tmp_path / "copy")
    desk = place.opened(folder)
    reading = profile.unlock(
        folder, desk.operator.operator_id, PASSPHRASE, None, catalogs=desk.catalogs, clock=desk.clock,
        new_id=desk.new_id, writable=False,
    )  # fmt: skip
    rows = iter(reading.db.reader().execute("SELECT * FROM audit LIMIT 1000"))
    next(rows)
    with desk.db.transaction() as tx:
        desk.tell(tx, "told_late", "x")
    desk.close()
    assert (folder / WAL).stat().st_size > 0
    left = place.copied(tmp_path / "left")
    for name in (DATABASE, WAL, profile.LOCK):
        shutil.copyfile(folder / name, left / name)
    del rows
    reading.close()

    after = place.opened(left)
    told = after.db.reader().value("SELECT COUNT(*) FROM audit WHERE action = 'told_late'")
    after.close()

    assert told == 1
    assert not list(left.glob("*.strange-*"))
