"""A window on a real profile, driven like a person would, closed at the end of each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from client.app import Window, World, make_app
from client.ui.session import Halves
from tests.client.ui.house import CATALOGS, PASSPHRASE, Clock, House, Ids, a_house

LIMIT_MS = 20_000


class Driver:
    """A window, and the person before it."""

    def __init__(self, qtbot: QtBot, window: Window) -> None:
        self.qtbot, self.window = qtbot, window

    def settle(self) -> None:
        """Wait until nothing is under way, and what is said has its room."""
        self.qtbot.waitUntil(self.window.is_settled, timeout=LIMIT_MS)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def unlock(self, name: str, passphrase: str = PASSPHRASE) -> None:
        """Choose an operator, type the passphrase, wait for the frame."""
        self.window.unlock(name, passphrase)
        self.qtbot.waitUntil(lambda: self.window.frame is not None, timeout=LIMIT_MS)
        self.settle()

    def lock(self) -> None:
        """Lock, and wait for the lock screen."""
        self.window.lock()
        self.qtbot.waitUntil(lambda: self.window.frame is None, timeout=LIMIT_MS)
        self.settle()

    def switch(self, name: str) -> None:
        """Lock, and let somebody else in."""
        self.lock()
        self.unlock(name)

    def go(self, page: str, **where: object):  # type: ignore[no-untyped-def]
        """Show a page and wait until it has read what it shows."""
        shown = self.window.go(page, **where)
        self.settle()
        return shown

    def message(self) -> str:
        """What the message bar says."""
        assert self.window.frame is not None
        said = self.window.frame.messages.message()
        return said.text if said is not None else ""


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[House]:
    """A profile of three people that nobody has open."""
    house = a_house(tmp_path / "desk")
    yield house
    house.close()


@pytest.fixture
def open_window(qapp: QApplication, qtbot: QtBot) -> Iterator[Callable[..., Driver]]:
    """Open the window of a profile, and close it after the test."""
    made: list[Window] = []
    assert make_app() is qapp

    def build(
        directory: Path,
        clock: Clock | None = None,
        halves: Halves | None = None,
        size: tuple[int, int] | None = (1366, 768),
    ) -> Driver:
        clock = clock or Clock()
        none = Halves(lambda *_: None, lambda *_: None, lambda: "")
        world = World(clock, Ids(clock, 10_000 * (len(made) + 1)), CATALOGS, halves or none)
        window = Window(qapp, directory, world)
        if size is not None:
            window.main.resize(*size)
        made.append(window)
        window.start()
        qtbot.waitExposed(window.main)
        return Driver(qtbot, window)

    yield build
    for window in made:
        window.close()
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def driver(profile: House, open_window: Callable[..., Driver]) -> Driver:
    """The window of `profile`, locked."""
    return open_window(profile.directory, profile.clock)
