"""Kill −9 while the desk syncs with the real platform: nothing is missing afterwards, and nothing doubled."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from client.store import link
from forms.seal.package_parts import open_package
from tests.client.sync.branch import PASSPHRASE, Branch, Ledger, check_agreement
from tests.conftest import PlatformProcess
from tests.databases import on_a_file

UNIT = "350200-01"
KILLS = int(os.environ.get("MINXIN_KILLS", "12"))
SERVER_KILLS = KILLS // 2 if "MINXIN_KILLS" in os.environ else 3
SEED = os.environ.get("MINXIN_KILLS_SEED", "20261124")
RECORDS = 25
"""In every run, so that each takes as long as the one before: more than one batch."""

MANY = 100
"""So many kills land in nearly every phase of a sync."""

PATIENCE_S = 30.0
PROGRAM = Path(__file__).with_name("sync_process.py")
SERVER = Path(__file__).with_name("platform_process.py")
TREE = Path(__file__).parents[2]


ON = ["sqlite", "postgresql"] if "MINXIN_KILLS" in os.environ else ["sqlite"]
"""The platform's own tests hold it on both; here both are tried when many kills are asked for."""

on_each = pytest.mark.parametrize("seeded_platform", ON, indirect=True)


@dataclass(frozen=True)
class Run:
    was_killed: bool
    seconds: float
    phases: tuple[str, ...]


class Nursery:
    """The process whose children sync."""

    def __init__(self, branch: Branch) -> None:
        operator = branch.person("reporter")["operator_id"]
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(branch.folder), operator],
            cwd=TREE, env=os.environ | {"PYTHONPATH": str(TREE)}, bufsize=0,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._unread = b""
        self._write(PASSPHRASE)
        assert self._word(PATIENCE_S) == "ready"

    def run(self, what: str, kill_after_s: float = PATIENCE_S) -> Run:
        """Let a child sync, and kill it so long after its first word."""
        self._write(what)
        number = self._word(PATIENCE_S)
        assert number is not None, "no child was started"
        word = self._word(PATIENCE_S)
        assert word is not None, "the child did not say a word"
        begun = time.monotonic()
        phases: list[str] = []
        while word not in {"over", "killed"}:
            if word is None:
                assert time.monotonic() - begun < PATIENCE_S, "the child did not come to its end"
                os.kill(int(number), signal.SIGKILL)
            else:
                phases.append(word)
            word = self._word(max(0.0, kill_after_s - (time.monotonic() - begun)) or PATIENCE_S)
        return Run(word == "killed", time.monotonic() - begun, tuple(phases))

    def close(self) -> None:
        self._process.stdin.close()
        assert self._process.wait(timeout=PATIENCE_S) == 0
        self._process.stdout.close()

    def _write(self, line: str) -> None:
        self._process.stdin.write(f"{line}\n".encode())

    def _word(self, within_s: float) -> str | None:
        """The next word that it says; None when it says nothing for so long."""
        end = time.monotonic() + within_s
        while b"\n" not in self._unread:
            ready, _, _ = select.select([self._process.stdout], [], [], max(0.0, end - time.monotonic()))
            piece = self._process.stdout.read(65_536) if ready else b""
            if not piece:
                return None
            self._unread += piece
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode()


@contextmanager
def nursery(branch: Branch) -> Iterator[Nursery]:
    made = Nursery(branch)
    try:
        yield made
    finally:
        made.close()


class Reborn(PlatformProcess):
    """A platform that is the child of a process in which everything is loaded."""

    _parent: subprocess.Popen[bytes]
    _pid = 0

    def start(self) -> None:
        if not self._pid:
            with self.log.open("ab") as log:
                self._parent = subprocess.Popen(
                    [sys.executable, str(SERVER)], cwd=TREE, env=os.environ | {"PYTHONPATH": str(TREE)},
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                )  # fmt: skip
        port = self.url.rpartition(":")[2] or "0"
        said = ["serve", "--database", str(self.database), "--port", port]
        self._parent.stdin.write(f"{json.dumps(said)}\n".encode())
        self._parent.stdin.flush()
        words = [self._parent.stdout.readline() for _ in range(2)]  # child and parent speak at once
        numbers = [json.loads(word) for word in words]
        self._pid = next(one for one in numbers if isinstance(one, int))
        self.url = next(one["listening"] for one in numbers if isinstance(one, dict))

    def close(self) -> None:
        self._parent.stdin.close()
        assert self._parent.wait(timeout=PATIENCE_S) == 0
        self._parent.stdout.close()

    def _end(self, how: signal.Signals) -> None:
        os.kill(self._pid, how)
        assert self._parent.stdout.readline() == b"over\n"


@pytest.fixture
def platform(seeded_platform, tmp_path):
    with seeded_platform.copied(tmp_path) as database:
        made = Reborn(database, seeded_platform.seed, tmp_path / "platform.log")
        made.start()
        yield made
        made.stop()
        made.close()


@pytest.fixture
def branch(platform, tmp_path):
    made = Branch(tmp_path / "desk", platform.url, platform.unit(UNIT), platform.seed["subjects"])
    made.open_for_business("reporter", "reviewer")
    yield made
    made.stand_up()


def settle(branch: Branch) -> None:
    """What is left of a killed sync is sound, and the next sync brings it to its end."""
    assert branch.desk.db.reader().value("PRAGMA integrity_check") == "ok"
    branch.sync_until(lambda: set(branch.states().values()) == {"stored"}, every_s=0.15)
    assert set(branch.outbox()) == {"done"}


def soundness(database: Path | str) -> str:
    """What SQLite says of the platform's own file; PostgreSQL finds damage by itself, when it reads."""
    if isinstance(database, str) and database.startswith("postgresql"):
        return "ok"
    with closing(sqlite3.connect(f"{Path(database).resolve().as_uri()}?mode=ro", uri=True)) as at:
        return str(at.execute("PRAGMA integrity_check").fetchone()[0])


PHASES = (
    "before the hello",
    "before the approvals",
    "before a batch is cut",
    "a batch is cut",
    "on the line",
    "some answered",
    "all answered",
    "the feed is read",
)
"""How far a killed sync had come, told by what lies on the desk."""


def how_far(branch: Branch, last_contact_at: str | None) -> str:
    """Say how far a sync had come of what waited for it."""
    reader = branch.desk.db.reader()
    states = set(branch.outbox())
    if link.link(reader).last_contact_at == last_contact_at:
        return "before the hello"
    if states <= {"done"}:
        last = "SELECT version_id FROM version ORDER BY n DESC LIMIT 1"
        stages = reader.value(f"SELECT COUNT(*) FROM receipt WHERE version_id = ({last})")
        return "the feed is read" if stages > 1 else "all answered"
    if "done" in set(branch.outbox()[-RECORDS:]):
        return "some answered"
    if reader.value("SELECT 1 FROM batch WHERE state = 'open' AND first_sent_at IS NOT NULL"):
        return "on the line"
    if reader.value("SELECT 1 FROM batch WHERE state = 'open'"):
        return "a batch is cut"
    unconfirmed = reader.value("SELECT 1 FROM approval WHERE confirmed_at IS NULL")
    return "before the approvals" if unconfirmed else "before a batch is cut"


def in_phases(found: Counter[str]) -> str:
    return ", ".join(f"{phase} {found[phase]}" for phase in PHASES)


@on_each
@pytest.mark.timeout(0 if "MINXIN_KILLS" in os.environ else 300)
def test_a_platform_killed_at_any_moment_of_a_sync_loses_nothing_and_doubles_nothing(platform, branch):
    chance = random.Random(SEED)
    usual, said, found = 1.0, Counter[str](), Counter[str]()
    for _ in range(SERVER_KILLS):
        branch.approved(RECORDS)
        last_contact_at = link.link(branch.desk.db.reader()).last_contact_at
        dying = threading.Timer(chance.uniform(0, usual), platform.kill)
        dying.start()
        began = time.monotonic()
        problem = branch.sync().problem
        if problem is None:
            usual = time.monotonic() - began
        said["well" if problem is None else problem.code] += 1
        found["the feed is read" if problem is None else how_far(branch, last_contact_at)] += 1
        dying.join()
        assert soundness(platform.database) == "ok"
        platform.start()
        settle(branch)

    check_agreement(branch, Ledger.of(platform.database, UNIT))
    sys.stdout.write(f"killed the platform {SERVER_KILLS} times: {in_phases(found)}; said: {dict(said)}\n")


@on_each
@pytest.mark.timeout(0 if "MINXIN_KILLS" in os.environ else 300)
def test_minxin_sync_killed_at_any_moment_leaves_nothing_missing_and_nothing_doubled(platform, branch):
    chance = random.Random(SEED)
    found: Counter[str] = Counter()
    with nursery(branch) as children:
        usual = PATIENCE_S  # the first is not killed, and shows how long a sync takes
        while found.total() < KILLS:
            branch.approved(RECORDS)
            last_contact_at = link.link(branch.desk.db.reader()).last_contact_at
            branch.stand_up()
            ran = children.run("minxin", chance.uniform(0, usual))
            branch.sit_down("reporter")
            if ran.was_killed:
                found[how_far(branch, last_contact_at)] += 1
            else:
                usual = ran.seconds
            settle(branch)

    check_agreement(branch, Ledger.of(platform.database, UNIT))
    assert len(found) >= (6 if KILLS >= MANY else 3), found
    sys.stdout.write(f"killed the desk {KILLS} times: {in_phases(found)}\n")


def killed_while_packing(branch: Branch, children: Nursery, stick: Path) -> None:
    """A package is whole or not there; what it was to carry goes with the next one, or over the line."""
    branch.approved(2)
    branch.stand_up()
    killed_before: list[str] = []
    while (ran := children.run(f"{len(killed_before) + 1} {stick}")).was_killed:
        killed_before.append(ran.phases[-1])
        assert not stick.exists()
    with open_package(stick) as package:
        assert package.header.package_seq == killed_before.count("writing") + 1
    branch.sit_down("reporter")
    assert set(killed_before) == {"cutting", "packing", "writing"}
    assert set(branch.outbox()) == {"unknown"}


@on_a_file
@pytest.mark.timeout(300)
def test_a_sync_killed_before_every_single_step_leaves_nothing_missing_and_nothing_doubled(
    platform, branch, tmp_path
):
    killed_before: list[str] = []
    with nursery(branch) as children:
        killed_while_packing(branch, children, tmp_path / "up.mxp")
        while True:
            branch.approved(2)
            branch.stand_up()
            ran = children.run(str(len(killed_before) + 1))
            branch.sit_down("reporter")
            settle(branch)
            if not ran.was_killed:
                break
            killed_before.append(ran.phases[-1])

    check_agreement(branch, Ledger.of(platform.database, UNIT))
    assert set(killed_before) == {"hello", "approvals", "sending", "receiving", "evidence"}
    sys.stdout.write(f"killed before each of {len(killed_before)} steps\n")
