"""What spares a person typing: known subjects, pins, values put in from elsewhere."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from forms.catalog.schema import Item
from forms.qt.editor import Setting
from forms.qt.form import CatalogForm
from forms.qt.inputs import Line
from forms.qt.subject_list import Answer, KnownSubject, SubjectList

pytestmark = pytest.mark.qt_log_ignore("does not support grabbing", extend=True)

CODE = "91350200MA2XYL4C7J"


def a_subject(name: str = "鹭影样例茶业有限公司", code: str = CODE, who: str = "林试验") -> KnownSubject:
    fills = {"CF_XDR_MC": name, "CF_XDR_SHXYM": code, "CF_FRDB": who}
    return KnownSubject(name, code, who, "2026-11-20", fills)


KNOWN = (a_subject(), a_subject("鹭影样例贸易有限公司", "91350200MA00000018", "郑·试验"))


class Room:
    """A form, the subjects that are known, and what was asked for."""

    def __init__(self, qtbot: QtBot, item: Item) -> None:
        self.qtbot = qtbot
        self.asked: list[str] = []
        self.known = KNOWN
        self.answers: list[Answer] | None = None
        self.form = CatalogForm(item, Setting(lambda: date(2026, 11, 24), subjects=self._find))
        self.edited: list[str] = []
        self.form.edited.connect(self.edited.append)
        qtbot.addWidget(self.form)
        self.form.resize(700, 600)
        self.form.show()
        self.form.activateWindow()
        qtbot.waitExposed(self.form)
        qtbot.waitUntil(self.form.is_whole)

    def _find(self, _item: Item, text: str, answer: Answer) -> None:
        self.asked.append(text)
        if self.answers is not None:
            self.answers.append(answer)
            return
        answer([one for one in self.known if text in one.name or one.code.startswith(text)])

    def enter(self, field_id: str) -> Line:
        self.form.focus_field(field_id)
        box = self.form.editor(field_id).inputs()[0]
        self.qtbot.waitUntil(box.hasFocus)
        assert isinstance(box, Line)
        return box

    def list(self, field_id: str = "CF_XDR_MC") -> SubjectList:
        assert self.form.subjects is not None
        return self.form.subjects.lists[field_id]

    def search(self, text: str, field_id: str = "CF_XDR_MC") -> Line:
        box = self.enter(field_id)
        for sign in text:
            event = QInputMethodEvent("", [])
            event.setCommitString(sign)
            QApplication.sendEvent(box, event)
        self.qtbot.waitUntil(self.list(field_id).is_open)
        return box

    def pick(self, place: int = 0, field_id: str = "CF_XDR_MC") -> None:
        popup = self.list(field_id).popup()
        for _ in range(place + 1):
            self.qtbot.keyClick(popup, Qt.Key.Key_Down)
        self.qtbot.keyClick(popup, Qt.Key.Key_Return)

    def values(self) -> dict[str, object]:
        return dict(self.form.values())


@pytest.fixture
def room(qtbot: QtBot, penalty: Item) -> Room:
    return Room(qtbot, penalty)


# --- known subjects ---------------------------------------------------------------------------


def test_picking_a_subject_fills_name_code_and_representative(room: Room):
    room.search("鹭影")
    assert room.list().found() == [one.name for one in KNOWN]
    room.pick(1)

    assert room.values() == dict(KNOWN[1].fills)
    assert set(room.edited) == set(KNOWN[1].fills)


def test_the_code_finds_the_subject_too(room: Room):
    room.search("91350200MA2", "CF_XDR_SHXYM")
    room.pick(0, "CF_XDR_SHXYM")

    assert room.values() == dict(KNOWN[0].fills)


def test_enter_on_a_new_name_goes_on_and_picks_nothing(room: Room, qtbot: QtBot):
    box = room.search("鹭影")
    qtbot.keyClick(room.list().popup(), Qt.Key.Key_Return)

    assert room.values() == {"CF_XDR_MC": "鹭影"}
    qtbot.waitUntil(lambda: not box.hasFocus())
    assert not room.list().is_open()


def test_esc_takes_the_list_away_and_leaves_what_was_typed(room: Room, qtbot: QtBot):
    room.search("鹭影")
    qtbot.keyClick(room.list().popup(), Qt.Key.Key_Escape)

    assert not room.list().is_open()
    assert room.values() == {"CF_XDR_MC": "鹭影"}


def test_what_was_typed_elsewhere_is_not_overwritten_unasked(room: Room, qtbot: QtBot):
    room.form.set_values({"CF_FRDB": "别人"})
    room.search("鹭影样例茶")
    room.pick()
    notes = room.form.row("CF_FRDB").notes()

    assert room.values()["CF_FRDB"] == "别人"
    assert notes is not None
    offer = notes.offer()
    assert offer is not None
    assert offer.isVisible()
    qtbot.mouseClick(offer.take, Qt.MouseButton.LeftButton)
    assert room.values()["CF_FRDB"] == "林试验"
    assert notes.offer() is None


def test_what_was_typed_can_be_kept(room: Room, qtbot: QtBot):
    room.form.set_values({"CF_FRDB": "别人"})
    room.search("鹭影样例茶")
    room.pick()
    notes = room.form.row("CF_FRDB").notes()
    assert notes is not None
    offer = notes.offer()
    assert offer is not None
    qtbot.mouseClick(offer.keep, Qt.MouseButton.LeftButton)

    assert room.values()["CF_FRDB"] == "别人"
    assert notes.offer() is None


def test_the_next_record_asks_nothing_of_the_one_before(room: Room):
    room.form.set_values({"CF_FRDB": "别人"})
    room.search("鹭影样例茶")
    room.pick()
    room.form.set_values({})
    notes = room.form.row("CF_FRDB").notes()

    assert notes is not None
    assert notes.offer() is None


def test_f4_shows_those_written_of_last(room: Room, qtbot: QtBot):
    box = room.enter("CF_XDR_MC")
    qtbot.keyClick(box, Qt.Key.Key_F4)

    assert room.asked == [""]
    assert room.list().is_open()


def test_an_answer_that_comes_after_one_went_on_shows_nothing(room: Room, qtbot: QtBot):
    late: list[Answer] = []
    room.answers = late
    box = room.enter("CF_XDR_MC")
    qtbot.keyClick(box, Qt.Key.Key_F4)
    room.enter("CF_WSH")
    late[0](KNOWN)

    assert not room.list().is_open()


def test_a_subject_that_stands_there_already_is_not_offered_again(room: Room, qtbot: QtBot):
    room.form.set_values({"CF_XDR_MC": KNOWN[0].name})
    qtbot.keyClick(room.enter("CF_XDR_MC"), Qt.Key.Key_F4)

    assert not room.list().is_open()


def test_a_record_that_is_only_read_offers_nothing(room: Room, qtbot: QtBot):
    room.form.set_read_only(True)
    qtbot.keyClick(room.enter("CF_XDR_MC"), Qt.Key.Key_F4)

    assert room.asked == []


# --- pins -------------------------------------------------------------------------------------


def test_f6_pins_what_the_field_holds_and_again_unpins_it(room: Room, qtbot: QtBot):
    pinned: list[tuple[str, object]] = []
    unpinned: list[str] = []
    room.form.pins.pinned.connect(lambda field, value: pinned.append((field, value)))
    room.form.pins.unpinned.connect(unpinned.append)
    room.form.set_values({"CF_CFJG": "样例局"})
    room.form.pins.show({})
    box = room.enter("CF_CFJG")
    qtbot.keyClick(box, Qt.Key.Key_F6)
    pin = room.form.row("CF_CFJG").pin

    assert pinned == [("CF_CFJG", "样例局")]
    assert pin is not None
    assert pin.is_on()
    qtbot.keyClick(box, Qt.Key.Key_F6)
    assert (unpinned, pin.is_on()) == (["CF_CFJG"], False)


def test_a_click_on_the_pin_does_the_same(room: Room, qtbot: QtBot):
    room.form.set_values({"BZ": "摘要"})
    room.form.pins.show({})
    pin = room.form.row("BZ").pin
    assert pin is not None
    with qtbot.waitSignal(room.form.pins.pinned):
        qtbot.mouseClick(pin, Qt.MouseButton.LeftButton)


def test_an_empty_field_cannot_be_pinned(room: Room, qtbot: QtBot):
    room.form.pins.show({})
    with qtbot.assertNotEmitted(room.form.pins.pinned):
        qtbot.keyClick(room.enter("BZ"), Qt.Key.Key_F6)


def test_a_pinned_field_that_is_changed_is_pinned_with_the_new_value(room: Room, qtbot: QtBot):
    room.form.set_values({"BZ": "1"})
    room.form.pins.show({"BZ": "1"})
    box = room.enter("BZ")
    qtbot.keyClick(box, Qt.Key.Key_End)
    qtbot.keyClicks(box, "2")
    with qtbot.waitSignal(room.form.pins.pinned) as said:
        room.enter("CF_WSH")

    assert said.args == ["BZ", "12"]


def test_where_nothing_can_be_pinned_there_is_no_pin(room: Room, qtbot: QtBot):
    room.form.set_values({"BZ": "1"})
    room.form.pins.show({})
    room.form.pins.show(None)
    pin = room.form.row("BZ").pin

    assert pin is not None
    assert not pin.isVisible()
    with qtbot.assertNotEmitted(room.form.pins.pinned):
        qtbot.keyClick(room.enter("BZ"), Qt.Key.Key_F6)


# --- values put in ----------------------------------------------------------------------------


def test_put_fills_what_is_empty_and_names_what_it_left_alone(room: Room):
    room.form.set_values({"BZ": "原文", "CF_WSH": "同"})
    kept = room.form.put({"BZ": "别的", "CF_WSH": "同", "CF_FRDB": "甲", "UNKNOWN": "x"})

    assert kept == ["BZ"]
    assert room.values() == {"BZ": "原文", "CF_WSH": "同", "CF_FRDB": "甲"}
    assert room.edited == ["CF_FRDB"]
