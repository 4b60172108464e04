"""The reader's own process: it is killed when asked, bounded, and its death is explained."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from client.errors import FileRefused
from client.intake import bounds, child

pytestmark = pytest.mark.timeout(60)


def test_messages_come_in_their_order():
    assert list(child.run(_count, 5)) == [0, 1, 2, 3, 4]


def test_a_refusal_keeps_its_code_and_its_words():
    with pytest.raises(FileRefused) as refused:
        list(child.run(_refuse))

    assert (refused.value.code, refused.value.params) == ("too_many_columns", {"limit": 512})


def test_a_stopped_child_is_dead_at_once():
    started = time.monotonic()
    seen: list[int] = []

    def watch() -> None:
        for process_id in child.run(_tell_and_hang, cancelled=lambda: bool(seen)):
            seen.append(process_id)  # noqa: PERF402 - `cancelled` looks into the list meanwhile

    with pytest.raises(child.Stopped):
        watch()

    assert time.monotonic() - started < 20
    with pytest.raises(ProcessLookupError):
        os.kill(seen[0], 0)


def test_a_child_is_dead_when_nobody_listens_any_more():
    messages = child.run(_tell_and_hang)
    process_id = next(messages)
    messages.close()

    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)


@pytest.mark.parametrize("is_copy", [False, True])
def test_a_child_that_waits_already_takes_the_work_that_comes(is_copy: bool):
    waiting = child.Reader("client.intake.judging", is_copy=is_copy)

    assert list(child.run(_count, 2, reader=waiting)) == [0, 1]


def test_a_copy_leaves_when_the_program_that_it_is_of_is_gone():
    """The program is killed while its child waits for work; the child ends by itself."""
    program = (
        "import multiprocessing, sys, time; from client.intake.child import Reader;"
        "one = Reader(is_copy=True); print(multiprocessing.active_children()[0].pid, flush=True);"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        copy = int(running.stdout.readline())
        running.kill()

    deadline = time.monotonic() + 20
    while Path(f"/proc/{copy}").exists() and _state(copy) != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _state(process_id: int) -> str:
    try:
        return Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_a_child_whose_work_never_comes_is_dead_when_it_is_closed():
    others = set(multiprocessing.active_children())
    waiting = child.Reader()
    (process,) = set(multiprocessing.active_children()) - others

    waiting.close()

    with pytest.raises(ValueError, match="closed"):
        process.is_alive()
    waiting.close()  # a second time does nothing


def test_a_child_that_cannot_get_ready_says_why_to_whoever_gives_it_work():
    with pytest.raises(RuntimeError, match="no_such_module"):
        list(child.run(_count, 2, reader=child.Reader("no_such_module")))


@pytest.mark.parametrize("way", ["list", "bytes"])
def test_a_child_that_eats_memory_is_refused_by_name(way: str):
    with pytest.raises(FileRefused) as refused:
        list(child.run(_eat, way))

    assert refused.value.code == "needs_too_much_memory"


def test_a_child_that_hangs_is_given_up_and_told_in_words():
    messages = child.run(_tell_and_hang, silence=1.0)
    process_id = next(messages)

    with pytest.raises(FileRefused, match="takes_too_long"):
        next(messages)

    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)


@pytest.mark.parametrize(("signal", "code"), [(11, "reader_broke"), (9, "needs_too_much_memory")])
def test_a_child_that_dies_is_told_in_words(signal: int, code: str):
    with pytest.raises(FileRefused) as refused:
        list(child.run(_die, signal))

    assert refused.value.code == code


def test_the_limits_of_other_systems_are_laid_out_as_their_headers_say():
    """144 bytes in winnt.h on 64 bits, 96 in sys/proc_info.h; what they do is tried on those systems only."""
    assert (ctypes.sizeof(bounds.JobLimits), ctypes.sizeof(bounds.TaskInfo)) == (144, 96)
    assert bounds.job_limits().process_memory == 1536 << 20
    assert bounds.is_over(os.getpid()) is False


def test_an_abort_of_a_library_is_no_traceback_of_ours(capfd: pytest.CaptureFixture[str]):
    with pytest.raises(FileRefused):
        list(child.run(_abort))

    assert capfd.readouterr().err == ""


def test_a_bug_of_ours_is_told_with_its_traceback():
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        list(child.run(_stumble))


def _count(times: int) -> Iterator[int]:
    yield from range(times)


def _refuse() -> Iterator[int]:
    yield 1
    raise FileRefused("too_many_columns", limit=512)


def _tell_and_hang() -> Iterator[int]:
    yield os.getpid()
    while True:
        time.sleep(60)


def _eat(way: str) -> Iterator[int]:
    if way == "bytes":
        bytes(4 << 30)
    kept = []
    while True:
        kept.append("x" * 100_000_000)
    yield 0


def _abort() -> Iterator[int]:
    yield 0
    os.write(2, b"memory allocation failed")
    os.abort()


def _die(signal: int) -> Iterator[int]:
    yield 0
    os.kill(os.getpid(), signal)
    time.sleep(60)


def _stumble() -> Iterator[float]:
    yield 1 / 0
