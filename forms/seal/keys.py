"""Ed25519 keys and signatures, as URL-safe base64 text without padding."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from forms.seal.canonical import canonical


class BadKey(ValueError):
    """The text is not a key of ours."""


def to_text(raw: bytes) -> str:
    """Encode bytes as URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def from_text(text: str) -> bytes:
    """Decode what `to_text` wrote; raises BadKey for anything else."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, UnicodeError) as error:
        raise BadKey("not base64url") from error


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """The private half. Never printed, never logged."""

    raw: bytes
    _loaded: Ed25519PrivateKey | None = field(default=None, init=False, compare=False)

    def _key(self) -> Ed25519PrivateKey:
        """Load once: loading costs as much as signing, and a platform signs all day."""
        if self._loaded is None:
            object.__setattr__(self, "_loaded", Ed25519PrivateKey.from_private_bytes(self.raw))
        assert self._loaded is not None
        return self._loaded

    @classmethod
    def generate(cls) -> SigningKey:
        """Make a new key from the system's random source."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def public(self) -> str:
        """The public half as text."""
        return to_text(self._key().public_key().public_bytes_raw())

    def sign(self, purpose: str, statement: object) -> str:
        """Sign the canonical form of `statement` under a purpose, so that no signature serves two."""
        return to_text(self._key().sign(_to_be_signed(purpose, statement)))


def verifies(public: str, signature: str, purpose: str, statement: object) -> bool:
    """Say whether `signature` is of `public` over `statement` under `purpose`. Never raises for bad text."""
    try:
        key = Ed25519PublicKey.from_public_bytes(from_text(public))
        key.verify(from_text(signature), _to_be_signed(purpose, statement))
    except (BadKey, InvalidSignature, ValueError):
        return False
    return True


def _to_be_signed(purpose: str, statement: object) -> bytes:
    return f"minxin:{purpose}:1\n".encode() + canonical(statement)
