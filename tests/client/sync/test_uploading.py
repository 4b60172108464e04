"""Attachments go up chunk by chunk, on a line that is cut, lies or is slow; at the real platform."""

from __future__ import annotations

import itertools
import sqlite3
import tracemalloc
from contextlib import closing
from dataclasses import replace

import pytest

from client.core.records import Attachment
from client.errors import LinkError, PlatformRefusal, StoreError
from client.store import attachments, link
from client.sync import fetching, uploading
from client.sync.api import Platform
from client.sync.wire import Pinned
from forms.seal.canonical import digest
from tests.client.sync.branch import Branch

MB = 1024 * 1024
CHUNK = uploading.LEAST_BYTES
FIVE = bytes(range(256)) * 64 * 5  # chunks of the least size


@pytest.fixture(scope="module")
def branch(shared_platform, tmp_path_factory):
    """A desk whose reporter is signed in."""
    folder, unit = tmp_path_factory.mktemp("desk"), shared_platform.unit("350200-01")
    made = Branch(folder / "desk", shared_platform.url, unit, shared_platform.seed["subjects"])
    made.open_for_business("reporter")
    yield made
    made.stand_up()


class Line:
    """A real line on which something happens to some of the chunks; counts what leaves."""

    def __init__(self, inner, *fates):
        self._inner, self._fates = inner, iter(fates)
        self.asked, self.sent_bytes = [], 0

    def exchange(self, request):
        self.asked.append(request.method)
        fate = next(self._fates, "fine") if request.method == "PATCH" else "fine"
        self.sent_bytes += len(request.body) if request.method == "PATCH" else 0
        if callable(fate):
            fate()
        if fate == "there":
            raise LinkError("no_connection")
        if fate == "damaged":
            request = replace(request, body=request.body[:-1] + bytes([request.body[-1] ^ 1]))
        reply = self._inner.exchange(request)
        if fate == "back":
            raise LinkError("timeout")
        return reply


def ticking(seconds=3.0):
    """A clock by which every chunk takes so long."""
    return itertools.count(0, seconds).__next__


def sent(branch, content, *fates, said=None, **how):
    """Send content over a line; returns the line and whether the platform has it now."""
    token = link.token(branch.desk.db.reader(), branch.desk.operator.operator_id)
    device = branch.desk.device
    line = Line(branch.transport(), *fates)
    platform = Platform(line, Pinned(device.server_id, device.server_key), lambda: token)
    about = Attachment(said or digest(content), len(content), "决定书.pdf", "application/pdf")
    read = lambda at, size: content[at : at + size]  # noqa: E731
    whole = uploading.send(platform, about, read, **{"timer": ticking(), **how})
    if whole:
        back = Platform(branch.transport(), Pinned(device.server_id, device.server_key), lambda: token)
        assert b"".join(fetching.pieces_of(back, about, timer=ticking(1))) == content
    return line


@pytest.mark.parametrize("fate", ["there", "back", "damaged"])
@pytest.mark.parametrize("n", range(5))
def test_after_a_cut_at_any_chunk_one_chunk_at_most_is_sent_again(branch, fate, n):
    content = FIVE + f"{fate} {n}".encode()

    line = sent(branch, content, *["fine"] * n, fate)

    again = 0 if fate == "back" else CHUNK
    assert line.sent_bytes == len(content) + again
    assert line.asked.count("HEAD") == 1


def test_a_line_that_is_cut_at_every_chunk_still_carries_it(branch):
    content = FIVE + b"every chunk"

    line = sent(branch, content, *["there", "back"] * 6)

    assert line.sent_bytes <= len(content) + 6 * CHUNK


def test_what_was_sent_already_is_not_sent_again(branch):
    sent(branch, FIVE)

    assert sent(branch, FIVE).asked == ["POST"]


def test_a_line_that_stays_away_leaves_it_to_who_asked_and_the_next_time_goes_on(branch):
    content = FIVE + b"later"
    with pytest.raises(LinkError, match="no_connection"):
        sent(branch, content, "fine", "fine", *["there"] * 4)

    assert sent(branch, content).sent_bytes == len(content) - 2 * CHUNK


def test_who_stops_it_goes_on_later(branch):
    content, asked = FIVE + b"stopped", iter([False, False, True])

    line = sent(branch, content, cancelled=lambda: next(asked))

    assert line.sent_bytes == 2 * CHUNK
    assert sent(branch, content).sent_bytes == len(content) - 2 * CHUNK


def test_an_upload_that_the_platform_lost_begins_anew(branch, shared_platform):
    content = FIVE + b"lost"

    def lose():
        with closing(sqlite3.connect(shared_platform.database)) as at, at:
            at.execute("DELETE FROM upload")

    line = sent(branch, content, "fine", "fine", lose)

    assert line.sent_bytes == len(content) + 3 * CHUNK


def test_a_file_that_is_not_what_it_was_is_refused_by_name(branch):
    with pytest.raises(PlatformRefusal, match="attachment_mismatch"):
        sent(branch, FIVE, said=digest(b"what it was"))


def test_chunks_grow_on_a_quick_line_and_shrink_on_a_slow_one(branch):
    content = bytes(3 * MB)

    assert len(sent(branch, content, timer=ticking(1)).asked) == 10
    sizes = [CHUNK, 2 * CHUNK, 2 * CHUNK, CHUNK, CHUNK]
    seconds = [1.9, 2.0, 5.1, 60.0]
    assert list(itertools.accumulate(seconds, uploading.next_size, initial=CHUNK)) == sizes
    assert uploading.next_size(MB, 0.0) == MB


def test_what_is_read_of_a_sealed_file_is_never_whole_in_memory(branch, tmp_path):
    content = bytes(range(256)) * 4096 * 9 + b"end"
    kept = attachments.keep(branch.desk, [content], name="大.pdf", media_type="application/pdf")
    tracemalloc.start()
    with attachments.Pieces(branch.desk, kept.sha256) as pieces:
        hashed = [digest(pieces.read(at, 700_001)) for at in range(0, len(content), 700_001)]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert pieces.read(len(content) - 2, 99) == b"nd"

    assert hashed == [digest(content[at : at + 700_001]) for at in range(0, len(content), 700_001)]
    assert peak < 5 * MB


@pytest.mark.parametrize("damage", ["flipped", "shorter", "longer"])
def test_a_sealed_file_that_was_changed_is_found_out_where_it_is_read(branch, damage):
    content = bytes(2 * MB) + damage.encode()
    folder = branch.folder / attachments.FOLDER
    before = set(folder.iterdir()) if folder.exists() else set()
    kept = attachments.keep(branch.desk, [content], name="a.pdf", media_type="application/pdf")
    (path,) = set(folder.iterdir()) - before
    sealed = path.read_bytes()
    path.write_bytes(
        {"flipped": sealed[:-1] + b"?", "shorter": sealed[:-30], "longer": sealed + b"x"}[damage]
    )

    with attachments.Pieces(branch.desk, kept.sha256) as pieces:
        assert pieces.read(0, 100) == bytes(100)
        with pytest.raises(StoreError, match="attachment_damaged"):
            pieces.read(2 * MB - 10, 100)
