"""目录: every item, field, code set and source can be seen, and leads to a new record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from client.ui.catalog import words
from client.ui.catalog.item_view import describe, facts, need
from client.ui.catalog.page import CatalogPage
from client.ui.catalog.rule_words import _WORDS, in_words
from client.ui.catalog.tree import by_class
from client.ui.session import Place, Session
from client.ui.tasks import Tasks
from forms.catalog.rules import RULES
from tests.client.sync.office import an_office
from tests.client.ui.house import CATALOGS

LIMIT_MS = 5_000
SET = CATALOGS.current


class Room:
    def __init__(self, qtbot: QtBot, session: Session) -> None:
        self.qtbot, self.session = qtbot, session
        self.page = CatalogPage(session)
        self.went: list[Place] = []
        session.going.connect(self.went.append)
        qtbot.addWidget(self.page)
        self.page.resize(1218, 724)
        self.page.show()
        self.page.activateWindow()
        qtbot.waitExposed(self.page)
        self.page.open()
        self.settle()

    def settle(self) -> None:
        self.qtbot.waitUntil(self.session.tasks.is_idle, timeout=LIMIT_MS)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        target = QApplication.focusWidget()
        assert target is not None
        self.qtbot.keyClick(target, key, modifier)

    def search(self, text: str) -> None:
        self.press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        assert self.page.box.hasFocus()
        self.page.box.setText(text)
        self.press(Qt.Key.Key_Return)


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path) -> Iterator[Room]:
    office = an_office(tmp_path / "desk", CATALOGS)
    tasks = Tasks()
    yield Room(qtbot, Session(office.desk, tasks))
    tasks.close()
    office.desk.close()


@pytest.mark.parametrize(("scheme", "least"), [("category", 13), ("class7", 7)])
def test_every_item_stands_in_one_class_of_each_scheme(scheme: str, least: int):
    classes = by_class(SET, scheme)
    codes = [entry.code for entries in classes.values() for entry in entries]

    assert len(classes) >= least
    assert sorted(codes) == sorted(SET.entries)


def test_every_kind_of_rule_has_words():
    assert set(_WORDS) == set(RULES.values())


def test_every_rule_and_field_of_the_catalog_is_told_with_its_sources():
    for item in SET.items.values():
        assert facts(item)
        for field in item.fields:
            told = describe(field, item)
            assert all(in_words(rule, field, item) in told for rule in field.rules)
            assert told.count("：") >= len(field.basis)


def test_what_is_recalled_is_never_called_sourced():
    penalty = SET.items["XZCF_FR"]
    told = describe(penalty.by_id["CF_NR_FK"], penalty)

    assert "处罚类别”含“罚款”时必填（待核对原文）" in told
    assert need(penalty.by_id["CF_NR_FK"]) == words.BY_RULE


def test_the_switch_turns_to_the_seven_categories_and_keeps_the_item(room: Room):
    room.page.open(item="XZCF_FR")
    room.qtbot.mouseClick(room.page.scheme_button("class7"), Qt.MouseButton.LeftButton)

    assert room.page.tree.current() == "XZCF_FR"
    assert room.page.tree.currentIndex().parent().data().startswith("双公示行政处罚")
    assert len(room.page.tree.codes()) == len(SET.entries)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("XZXK_FR", "XZXK_FR", id="code"),
        pytest.param(SET.entries["FR_HONGMINGDAN"].name, "FR_HONGMINGDAN", id="name"),
        pytest.param("暂扣或吊销证照名称", "XZCF_FR", id="a field"),
    ],
)
def test_an_item_is_found_by(room: Room, text: str, code: str):
    room.search(text)

    assert code in room.page.tree.codes()
    assert room.page.view.item() is not None
    assert room.page.count.text() == words.FOUND.format(n=len(room.page.tree.codes()))


def test_a_search_without_a_find_says_so(room: Room):
    room.search("没有这样的东西")

    assert room.page.tree.codes() == []
    assert not room.page.tree.isVisible()


def test_arrows_go_through_the_tree_and_show_each_item(room: Room):
    room.press(Qt.Key.Key_Home)
    room.press(Qt.Key.Key_Right)
    room.press(Qt.Key.Key_Down)
    item = room.page.view.item()

    assert item is not None
    assert item.code == room.page.tree.current()
    assert room.page.view.isVisible()


def test_ctrl_n_begins_a_record_of_the_item(room: Room):
    room.page.open(item="XZXK_FR")
    room.page.view.fields.setFocus()
    room.press(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)

    assert room.went == [Place("records", {"new": "XZXK_FR"})]


def test_the_button_does_the_same(room: Room):
    room.page.open(item="XZCF_ZRR")
    room.qtbot.mouseClick(room.page.view.new, Qt.MouseButton.LeftButton)

    assert room.went == [Place("records", {"new": "XZCF_ZRR"})]


def test_the_field_that_is_current_is_told_below(room: Room):
    room.page.open(item="XZCF_FR", field="CF_XDR_LB")

    assert "只能填：" in room.page.view.detail.text()
    assert "出处" in room.page.view.detail.text()


def test_a_code_set_is_shown_and_searched(room: Room):
    room.page.open(item="XZCF_FR")
    view = room.page.view
    names = [view.set_box.itemText(n) for n in range(view.set_box.count())]
    assert len(names) == len({f.code_set.id for f in SET.items["XZCF_FR"].fields if f.code_set})

    place = next(n for n, name in enumerate(names) if "处罚" in name)
    view.set_box.setCurrentIndex(place)
    view.set_box.activated.emit(place)
    whole = view.codes.model().rowCount()
    view.code_box.setText("罚款")

    assert 0 < view.codes.model().rowCount() < whole


def test_every_item_can_be_shown(room: Room):
    for code in SET.entries:
        room.page.open(item=code)
        item = room.page.view.item()
        assert item is not None
        assert item.code == code


def test_who_may_not_write_sees_no_way_to(qtbot: QtBot, tmp_path: Path):
    office = an_office(tmp_path / "desk", CATALOGS)
    tasks = Tasks()
    room = Room(qtbot, Session(office.checker, tasks))
    room.page.open(item="XZCF_FR")

    assert not room.page.view.new.isVisible()
    tasks.close()
    office.desk.close()
