"""The window in the demo: pictures of every page, or the window itself for a person to walk the road."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from client.app import Window, make_app, real_world
from client.demo.ground import Person
from client.demo.road import ITEM, Road, must
from client.ui.sign_in import UnlockPanel

SIZE: Final = (1366, 768)
SETTLE_S: Final = 30.0
QUIET_S: Final = 0.3


def take_shots(road: Road, folder: Path) -> dict[str, int]:
    """Walk the road and save a picture of every page on the way, in the states that it meets."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder.mkdir(parents=True, exist_ok=True)
    shots = Shots(road, make_app(), folder)
    road.after = shots.after
    figures = road.run()
    road.say(f"图片 {shots.saved} 张，在 {folder}。")
    return figures


class Shots:
    """Opens the window between the steps of the road, and saves what it shows.

    Attributes:
        saved: pictures so far.
    """

    def __init__(self, road: Road, app: QApplication, folder: Path) -> None:
        self._road, self._app, self._folder = road, app, folder
        self.saved = 0

    def after(self, step: str) -> None:
        """Take the pictures that follow a step; called by the road with the step's name."""
        pictures: dict[str, Callable[[], None]] = {
            "enrol": self._first_day,
            "check": self._importing,
            "colleague": self._reviewing,
            "send": self._reporting,
            "by_stick": self._by_stick,
            "object": self._objection,
            "decide": self._closed,
        }
        if step in pictures:
            pictures[step]()

    # --- one step each ------------------------------------------------------------------------------

    def _first_day(self) -> None:
        fresh = self._window(self._road.folder / "no-profile")
        self._save(fresh, "登记")
        self._close(fresh)
        locked = self._window(self._road.profile)
        self._save(locked, "解锁")
        self._close(locked)
        with self._open("reporter") as window:
            self._page(window, "home", "工作台-空")
            self._page(window, "records", "填报-空")

    def _importing(self) -> None:
        with self._open("reporter") as window:
            page = window.go("intake")
            self._save(window, "导入-文件")
            page.look_into(self._road.sample)  # type: ignore[attr-defined]  # the page 导入
            self._save(window, "导入-列对应")
            page.run_check()  # type: ignore[attr-defined]
            self._save(window, "导入-问题")
            for place, name in enumerate(("清洗", "比对"), start=1):
                page.found.tabs.setCurrentIndex(place)  # type: ignore[attr-defined]
                self._save(window, f"导入-{name}")

    def _reviewing(self) -> None:
        with self._open("reporter") as window:
            self._page(window, "intake", "导入-以往")
            page = window.go("intake", import_id=self._road.import_id)
            self._save(window, "导入-入库")
            page.after.take_faulty()  # type: ignore[attr-defined]
            self._save(window, "导入-有误转草稿")
            window.go("records", state="problems")
            self._save(window, "填报-有问题")
            window.go("grid", item=ITEM)
            self._save(window, "表格填报")
        with self._open("reviewer") as window:
            self._page(window, "review", "复核")
            self._page(window, "home", "工作台-复核员")

    def _reporting(self) -> None:
        with self._open("reporter") as window:
            self._page(window, "sync", "报送")
            window.go("sync", tab="rejected")
            self._save(window, "报送-退回")
            window.go("records", record_id=self._road.stored_id)
            self._save(window, "填报-已入库")
            window.go("catalog", item=ITEM)
            self._save(window, "目录")
            self._page(window, "settings", "设置")
            window.set_theme("dark")
            self._settle(window)
            window.go("records", record_id=self._road.stored_id)
            self._save(window, "填报-深色")
            window.set_theme("light")
            self._settle(window)

    def _by_stick(self) -> None:
        with self._open("reporter") as window:
            window.go("sync", tab="batches").head.turn_stick()  # type: ignore[attr-defined]  # the page 报送
            self._save(window, "报送-U盘")

    def _objection(self) -> None:
        with self._open("handler") as window:
            self._page(window, "home", "工作台-异议")
            window.go("cases", case_id=self._road.case_id)
            self._save(window, "异议")

    def _closed(self) -> None:
        with self._open("handler") as window:
            window.go("cases", case_id=self._road.case_id)
            self._save(window, "异议-已结")
            self._page(window, "home", "工作台")

    # --- the window ---------------------------------------------------------------------------------

    def _window(self, profile: Path) -> Window:
        window = Window(self._app, profile, real_world(profile))
        window.main.resize(*SIZE)
        window.start()
        self._settle(window)
        return window

    @contextmanager
    def _open(self, role: str) -> Iterator[Window]:
        person: Person = self._road.unit.person(role)
        window = self._window(self._road.profile)
        window.unlock(person.name, person.passphrase)
        self._settle(window)
        must(window.frame is not None, f"窗口没有解锁：{person.name}")
        try:
            yield window
        finally:
            self._close(window)

    def _close(self, window: Window) -> None:
        window.close()
        window.deleteLater()
        self._app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self._app.processEvents()

    def _page(self, window: Window, name: str, picture: str) -> None:
        window.go(name)
        self._save(window, picture)

    def _save(self, window: Window, name: str) -> None:
        self._settle(window)
        path = self._folder / f"{self.saved + 1:02d}-{name}.png"
        must(window.grab().save(str(path)), f"图片没有存成：{path}")
        self.saved += 1

    def _settle(self, window: Window) -> None:
        """Let the window work until nothing has been under way for a moment."""
        end = time.monotonic() + SETTLE_S
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < QUIET_S:
            self._app.processEvents()
            if not window.is_settled():
                quiet_since = time.monotonic()
            must(time.monotonic() < end, "窗口一直没有静下来")
            time.sleep(0.005)


def open_for_a_person(road: Road) -> int:
    """Enrol the desk, open its window, and let an objection come once something is stored."""
    road.say(f"1. {road.enrol()}")
    road.make_samples()
    road.say(f"样例表格在 {road.sample.parent}，可以拖进“导入”。")
    app = make_app()
    window = Window(app, road.profile, real_world(road.profile))
    people = {person.name: person for person in road.unit.people}

    def fill_in() -> None:
        card = window.card
        if not isinstance(card, UnlockPanel):
            return
        card.passphrase.setText(people[card.name.currentText()].passphrase)
        card.name.currentTextChanged.connect(lambda name: card.passphrase.setText(people[name].passphrase))

    window.locked.connect(fill_in)
    window.main.resize(*SIZE)
    window.start()
    scan = road.draw_scan()
    threading.Thread(target=road.object_when_stored, args=(scan,), daemon=True).start()
    return app.exec()
