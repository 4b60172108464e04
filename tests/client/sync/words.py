"""What a platform says, signed as it signs, for tests of whoever listens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from client.sync.wire import Pinned, Reply
from forms.seal.keys import SigningKey
from forms.seal.receipt import digests_of, receipt_bytes, seal_receipts

KEY = SigningKey(bytes(range(32)))
SERVER = "platform-1"
PINNED = Pinned(SERVER, KEY.public)
OURS = {"x-minxin-server": SERVER, "content-type": "application/json"}
SHA = "ab" * 32


def a_reply(said: Any, status: int = 200, **headers: str) -> Reply:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {**OURS, **named}, body)


def a_problem(code: str, status: int, *, retry_after: str | None = None, **more: Any) -> Reply:
    said = {
        "type": f"urn:minxin:problem:{code}",
        "title": "不行",
        "status": status,
        "detail": "为什么",
        **more,
    }
    headers = {"content_type": "application/problem+json"} | (
        {"retry_after": retry_after} if retry_after else {}
    )
    return a_reply(said, status, **headers)


def a_receipt(version_id: str = "v1", **other: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "version_id": version_id,
        "record_id": "r1",
        "content_sha256": SHA,
        "outcome": "accepted",
        "stage": "checked",
        "receipt_no": "XM-2026-1",
        "server_id": SERVER,
        "at": "2026-11-24T08:00:00.000Z",
        "problem": None,
    }
    return said | other


def a_seal(receipts: Iterable[Mapping[str, Any]], key: SigningKey = KEY) -> dict[str, Any]:
    return seal_receipts(key, SERVER, digests_of(receipt_bytes(one) for one in receipts))


def a_signed_hello(**other: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "server_id": SERVER,
        "server_key": KEY.public,
        "epoch": "e1",
        "time": "2026-11-24T08:00:00.000Z",
        "protocol": {"min": 1, "max": 1},
        "limits": {
            "batch_items": 500,
            "batch_bytes": 1_048_576,
            "body_bytes": 16_777_216,
            "batches_per_minute": 120,
            "batch_burst": 240,
            "attachment_bytes": 52_428_800,
            "approval_digests": 10_000,
        },
        "catalog_set": {"name": "2026.1", "digest": SHA},
        "encodings": ["zstd", "gzip"],
    }
    said |= other
    return said | {"sig": KEY.sign("hello", said)}


def an_answer(*receipts: Mapping[str, Any], batch_id: str = "b1", **other: Any) -> dict[str, Any]:
    sealed = [one for one in receipts if isinstance(one, Mapping)]
    return {"batch_id": batch_id, "receipts": list(receipts), "seal": a_seal(sealed)} | other


def a_page(*items: Mapping[str, Any], after: int = 0, **other: Any) -> dict[str, Any]:
    end = after + len(items)
    seal = a_seal(one["data"] for one in items if one["type"] == "stage")
    return {"epoch": "e1", "items": list(items), "next": end, "head": end, "seal": seal} | other


def an_item(seq: int, kind: str = "notice", data: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"seq": seq, "type": kind, "at": "2026-11-24T08:00:00.000Z", "data": data or {"text": "通知"}}
