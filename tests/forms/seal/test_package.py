"""An exchange package is taken whole, by the one it is for, or not at all; and the reason has a name."""

from __future__ import annotations

import io
import json
import resource
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.seal import package_stream
from forms.seal.canonical import canonical
from forms.seal.keys import SigningKey
from forms.seal.package import Header, PackageError, PackageKey, check_code, key_id
from forms.seal.package_parts import open_package, part_path, put_on_stick
from forms.seal.package_stream import USUAL, Bounds, Entry, Package, write_package

DESK, CLERK = SigningKey(bytes(range(32))), SigningKey(bytes(range(1, 33)))
PLATFORM, STRANGER = PackageKey.derived(b"platform" * 4), PackageKey.derived(b"stranger" * 4)
HEADER = Header(
    package_id="01936d9e-7c1a-7cc3-8a4e-0d5b5c1c2f3a", way="up",
    device_id="5e0f3f55-6a0c-4a6b-9b0a-6f3c0f4c7f11", server_id="mx-0123456789abcdef", package_seq=3,
    prev_sha256="0" * 64, recipient_key=PLATFORM.key_id, reply_key=STRANGER.public, ack_of=None,
    created_at="2026-11-24T08:00:00.000Z", expires_at="2026-12-24T08:00:00.000Z",
)  # fmt: skip
SOME = (
    Entry({"kind": "approval", "id": "a1"}, b'{"digests":[]}'),
    Entry({"kind": "attachment", "name": "决定书.pdf"}, bytes(range(256)) * 10),
    Entry({"kind": "batch", "id": "b1"}, b'{"items":[]}' * 50),
)


class Bytes(io.BytesIO):
    def rewind(self) -> None:
        self.seek(0)


def written(entries: Iterable[Entry] = SOME, header: Header = HEADER, to: PackageKey = PLATFORM) -> bytes:
    out = io.BytesIO()
    write_package(out, header, entries, to=to.public, sender=DESK, by="u17", signer=CLERK)
    return out.getvalue()


def taken(whole: bytes, key: PackageKey = PLATFORM, bounds: Bounds = USUAL) -> list[Entry]:
    """Read a package as both sides do: header, then all of it, then the seal."""
    package = Package(Bytes(whole))
    package.sealed.require_sender(DESK.public)
    entries = list(package.walk(key, bounds))
    if not package.seal.proves(CLERK.public):
        raise PackageError("package_forged")
    return entries


def refusal(whole: bytes, key: PackageKey = PLATFORM, bounds: Bounds = USUAL) -> str:
    with pytest.raises(PackageError) as refused:
        taken(whole, key, bounds)
    return refused.value.code


PACKAGE = written()


def test_what_was_put_in_comes_out_byte_for_byte_and_in_order():
    assert taken(PACKAGE) == list(SOME)


def test_what_is_given_in_pieces_is_the_same_package_inside_and_must_have_its_size():
    pieces = [Entry(one.about, pieces=(len(one.content), [one.content[:7], one.content[7:]])) for one in SOME]
    assert taken(written(pieces)) == list(SOME)
    with pytest.raises(ValueError, match="1"):
        written([Entry({"kind": "x"}, pieces=(3, [b"ab"]))])


def test_the_header_tells_nothing_of_anybody_and_the_content_cannot_be_seen():
    assert b"u17" not in PACKAGE
    assert "决定书".encode() not in PACKAGE
    assert b"digests" not in PACKAGE


@settings(max_examples=60)
@given(st.integers(0, len(PACKAGE) - 1))
def test_cut_anywhere_it_is_refused(length: int):
    assert refusal(PACKAGE[:length]) in {"package_truncated", "package_damaged"}


@settings(max_examples=200)
@given(st.integers(0, len(PACKAGE) * 8 - 1))
def test_with_any_bit_flipped_it_is_refused(bit: int):
    flipped = bytearray(PACKAGE)
    flipped[bit // 8] ^= 1 << bit % 8

    assert refusal(bytes(flipped)) in {
        "package_truncated", "package_damaged", "package_forged", "package_for_another",
        "package_unknown_format",
    }  # fmt: skip


def test_every_bit_of_a_signature_counts():
    """The text of a signature has four bits to spare; a second way to write it would be a second package."""
    end = PACKAGE.index(b'"sig":"') + 7 + 85
    for bit in range(8):
        flipped = bytearray(PACKAGE)
        flipped[end] ^= 1 << bit
        assert refusal(bytes(flipped)) in {"package_forged", "package_damaged"}


def chunks_of(whole: bytes) -> tuple[bytes, list[bytes]]:
    """Take a package apart: what stands before the chunks, and the chunks."""
    at = 4 + int.from_bytes(whole[:4], "big")
    head, chunks = whole[:at], []
    while at < len(whole):
        length = int.from_bytes(whole[at : at + 4], "big") + 5
        chunks.append(whole[at : at + length])
        at += length
    return head, chunks


@pytest.fixture
def in_small_chunks(monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, list[bytes]]:
    monkeypatch.setattr(package_stream, "CHUNK_BYTES", 64)
    head, chunks = chunks_of(written())
    assert len(chunks) > 4
    return head, chunks


def test_chunks_that_are_swapped_doubled_dropped_or_cut_off_are_found_out(in_small_chunks):
    head, chunks = in_small_chunks
    first, second, *rest = chunks
    for wrong in (
        [second, first, *rest],
        [first, first, second, *rest],
        [first, *rest],
        chunks[:-1],
        [*chunks, chunks[-1]],
        [*chunks[:-1], chunks[-1][:4] + b"\0" + chunks[-1][5:]],
    ):
        assert refusal(head + b"".join(wrong)) in {"package_damaged", "package_truncated"}


def test_content_of_another_package_does_not_fit_under_this_header():
    head, _ = chunks_of(written())
    _, others = chunks_of(written(header=replace(HEADER, package_seq=4)))

    assert refusal(head + b"".join(others)) == "package_damaged"


def test_only_the_recipient_can_open_it():
    assert refusal(PACKAGE, STRANGER) == "package_for_another"
    misled = written(header=replace(HEADER, recipient_key=key_id(STRANGER.public)))
    assert refusal(misled, STRANGER) == "package_damaged"


def test_it_is_of_the_desk_and_of_the_person_who_say_so():
    package = Package(Bytes(PACKAGE))
    with pytest.raises(PackageError, match="package_forged"):
        package.sealed.require_sender(CLERK.public)
    list(package.walk(PLATFORM))
    assert package.seal.by == "u17"
    assert not package.seal.proves(DESK.public)


def test_a_package_whose_time_is_over_is_refused():
    package = Package(Bytes(PACKAGE))
    package.sealed.require_fresh("2026-12-24T07:59:59.999Z")

    with pytest.raises(PackageError, match="package_expired"):
        package.sealed.require_fresh("2026-12-24T08:00:00.000Z")


def test_more_than_ten_thousand_entries_are_refused():
    three = written(Entry({"kind": "x"}) for _ in range(3))

    assert len(taken(three, bounds=Bounds(entries=3))) == 3
    assert refusal(three, bounds=Bounds(entries=2)) == "package_too_many"
    assert refusal(written(Entry({}) for _ in range(10_001))) == "package_too_many"


def test_a_bomb_costs_no_more_than_the_bound():
    bomb = written([Entry({"kind": "x"}, bytes(20_000_000))])
    assert len(bomb) < 100_000

    assert refusal(bomb, bounds=Bounds(entry_bytes=1_000_000)) == "package_too_large"
    assert refusal(bomb, bounds=Bounds(unpacked_bytes=2_000_000)) == "package_too_large"


def test_what_follows_the_seal_is_refused(monkeypatch: pytest.MonkeyPatch):
    """Whoever may write packages may still write nonsense: it is refused, too."""
    packer = package_stream._Packer

    class Talkative(packer):
        def end(self) -> None:
            self.add(b"more")
            super().end()

    class Careless(packer):
        def end(self) -> None:
            self._packer = zlib.compressobj(0)  # begins a second stream behind an unfinished first
            super().end()

    for wrong in (Talkative, Careless):
        monkeypatch.setattr(package_stream, "_Packer", wrong)
        assert refusal(written()) == "package_damaged"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        pytest.param({"format": "mxp/2"}, "package_unknown_format", id="a newer format"),
        pytest.param({"suite": "rot13"}, "package_unknown_format", id="another suite"),
        pytest.param({"package_seq": 0}, "package_damaged", id="no number"),
        pytest.param({"device_id": "../../etc"}, "package_damaged", id="no id"),
        pytest.param({"more": 1}, "package_damaged", id="an unknown member"),
        pytest.param({"way": "sideways"}, "package_damaged", id="no way"),
    ],
)
def test_a_header_of_another_shape_is_refused(changed, code):
    head, chunks = chunks_of(PACKAGE)
    raw = canonical({**json.loads(head[4:]), **changed})

    assert refusal(len(raw).to_bytes(4, "big") + raw + b"".join(chunks)) == code


def test_the_code_to_compare_has_twelve_digits():
    assert check_code("00" * 32) == "0000-0000-0000"
    assert check_code("00" * 29 + "ffffff") == "0000-1677-7215"


# --- on a stick


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    path = tmp_path / "spool"
    path.write_bytes(PACKAGE)
    return path


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick" / "厦样.mxp"


def from_stick(path: Path) -> list[Entry]:
    with open_package(path) as package:
        return list(package.walk(PLATFORM))


def names(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir())


def test_one_file_or_many_parts_are_the_same_package(spool: Path, stick: Path):
    put_on_stick(spool, HEADER.package_id, stick)
    assert from_stick(stick) == list(SOME)

    parts = put_on_stick(spool, HEADER.package_id, stick.with_name("teile.mxp"), part_bytes=400)
    assert len(parts) > 3
    for any_of_them in (parts[0], parts[2], parts[-1], stick.with_name("teile.mxp")):
        assert from_stick(any_of_them) == list(SOME)


def test_parts_are_found_by_what_they_are_and_not_by_their_names(spool: Path, stick: Path):
    parts = put_on_stick(spool, HEADER.package_id, stick, part_bytes=400)
    for number, part in enumerate(reversed(parts)):
        part.rename(part.with_name(f"副本 ({number}).mxp"))
    (stick.parent / "别的.mxp").write_bytes(b"x")

    assert from_stick(stick.parent / "副本 (1).mxp") == list(SOME)


def test_a_part_that_is_missing_is_named_and_can_be_written_again_alone(spool: Path, stick: Path):
    parts = put_on_stick(spool, HEADER.package_id, stick, part_bytes=400)
    parts[2].unlink()

    with pytest.raises(PackageError) as refused:
        from_stick(parts[0])
    put_on_stick(spool, HEADER.package_id, stick, part_bytes=400, from_part=3)

    assert (refused.value.code, refused.value.params) == (
        "package_part_missing", {"part": 3, "parts": len(parts)},
    )  # fmt: skip
    assert from_stick(parts[0]) == list(SOME)


def test_parts_of_two_packages_do_not_mix(spool: Path, stick: Path, tmp_path: Path):
    parts = put_on_stick(spool, HEADER.package_id, stick, part_bytes=400)
    other = tmp_path / "other"
    other.write_bytes(written())
    foreign = put_on_stick(other, HEADER.package_id, tmp_path / "other.mxp", part_bytes=400)
    foreign[1].replace(parts[1])

    with pytest.raises(PackageError, match="package_damaged"):
        from_stick(parts[0])


def test_with_any_byte_of_its_prefix_changed_a_file_is_refused(spool: Path, stick: Path):
    (path,) = put_on_stick(spool, HEADER.package_id, stick)
    whole, codes = path.read_bytes(), set()
    for place in range(24):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        path.write_bytes(changed)
        with pytest.raises(PackageError) as refused:
            from_stick(path)
        codes.add(refused.value.code)

    assert codes == {"not_a_package", "package_damaged", "package_part_missing"}


@pytest.mark.parametrize("content", [b"", b"MXP", b"PK\x03\x04" + bytes(100), bytes(24)])
def test_what_is_no_package_is_called_so(stick: Path, content: bytes):
    stick.write_bytes(content)

    with pytest.raises(PackageError, match="not_a_package"):
        from_stick(stick)


@pytest.fixture
def little_room() -> Iterator[None]:
    """No file of this process grows beyond 1,000 bytes: what a full stick says."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_stick_that_is_full_is_named_with_the_part_that_did_not_fit(spool: Path, stick: Path, little_room):
    assert len(PACKAGE) > 1_000

    with pytest.raises(PackageError) as refused:
        put_on_stick(spool, HEADER.package_id, stick)
    parts = put_on_stick(spool, HEADER.package_id, stick, part_bytes=900)

    assert (refused.value.code, refused.value.params) == ("stick_full", {"part": 1, "parts": 1})
    assert names(stick) == [part_path(stick, n + 1, len(parts)).name for n in range(len(parts))]


def test_what_was_there_stays_when_the_writing_is_given_up(spool: Path, stick: Path):
    put_on_stick(spool, HEADER.package_id, stick)

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        put_on_stick(spool, HEADER.package_id, stick, told=stop)

    assert names(stick) == [stick.name]
    assert from_stick(stick) == list(SOME)
