"""The tree of hashes that the platform shows a unit of its own records."""

from __future__ import annotations

import pytest

from forms.seal.tree import Leaf, grow, month_of, node_at


@pytest.fixture
def served(shared):
    return shared


def nodes(desk, *paths, status=200):
    answer = desk.call("POST", "/v1/reconciliations", json={"paths": paths})
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_unit_is_shown_the_tree_of_its_own_heads_place_by_place(served):
    desk, other = served.desk("350500-02"), served.desk("350600-02")
    first, second, wrong = desk.content(1), desk.content(2), desk.content(3, payload={"CF_NR_FK": None})
    later = desk.correction(first, payload=desk.penalty(1, CF_NR_FK="0.07"))
    receipts = {one["version_id"]: one for one in desk.send([first, second, wrong, later])}
    other.send([other.content()])
    heads = [
        Leaf(one["record_id"], "XZCF_FR", month_of(one["payload"], "CF_JDRQ"), one["version_id"],
             receipts[one["version_id"]]["content_sha256"], "accepted")
        for one in (later, second)
    ]  # fmt: skip
    tree, path = grow(heads), heads[0].path

    told = nodes(desk, *([*path[:depth]] for depth in range(4)))["nodes"]
    assert [(one["count"], one["sha256"]) for one in told] == [
        (node.count, node.sha256) for node in (node_at(tree, path[:depth]) for depth in range(4))
    ]
    assert told[0]["children"] == [{"name": "XZCF_FR", "count": 2, "sha256": told[1]["sha256"]}]
    assert {"record_id": later["record_id"], "version_id": later["version_id"], "outcome": "accepted",
            "content_sha256": heads[0].content_sha256} in told[3]["records"]  # fmt: skip
    (nowhere,) = nodes(desk, ["XZCF_FR", "1999-01", "zz"])["nodes"]
    assert (nowhere["count"], nowhere["records"]) == (0, [])


@pytest.mark.parametrize("paths", [[], [[""] * 4], [[1]], [["a" * 65]], [[]] * 101, None])
def test_a_place_that_cannot_be_is_malformed(desk, tools, paths):
    answer = desk.call("POST", "/v1/reconciliations", json={"paths": paths})

    assert (answer.status_code, tools.code_of(answer.json())) == (400, "malformed")
