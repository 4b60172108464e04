"""The page 填报 over a real desk, and what a platform would answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from client.store import drafts, outbox, receipts, records, review
from client.store.approvals import approve
from client.store.desk import Catalogs, Desk
from client.sync import reading
from client.ui.records.page import RecordsPage
from client.ui.session import Message, Session
from client.ui.tasks import Tasks
from tests.client.sync.office import PINNED, SERVER_ID, Office, a_problem, an_office
from tests.client.ui.house import CATALOGS, Ids, a_penalty

LIMIT_MS = 5_000


@dataclass
class Room:
    """The page, and hands to work it with."""

    qtbot: QtBot
    office: Office
    session: Session
    page: RecordsPage
    said: list[Message]

    @property
    def desk(self) -> Desk:
        return self.office.desk

    def settle(self) -> None:
        """Wait until nothing is under way and nothing waits to be stored."""
        self.qtbot.waitUntil(self._is_settled, timeout=LIMIT_MS)

    def _is_settled(self) -> bool:
        return self.session.tasks.is_idle() and self.page.writing.is_clean()

    def create(self, number: int = 1, **given: Any) -> str:
        self.office.clock.go(1)
        return drafts.create(self.desk, "XZCF_FR", a_penalty(number, **given))

    def stored_values(self, record_id: str) -> dict[str, Any]:
        draft = records.get(self.desk.db.reader(), record_id).draft
        assert draft is not None
        return dict(draft.values)

    def state(self, record_id: str) -> str:
        return records.get(self.desk.db.reader(), record_id).row.state

    def all_ids(self) -> list[str]:
        return [row.record_id for row in records.list_records(self.desk.db.reader(), order="created")]

    def approve(self, record_id: str) -> None:
        """Submit and approve a record; it waits in the outbox."""
        done = review.submit(self.desk, [record_id], title="测试")
        assert done.act_id is not None
        approve(self.office.checker, done.act_id)
        for approval_id in done.approval_ids:
            outbox.confirm_approval(self.desk, approval_id)

    def answer(
        self, record_id: str, outcome: str = "accepted", problem: dict[str, Any] | None = None
    ) -> None:
        """Cut a batch, and let the platform answer for the newest version of a record."""
        cut = self.office.cut()
        row = self.desk.db.reader().execute(
            "SELECT version_id, content_sha256 FROM version WHERE record_id = ? ORDER BY n DESC LIMIT 1",
            (record_id,),
        ).fetchone()  # fmt: skip
        said = {
            "version_id": row["version_id"], "record_id": record_id, "content_sha256": row["content_sha256"],
            "outcome": outcome, "stage": "checked", "receipt_no": f"XM-{row['version_id'][-6:]}",
            "server_id": SERVER_ID, "at": "2026-11-24T08:00:01.000Z", "problem": problem,
        }  # fmt: skip
        receipt = reading.read_receipt(said, PINNED)
        receipts.apply(self.desk, self.office.answer(cut.batch_id, receipt), retry_in_s=lambda _tries: 1.0)
        self.session.announce("records", "outbox")
        self.settle()

    def accept(self, record_id: str) -> None:
        self.approve(record_id)
        self.answer(record_id)

    def reject(self, record_id: str, **problem: Any) -> None:
        self.approve(record_id)
        self.answer(record_id, "rejected", a_problem("field-invalid", **problem))

    def show(self, record_id: str, **where: Any) -> None:
        self.page.open(record_id=record_id, **where)
        self.settle()

    def box(self, field_id: str) -> QWidget:
        form = self.page.panel.form()
        assert form is not None
        return form.editor(field_id).inputs()[0]

    def enter(self, field_id: str) -> QWidget:
        """Go to a field as a mouse would."""
        box = self.box(field_id)
        self.qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
        self.qtbot.waitUntil(box.hasFocus, timeout=LIMIT_MS)
        return box

    def type(self, field_id: str, text: str) -> QWidget:
        """Go to a one-line field, empty it and type."""
        box = self.enter(field_id)
        self.qtbot.keyClick(box, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self.qtbot.keyClick(box, Qt.Key.Key_Delete)
        self.write(box, text)
        return box

    def write(self, box: QWidget, text: str) -> None:
        """Type: keys for what a keyboard has, the input method for the rest."""
        for sign in text:
            if sign.isascii():
                self.qtbot.keyClicks(box, sign)
            else:
                event = QInputMethodEvent("", [])
                event.setCommitString(sign)
                QApplication.sendEvent(box, event)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press keys where the focus is."""
        target = QApplication.focusWidget()
        assert target is not None
        self.qtbot.keyClick(target, key, modifier)

    def click(self, verb: str) -> None:
        """Press a button over the form."""
        button = self.page.panel.button(verb)
        assert button.isVisible(), verb
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        self.settle()

    def texts(self) -> list[str]:
        return [message.text for message in self.said]


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path) -> Iterator[Room]:
    """An empty desk with its page in view."""
    yield from _a_room(qtbot, tmp_path, before=lambda _office: None)


@pytest.fixture
def full_room(qtbot: QtBot, tmp_path: Path) -> Iterator[Room]:
    """A desk with 250 drafts: more than one page of the list."""

    def fill(office: Office) -> None:
        new = [drafts.NewDraft(a_penalty(n)) for n in range(1, 251)]
        drafts.create_many(office.desk, "XZCF_FR", new)

    yield from _a_room(qtbot, tmp_path, before=fill)


@pytest.fixture
def room_of_files(qtbot: QtBot, tmp_path: Path) -> Iterator[Room]:
    """A desk whose 行政处罚 asks for files (FJ) and for rows of goods (MX) as well."""
    yield from _a_room(qtbot, tmp_path, before=lambda _office: None, catalogs=with_files_and_rows())


def with_files_and_rows() -> Catalogs:
    """The shipped set with one item changed."""
    shipped = CATALOGS.current
    item = shipped.items["XZCF_FR"]
    by_id = item.by_id
    name = replace(by_id["CF_FRDB"], id="NAME", title="货物名称", required=True, rules=(), aliases=())
    sum_ = replace(by_id["CF_NR_FK"], id="SUM", title="金额", required=False, rules=(), aliases=())
    plain = replace(name, required=False, code_set=None, max_length=None, section="附件与明细")
    files = replace(plain, id="FJ", title="附件", type="attachment", max_length=3)
    rows = replace(plain, id="MX", title="货物明细", type="group", max_length=5, fields=(name, sum_))
    fields = (*item.fields, files, rows)
    changed = replace(item, fields=fields, by_id=MappingProxyType({field.id: field for field in fields}))
    return Catalogs([replace(shipped, items={**shipped.items, "XZCF_FR": changed})])


def _a_room(
    qtbot: QtBot, folder: Path, before: Callable[[Office], None], catalogs: Catalogs = CATALOGS
) -> Iterator[Room]:
    office = an_office(folder / "desk", catalogs)
    office.desk.new_id = office.checker.new_id = Ids(office.clock)
    before(office)
    tasks = Tasks()
    session = Session(office.desk, tasks)
    page = RecordsPage(session)
    qtbot.addWidget(page)
    page.resize(1218, 724)
    page.show()
    page.activateWindow()
    qtbot.waitExposed(page)
    said: list[Message] = []
    session.message.connect(said.append)
    room = Room(qtbot, office, session, page, said)
    page.open()
    room.settle()
    yield room
    page.flush()
    tasks.close()
    office.desk.close()
