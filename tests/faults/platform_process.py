"""A process whose children serve the platform, so that it starts again at once after a kill.

For each line, a JSON list of arguments of `minxin-platform`, a child runs that command; everything slow to
load is loaded once. It writes the child's number, then what the child writes; at the child's end ``over``.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from regional_platform import serving  # noqa: F401 - loaded once, for all children
from regional_platform.cli import main as cli


def say(word: object) -> None:
    os.write(sys.stdout.fileno(), f"{word}\n".encode())


def main() -> None:
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            cli(json.loads(line))
        say(child)
        os.waitpid(child, 0)
        say("over")


if __name__ == "__main__":
    main()
