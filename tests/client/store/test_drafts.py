from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from client.core.records import Reason
from client.errors import NotAllowed
from client.store import audit, drafts, records
from client.store.desk import Desk
from forms.catalog.problems import Answer

Build = Callable[..., dict[str, Any]]


def state(desk: Desk, record_id: str) -> str:
    return records.get(desk.db.reader(), record_id).row.state


def test_a_new_draft_is_listed_with_what_it_is_of(desk: Desk, a_penalty: Build):
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(7))

    (row,) = records.list_records(desk.db.reader())
    assert row.record_id == record_id
    assert (row.state, row.op, row.item) == ("draft", "create", "XZCF_FR")
    assert (row.subject_name, row.doc_no) == ("海湾样例7号商贸有限公司", "海监罚决〔2026〕7号")
    assert row.act_on == "2026-11-20"
    draft = records.get(desk.db.reader(), record_id).draft
    assert draft is not None
    assert draft.catalog == "XZCF_FR@2026.1"
    assert draft.values == a_penalty(7)
    assert draft.owner == desk.operator.operator_id


def test_an_empty_draft_is_a_draft_with_problems(desk: Desk):
    record_id = drafts.create(desk, "XZXK_FR")

    assert state(desk, record_id) == "problems"
    assert records.get(desk.db.reader(), record_id).row.errors > 10


def test_a_wrong_value_is_kept_as_typed_and_named(desk: Desk, a_penalty: Build):
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(1))

    saved = drafts.save(desk, record_id, a_penalty(1, CF_JDRQ="二〇二六年冬", CF_NR_FK="一千元整吧"))

    assert {"CF_JDRQ", "CF_NR_FK"} <= {p.field_id for p in saved.problems}
    detail = records.get(desk.db.reader(), record_id)
    assert detail.row.state == "problems"
    assert detail.draft is not None
    assert detail.draft.values["CF_JDRQ"] == "二〇二六年冬"
    assert detail.draft.values["CF_NR_FK"] == "一千元整吧"


def test_lists_follow_what_is_saved(desk: Desk, a_penalty: Build):
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(1))

    drafts.save(desk, record_id, a_penalty(2, BZ="改过了"))

    (row,) = records.list_records(desk.db.reader(), text="样例2号")
    assert row.record_id == record_id
    assert records.list_records(desk.db.reader(), text="样例1号") == []


def test_an_empty_field_has_no_key(desk: Desk, a_penalty: Build):
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(1) | {"BZ": "", "CF_XDR_GSZC": ""})

    draft = records.get(desk.db.reader(), record_id).draft
    assert draft is not None
    assert "BZ" not in draft.values


def test_a_character_that_has_no_utf8_does_not_lose_the_rest(desk: Desk, a_penalty: Build):
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(1))

    drafts.save(desk, record_id, a_penalty(1, BZ="前\ud800后"))

    draft = records.get(desk.db.reader(), record_id).draft
    assert draft is not None
    assert draft.values["BZ"] == "前\ufffd后"


def test_an_answered_warning_no_longer_stands_and_answers_stay(desk: Desk, a_penalty: Build):
    values = a_penalty(1, CF_JDRQ="2001-03-01")
    record_id = drafts.create(desk, "XZCF_FR", values)
    asked = [p for p in drafts.save(desk, record_id, values).problems if p.answerable]
    assert asked
    assert records.get(desk.db.reader(), record_id).row.warnings == len(asked)

    drafts.save(desk, record_id, values, [Answer(p.path, p.code, "档案核对无误") for p in asked])
    assert records.get(desk.db.reader(), record_id).row.warnings == 0

    drafts.save(desk, record_id, values | {"BZ": "再改"})
    assert records.get(desk.db.reader(), record_id).row.warnings == 0


def test_a_deleted_draft_is_gone_from_the_list_and_can_be_brought_back(desk: Desk, a_penalty: Build):
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(1))

    drafts.delete(desk, [record_id])
    assert records.list_records(desk.db.reader()) == []
    assert [r.record_id for r in records.list_records(desk.db.reader(), state="deleted")] == [record_id]
    with pytest.raises(NotAllowed, match="not_in_this_state"):
        drafts.save(desk, record_id, a_penalty(1))

    drafts.bring_back(desk, [record_id])
    assert state(desk, record_id) == "draft"


def test_what_was_not_deleted_cannot_be_brought_back(desk: Desk, a_penalty: Build):
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(1))

    with pytest.raises(NotAllowed, match="not_in_this_state"):
        drafts.bring_back(desk, [record_id])


def test_a_copy_is_another_record_with_the_same_values(desk: Desk, a_penalty: Build):
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(1))

    other = drafts.copy(desk, record_id)

    assert other != record_id
    draft = records.get(desk.db.reader(), other).draft
    assert draft is not None
    assert (draft.op, draft.values) == ("create", a_penalty(1))


def test_many_drafts_of_an_import_come_in_one_act(desk: Desk, a_penalty: Build):
    before = audit.verify(desk.db.reader()).entries
    new = [drafts.NewDraft(a_penalty(n), import_row=n + 2) for n in range(1_500)]

    ids = drafts.create_many(desk, "XZCF_FR", new, import_id="imp-1")

    assert len(set(ids)) == 1_500
    first = records.list_records(desk.db.reader(), import_id="imp-1", order="import_row", limit=3)
    assert [row.import_row for row in first] == [2, 3, 4]
    assert first[0].record_id == ids[0]
    assert records.count(desk.db.reader(), import_id="imp-1") == 1_500
    assert audit.verify(desk.db.reader()).entries == before + 1


def test_records_of_an_import_that_is_loading_are_not_there_yet(desk: Desk, a_penalty: Build):
    with desk.db.transaction() as tx:
        tx.execute(
            "INSERT INTO import_file (import_id, file_name, file_sha256, sheet, item, headings, state,"
            " started_at, operator) VALUES ('imp-1','a.xlsx','00','Sheet1','XZCF_FR','[]','loading','t','o')"
        )
    drafts.create(desk, "XZCF_FR", a_penalty(1), import_id="imp-1", import_row=2)
    seen = drafts.create(desk, "XZCF_FR", a_penalty(2))

    assert [r.record_id for r in records.list_records(desk.db.reader())] == [seen]
    assert records.count(desk.db.reader()) == 1
    assert sum(records.states(desk.db.reader()).values()) == 1
    with desk.db.transaction() as tx:
        tx.execute("UPDATE import_file SET state = 'visible'")
    assert records.count(desk.db.reader()) == 2


def test_a_new_record_needs_no_reason(desk: Desk, a_penalty: Build):
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(1))

    with pytest.raises(NotAllowed, match="no_change"):
        drafts.set_reason(desk, record_id, Reason("wrong_entry"))


def test_a_draft_is_no_accepted_record_that_could_be_corrected(desk: Desk, a_penalty: Build):
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(1))

    with pytest.raises(NotAllowed, match="not_in_this_state"):
        drafts.begin_change(desk, record_id, "correct")


def test_an_unknown_item_and_an_unknown_record_are_named(desk: Desk, a_penalty: Build):
    with pytest.raises(NotAllowed, match="catalog_unknown"):
        drafts.create(desk, "XZCF_FR@1999.1", a_penalty(1))
    with pytest.raises(NotAllowed, match="record_unknown"):
        drafts.save(desk, "nobody", a_penalty(1))


def test_a_reviewer_writes_no_drafts(house: Any, a_penalty: Build):
    desk = house.switch("陈敏")

    with pytest.raises(NotAllowed, match="not_your_role"):
        drafts.create(desk, "XZCF_FR", a_penalty(1))
