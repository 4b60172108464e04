"""The compact filter: no member is ever missed, few others hit, a damaged or lying file is refused."""

from __future__ import annotations

import json
import os
import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.lists.filterfile import (
    WIDTH,
    FilterHead,
    build_filter,
    is_filter,
    member,
    members_of,
    read_filter,
)
from forms.lists.fuse import Fuse, build
from forms.lists.persons import PersonKey
from forms.lists.sealed import NotGenuine
from forms.seal.canonical import canonical
from forms.seal.keys import SigningKey, to_text

KEY = SigningKey.generate()
QUICK = PersonKey(b"k" * 32, cost=4)
RIC = "35020319900307401X"
USCC = "9135020070000001X1"
ABSENT = 100_000


def some(count: int, seed: int = 1) -> list[bytes]:
    source = random.Random(seed)
    return [source.randbytes(16) for _ in range(count)]


# --- the set


@given(st.sets(st.binary(max_size=40), max_size=300), st.binary(min_size=1, max_size=64), st.integers(1, 4))
def test_no_member_is_ever_missed(members: set[bytes], key: bytes, width: int):
    made = build(members, key, width)

    assert all(one in made for one in members)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 10, 1_000, 20_000])
def test_no_member_is_missed_at_any_size(count: int):
    members = some(count)
    made = build(members, b"key", WIDTH)

    assert all(one in made for one in members)


def test_an_empty_set_holds_nothing():
    assert b"" not in build([], b"key", WIDTH)


def test_one_in_256_is_hit_by_chance_for_each_byte_of_width():
    members, others = some(5_000), some(ABSENT, seed=2)
    narrow, wide = build(members, b"key", 1), build(members, b"key", WIDTH)

    by_chance = sum(one in narrow for one in others)
    assert 300 < by_chance < 490  # 391 ± 5 standard deviations
    assert sum(one in wide for one in others) <= 1  # 1 in 16,777,216


def test_the_same_set_and_key_give_the_same_bytes():
    members = some(500)

    assert build(members, b"key", 3).cells == build(members[::-1], b"key", 3).cells
    assert build(members, b"key", 3).cells != build(members, b"other", 3).cells


def test_a_member_takes_less_than_four_bytes_in_a_large_set():
    assert len(build(some(20_000), b"key", WIDTH).cells) / 20_000 < 4


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"segment": 3}, id="a segment that is no power of two"),
        pytest.param({"segments": 9}, id="more segments than cells"),
        pytest.param({"width": 0}, id="no width"),
        pytest.param({"attempt": 100}, id="an attempt too many"),
    ],
)
def test_numbers_that_do_not_go_together_are_refused(wrong: dict[str, int]):
    sound = {"attempt": 0, "segment": 4, "segments": 1, "width": 1}

    with pytest.raises(ValueError, match="do not go together"):
        Fuse(b"key", **{**sound, **wrong}, cells=bytes(12))


# --- persons


def test_a_tag_is_the_same_however_the_number_is_written():
    assert QUICK.tag(RIC) == QUICK.tag(" 350203 19900307 401x ")
    assert QUICK.tag(RIC) != QUICK.tag("350203199003074028")


def test_another_key_or_cost_gives_another_tag_and_another_name():
    others = [PersonKey(b"l" * 32, cost=4), PersonKey(b"k" * 32, cost=5)]

    assert all(one.tag(RIC) != QUICK.tag(RIC) and one.id != QUICK.id for one in others)
    assert b"k" * 32 not in QUICK.id.encode()
    assert "k" * 8 not in repr(QUICK)


@pytest.mark.parametrize(("raw", "cost"), [(b"short", 4), (b"k" * 32, 0), (b"k" * 32, 30)])
def test_a_key_of_another_length_or_a_cost_beyond_reason_is_refused(raw: bytes, cost: int):
    with pytest.raises(ValueError, match="not a key"):
        PersonKey(raw, cost)


# --- the file


def head(**changed: Any) -> FilterHead:
    made = {
        "server_id": "mx-1", "number": 7, "on": date(2026, 11, 24), "made_at": "2026-11-23T22:00:00.000Z",
        "lists": {code: {"name": code, "kind": "black", "number": 7} for code in ("B01", "B02", "JYYC")},
        "person_key": QUICK.id, "person_cost": QUICK.cost, "day_key": b"d" * 16,
    }  # fmt: skip
    return FilterHead(**{**made, **changed})


def the_file(**changed: Any) -> bytes:
    rows = {
        "B01": [{"person": QUICK.tag(RIC)}, {"subject": USCC}],
        "JYYC": [{"subject": USCC}],
    }
    return build_filter(head(**changed), [*members_of(rows), *some(200)], KEY)


def test_a_filter_says_on_which_lists_a_subject_is():
    found = read_filter(the_file(), KEY.public)

    assert found.lists_of(USCC.lower()) == ["B01", "JYYC"]
    assert found.lists_of_person(QUICK.tag(RIC)) == ["B01"]
    assert found.lists_of("91350200700000099X") == []
    assert found.lists_of(RIC) == []
    assert (found.head.number, found.head.on, found.members) == (7, date(2026, 11, 24), 203)


def test_no_number_stands_in_the_file_and_no_key():
    content = the_file()

    assert is_filter(content)
    assert RIC.encode() not in content
    assert QUICK.raw not in content
    assert to_text(QUICK.raw).encode() not in content


def test_an_empty_filter_is_a_filter():
    assert read_filter(build_filter(head(), [], KEY)).lists_of(USCC) == []


@settings(max_examples=200)
@given(st.data())
def test_a_flipped_bit_anywhere_is_refused(data: st.DataObject):
    content = bytearray(CONTENT)
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(NotGenuine):
        read_filter(bytes(content), KEY.public)


@given(st.data())
def test_a_file_cut_short_or_with_something_after_it_is_refused(data: st.DataObject):
    length = data.draw(st.integers(0, len(CONTENT) - 1))
    more = data.draw(st.binary(min_size=1, max_size=8))

    for content in (CONTENT[:length], CONTENT + more):
        with pytest.raises(NotGenuine):
            read_filter(content, KEY.public)


CONTENT = the_file()


def forged(**members: Any) -> bytes:
    """A file whose head was changed and signed again, by the platform itself."""
    length = int.from_bytes(CONTENT[4:8])
    said = {**json.loads(CONTENT[8 : 8 + length]), **members}
    text = canonical(said)
    signature = KEY._key().sign(b"minxin:list.filter:1\n" + text)
    return b"MXLF" + len(text).to_bytes(4) + text + signature + CONTENT[8 + length + 64 :]


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"version": 2}, id="a newer version"),
        pytest.param({"segments": 10**6}, id="more segments than there are"),
        pytest.param({"person_cost": 40}, id="a cost that would hold up the desk"),
        pytest.param({"day_key": "AA"}, id="a short key"),
        pytest.param({"day_key": "?"}, id="no key"),
        pytest.param({"on": "2026-13-01"}, id="no day"),
        pytest.param({"lists": []}, id="no lists"),
        pytest.param({"members": -1}, id="a count below nothing"),
        pytest.param({"number": True}, id="a number that is none"),
        pytest.param({"colour": "red"}, id="a member too many"),
    ],
)
def test_a_signed_file_that_lies_of_itself_is_refused(members: dict[str, Any]):
    with pytest.raises(NotGenuine, match="misshapen"):
        read_filter(forged(**members), KEY.public)


def test_another_platforms_file_and_another_file_are_told_apart():
    with pytest.raises(NotGenuine, match="signature_invalid"):
        read_filter(CONTENT, SigningKey.generate().public)
    with pytest.raises(NotGenuine, match="not_published"):
        read_filter(b"PK\x03\x04")
    with pytest.raises(NotGenuine, match="misshapen"):
        read_filter(b"MXLF" + (2**31).to_bytes(4) + os.urandom(100))


def test_what_is_worked_out_for_one_day_does_not_serve_for_another():
    assert member("B01", "legal", USCC) != member("B01", "person", USCC)
    assert CONTENT[-600:] != the_file(day_key=b"e" * 16)[-600:]
