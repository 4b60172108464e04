from __future__ import annotations

import hashlib
import stat
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from client.errors import FileRefused, StoreError
from client.store import attachments
from client.store.desk import Desk

MB = 1024 * 1024


def a_file(folder: Path, content: bytes, name: str = "处罚决定书.pdf") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def sealed_file(desk: Desk) -> Path:
    (path,) = (desk.profile / attachments.FOLDER).iterdir()
    return path


@pytest.mark.parametrize("size", [1, MB - 1, MB, MB + 1, 3 * MB, 3 * MB + 7])
def test_what_is_taken_in_comes_out_the_same(desk: Desk, tmp_path: Path, size: int):
    content = (b"0123456789abcdef" * (size // 16 + 1))[:size]

    kept = attachments.add(desk, a_file(tmp_path, content))

    assert attachments.read(desk, kept.sha256) == content
    assert (kept.size_bytes, kept.name, kept.media_type) == (size, "处罚决定书.pdf", "application/pdf")
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert attachments.find(desk.db.reader(), kept.sha256) == kept


def test_nothing_of_it_can_be_read_from_the_disk(desk: Desk, tmp_path: Path):
    kept = attachments.add(desk, a_file(tmp_path, "处罚决定书正文".encode() * 1000))

    path = sealed_file(desk)
    assert "处罚决定书".encode() not in path.read_bytes()
    assert kept.sha256 not in path.name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_file_again_is_the_same_attachment(desk: Desk, tmp_path: Path):
    first = attachments.add(desk, a_file(tmp_path, b"same"))
    second = attachments.add(desk, a_file(tmp_path, b"same", "另一个名字.pdf"))

    assert first.sha256 == second.sha256
    assert len(list((desk.profile / attachments.FOLDER).iterdir())) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "attachment_empty"), (b"x" * (50 * MB + 1), "attachment_too_large")],
    ids=["empty", "larger than 50 MB"],
)
def test_an_empty_or_too_large_file_is_refused_and_leaves_nothing(
    desk: Desk, tmp_path: Path, content: bytes, code: str
):
    with pytest.raises(FileRefused, match=code):
        attachments.add(desk, a_file(tmp_path, content))

    folder = desk.profile / attachments.FOLDER
    assert not folder.exists() or not list(folder.iterdir())


def test_a_file_that_is_not_there_is_refused(desk: Desk, tmp_path: Path):
    with pytest.raises(FileRefused, match="attachment_unreadable"):
        attachments.add(desk, tmp_path / "gone.pdf")
    with pytest.raises(FileRefused, match="attachment_folder"):
        attachments.add(desk, tmp_path)


def test_taking_in_says_how_far_it_is(desk: Desk, tmp_path: Path):
    said: list[int] = []

    attachments.add(desk, a_file(tmp_path, b"x" * (3 * MB)), said.append)

    assert said == sorted(said)
    assert said[-1] <= 100
    assert len(said) > 3


def test_a_large_file_is_taken_in_read_and_opened_a_chunk_at_a_time(desk: Desk, tmp_path: Path):
    path = tmp_path / "扫描件.pdf"
    with path.open("wb") as file:
        file.truncate(24 * MB)
    tracemalloc.start()
    kept = attachments.add(desk, path)
    with attachments.Pieces(desk, kept.sha256) as pieces:
        assert pieces.read(23 * MB + 5, MB) == bytes(MB - 5)
    copy = attachments.open_copy(desk, kept.sha256)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert copy.stat().st_size == kept.size_bytes == 24 * MB
    assert most < 8 * MB


def test_what_turns_out_too_large_while_it_is_read_leaves_nothing(desk: Desk):
    with pytest.raises(FileRefused, match="attachment_too_large"):
        attachments.keep(desk, (bytes(MB) for _ in range(60)), name="a.pdf", media_type="")

    assert list((desk.profile / attachments.FOLDER).iterdir()) == []


CHUNK = MB + 16
START = 4 + 16


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[:-1],
        lambda raw: raw[: START + CHUNK],
        lambda raw: raw[: START + 5],
        lambda raw: raw[:0],
        lambda raw: raw[:100] + bytes([raw[100] ^ 1]) + raw[101:],
        lambda raw: raw[:START] + raw[START + CHUNK : -26] + raw[START : START + CHUNK] + raw[-26:],
        lambda raw: raw[:10] + bytes([raw[10] ^ 1]) + raw[11:],
        lambda raw: b"ZIP!" + raw[4:],
    ],
    ids=["end gone", "cut after a chunk", "cut early", "empty", "one bit", "chunks swapped", "salt", "magic"],
)  # fmt: skip
def test_a_damaged_file_is_told_from_a_whole_one(desk: Desk, tmp_path: Path, damage: Any):
    kept = attachments.add(desk, a_file(tmp_path, bytes(range(256)) * (2 * MB // 256 + 10)))
    path = sealed_file(desk)
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(StoreError, match="attachment_damaged"):
        attachments.read(desk, kept.sha256)


def test_a_file_that_somebody_removed_is_missing(desk: Desk, tmp_path: Path):
    kept = attachments.add(desk, a_file(tmp_path, b"evidence"))
    sealed_file(desk).unlink()

    with pytest.raises(StoreError, match="attachment_missing"):
        attachments.read(desk, kept.sha256)


def test_one_file_put_in_the_place_of_another_is_damage(desk: Desk, tmp_path: Path):
    one = attachments.add(desk, a_file(tmp_path, b"one"))
    first = sealed_file(desk)
    content = first.read_bytes()
    first.unlink()
    two = attachments.add(desk, a_file(tmp_path, b"two"))
    sealed_file(desk).write_bytes(content)

    assert one.sha256 != two.sha256
    with pytest.raises(StoreError, match="attachment_damaged"):
        attachments.read(desk, two.sha256)


def test_a_copy_to_look_at_is_gone_when_the_desk_closes(house: Any, tmp_path: Path):
    desk = house.desk
    kept = attachments.add(desk, a_file(tmp_path, b"evidence", "证据.txt"))

    copy = attachments.open_copy(desk, kept.sha256)

    assert copy.read_bytes() == b"evidence"
    assert copy.name == "证据.txt"
    assert attachments.open_copy(desk, kept.sha256) == copy
    house.close()
    assert not copy.exists()


@pytest.mark.parametrize(
    ("name", "shown"),
    [("../../etc/passwd", "passwd"), ("a\\b\\c.pdf", "c.pdf"), ("..", "attachment"), ("a:b?.pdf", "a_b_.pdf"),
     ("行\n尾.pdf", "行_尾.pdf")],
)  # fmt: skip
def test_a_name_from_elsewhere_leads_nowhere_else(desk: Desk, name: str, shown: str):
    kept = attachments.keep(desk, [b"evi", b"dence"], name=name, media_type="text/plain")

    copy = attachments.open_copy(desk, kept.sha256)

    assert copy.name == shown
    assert copy.parent.parent == desk.profile / "opened"
