"""The application around the window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from client.ui.application import make_app, on_signal

TREE = Path(__file__).parents[3]


@pytest.fixture
def handlers():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "end"])
def test_a_window_at_rest_hears_that_it_is_to_end(
    qapp: QApplication, qtbot: QtBot, handlers: None, number: signal.Signals
):
    heard: list[bool] = []
    on_signal(qapp, lambda: heard.append(QThread.currentThread() is qapp.thread()))
    threading.Timer(0.05, signal.raise_signal, (number,)).start()

    qtbot.waitUntil(lambda: heard == [True])


def test_the_buttons_of_qt_speak_chinese(qapp: QApplication, qtbot: QtBot):
    assert make_app() is qapp
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(box)

    assert box.button(QDialogButtonBox.StandardButton.Cancel).text() == "取消"


PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from client import app
from client.ui.application import make_app
running = make_app()
QTimer.singleShot(300, lambda: [window.close() for window in running.topLevelWidgets()])
sys.exit(app.run_window(Path(sys.argv[1])))
"""


def test_the_program_opens_its_window_and_ends_without_a_word(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(tmp_path / "desk")],
        cwd=TREE, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    said = [line for line in done.stderr.splitlines() if "does not support" not in line]

    assert (done.returncode, done.stdout, said) == (0, "", [])
