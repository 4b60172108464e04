from __future__ import annotations

import typing

import pytest

from client.core.people import ROLES
from client.core.workflow import (
    ACCEPTED,
    ON_THE_DESK,
    ON_THE_WAY,
    RULES,
    STATES,
    Act,
    State,
    possible,
    refusal,
)

REPORTER = frozenset({"reporter"})
REVIEWER = frozenset({"reviewer"})
HANDLER = frozenset({"handler"})


def test_the_table_names_every_act_and_every_state_once():
    assert set(RULES) == set(typing.get_args(Act))
    assert sorted(STATES) == sorted(typing.get_args(State))


def test_the_table_knows_no_state_and_no_role_that_there_is_not():
    for rule in RULES.values():
        assert rule.states <= set(STATES)
        assert rule.roles <= ROLES


def test_each_state_is_on_the_desk_on_the_way_accepted_or_an_end():
    ends = {"in_review", "rejected", "withdrawn", "deleted"}

    assert ON_THE_DESK | ON_THE_WAY | ACCEPTED | ends == set(STATES)


@pytest.mark.parametrize("state", sorted(ON_THE_WAY | ACCEPTED | {"in_review", "withdrawn"}))
def test_what_has_left_the_desk_cannot_be_edited(state: str):
    assert refusal("save", REPORTER, state) == "not_in_this_state"


@pytest.mark.parametrize("state", sorted(set(STATES) - {"queued"}))
def test_only_what_is_queued_can_be_recalled(state: str):
    assert refusal("recall", REPORTER, state) == "not_in_this_state"
    assert refusal("recall", REPORTER, "queued") is None


def test_a_reporter_does_not_approve_and_a_reviewer_does_not_write():
    assert refusal("approve", REPORTER, "in_review") == "not_your_role"
    assert refusal("save", REVIEWER, "draft") == "not_your_role"
    assert refusal("approve", REVIEWER, "in_review") is None


def test_only_a_handler_decides_a_case():
    assert refusal("decide", REPORTER) == "not_your_role"
    assert refusal("decide", HANDLER) is None


def test_buttons_follow_the_table():
    assert possible(REPORTER, "draft") == {"copy", "save", "delete", "submit"}
    assert possible(REVIEWER, "in_review") == {"return", "approve"}
    assert possible(frozenset({"auditor"}), "draft") == set()
