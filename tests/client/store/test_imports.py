"""Rows of a spreadsheet on their way to drafts: chunks, what they meet, the last transaction, removal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from client.core.imports import Choice, Choices, Chunk, GoodRow, Import, Source
from client.core.records import Reason
from client.errors import NotAllowed
from client.store import audit, drafts, feed, imports, outbox, receipts, records, review
from client.store.approvals import approve
from client.store.desk import Catalogs, Desk
from client.store.draft_rows import as_json, shown
from client.store.import_rows import Met, fate_of
from forms.seal.content import Content
from tests.client.sync.office import Office, a_problem, a_stage, an_office

Build = Callable[..., dict[str, Any]]


@pytest.fixture
def office(tmp_path: Path, catalogs: Catalogs) -> Iterator[Office]:
    made = an_office(tmp_path / "desk", catalogs)
    yield made
    made.desk.close()


@pytest.fixture
def desk(office: Office) -> Desk:
    return office.desk


def a_source(name: str = "处罚.xlsx", sha256: str = "a" * 64) -> Source:
    headings = [{"column": "A", "text": "文号", "field": "CF_WSH"}]
    return Source(name, sha256, "表", "XZCF_FR@2026.1", headings)


def good(desk: Desk, number: int, values: dict[str, Any], warnings: int = 0) -> GoodRow:
    seen = shown(desk.catalogs.item("XZCF_FR"), values)
    return (
        number, as_json(values).encode(), seen.natural_key, seen.subject_name, seen.subject_code, seen.doc_no,
        seen.act_on, warnings,
    )  # fmt: skip


def bring_in(
    desk: Desk, *rows: dict[str, Any], faulty: Sequence[dict[str, Any]] = (), sha: str = "a"
) -> Import:
    """Import good rows from row 2 on, faulty ones after them, and make all visible."""
    begun = imports.begin(desk, a_source(sha256=sha * 64))
    chunk = Chunk([good(desk, number, values) for number, values in enumerate(rows, start=2)])
    chunk.faulty = [
        (
            number,
            '["原样"]',
            as_json(values),
            '[{"path":"CF_FRDB","code":"required_missing","severity":"error"}]',
        )
        for number, values in enumerate(faulty, start=2 + len(rows))
    ]
    chunk.next_row = 2 + len(chunk)
    imports.add(desk, begun.import_id, chunk)
    return imports.finish(desk, begun.import_id)


def sums(one: Import) -> dict[str, int]:
    assert one.adds_up()
    said = {"created": one.created, "updated": one.updated, "corrected": one.corrected}
    said |= {"skipped": one.skipped, "faulty": one.faulty}
    return {name: count for name, count in said.items() if count}


def ids_of(desk: Desk) -> list[str]:
    return [row.record_id for row in records.list_records(desk.db.reader())]


def state(desk: Desk, record_id: str) -> str:
    return records.get(desk.db.reader(), record_id).row.state


def why_skipped(desk: Desk, one: Import) -> list[tuple[int, str]]:
    rows = imports.list_rows(desk.db.reader(), one.import_id, fate="skipped")
    return [(row.row, row.problems[0]["code"]) for row in rows]


def report(office: Office, record_ids: Sequence[str], outcome: str | None = "accepted") -> None:
    """Let drafts go up the whole road; `outcome` None leaves them queued."""
    act = review.submit(office.desk, record_ids, title="试").act_id
    assert act is not None
    for approval_id in approve(office.checker, act).approval_ids:
        outbox.confirm_approval(office.desk, approval_id)
    if outcome is None:
        return
    cut = office.cut()
    assert cut is not None
    rows = office.desk.db.reader().execute(
        "SELECT v.content FROM outbox o JOIN version v ON v.version_id = o.version_id WHERE o.batch_id = ?",
        (cut.batch_id,),
    )
    contents = [Content(**json.loads(row["content"])) for row in rows.fetchall()]
    problem = a_problem("field-invalid") if outcome == "rejected" else None
    said = [office.receipt(one, outcome, problem=problem) for one in contents]
    receipts.apply(office.desk, office.answer(cut.batch_id, *said), retry_in_s=lambda _tries: 1.0)


# --- in, and visible ---


def test_good_rows_become_the_same_drafts_that_a_person_would_make(desk: Desk, a_penalty: Build):
    drafts.create(desk, "XZCF_FR", a_penalty(1), import_id=None)
    by_hand = rows_of(desk)

    bring_in(desk, a_penalty(2))

    imported = [row for row in rows_of(desk) if row not in by_hand]
    ours = {"record_id", "created_at", "changed_at", "saved_at", "import_id", "import_row"}
    number_one = json.loads(json.dumps(imported[0], ensure_ascii=False).replace("2号", "1号"))
    same = ours | {"subject_code", "payload"}
    assert {k: v for k, v in number_one.items() if k not in same} == {
        k: v for k, v in by_hand[0].items() if k not in same
    }
    assert json.loads(imported[0]["payload"]) == a_penalty(2)
    assert imported[0]["import_row"] == 2


def rows_of(desk: Desk) -> list[dict[str, Any]]:
    rows = desk.db.reader().execute("SELECT * FROM record r JOIN draft d USING (record_id) LIMIT 100")
    return [dict(zip(row.keys(), tuple(row), strict=True)) for row in rows.fetchall()]


def test_nothing_is_visible_before_the_last_transaction(desk: Desk, a_penalty: Build):
    begun = imports.begin(desk, a_source())
    chunk = Chunk([good(desk, 2, a_penalty(1)), good(desk, 3, a_penalty(2))], next_row=4)

    added = imports.add(desk, begun.import_id, chunk)

    assert (added.created, added.next_row, added.state) == (2, 4, "loading")
    assert records.list_records(desk.db.reader()) == []

    imports.finish(desk, begun.import_id)

    assert len(ids_of(desk)) == 2


def test_warnings_wait_in_the_draft(desk: Desk, a_penalty: Build):
    begun = imports.begin(desk, a_source())
    imports.add(desk, begun.import_id, Chunk([good(desk, 2, a_penalty(1), warnings=2)], next_row=3))
    imports.finish(desk, begun.import_id)

    (row,) = records.list_records(desk.db.reader())
    assert (row.state, row.errors, row.warnings) == ("draft", 0, 2)


def test_the_whole_import_is_in_the_audit_chain(desk: Desk, a_penalty: Build):
    bring_in(desk, a_penalty(1))

    actions = [
        row["action"] for row in desk.db.reader().execute("SELECT action FROM audit ORDER BY n LIMIT 99")
    ]
    assert actions[-2:] == ["import_begun", "import_finished"]
    assert audit.verify(desk.db.reader()).holds


def test_one_who_may_not_write_may_not_import(office: Office):
    with pytest.raises(NotAllowed, match="not_your_role"):
        imports.begin(office.checker, a_source())


# --- cut, taken up, removed ---


def test_the_same_file_takes_up_a_cut_import(desk: Desk, a_penalty: Build):
    begun = imports.begin(desk, a_source())
    imports.add(desk, begun.import_id, Chunk([good(desk, 2, a_penalty(1))], next_row=3))

    again = imports.begin(desk, a_source())

    assert (again.import_id, again.next_row) == (begun.import_id, 3)


def test_another_file_waits_until_the_cut_import_is_settled(desk: Desk, a_penalty: Build):
    begun = imports.begin(desk, a_source("一.xlsx"))

    with pytest.raises(NotAllowed) as refused:
        imports.begin(desk, a_source("二.xlsx", "b" * 64))

    assert (refused.value.code, refused.value.params["file_name"]) == ("import_cut_short", "一.xlsx")
    with pytest.raises(NotAllowed, match="import_differs"):
        imports.begin(desk, a_source("一.xlsx", "b" * 64))
    cut = imports.cut_short(desk.db.reader())
    assert cut is not None
    assert cut.import_id == begun.import_id


def test_a_cut_import_is_removed_whole(desk: Desk, a_penalty: Build):
    kept = drafts.create(desk, "XZCF_FR", a_penalty(9))
    begun = imports.begin(desk, a_source())
    chunk = Chunk([good(desk, 2, a_penalty(1)), good(desk, 3, a_penalty(9, BZ="改"))], next_row=5)
    chunk.faulty = [(4, "[]", "{}", "[]")]
    imports.add(desk, begun.import_id, chunk)

    imports.remove(desk, begun.import_id)

    assert ids_of(desk) == [kept]
    assert records.get(desk.db.reader(), kept).draft.values == a_penalty(9)
    for table in ("record", "draft"):
        assert desk.db.reader().value(f"SELECT COUNT(*) FROM {table}") == 1
    assert desk.db.reader().value("SELECT COUNT(*) FROM import_row") == 0
    assert imports.list_imports(desk.db.reader()) == []
    assert imports.cut_short(desk.db.reader()) is None


def test_what_is_visible_cannot_be_removed_or_added_to(desk: Desk, a_penalty: Build):
    done = bring_in(desk, a_penalty(1))

    for act in (imports.remove, imports.finish, lambda d, i: imports.add(d, i, Chunk())):
        with pytest.raises(NotAllowed, match="import_not_loading"):
            act(desk, done.import_id)


# --- what a row meets ---


def test_the_same_file_twice_brings_nothing_twice(desk: Desk, a_penalty: Build):
    bring_in(desk, a_penalty(1), a_penalty(2))

    again = bring_in(desk, a_penalty(1), a_penalty(2))

    assert sums(again) == {"skipped": 2}
    assert why_skipped(desk, again) == [(2, "same_values"), (3, "same_values")]
    assert len(ids_of(desk)) == 2


def test_without_a_natural_key_the_very_same_is_still_the_same(desk: Desk, a_penalty: Build):
    bring_in(desk, a_penalty(1, CF_WSH="空"))

    again = bring_in(desk, a_penalty(1, CF_WSH="空"), a_penalty(1, CF_WSH="空", CF_NR="另一件"))

    assert sums(again) == {"created": 1, "skipped": 1}


def test_other_values_update_a_draft_at_the_end_and_not_before(desk: Desk, a_penalty: Build):
    bring_in(desk, a_penalty(1))
    (record_id,) = ids_of(desk)
    begun = imports.begin(desk, a_source(sha256="b" * 64))

    imports.add(desk, begun.import_id, Chunk([good(desk, 2, a_penalty(1, BZ="补"))], next_row=3))

    assert "BZ" not in records.get(desk.db.reader(), record_id).draft.values
    done = imports.finish(desk, begun.import_id)
    assert sums(done) == {"updated": 1}
    assert records.get(desk.db.reader(), record_id).draft.values["BZ"] == "补"
    (row,) = imports.list_rows(desk.db.reader(), done.import_id)
    assert (row.row, row.fate, row.record_id) == (2, "updated", record_id)


def test_other_values_correct_what_was_accepted(office: Office, desk: Desk, a_penalty: Build):
    bring_in(desk, a_penalty(1), a_penalty(2))
    report(office, ids_of(desk))

    done = bring_in(desk, a_penalty(1, BZ="补"), a_penalty(2), sha="b")

    assert sums(done) == {"corrected": 1, "skipped": 1}
    (changed,) = [row for row in records.list_records(desk.db.reader()) if row.op == "correct"]
    draft = records.get(desk.db.reader(), changed.record_id).draft
    assert (draft.op, draft.values["BZ"]) == ("correct", "补")
    assert draft.base_version == records.get(desk.db.reader(), changed.record_id).head.version_id


def test_a_rejected_record_is_opened_again_with_the_new_values(office: Office, desk: Desk, a_penalty: Build):
    bring_in(desk, a_penalty(1))
    report(office, ids_of(desk), "rejected")

    assert sums(bring_in(desk, a_penalty(1))) == {"skipped": 1}
    assert sums(bring_in(desk, a_penalty(1, BZ="补"))) == {"updated": 1}
    (row,) = records.list_records(desk.db.reader())
    assert (row.state, row.op) == ("draft", "create")


def test_what_is_in_review_or_on_its_way_is_left_and_said(office: Office, desk: Desk, a_penalty: Build):
    bring_in(desk, a_penalty(1))
    report(office, ids_of(desk), None)
    waiting = drafts.create(desk, "XZCF_FR", a_penalty(2))
    review.submit(desk, [waiting], title="试")

    done = bring_in(desk, a_penalty(1, BZ="补"), a_penalty(2, BZ="补"))

    assert sums(done) == {"skipped": 2}
    assert why_skipped(desk, done) == [(2, "on_its_way"), (3, "in_review")]
    kept = imports.list_rows(desk.db.reader(), done.import_id)
    assert [row.values["BZ"] for row in kept] == ["补", "补"]


def test_a_record_that_is_being_withdrawn_is_left(office: Office, desk: Desk, a_penalty: Build):
    bring_in(desk, a_penalty(1))
    (record_id,) = ids_of(desk)
    report(office, [record_id])
    drafts.begin_change(desk, record_id, "withdraw")
    drafts.set_reason(desk, record_id, Reason("wrong_entry", "重复报送"))

    assert why_skipped(desk, bring_in(desk, a_penalty(1, BZ="补"))) == [(2, "being_withdrawn")]


def test_what_a_decision_on_a_case_deleted_does_not_come_back_with_the_same_row_unless_somebody_says_why(
    office: Office, desk: Desk, a_penalty: Build
):
    bring_in(desk, a_penalty(1))
    (record_id,) = ids_of(desk)
    report(office, [record_id])
    held = records.get(desk.db.reader(), record_id).head
    withdrawal = office.content(
        "withdraw", record_id=record_id, parent=held.version_id, payload={}, case_id="case-9"
    )
    office.approve([withdrawal], case_id="case-9")
    cut = office.cut()
    receipts.apply(
        desk, office.answer(cut.batch_id, office.receipt(withdrawal)), retry_in_s=lambda _tries: 1.0
    )
    feed.apply(desk, office.page(a_stage(1, office.receipt(withdrawal, stage="stored"))))
    assert state(desk, record_id) == "withdrawn"

    done = bring_in(desk, a_penalty(1, BZ="补"), a_penalty(2))

    assert sums(done) == {"created": 1, "skipped": 1}
    assert why_skipped(desk, done) == [(2, "deleted_by_case")]
    assert imports.skipped_for(desk.db.reader(), done.import_id, "deleted_by_case") == 1
    keep = Choices({"deleted_by_case": Choice("keep", "法院判决恢复原处罚")})
    begun = imports.begin(desk, a_source(sha256="c" * 64))
    imports.add(desk, begun.import_id, Chunk([good(desk, 2, a_penalty(1))], next_row=3), keep)
    assert sums(imports.finish(desk, begun.import_id)) == {"created": 1}
    (made,) = records.list_records(desk.db.reader(), import_id=begun.import_id)
    draft = records.get(desk.db.reader(), made.record_id).draft
    assert [one.reason for one in draft.answers] == ["法院判决恢复原处罚"]


def test_a_deleted_draft_is_not_in_the_way(desk: Desk, a_penalty: Build):
    bring_in(desk, a_penalty(1))
    drafts.delete(desk, ids_of(desk))

    assert sums(bring_in(desk, a_penalty(1))) == {"created": 1}


def test_a_draft_that_went_to_review_meanwhile_is_skipped_at_the_end(desk: Desk, a_penalty: Build):
    bring_in(desk, a_penalty(1))
    begun = imports.begin(desk, a_source(sha256="b" * 64))
    imports.add(desk, begun.import_id, Chunk([good(desk, 2, a_penalty(1, BZ="补"))], next_row=3))
    review.submit(desk, ids_of(desk), title="试")

    done = imports.finish(desk, begun.import_id)

    assert sums(done) == {"skipped": 1}
    assert why_skipped(desk, done) == [(2, "in_review")]


@pytest.mark.parametrize(
    ("met", "fate", "code"),
    [
        pytest.param(
            {"state": "draft", "op": "create", "case_id": "c"}, "skipped", "belongs_to_case", id="case"
        ),
        pytest.param({"state": "returned", "op": "create"}, "updated", "", id="returned"),
        pytest.param({"state": "problems", "op": "correct"}, "updated", "", id="correction draft"),
        pytest.param({"state": "stored", "op": "create"}, "corrected", "", id="stored"),
        pytest.param({"state": "checked", "op": "withdraw"}, "skipped", "being_withdrawn", id="withdrawn"),
        pytest.param({"state": "held", "op": "create"}, "skipped", "on_its_way", id="held"),
    ],
)
def test_the_fate_of_a_row_follows_from_what_it_meets(met: dict[str, Any], fate: str, code: str):
    found = fate_of(
        Met("r", values={"BZ": "旧"}, **({"state": "draft", "case_id": None} | met)), {"BZ": "新"}
    )

    assert (found.fate, found.code) == (fate, code)


# --- faulty rows ---


def test_faulty_rows_stay_with_the_import_and_are_no_records(desk: Desk, a_penalty: Build):
    done = bring_in(desk, a_penalty(1), faulty=[a_penalty(2, CF_FRDB=None)])

    assert sums(done) == {"created": 1, "faulty": 1}
    assert len(ids_of(desk)) == 1
    (row,) = imports.list_rows(desk.db.reader(), done.import_id, fate="faulty")
    assert (row.row, row.cells, row.values["CF_WSH"]) == (3, ["原样"], a_penalty(2)["CF_WSH"])
    assert row.problems[0]["code"] == "required_missing"


def test_faulty_rows_become_drafts_with_problems_when_asked(desk: Desk, a_penalty: Build):
    faulty = [a_penalty(n, CF_FRDB=None) for n in (1, 2, 3)]
    done = bring_in(desk, faulty=faulty)

    some = imports.take_faulty(desk, done.import_id, [3])
    rest = imports.take_faulty(desk, done.import_id)

    assert (len(some.record_ids), len(rest.record_ids), some.left, rest.left) == (1, 2, (), ())
    assert {state(desk, record_id) for record_id in ids_of(desk)} == {"problems"}
    assert imports.fates(desk.db.reader(), done.import_id) == {"taken": 3}
    assert sums(imports.get(desk.db.reader(), done.import_id)) == {"faulty": 3}
    assert records.get(desk.db.reader(), some.record_ids[0]).row.import_row == 3


def test_faulty_rows_of_the_same_file_twice_make_no_second_draft(desk: Desk, a_penalty: Build):
    """With a natural key, and without one."""
    faulty = [a_penalty(1, CF_FRDB=None), a_penalty(2, CF_WSH=None)]
    first = bring_in(desk, faulty=faulty)
    imports.take_faulty(desk, first.import_id)
    second = bring_in(desk, faulty=faulty)

    again = imports.take_faulty(desk, second.import_id)

    assert sorted(again.record_ids) == sorted(ids_of(desk))
    assert len(ids_of(desk)) == 2


def test_two_faulty_rows_of_one_act_make_one_draft_with_the_later_values(desk: Desk, a_penalty: Build):
    done = bring_in(desk, faulty=[a_penalty(1, CF_FRDB=None), a_penalty(1, CF_FRDB=None, BZ="后")])

    imports.take_faulty(desk, done.import_id)

    (record_id,) = ids_of(desk)
    assert records.get(desk.db.reader(), record_id).draft.values["BZ"] == "后"


def test_a_faulty_row_of_what_is_in_review_is_left(desk: Desk, a_penalty: Build):
    bring_in(desk, a_penalty(1))
    review.submit(desk, ids_of(desk), title="试")
    done = bring_in(desk, faulty=[a_penalty(1, CF_FRDB=None)])

    taken = imports.take_faulty(desk, done.import_id)

    assert (taken.record_ids, taken.left) == ((), (2,))
    assert imports.fates(desk.db.reader(), done.import_id) == {"faulty": 1}


def test_faulty_rows_of_a_loading_import_wait(desk: Desk):
    begun = imports.begin(desk, a_source())

    with pytest.raises(NotAllowed, match="import_not_visible"):
        imports.take_faulty(desk, begun.import_id)


def test_an_unknown_import_is_said(desk: Desk):
    with pytest.raises(NotAllowed, match="import_unknown"):
        imports.get(desk.db.reader(), "没有")
