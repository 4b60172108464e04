"""Long lists kept small: what goes in comes out, by place, by kind, and in order."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.packed import BLOCK, Packed, encode


def filled(entries: list[tuple[str, object]]) -> Packed[object]:
    made: Packed[object] = Packed(lambda said: said)
    for kind, value in entries:
        made.add(kind, encode(value))
    return made


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=5)), max_size=40))
def test_what_goes_in_comes_out(entries: list[tuple[str, str]]):
    made = filled(list(entries))

    assert list(made) == [value for _, value in entries]
    for kind in "abc":
        assert list(made.of(kind)) == [value for one, value in entries if one == kind]
    assert [json.loads(text) for text in made.texts()] == list(made)


def test_any_place_of_a_long_list_is_there_at_once():
    made = filled([("even" if n % 2 == 0 else "odd", n) for n in range(BLOCK * 5 + 3)])

    assert (made[0], made[BLOCK], made[-1], made[BLOCK * 5 + 1]) == (0, BLOCK, BLOCK * 5 + 2, BLOCK * 5 + 1)
    assert made[10:13] == [10, 11, 12]
    assert made.of("odd")[600:602] == [1201, 1203]
    assert made.of("odd")[3] == 7
    assert made.kinds() == {"even": BLOCK * 5 // 2 + 2, "odd": BLOCK * 5 // 2 + 1}
    with pytest.raises(IndexError):
        made[len(made)]


def test_a_lone_surrogate_is_kept_as_it_was():
    assert list(filled([("a", "\ud83d\n")])) == ["\ud83d\n"]
