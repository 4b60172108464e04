"""The quick way to read a batch says what the strict way says, or leaves it to that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.seal.canonical import NotCanonical, canonical
from forms.seal.content import CONTENT_KEYS
from regional_platform.api.batch_body import read_batch
from regional_platform.api.bodies import strict_json
from regional_platform.problems import Refusal

APPROVAL = {"id": "0" * 36, "place": 3}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
VALUES = st.recursive(
    TEXT | st.integers(-(2**60), 2**60) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def an_item(payload: Any = None, answers: Any = (), **other: Any) -> dict[str, Any]:
    said = dict.fromkeys(CONTENT_KEYS) | {"payload": payload or {}, "answers": list(answers)}
    return said | {"approval": APPROVAL} | other


def a_batch(*items: Any, **other: Any) -> dict[str, Any]:
    return {"batch_id": "b", "clock": {"local": '"items":['}, "items": list(items), "void": []} | other


def content(item: dict[str, Any]) -> bytes:
    return canonical({key: item[key] for key in CONTENT_KEYS})


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])  # of a busy machine
@given(st.lists(st.builds(an_item, VALUES, st.lists(VALUES, max_size=2)), max_size=3), st.booleans())
def test_whatever_the_items_hold_both_ways_agree(items, spaced):
    batch = a_batch(*items)
    body = json.dumps(batch, ensure_ascii=False, separators=None if spaced else (",", ":"), sort_keys=True)

    said, contents = read_batch(body.encode())

    assert said == strict_json(body.encode())
    for item, found in zip(items, contents, strict=True):
        if found is not None:
            assert found == content(item)


def test_what_a_desk_of_ours_wrote_is_taken_as_it_stands():
    items = [
        an_item({"CF_NR": '罚款"五百"元'}),
        an_item(answers=[{"path": "A", "code": "b", "reason": "核对"}]),
        an_item({"CF_XDR_MC": "𠮷野家\u2028\x7f\x00"}),
    ]

    _, contents = read_batch(canonical(a_batch(*items, clock={"items": []})))

    assert contents == [content(one) for one in items]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(canonical(a_batch(an_item())) + b"x", id="more behind it"),
        pytest.param(canonical(a_batch(an_item()))[:-9], id="cut short"),
        pytest.param(
            canonical(a_batch(an_item({"n": 5}))).replace(b'"n":5', b'"n":1,"n":5'), id="a key twice"
        ),
        pytest.param(canonical(a_batch(an_item({"n": 5}))).replace(b'"n":5', b'"n":5.0'), id="a fraction"),
        pytest.param(canonical(a_batch(an_item({"n": 5}))).replace(b'"n":5', b'"n":NaN'), id="no number"),
        pytest.param(canonical(a_batch(an_item({"n": 5}))).replace(b'"n":5', b'"n":' + b"[" * 99), id="deep"),
        pytest.param(
            canonical(a_batch(an_item())).replace(b'"void"', b'"items":[],"void"'), id="items twice"
        ),
        pytest.param(b'{"items":[{"a":1},', id="half"),
        pytest.param(b'\xff{"items":[]}', id="no text"),
    ],
)
def test_what_is_malformed_is_refused_as_by_the_strict_way(body):
    with pytest.raises(Refusal) as strict:
        strict_json(body)
    with pytest.raises(Refusal) as quick:
        read_batch(body)

    assert (quick.value.code, quick.value.errors) == (strict.value.code, strict.value.errors)


@pytest.mark.parametrize(
    "batch",
    [
        pytest.param(a_batch(an_item({"n": 2**53})), id="an integer that JSON does not carry"),
        pytest.param(a_batch(an_item({"\U00020000": "1", "\uffff": "2"})), id="keys that sort otherwise"),
        pytest.param(a_batch(an_item(more=1)), id="a member beside the others"),
        pytest.param(a_batch({"op": "create"}), id="half an item"),
        pytest.param(a_batch(), id="no items"),
        pytest.param({"items": 3}, id="items that are none"),
        pytest.param([1], id="no object"),
    ],
)
def test_what_is_not_as_a_desk_writes_it_is_read_the_strict_way(batch):
    body = json.dumps(batch, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    said, contents = read_batch(body)

    assert said == batch
    assert contents in ([None], [])


def test_an_integer_that_json_does_not_carry_has_no_canonical_content():
    with pytest.raises(NotCanonical):
        content(an_item({"n": 2**53}))
