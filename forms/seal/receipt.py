"""A receipt (回执): the platform's signed word on one version at one stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from forms.seal.keys import SigningKey, verifies

Outcome = Literal["accepted", "accepted_with_warnings", "rejected", "held"]
Stage = Literal["received", "checked", "matched", "unmatched", "stored"]

FINAL_OUTCOMES: Final = frozenset({"accepted", "accepted_with_warnings", "rejected"})
"""Outcomes on which a version leaves the outbox."""

RECEIPT_KEYS: Final = (
    "version_id", "record_id", "content_sha256", "outcome", "stage", "receipt_no", "server_id", "at",
    "problem",
)  # fmt: skip
"""Everything that is signed; `sig` stands beside them."""


def sign_receipt(key: SigningKey, receipt: Mapping[str, Any]) -> dict[str, Any]:
    """Return the receipt with its signature; every one of RECEIPT_KEYS must be present."""
    body = {name: receipt[name] for name in RECEIPT_KEYS}
    return {**body, "sig": key.sign("receipt", body)}


def receipt_verifies(public: str, receipt: Mapping[str, Any]) -> bool:
    """Say whether a receipt is whole and signed by the platform with key `public`."""
    try:
        body = {name: receipt[name] for name in RECEIPT_KEYS}
        signature = receipt["sig"]
    except KeyError:
        return False
    return isinstance(signature, str) and verifies(public, signature, "receipt", body)
