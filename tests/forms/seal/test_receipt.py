"""Receipts written many at once are those written one by one."""

from __future__ import annotations

import hashlib

import pytest

from forms.seal.canonical import canonical, digest
from forms.seal.keys import SigningKey
from forms.seal.receipt import digests_of, plain_receipts, receipt_bytes, seal_receipts

KEYS = [(f"v{n}", f"r{n}", "0" * 64, "accepted", f"350200-202611-{n:07d}") for n in range(3)]


@pytest.mark.parametrize("server_id", ["s1", 'a"b', "a\\b", "平台", "a\nb"])
def test_many_at_once_are_those_written_one_by_one(server_id):
    names = ("version_id", "record_id", "content_sha256", "outcome", "receipt_no")
    same = {"stage": "stored", "at": "2026-11-24T00:00:00.000Z", "server_id": server_id, "problem": None}

    made = plain_receipts(KEYS, stage="stored", at=same["at"], server_id=server_id)

    assert made == [receipt_bytes({**dict(zip(names, key, strict=True)), **same}) for key in KEYS]
    assert made == [canonical({**dict(zip(names, key, strict=True)), **same}) for key in KEYS]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_list_that_is_sealed_is_the_canonical_list_of_the_digests(count):
    receipts = [b"x%d" % n for n in range(count)]
    every = [hashlib.sha256(one).hexdigest() for one in receipts]

    seal = seal_receipts(SigningKey.generate(), "s1", digests_of(receipts))

    assert (seal["count"], seal["list_sha256"]) == (count, digest(canonical(every)))
