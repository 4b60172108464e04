"""restore by the command line: a lost database comes back from a copy, unsent work from the second one."""

from __future__ import annotations

import pytest

from client.store import backup, drafts, review
from client.store.second_copy import NAME

MAKER, CHECKER = "林晓", "陈敏"


@pytest.fixture
def lost(house, a_penalty):
    """A desk with two copies, of which the newer is damaged; two versions approved since; no database."""
    backup.now(house.switch(MAKER))
    house.clock.at = house.clock.at.replace(hour=3)
    newer = backup.now(house.desk)
    made = [drafts.NewDraft(a_penalty(n)) for n in (1, 2)]
    act = review.submit(house.desk, drafts.create_many(house.desk, "XZCF_FR", made), title="试")
    review.approve(house.switch(CHECKER), act.act_id)
    house.close()
    (house.directory / "desk.db").unlink()
    (house.directory / "desk.db-wal").unlink(missing_ok=True)
    copy = house.directory / "backups" / newer.name
    copy.write_bytes(copy.read_bytes()[:40_000])
    return house


@pytest.fixture
def call(minxin, lost):
    where = ("--profile", str(lost.directory), "--operator", MAKER)
    return lambda *words: minxin(*words, *where, secrets={"--passphrase-fd": lost.passphrase})


def test_copies_are_listed_and_the_newest_sound_one_is_put_back_with_the_unsent_work(call, lost):
    listed = call("restore", "--json").said["backups"]
    assert [one["kind"] for one in listed] == ["by_hand", "by_hand"]
    assert call("records", "--json").code == 2

    done = call("restore", "--newest", "--json")

    assert (done.code, done.said["found_again"], done.said["second_copy_damaged"]) == (0, 2, False)
    names = {done.said["restored"], *done.said["damaged_backups"]}
    assert names == {one["name"] for one in listed}
    assert call("status", "--json").said["queued"] == 2


def test_a_damaged_second_copy_is_said_and_the_rest_comes_back(call, lost):
    content = bytearray((lost.directory / NAME).read_bytes())
    content[60] ^= 1
    (lost.directory / NAME).write_bytes(content)
    (name,) = [one["name"] for one in call("restore", "--json").said["backups"]][1:]

    done = call("restore", name)

    assert done.code == 1
    assert f"已用备份 {name} 恢复。" in done.out
    assert "第二份副本有损坏的地方" in done.out
    assert call("restore", "no-such.db").code == 2
