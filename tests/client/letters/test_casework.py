"""Letters of a desk's case: drafts, numbers that are never given twice, issuing, voiding, own templates."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from docx import Document as WordDocument

from client.core.letters import Gap, Stationery
from client.errors import FileRefused, NotAllowed
from client.letters import casework
from client.letters.templates import shipped
from client.store import attachments, audit, case_documents
from tests.client.letters.case_of import CASE_ID, SET

TEXTS = {"附注": "请携带证件。"}


def refused(code, act, *arguments, **named):
    with pytest.raises((NotAllowed, FileRefused)) as error:
        act(*arguments, **named)
    assert error.value.code == code


def test_a_letter_is_issued_with_a_number_kept_and_told_in_the_audit_chain(bureau, tmp_path):
    desk = bureau.desk

    asked = casework.letters_of(desk, CASE_ID)
    made = casework.issue(desk, CASE_ID, asked.proposed[0], TEXTS)

    assert asked.proposed[0] == "acceptance"
    assert (made.number, made.state, made.issued_on) == ("海监〔2026〕A-1", "issued", "2026-11-24")
    casework.save_copy(desk, made, tmp_path / "one.pdf")
    casework.save_copy(desk, made, tmp_path / "one.docx")
    assert (tmp_path / "one.pdf").read_bytes() == attachments.read(desk, made.pdf_sha256)
    text = "\n".join(one.text for one in WordDocument(tmp_path / "one.docx").paragraphs)
    assert "海监〔2026〕A-1" in text
    assert "请携带证件。" in text
    assert [one.name for one in casework.files_of(desk, made)] == [
        "受理通知书 海监〔2026〕A-1.pdf", "受理通知书 海监〔2026〕A-1.docx",
    ]  # fmt: skip
    rows = desk.db.reader().execute("SELECT action FROM audit WHERE object = ?", (CASE_ID,)).fetchall()
    assert [row["action"] for row in rows] == ["letter_issued", "letter_saved", "letter_saved"]
    assert audit.verify(desk.db.reader()).holds
    assert not list((desk.profile / "opened").rglob("*.pdf"))
    refused("letter_format_unknown", casework.save_copy, desk, made, tmp_path / "one.txt")


def test_a_number_is_never_given_twice_and_one_that_nobody_bears_is_known(bureau):
    desk = bureau.desk
    on = desk.today()
    first = case_documents.save_draft(desk, CASE_ID, "refusal", {})

    assert case_documents.give_number(desk, first, on) == "海监〔2026〕A-1"
    assert case_documents.give_number(desk, first, on) == "海监〔2026〕A-1"
    case_documents.drop_draft(desk, first)
    second = casework.issue(desk, CASE_ID, "acceptance", {})
    third = case_documents.save_draft(desk, CASE_ID, "check", {})
    case_documents.give_number(desk, third, on)
    bureau.clock.at = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # the year has begun in Shanghai
    fourth = casework.issue(desk, CASE_ID, "check", {}, document_id=third)

    gaps = case_documents.gaps(desk.db.reader())
    assert second.number == "海监〔2026〕A-2"
    assert (fourth.number, fourth.issued_on) == ("海监〔2027〕A-1", "2027-01-01")
    assert [(gap.number, gap.why) for gap in gaps] == [
        ("海监〔2026〕A-3", "not_issued"), ("海监〔2026〕A-1", "draft_dropped"),
    ]  # fmt: skip
    assert isinstance(gaps[0], Gap)


def test_what_was_issued_is_not_written_on_and_a_void_letter_stays(bureau):
    desk = bureau.desk
    made = casework.issue(desk, CASE_ID, "acceptance", {})

    refused("document_issued", casework.issue, desk, CASE_ID, "acceptance", {}, document_id=made.document_id)
    refused("document_issued", case_documents.drop_draft, desk, made.document_id)
    refused("reason_text_missing", case_documents.void, desk, made.document_id, " ")
    case_documents.void(desk, made.document_id, "日期写错")
    refused("document_not_issued", case_documents.void, desk, made.document_id, "再来")

    (kept,) = case_documents.documents_of(desk.db.reader(), CASE_ID)
    assert (kept.state, kept.number, kept.reason) == ("voided", "海监〔2026〕A-1", "日期写错")
    assert case_documents.gaps(desk.db.reader()) == []


def test_who_may_do_what_and_what_is_unfit(bureau):
    desk = bureau.desk
    refused("not_your_role", case_documents.set_stationery, desk, SET)
    refused("not_your_role", case_documents.reset_template, desk, "check")
    refused("case_unknown", case_documents.save_draft, desk, "nobody", "check", {})
    refused("letter_too_long", case_documents.save_draft, desk, CASE_ID, "check", {"附注": "长" * 10_001})
    refused("document_unknown", case_documents.drop_draft, desk, "nobody")
    refused("letter_unknown", casework.template_of, desk, "decree")
    desk = bureau.switch("陈敏")
    refused("not_your_role", case_documents.save_draft, desk, CASE_ID, "check", {})
    desk = bureau.switch("吴昊")
    refused("letter_short_unfit", case_documents.set_stationery, desk, Stationery("海〔监〕", "A"))
    refused("letter_of_desk_unfit", case_documents.set_stationery, desk, Stationery("海监", "a1"))
    case_documents.set_stationery(desk, Stationery("海监"))
    desk = bureau.switch("林晓")
    refused("letters_not_set", casework.issue, desk, CASE_ID, "check", {})


def test_a_department_uses_its_own_template_and_goes_back(bureau, tmp_path):
    desk = bureau.switch("吴昊")
    casework.export_template(desk, "acceptance", tmp_path / "ours.docx")
    word = WordDocument(tmp_path / "ours.docx")
    word.add_paragraph("本局窗口：{{ 联系电话 }}")
    word.save(tmp_path / "ours.docx")
    word.add_paragraph("{{ 申请仁 }}")
    word.save(tmp_path / "faulty.docx")

    casework.import_template(desk, "acceptance", tmp_path / "ours.docx")
    refused("template_faulty", casework.import_template, desk, "acceptance", tmp_path / "faulty.docx")

    own = case_documents.own_templates(desk.db.reader())["acceptance"]
    assert (own.name, own.imported_by) == ("ours.docx", desk.operator.operator_id)
    made = casework.preview(desk, CASE_ID, "acceptance", {})
    texts = [one.text for one in WordDocument(io.BytesIO(made.docx)).paragraphs]
    assert "本局窗口：0592-0000000" in texts
    case_documents.reset_template(desk, "acceptance")
    assert casework.template_of(desk, "acceptance") == shipped("acceptance")
