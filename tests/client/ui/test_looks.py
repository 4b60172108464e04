"""What holds of every page: controls have names for screen readers, and no word is cut off."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QTabBar,
    QWidget,
)

from client.app import PAGES
from client.store import drafts, habits, review
from client.ui.records.page import RecordsPage
from client.ui.widgets.elided import ElidedLabel
from tests.client.ui.conftest import Driver
from tests.client.ui.house import House, a_case, a_penalty

CONTROLS = (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox, QSpinBox, QAbstractItemView)
LONG_NAME = "厦门鹭岛样例跨境电子商务供应链管理与国际货运代理（集团）股份有限责任公司翔安分公司第一营业部"
ITEMS = ("XZCF_FR", "XZXK_ZRR", "BLACK_FR", "GJJ_NDJC", "XZCF_JB")
"""Items that differ: penalties, permits of persons, a list, a yearly report, the one with most fields."""

TREE = Path(__file__).parents[3]
SLACK_PX = 1
NO_WORD = "test_no_word_is_cut_off"


def filled(profile: House) -> House:
    """A desk with something on each page."""
    desk = profile.desk_of("许可")
    ids = [drafts.create(desk, "XZCF_FR", a_penalty(n, CF_XDR_MC=LONG_NAME)) for n in range(1, 5)]
    drafts.create(desk, "XZCF_FR", a_penalty(9, CF_JDRQ=None, CF_XDR_SHXYM="91"))
    review.submit(desk, ids[:1], title="行政处罚 1 条")
    habits.save_template(desk, "XZCF_FR", "常用", a_penalty(1))
    a_case(desk, a_penalty(7))
    profile.close()
    return profile


@pytest.fixture
def full(profile: House, open_window: Callable[..., Driver]) -> Callable[[tuple[int, int]], Driver]:
    """Open the window of a filled desk in a size."""
    house = filled(profile)

    def build(size: tuple[int, int]) -> Driver:
        driver = open_window(house.directory, house.clock, size=size)
        driver.unlock("许可")
        assert driver.window.main.size().toTuple() == size  # and nothing asks for more room than there is
        return driver

    return build


def walk(driver: Driver) -> Iterator[tuple[str, QWidget]]:
    """Go through all that can be reached; yield a name of the place and the whole window."""
    main = driver.window.main
    size = main.size()
    for page in PAGES:
        driver.go(page.name)
        QApplication.processEvents()  # what was said last is laid out
        yield page.name, main
    records = driver.go("records")
    assert isinstance(records, RecordsPage)
    records.choose_item()
    driver.settle()
    yield "chooser", main
    for item in ITEMS:
        records.new_record(item)
        form = records.panel.form()
        assert form is not None
        form.make_all()
        records.writing.insist()
        driver.settle()
        QApplication.processEvents()
        yield f"form of {item}", main
    records.panel.name_template()
    QApplication.processEvents()
    yield "template", main
    for row in records.session.desk.db.reader().execute("SELECT record_id FROM record LIMIT 9").fetchall():
        records.show_record(row["record_id"])
        driver.settle()
        QApplication.processEvents()
        yield f"record {row['record_id'][-4:]}", main
    driver.go("catalog", item="XZCF_FR")
    QApplication.processEvents()
    assert main.size() == size
    yield "catalog item", main


def path_of(widget: QWidget) -> str:
    parts = []
    at: QWidget | None = widget
    while at is not None and len(parts) < 4:
        parts.append(type(at).__name__)
        at = at.parentWidget()
    return " < ".join(parts)


def nameless(main: QWidget) -> Iterator[str]:
    """Controls in view that a screen reader can say nothing of."""
    for widget in main.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, CONTROLS):
            continue
        if isinstance(widget.parentWidget(), QComboBox | QSpinBox | QTabBar | QAbstractScrollArea):
            continue  # parts of a control, which has the name
        if isinstance(widget, QAbstractButton) and isinstance(widget.parentWidget(), QLineEdit):
            named = widget.accessibleName() or widget.toolTip() or widget.parentWidget().accessibleName()
        elif isinstance(widget, QAbstractButton):
            named = widget.accessibleName() or widget.text()
        else:
            named = widget.accessibleName()
        if not named.strip():
            yield path_of(widget)


def cut_off(main: QWidget) -> Iterator[str]:
    """Labels and buttons in view with less room than their words need."""
    for widget in main.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, QLabel | QPushButton):
            continue
        text = widget.text()
        if not text.strip() or isinstance(widget, ElidedLabel):
            continue
        needed = widget.sizeHint()
        room = widget.size()
        if isinstance(widget, QLabel) and widget.wordWrap():
            high = widget.heightForWidth(room.width())  # Chinese breaks anywhere; only the height can lack
            if high > room.height() + SLACK_PX:
                yield f"{path_of(widget)}: {text[:30]!r} needs {high} px of height, has {room.height()}"
        elif needed.width() > room.width() + SLACK_PX or needed.height() > room.height() + SLACK_PX:
            yield f"{path_of(widget)}: {text[:30]!r} needs {needed.toTuple()}, has {room.toTuple()}"


def test_every_control_of_every_page_has_a_name(full: Callable[[tuple[int, int]], Driver]):
    found = {(place, one) for place, main in walk(full((1366, 768))) for one in nameless(main)}

    assert sorted(found) == []


@pytest.mark.parametrize(
    "size",
    [
        pytest.param((1366, 768), id="1366x768 at 100 %"),
        pytest.param((1093, 614), id="1366x768 at 125 %"),
        pytest.param((911, 512), id="1366x768 at 150 %"),
        pytest.param((960, 540), id="1920x1080 at 200 %"),
    ],
)
def test_no_word_is_cut_off(full: Callable[[tuple[int, int]], Driver], size: tuple[int, int]):
    found = {(place, one) for place, main in walk(full(size)) for one in cut_off(main)}

    assert sorted(found) == []


def test_no_word_is_cut_off_where_everything_is_drawn_twice_as_large():
    """The factor can only be set before Qt starts, so another process looks."""
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"{__file__}::{NO_WORD}"],
        capture_output=True, check=False, text=True, cwd=TREE, timeout=300,
        env={**os.environ, "QT_SCALE_FACTOR": "2", "PYTHONPATH": str(TREE)},
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout[-4000:]
