"""Canonical bytes: one value, one form."""

import math

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from forms.seal.canonical import NotCanonical, canonical, digest

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
trees = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def test_keys_are_sorted_and_blanks_are_gone():
    assert canonical({"乙": 1, "a": ["𠮷", None]}) == '{"a":["𠮷",null],"乙":1}'.encode()


@given(trees)
def test_the_quick_way_gives_the_bytes_of_the_library(tree: object):
    assert canonical({"x": tree}) == rfc8785.dumps({"x": tree})


@given(trees)
def test_the_order_of_keys_does_not_count(tree: object):
    assert canonical({"x": tree, "y": 1}) == canonical({"y": 1, "x": tree})


@pytest.mark.parametrize(
    "value",
    [1.0, {"a": [math.nan]}, {1: "number as key"}, {"a": {1, 2}}, 2**60, "\ud800"],
    ids=["float", "nan inside", "number key", "set", "integer too large", "lone surrogate"],
)
def test_what_json_has_no_exact_word_for_is_refused(value: object):
    with pytest.raises(NotCanonical):
        canonical(value)


def test_the_digest_is_that_of_the_standard():
    assert digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
