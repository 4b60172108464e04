"""The list of problems: how many, the first few, all of them, and where each leads."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from client.ui.widgets.problem_list import NO_PROBLEM, Line, ProblemList

ERRORS = [Line(f"E{n}", "error", f"第 {n} 项：必填，请填写。") for n in range(40)]
WARNING = Line("W", "warning", "决定日期：是 20 年以前的日期，请核对。")


@pytest.fixture
def problems(qtbot):
    page = QWidget()
    column = QVBoxLayout(page)
    made = ProblemList()
    column.addStretch(1)
    column.addWidget(made)
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    qtbot.waitExposed(page)
    made.page = page
    return made


def test_its_place_is_the_same_with_and_without_problems(problems):
    problems.set_lines([])
    without = problems.height()

    problems.set_lines(ERRORS)

    assert problems.height() == without


def test_it_counts_problems_and_warnings_apart(problems):
    problems.set_lines([WARNING, *ERRORS])

    assert problems.said() == "40 个问题 · 1 个提示"
    assert problems.lines()[0] == ERRORS[0]


def test_it_says_that_nothing_is_wrong(problems):
    problems.set_lines(ERRORS)

    problems.set_lines([])

    assert problems.said() == NO_PROBLEM
    assert not any(link.isVisible() for link in problems.links())


def test_a_click_on_one_of_the_first_jumps_to_its_field(qtbot, problems):
    problems.set_lines(ERRORS)

    with qtbot.waitSignal(problems.jumped) as jumped:
        qtbot.mouseClick(problems.links()[1], Qt.MouseButton.LeftButton)

    assert jumped.args == ["E1"]


def test_unfolded_all_are_there_and_enter_jumps(qtbot, problems):
    problems.set_lines(ERRORS)
    qtbot.mouseClick(problems.fold(), Qt.MouseButton.LeftButton)
    problems.list().setFocus()
    qtbot.keyClick(problems.list(), Qt.Key.Key_End)

    with qtbot.waitSignal(problems.jumped) as jumped:
        qtbot.keyClick(problems.list(), Qt.Key.Key_Return)

    assert jumped.args == ["E39"]
    assert problems.list().height() <= problems.page.height() // 3


def test_the_scroll_stays_where_it_was_when_a_problem_is_settled(qtbot, problems):
    problems.set_lines(ERRORS)
    qtbot.mouseClick(problems.fold(), Qt.MouseButton.LeftButton)
    scroll = problems.list().verticalScrollBar()
    scroll.setValue(scroll.maximum() // 2)
    before = scroll.value()

    problems.set_lines(ERRORS[1:])

    assert scroll.value() == before


def test_after_the_last_comes_the_first(qtbot, problems):
    jumped: list[str] = []
    problems.jumped.connect(jumped.append)
    problems.set_lines(ERRORS[:2])

    for _ in range(3):
        problems.go_on()

    assert jumped == ["E0", "E1", "E0"]
