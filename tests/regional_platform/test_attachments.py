"""Attachments: known by their digest, chunk by chunk, counted as they come, kept for each unit on its own."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from regional_platform.housekeeping import sweep
from regional_platform.settings import Limits
from regional_platform.store.tables import upload, upload_part
from tests.databases import on_a_file

LARGE = bytes(range(256)) * 12_000  # three parts
PAPER = {"name": "决定书.pdf", "media_type": "application/pdf"}


@pytest.fixture
def served(shared):
    return shared


def begin(desk, content, **changed):
    said = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), **PAPER, **changed}
    return desk.call("POST", "/v1/uploads", json=said)


def refused(answer, tools):
    return answer.status_code, tools.code_of(answer.json())


def test_what_was_put_comes_back_with_its_name_and_type(desk):
    sha256 = desk.put(LARGE, most=700_001, **PAPER)
    path, again = f"/v1/attachments/{sha256}", begin(desk, LARGE)
    got, asked = desk.call("GET", path), desk.call("HEAD", path)

    assert (again.status_code, again.json()) == (200, {"upload_id": None, "offset": len(LARGE)})
    assert got.content == LARGE
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["Content-Length"] == str(len(LARGE))
    assert asked.headers["Content-Type"] == "application/pdf"
    assert "%E5%86%B3%E5%AE%9A%E4%B9%A6.pdf" in got.headers["Content-Disposition"]
    assert got.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("content", [b"x", bytes(1_048_576), bytes(1_048_577)])
def test_every_size_comes_back_whole(desk, content):
    assert desk.call("GET", f"/v1/attachments/{desk.put(content)}").content == content


def test_a_piece_comes_alone_and_what_is_no_piece_of_it_is_the_whole(desk):
    content = bytes(range(256)) * 5000  # more than one part
    sha256 = desk.put(content)

    for first, last in ((0, 0), (1_048_570, 1_048_580), (5, len(content) + 9)):
        piece = desk.call("GET", f"/v1/attachments/{sha256}", headers={"Range": f"bytes={first}-{last}"})
        assert (piece.status_code, piece.content) == (206, content[first : last + 1])
        end = first + len(piece.content) - 1
        assert piece.headers["content-range"] == f"bytes {first}-{end}/{len(content)}"
    for other in (
        "bytes=9-3",
        f"bytes={len(content)}-{len(content)}",
        "bytes=-5",
        "bytes=0-1,3-4",
        "lines=1-2",
    ):
        whole = desk.call("GET", f"/v1/attachments/{sha256}", headers={"Range": other})
        assert (whole.status_code, whole.content) == (200, content)


def test_an_upload_that_was_cut_goes_on_where_it_stopped_at_whichever_desk_of_the_unit(served, desk):
    content = b"cut at every chunk " * 30
    begun = begin(desk, content)
    upload_id, second = begun.json()["upload_id"], served.desk()
    assert (begun.status_code, begun.headers["Location"]) == (201, f"/v1/uploads/{upload_id}")

    for at in range(0, len(content), 100):
        asker = (desk, second)[at // 100 % 2]
        asked = asker.call("HEAD", f"/v1/uploads/{upload_id}")
        assert (asked.headers["Upload-Offset"], asked.headers["Upload-Length"]) == (
            str(at),
            str(len(content)),
        )
        assert begin(asker, content).json() == {"upload_id": upload_id, "offset": at}
        kept = asker.chunk(upload_id, at, content[at : at + 100])
        assert (kept.status_code, kept.headers["Upload-Offset"]) == (204, str(min(at + 100, len(content))))

    assert desk.call("HEAD", f"/v1/uploads/{upload_id}").status_code == 404
    sha256 = hashlib.sha256(content).hexdigest()
    assert second.call("GET", f"/v1/attachments/{sha256}").content == content


def test_a_chunk_at_another_place_is_not_taken_and_the_right_one_is_said(desk, tools):
    content = b"the right offset"
    upload_id = begin(desk, content).json()["upload_id"]
    desk.chunk(upload_id, 0, content[:9])

    for at, chunk in ((0, content[:9]), (3, b"x"), (10, b"x"), (9, content[9:] + b"more")):
        answer = desk.chunk(upload_id, at, chunk)
        assert refused(answer, tools) == (409, "offset-differs")
        assert (answer.json()["offset"], answer.headers["Upload-Offset"]) == (9, "9")
    assert desk.chunk(upload_id, 9, content[9:]).status_code == 204


def test_a_damaged_chunk_is_not_taken_and_can_be_sent_again(desk, tools):
    content = b"what was meant"
    upload_id = begin(desk, content).json()["upload_id"]
    wrong = {"Content-Digest": "sha-256=:" + "A" * 43 + "=:"}

    assert refused(desk.chunk(upload_id, 0, content, headers=wrong), tools) == (422, "batch-digest-mismatch")
    for headers in ({"Content-Digest": None}, {"Content-Digest": "md5=:AA==:"}, {"Upload-Offset": "-1"}):
        assert refused(desk.chunk(upload_id, 0, content, headers=headers), tools) == (400, "malformed")
    other = desk.chunk(upload_id, 0, content, headers={"Content-Type": "application/pdf"})
    assert refused(other, tools) == (415, "unsupported-media")
    assert desk.chunk(upload_id, 0, content).status_code == 204


def test_bytes_that_do_not_fit_the_digest_of_the_whole_are_dropped(desk, tools):
    upload_id = begin(desk, b"other", sha256="0" * 64).json()["upload_id"]

    assert refused(desk.chunk(upload_id, 0, b"other"), tools) == (422, "attachment-mismatch")
    assert refused(desk.chunk(upload_id, 0, b"other"), tools) == (404, "upload-unknown")
    assert desk.call("HEAD", f"/v1/attachments/{'0' * 64}").status_code == 404
    assert begin(desk, b"other", sha256="0" * 64).json()["upload_id"] != upload_id


def test_another_size_for_the_same_digest_begins_anew(desk):
    first = begin(desk, b"sizes").json()["upload_id"]
    desk.chunk(first, 0, b"si")
    second = begin(desk, b"sizes", size=6).json()

    assert (second["offset"], second["upload_id"] != first) == (0, True)
    assert begin(desk, b"sizes").json()["offset"] == 0


def test_a_unit_does_not_learn_what_another_has_or_is_sending(served, desk, tools):
    other = served.desk("350600-01")
    sha256, upload_id = desk.put(b"ours"), begin(desk, b"ours too").json()["upload_id"]

    assert other.call("HEAD", f"/v1/attachments/{sha256}").status_code == 404
    assert other.call("HEAD", f"/v1/uploads/{upload_id}").status_code == 404
    assert refused(other.call("GET", f"/v1/attachments/{sha256}"), tools) == (404, "attachment-unknown")
    assert refused(other.chunk(upload_id, 0, b"ours too"), tools) == (404, "upload-unknown")
    assert begin(other, b"ours").status_code == 201


def test_an_upload_that_nobody_goes_on_with_is_swept_after_a_week(alone):
    desk = alone.desk()
    for n in range(3):
        upload_id = begin(desk, b"left %d" % n).json()["upload_id"]
        desk.chunk(upload_id, 0, b"left")
    begin(desk, b"younger")
    later = alone.clock() + timedelta(days=7)
    with alone.platform.store.writing() as connection:
        connection.execute(upload.update().where(upload.c.size_bytes == 7).values(touched_at="9"))

    with alone.platform.store.writing() as connection:
        gone = [sweep(connection, later)["uploads"] for _ in range(2)]
        left = [
            connection.execute(select(func.count()).select_from(one)).scalar_one()
            for one in (upload, upload_part)
        ]
    assert (gone, left) == ([3, 0], [1, 0])


@pytest.fixture
def small_served(tmp_path, seeded_platform, tools):
    """A platform that takes attachments of up to 1,000 bytes."""
    yield from tools.serving(tmp_path / "small", seeded_platform, Limits(attachment_bytes=1_000))


def test_an_attachment_over_the_limit_is_refused_before_it_comes(small_served, tools):
    desk = small_served.desk()

    assert refused(begin(desk, bytes(1_001)), tools) == (413, "batch-too-large")
    assert desk.call("HEAD", f"/v1/attachments/{desk.put(bytes(1_000))}").status_code == 200


@on_a_file
def test_a_chunk_over_the_limit_stops_at_the_limit(desk, tools):
    upload_id = begin(desk, bytes(3_000_000)).json()["upload_id"]
    headers = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0",
               "Content-Digest": "sha-256=:" + "A" * 43 + "=:"}  # fmt: skip
    streamed = desk.call(
        "PATCH", f"/v1/uploads/{upload_id}", data=(bytes(100_000) for _ in range(15)), headers=headers
    )

    assert refused(streamed, tools) == (413, "batch-too-large")
    assert refused(desk.chunk(upload_id, 0, bytes(1_048_577)), tools) == (413, "batch-too-large")


@on_a_file
@pytest.mark.parametrize(
    "changed",
    [{"media_type": "text/html; charset=utf-8<script>"}, {"media_type": "nonsense"}, {"size": 0},
     {"size": 52_428_801}, {"name": ""}, {"sha256": "x"}],
)  # fmt: skip
def test_what_an_attachment_cannot_be_is_malformed(desk, tools, changed):
    assert refused(begin(desk, b"x", **changed), tools) == (400, "malformed")
