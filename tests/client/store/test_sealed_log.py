"""A file of sealed frames: what is cut off, what is damage, and what a full disk leaves."""

from __future__ import annotations

import hashlib
import itertools
import os
from pathlib import Path

import pytest

from client.errors import StoreError
from client.store.sealed_log import Contents, SealedLog
from tests.client.intake.conftest import disk_of

FRAMES = (b"one", b"two" * 400, b"three")


def subkey(salt: bytes) -> bytes:
    return hashlib.sha256(b"key" + salt).digest()


def ends(path: Path) -> list[int]:
    """Where each frame ends, by the lengths that stand before them."""
    content, at, found = path.read_bytes(), 20, []
    while at < len(content):
        at += 8 + int.from_bytes(content[at : at + 4])
        found.append(at)
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    SealedLog.begin(tmp_path / "x.log", subkey, FRAMES)
    return tmp_path / "x.log"


def test_frames_come_back_in_order_and_it_grows_over_openings(path):
    for more in (b"four", b"five"):
        log, _ = SealedLog.read(path, subkey)
        log.append([more, more.upper()])

    _, contents = SealedLog.read(path, subkey)
    assert contents == Contents((*FRAMES, b"four", b"FOUR", b"five", b"FIVE"))
    assert b"three" not in path.read_bytes()


def test_a_frame_that_was_cut_anywhere_is_left_out_and_what_was_before_it_stands(path):
    whole = path.read_bytes()
    before, end = ends(path)[1:]

    for length in itertools.chain(range(before + 1, before + 12), range(before + 12, end, 7), [end - 1]):
        path.write_bytes(whole[:length])
        log, contents = SealedLog.read(path, subkey)
        assert (log, contents) == (None, Contents(FRAMES[:2], torn=True)), length
    path.write_bytes(whole[:before] + bytes(end - before))
    assert SealedLog.read(path, subkey)[1] == Contents(FRAMES[:2], torn=True), "a tail of zeros"


@pytest.mark.parametrize(
    ("offset", "left"),
    [
        pytest.param(1, FRAMES[:1], id="the length"),
        pytest.param(5, FRAMES[:1], id="its complement"),
        pytest.param(9, (FRAMES[0], FRAMES[2]), id="the nonce"),
        pytest.param(25, (FRAMES[0], FRAMES[2]), id="what it is bound to"),
        pytest.param(100, (FRAMES[0], FRAMES[2]), id="what is sealed"),
    ],
)
def test_a_flipped_bit_is_damage_and_what_lies_behind_it_is_read_where_that_can_be(path, offset, left):
    content = bytearray(path.read_bytes())
    content[ends(path)[0] + offset] ^= 4
    path.write_bytes(content)

    log, contents = SealedLog.read(path, subkey)

    assert (log, contents) == (None, Contents(left, damaged=True))


def test_frames_that_are_moved_dropped_or_of_another_file_are_damage(path, tmp_path):
    first, second, _ = ends(path)
    content = path.read_bytes()
    head, one, two, three = content[:20], content[20:first], content[first:second], content[second:]
    other = SealedLog.begin(tmp_path / "y.log", subkey, FRAMES)
    assert other.mark()[0] == 3

    for wrong in (head + two + three, head + one + three, head + one + three + two,
                  (tmp_path / "y.log").read_bytes()[:20] + one):  # fmt: skip
        path.write_bytes(wrong)
        assert SealedLog.read(path, subkey)[1].damaged


def test_another_key_reads_nothing_and_a_foreign_file_is_named(path, tmp_path):
    assert SealedLog.read(path, lambda salt: salt * 2)[1] == Contents((), damaged=True)
    (tmp_path / "z.log").write_bytes(b"PK\x03\x04" * 20)
    assert SealedLog.read(tmp_path / "z.log", subkey) == (None, Contents((), damaged=True))
    assert SealedLog.read(tmp_path / "none.log", subkey) == (None, Contents(()))


def test_a_full_disk_leaves_the_file_as_it_was_and_it_grows_again_afterwards(path):
    log, _ = SealedLog.read(path, subkey)
    before = path.read_bytes()

    with disk_of(len(before) + 1_000), pytest.raises(StoreError, match="disk_full"):
        log.append([os.urandom(700), os.urandom(700)])

    assert path.read_bytes() == before
    log.append([b"four"])
    assert SealedLog.read(path, subkey)[1] == Contents((*FRAMES, b"four"))


def test_what_is_cut_back_is_gone_and_its_place_is_used_again(path):
    log, _ = SealedLog.read(path, subkey)
    mark = log.mark()
    log.append([b"four"])
    log.cut_back(mark)
    log.append([b"five"])

    assert SealedLog.read(path, subkey)[1] == Contents((*FRAMES, b"five"))
