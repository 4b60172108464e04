"""What an import put in order is said over the form, and undone for a field: by keys, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from client.intake.importing import import_file
from client.store import import_changes, records
from client.ui.records import words
from client.ui.records.cleaned_strip import CleanedStrip
from tests.client.ui.intake.hands import typed, write

MESSY = {"CF_FRDB": " 王 明 ", "CF_NR_FK": "5千元", "CF_WSH": "厦市监罚〔2026〕8号"}


def imported(room: Any, folder: Path, **more: Any) -> str:
    room.office.clock.go(1)
    import_file(room.desk, write(folder / "台账.xlsx", [typed(1, **MESSY, **more)]), item="XZCF_FR")
    room.office.clock.go(1)
    (row,) = records.list_records(room.desk.db.reader(), limit=5)
    return row.record_id


def fields_of(strip: CleanedStrip) -> list[str]:
    return list(strip.buttons)


def test_a_cleaned_field_is_put_back_by_keys_and_cleaned_again(room: Any, tmp_path: Path):
    record_id = imported(room, tmp_path)
    room.show(record_id)
    strip = room.page.panel.cleaned
    assert strip.isVisible()
    assert strip.buttons["CF_NR_FK"].isHidden() or not strip.buttons["CF_NR_FK"].isVisible()

    strip.toggle.setFocus()
    room.press(Qt.Key.Key_Space)
    assert set(fields_of(strip)) >= {"CF_NR_FK"}
    assert "5千元 → 0.5" in [label.text() for label in strip.findChildren(QLabel)]
    strip.buttons["CF_NR_FK"].setFocus()
    room.press(Qt.Key.Key_Space)
    room.settle()

    assert room.stored_values(record_id)["CF_NR_FK"] == "5千元"
    assert room.box("CF_NR_FK").text() == "5千元"
    assert QApplication.focusWidget() is strip.buttons["CF_NR_FK"]
    assert strip.buttons["CF_NR_FK"].text() == words.CLEAN_AGAIN
    undone = [one.field for one in import_changes.of_record(room.desk.db.reader(), record_id) if one.undone]
    assert undone == ["CF_NR_FK"]

    room.office.clock.go(1)
    action = room.said[-1].action
    assert action[0] == words.CLEAN_AGAIN
    action[1]()
    room.settle()

    assert room.stored_values(record_id)["CF_NR_FK"] == "0.5"
    assert not any(one.undone for one in import_changes.of_record(room.desk.db.reader(), record_id))
    assert strip.buttons["CF_NR_FK"].text() == words.CLEANED_UNDO


def test_what_was_typed_since_stays_and_its_line_goes(room: Any, tmp_path: Path):
    record_id = imported(room, tmp_path)
    room.show(record_id)
    room.office.clock.go(1)
    room.type("CF_NR_FK", "0.7")
    room.page.panel.cleaned.asked.emit("CF_NR_FK", False)
    room.settle()

    assert room.stored_values(record_id)["CF_NR_FK"] == "0.7"
    assert room.texts()[-1] == words.CLEANED_LEFT
    assert "CF_NR_FK" not in fields_of(room.page.panel.cleaned)


def test_a_record_that_may_not_be_written_says_it_without_a_way_back(room: Any, tmp_path: Path):
    record_id = imported(room, tmp_path)
    room.approve(record_id)
    room.session.announce("records")

    room.show(record_id)

    strip = room.page.panel.cleaned
    assert (strip.isVisible(), fields_of(strip)) == (True, [])
    room.show(room.create(2))
    assert not strip.isVisible()
