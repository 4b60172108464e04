"""文书 of a case in the window: proposed, written, drawn, issued, voided; what an administrator sets."""

from __future__ import annotations

import pytest
from docx import Document as WordDocument
from PySide6.QtCore import Qt

from client.store import case_documents, cases
from client.ui.letters import words
from client.ui.letters.button import LettersButton
from client.ui.session import Session
from client.ui.settings.letters_card import LettersCard
from client.ui.tasks import Tasks
from tests.client.letters.case_of import CASE_ID, SET, a_case


@pytest.fixture
def open_session(house, qapp):
    """A session of an operator at a desk that has one case, and a way to wait until it is idle."""
    made = []

    def build(name):
        for session in made:
            session.close()
            session.tasks.close()
        made.clear()
        desk = house.switch(name)
        made.append(Session(desk, Tasks()))
        return made[-1]

    desk = house.switch("吴昊")
    with desk.db.transaction() as tx:
        cases.put(desk, tx, a_case("received", "accepted"), desk.now())
    yield build
    for session in made:
        session.close()
        session.tasks.close()


def settle(qtbot, session):
    qtbot.waitUntil(session.tasks.is_idle, timeout=20_000)


def opened(qtbot, session):
    button = LettersButton(session)
    qtbot.addWidget(button)
    button.show_case(CASE_ID)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(qtbot, session)
    button.panel.opened_by = button  # a button that nobody holds takes its window with it
    return button.panel


def said(banner):
    return "" if banner.isHidden() else banner.accessibleName()


def test_a_letter_is_written_seen_issued_and_voided_at_the_window(open_session, qtbot, tmp_path):
    session = open_session("林晓")
    panel = opened(qtbot, session)

    assert panel.kinds.currentText() == "受理通知书（建议）"
    assert len(panel.pages.pages) >= 1
    panel.form.texts["附注"].setPlainText("请携带证件。")
    panel.flush()
    settle(qtbot, session)
    qtbot.keyClick(panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, session)
    assert "机关代字" in said(panel.banner)

    case_documents.set_stationery(open_session("吴昊").desk, SET)
    session = open_session("林晓")
    panel = opened(qtbot, session)
    assert panel.form.texts["附注"].toPlainText() == "请携带证件。"  # the draft was kept
    panel.issue()
    settle(qtbot, session)

    document = panel.document()
    assert (document.number, document.texts["附注"]) == ("海监〔2026〕A-1", "请携带证件。")
    assert panel.issue_button.isHidden()
    panel.save_to(tmp_path / "one.docx")
    settle(qtbot, session)
    assert any("请携带证件。" in one.text for one in WordDocument(tmp_path / "one.docx").paragraphs)
    panel.reason.setText("日期写错")
    panel.void()
    settle(qtbot, session)
    assert panel.document().state == "voided"
    assert said(panel.banner) == words.IS_VOIDED.format(reason="日期写错")


def test_who_only_reviews_sees_the_letters_and_issues_none(open_session, qtbot):
    session = open_session("陈敏")
    panel = opened(qtbot, session)

    assert panel.issue_button.isHidden()
    assert said(panel.banner) == words.NOT_HANDLER
    assert all(editor.isReadOnly() for editor in panel.form.texts.values())
    panel.kinds.setCurrentIndex(panel.kinds.findData("decision"))
    panel.kinds.activated.emit(panel.kinds.currentIndex())
    settle(qtbot, session)
    assert list(panel.form.texts) == ["核查情况", "附注"]


def test_an_administrator_sets_the_numbers_and_brings_a_template(open_session, qtbot, tmp_path):
    session = open_session("吴昊")
    card = LettersCard(session)
    qtbot.addWidget(card)
    card.reload()
    settle(qtbot, session)
    assert card.example.text() == words.NOT_SET

    qtbot.keyClicks(card.short, "XM")
    qtbot.keyClicks(card.letter, "B")
    assert "XM〔2026〕B-12" in card.example.text()
    card.save()
    settle(qtbot, session)
    card.kinds.setCurrentIndex(card.kinds.findData("check"))
    card.export_to(tmp_path / "ours.docx")
    settle(qtbot, session)
    card.import_from(tmp_path / "ours.docx")
    settle(qtbot, session)
    assert "ours.docx" in card.used.text()
    card.reset()
    settle(qtbot, session)
    assert card.used.text() == words.OURS
    assert case_documents.stationery(session.desk.db.reader()).letter == "B"
    other = LettersCard(open_session("林晓"))
    qtbot.addWidget(other)
    assert other.save_button.isHidden()
    assert other.short.isReadOnly()
