"""Run a reader in a process of its own: it may be killed, and it may not eat the machine.

Files come from anybody. What parses them runs in a child with a bounded address space; a
cancelled or crashed child takes nothing of the window with it. Knows no spreadsheet.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from client.errors import ClientError, FileRefused
from client.intake import bounds
from client.intake.beside import Sender

SILENCE_S: Final = 180.0
"""A child that says nothing for so long hangs. The largest file that may come in needs a tenth of it."""

_POLL_S: Final = 0.05
_WATCH_S: Final = 0.5
_KILLED: Final = -9
"""How a system that has no memory left ends a process."""

_OUT_OF_MEMORY: Final = "memory allocation"
_BUG_EXIT: Final = 1
"""Exit code of an unhandled Python exception; an abort of the reader has any other."""

_SELDOM: Final = (100_000, 50, 50)
"""Objects that pile up before a child looks for those that only hold each other: rows of a file do not."""

Cancelled = Callable[[], bool]
Work = Callable[..., Iterator[Any]] | str
"""A generator function at module level, or its module and name, ``a.b:c``, so that only the child loads it.
What it yields must pickle, and is best large."""


class Stopped(ClientError):
    """The person stopped the work; nothing of it is kept."""

    code = "stopped"


def _reduce_proxy(proxy: MappingProxyType[Any, Any]) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    return _proxy, (dict(proxy),)


def _proxy(members: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(members)


# Catalog items travel to the child; their read-only mappings do not pickle by themselves.
ForkingPickler.register(MappingProxyType, _reduce_proxy)


def never() -> bool:
    """Say that nobody cancels."""
    return False


def _runs_alone() -> bool:
    """Say whether this process has one thread: a copy of one with more may wait for ever for a lock."""
    threads = Path("/proc/self/task")
    return sys.platform == "linux" and len(list(threads.iterdir())) == 1


class Reader:
    """A child process that waits for its work, which comes once. Close it, also when none came."""

    def __init__(self, module: str = "", *, is_copy: bool = False) -> None:
        """Start it.

        Args:
            module: imported while it waits, so that its work can begin at once.
            is_copy: whether it may begin as a copy of this process, where the system makes those and nothing
                else runs in it. Only of one that knows no secret: the child has all that is in memory.
        """
        forks = is_copy and _runs_alone()
        context = multiprocessing.get_context
        process = context("fork").Process if forks else context("spawn").Process
        self._folder = tempfile.TemporaryDirectory(prefix="minxin-")
        self._said = Path(self._folder.name) / "stderr"
        self._here, there = multiprocessing.Pipe()
        ours = self._here if forks else None
        self._process = process(target=_main, args=(there, str(self._said), module, ours), daemon=True)
        self._process.start()
        there.close()

    def messages(
        self, work: Work, arguments: tuple[object, ...], cancelled: Cancelled, silence: float
    ) -> Iterator[Any]:
        """Give it its work and yield what that yields; raises as `run` does."""
        try:
            self._here.send((work, arguments))
            yield from _messages(self._here, self._process.pid, cancelled, silence)
        except (EOFError, ConnectionError) as error:
            self._process.join()
            raise _last_words(self._process.exitcode, self._said) from error

    def close(self) -> None:
        """Kill it, whatever it does."""
        if self._here.closed:
            return
        self._process.kill()
        self._process.join()
        self._process.close()
        self._here.close()
        self._folder.cleanup()


def run(
    work: Work,
    *arguments: object,
    cancelled: Cancelled = never,
    silence: float = SILENCE_S,
    reader: Reader | None = None,
) -> Generator[Any, None, None]:
    """Run a generator in a child process and yield what it yields.

    The child works a few messages ahead of whoever takes them, no more. Close the generator, or read
    it to its end: the child is dead then.

    Args:
        work: called in the child.
        *arguments: what it is called with; they must pickle.
        cancelled: asked between messages and at least every 50 ms.
        silence: seconds without a message after which the child is given up.
        reader: the child, where one waits already; else one is started.

    Raises:
        FileRefused: the child refused the file, needed more memory than it may, hangs or died.
        Stopped: `cancelled` said so; the child is dead by then.
        RuntimeError: the child met a bug of ours; the message is its traceback.
    """
    with contextlib.closing(reader or Reader()) as child:
        yield from child.messages(work, arguments, cancelled, silence)


def _messages(
    incoming: Connection, process_id: int | None, cancelled: Cancelled, silence: float
) -> Iterator[Any]:
    heard = watched = time.monotonic()
    while True:
        if cancelled():
            raise Stopped
        if not incoming.poll(_POLL_S):
            now = time.monotonic()
            if now - heard > silence:
                raise FileRefused("takes_too_long")
            if now - watched > _WATCH_S:
                watched = now
                if bounds.is_over(process_id):
                    raise FileRefused("needs_too_much_memory")
            continue
        kind, message = incoming.recv()
        if kind == "refused":
            raise message
        if kind == "end":
            return
        yield message
        heard = time.monotonic()  # whoever takes the messages may take their time


def _last_words(exit_code: int | None, said: Path) -> Exception:
    """Tell a reader that ran out of memory from one that broke, and from a bug of ours."""
    words = said.read_text(encoding="utf-8", errors="replace") if said.exists() else ""
    if exit_code == _BUG_EXIT:
        return RuntimeError(words)
    if exit_code == _KILLED or _OUT_OF_MEMORY in words:
        return FileRefused("needs_too_much_memory")
    return FileRefused("reader_broke")


def _main(outgoing: Connection, said: str, module: str, others: Connection | None) -> None:
    """Be the child. A copy holds the other end, too; unless it lets go, it never sees that nobody listens."""
    if others is not None:
        others.close()
    _quiet(said)
    bounds.bound_self()
    if module:
        importlib.import_module(module)
    try:
        work, arguments = outgoing.recv()
    except (ConnectionError, EOFError):
        return  # whoever asked is gone
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    sender = Sender(outgoing)
    try:
        for message in _loaded(work)(*arguments):
            sender.send(("next", message))
    except FileRefused as refused:
        sender.send(("refused", refused))
    except OSError:
        sender.send(("refused", FileRefused("file_unreadable")))
    except MemoryError:
        sender.send(("refused", FileRefused("needs_too_much_memory")))
    else:
        sender.send(("end", None))
    sender.close()


def _loaded(work: Work) -> Callable[..., Iterator[Any]]:
    if not isinstance(work, str):
        return work
    module, _, name = work.partition(":")
    function: Callable[..., Iterator[Any]] = getattr(importlib.import_module(module), name)
    return function


def _quiet(said: str) -> None:
    """Keep what libraries print on their way down out of the program's own standard error."""
    with Path(said).open("wb") as file:
        os.dup2(file.fileno(), 2)
