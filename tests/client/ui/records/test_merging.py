"""A correction that another desk came before with: by keys, from the button to the submission."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from client.core.records import Reason
from client.store import drafts
from client.ui.records import words
from tests.client.rivals import stale
from tests.client.sync.office import a_problem
from tests.client.ui.house import a_penalty


def came_second(room: Any) -> str:
    """Correct the amount and the facts; another desk corrected the amount, the end and the basis before."""
    record_id = room.create(1)
    room.accept(record_id)
    drafts.begin_change(room.desk, record_id, "correct")
    drafts.save(room.desk, record_id, a_penalty(1, CF_NR_FK="0.3", CF_SY="查明的事实"))
    drafts.set_reason(room.desk, record_id, Reason("wrong_entry", "小数点错位"))
    room.approve(record_id)
    theirs = a_penalty(1, CF_NR_FK="0.2", CF_YJ="《样例条例》第九条", CF_YXQ="2027-01-01")
    theirs |= {"CF_NR": "罚款贰仟元"}
    room.answer(record_id, "rejected", a_problem("stale", **stale(theirs)))
    return record_id


def test_what_both_desks_changed_is_chosen_over_the_form_by_keys(room: Any):
    record_id = came_second(room)
    room.show(record_id)
    button = room.page.panel.button("reopen")
    assert button.text() == words.MERGE
    room.click("reopen")

    strip = room.page.panel.merge
    assert strip.isVisible()
    assert room.texts()[-1].endswith(words.MERGE_DONE_OPEN.format(n=1))
    assert list(strip.buttons) == [("CF_NR_FK", "mine"), ("CF_NR_FK", "theirs")]
    assert [button.text() for button in strip.buttons.values()] == ["用本机填的", "用平台上的"]
    assert [label.text() for label in strip.findChildren(QLabel)][-2:] == ["0.3", "0.2"]
    assert "另一台终端也改了这一项" in " ".join(line.text for line in room.page.problems.lines())
    assert room.box("CF_NR_FK").text() == "0.3"

    room.office.clock.go(1)
    strip.buttons["CF_NR_FK", "theirs"].setFocus()
    room.press(Qt.Key.Key_Space)
    room.settle()

    assert not strip.isVisible()
    assert room.box("CF_NR_FK").text() == "0.2"
    stored = room.stored_values(record_id)
    assert (stored["CF_NR_FK"], stored["CF_YJ"], stored["CF_SY"]) == (
        "0.2",
        "《样例条例》第九条",
        "查明的事实",
    )
    room.click("submit")
    assert room.state(record_id) == "in_review"


def test_typing_a_third_value_is_a_choice_too_and_submitting_before_is_stopped(room: Any):
    record_id = came_second(room)
    room.show(record_id)
    room.click("reopen")
    room.click("submit")
    assert room.state(record_id) == "problems"

    room.office.clock.go(1)
    room.type("CF_NR_FK", "0.25")
    room.page.flush()
    room.settle()
    room.page.reload()
    room.settle()

    assert not room.page.panel.merge.isVisible()
    assert room.state(record_id) == "draft"
