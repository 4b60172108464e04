"""Starts platform processes from one that has loaded the program (`tests/forked.py`): that costs a second."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

TREE = Path(__file__).parents[1]
MOST_BYTES = 100


class Child:
    """A process that was forked for us, though not by us."""

    def __init__(self, pid: int, output: int) -> None:
        self.pid = pid
        self.stdout = os.fdopen(output, "rb")
        self._handle = os.pidfd_open(pid)

    def send_signal(self, how: signal.Signals) -> None:
        """Signal it, if it is still there."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, how)

    def wait(self, timeout: float) -> None:
        """Wait for its end."""
        ended, _, _ = select.select([self._handle], [], [], timeout)
        assert ended, "the platform did not stop"
        os.close(self._handle)


class Forking:
    """The process that has loaded the program."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.forked", str(theirs.fileno())], cwd=TREE,
                pass_fds=[theirs.fileno()],
            )  # fmt: skip

    def start(self, arguments: list[str], log: int) -> Child:
        """Start `minxin-platform` with arguments; what it says to standard error goes to `log`."""
        output, theirs = os.pipe()
        socket.send_fds(self._line, [json.dumps(arguments).encode()], [theirs, log])
        os.close(theirs)
        return Child(int(self._line.recv(MOST_BYTES)), output)

    def end(self) -> None:
        """End with the tests."""
        self._line.close()
        self._process.wait(20)


@cache
def forking() -> Forking:
    """The one of this test process."""
    made = Forking()
    atexit.register(made.end)
    return made
