from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from client.errors import ProfileError, StoreError, UnlockError
from client.store import backup, drafts, records


def names(profile: Path, kind: str) -> list[str]:
    return [one.name for one in backup.list_backups(profile) if one.kind == kind]


def restore(house: Any, name: str, passphrase: str | None = None) -> backup.Restored:
    return backup.restore(
        house.directory, name, operator_name="林晓", passphrase=passphrase or house.passphrase,
        possession=None, clock=house.clock,
    )  # fmt: skip


def test_one_copy_is_made_a_day(house: Any):
    first = backup.daily(house.desk)

    assert first is not None
    assert (first.name, first.kind) == ("daily-20261124.db", "daily")
    assert backup.daily(house.desk) is None
    house.clock.at += timedelta(days=1)
    assert backup.daily(house.desk).name == "daily-20261125.db"


def test_fourteen_days_are_kept(house: Any):
    for _ in range(17):
        backup.daily(house.desk)
        house.clock.at += timedelta(days=1)

    assert len(names(house.directory, "daily")) == 14
    assert "daily-20261127.db" in names(house.directory, "daily")
    assert "daily-20261126.db" not in names(house.directory, "daily")


def test_a_copy_can_be_made_by_hand_at_any_time(house: Any):
    for _ in range(7):
        backup.now(house.desk)
        house.clock.at += timedelta(minutes=1)

    assert len(names(house.directory, "by_hand")) == 5
    assert names(house.directory, "daily") == []


def test_the_keys_are_kept_beside_the_copies(house: Any):
    backup.daily(house.desk)

    copied = (house.directory / "backups" / "keys.json").read_bytes()
    assert copied == (house.directory / "keys.json").read_bytes()


def test_a_restore_brings_back_what_was_and_moves_the_present_aside(house: Any, a_penalty: Any):
    kept = drafts.create(house.desk, "XZCF_FR", a_penalty(1))
    copy = backup.now(house.desk)
    later = drafts.create(house.desk, "XZCF_FR", a_penalty(2))
    house.close()

    aside = restore(house, copy.name).aside

    reader = house.desk.db.reader()
    assert [r.record_id for r in records.list_records(reader)] == [kept]
    assert reader.value("SELECT value FROM setting WHERE name = 'restored_from'") == copy.name
    assert names(house.directory, "before_restore") == [aside.name]
    house.close()
    restore(house, aside.name)
    assert {r.record_id for r in records.list_records(house.desk.db.reader())} == {kept, later}


def test_a_damaged_copy_is_refused_and_nothing_is_moved(house: Any):
    copy = backup.now(house.desk)
    house.close()
    path = house.directory / "backups" / copy.name
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    before = (house.directory / "desk.db").read_bytes()

    with pytest.raises(StoreError, match="backup_damaged"):
        restore(house, copy.name)

    assert (house.directory / "desk.db").read_bytes() == before
    assert house.desk.operator.name == "林晓"


def test_a_copy_of_another_desk_is_refused(house: Any, a_desk: Any):
    other = a_desk(name="other")
    foreign = backup.now(other.desk)
    house.close()
    (house.directory / "backups").mkdir(exist_ok=True)
    source = other.directory / "backups" / foreign.name
    (house.directory / "backups" / foreign.name).write_bytes(source.read_bytes())

    with pytest.raises(StoreError, match="backup_damaged"):
        restore(house, foreign.name)


def test_a_restore_needs_the_passphrase_and_a_closed_desk(house: Any):
    copy = backup.now(house.desk)
    with pytest.raises(ProfileError, match="profile_in_use"):
        restore(house, copy.name)
    house.close()
    with pytest.raises(UnlockError, match="passphrase_wrong"):
        restore(house, copy.name, "不是这个口令")
    with pytest.raises(ProfileError, match="backup_missing"):
        restore(house, "daily-20200101.db")
    with pytest.raises(ProfileError, match="backup_missing"):
        restore(house, "../desk.db")


def test_a_desk_whose_database_is_gone_is_restored(house: Any, a_penalty: Any):
    record_id = drafts.create(house.desk, "XZCF_FR", a_penalty(1))
    copy = backup.now(house.desk)
    house.close()
    for path in house.directory.glob("desk.db*"):
        path.unlink()

    restore(house, copy.name)

    assert [r.record_id for r in records.list_records(house.desk.db.reader())] == [record_id]


@pytest.mark.parametrize("damage", ["lost", "damaged"])
def test_lost_or_damaged_keys_come_back_from_their_copy(house: Any, damage: str):
    backup.daily(house.desk)
    house.close()
    keys = house.directory / "keys.json"
    if damage == "lost":
        keys.unlink()
    else:
        keys.write_text("{", "utf-8")
    with pytest.raises(ProfileError):
        house.unlock("林晓")

    backup.restore_keys(house.directory)

    assert house.desk.operator.name == "林晓"


def test_keys_that_were_never_copied_cannot_come_back(house: Any):
    with pytest.raises(ProfileError, match="backup_missing"):
        backup.restore_keys(house.directory)


def test_what_is_no_copy_of_ours_is_not_listed(house: Any):
    backup.daily(house.desk)
    (house.directory / "backups" / "notes.txt").write_text("x", "utf-8")

    assert [one.name for one in backup.list_backups(house.directory)] == ["daily-20261124.db"]
    assert backup.list_backups(house.directory / "nowhere") == []
