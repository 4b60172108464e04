"""What is shown of a record, and what may be done with it, decided without a widget."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from client.core.records import Draft, Head, RecordDetail, RecordRow, ReviewNote, VersionRow
from client.core.workflow import STATES
from client.ui.records import words
from client.ui.records.view import known_of_us, new_view, view_of
from client.ui.widgets.marks import STATES as LOOKS
from tests.client.ui.house import CATALOGS, a_device, a_uscc

REPORTER = frozenset({"reporter"})
AT = "2026-11-24T08:00:00.000Z"


def a_draft(**given: Any) -> Draft:
    said = {
        "record_id": "r", "catalog": "XZCF_FR@2026.1", "op": "create", "base_version": None,
        "values": {"CF_WSH": "9号"}, "answers": (), "reason": None, "evidence": (), "case_id": None,
        "edit_state": "editing", "errors": 0, "warnings": 0, "returned": False, "owner": "u", "saved_at": AT,
        "deleted_at": None,
    }  # fmt: skip
    return Draft(**(said | given))


def a_version(**given: Any) -> VersionRow:
    said = {
        "version_id": "v", "record_id": "r", "parent": None, "op": "create", "catalog": "XZCF_FR@2026.1",
        "values": {"CF_WSH": "8号"}, "reason": None, "evidence": (), "case_id": None, "maker": "u",
        "checker": "c", "created_at": AT, "approval_id": "a", "outbox": "done", "outcome": "accepted",
        "stage": "stored", "receipt_no": "1", "problem": None,
    }  # fmt: skip
    return VersionRow(**(said | given))


def a_detail(state: str, **given: Any) -> RecordDetail:
    row = RecordRow("r", "XZCF_FR", state, "create", "", "", "", "", 0, 0, AT, None, None)
    said: dict[str, Any] = {"row": row, "draft": None, "versions": (), "notes": (), "head": None}
    return RecordDetail(**(said | given))


HEAD = Head("v", "r", "create", "XZCF_FR@2026.1", {"CF_WSH": "8号"})


def test_every_state_that_the_store_names_has_a_look():
    assert set(STATES) <= set(LOOKS)


def test_a_draft_is_editable_by_a_reporter_and_by_nobody_else():
    detail = a_detail("draft", draft=a_draft())

    assert view_of(detail, REPORTER).editable
    assert not view_of(detail, frozenset({"reviewer", "auditor"})).editable


def test_a_stored_record_shows_its_newest_values_and_may_be_changed():
    view = view_of(a_detail("stored", versions=(a_version(),), head=HEAD), REPORTER)

    assert view.values == {"CF_WSH": "8号"}
    assert not view.editable
    assert "change" in view.acts


def test_what_the_platform_never_held_cannot_be_corrected_or_withdrawn():
    refused = a_version(outcome="rejected", problem={"detail": "重复"})

    view = view_of(a_detail("rejected", versions=(refused,)), REPORTER)

    assert "change" not in view.acts
    assert "reopen" in view.acts


def test_a_correction_is_compared_with_what_the_platform_holds():
    draft = a_draft(op="correct", base_version="v")

    view = view_of(a_detail("draft", draft=draft, versions=(a_version(),), head=HEAD), REPORTER)

    assert view.before == {"CF_WSH": "8号"}
    assert (view.editable, view.reason_editable) == (True, True)


def test_a_withdrawal_has_no_values_to_edit():
    draft = a_draft(op="withdraw", base_version="v", values={})

    view = view_of(a_detail("draft", draft=draft, versions=(a_version(),), head=HEAD), REPORTER)

    assert view.values == {"CF_WSH": "8号"}
    assert (view.editable, view.reason_editable) == (False, True)


def test_a_refusal_without_fields_is_said_over_the_form():
    refused = a_version(outcome="rejected", problem={"detail": "同一记录已经报送过。", "errors": []})

    view = view_of(a_detail("rejected", versions=(refused,)), REPORTER)

    assert [notice.text for notice in view.notices] == ["平台：同一记录已经报送过。"]
    assert view.remarks == ()


def test_a_refusal_of_a_member_of_a_set_stands_beside_its_field():
    error = {"pointer": "#/payload/CF_CFLB/0", "code": "not_in_code_set", "detail": "没有这个选项"}
    refused = a_version(outcome="rejected", problem={"errors": [error]})

    view = view_of(a_detail("rejected", versions=(refused,)), REPORTER)

    assert [(remark.field_id, remark.tone) for remark in view.remarks] == [("CF_CFLB", "bad")]
    assert view.notices[0].text == words.REJECTED


def test_an_old_refusal_is_forgotten_once_a_later_version_was_accepted():
    old = a_version(version_id="v1", outcome="rejected", problem={"detail": "重复"})

    view = view_of(a_detail("stored", versions=(a_version(), old), head=HEAD), REPORTER)

    assert view.notices == ()


def test_a_reviewers_reason_for_the_whole_record_stands_over_the_form():
    note = ReviewNote(AT, "c", None, "附件是另一家的")

    view = view_of(a_detail("returned", draft=a_draft(returned=True), notes=(note,)), REPORTER)

    assert view.notices[0].text == "复核退回：附件是另一家的"


def test_bringing_back_is_offered_only_where_something_was_deleted():
    stored = view_of(a_detail("stored", versions=(a_version(),), head=HEAD), REPORTER)
    deleted = view_of(a_detail("deleted", draft=a_draft(deleted_at=AT)), REPORTER)

    assert "bring_back" not in stored.acts
    assert "bring_back" in deleted.acts
    assert not deleted.editable


@pytest.mark.parametrize("code", ["350203-SJ", a_uscc(7, kind="11")], ids=["no uscc", "uscc"])
def test_a_new_record_knows_our_unit_and_its_code_only_when_that_is_one(code: str):
    item = CATALOGS.item("XZCF_FR")

    known = known_of_us(item, a_device(unit_code=code), date(2026, 11, 24))

    assert known["CF_CFJG"] == known["CF_SJLY"] == a_device().unit_name
    assert ("CF_CFJGDM" in known) == (code != "350203-SJ")


def test_someone_who_may_not_write_gets_no_new_record_to_write_in():
    assert not new_view("XZCF_FR", frozenset({"auditor"})).editable
