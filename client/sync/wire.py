"""What travels: questions and answers as bytes, and how a batch is frozen. `reading` is for what comes back.

No network, no database, no clock.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import zstandard

from client.core.batches import Due, Envelope
from client.errors import LinkError
from forms.seal.canonical import canonical

PROTOCOL: Final = 1
BATCH_TYPE: Final = "application/vnd.minxin.batch+json"
JSON_TYPE: Final = "application/json"
CHUNK_TYPE: Final = "application/offset+octet-stream"
ACCEPT: Final = f"{JSON_TYPE}; v={PROTOCOL}"
"""What every question says of the answer that it understands."""

ZSTD: Final = "zstd"
ZSTD_LEVEL: Final = 3
SLOW_ZSTD_LEVEL: Final = 15
"""Where every byte counts: takes twenty times as long, and a quarter less goes over the line."""

LISTS_LEVEL: Final = (1, 19)
"""Of nothing but digests, on a line that is quick, and slow: those between take longer and save less."""

ZSTD_WINDOW_BYTES: Final = 8 * 1024 * 1024
"""Largest memory that an answer may ask for to be unpacked."""

UNPACKED: Final = f"{ZSTD}, gzip"
"""What every question says of how its answer may be packed."""

PREFERRED_WAIT_S: Final = 20
"""How long the platform may take over a batch before it says that it is at work."""

SLOW_WAIT_S: Final = 8
"""The same on a slow line, where a lost answer is missed the sooner."""


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the platform.

    Attributes:
        path: below the address of the platform, with the query.
        wait_s: how long the platform may hold its answer back, on top of the usual time.
        expected_s: how long what is on the line takes there and back, by what the line bore so far.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    wait_s: int = 0
    expected_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, from whomever. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """Carries a question to the platform and an answer back; a network, a simulator, a stick."""

    def exchange(self, request: Request) -> Reply:
        """Ask once, repeat nothing.

        Raises:
            LinkError: nothing came back that could be read to its end.
        """
        ...


@dataclass(frozen=True, slots=True)
class Pinned:
    """The platform as it was learned at enrolment."""

    server_id: str
    server_key: str


def batch_body(envelope: Envelope, items: Sequence[Due]) -> bytes:
    """Return the canonical bytes of a batch.

    The contents are canonical already and are not taken apart: each is opened only where its
    approval belongs, so that cutting a batch costs little.
    """
    said = {
        "protocol": PROTOCOL,
        "batch_id": envelope.batch_id,
        "device_id": envelope.device_id,
        "device_seq": envelope.device_seq,
        "prev_batch_sha256": envelope.prev_sha256,
        "void": list(envelope.void),
        "feed_ack": envelope.feed_ack,
        "clock": {"local": envelope.local, "offset_ms": envelope.offset_ms},
        "items": [],
    }
    before, after = canonical(said).split(b'"items":[]')
    return before + b'"items":[' + b",".join(map(_item, items)) + b"]" + after


_ANSWERS: Final = '{"answers":'


_UNANSWERED: Final = b'{"answers":[]'


def _item(item: Due) -> bytes:
    if item.content.startswith(_UNANSWERED):
        rest = item.content[len(_UNANSWERED) :]
        named = (_UNANSWERED, item.approval_id.encode("ascii"), item.place, rest)
        return b'%s,"approval":{"id":"%s","place":%d}%s' % named
    text = item.content.decode("utf-8")
    if not text.startswith(_ANSWERS):
        raise ValueError("no canonical content: it begins with its answers")
    _, end = json.JSONDecoder().raw_decode(text, len(_ANSWERS))
    approval = canonical({"id": item.approval_id, "place": item.place}).decode("ascii")
    return f'{text[:end]},"approval":{approval}{text[end:]}'.encode()


def pack(body: bytes, encodings: Sequence[str], *, level: int = ZSTD_LEVEL) -> tuple[bytes, str | None]:
    """Compress a body in the best way that the platform understands; returns bytes and coding."""
    if "zstd" in encodings:
        return zstandard.ZstdCompressor(level=level).compress(body), "zstd"
    if "gzip" in encodings:
        return gzip.compress(body, 6, mtime=0), "gzip"
    return body, None


def unpacked(body: bytes, piece_bytes: int) -> Iterator[bytes]:
    """Unpack an answer (zstd) piece by piece, so that whoever reads can stop at a limit.

    Raises:
        LinkError: ``truncated``: it is damaged.
    """
    unpacker = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
    try:
        with unpacker.stream_reader(body) as reader:
            while piece := reader.read(piece_bytes):
                yield piece
    except zstandard.ZstdError as error:
        raise LinkError("truncated") from error


def content_digest(content: bytes) -> str:
    """Return the Content-Digest of bytes (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode('ascii')}:"


IN_SHORT: Final = "return=minimal"
"""Asks for receipts without what this desk knows already."""


def batch_request(
    batch_id: str, body: bytes, body_sha256: str, encodings: Sequence[str], *, is_slow: bool = False
) -> Request:
    """Return the request that sends a frozen body; the same body always gives the same digest."""
    packed, coding = pack(body, encodings, level=SLOW_ZSTD_LEVEL if is_slow else ZSTD_LEVEL)
    wait_s = SLOW_WAIT_S if is_slow else PREFERRED_WAIT_S
    headers = {
        "Content-Type": BATCH_TYPE,
        "Idempotency-Key": f'"{batch_id}"',
        "X-Body-SHA256": body_sha256,
        "Accept": ACCEPT,
        "Prefer": f"wait={wait_s}, {IN_SHORT}" if is_slow else f"wait={wait_s}",
    }
    if coding is not None:
        headers["Content-Encoding"] = coding
    return Request("POST", "/v1/batches", headers, packed, wait_s)


def approval_request(
    approval_id: str, body: bytes, encodings: Sequence[str], *, is_slow: bool = False
) -> Request:
    """Return the request that hands over an approval: its list of digests shrinks to half."""
    packed, coding = pack(body, encodings, level=LISTS_LEVEL[is_slow])
    headers = {"Content-Type": JSON_TYPE, "Accept": ACCEPT}
    if coding is not None:
        headers["Content-Encoding"] = coding
    return Request("PUT", f"/v1/approvals/{approval_id}", headers, packed)
