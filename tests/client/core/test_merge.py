import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.merge import Open, Theirs, merge, theirs_in


def over(changes):
    """BASE with changes; None empties a field."""
    return {field: value for field, value in (BASE | changes).items() if value is not None}


BASE = {"name": "甲", "amount": "0.1", "kinds": ["01"]}


@pytest.mark.parametrize(
    ("mine", "theirs", "values", "taken", "kept"),
    [
        pytest.param({}, {}, {}, (), (), id="nobody changed anything"),
        pytest.param({"amount": "0.2"}, {}, {"amount": "0.2"}, (), ("amount",), id="only we"),
        pytest.param({}, {"amount": "0.2"}, {"amount": "0.2"}, ("amount",), (), id="only they"),
        pytest.param(
            {"name": "乙"}, {"amount": "0.2"}, {"name": "乙", "amount": "0.2"}, ("amount",), ("name",),
            id="each another field",
        ),
        pytest.param({"amount": "0.2"}, {"amount": "0.2"}, {"amount": "0.2"}, (), (), id="both alike"),
        pytest.param({"kinds": None}, {}, {"kinds": None}, (), ("kinds",), id="we emptied one"),
        pytest.param({}, {"kinds": None}, {"kinds": None}, ("kinds",), (), id="they emptied one"),
        pytest.param({}, {"note": "新"}, {"note": "新"}, ("note",), (), id="they filled one in"),
    ],
)  # fmt: skip
def test_what_one_side_changed_is_taken(mine, theirs, values, taken, kept):
    merged = merge(BASE, over(mine), over(theirs))

    assert (merged.values, merged.taken, merged.kept, merged.open) == (over(values), taken, kept, ())


@pytest.mark.parametrize(
    ("mine", "theirs", "opened"),
    [
        pytest.param({"amount": "0.2"}, {"amount": "0.3"}, Open("amount", "0.1", "0.2", "0.3"), id="apart"),
        pytest.param({}, {"amount": "0.3"}, Open("amount", "0.1", None, "0.3"), id="we emptied theirs"),
        pytest.param({"amount": "0.2"}, {}, Open("amount", "0.1", "0.2", None), id="they emptied ours"),
    ],
)  # fmt: skip
def test_what_both_changed_is_left_open_and_what_was_typed_here_stands(mine, theirs, opened):
    merged = merge({"amount": "0.1"}, mine, theirs)

    assert (merged.values, merged.open) == (mine, (opened,))


def test_without_a_common_beginning_every_difference_is_left_open():
    merged = merge(None, {"a": "1", "b": "2"}, {"b": "3", "c": "4"})

    assert [one.field for one in merged.open] == ["a", "b", "c"]
    assert merged.values == {"a": "1", "b": "2"}


FIELDS = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["1", "2", "3"]))


@given(FIELDS, FIELDS, FIELDS)
def test_nothing_typed_is_lost_and_nothing_of_the_other_is_overwritten_unseen(base, mine, theirs):
    merged = merge(base, mine, theirs)
    opened = {one.field: one for one in merged.open}

    for field in {*base, *mine, *theirs}:
        value = merged.values.get(field)
        if field in opened:
            assert (opened[field].mine, opened[field].theirs) == (mine.get(field), theirs.get(field))
        elif mine.get(field) != base.get(field):
            assert value == mine.get(field)
        else:
            assert value == theirs.get(field)


@pytest.mark.parametrize(
    ("problem", "theirs"),
    [
        (None, None),
        ({"type": "urn:minxin:problem:field-invalid"}, None),
        ({"type": "urn:minxin:problem:stale"}, None),
        ({"code": "stale"}, None),
        ({"type": "urn:minxin:problem:stale", "current": {"case_id": "c", "revision": "r"}}, None),
        (
            {
                "type": "urn:minxin:problem:stale",
                "current": {"version_id": "v", "op": "correct", "catalog": "X@1", "payload": {"a": "1"}},
            },
            Theirs("v", "X@1", {"a": "1"}),
        ),
    ],
)
def test_what_the_platform_holds_is_read_out_of_a_stale_refusal_only(problem, theirs):
    assert theirs_in(problem) == theirs
