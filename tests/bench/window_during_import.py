"""The longest wait of the window, step by step, while 20,000 penalties come in from an .xlsx.

A real window, without a screen, on a real encrypted desk; the file goes in by the page 导入, as a person
would take it. A timer of the UI thread is due every 5 ms: what is measured is the time from one turn of
the event loop that serves it to the next, and how much of it the UI thread itself worked. The limit is the
same timer in the same window with nothing to do. All through, the whole window is painted five times a
second. The file is checked twice: the second time nearly every row meets a record of the desk, so that all
panes are full.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import xlsxwriter
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QTableView

from client.app import Window, World, make_app
from client.core.ids import uuid7
from client.core.people import Device, Operator
from client.demo.samples import many_penalties
from client.paths import resources
from client.store.desk import Catalogs
from client.store.profile import NewOperator, create_profile
from client.store.wraps import Cost
from client.ui.intake.page import COLUMNS, DONE, PROBLEMS, IntakePage
from client.ui.session import Halves
from forms.catalog.loader import load_set
from forms.seal.keys import SigningKey

NAME = "window"

ROWS: Final = 20_000
DUE_MS: Final = 5
PAINTED_MS: Final = 200
"""How often the whole window is painted anew, as it is for somebody who looks about in it."""

IDLE_S: Final = 3.0
REST_S: Final = 0.3
LIMIT_S: Final = 300.0
SIZE: Final = (1366, 768)
TODAY: Final = date(2026, 11, 24)
NAME_OF_CLERK: Final = "林晓"
PASSPHRASE: Final = "一人一口令-从不外借"
CATALOG: Final = resources() / "catalogs" / "2026.1"

Gap = tuple[float, float]
"""Ms from a turn to the next, and how many of them the UI thread itself worked; the rest it waited."""

Figures = dict[str, float | int | str]


class Pulse(QObject):
    """Notes each turn of the event loop that serves a timer."""

    def __init__(self) -> None:
        super().__init__()
        self._turns: list[tuple[float, float]] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self._turns.append((time.perf_counter(), time.thread_time())))
        self._timer.start(DUE_MS)

    def gaps_of(self, act: Callable[[], object], until: Callable[[], bool]) -> list[Gap]:
        """Return what lies between turns while something is done, and until it is over and painted."""
        loop = QEventLoop()
        begun = over = time.perf_counter()
        self._turns = [(begun, time.thread_time())]
        QTimer.singleShot(0, act)
        while True:
            loop.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            now = time.perf_counter()
            if not until():
                over = now
            elif now - over > REST_S:
                break
            if now - begun > LIMIT_S:
                raise TimeoutError
        turns = self._turns
        return [
            ((now - last) * 1000, (worked - had_worked) * 1000)
            for (last, had_worked), (now, worked) in pairwise(turns)
        ]


def run() -> Figures:
    """Measure, and return the figures in ms: the worst and the 99th of 100, step by step."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "penalties.xlsx"
        write_file(path)
        make_desk(Path(folder) / "desk")
        window = Window(make_app(), Path(folder) / "desk", a_world())
        with closing(window):
            window.main.resize(*SIZE)
            window.start()
            pulse = Pulse()
            pulse.gaps_of(
                lambda: window.unlock(NAME_OF_CLERK, PASSPHRASE),
                lambda: window.frame is not None and window.is_settled(),
            )
            eyes = QTimer(window)
            eyes.timeout.connect(window.main.update)
            eyes.start(PAINTED_MS)
            page = window.go("intake")
            assert isinstance(page, IntakePage)
            figures = measured(pulse, window, page, path)
    return {"rows": ROWS, **figures}


def measured(pulse: Pulse, window: Window, page: IntakePage, path: Path) -> Figures:
    """Take the file through all steps, and again as far as its panes."""
    figures: Figures = {}

    def step(name: str, act: Callable[[], object], until: Callable[[], bool]) -> None:
        gaps = pulse.gaps_of(act, lambda: window.is_settled() and until())
        waits = sorted(gap for gap, _ in gaps)
        figures[f"{name}: worst, ms"] = waits[-1]
        figures[f"{name}: p99, ms"] = waits[int(len(waits) * 0.99)]
        figures[f"{name}: worst of its own work, ms"] = max(worked for _, worked in gaps)

    begun = time.perf_counter()
    step("idle (the limit)", lambda: None, lambda: time.perf_counter() - begun > IDLE_S)
    for time_of in ("", ", all rows known"):
        step(f"looking{time_of}", lambda: page.look_into(path), lambda: page.stack.currentIndex() == COLUMNS)
        step(f"checking{time_of}", page.check.click, lambda: page.stack.currentIndex() == PROBLEMS)
        step(f"panes{time_of}", lambda: through_panes(page), lambda: True)
        if not time_of:
            step("importing", page.bring.click, lambda: page.stack.currentIndex() == DONE)
            step("result", page.done.cleaned.click, lambda: page.done.changes.cells.model().rowCount() > 0)
            page.begin_anew()
    compared = page.found.checked.outcome.compared if page.found.checked else None
    if compared is None or sum(compared.meetings.kinds().values()) < ROWS // 2:
        raise AssertionError("the second time nearly every row meets a record")
    over = [name for name, value in figures.items() if "worst, ms" in name and float(value) > 100]
    return {**figures, "steps over 100 ms": len(over)}


def through_panes(page: IntakePage) -> None:
    """Turn to each tab and each group, all rows chosen once, each in a turn of its own."""
    acts: list[Callable[[], object]] = []
    for place, tables in enumerate((
        (page.found.problems.kinds, page.found.problems.cells),
        (page.found.cleaning.groups, page.found.cleaning.cells),
        (page.found.meetings.groups, page.found.meetings.rows),
    )):  # fmt: skip
        acts.append(lambda place=place: page.found.tabs.setCurrentIndex(place))
        groups, cells = tables
        acts += [lambda n=n, groups=groups: groups.selectRow(n) for n in range(groups.model().rowCount())]
        acts += [cells.selectAll, lambda cells=cells: to_end(cells), cells.clearSelection]
    for number, act in enumerate(acts):
        QTimer.singleShot(number * 4 * DUE_MS, act)
    wait = QEventLoop()
    QTimer.singleShot(len(acts) * 4 * DUE_MS, wait.quit)
    wait.exec()


def to_end(table: QTableView) -> None:
    """Go to the last row."""
    table.scrollToBottom()


def a_world() -> World:
    """The window's surroundings; no keyring."""
    return World(
        lambda: datetime.now(UTC), lambda: uuid7(datetime.now(UTC), os.urandom(10)),
        Catalogs([load_set(CATALOG)]),
        Halves(lambda *_: None, lambda *_: None, lambda: ""),
    )  # fmt: skip


def make_desk(directory: Path) -> None:
    """Make the profile of one clerk."""
    device = Device(
        "d1", "一号机", "350200-01", "示范局", "350200", "http://127.0.0.1:9", None, "s1", "k", "e1"
    )
    create_profile(
        directory, profile_id="p1", device=device, device_key=SigningKey.generate(),
        operators=[Operator("u1", NAME_OF_CLERK, frozenset({"reporter"}))],
        first=NewOperator("u1", PASSPHRASE), possession=None, clock=lambda: datetime.now(UTC),
        cost=Cost(1, 32, 1),
    )  # fmt: skip


def write_file(path: Path) -> None:
    """Write the penalties as Excel would."""
    fields = load_set(CATALOG).item("XZCF_FR").fields
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("行政处罚")
        day = book.add_format({"num_format": "yyyy/m/d"})
        sheet.write_row(0, 0, [field.title for field in fields])
        for number, cells in enumerate(many_penalties(ROWS, today=TODAY), start=1):
            for column, field in enumerate(fields):
                cell = cells.get(field.id)
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, day)
                elif cell is not None:
                    sheet.write(number, column, cell)
