"""Questions (疑问数据): they come up, move and go with what causes them, and a person may set them aside."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta

import pytest
import zstandard
from sqlalchemy import select

from regional_platform.demo import uscc
from regional_platform.pipeline.subjects import Subject, load_subjects
from regional_platform.questions import counts_of
from regional_platform.store.question_tables import question, question_act
from regional_platform.store.tables import batch, job, version_key
from regional_platform.times import iso
from tests.databases import on_a_file
from tests.platform_rows import receipts_of

WRONG = {"CF_NR_FK": None}
"""A penalty with a fine and no amount: rejected."""

UNKNOWN = {"CF_XDR_SHXYM": uscc("91", "350200", 99), "CF_XDR_MC": "厦门市新来食品有限公司"}
"""A subject that the library does not have."""


def listed(desk, **query):
    answer = desk.call("GET", "/v1/questions", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["questions"]


def states(desk, **query):
    return {one["version_id"]: (one["cause"], one["problem"], one["state"]) for one in listed(desk, **query)}


def act(desk, version_id, what, *, role="reporter", reason="系统自动报送的测试数据"):
    body = {"json": {"reason": reason}} if what == "ignore" else {}
    return desk.call("POST", f"/v1/questions/{version_id}/{what}", role=role, **body)


def told(desk, count):
    """Wait for that many entries about questions; returns (version, state) of all."""
    items = desk.feed_until(lambda items: sum(one["type"] == "question.changed" for one in items) >= count)
    return [
        (each["version_id"], each["state"])
        for one in items if one["type"] == "question.changed" for each in one["data"]["questions"]
    ]  # fmt: skip


def test_what_is_rejected_is_open_until_a_later_version_of_the_record_is_accepted(desk):
    wrong = desk.content(payload=WRONG)
    desk.send([wrong])
    assert states(desk) == {wrong["version_id"]: ("rejected", "field-invalid", "open")}

    again = desk.content(record_id=wrong["record_id"], payload=WRONG)
    desk.send([again])
    right = desk.content(record_id=wrong["record_id"])
    desk.send([right])

    assert {key: one[2] for key, one in states(desk).items()} == {
        wrong["version_id"]: "corrected", again["version_id"]: "corrected",
    }  # fmt: skip
    assert told(desk, 3) == [
        (wrong["version_id"], "open"), (again["version_id"], "open"),
        (wrong["version_id"], "corrected"), (again["version_id"], "corrected"),
    ]  # fmt: skip


@on_a_file
def test_what_is_set_right_within_one_batch_comes_up_corrected(desk):
    wrong = desk.content(payload=WRONG)
    right = desk.content(record_id=wrong["record_id"])
    late = desk.correction(right, payload=desk.penalty(0, **WRONG))
    desk.send([wrong, right, late])

    assert [one[2] for one in states(desk).values()] == ["corrected", "open"]


def test_what_is_unmatched_is_settled_when_its_subject_is_loaded(served, desk):
    content = desk.content(payload=UNKNOWN)
    desk.send([content])
    assert told(desk, 1) == [(content["version_id"], "open")]
    assert states(desk) == {content["version_id"]: ("unmatched", "subject-unknown", "open")}

    load(served)
    assert told(desk, 2)[1:] == [(content["version_id"], "settled")]


def load(served):
    row = Subject(UNKNOWN["CF_XDR_SHXYM"], UNKNOWN["CF_XDR_MC"])
    served.platform.store.write(lambda connection: load_subjects(connection, [row], served.clock()))


@on_a_file
def test_what_is_unmatched_and_corrected_stays_corrected_when_its_subject_comes(served, desk):
    content = desk.content(payload=UNKNOWN)
    desk.send([content])
    told(desk, 1)
    right = desk.correction(content, payload=desk.penalty(0))
    desk.send([right])
    load(served)
    desk.stages([content["version_id"], right["version_id"]])

    assert states(desk) == {content["version_id"]: ("unmatched", "subject-unknown", "corrected")}


@on_a_file
def test_what_is_corrected_before_anybody_saw_that_it_was_unmatched_comes_up_corrected(desk):
    content = desk.content(payload=UNKNOWN)
    desk.send([content, desk.correction(content, payload=desk.penalty(0))])
    told(desk, 1)

    assert [one[2] for one in states(desk).values()] == ["corrected"]


def test_what_is_held_becomes_a_question_after_a_day_and_is_settled_when_it_is_accepted(served, desk):
    content = desk.content()
    approval = desk.approval([content])
    items = desk.items([content], approval)
    assert desk.receipts(desk.post(desk.batch(items)))[0]["outcome"] == "held"
    assert listed(desk) == []

    served.clock.turn(hours=25)
    desk.tokens.clear()
    assert states(desk) == {content["version_id"]: ("held", "approval-unknown", "open")}
    assert desk.put_approval(approval).status_code == 201
    assert desk.receipts(desk.post(desk.batch(items)))[0]["outcome"] == "accepted"
    assert states(desk) == {content["version_id"]: ("held", "approval-unknown", "settled")}


@on_a_file
def test_what_is_held_for_less_than_a_day_never_was_a_question(served, desk):
    content = desk.content()
    approval = desk.approval([content])
    items = desk.items([content], approval)
    desk.post(desk.batch(items))
    desk.put_approval(approval)
    desk.post(desk.batch(items))

    served.clock.turn(hours=25)
    desk.tokens.clear()
    assert listed(desk) == []
    assert [one["type"] for one in desk.feed()["items"]].count("question.changed") == 0


@on_a_file
def test_what_was_held_and_is_rejected_then_counts_from_then_on(served, desk):
    content = desk.content(payload=WRONG)
    approval = desk.approval([content])
    items = desk.items([content], approval)
    desk.post(desk.batch(items))
    desk.put_approval(approval)
    assert desk.receipts(desk.post(desk.batch(items)))[0]["outcome"] == "rejected"

    assert states(desk) == {content["version_id"]: ("rejected", "field-invalid", "open")}


def test_a_person_sets_a_question_aside_with_a_reason_and_takes_it_up_again(served, desk):
    wrong = desk.content(payload=WRONG)
    desk.send([wrong])

    ignored = act(desk, wrong["version_id"], "ignore").json()
    assert (ignored["state"], ignored["reason"]) == ("ignored", "系统自动报送的测试数据")
    assert ignored["changed_by"] == desk.person("reporter")["operator_id"]
    assert act(desk, wrong["version_id"], "ignore", reason="又一次").json() == ignored
    assert states(desk, state="ignored").keys() == {wrong["version_id"]}
    assert act(desk, wrong["version_id"], "reopen").json()["state"] == "open"
    assert states(desk, state="open", item="XZCF_FR").keys() == {wrong["version_id"]}
    assert listed(desk, item="XZXK_FR") == []
    with served.platform.store.reading() as connection:
        acts = connection.execute(select(question_act.c.state).order_by(question_act.c.n)).scalars().all()
    assert acts == ["open", "ignored", "open"]


@on_a_file
def test_what_is_corrected_is_neither_ignored_nor_taken_up_again(desk, tools):
    wrong = desk.content(payload=WRONG)
    desk.send([wrong])
    act(desk, wrong["version_id"], "ignore")
    desk.send([desk.content(record_id=wrong["record_id"])])

    for what in ("ignore", "reopen"):
        answer = act(desk, wrong["version_id"], what)
        assert (answer.status_code, tools.code_of(answer.json())) == (409, "question-settled")


@on_a_file
def test_questions_of_others_are_not_there_and_those_of_the_stations_below_are(served, desk, tools):
    station, beside = served.desk("350200-01-01"), served.desk("350200-02")
    wrong = station.content(payload=WRONG)
    station.send([wrong])

    assert states(desk).keys() == states(station).keys() == {wrong["version_id"]}
    assert listed(beside) == []
    for number in (wrong["version_id"], tools.new_id()):
        answer = act(beside, number, "ignore")
        assert (answer.status_code, tools.code_of(answer.json())) == (404, "question-unknown")
    assert act(desk, wrong["version_id"], "ignore", role="handler").status_code == 200


@on_a_file
def test_who_only_looks_after_a_region_changes_none_of_its_questions(served, desk, tools):
    wrong = desk.content(payload=WRONG)
    desk.send([wrong])
    region = served.desk("minnan")

    assert states(region, state="open").keys() == {wrong["version_id"]}
    answer = act(region, wrong["version_id"], "ignore", role="auditor")
    assert (answer.status_code, tools.code_of(answer.json())) == (403, "not-authorised")


def test_questions_are_counted_for_the_scorecard(served, desk):
    wrong = [desk.content(n, payload=WRONG) for n in range(3)]
    desk.send(wrong)
    desk.send([desk.content(0, record_id=wrong[0]["record_id"])])
    act(desk, wrong[1]["version_id"], "ignore")

    now = served.clock()
    with served.platform.store.reading() as connection:
        counted = counts_of(connection, ["350200-01"], iso(now - timedelta(hours=1)), iso(now))
        later = counts_of(connection, ["350200-01"], iso(now), iso(now + timedelta(hours=1)))
    assert counted == {"350200-01": {"open": 1, "corrected": 1, "ignored": 1, "settled": 0}}
    assert later == {}


@on_a_file
def test_pages_of_questions_meet(desk):
    wrong = [desk.content(n, payload=WRONG) for n in range(5)]
    desk.send(wrong)

    seen, after = [], 0
    while after is not None:
        page = desk.call("GET", "/v1/questions", params={"limit": 2, "after": after}).json()
        seen += [one["version_id"] for one in page["questions"]]
        after = page["next"]
    assert seen == [one["version_id"] for one in wrong]


@pytest.mark.parametrize("seed", range(3))
def test_the_state_of_a_question_follows_from_versions_and_receipts(served, desk, seed):
    """Random work of a desk; then all questions are worked out anew from batches and receipts."""
    lot = random.Random(seed)
    heads = {}
    for _ in range(12):
        batch_of = []
        for _ in range(lot.randint(1, 4)):
            n = lot.randrange(5)
            changed = lot.choice([{}, {}, WRONG, UNKNOWN])
            if n in heads and lot.random() < 0.8:
                content = desk.correction(heads[n], payload=desk.penalty(n, **changed))
            else:
                record_id = {"record_id": heads[n]["record_id"]} if n in heads else {}
                content = desk.content(n, payload=changed, **record_id)
            batch_of.append(content)
            if changed != WRONG or n not in heads:
                heads[n] = content
        desk.send(batch_of)
        if lot.random() < 0.2:
            load(served)
    settled(served)

    with served.platform.store.reading() as connection:
        kept = {row.version_id: (row.cause, row.state) for row in connection.execute(select(question))}
        assert kept == rebuilt(connection, served.clock())
    assert {one for one, _ in kept.values()} >= {"rejected"}


def settled(served):
    """Wait until the pipeline has nothing left but what waits for a subject."""
    pause = served.clock.timestamp() + 20
    while served.clock.timestamp() < pause:
        with served.platform.store.reading() as connection:
            if not connection.execute(select(job.c.n).where(job.c.step != "wait")).first():
                return
    pytest.fail("the pipeline did not come to rest")


def rebuilt(connection, now: datetime):
    """Version → cause and state, by the rules alone."""
    order = [
        (one["version_id"], one["record_id"], one["outcome"], one["at"])
        for answer in connection.execute(select(batch.c.answer).order_by(batch.c.received_at)).scalars()
        for one in json.loads(zstandard.ZstdDecompressor().decompress(answer))["receipts"]
    ]  # fmt: skip
    kept = receipts_of(lambda sql: connection.exec_driver_sql(sql).all())
    stages = {key: json.loads(raw)["at"] for key, raw in kept.items()}
    known = {row.version_id for row in connection.execute(select(version_key))}
    found = {}
    for place, (version_id, record_id, outcome, _) in enumerate(order):
        later = [
            at for other, of, became, at in order[place + 1 :]
            if of == record_id and became.startswith("accepted") and other != version_id
        ]  # fmt: skip
        if version_id not in known:
            continue
        if outcome == "rejected":
            found[version_id] = ("rejected", "corrected" if later else "open")
        elif (version_id, "unmatched") in stages:
            matched = stages.get((version_id, "matched"))
            if later and (matched is None or later[0] <= matched):
                found[version_id] = ("unmatched", "corrected")
            else:
                found[version_id] = ("unmatched", "settled" if matched else "open")
    return found
