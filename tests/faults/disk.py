"""What a process does to its disk, recorded and spoiled call by call from outside, by strace.

The process is a fork of this one, so that nothing is loaded anew; it waits until strace holds it. Where
strace is missing, or may not hold other processes, `can_trace` says so; whoever asks uses the points in
the program (`fuse`) instead, and says that, too.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, NoReturn

WRITES: Final = "pwrite64,write,fsync,fdatasync,ftruncate,unlink"
SECTOR: Final = 512
PATIENCE_S: Final = 30.0

Say = Callable[[str], None]
Act = Callable[[Say, Callable[[], None]], None]
"""What the process does: it says words that are kept in order with its writes, and may wait to be told."""


@dataclass(frozen=True, slots=True)
class Write:
    file: str
    offset: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Sync:
    file: str


@dataclass(frozen=True, slots=True)
class Truncate:
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Unlink:
    file: str


@dataclass(frozen=True, slots=True)
class Said:
    word: str


Op = Write | Sync | Truncate | Unlink | Said


@dataclass
class Child:
    """A process under strace.

    Attributes:
        said: its words, as far as they were read.
        status: as `os.waitpid` gives it, at its end.
    """

    pid: int
    tracer: subprocess.Popen[bytes]
    go: int
    ears: int
    said: list[str] = field(default_factory=list)
    status: int | None = None

    def let_go(self) -> None:
        """Take strace off; what it spoiled works again."""
        self.tracer.terminate()
        self.tracer.wait(PATIENCE_S)

    def tell(self) -> None:
        """Let it go on that waits."""
        os.write(self.go, b".")

    def hear(self, word: str) -> None:
        """Wait until it has said a word."""
        while word not in self.said and self._hear():
            pass

    def end(self) -> list[str]:
        """Wait for its end; returns all that it said."""
        while self._hear():
            pass
        _, self.status = os.waitpid(self.pid, 0)
        self.tracer.wait(PATIENCE_S)
        return self.said

    @property
    def was_killed(self) -> bool:
        return self.status is not None and os.WIFSIGNALED(self.status)

    def _hear(self) -> bool:
        said = os.read(self.ears, 65_536)
        self.said += [line for line in said.decode().splitlines() if line]
        return bool(said)


@cache
def can_trace() -> bool:
    """Say whether strace is here and may hold another process of ours."""
    if shutil.which("strace") is None:
        return False
    with traced(lambda _say, _wait: None, ["-o", os.devnull, "-e", "trace=none"]) as child:
        child.end()
    return child.tracer.returncode == 0


@contextmanager
def traced(act: Act, how: Sequence[str]) -> Iterator[Child]:
    """Run `act` in a fork that strace holds from its first step on."""
    held, go = os.pipe()
    ears, mouth = os.pipe()
    pid = os.fork()
    if pid == 0:
        _live(act, held, mouth)
    os.close(held)
    os.close(mouth)
    command = ["strace", "-f", "-qq", *how, "-p", str(pid)]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        _until_held(pid, tracer)
        child = Child(pid, tracer, go, ears)
        child.tell()
        yield child
        if child.status is None:
            child.end()
    finally:
        if tracer.poll() is None:
            tracer.terminate()
            tracer.wait(PATIENCE_S)
        tracer.stderr.close()
        os.close(go)
        os.close(ears)


def _live(act: Act, held: int, mouth: int) -> NoReturn:
    def say(word: str) -> None:
        os.write(mouth, f"{word}\n".encode())

    def wait() -> None:
        os.read(held, 1)

    code = 1
    try:
        wait()
        act(say, wait)
        code = 0
    except BaseException as error:  # noqa: BLE001 - the one who asked must learn of it
        say(f"{type(error).__name__} {getattr(error, 'code', error)}")
    finally:
        os._exit(code)


def _until_held(pid: int, tracer: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_S
    status = Path(f"/proc/{pid}/status")
    while "TracerPid:\t0" in status.read_text() and tracer.poll() is None and time.monotonic() < end:
        os.sched_yield()


# --- recorded


def recorded(act: Act, folder: Path) -> list[Op]:
    """Run `act` in a fork; returns what it did to the files of a folder, and what it said, in order."""
    with tempfile.NamedTemporaryFile(prefix="minxin-strace-", dir=folder.parent) as log:
        how = ["-y", "-xx", "-s", "100000000", "-e", f"trace={WRITES}", "-o", log.name]
        with traced(act, how) as child:
            said = child.end()
        assert child.status == 0, said
        return [op for line in Path(log.name).read_bytes().splitlines() if (op := _op(line, folder))]


_LINE: Final = re.compile(
    rb'(?:\d+ +)?(\w+)\((\d+)<([^>]*)>(?:, "([^"]*)"(?:, \d+)?(?:, (\d+))?|, (\d+))?\) += (-?\d+)'
)

_UNLINK: Final = re.compile(rb'(?:\d+ +)?unlink\("([^"]*)"\) += 0')


def _op(line: bytes, folder: Path) -> Op | None:
    gone = _UNLINK.match(line)
    if gone is not None:
        path = _plain(gone[1]).decode()
        return Unlink(path.removeprefix(f"{folder}/")) if path.startswith(f"{folder}/") else None
    found = _LINE.match(line)
    if found is None:
        return None
    call, _, place, text, offset, size, result = found.groups()
    path = _plain(place).decode(errors="replace")
    if call == b"write" and path.startswith("pipe:"):
        return Said(_plain(text).decode().strip())
    if not path.startswith(f"{folder}/") or path.endswith("-shm") or int(result) < 0:
        return None
    name = path.removeprefix(f"{folder}/")
    if call == b"pwrite64":
        return Write(name, int(offset), _plain(text)[: int(result)])
    if call == b"ftruncate":
        return Truncate(name, int(size))
    return Sync(name) if call in {b"fsync", b"fdatasync"} else None


def _plain(text: bytes) -> bytes:
    return bytes.fromhex(text.replace(b"\\x", b"").decode()) if text.startswith(b"\\x") else text


# --- spoiled


class Disk:
    """Files as a disk has them: what was synced is there; what was only written may be, in part."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._synced = {name: bytearray(content) for name, content in files.items()}
        self._pending: dict[str, list[Write | Truncate]] = {}

    def do(self, op: Op) -> None:
        """Write, or bring home what was written."""
        if isinstance(op, Write | Truncate):
            self._pending.setdefault(op.file, []).append(op)
        elif isinstance(op, Unlink):
            self._synced.pop(op.file, None)
            self._pending.pop(op.file, None)
        elif isinstance(op, Sync):
            for one in self._pending.pop(op.file, []):
                _write(self._synced.setdefault(op.file, bytearray()), one)

    def after_a_power_cut(self, chance: random.Random) -> dict[str, bytes]:
        """What is left: of each write that was not synced all, nothing, or the first sectors."""
        for name, writes in self._pending.items():
            for one in writes:
                fate = chance.random()
                if fate < 0.45:
                    continue
                kept = one
                if fate < 0.6 and isinstance(one, Write):
                    sectors = chance.randrange(len(one.content) // SECTOR + 1)
                    kept = Write(one.file, one.offset, one.content[: sectors * SECTOR])
                _write(self._synced.setdefault(name, bytearray()), kept)
        return {name: bytes(content) for name, content in self._synced.items()}


def _write(content: bytearray, op: Write | Truncate) -> None:
    if isinstance(op, Truncate):
        del content[op.size :]
        content.extend(bytes(op.size - len(content)))
        return
    content.extend(bytes(max(0, op.offset - len(content))))
    content[op.offset : op.offset + len(op.content)] = op.content


def lay_out(files: dict[str, bytes], folder: Path) -> None:
    """Write files into an empty folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
