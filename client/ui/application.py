"""The Qt application itself, speaking Chinese."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable

from PySide6.QtCore import QLibraryInfo, QLocale, QSocketNotifier, QTranslator
from PySide6.QtWidgets import QApplication

SWITCH_S = 0.0005
"""Longest that another thread keeps the window waiting for its turn. Each cell that is painted waits once."""


def make_app() -> QApplication:
    """Return the Qt application, speaking Chinese."""
    sys.setswitchinterval(SWITCH_S)
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("MinXin")
    app.setApplicationDisplayName("闽信通")
    QLocale.setDefault(QLocale("zh_CN"))
    if app.findChild(QTranslator) is not None:
        return app
    translator = QTranslator(app)
    if translator.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(translator)
    return app


def on_signal(app: QApplication, then: Callable[[], object]) -> None:
    """Call `then` in the UI thread when the system or Ctrl+C asks the program to end.

    Python handles a signal only when it runs, and a window at rest runs none of it: a byte in a
    socket wakes it.
    """
    reader, writer = socket.socketpair()
    for end in (reader, writer):
        end.setblocking(False)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read, app)
    notifier.activated.connect(lambda *_: reader.recv(64))

    def stop() -> None:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(-1)
        reader.close()
        writer.close()

    app.aboutToQuit.connect(stop)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: then())
