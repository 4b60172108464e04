"""The lanes: order, errors, stopping, pages that are gone, closing."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from client.errors import LinkError, NotAllowed
from client.ui.tasks import Tasks


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    lanes = Tasks()
    yield lanes
    lanes.close()


def test_what_is_asked_of_the_store_lane_happens_in_the_order_of_asking(tasks: Tasks, qtbot: QtBot) -> None:
    done: list[int] = []
    seen: list[int] = []
    for n in range(50):
        ask = tasks.write if n % 2 else tasks.read
        ask(lambda n=n: done.append(n) or n, seen.append)

    qtbot.waitUntil(lambda: len(seen) == 50)
    assert done == seen == list(range(50))


def test_results_come_back_in_the_thread_of_the_window(tasks: Tasks, qtbot: QtBot) -> None:
    threads: list[int] = []
    tasks.read(threading.get_ident, lambda worker: threads.extend([worker, threading.get_ident()]))

    qtbot.waitUntil(lambda: len(threads) == 2)
    assert threads[0] != threads[1] == threading.get_ident()


def test_a_slow_line_does_not_hold_up_the_desk(tasks: Tasks, qtbot: QtBot) -> None:
    line_free = threading.Event()
    seen: list[str] = []
    tasks.net(lambda _progress, _cancelled: line_free.wait(20) and "net", seen.append)
    tasks.read(lambda: "store", seen.append)

    qtbot.waitUntil(lambda: seen == ["store"])
    line_free.set()
    qtbot.waitUntil(lambda: seen == ["store", "net"])


def test_a_write_announces_what_it_changed_after_its_result(tasks: Tasks, qtbot: QtBot) -> None:
    seen: list[object] = []
    tasks.changed.connect(seen.append)
    tasks.write(lambda: "saved", seen.append, changes=frozenset({"records"}))

    qtbot.waitUntil(lambda: seen == ["saved", frozenset({"records"})])


def test_a_failed_write_announces_nothing(tasks: Tasks, qtbot: QtBot) -> None:
    changed: list[object] = []
    tasks.changed.connect(changed.append)

    with qtbot.waitSignal(tasks.refused) as refusal:
        tasks.write(_refuse, changes=frozenset({"records"}))
    assert refusal.args is not None
    assert refusal.args[0].code == "maker_is_checker"
    assert changed == []


def test_a_page_that_handles_an_error_keeps_it_from_the_message_bar(tasks: Tasks, qtbot: QtBot) -> None:
    handled: list[object] = []
    shown: list[object] = []
    tasks.refused.connect(shown.append)
    tasks.read(_refuse, _never_called, lambda error: handled.append(error.code))
    tasks.read(_refuse, _never_called, lambda _error: bool(handled.append("passed on")))

    qtbot.waitUntil(lambda: len(shown) == 1)
    assert handled == ["maker_is_checker", "passed on"]


def test_a_bug_is_logged_and_numbered_and_the_lane_goes_on(
    tasks: Tasks, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[int] = []
    with qtbot.waitSignal(tasks.crashed) as crash:
        tasks.read(lambda: 1 // 0, _never_called)
    tasks.read(lambda: 7, seen.append)

    qtbot.waitUntil(lambda: seen == [7])
    assert crash.args is not None
    assert crash.args[0].startswith("B-")
    assert crash.args[0] in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_work_stopped_before_it_began_never_begins_and_shows_nothing(tasks: Tasks, qtbot: QtBot) -> None:
    first_may_end = threading.Event()
    seen: list[str] = []
    tasks.net(lambda _progress, _cancelled: first_may_end.wait(20), lambda _value: seen.append("first"))
    second = tasks.net(
        lambda _progress, _cancelled: seen.append("began"), _never_called, ended=lambda: seen.append("ended")
    )
    second.cancel()
    first_may_end.set()

    qtbot.waitUntil(lambda: seen == ["first", "ended"])


def test_running_work_hears_that_it_is_to_stop_and_still_says_how_far_it_got(
    tasks: Tasks, qtbot: QtBot
) -> None:
    began = threading.Event()
    seen: list[str] = []

    def work(_progress: object, cancelled: object) -> str:
        began.set()
        while not cancelled():  # type: ignore[operator]  # the lane passes a callable
            threading.Event().wait(0.001)
        return "half"

    task = tasks.work(work, seen.append)
    began.wait(20)
    task.cancel()

    qtbot.waitUntil(lambda: seen == ["half"])


def test_the_newest_progress_arrives_and_a_flood_of_it_is_thinned(tasks: Tasks, qtbot: QtBot) -> None:
    told: list[tuple[int, int]] = []

    def work(progress: object, _cancelled: object) -> None:
        for n in range(1, 20_001):
            progress(n, 20_000)  # type: ignore[operator]  # the lane passes a callable

    with qtbot.waitSignal(tasks.changed):
        tasks.work(work, progress=lambda n, of: told.append((n, of)), changes=frozenset({"imports"}))
    assert told[-1] == (20_000, 20_000)
    assert told == sorted(told)
    assert len(told) < 20_000


def test_a_result_for_a_page_that_is_gone_is_dropped(tasks: Tasks, qtbot: QtBot) -> None:
    page = QLabel("old")
    may_end = threading.Event()
    tasks.read(lambda: may_end.wait(20), lambda _value: page.setText("new"))
    tasks.read(lambda: may_end.wait(20), page.setText)
    seen: list[int] = []
    tasks.read(lambda: 1, seen.append)
    page.deleteLater()
    with qtbot.waitSignal(page.destroyed):
        pass
    may_end.set()

    qtbot.waitUntil(lambda: seen == [1])


def test_closing_waits_for_every_write_and_takes_no_more(qtbot: QtBot) -> None:
    tasks = Tasks()
    written: list[int] = []
    for n in range(100):
        tasks.write(lambda n=n: written.append(n))

    tasks.close()
    assert written == list(range(100))
    tasks.write(lambda: written.append(100))
    assert len(written) == 100


def test_what_comes_after_the_writes_sees_them(tasks: Tasks, qtbot: QtBot) -> None:
    written: list[int] = []
    seen: list[int] = []
    for n in range(20):
        tasks.write(lambda n=n: written.append(n))
    tasks.after_writes(lambda: seen.append(len(written)))

    qtbot.waitUntil(lambda: seen == [20])


def test_a_desk_is_let_go_only_after_its_writes_and_what_was_on_the_line(tasks: Tasks, qtbot: QtBot) -> None:
    seen: list[str] = []
    line_began = threading.Event()

    def call(_progress: object, cancelled: object) -> None:
        line_began.set()
        while not cancelled():  # type: ignore[operator]  # the lane passes a callable
            threading.Event().wait(0.001)
        seen.append("line")

    tasks.net(call)
    line_began.wait(20)
    tasks.write(lambda: seen.append("write"))
    tasks.retire(lambda: seen.append("closed"))
    tasks.read(lambda: seen.append("next"), lambda _value: None)

    qtbot.waitUntil(lambda: "next" in seen)
    assert seen.index("closed") == 2
    assert seen[-1] == "next"


def test_the_line_that_is_down_is_an_error_for_the_message_bar_not_a_bug(tasks: Tasks, qtbot: QtBot) -> None:
    def call(_progress: object, _cancelled: object) -> None:
        raise LinkError("link_failed")

    with qtbot.assertNotEmitted(tasks.crashed), qtbot.waitSignal(tasks.refused):
        tasks.net(call)


def _refuse() -> None:
    raise NotAllowed("maker_is_checker")


def _never_called(_value: object) -> None:
    raise AssertionError("called")
