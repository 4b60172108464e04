"""Has the program loaded, and at each request becomes `minxin-platform` in a process of its own.

A child is killed and stopped like any other process. Run by `tests/forking.py`.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys

from regional_platform.cli import main

MOST_BYTES = 65_536


def serve(line: socket.socket) -> None:
    """Fork at each request, until nobody asks any more."""
    signal.signal(signal.SIGCHLD, lambda *_: _reap())
    while True:
        asked, files, _, _ = socket.recv_fds(line, MOST_BYTES, 2)
        if not asked:
            return
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            line.close()
            for place, file in enumerate(files, start=1):
                os.dup2(file, place)
                os.close(file)
            main(json.loads(asked))
        for file in files:
            os.close(file)
        line.send(str(pid).encode())


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
