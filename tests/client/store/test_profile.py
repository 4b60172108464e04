from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from client.core.people import Operator
from client.errors import NotAllowed, ProfileError, StoreError, UnlockError
from client.store import audit, drafts, profile, records
from client.store.desk import Desk
from client.store.profile import NewOperator
from client.store.wraps import Cost
from forms.seal.keys import SigningKey

TREE = Path(__file__).parents[3]
CHEAP = Cost(1, 32, 1)


def test_a_desk_opens_with_everything_it_was_made_with(house: Any):
    desk = house.desk

    assert desk.operator.name == "林晓"
    assert desk.operator.roles == {"reporter", "handler"}
    assert desk.device == house.device
    assert desk.today().isoformat() == "2026-11-24"
    assert {o.name for o in profile.read_operators(desk.db.reader())} == {"林晓", "陈敏", "吴昊"}


def test_who_can_unlock_is_known_without_a_key(house: Any):
    house.close()

    choices = profile.locked_profile(house.directory)

    assert [(c.name, c.keyring) for c in choices] == [("林晓", False), ("陈敏", False), ("吴昊", False)]
    assert profile.profile_id(house.directory)


def test_a_wrong_passphrase_opens_nothing_and_locks_nobody_out(house: Any):
    house.close()
    house.passphrase = "不是这个口令"
    with pytest.raises(UnlockError, match="passphrase_wrong"):
        house.unlock("林晓")
    with pytest.raises(UnlockError, match="operator_unknown"):
        house.unlock("没有这个人")

    house.passphrase = "纸上得来终觉浅-1"
    assert house.desk.operator.name == "林晓"


def test_each_operator_signs_with_a_key_of_their_own(house: Any):
    keys = {house.switch(name).key.public for name in ("林晓", "陈敏", "吴昊")}

    assert len(keys) == 3
    known = house.desk.db.reader().execute("SELECT public_key FROM operator_key LIMIT 9")
    assert {row[0] for row in known} == keys


def test_switching_locks_the_desk_of_the_one_before(house: Any):
    before = house.desk
    house.switch("陈敏")

    with pytest.raises(StoreError, match="closed"):
        before.db.reader()
    assert before.key.raw == b""
    assert before.data_key.raw == b""


def test_one_profile_has_one_writer(house: Any):
    assert house.desk.operator.name == "林晓"

    with pytest.raises(ProfileError, match="profile_in_use"):
        house.unlock("陈敏")


def test_another_program_reads_beside_the_writer(house: Any, a_penalty: Any):
    record_id = drafts.create(house.desk, "XZCF_FR", a_penalty(1))
    beside = house.unlock("陈敏", writable=False)

    assert [r.record_id for r in records.list_records(beside.db.reader())] == [record_id]
    with pytest.raises(StoreError, match="read_only"):
        drafts.create(with_roles(beside, "reporter"), "XZCF_FR", a_penalty(2))
    beside.close()
    drafts.create(house.desk, "XZCF_FR", a_penalty(3))


def with_roles(desk: Desk, *roles: str) -> Desk:
    desk.operator = Operator(desk.operator.operator_id, desk.operator.name, frozenset(roles))
    return desk


HOLDER = """
import sys, time
from pathlib import Path
from client.store.files import ProfileLock
lock = ProfileLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_lock_goes_with_the_process_that_held_it_and_says_that_it_was_killed(house: Any):
    house.close()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(house.directory / "lock")],
        cwd=TREE, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(ProfileError, match="profile_in_use"):
        house.unlock("林晓")

    holder.kill()
    holder.wait(timeout=30)
    holder.stdin.close()
    holder.stdout.close()

    desk = house.desk
    assert desk.lock.was_unclean
    house.close()
    assert not house.desk.lock.was_unclean


def test_a_profile_is_not_made_over_another(house: Any):
    with pytest.raises(ProfileError, match="profile_exists"):
        profile.create_profile(
            house.directory, profile_id="p", device=house.device, device_key=SigningKey.generate(),
            operators=[Operator("o", "林晓", frozenset())], first=NewOperator("o", "长长的口令一二三"),
            possession=None, clock=house.clock, cost=CHEAP,
        )  # fmt: skip
    assert house.desk.operator.name == "林晓"


@pytest.mark.parametrize(
    ("operator_id", "passphrase", "code"),
    [("somebody", "长长的口令一二三", "operator_unknown"), ("o", "短口令", "passphrase_too_short")],
)
def test_a_profile_that_cannot_be_made_leaves_nothing(
    tmp_path: Path, operator_id: str, passphrase: str, code: str, house: Any
):
    with pytest.raises(UnlockError, match=code):
        profile.create_profile(
            tmp_path / "new", profile_id="p", device=house.device, device_key=SigningKey.generate(),
            operators=[Operator("o", "林晓", frozenset())], first=NewOperator(operator_id, passphrase),
            possession=None, clock=house.clock, cost=CHEAP,
        )  # fmt: skip
    assert not (tmp_path / "new").exists()


def test_a_database_without_keys_is_set_aside_and_not_deleted(house: Any):
    house.close()
    (house.directory / "keys.json").rename(house.directory / "lost.json")
    before = (house.directory / "desk.db").read_bytes()

    profile.create_profile(
        house.directory, profile_id="p", device=house.device, device_key=SigningKey.generate(),
        operators=[Operator("o", "林晓", frozenset({"reporter"}))],
        first=NewOperator("o", "纸上得来终觉浅-1"), possession=None, clock=house.clock, cost=CHEAP,
    )  # fmt: skip

    assert (house.directory / "desk.db.without-keys-1").read_bytes() == before
    assert house.desk.operator.operator_id == "o"


def test_the_keyring_half_is_needed_once_it_was_given(house: Any):
    profile.add_operator(house.desk, house.desk.operator, "纸上得来终觉浅-1", b"h" * 32, cost=CHEAP)
    house.close()

    with pytest.raises(UnlockError, match="keyring_half_missing"):
        house.unlock("林晓")
    desk = profile.unlock(
        house.directory, "林晓", "纸上得来终觉浅-1", b"h" * 32,
        catalogs=house.catalogs, clock=house.clock, new_id=house.new_id,
    )  # fmt: skip
    assert desk.operator.name == "林晓"
    desk.close()


def test_only_who_has_a_half_in_the_keyring_is_asked_for_it(house: Any):
    somebody = Operator("o-4", "周宁", frozenset({"reporter"}))
    profile.add_operator(house.desk, somebody, house.passphrase, b"h" * 32, cost=CHEAP)
    asked: list[tuple[str, str]] = []

    def fetch(profile_id: str, operator_id: str) -> bytes | None:
        asked.append((profile_id, operator_id))
        return b"h" * 32

    assert profile.half_of(house.directory, "林晓", fetch) is None
    assert profile.half_of(house.directory, "周宁", fetch) == b"h" * 32
    assert asked == [(house.desk.profile_id, "o-4")]
    with pytest.raises(UnlockError, match="operator_unknown"):
        profile.half_of(house.directory, "没有这个人", fetch)


def test_a_passphrase_is_changed_by_the_one_who_knows_it(house: Any):
    key = house.desk.key.public
    with pytest.raises(UnlockError, match="passphrase_wrong"):
        profile.change_passphrase(house.desk, "不对的口令一二", "绝知此事要躬行-2", None, cost=CHEAP)
    with pytest.raises(UnlockError, match="passphrase_too_short"):
        profile.change_passphrase(house.desk, "纸上得来终觉浅-1", "短", None, cost=CHEAP)

    profile.change_passphrase(house.desk, "纸上得来终觉浅-1", "绝知此事要躬行-2", None, cost=CHEAP)

    house.close()
    with pytest.raises(UnlockError):
        house.unlock("林晓")
    house.passphrase = "绝知此事要躬行-2"
    assert house.desk.key.public == key


def test_the_one_who_sits_there_proves_it_by_the_passphrase(house: Any):
    profile.confirm(house.desk, "纸上得来终觉浅-1", None)

    with pytest.raises(UnlockError, match="passphrase_wrong"):
        profile.confirm(house.desk, "别人的口令一二三", None)


def test_an_operator_is_taken_off_the_desk_but_never_the_last_or_oneself(house: Any):
    desk = house.desk
    others = [c.operator_id for c in profile.locked_profile(house.directory) if c.name != "林晓"]
    with pytest.raises(NotAllowed, match="operator_at_work"):
        profile.remove_operator(desk, desk.operator.operator_id)

    for one in others:
        profile.remove_operator(desk, one)

    assert [c.name for c in profile.locked_profile(house.directory)] == ["林晓"]
    with pytest.raises(NotAllowed, match="last_operator"):
        profile.remove_operator(desk, desk.operator.operator_id)
    assert desk.db.reader().value("SELECT COUNT(*) FROM operator_key") == 3


def test_new_roles_from_the_platform_hold_from_the_next_unlock(house: Any):
    mine = house.desk.operator
    profile.write_operators(house.desk, [Operator(mine.operator_id, "林晓", frozenset({"auditor"}))])
    house.close()

    assert house.desk.operator.roles == {"auditor"}


def test_a_damaged_database_is_not_taken_for_a_wrong_passphrase(house: Any):
    house.close()
    path = house.directory / "desk.db"
    raw = bytearray(path.read_bytes())
    raw[100] ^= 1
    path.write_bytes(raw)

    with pytest.raises(StoreError, match="damaged"):
        house.unlock("林晓")


def test_a_missing_database_is_named(house: Any):
    house.close()
    (house.directory / "desk.db").rename(house.directory / "elsewhere.db")

    with pytest.raises(ProfileError, match="database_missing"):
        house.unlock("林晓")
    assert not (house.directory / "desk.db").exists()


SAVER = """
import sys
from datetime import datetime, UTC
from pathlib import Path
import json, os
from client.core.ids import uuid7
from client.store import drafts
from client.store.desk import Catalogs
from client.store.profile import unlock
from forms.catalog.loader import load_set

directory, catalog, passphrase = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
clock = lambda: datetime.now(UTC)
desk = unlock(directory, "林晓", passphrase, None, catalogs=Catalogs([load_set(catalog)]), clock=clock,
              new_id=lambda: uuid7(clock(), os.urandom(10)))
record_id = drafts.create(desk, "XZCF_FR")
n = 0
while True:
    n += 1
    drafts.save(desk, record_id, {"BZ": f"第{n}次"})
    print(json.dumps([record_id, n]), flush=True)
"""


@pytest.mark.parametrize("saves", [1, 7, 40])
def test_what_was_called_saved_is_there_after_a_kill(house: Any, saves: int):
    """I7."""
    house.close()
    catalog = TREE / "resources" / "catalogs" / "2026.1"
    child = subprocess.Popen(
        [sys.executable, "-c", SAVER, str(house.directory), str(catalog), house.passphrase],
        cwd=TREE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    lines = [child.stdout.readline() for _ in range(saves)]
    child.kill()
    lines += child.stdout.readlines()
    assert child.wait(timeout=30) != 0
    child.stdout.close()

    record_id, last = json.loads([line for line in lines if line.endswith("]\n")][-1])
    desk = house.desk
    assert desk.lock.was_unclean
    draft = records.get(desk.db.reader(), record_id).draft
    assert int(draft.values["BZ"].strip("第次")) >= last
    assert audit.verify(desk.db.reader()).holds
