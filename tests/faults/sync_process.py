"""A process that syncs when told to, in a child that can be killed: `sync_process.py PROFILE OPERATOR`.

Reads the passphrase from the first line of standard input, then a line for each run: `minxin` runs the verb
`minxin sync`; a number runs the cycle and dies before that step (0: before none); a number and a path write
a package there instead. Everything slow to load is loaded once; a child opens the profile, holds its lock
and syncs. It writes its number, and the phase of every step, `minxin` only `line` when it first turns to the
platform; at the end the parent writes `over` or `killed`.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from client.cli import main as cli
from client.core.ids import uuid7
from client.store import profile
from client.store.desk import Catalogs, Desk
from client.sync import courier, cycle
from client.sync.transport import HttpTransport
from forms.catalog.loader import load_set

CATALOG = Path(__file__).parents[2] / "resources" / "catalogs" / "2026.1"


def say(word: object) -> None:
    """Write a line whole, so that a kill cannot tear it."""
    os.write(sys.stdout.fileno(), f"{word}\n".encode())


def now() -> datetime:
    return datetime.now(UTC)


class Steps:
    """Tells of every step, and at one of them dies."""

    def __init__(self, last: int) -> None:
        self._left = last

    def __call__(self, step: cycle.Progress | courier.Progress) -> None:
        say(step.phase)
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def unlocked(folder: Path, operator: str, passphrase: str, catalogs: Catalogs) -> Desk:
    return profile.unlock(
        folder,
        operator,
        passphrase,
        None,
        catalogs=catalogs,
        clock=now,
        new_id=lambda: uuid7(now(), os.urandom(10)),
    )


def pack(desk: Desk, last: int, stick: Path) -> None:
    """Write what is due into a package."""
    courier.out(desk, stick, progress=Steps(last), cancelled=lambda: False)
    desk.close()


def sync(desk: Desk, last: int) -> None:
    """Run one cycle, lock the profile again."""
    transport = HttpTransport(desk.device.platform_url)
    outcome = cycle.run(
        desk,
        transport,
        progress=Steps(last),
        cancelled=lambda: False,
        entropy=random.random,
    )
    transport.close()
    desk.close()
    assert outcome.problem is None, outcome.problem


class Hook:
    """Tells once that a connection is made: from then on the desk syncs, before that it opens its profile."""

    def __init__(self, told: int) -> None:
        self._told: int | None = told

    def __call__(self, event: str, _arguments: object) -> None:
        if event == "socket.connect" and self._told is not None:
            told, self._told = self._told, None
            os.write(told, b"line\n")


def minxin_sync(folder: Path, operator: str, passphrase: str) -> None:
    """Run the verb as the command line does, its words thrown away."""
    told = os.dup(sys.stdout.fileno())
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.addaudithook(Hook(told))
    secret, written = os.pipe()
    os.write(written, f"{passphrase}\n".encode())
    os.close(written)
    cli(["sync", "--profile", str(folder), "--operator", operator, "--passphrase-fd", str(secret), "--json"])


def main() -> None:
    folder, operator = Path(sys.argv[1]), sys.argv[2]
    passphrase = sys.stdin.readline().rstrip("\n")
    catalogs = Catalogs([load_set(CATALOG)])
    say("ready")
    while line := sys.stdin.readline().strip():
        child = os.fork()
        if child == 0:
            try:
                say(os.getpid())
                if line == "minxin":
                    minxin_sync(folder, operator, passphrase)
                else:
                    last, _, stick = line.partition(" ")
                    desk = unlocked(folder, operator, passphrase, catalogs)
                    pack(desk, int(last), Path(stick)) if stick else sync(desk, int(last))
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        say("killed" if os.WIFSIGNALED(status) else "over")


if __name__ == "__main__":
    main()
