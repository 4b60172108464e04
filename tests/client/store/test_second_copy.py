"""The second copy of unsent work: nothing approved is lost with the database, and nothing comes twice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from client.errors import ProfileError, StoreError
from client.store import backup, drafts, records, review, versions
from client.store.desk import FoundAgain
from client.store.second_copy import NAME
from tests.client.intake.conftest import disk_of
from tests.client.sync.office import an_office

MAKER, CHECKER = "林晓", "陈敏"


class Room:
    """A desk whose people fill in and approve; its database can be lost."""

    def __init__(self, house: Any, a_penalty: Callable[..., dict[str, Any]]) -> None:
        self.house, self._penalty, self._n = house, a_penalty, 0

    def submitted(self, count: int, **changed: Any) -> tuple[str, list[str]]:
        desk = self.house.switch(MAKER)
        made = []
        for _ in range(count):
            self._n += 1
            made.append(drafts.NewDraft(self._penalty(self._n, **changed)))
        ids = drafts.create_many(desk, "XZCF_FR", made)
        done = review.submit(desk, ids, title="试")
        assert not done.stopped
        return done.act_id, ids

    def approved(self, count: int = 1, **changed: Any) -> list[str]:
        act_id, ids = self.submitted(count, **changed)
        assert review.approve(self.house.switch(CHECKER), act_id).versions == count
        return ids

    def outbox(self) -> dict[str, tuple[str, str, bytes, str]]:
        """Version → its record, state, content and the approval that it hangs on."""
        rows = self.house.desk.db.reader().execute(
            "SELECT o.version_id, v.record_id, o.state, v.content, a.body FROM outbox o"
            " JOIN version v ON v.version_id = o.version_id JOIN approval a ON a.approval_id = v.approval_id"
            " LIMIT 1000"
        )
        return {row[0]: tuple(row)[1:] for row in rows}

    def lose(self, copy: backup.Backup | None) -> None:
        """Lose the database, and put a copy back."""
        self.house.close()
        for name in ("desk.db", "desk.db-wal", "desk.db-shm"):
            (self.house.directory / name).unlink(missing_ok=True)
        with pytest.raises(ProfileError, match="database_missing"):
            self.house.switch(CHECKER)
        if copy is not None:
            backup.restore(
                self.house.directory, copy.name, operator_name=MAKER, passphrase=self.house.passphrase,
                possession=None, clock=self.house.clock,
            )  # fmt: skip

    def fail_after_the_copy(self, desk: Any, act_id: str, kept: Path) -> None:
        """Approve, and let the database fail once the copy is on the disk; `kept` is the copy as it was."""

        def approve_and_fail() -> None:
            with desk.db.transaction():
                review.approve(desk, act_id)
                shutil.copy(self.log, kept)
                raise StoreError("disk_failed")

        with pytest.raises(StoreError, match="disk_failed"):
            approve_and_fail()

    @property
    def log(self) -> Path:
        return self.house.directory / NAME

    def found(self) -> FoundAgain | None:
        return self.house.switch(CHECKER).second_copy.found


@pytest.fixture
def room(house: Any, a_penalty: Callable[..., dict[str, Any]]) -> Room:
    return Room(house, a_penalty)


def test_a_lost_database_loses_no_approved_work_and_nothing_comes_twice(room: Room):
    early = room.approved(2)
    copy = backup.now(room.house.desk)
    late = [*room.approved(3), *room.approved(1)]
    before = room.outbox()
    room.lose(copy)

    assert room.found() == FoundAgain(4, 2)
    assert room.outbox() == before
    shown = records.list_records(room.house.desk.db.reader(), limit=10)
    assert {row.record_id: row.state for row in shown} == dict.fromkeys([*early, *late], "queued")
    assert all(row.subject_name for row in shown)
    room.house.close()
    assert room.found() is None
    assert room.outbox() == before


def test_what_waited_for_review_in_the_copy_is_approved_as_it_was(room: Room):
    act_id, ids = room.submitted(3)
    copy = backup.now(room.house.desk)
    review.approve(room.house.switch(CHECKER), act_id, left_out=ids[:1], reason="不清楚")
    before = room.outbox()
    room.lose(copy)

    assert room.found() == FoundAgain(2, 1)
    assert room.outbox() == before


def test_the_power_fails_between_the_copy_and_the_database(room: Room, tmp_path: Path):
    act_id, ids = room.submitted(2)
    desk = room.house.switch(CHECKER)

    room.fail_after_the_copy(desk, act_id, tmp_path / "on-the-disk")
    assert room.outbox() == {}, "the database knows nothing of it"
    room.house.close()
    assert (tmp_path / "on-the-disk").stat().st_size > room.log.stat().st_size, "what fails is taken back"
    shutil.copy(tmp_path / "on-the-disk", room.log)

    assert room.found() == FoundAgain(2, 1)
    assert {record for record, *_ in room.outbox().values()} == set(ids)
    assert room.found() == FoundAgain(2, 1), "told until the desk is closed"
    room.house.close()
    assert room.found() is None


def test_what_was_returned_since_is_not_brought_back(room: Room, tmp_path: Path):
    act_id, ids = room.submitted(2)
    desk = room.house.switch(CHECKER)
    room.fail_after_the_copy(desk, act_id, tmp_path / "kept")
    review.return_(desk, ids, "不清楚")
    room.house.close()
    shutil.copy(tmp_path / "kept", room.log)

    assert room.found() is None
    assert room.outbox() == {}


def test_a_full_disk_refuses_the_approval_and_it_waits_on(room: Room):
    act_id, ids = room.submitted(40)
    desk = room.house.switch(CHECKER)
    before = room.log.read_bytes()

    with disk_of(len(before) + 2_000), pytest.raises(StoreError, match="disk_full"):
        review.approve(desk, act_id)

    assert room.log.read_bytes() == before
    assert (room.outbox(), len(ids)) == ({}, 40)
    assert review.approve(desk, act_id).versions == 40
    assert len(room.outbox()) == 40


def test_one_approval_costs_one_more_fsync_however_many_versions_it_has(room: Room, monkeypatch):
    act_id, _ = room.submitted(30)
    desk = room.house.switch(CHECKER)
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (synced.append(file), real(file)))

    review.approve(desk, act_id)

    assert len(synced) == 1


@pytest.mark.parametrize("where", ["in the middle", "another key", "no such format"])
def test_a_damaged_copy_is_said_kept_aside_and_written_anew(room: Room, where: str):
    room.approved(2)
    room.approved(1)
    room.house.close()
    content = bytearray(room.log.read_bytes())
    if where == "another key":
        content[10] ^= 1
    else:
        content[1 if where == "no such format" else 80] ^= 1
    room.log.write_bytes(content)

    assert room.found() == FoundAgain(0, 0, damaged=True)
    (aside,) = room.house.directory.glob(f"{NAME}.damaged-*")
    assert aside.read_bytes() == content
    copy = backup.now(room.house.desk)
    late = room.approved(1)
    room.lose(copy)
    assert room.found() == FoundAgain(1, 1)
    assert late[0] in {record for record, *_ in room.outbox().values()}


def test_of_a_damaged_copy_what_can_be_read_comes_back_and_the_damage_is_said(room: Room):
    copy = backup.now(room.house.switch(MAKER))
    room.approved(1)
    first = len(room.log.read_bytes())
    kept = room.approved(2)
    room.lose(copy)
    content = bytearray(room.log.read_bytes())
    content[first - 3] ^= 1
    room.log.write_bytes(content)

    assert room.found() == FoundAgain(2, 1, damaged=True)
    assert {record for record, *_ in room.outbox().values()} == set(kept)


def test_an_approval_that_was_not_written_to_its_end_was_never_saved(room: Room):
    copy = backup.now(room.house.switch(MAKER))
    room.approved(1)
    room.approved(2)
    room.lose(copy)
    os.truncate(room.log, room.log.stat().st_size - 5)

    assert room.found() == FoundAgain(1, 1)
    assert len(room.outbox()) == 1


def test_what_was_recalled_is_out_of_the_copy_at_once(room: Room):
    copy = backup.now(room.house.switch(MAKER))
    room.approved(3)
    (first, *_) = room.outbox()
    versions.recall(room.house.switch(MAKER), first)
    room.lose(copy)

    assert room.found() == FoundAgain(2, 1)
    assert first not in room.outbox()


def test_the_copy_stays_small_because_what_is_settled_is_left_out(tmp_path: Path):
    office = an_office(tmp_path / "office")
    log = tmp_path / "office" / NAME
    empty = log.stat().st_size
    contents = office.approved(8)
    full = log.stat().st_size

    sizes = []
    for settled in (3, 5, 8):
        with office.desk.db.transaction() as tx:
            for one in contents[:settled]:
                tx.execute("UPDATE outbox SET state = 'done' WHERE version_id = ?", (one.version_id,))
        office.desk.second_copy.trim(office.desk)
        sizes.append(log.stat().st_size)
    office.desk.close()

    assert sizes[0] == full > sizes[1] > sizes[2] == empty


def test_a_desk_from_before_gets_its_copy_when_it_is_next_opened(room: Room):
    room.approved(2)
    room.house.close()
    room.log.unlink()
    assert room.found() is None
    copy = next(iter(backup.list_backups(room.house.directory)), None) or backup.now(room.house.desk)

    room.approved(1)
    room.lose(copy)

    assert room.found() == FoundAgain(1, 1)
    assert len(room.outbox()) == 3
