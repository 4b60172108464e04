"""Evidence comes down piece by piece and is sealed as it comes; nothing is kept unless all of it is right."""

from __future__ import annotations

import itertools
import tracemalloc

import pytest

from client.core.records import Attachment
from client.errors import LinkError
from client.store import attachments
from client.sync import fetching
from client.sync.api import Platform
from client.sync.wire import Pinned, Reply
from forms.seal.canonical import digest

MB = 1024 * 1024
CONTENT = bytes(range(256)) * 400  # pieces of 16, 32 and what is left


class Shelf:
    """A platform that has one attachment, and now and then no line."""

    def __init__(self, content, *fates):
        self._content, self._fates, self.asked = content, iter(fates), []

    def exchange(self, request):
        first, last = map(int, request.headers["Range"].removeprefix("bytes=").split("-"))
        self.asked.append((first, last + 1 - first))
        fate = next(self._fates, "fine")
        if fate == "cut":
            raise LinkError("timeout")
        piece = self._content[first : last + 1]
        return Reply(206, {"x-minxin-server": "p"}, piece[:-1] if fate == "short" else piece)


def coming(shelf, content, **how):
    about = Attachment(digest(content), len(content), "决定书.pdf", "application/pdf")
    platform = Platform(shelf, Pinned("p", ""), lambda: "token")
    return fetching.pieces_of(platform, about, **{"timer": itertools.count(0, 0.1).__next__, **how})


@pytest.mark.parametrize("fate", ["cut", "short"])
def test_after_a_cut_the_same_piece_is_asked_for_again(fate):
    shelf = Shelf(CONTENT, "fine", fate)

    assert b"".join(coming(shelf, CONTENT)) == CONTENT
    assert shelf.asked == [
        (0, 16_384),
        (16_384, 32_768),
        (16_384, 16_384),
        (32_768, 32_768),
        (65_536, 36_864),
    ]


def test_a_line_that_stays_away_is_left_to_who_asked():
    shelf = Shelf(CONTENT, *["cut"] * 9)

    with pytest.raises(LinkError, match="timeout"):
        list(coming(shelf, CONTENT))
    assert len(shelf.asked) == 4


def test_other_bytes_than_the_digest_names_are_not_kept(office):
    come = coming(Shelf(bytes(len(CONTENT))), CONTENT)

    with pytest.raises(LinkError, match="not_ours"):
        attachments.keep(office.desk, come, name="a.pdf", media_type="application/pdf")
    assert attachments.find(office.desk.db.reader(), digest(CONTENT)) is None
    assert list((office.folder / attachments.FOLDER).iterdir()) == []


def test_it_is_stopped_between_two_pieces_and_nothing_is_kept(office):
    stops = iter([False, False, True])
    come = coming(Shelf(CONTENT), CONTENT, cancelled=lambda: next(stops))

    with pytest.raises(fetching.Stopped):
        attachments.keep(office.desk, come, name="a.pdf", media_type="application/pdf")
    assert list((office.folder / attachments.FOLDER).iterdir()) == []


def test_what_comes_is_never_whole_in_memory(office):
    content = bytes(9 * MB)
    come = coming(Shelf(content), content)

    tracemalloc.start()
    kept = attachments.keep(office.desk, come, name="a.pdf", media_type="application/pdf")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert attachments.read(office.desk, kept.sha256) == content
    assert peak < 6 * MB
