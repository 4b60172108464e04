import gzip
import json

import zstandard
from hypothesis import given
from hypothesis import strategies as st

from client.core.batches import Due, Envelope
from client.sync.wire import batch_body, batch_request, pack
from forms.catalog.problems import Answer
from forms.seal.canonical import canonical, digest
from forms.seal.content import Content, content_digest

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)


def an_envelope(**other):
    said = {
        "batch_id": "b1",
        "device_id": "d1",
        "device_seq": 7,
        "prev_sha256": None,
        "void": (),
        "feed_ack": 3,
        "local": "2026-11-24T16:00:00.000+08:00",
        "offset_ms": -812,
    }
    return Envelope(**{**said, **other})


def a_content(payload=None, answers=(), **other):
    return Content("r1", "v1", None, "create", "XZCF_FR@2026.1", "0" * 64, payload or {}, answers, **other)


def a_due(content, place=0):
    return Due(content.version_id, content.record_id, 2, 1, content.frozen(), "a1", place)


@given(
    st.dictionaries(
        TEXT, st.one_of(TEXT, st.integers(-(2**53) + 1, 2**53 - 1), st.lists(TEXT, max_size=3)), max_size=4
    ),
    st.lists(st.builds(Answer, TEXT, TEXT, TEXT), max_size=3),
)
def test_a_body_is_canonical_and_says_of_each_version_what_was_frozen(payload, answers):
    content = a_content(payload, answers)

    body = batch_body(an_envelope(), [a_due(content, 4), a_due(content, 5)])

    said = json.loads(body)
    assert canonical(said) == body
    assert [item.pop("approval") for item in said["items"]] == [
        {"id": "a1", "place": 4},
        {"id": "a1", "place": 5},
    ]
    assert [content_digest(item) for item in said["items"]] == [digest(content.frozen())] * 2


def test_a_body_names_its_place_in_the_chain_and_what_it_replaces():
    body = batch_body(an_envelope(prev_sha256="f" * 64, void=["b0"]), [a_due(a_content())])

    said = json.loads(body)
    del said["items"]
    assert said == {
        "protocol": 1,
        "batch_id": "b1",
        "device_id": "d1",
        "device_seq": 7,
        "prev_batch_sha256": "f" * 64,
        "void": ["b0"],
        "feed_ack": 3,
        "clock": {"local": "2026-11-24T16:00:00.000+08:00", "offset_ms": -812},
    }


def test_a_body_is_packed_as_the_platform_understands_it():
    body = b"x" * 10_000

    zstd, gz, plain = pack(body, ("gzip", "zstd")), pack(body, ("gzip",)), pack(body, ("br",))

    assert (zstd[1], zstandard.ZstdDecompressor().decompress(zstd[0])) == ("zstd", body)
    assert (gz[1], gzip.decompress(gz[0])) == ("gzip", body)
    assert plain == (body, None)


def test_the_request_of_a_batch_carries_its_key_and_the_digest_of_the_unpacked_body():
    request = batch_request("b1", b"{}", digest(b"{}"), ("zstd",))

    assert (request.method, request.path) == ("POST", "/v1/batches")
    assert request.headers == {
        "Content-Type": "application/vnd.minxin.batch+json",
        "Content-Encoding": "zstd",
        "Idempotency-Key": '"b1"',
        "X-Body-SHA256": digest(b"{}"),
        "Accept": "application/json; v=1",
        "Prefer": "wait=20",
    }


def test_on_a_slow_line_a_batch_is_packed_harder_and_its_receipts_are_asked_for_in_short():
    body = b"".join(b'{"n":%d,"of":"%d"}' % (n, n * n) for n in range(2_000))

    usual, slow = (batch_request("b1", body, digest(body), ("zstd",), is_slow=one) for one in (False, True))

    assert len(slow.body) < len(usual.body)
    assert zstandard.ZstdDecompressor().decompress(slow.body) == body
    assert (slow.headers["Prefer"], slow.wait_s) == ("wait=8, return=minimal", 8)
