"""What receipts in a file are worth, by the platform's key alone: no database, no program of the platform."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from forms.seal.canonical import NotCanonical
from forms.seal.keys import BadKey, from_text
from forms.seal.receipt import DIGEST_BYTES, digests_of, has_own_signature, list_verifies, receipt_bytes


def unproved(
    public: str, receipts: Sequence[Mapping[str, Any]], seals: Iterable[object], server_id: object
) -> list[Mapping[str, Any]]:
    """Return the receipts that the platform with key `public` did not give as they stand.

    A receipt is proved when a list of digests that the platform sealed names it, or when it is of before
    seals and its own signature holds.

    Args:
        public: the platform's key.
        receipts: as read from JSON; what is none is not proved.
        seals: ``{"digests", "sig"}`` each, the digests as URL-safe base64; what is none proves nothing.
        server_id: of the platform that the seals name.
    """
    sealed = {digest for seal in seals for digest in _sealed(seal, public, server_id)}
    return [one for one in receipts if not _is_proved(one, public, sealed, server_id)]


def _sealed(seal: object, public: str, server_id: object) -> list[bytes]:
    digests, signature = (seal.get("digests"), seal.get("sig")) if isinstance(seal, dict) else (None, None)
    if not isinstance(digests, str) or not isinstance(signature, str) or not isinstance(server_id, str):
        return []
    try:
        every = from_text(digests)
    except BadKey:
        return []
    if not list_verifies(public, server_id, signature, every):
        return []
    return [every[at : at + DIGEST_BYTES] for at in range(0, len(every), DIGEST_BYTES)]


def _is_proved(receipt: Mapping[str, Any], public: str, sealed: Container[bytes], server_id: object) -> bool:
    try:
        digest = digests_of([receipt_bytes(receipt)])
    except (KeyError, NotCanonical):
        return False
    return (receipt["server_id"] == server_id and digest in sealed) or has_own_signature(public, receipt)
