"""目录 · 版本与变化: what changed, what it does to my drafts, done and undone; sets installed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from client.cli import signing
from client.paths import resources
from client.store import catalog_sets, drafts
from client.store.desk import Catalogs
from client.store.records import get
from client.ui.catalog import set_words as words
from client.ui.catalog.page import CatalogPage
from client.ui.session import Message, Place, Session
from client.ui.tasks import Tasks
from forms.catalog.changesentences import CHANGES
from forms.catalog.schema import CatalogSet
from forms.seal.keys import SigningKey
from tests.client.sync.office import an_office
from tests.client.ui.house import CATALOGS, a_penalty

LIMIT_MS = 10_000


def a_later(current: CatalogSet) -> CatalogSet:
    """A renamed field, a shorter one, and all other items gone."""
    item = current.items["XZCF_FR"]
    changes = {"BZ": {"id": "REMARK", "renamed_from": ("BZ",)}, "CF_NR": {"max_length": 30}}
    fields = tuple(replace(field, **changes.get(field.id, {})) for field in item.fields)
    by_id = MappingProxyType({f.id: f for f in fields})
    changed = replace(item, fields=fields, by_id=by_id, set_name="2026.2", digest="1" * 64)
    return replace(
        current, name="2026.2", title="样例目录集", effective_on=date(2026, 11, 1),
        items={"XZCF_FR": changed},
        entries={"XZCF_FR": replace(current.entries["XZCF_FR"], digest="1" * 64)}, digest="2" * 64,
    )  # fmt: skip


class Room:
    def __init__(self, qtbot: QtBot, session: Session) -> None:
        self.qtbot, self.session = qtbot, session
        self.said: list[Message] = []
        self.went: list[Place] = []
        session.message.connect(self.said.append)
        session.going.connect(self.went.append)
        self.page = CatalogPage(session)
        self.view = self.page.sets
        qtbot.addWidget(self.page)
        self.page.resize(1218, 724)
        self.page.show()
        self.page.open(sets=True)
        self.settle()

    def settle(self) -> None:
        self.qtbot.waitUntil(self.session.tasks.is_idle, timeout=LIMIT_MS)

    def click(self, button) -> None:
        assert button.isEnabled()
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        self.settle()

    def ref(self, record_id: str) -> str:
        return get(self.session.desk.db.reader(), record_id).draft.catalog

    def group(self, verdict: str) -> list[str]:
        self.view.group.setCurrentIndex(self.view.group.findData(verdict))
        self.view.group.activated.emit(self.view.group.currentIndex())
        return [one.record_id for one in self.view.drafts.model().rows()]


@pytest.fixture
def room_with(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Room]]:
    office = an_office(tmp_path / "desk", CATALOGS)
    tasks = Tasks()

    def build(catalogs: Catalogs) -> Room:
        office.desk.catalogs = catalogs
        return Room(qtbot, Session(office.desk, tasks))

    build.desk = office.desk  # type: ignore[attr-defined]
    yield build
    tasks.close()
    office.desk.close()


@pytest.fixture
def room(room_with) -> Room:
    """One draft of each fate, before a set that is in force."""
    desk = room_with.desk
    given = {"moves": {"BZ": "首次"}, "same": {}, "needs": {"CF_NR": "罚" * 40}}
    made = {
        name: drafts.create(desk, "XZCF_FR@2026.1", {**a_penalty(n), "CF_NR": "罚款", **more})
        for n, (name, more) in enumerate(given.items(), start=1)
    }
    made["gone"] = drafts.create(desk, "XZCF_ZRR@2026.1", {})
    room = room_with(Catalogs([CATALOGS.current, a_later(CATALOGS.current)]))
    room.made = made
    return room


def test_every_kind_of_change_has_a_word():
    assert set(words.KINDS) == set(CHANGES)


def test_changes_are_told_in_words_and_by_kind(room: Room):
    told = room.view.changes.model().rows()
    assert {"field_renamed", "narrowed", "item_removed"} <= {one.kind for one in told}
    assert "2026.1 相比 152 处变化" in room.view.about.text()
    room.view.kind.setCurrentIndex(room.view.kind.findData("narrowed"))
    room.view.kind.activated.emit(room.view.kind.currentIndex())
    assert [one.text for one in room.view.changes.model().rows()] == [
        "处罚内容（CF_NR）：长度由 4000 收紧到 30；超长的草稿需要人工精简。"
    ]


def test_an_item_tells_what_changed_in_it(room: Room):
    room.page.open(item="XZCF_FR")
    room.settle()
    assert "收紧到 30" in room.page.view.changed.text()


def test_drafts_are_shown_by_their_fate_with_what_each_value_becomes(room: Room):
    assert room.group("moves") == [room.made["moves"]]
    assert "首次 → 首次" in room.view.detail.text()
    assert room.group("untouched") == [room.made["same"]]
    assert room.group("needs_person") == [room.made["needs"]]
    assert "处罚内容：" in room.view.detail.text()
    assert "1 条草稿的事项" in room.view.outlook_line.text()


def test_drafts_move_and_come_back(room: Room):
    room.click(room.view.move_button)
    assert room.ref(room.made["moves"]) == room.ref(room.made["same"]) == "XZCF_FR@2026.2"
    assert room.ref(room.made["needs"]) == "XZCF_FR@2026.1"
    assert room.said[-1].text == "已迁移 2 条草稿到 2026.2。还有 1 条需要人工。"
    room.click(room.view.undo_button)
    assert {room.ref(room.made[name]) for name in ("moves", "same")} == {"XZCF_FR@2026.1"}
    assert room.view.undo_button.isHidden()


def test_one_that_needs_a_person_is_opened_at_its_field(room: Room):
    room.group("needs_person")
    room.view.drafts.setFocus()
    room.qtbot.keyClick(room.view.drafts, Qt.Key.Key_Return)
    room.settle()
    assert room.ref(room.made["needs"]) == "XZCF_FR@2026.2"
    assert room.went[-1] == Place("records", {"record_id": room.made["needs"], "field": "CF_NR"})


def test_a_set_that_is_not_in_force_yet_is_shown_and_moves_nothing(room_with):
    later = replace(a_later(CATALOGS.current), effective_on=date(2099, 1, 1))
    room = room_with(Catalogs([CATALOGS.current, later], today=lambda: date(2026, 11, 24)))
    assert "还没有施行" in room.view.outlook_line.text()
    assert not room.view.move_button.isEnabled()


def test_a_set_is_installed_from_a_folder_and_a_wrong_one_is_refused(room_with, tmp_path: Path):
    home, made = resources() / "catalogs", tmp_path / "made" / "2026.3"
    (made / "items").mkdir(parents=True)
    shutil.copytree(home.parent / "codesets", made / "codesets")
    shutil.copy(home / "sources.json", made)
    shutil.copy(home / "2026.1" / "items" / "XZCF_FR.json", made / "items")
    classes = json.loads((home / "2026.1" / "set.json").read_bytes())["classes"]
    head = {"name": "2026.3", "title": "样例", "effective_on": "2026-11-02", "classes": classes}
    (made / "set.json").write_text(json.dumps(head), encoding="utf-8")
    key = SigningKey(b"k" * 32)
    signing.sign_again(
        made, key, signed_by="某局", signed_on=date(2026, 11, 1), until=date(2030, 1, 1), trust=False
    )
    room = room_with(Catalogs([CATALOGS.current]))
    room.view.install(made)
    room.settle()
    assert room.said[-1].code == "catalog_key_unknown"

    catalog_sets.trust(room.session.desk.profile, home, key.public, "某局")
    room.view.install(made)
    room.settle()
    assert "目录集 2026.3 已装好，现在用的就是它" in room.said[-1].text
    assert room.view.which.currentData() == "2026.3"
    assert room.session.desk.catalogs.current.name == "2026.3"
