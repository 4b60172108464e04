"""What a desk asks for after a restore: which of its versions the platform does not hold."""

from __future__ import annotations

import pytest


@pytest.fixture
def served(shared):
    return shared


def missing(desk, ids):
    answer = desk.call("POST", "/v1/missing", json={"version_ids": ids})
    assert answer.status_code == 200, answer.text
    return answer.json()["missing"]


def test_what_was_judged_is_held_and_what_never_came_or_waits_is_missing(served, desk, tools):
    good, wrong = desk.content(1), desk.content(2, payload={"CF_NR_FK": None})
    waits = desk.correction(desk.content(3))
    assert [one["outcome"] for one in desk.send([good, wrong, waits])] == ["accepted", "rejected", "held"]
    never = tools.new_id()

    asked = [waits["version_id"], good["version_id"], never, wrong["version_id"], never]
    assert missing(desk, asked) == [waits["version_id"], never]
    assert missing(served.desk("350200-02"), [good["version_id"]]) == [good["version_id"]]
    assert missing(served.desk(), [good["version_id"]]) == []


@pytest.mark.parametrize("ids", [[], ["x"], None, ["018f0000-0000-7000-8000-000000000000"] * 1_001])
def test_a_question_that_is_none_is_malformed(desk, tools, ids):
    answer = desk.call("POST", "/v1/missing", json={"version_ids": ids})

    assert (answer.status_code, tools.code_of(answer.json())) == (400, "malformed")


def test_a_thousand_are_answered_at_once(desk, tools):
    ids = [tools.new_id() for _ in range(1_000)]

    assert missing(desk, ids) == ids
