import json
from pathlib import Path

import pytest

from client.core.answers import FeedItem
from client.errors import NotAllowed
from client.store import (
    acts,
    attachments,
    cases,
    drafts,
    feed,
    link,
    missing,
    outbox,
    receipts,
    review,
)
from client.store.approvals import approve
from client.store.desk import Catalogs
from client.store.draft_rows import read_draft, state_of
from client.sync.plan import is_due
from forms.catalog.loader import load_set
from forms.seal.content import Content
from tests.client.objections import an_objection
from tests.client.sync.office import a_problem, an_office

CATALOG = Path(__file__).parents[3] / "resources" / "catalogs" / "2026.1"
FINE = {"field": "CF_NR_FK", "old": "0.1", "claimed": "0.01"}
CONTENT = {"field": "CF_NR", "old": "罚款人民币壹仟元整", "claimed": "罚款人民币壹佰元整"}


@pytest.fixture(scope="module")
def shipped():
    return Catalogs([load_set(CATALOG)])


@pytest.fixture
def office(tmp_path, shipped):
    made = an_office(tmp_path / "desk", shipped)
    yield made
    made.desk.close()


@pytest.fixture
def stored(office, a_penalty):
    """A record that the platform has stored: the content of its version."""
    item = office.desk.catalogs.current.items["XZCF_FR"]
    content = office.content(payload=a_penalty(1), catalog=item.ref, item_sha256=item.digest)
    office.approve([content])
    send(office, content)
    return content


def send(office, *contents, outcome="accepted", code=None):
    """Cut what is due and answer it."""
    cut = office.cut()
    problem = a_problem(code) if code else None
    answers = [office.receipt(one, outcome, problem=problem) for one in contents]
    return receipts.apply(office.desk, office.answer(cut.batch_id, *answers), retry_in_s=lambda _tries: 2.0)


def a_case(content, *disputes, revision="rev-1", **other):
    record = {
        "record_id": content.record_id, "version_id": content.version_id, "catalog": content.catalog,
        "payload": dict(content.payload),
    }  # fmt: skip
    case_id = other.pop("case_id", "case-1")
    return an_objection(case_id, "350200-01", record, disputes or [FINE], revision=revision, **other)


def arrives(office, case, kind="case.opened"):
    seq = office.desk.db.reader().value("SELECT cursor FROM device") + 1
    feed.apply(office.desk, office.page(FeedItem(seq, kind, "2026-11-24T08:00:02.000Z", case)))


def found(**findings):
    return {
        "disputes": [
            {"field": field, "finding": "stands"}
            if value == "stands"
            else {"field": field, "finding": "correct_to", "value": value}
            for field, value in findings.items()
        ],
        "text": "经核对原始案卷，罚款金额应为壹佰元。",
    }


def decided(office, **findings):
    """Decide the case and let the reviewer approve; returns the versions in the outbox that are new."""
    before = set(office.rows())
    cases.save_decision(office.desk, "case-1", found(**findings))
    submitted = cases.submit_decision(office.desk, "case-1")
    assert submitted.stopped == ()
    approve(office.checker, submitted.act_id)
    for approval_id in submitted.approval_ids:
        outbox.confirm_approval(office.desk, approval_id)
    reader = office.desk.db.reader()
    return {
        content["op"]: content
        for version_id in set(office.rows()) - before
        for content in [
            json.loads(reader.value("SELECT content FROM version WHERE version_id = ?", (version_id,)))
        ]
    }


def test_a_case_comes_down_with_its_record_and_what_is_disputed(office, stored):
    arrives(office, a_case(stored))

    (row,) = cases.list_cases(office.desk.db.reader())
    case = cases.get(office.desk.db.reader(), "case-1")

    assert (row.state, row.subject_name, row.decision) == ("opened", stored.payload["CF_XDR_MC"], None)
    assert (case.records[0].version_id, case.records[0].values) == (stored.version_id, stored.payload)
    (dispute,) = case.records[0].disputes
    assert (dispute.field, dispute.claimed) == ("CF_NR_FK", "0.01")
    assert case.note is None


def test_a_case_of_before_is_read_as_one_about_one_record_and_its_transfers_as_its_history(office, stored):
    now = a_case(stored)
    (record,) = now["records"]
    before = {name: now[name] for name in ("case_id", "kind", "state", "revision", "unit", "applicant",
              "statement", "opened_at", "closed_at", "due_on", "decision")}  # fmt: skip
    before |= {name: record[name] for name in ("record_id", "reason_code", "disputes", "evidence")}
    before |= {"record": {name: record[name] for name in ("version_id", "catalog", "payload")}}
    moved = {
        "from_unit": "350200-09",
        "to_unit": "350200-01",
        "reason": "不归我们",
        "at": "2026-11-24T02:00:00.000Z",
    }
    arrives(office, before | {"transfers": [moved], "accepted_on": None, "suspended_on": None})

    case = cases.get(office.desk.db.reader(), "case-1")

    assert [(one.record_id, one.version_id) for one in case.records] == [
        (stored.record_id, stored.version_id)
    ]
    assert [one.kind for one in case.events] == ["received", "accepted", "transferred"]
    assert case.stage == "accepted"


def test_a_kind_of_case_that_this_program_cannot_read_stays_in_the_inbox(office, stored):
    arrives(office, {"case_id": "case-9", "kind": "repair", "whatever": 1})

    assert cases.list_cases(office.desk.db.reader()) == []
    assert office.desk.db.reader().value("SELECT COUNT(*) FROM inbox") == 1


def test_evidence_is_wanted_until_it_lies_on_this_desk(office, stored):
    paper = attachments.keep(office.desk, [b"paper"], name="a.pdf", media_type="application/pdf").as_dict()
    other = paper | {"sha256": "ab" * 32}
    arrives(office, a_case(stored, evidence=[paper, other]))

    wanted = [one.sha256 for one in cases.evidence_wanted(office.desk.db.reader())]

    assert wanted == ["ab" * 32]
    evidence = cases.get(office.desk.db.reader(), "case-1").records[0].evidence
    assert [(one.attachment.name, one.is_here) for one in evidence] == [("a.pdf", True), ("a.pdf", False)]


def test_a_decision_and_its_correction_are_approved_in_one_act(office, stored):
    arrives(office, a_case(stored, FINE, CONTENT))

    made = decided(office, CF_NR_FK="0.01", CF_NR="stands")

    decide, correct = made["decide"], made["correct"]
    assert decide["record_id"] == decide["case_id"] == "case-1"
    assert (decide["parent"], decide["catalog"], decide["item_sha256"]) == ("rev-1", "CASE@1", "0" * 64)
    assert decide["reason"]["code"] == "objection_upheld"
    assert decide["payload"] == {
        "disputes": [
            {"record_id": stored.record_id, "field": "CF_NR_FK", "finding": "correct_to", "value": "0.01"},
            {"record_id": stored.record_id, "field": "CF_NR", "finding": "stands"},
        ],
        "corrections": [correct["version_id"]],
        "text": found()["text"],
    }
    assert (correct["parent"], correct["case_id"]) == (stored.version_id, "case-1")
    assert correct["payload"] == stored.payload | {"CF_NR_FK": "0.01"}


def test_a_decision_that_everything_stands_corrects_nothing(office, stored):
    arrives(office, a_case(stored))

    made = decided(office, CF_NR_FK="stands")

    assert set(made) == {"decide"}
    assert made["decide"]["payload"]["corrections"] == []
    assert made["decide"]["reason"]["code"] == "objection_not_upheld"


def test_the_correction_goes_up_only_after_the_decision_was_accepted(office, stored):
    arrives(office, a_case(stored))
    made = decided(office, CF_NR_FK="0.01")

    def due_now():
        return [
            one.version_id for one in outbox.due(office.desk.db.reader(), office.clock(), is_due, limit=9)
        ]

    assert due_now() == [made["decide"]["version_id"]]
    send(office, as_content(made["decide"]))
    assert due_now() == [made["correct"]["version_id"]]


def test_a_decision_that_waits_is_listed_under_the_subject_of_its_case(office, stored):
    arrives(office, a_case(stored))
    made = decided(office, CF_NR_FK="stands")

    (row,) = outbox.list_waiting(office.desk.db.reader())

    assert (row.version_id, row.record_id, row.op) == (made["decide"]["version_id"], "case-1", "decide")
    assert row.subject_name == stored.payload["CF_XDR_MC"]


def as_content(said):
    return Content(**{name: value for name, value in said.items() if name != "answers"})


def test_a_decision_that_the_platform_refuses_is_written_again_and_its_correction_recalled(office, stored):
    arrives(office, a_case(stored))
    made = decided(office, CF_NR_FK="0.01")

    send(office, as_content(made["decide"]), outcome="rejected", code="stale")

    case = cases.get(office.desk.db.reader(), "case-1")
    assert (case.decision.state, case.note) == ("editing", "stale")
    assert office.rows()[made["correct"]["version_id"]]["state"] == "recalled"
    assert state_of(office.desk.db.reader(), stored.record_id) == "checked"


def test_a_decision_that_a_restored_platform_takes_back_is_written_again_and_holds_up_nothing(office, stored):
    """The correction waited behind the decision, and both would have waited for ever."""
    arrives(office, a_case(stored))
    made = decided(office, CF_NR_FK="0.01")
    send(office, as_content(made["decide"]))
    link.adopt_epoch(office.desk, "e2")
    missing.queue_again(office.desk, [made["decide"]["version_id"]], None)
    for approval_id in outbox.approvals_to_put(office.desk.db.reader()):
        outbox.confirm_approval(office.desk, approval_id)

    send(office, as_content(made["decide"]), outcome="rejected", code="stale")

    case = cases.get(office.desk.db.reader(), "case-1")
    assert (case.decision.state, case.note) == ("editing", "stale")
    assert office.states() == ["done", "recalled", "recalled"]
    said = json.loads(office.rows()[made["decide"]["version_id"]]["last_problem"])
    assert (said["code"], said["of"]) == ("stale", "restore")
    again = decided(office, CF_NR_FK="0.02")
    send(office, as_content(again["decide"]))
    assert office.rows()[again["decide"]["version_id"]]["state"] == "done"


def test_news_of_a_case_overwrite_nothing_and_are_seen_before_it_is_decided(office, stored):
    arrives(office, a_case(stored))
    cases.save_decision(office.desk, "case-1", found(CF_NR_FK="0.01"))

    arrives(office, a_case(stored, FINE, CONTENT, revision="rev-2"), "case.changed")

    case = cases.get(office.desk.db.reader(), "case-1")
    assert case.row.changed
    assert (case.decision.parent, case.decision.payload) == ("rev-1", found(CF_NR_FK="0.01"))
    with pytest.raises(NotAllowed, match="case_changed"):
        cases.submit_decision(office.desk, "case-1")
    cases.save_decision(office.desk, "case-1", found(CF_NR_FK="0.01"), revision="rev-2")
    assert not cases.get(office.desk.db.reader(), "case-1").row.changed
    with pytest.raises(NotAllowed, match="decision_incomplete") as caught:
        cases.submit_decision(office.desk, "case-1")
    assert caught.value.params == {"field": "CF_NR"}


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({"disputes": [], "text": "结论"}, id="no finding"),
        pytest.param(found(CF_NR_FK="stands") | {"text": " "}, id="no text"),
        pytest.param(
            {"disputes": [{"field": "CF_NR_FK", "finding": "correct_to"}], "text": "结论"}, id="no value"
        ),
        pytest.param(
            {"disputes": [{"field": "CF_NR_FK", "finding": "maybe"}], "text": "结论"}, id="no such finding"
        ),
    ],
)
def test_an_unfinished_decision_is_kept_but_not_submitted(office, stored, payload):
    arrives(office, a_case(stored))

    cases.save_decision(office.desk, "case-1", payload)

    assert cases.get(office.desk.db.reader(), "case-1").decision.payload == payload
    with pytest.raises(NotAllowed, match="decision_incomplete"):
        cases.submit_decision(office.desk, "case-1")


def test_a_corrected_record_with_problems_stops_the_whole_act(office, stored):
    arrives(office, a_case(stored))
    cases.save_decision(office.desk, "case-1", found(CF_NR_FK="一百元"))

    submitted = cases.submit_decision(office.desk, "case-1")

    assert submitted.act_id is None
    ((record_id, problems),) = submitted.stopped
    assert record_id == stored.record_id
    assert problems[0].path == "CF_NR_FK"


def test_a_decision_in_review_or_on_its_way_is_not_written_over(office, stored):
    arrives(office, a_case(stored))
    cases.save_decision(office.desk, "case-1", found(CF_NR_FK="0.01"))
    cases.submit_decision(office.desk, "case-1")
    with pytest.raises(NotAllowed, match="decision_in_review"):
        cases.save_decision(office.desk, "case-1", found(CF_NR_FK="stands"))

    (act,) = acts.acts_waiting(office.desk.db.reader())
    approve(office.checker, act.act_id)

    with pytest.raises(NotAllowed, match="decision_on_its_way"):
        cases.save_decision(office.desk, "case-1", found(CF_NR_FK="stands"))


def test_a_returned_decision_comes_back_with_its_reason_and_can_be_submitted_again(office, stored):
    arrives(office, a_case(stored))
    cases.save_decision(office.desk, "case-1", found(CF_NR_FK="0.01"))
    cases.submit_decision(office.desk, "case-1")

    review.return_(office.checker, ["case-1"], "请附案卷页码")

    case = cases.get(office.desk.db.reader(), "case-1")
    assert (case.decision.state, case.note) == ("editing", "请附案卷页码")
    assert cases.submit_decision(office.desk, "case-1").act_id is not None


def test_a_closed_case_is_not_decided_again(office, stored):
    arrives(office, a_case(stored, state="closed", closed_at="2026-11-25T08:00:00.000Z"), "case.closed")

    with pytest.raises(NotAllowed, match="case_closed"):
        cases.save_decision(office.desk, "case-1", found(CF_NR_FK="stands"))


def test_a_case_whose_record_this_desk_has_changed_since_waits_for_news(office, stored):
    newer = office.content(
        "correct", record_id=stored.record_id, parent=stored.version_id, payload=stored.payload,
        catalog=stored.catalog, item_sha256=stored.item_sha256,
    )  # fmt: skip
    office.approve([newer])
    send(office, newer)
    arrives(office, a_case(stored))
    cases.save_decision(office.desk, "case-1", found(CF_NR_FK="0.01"))

    with pytest.raises(NotAllowed, match="record_changed"):
        cases.submit_decision(office.desk, "case-1")


def test_only_a_handler_decides(office, stored):
    arrives(office, a_case(stored))

    with pytest.raises(NotAllowed, match="not_your_role"):
        cases.save_decision(office.checker, "case-1", found(CF_NR_FK="stands"))


def test_the_queue_shows_what_is_to_be_done_first(office, stored):
    for n, (state, due_on) in enumerate(
        [("closed", None), ("opened", None), ("decided", "2026-11-25"), ("opened", "2026-11-30")]
    ):
        arrives(office, a_case(stored, state=state, due_on=due_on, case_id=f"case-{n}"))

    assert [row.case_id for row in cases.list_cases(office.desk.db.reader())] == [
        "case-3",
        "case-1",
        "case-2",
        "case-0",
    ]
    assert [row.case_id for row in cases.list_cases(office.desk.db.reader(), state="decided")] == ["case-2"]


def test_a_decision_over_several_records_corrects_one_and_withdraws_another(office, stored, a_penalty):
    other = office.content(payload=a_penalty(2), catalog=stored.catalog, item_sha256=stored.item_sha256)
    office.approve([other])
    send(office, other)
    case = a_case(stored)
    case["records"].append(a_case(other, CONTENT)["records"][0])
    arrives(office, case)
    findings = [
        {"record_id": stored.record_id, "field": "CF_NR_FK", "finding": "supplement", "value": "0.01"},
        {"record_id": other.record_id, "field": "CF_NR", "finding": "delete"},
    ]
    cases.save_decision(office.desk, "case-1", {"disputes": findings, "text": "主体张冠李戴，应予删除。"})

    submitted = cases.submit_decision(office.desk, "case-1")

    assert submitted.stopped == ()
    reader = office.desk.db.reader()
    rows = reader.execute("SELECT content FROM review_entry WHERE state = 'waiting' LIMIT 9").fetchall()
    made = {one["op"]: one for one in (json.loads(row["content"]) for row in rows)}
    assert made["decide"]["payload"]["disputes"] == findings
    assert set(made["decide"]["payload"]["corrections"]) == {
        made["correct"]["version_id"], made["withdraw"]["version_id"],
    }  # fmt: skip
    assert (made["withdraw"]["record_id"], made["withdraw"]["payload"]) == (other.record_id, {})
    assert made["correct"]["payload"]["CF_NR_FK"] == "0.01"


def test_a_repair_is_granted_or_refused_and_changes_no_record(office, stored):
    repair = {"severity": "ordinary", "published_on": "2026-01-05", "fulfilled_on": None, "committed": True}
    case = a_case(stored, kind="repair", repair=repair)
    case["records"][0]["disputes"] = []
    arrives(office, case)
    cases.save_decision(office.desk, "case-1", {"disputes": [], "text": "已履行完毕。"})
    with pytest.raises(NotAllowed, match="outcome_missing"):
        cases.submit_decision(office.desk, "case-1")

    cases.save_decision(office.desk, "case-1", {"disputes": [], "text": "已履行完毕。", "outcome": "granted"})
    cases.submit_decision(office.desk, "case-1")

    row = office.desk.db.reader().value("SELECT content FROM review_entry WHERE state = 'waiting'")
    said = json.loads(row)
    assert (said["payload"]["outcome"], said["payload"]["corrections"]) == ("granted", [])
    assert said["reason"]["code"] == "repair_granted"


@pytest.mark.parametrize(
    ("stage", "code"), [("suspended", "case_waits"), ("supplement", "case_waits"), ("refused", "case_closed")]
)
def test_a_case_that_waits_or_has_ended_is_not_decided(office, stored, stage, code):
    arrives(office, a_case(stored, stage=stage))

    with pytest.raises(NotAllowed, match=code):
        cases.save_decision(office.desk, "case-1", found(CF_NR_FK="stands"))


def test_a_new_case_on_a_record_begins_without_the_values_that_an_earlier_one_refused(office, stored):
    arrives(office, a_case(stored))
    made = decided(office, CF_NR_FK="0.01")
    send(office, as_content(made["decide"]), outcome="rejected", code="stale")
    arrives(office, a_case(stored, case_id="case-2"))

    second = cases.get(office.desk.db.reader(), "case-2")

    assert second.decision is None
    assert second.records[0].values == stored.payload
    drafts.begin_change(office.desk, stored.record_id, "correct")
    assert read_draft(office.desk.db.reader(), stored.record_id).values == stored.payload
