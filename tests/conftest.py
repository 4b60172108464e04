"""Fixtures that more than one room of the tests uses: the real platform, as a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

if sys.platform == "linux":
    import fcntl

from tests.forking import Child, forking

# Without a display and without this Qt aborts the whole run.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

GIGABYTE = 1 << 30


def folder_in_memory() -> Path | None:
    """A folder whose files cost no disk, when there is room in it: what tests make is gone a moment later.

    A process that is killed loses nothing there either; power cuts are tried on a disk made for them.
    """
    shared = Path("/dev/shm")
    usable = shared.is_dir() and os.access(shared, os.W_OK)
    return shared if usable and shutil.disk_usage(shared).free > 4 * GIGABYTE else None


if folder_in_memory() is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder_in_memory()))

TREE = Path(__file__).parents[1]
PROGRAM = (sys.executable, "-m", "regional_platform.cli")


@dataclass
class PlatformProcess:
    """A platform that runs as its own process, on a database of its own.

    Attributes:
        url: where it listens; stays the same over `restart`.
        seed: what `seed --demo` wrote: units, operators, subjects.
        database: its SQLite file, or the URL of another database.
        log: what it wrote to standard error.
        quiet: whether teardown insists that the log is empty.
    """

    database: Path | str
    seed: dict[str, Any]
    log: Path
    url: str = ""
    quiet: bool = True
    arguments: tuple[str, ...] = field(default=())
    _process: subprocess.Popen[bytes] | Child | None = None

    def start(self) -> None:
        """Start, on the same port as before if there was one; returns when it listens."""
        port = self.url.rpartition(":")[2] or "0"
        command = ["serve", "--database", str(self.database), "--port", port, *self.arguments]
        with self.log.open("ab") as log:
            if sys.platform == "linux":
                self._process = forking().start(command, log.fileno())
            else:
                self._process = subprocess.Popen(
                    [*PROGRAM, *command], cwd=TREE, stdout=subprocess.PIPE, stderr=log
                )
        line = self._process.stdout.readline()
        if not line:
            pytest.fail(f"the platform did not start:\n{self.log.read_text(encoding='utf-8')}")
        self.url = json.loads(line)["listening"]

    @property
    def pid(self) -> int:
        """The process that runs now."""
        return self._process.pid

    def kill(self) -> None:
        """Kill −9: what was not committed is gone."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Kill it and start it again at the same place."""
        self.kill()
        self.start()

    def run(self, *arguments: str) -> str:
        """Run a `minxin-platform` command on the same database; returns what it printed."""
        command = [*PROGRAM, *arguments[:-1], "--database", str(self.database), arguments[-1]]
        return subprocess.run(command, cwd=TREE, check=True, capture_output=True, text=True).stdout

    def unit(self, code: str) -> dict[str, Any]:
        """The unit with this code, as seeded."""
        return next(unit for unit in self.seed["units"] if unit["code"] == code)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=30)
            self._process.stdout.close()
            self._process = None


class SeededFile:
    """A seeded SQLite database; copied, never used."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "platform.db"
        said = folder / "seed.json"
        if not said.exists():
            subprocess.run(
                [*PROGRAM, "seed", "--database", str(self._file), "--demo", str(said),
                 "--password-cost", "low"],
                cwd=TREE, check=True,
            )  # fmt: skip
        self.seed: dict[str, Any] = json.loads(said.read_text(encoding="utf-8"))

    @contextmanager
    def copied(self, folder: Path) -> Iterator[Path | str]:
        """Give a fresh copy, as `--database` takes it."""
        yield shutil.copy(self._file, folder / "platform.db")


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> SeededFile:
    """The demo's units in an SQLite file, made once, by the worker that comes first."""
    own = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" not in os.environ or sys.platform != "linux":
        return SeededFile(tmp_path_factory.mktemp("seeded"))
    folder = own.parent / "seeded"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return SeededFile(folder)


@pytest.fixture(scope="session")
def seeded_platform(seeded_file: SeededFile) -> SeededFile:
    """What platforms start on; the platform's own tests give another answer (tests/databases.py)."""
    return seeded_file


def running_platform(seeded: SeededFile, folder: Path, *arguments: str) -> Iterator[PlatformProcess]:
    """Start a platform on a copy of the seeded database, and stop it afterwards."""
    folder.mkdir()
    with seeded.copied(folder) as database:
        running = PlatformProcess(database, seeded.seed, folder / "platform.log", arguments=arguments)
        running.start()
        yield running
        running.stop()
    if running.quiet:
        assert running.log.read_text(encoding="utf-8") == ""


@pytest.fixture
def platform(seeded_platform: SeededFile, tmp_path: Path) -> Iterator[PlatformProcess]:
    """A running platform with the demo's units, as a process of its own."""
    yield from running_platform(seeded_platform, tmp_path / "platform")


@pytest.fixture(scope="module")
def shared_platform(
    seeded_platform: SeededFile, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PlatformProcess]:
    """The same for a whole module, where no test minds what the others left."""
    yield from running_platform(seeded_platform, tmp_path_factory.mktemp("shared") / "platform")
