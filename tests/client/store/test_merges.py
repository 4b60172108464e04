"""A change that another desk of the unit came before with."""

from __future__ import annotations

from typing import Any

import pytest

from client.core.merge import Open
from client.core.records import Reason
from client.errors import NotAllowed
from client.store import audit, drafts, merges, records, review, versions
from client.store.import_rows import change
from tests.client.rivals import THEIRS, Build, approved, came_second, draft_of, hear, stale


@pytest.fixture
def second(house: Any, a_penalty: Build) -> tuple[Any, str, dict[str, Any]]:
    record_id, base = came_second(house, a_penalty)
    return house, record_id, base


def test_a_change_that_came_second_is_put_together_with_the_first(second):
    house, record_id, base = second

    merged = drafts.open_rejected(house.desk, record_id)

    assert (merged.taken, merged.kept) == (("CF_YJ",), ("CF_SY",))
    draft = draft_of(house.desk, record_id)
    assert (draft.op, draft.base_version, draft.reason.code) == ("correct", THEIRS, "wrong_entry")
    assert draft.values == base | {"CF_NR_FK": "0.3", "CF_SY": "查明的事实", "CF_YJ": "另一条"}
    (opened,) = merges.open_choices(house.desk.db.reader(), draft)
    assert opened == Open("CF_NR_FK", base["CF_NR_FK"], "0.3", "0.2")
    assert records.get(house.desk.db.reader(), record_id).row.errors == 1
    assert audit.verify(house.desk.db.reader()).holds


def test_an_open_choice_stops_the_submission_and_names_both_values(second):
    house, record_id, _ = second
    drafts.open_rejected(house.desk, record_id)

    ((_, (problem,)),) = review.submit(house.desk, [record_id], title="报送").stopped

    assert (problem.path, problem.code) == ("CF_NR_FK", "both_changed")
    assert problem.params == {"mine": "0.3", "theirs": "0.2"}


@pytest.mark.parametrize(("side", "amount"), [("mine", "0.3"), ("theirs", "0.2")])
def test_what_was_chosen_goes_on_top_of_what_the_platform_holds(second, side, amount):
    house, record_id, _ = second
    drafts.open_rejected(house.desk, record_id)

    assert drafts.choose(house.desk, record_id, "CF_NR_FK", side).problems == ()

    approved(house, record_id)
    newest, *_ = versions.history(house.desk.db.reader(), record_id)
    assert (newest.parent, newest.values["CF_NR_FK"]) == (THEIRS, amount)
    with pytest.raises(NotAllowed, match="not_in_this_state"):
        drafts.choose(house.desk, record_id, "CF_NR_FK", side)


def test_typing_a_third_value_is_a_choice_and_saving_what_stands_is_none(second):
    house, record_id, _ = second
    drafts.open_rejected(house.desk, record_id)
    values = draft_of(house.desk, record_id).values

    same = drafts.save(house.desk, record_id, values)
    other = drafts.save(house.desk, record_id, values | {"CF_NR_FK": "0.25"})

    assert [[one.code for one in saved.problems] for saved in (same, other)] == [["both_changed"], []]
    with pytest.raises(NotAllowed, match="nothing_to_choose"):
        drafts.choose(house.desk, record_id, "CF_NR_FK", "mine")


def test_the_first_ones_values_alone_are_no_change(second):
    house, record_id, base = second
    drafts.open_rejected(house.desk, record_id)
    drafts.save(house.desk, record_id, base | {"CF_NR_FK": "0.2", "CF_YJ": "另一条"})

    ((_, (problem,)),) = review.submit(house.desk, [record_id], title="报送").stopped

    assert problem.code == "nothing_changed"


def test_who_comes_second_again_begins_with_what_was_told_last(second):
    house, record_id, base = second
    drafts.open_rejected(house.desk, record_id)
    drafts.choose(house.desk, record_id, "CF_NR_FK", "mine")
    approved(house, record_id)
    theirs = base | {"CF_NR_FK": "0.2", "CF_YJ": "又一条"}
    hear(house.desk, record_id, "rejected", stale(theirs, THEIRS[:-1] + "a"))

    merged = drafts.open_rejected(house.desk, record_id)

    assert (merged.taken, merged.kept, merged.open) == (("CF_YJ",), ("CF_NR_FK", "CF_SY"), ())
    assert draft_of(house.desk, record_id).base_version == THEIRS[:-1] + "a"


def test_a_change_begun_anew_begins_with_what_the_platform_holds_now(second):
    house, record_id, base = second

    drafts.begin_change(house.desk, record_id, "correct")

    draft = draft_of(house.desk, record_id)
    assert (draft.base_version, draft.values) == (THEIRS, base | {"CF_NR_FK": "0.2", "CF_YJ": "另一条"})
    assert merges.open_choices(house.desk.db.reader(), draft) == ()


def test_a_withdrawal_that_came_second_keeps_its_reason_and_goes_on_top(house, a_penalty: Build):
    record_id = drafts.create(house.switch("林晓"), "XZCF_FR", a_penalty(1))
    approved(house, record_id)
    hear(house.desk, record_id, "accepted")
    drafts.begin_change(house.desk, record_id, "withdraw")
    drafts.set_reason(house.desk, record_id, Reason("decision_revoked", "复议撤销"))
    approved(house, record_id)
    hear(house.desk, record_id, "rejected", stale(a_penalty(1) | {"CF_NR_FK": "0.2"}))

    merged = drafts.open_rejected(house.desk, record_id)

    draft = draft_of(house.desk, record_id)
    assert merged.open == ()
    assert (draft.op, draft.base_version, draft.reason.text) == ("withdraw", THEIRS, "复议撤销")
    assert not review.submit(house.desk, [record_id], title="撤销").stopped


def test_a_record_that_two_desks_made_becomes_a_correction_of_the_first(house, a_penalty: Build):
    mine = a_penalty(1)
    record_id = drafts.create(house.switch("林晓"), "XZCF_FR", mine)
    approved(house, record_id)
    hear(house.desk, record_id, "rejected", stale(mine | {"CF_NR_FK": "0.2"}))

    merged = drafts.open_rejected(house.desk, record_id)

    assert [one.field for one in merged.open] == ["CF_NR_FK"]
    draft = draft_of(house.desk, record_id)
    assert (draft.op, draft.base_version) == ("correct", THEIRS)


def test_a_row_of_a_file_does_not_undo_what_another_desk_said(second):
    house, record_id, base = second

    change(house.desk, record_id, "rejected", base | {"CF_SY": "文件里的事实"})

    draft = draft_of(house.desk, record_id)
    assert draft.values == base | {"CF_NR_FK": "0.2", "CF_YJ": "另一条", "CF_SY": "文件里的事实"}
    assert merges.open_choices(house.desk.db.reader(), draft) == ()


def test_a_row_of_a_file_is_put_together_too_after_the_change_was_given_up(second):
    house, record_id, base = second
    drafts.delete(house.desk, [record_id])

    change(house.desk, record_id, "checked", base | {"CF_NR_FK": "0.4", "CF_SY": "文件里的事实"})

    draft = draft_of(house.desk, record_id)
    assert (draft.base_version, draft.values["CF_YJ"], draft.values["CF_SY"]) == (
        THEIRS,
        "另一条",
        "文件里的事实",
    )
    assert [one.theirs for one in merges.open_choices(house.desk.db.reader(), draft)] == ["0.2"]
    assert draft.errors == 1


def test_another_rejection_is_reopened_as_it_was(house, a_penalty: Build):
    record_id = drafts.create(house.switch("林晓"), "XZCF_FR", a_penalty(1))
    approved(house, record_id)
    hear(house.desk, record_id, "rejected", {"type": "urn:minxin:problem:field-invalid"})

    assert drafts.open_rejected(house.desk, record_id) is None
    assert (draft_of(house.desk, record_id).op, draft_of(house.desk, record_id).base_version) == (
        "create",
        None,
    )
