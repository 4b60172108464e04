"""A set as one file: what comes out of a zip is of a set, whole and bounded, or nothing."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from forms.catalog.loader import load_set
from forms.catalog.setfile import MOST_BYTES, MOST_FILES, NotASetFile, opened, packed

KNOWN = load_set(Path(__file__).parents[3] / "resources" / "catalogs" / "2026.1")
GOOD = packed(KNOWN)
FLIPS = 200


def read(content):
    with opened(io.BytesIO(content)) as reads:
        return {name: one() for name, one in reads.items()}


def zipped(files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return made.getvalue()


def test_a_set_packed_and_opened_is_the_same_and_packed_again_gives_the_same_bytes():
    files = read(GOOD)

    assert files["set.json"] == (KNOWN.directory / "set.json").read_bytes()
    assert len(files) == 3 + len(KNOWN.entries) + len(KNOWN.code_sets)
    assert packed(KNOWN) == GOOD


def test_a_folder_around_the_set_and_what_is_not_of_a_set_do_not_matter():
    files = {"set.json": b"{}", "items/A.json": b"1", "items/../../B.json": b"2", "readme.txt": b"3"}

    assert read(zipped({f"2026.2/{name}": content for name, content in files.items()})) == {
        "set.json": b"{}", "items/A.json": b"1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "none"),
        (b"PK\x03\x04 and nothing more", "none"),
        (GOOD[: len(GOOD) // 2], "none"),
        (zipped({f"items/{n}.json": b"" for n in range(MOST_FILES + 1)}), "too_big"),
        (zipped({"items/A.json": bytes(MOST_BYTES + 1)}), "too_big"),
    ],
    ids=["empty", "only a beginning", "cut", "many files", "a bomb"],
)
def test_what_is_no_set_is_refused_by_name(content, code):
    with pytest.raises(NotASetFile) as refused:
        read(content)

    assert refused.value.code == code


def test_a_damaged_file_is_refused_and_never_raises_anything_else():
    """Bits are flipped inside one packed file: the stream breaks, or its check sum does not hold."""
    order = random.Random(350200)
    with zipfile.ZipFile(io.BytesIO(GOOD)) as package:
        one = package.getinfo("items/XZCF_FR.json")
    first = one.header_offset + 30 + len(one.filename)
    for _ in range(FLIPS):
        damaged = bytearray(GOOD)
        damaged[first + order.randrange(one.compress_size)] ^= 1 << order.randrange(8)
        with pytest.raises(NotASetFile), opened(io.BytesIO(damaged)) as reads:
            reads["items/XZCF_FR.json"]()
