"""What a desk says of cases: taken in, said, shown at once, sent in order, refused with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from client.core.answers import FeedItem
from client.core.case_openings import Claim, DisputedRecord, Opening, Person, Post, Snapshot
from client.core.people import Operator
from client.errors import NotAllowed
from client.store import attachments, audit, case_posts, case_sending, cases, feed, link, outbox, receipts
from client.store.approvals import approve
from client.store.desk import Desk
from client.store.profile import unlock
from client.sync.plan import is_due
from forms.seal.content import Content
from tests.client.sync.office import PASSPHRASE, Office, an_office

FINE = Claim("CF_NR_FK", "0.1", "0.01")
WHO = Person("林小满", "10", "110101199003070011", "13800000000")


@pytest.fixture
def office(tmp_path: Path, catalogs: Any) -> Iterator[Office]:
    made = an_office(tmp_path / "desk", catalogs)
    yield made
    made.desk.close()


@pytest.fixture
def desk(office: Office) -> Desk:
    return office.desk


@pytest.fixture
def stored(office: Office, a_penalty: Any) -> Content:
    """A record that the platform has accepted."""
    item = office.desk.catalogs.item("XZCF_FR@2026.1")
    content = office.content(payload=a_penalty(1), catalog=item.ref, item_sha256=item.digest)
    office.approve([content])
    cut = office.cut()
    receipts.apply(office.desk, office.answer(cut.batch_id, office.receipt(content)), retry_in_s=lambda _n: 1)
    return content


def an_opening(*record_ids: str, **other: Any) -> Opening:
    records = [DisputedRecord(one, "wrong_information", [FINE]) for one in record_ids]
    said: dict[str, Any] = {
        "kind": "objection", "applicant": WHO, "statement": "金额不符。", "records": records,
        "taken_in_at": "2026-11-24T01:00:00.000Z",
    }  # fmt: skip
    return Opening(**said | other)


def posts(desk: Desk, case_id: str) -> list[tuple[str, str, str | None]]:
    """What was said: event, state, code."""
    found = cases.get(desk.db.reader(), case_id).posts
    return [(one.event, one.state, (one.problem or {}).get("code")) for one in found]


def sent(desk: Desk) -> list[Post]:
    """Let the platform take all that waits, in order; returns it."""
    taken = []
    for post_id in case_sending.to_send(desk.db.reader()):
        post = case_sending.begin(desk, post_id)
        if post is not None:
            taken.append(post)
            case_sending.done(desk, post_id)
    return taken


def test_a_case_that_is_taken_in_without_a_line_is_there_at_once_and_goes_up_as_it_was_said(
    desk: Desk, stored: Content
):
    case_id = case_posts.register(desk, an_opening(stored.record_id))
    accepted = case_posts.say(desk, case_id, "accepted")
    case_posts.say(desk, case_id, "assigned", {"operator_id": "u01", "name": "林晓燕"})

    case = cases.get(desk.db.reader(), case_id)

    assert (case.stage, case.row.state, case.records[0].version_id) == (
        "accepted",
        "opened",
        stored.version_id,
    )
    assert [(one.kind, one.confirmed) for one in case.events] == [
        ("received", False), ("accepted", False), ("assigned", False),
    ]  # fmt: skip
    assert case.owner == {"operator_id": "u01", "name": "林晓燕"}
    assert case.events[0].on == "2026-11-24"
    assert [one.parent for one in case.posts] == [None, case_id, accepted]
    assert [(one.event, one.body.get("revision")) for one in sent(desk)] == [
        ("received", None), ("accepted", case_id), ("assigned", accepted),
    ]  # fmt: skip
    assert {state for _, state, _ in posts(desk, case_id)} == {"done"}
    assert audit.verify(desk.db.reader()).holds


def test_what_the_feed_tells_takes_the_place_of_what_was_only_said_here(office: Office, stored: Content):
    desk = office.desk
    case_id = case_posts.register(desk, an_opening(stored.record_id))
    post_id = case_posts.say(desk, case_id, "accepted")
    sent(desk)
    told = dict(cases.told(desk.db.reader(), case_id))
    events = [
        {"event_id": event_id, "kind": kind, "at": "2026-11-24T01:00:00.000Z", "on": "2026-11-24",
         "unit": "350200-01", "operator": "u01", "data": {}}
        for event_id, kind in ((case_id, "received"), (post_id, "accepted"))
    ]  # fmt: skip
    news = told | {"stage": "accepted", "revision": post_id, "due_on": "2026-12-01", "events": events}
    feed.apply(desk, office.page(FeedItem(1, "case.changed", "2026-11-24T08:00:02.000Z", news)))

    case = cases.get(desk.db.reader(), case_id)

    assert [(one.kind, one.confirmed) for one in case.events] == [("received", True), ("accepted", True)]
    assert (case.stage, case.revision, case.row.due_on) == ("accepted", post_id, "2026-12-01")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        pytest.param({"records": []}, "case_records", id="about nothing"),
        pytest.param({"record": "r-unknown"}, "record_not_held", id="a record that we do not hold"),
        pytest.param({"op": "withdraw"}, "withdrawn_already", id="withdrawn already"),
        pytest.param({"unit": "350500-02"}, "record_of_others", id="of another department"),
        pytest.param({"field": "NOWHERE"}, "field_unknown", id="no such field"),
        pytest.param({"statement": " "}, "application_incomplete", id="nothing is said"),
        pytest.param({}, "case_doubled", id="the same applicant and reason twice"),
    ],
)
def test_an_application_that_cannot_be_a_case_is_refused_with_a_reason(
    desk: Desk, stored: Content, changed: dict[str, Any], code: str
):
    case_posts.register(desk, an_opening(stored.record_id))
    found = {
        stored.record_id: Snapshot(
            changed.get("unit", "350200-01"), stored.version_id, stored.catalog, stored.payload,
            changed.get("op", "create"),
        )
    } if {"unit", "op"} & changed.keys() else {}  # fmt: skip
    opening = an_opening(changed.get("record", stored.record_id))
    if "field" in changed:
        opening = replace(
            opening, records=[DisputedRecord(stored.record_id, "wrong_information", [Claim("NOWHERE")])]
        )
    opening = replace(
        opening, **{name: changed[name] for name in ("records", "statement") if name in changed}
    )

    with pytest.raises(NotAllowed, match=code):
        case_posts.register(desk, opening, found=found)


def test_another_case_of_the_same_applicant_is_taken_in_when_somebody_says_that_it_is_one(
    desk: Desk, stored: Content
):
    first = case_posts.register(desk, an_opening(stored.record_id))

    assert case_posts.register(desk, an_opening(stored.record_id), twice=True) != first


def test_the_hall_takes_in_what_the_platform_showed_of_another_unit(desk: Desk, stored: Content):
    hall = replace(desk, operator=Operator("u03", "大厅", frozenset({"hall"})))
    found = {"r9": Snapshot("350500-02", "v9", stored.catalog, stored.payload)}

    case_id = case_posts.register(hall, an_opening("r9"), found=found)

    case = cases.get(desk.db.reader(), case_id)
    assert (case.unit, case.hall_unit) == ("350500-02", "350200-01")
    with pytest.raises(NotAllowed, match="units_differ"):
        case_posts.register(hall, an_opening("r9", stored.record_id), found=found)


@pytest.mark.parametrize(
    ("said", "kind", "data", "code"),
    [
        pytest.param([], "resumed", {}, "event_unfitting", id="nothing is suspended"),
        pytest.param([], "supplement_asked", {"items": []}, "event_incomplete", id="asks for nothing"),
        pytest.param(
            [("supplement_asked", {"items": ["身份证明"]}), ("supplemented", {})],
            "supplement_asked", {"items": ["委托书"]}, "event_once", id="asked twice",
        ),
        pytest.param(
            [("refused", {"code": "not_in_scope", "text": "不属于"})], "accepted", {}, "event_unfitting",
            id="refused already",
        ),
        pytest.param(
            [("accepted", {})], "extended", {"clock": "c", "days": 3, "by": "局长", "reason": "复杂"},
            "not_your_role", id="a handler extends nothing",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_stage_is_not_said(
    desk: Desk, stored: Content, said: list[tuple[str, dict[str, Any]]], kind: str, data: dict[str, Any],
    code: str,
):  # fmt: skip
    case_id = case_posts.register(desk, an_opening(stored.record_id))
    for earlier, of in said:
        case_posts.say(desk, case_id, earlier, of)

    with pytest.raises(NotAllowed, match=code):
        case_posts.say(desk, case_id, kind, data)


def test_who_saw_an_older_case_is_told_so_and_says_nothing(desk: Desk, stored: Content):
    case_id = case_posts.register(desk, an_opening(stored.record_id))
    case_posts.say(desk, case_id, "accepted", revision=case_id)

    with pytest.raises(NotAllowed, match="case_changed"):
        case_posts.say(desk, case_id, "withdrawn", {"text": "不提了"}, revision=case_id)


def test_what_is_refused_stays_with_its_reason_and_takes_what_was_said_after_it_along(
    desk: Desk, stored: Content
):
    case_id = case_posts.register(desk, an_opening(stored.record_id))
    sent(desk)
    first = case_posts.say(desk, case_id, "accepted")
    case_posts.say(desk, case_id, "suspended", {"reason": "鉴定", "examiner": "检测中心"})

    assert case_sending.begin(desk, first) is not None
    case_sending.refused(desk, first, "stale")

    assert posts(desk, case_id)[1:] == [
        ("accepted", "refused", "stale"), ("suspended", "refused", "earlier_refused"),
    ]  # fmt: skip
    assert case_sending.to_send(desk.db.reader()) == []
    case = cases.get(desk.db.reader(), case_id)
    assert (case.stage, case.revision) == ("received", case_id)
    new = case_posts.again(desk, first)
    assert posts(desk, case_id)[1][1] == "superseded"
    assert [one.post_id for one in sent(desk)] == [new]


def test_a_post_waits_for_its_evidence_and_for_who_said_it_and_is_not_refused_for_that(
    desk: Desk, stored: Content
):
    paper = attachments.keep(desk, [b"%PDF-1.4 paper"], name="缴款书.pdf", media_type="application/pdf")
    record = DisputedRecord(stored.record_id, "wrong_information", [FINE], [paper])
    case_id = case_posts.register(desk, an_opening(records=[record]))
    reader = desk.db.reader()
    assert outbox.attachments_to_put(reader) == [paper.sha256]
    assert paper.sha256 in outbox.legal_papers(reader)

    assert sent(desk) == []
    outbox.confirm_attachment(desk, paper.sha256)
    assert case_sending.begin(desk, case_id) is not None
    case_sending.refused(desk, case_id, "sign_in_needed")

    assert posts(desk, case_id) == [("received", "queued", "sign_in_needed")]
    assert [one.post_id for one in sent(desk)] == [case_id]


def test_what_was_never_sent_can_be_taken_back_and_a_case_of_this_desk_alone_ends_with_it(
    desk: Desk, stored: Content
):
    case_id = case_posts.register(desk, an_opening(stored.record_id))
    case_posts.say(desk, case_id, "accepted")

    case_posts.take_back(desk, case_id)

    assert cases.get(desk.db.reader(), case_id).row.state == "closed"
    assert case_sending.to_send(desk.db.reader()) == []
    with pytest.raises(NotAllowed, match="already_sent"):
        case_posts.take_back(desk, case_id)


def test_after_a_restore_of_the_platform_what_was_said_of_open_cases_goes_up_again(
    desk: Desk, stored: Content
):
    case_id = case_posts.register(desk, an_opening(stored.record_id))
    sent(desk)

    link.adopt_epoch(desk, "e2")

    assert [one.post_id for one in sent(desk)] == [case_id]


def test_a_decision_goes_up_after_what_was_said_before_it_and_nothing_is_said_until_it_is_answered(
    office: Office, stored: Content
):
    desk = office.desk
    case_id = case_posts.register(desk, an_opening(stored.record_id))
    accepted = case_posts.say(desk, case_id, "accepted")
    findings = [{"record_id": stored.record_id, "field": "CF_NR_FK", "finding": "stands"}]
    cases.save_decision(desk, case_id, {"disputes": findings, "text": "经核对，与案卷一致。"})
    done = cases.submit_decision(desk, case_id)
    from_review = cases.get(desk.db.reader(), case_id)
    assert done.act_id is not None
    assert (from_review.decision.parent, from_review.revision) == (accepted, accepted)
    for code in ("decision_in_review", "decision_on_its_way"):
        with pytest.raises(NotAllowed, match=code):
            case_posts.say(desk, case_id, "told", {"how": "当面"})
        with pytest.raises(NotAllowed, match=code):
            case_posts.take_back(desk, accepted)
        if code == "decision_in_review":
            approved = office_approves(office, done.act_id)

    def due() -> list[str]:
        return [one.version_id for one in outbox.due(desk.db.reader(), office.clock(), is_due, limit=9)]

    assert due() == []
    sent(desk)
    assert due() == approved


def office_approves(office: Office, act_id: str) -> list[str]:
    before = set(office.rows())
    for approval_id in approve(office.checker, act_id).approval_ids:
        outbox.confirm_approval(office.desk, approval_id)
    return sorted(set(office.rows()) - before)


def test_cases_of_before_are_in_the_queue_when_the_desk_is_opened_next(office: Office, stored: Content):
    case_id = case_posts.register(office.desk, an_opening(stored.record_id))
    with office.desk.db.transaction() as tx:
        tx.execute("DELETE FROM case_shown")
    office.desk.close()

    office.desk = unlock(
        office.folder, "林晓燕", PASSPHRASE, None, catalogs=office.desk.catalogs, clock=office.clock,
        new_id=office.desk.new_id,
    )  # fmt: skip

    assert office.desk.db.reader().value("SELECT case_id FROM case_shown") == case_id


def test_what_the_applicant_handed_in_later_is_fetched_too(office: Office, stored: Content):
    case_id = case_posts.register(office.desk, an_opening(stored.record_id))
    paper = {"sha256": "ab" * 32, "size": 9, "name": "委托书.pdf", "media_type": "application/pdf"}
    handed_in = {
        "event_id": "e9", "kind": "supplemented", "at": "2026-11-24T01:00:00.000Z", "on": "2026-11-24",
        "unit": "350200-00", "operator": "u7", "data": {"materials": [], "evidence": [paper]},
    }  # fmt: skip
    told = dict(cases.told(office.desk.db.reader(), case_id)) | {"events": [handed_in]}
    feed.apply(office.desk, office.page(FeedItem(1, "case.changed", "2026-11-24T08:00:02.000Z", told)))

    assert [one.name for one in cases.evidence_wanted(office.desk.db.reader())] == ["委托书.pdf"]
