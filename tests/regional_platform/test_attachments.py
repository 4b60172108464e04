"""Attachments: known by their digest, counted as they come, kept for each unit on its own."""

from __future__ import annotations

import hashlib

import pytest

from regional_platform.settings import Limits

LARGE = bytes(range(256)) * 12_000  # three parts


def put(desk, content, **more):
    sha256 = hashlib.sha256(content).hexdigest()
    return desk.call("PUT", f"/v1/attachments/{sha256}", data=content, **more)


def test_what_was_put_comes_back_with_its_name_and_type(desk):
    headers = {"X-Name": "%E5%86%B3%E5%AE%9A%E4%B9%A6.pdf", "Content-Type": "application/pdf"}
    first, again = put(desk, LARGE, headers=headers), put(desk, LARGE, headers=headers)
    path = f"/v1/attachments/{first.json()['sha256']}"
    got, asked = desk.call("GET", path), desk.call("HEAD", path)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == {"sha256": hashlib.sha256(LARGE).hexdigest(), "size": len(LARGE)}
    assert got.content == LARGE
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["Content-Length"] == str(len(LARGE))
    assert asked.headers["Content-Type"] == "application/pdf"
    assert "%E5%86%B3%E5%AE%9A%E4%B9%A6.pdf" in got.headers["Content-Disposition"]


@pytest.mark.parametrize("content", [b"", b"x", bytes(1_048_576), bytes(1_048_577)])
def test_every_size_comes_back_whole(desk, content):
    sha256 = put(desk, content).json()["sha256"]

    assert desk.call("GET", f"/v1/attachments/{sha256}").content == content


def test_bytes_that_do_not_fit_the_digest_are_refused(desk, tools):
    answer = desk.call("PUT", f"/v1/attachments/{'0' * 64}", data=b"other")

    assert (answer.status_code, tools.code_of(answer.json())) == (422, "attachment-mismatch")
    assert desk.call("HEAD", f"/v1/attachments/{'0' * 64}").status_code == 404


def test_a_unit_does_not_learn_what_another_has(served, desk):
    other = served.desk("350600-01")
    sha256 = put(desk, b"ours").json()["sha256"]

    assert other.call("HEAD", f"/v1/attachments/{sha256}").status_code == 404
    assert put(other, b"ours").status_code == 201


@pytest.fixture
def small_served(tmp_path, seeded_platform, tools):
    """A platform that takes attachments of up to 1,000 bytes."""
    yield from tools.serving(tmp_path / "small", seeded_platform, Limits(attachment_bytes=1_000))


def test_an_attachment_over_the_limit_stops_at_the_limit(small_served, tools):
    desk = small_served.desk()
    announced = put(desk, bytes(1_001))
    streamed = desk.call("PUT", f"/v1/attachments/{'0' * 64}", data=(bytes(100) for _ in range(15)))

    assert put(desk, bytes(1_000)).status_code == 201
    for answer in (announced, streamed):
        assert (answer.status_code, tools.code_of(answer.json())) == (413, "batch-too-large")


def test_a_media_type_that_is_none_is_not_echoed(desk):
    sha256 = put(desk, b"x", headers={"Content-Type": "text/html; charset=utf-8<script>"}).json()["sha256"]
    other = put(desk, b"y", headers={"Content-Type": "nonsense"}).json()["sha256"]

    assert desk.call("HEAD", f"/v1/attachments/{sha256}").headers["Content-Type"] == "text/html"
    assert desk.call("HEAD", f"/v1/attachments/{other}").headers["Content-Type"] == "application/octet-stream"
    assert desk.call("GET", f"/v1/attachments/{sha256}").headers["X-Content-Type-Options"] == "nosniff"
