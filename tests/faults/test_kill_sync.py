"""Kill −9 while the desk syncs with the real platform: nothing is missing afterwards, and nothing doubled."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.client.sync.branch import PASSPHRASE, Branch, Ledger, check_agreement

UNIT = "350200-01"
KILLS = max(50, int(os.environ.get("MINXIN_FAULT_SEEDS", "0")) // 10)
RECORDS = 12
PATIENCE_S = 30.0
PROGRAM = Path(__file__).with_name("sync_process.py")
TREE = Path(__file__).parents[2]


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

    def run(self, kill_after_s: float | None = None, *, last_step: int = 0) -> tuple[list[str], float]:
        """Let a child sync, kill it after so long or before a step; returns its phases and how long."""
        self._write(str(last_step))
        number = self._word(PATIENCE_S)
        assert number is not None, "no child was started"
        begun = time.monotonic()
        deadline = begun + (PATIENCE_S if kill_after_s is None else kill_after_s)
        phases: list[str] = []
        while (word := self._word(deadline - time.monotonic())) not in {None, "over"}:
            phases.append(word)
        if word is None:
            os.kill(int(number), signal.SIGKILL)
            while (word := self._word(PATIENCE_S)) != "over":
                assert word is not None, "the killed child did not go away"
                phases.append(word)
        return phases, time.monotonic() - begun

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


@pytest.fixture
def branch(platform, tmp_path):
    made = Branch(tmp_path / "desk", platform.url, platform.unit(UNIT), platform.seed["subjects"])
    made.open_for_business("reporter", "reviewer")
    platform.quiet = False  # a killed desk hangs up in the middle of a sentence, and the platform may say so
    yield made
    made.stand_up()


@pytest.mark.timeout(300)
def test_killed_at_any_moment_the_next_sync_finds_nothing_missing_and_nothing_doubled(platform, branch):
    chance = random.Random(20261124)
    killed_in: Counter[str] = Counter()
    with nursery(branch) as children:
        branch.approved(RECORDS)
        branch.stand_up()
        phases, usual_s = children.run()
        assert phases[-1] == "end"
        while killed_in.total() < KILLS:
            branch.approved(chance.randint(1, RECORDS))
            branch.stand_up()
            phases, _ = children.run(chance.uniform(0, usual_s))
            if phases[-1:] != ["end"]:
                killed_in[phases[-1] if phases else "opening"] += 1

            branch.sit_down("reporter")
            assert branch.desk.db.reader().value("PRAGMA integrity_check") == "ok"
            branch.sync_until(lambda: set(branch.states().values()) == {"stored"})
            assert set(branch.outbox()) == {"done"}

    check_agreement(branch, Ledger.of(platform.database, UNIT))
    assert len(killed_in) >= 4, killed_in
    sys.stdout.write(f"killed {KILLS} times: {dict(killed_in)}\n")


@pytest.mark.timeout(300)
def test_killed_before_every_single_step_the_next_sync_finds_nothing_missing_and_nothing_doubled(
    platform, branch
):
    step = 0
    phases = [""]
    with nursery(branch) as children:
        while phases[-1] != "end":
            step += 1
            branch.approved(2)
            branch.stand_up()
            phases, _ = children.run(last_step=step)

            branch.sit_down("reporter")
            assert branch.desk.db.reader().value("PRAGMA integrity_check") == "ok"
            branch.sync_until(lambda: set(branch.states().values()) == {"stored"})
            assert set(branch.outbox()) == {"done"}

    check_agreement(branch, Ledger.of(platform.database, UNIT))
    assert step > 10
