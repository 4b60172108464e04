"""Canonical bytes and digests: RFC 8785 JSON and SHA-256, the same on both sides."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


class NotCanonical(ValueError):
    """The value has no canonical form: a float, a set, a key that is no text."""


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise NotCanonical("a float; amounts are decimal strings")
    if isinstance(value, dict):
        for member in value.values():
            _refuse_floats(member)
    elif isinstance(value, list | tuple):
        for member in value:
            _refuse_floats(member)


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 form of `value`: UTF-8, sorted keys, no blanks, no floats.

    Raises:
        NotCanonical: `value` holds a float or something JSON has no word for.
    """
    _refuse_floats(value)
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise NotCanonical(str(error)) from error


def digest(content: bytes) -> str:
    """Return the SHA-256 of `content` as 64 lower-case hex digits."""
    return hashlib.sha256(content).hexdigest()
