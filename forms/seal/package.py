"""The exchange package (交换包, .mxp): its keys, its header, and everything that can be wrong with one.

A package carries between a desk and its platform, on a stick, what the network would have carried. The
header is plain and signed by the sender, and tells nothing about anybody. What is inside is compressed,
signed with the name of the recipient, and encrypted for the recipient alone (`package_stream`). On the
stick it is one file, or several parts (`package_parts`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import Any, Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from forms.seal.canonical import NotCanonical, canonical, digest
from forms.seal.keys import BadKey, SigningKey, from_text, to_text, verifies

FORMAT: Final = "mxp/1"
SUITE: Final = "ed25519+x25519-hkdf-sha256+aes-256-gcm"
SUFFIX: Final = ".mxp"

MOST_HEADER_BYTES: Final = 4_096
FILE_KEY_BYTES: Final = 32
HELD_DAYS: Final = 60
"""How long a package is good for; the desk makes the next one from what still waits."""

_HPKE: Final = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_PURPOSE: Final = "package"

_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHA: Final = re.compile(r"[0-9a-f]{64}")
_AT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", re.ASCII)
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class PackageError(ValueError):
    """A package is not taken; the code says why.

    Attributes:
        code: ``not_a_package``, ``package_unknown_format``, ``package_truncated``, ``package_damaged``,
            ``package_forged``, ``package_for_another``, ``package_wrong_way``, ``package_expired``,
            ``package_too_large``, ``package_too_many``, ``package_part_missing``,
            ``package_too_many_parts``, ``stick_full``, ``stick_unwritable``, ``stick_unreadable``.
        params: for its sentence.
    """

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, repr=False)
class PackageKey:
    """The private half of an X25519 key that packages are encrypted for. Never printed, never logged."""

    raw: bytes

    @classmethod
    def derived(cls, secret: bytes) -> PackageKey:
        """Derive the key from another secret of its holder, so that there is none more to keep."""
        return cls(HKDF(SHA256(), 32, None, b"minxin:package-key:1").derive(secret))

    @cached_property
    def private(self) -> X25519PrivateKey:
        """The key as the library has it."""
        return X25519PrivateKey.from_private_bytes(self.raw)

    @cached_property
    def public(self) -> str:
        """The public half as text."""
        return to_text(self.private.public_key().public_bytes_raw())

    @property
    def key_id(self) -> str:
        """What a header names this key by."""
        return key_id(self.public)


def key_id(public: str) -> str:
    """Return what a header names a public key by."""
    return digest(public.encode("ascii"))


@dataclass(frozen=True, slots=True)
class Header:
    """What anybody may read of a package.

    Attributes:
        way: ``up`` from a desk to its platform, ``down`` back.
        device_id: the desk, sender or recipient.
        server_id: the platform, recipient or sender.
        package_seq: 1, 2, 3 … of this desk, each way for itself; a gap tells that one is missing.
        prev_sha256: digest of the package before; None with the first.
        recipient_key: id of the key that it is encrypted for.
        reply_key: on the way up, the public key that the answer is to be encrypted for.
        ack_of: on the way down, the package that this one answers.
    """

    package_id: str
    way: Literal["up", "down"]
    device_id: str
    server_id: str
    package_seq: int
    prev_sha256: str | None
    recipient_key: str
    reply_key: str | None
    ack_of: str | None
    created_at: str
    expires_at: str

    @property
    def recipient(self) -> str:
        """Id of whoever it is for."""
        return self.server_id if self.way == "up" else self.device_id


@dataclass(frozen=True, slots=True)
class SealedHeader:
    """A header as it stands in the file.

    Attributes:
        raw: its canonical bytes, signature included.
        file_key: the key of the content, encrypted for the recipient.
    """

    header: Header
    raw: bytes
    file_key: bytes = field(repr=False)
    said: Mapping[str, Any] = field(repr=False)
    sig: str = field(repr=False)

    @property
    def sha256(self) -> str:
        """Binds everything that follows to this header."""
        return digest(self.raw)

    def require_sender(self, public: str) -> None:
        """Refuse a header that was not signed by the key `public`.

        Raises:
            PackageError: ``package_forged``.
        """
        # The text of a signature has spare bits at its end: only one way to write it counts.
        try:
            is_plain = to_text(from_text(self.sig)) == self.sig
        except BadKey:
            is_plain = False
        if not is_plain or not verifies(public, self.sig, _PURPOSE, self.said):
            raise PackageError("package_forged")

    def require_recipient(self, key: PackageKey) -> bytes:
        """Return the key of the content.

        Raises:
            PackageError: ``package_for_another``: it was made for another key. ``package_damaged``.
        """
        if self.header.recipient_key != key.key_id:
            raise PackageError("package_for_another")
        try:
            return _HPKE.decrypt(self.file_key, key.private, _info(self.header))
        except InvalidTag as error:
            raise PackageError("package_damaged") from error

    def require_fresh(self, now: str) -> None:
        """Refuse a package whose time is over.

        Args:
            now: UTC text as in the header.

        Raises:
            PackageError: ``package_expired``.
        """
        if self.header.expires_at <= now:
            raise PackageError("package_expired", until=self.header.expires_at[:10])


def seal_header(header: Header, file_key: bytes, *, to: str, key: SigningKey) -> SealedHeader:
    """Encrypt the key of the content for the recipient, and sign the header.

    Args:
        header: names the recipient's key.
        file_key: new for each package.
        to: the recipient's public key.
        key: the sender's.
    """
    public = X25519PublicKey.from_public_bytes(from_text(to))
    # The header is bound by HPKE's info: single-shot HPKE has no other associated data.
    wrapped = _HPKE.encrypt(file_key, public, _info(header))
    said = {**_said(header), "file_key": to_text(wrapped)}
    sig = key.sign(_PURPOSE, said)
    return SealedHeader(header, canonical({**said, "sig": sig}), wrapped, said, sig)


def read_header(raw: bytes) -> SealedHeader:
    """Read a header; nothing of it is believed yet.

    Raises:
        PackageError: ``package_damaged``, ``package_unknown_format``.
    """
    try:
        said = json.loads(raw)
        if not isinstance(said, dict) or canonical(said) != raw:
            raise PackageError("package_damaged")
        if said.pop("format") != FORMAT or said.pop("suite") != SUITE:
            raise PackageError("package_unknown_format")
        sig, wrapped = said.pop("sig"), said.pop("file_key")
        header = Header(**said)
        if not _is_sound(header) or not isinstance(sig, str):
            raise PackageError("package_damaged")
        return SealedHeader(header, raw, from_text(wrapped), {**_said(header), "file_key": wrapped}, sig)
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError, NotCanonical) as error:
        if isinstance(error, PackageError):
            raise
        raise PackageError("package_damaged") from error


def _said(header: Header) -> dict[str, Any]:
    return {"format": FORMAT, "suite": SUITE, **asdict(header)}


def _info(header: Header) -> bytes:
    return b"minxin:package:1\n" + canonical(_said(header))


_SHAPES: Final[Mapping[str, re.Pattern[str]]] = {
    "package_id": _ID,
    "device_id": _ID,
    "server_id": _CODE,
    "prev_sha256": _SHA,
    "recipient_key": _SHA,
    "reply_key": _KEY,
    "ack_of": _ID,
    "created_at": _AT,
    "expires_at": _AT,
}
_MAY_LACK: Final = frozenset({"prev_sha256", "reply_key", "ack_of"})


def _is_sound(header: Header) -> bool:
    seq = header.package_seq
    if header.way not in ("up", "down") or type(seq) is not int or seq < 1:
        return False
    return all(
        _fits(getattr(header, one.name), _SHAPES[one.name], may_lack=one.name in _MAY_LACK)
        for one in fields(header)
        if one.name in _SHAPES
    )


def _fits(value: object, shape: re.Pattern[str], *, may_lack: bool) -> bool:
    return may_lack if value is None else isinstance(value, str) and shape.fullmatch(value) is not None


def check_code(sha256: str) -> str:
    """Return twelve digits to compare by eye with the slip, e.g. ``4711-0815-2026``, of a digest."""
    digits = f"{int(sha256, 16) % 10**12:012d}"
    return "-".join(digits[place : place + 4] for place in (0, 4, 8))
