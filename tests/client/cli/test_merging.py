"""The verb merge: what another desk changed first, and what is to be chosen."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from client.store import versions
from tests.client.cli.conftest import run_minxin
from tests.client.conftest import PASSPHRASE
from tests.client.rivals import THEIRS, Build, came_second


@pytest.fixture
def merging(house: Any, a_penalty: Build) -> Any:
    record_id, _ = came_second(house, a_penalty)
    house.close()
    at = ("--profile", str(house.directory), "--operator", "林晓")
    return house, partial(run_minxin, "merge", record_id, *at, secrets={"--passphrase-fd": PASSPHRASE})


def test_what_both_changed_is_named_with_both_values_and_chosen(merging):
    house, merge = merging

    begun = merge("--json")
    assert (begun.code, begun.said["taken"]) == (1, [{"field": "CF_YJ", "title": "处罚依据"}])
    (left,) = begun.said["open"]
    assert (left["field"], left["mine"], left["theirs"]) == ("CF_NR_FK", "0.3", "0.2")

    assert "--mine 或 --theirs" in merge("--submit").out, "nothing is submitted while something is open"
    done = merge("--theirs", "CF_NR_FK", "--submit", "--json")

    assert (done.code, done.said["open"], done.said["problems"]) == (0, [], [])
    assert done.said["act_id"]
    assert merge("--mine", "CF_NR_FK").code == 2
    house.switch("林晓")


def test_what_was_not_refused_for_another_desk_is_not_merged(house, a_penalty: Build):
    record_id, _ = came_second(house, a_penalty)
    newest, *_ = versions.history(house.desk.db.reader(), record_id)
    with house.desk.db.transaction() as tx:
        tx.execute("UPDATE receipt SET problem = '{}' WHERE version_id = ?", (newest.version_id,))
    house.close()

    done = run_minxin(
        "merge", record_id, "--profile", str(house.directory), "--operator", "林晓",
        secrets={"--passphrase-fd": PASSPHRASE},
    )  # fmt: skip

    assert done.code == 2
    assert "不用合并" in done.err
    assert THEIRS not in done.out
