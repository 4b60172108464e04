"""How a person proves who they are. One interface; today a password (口令) and a one-time code (动态码)."""

from __future__ import annotations

import base64
import binascii
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_S: Final = 30
STEPS_AROUND: Final = (0, -1, 1)
"""The present step, and one either way for clocks that differ."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the platform keeps of a person, to test a proof against.

    Attributes:
        password: Argon2id hash as PHC text.
        totp_secret: base32.
        totp_step: last step whose code was used, and `totp_device` the desk that used it.
    """

    password: str
    totp_secret: str
    totp_step: int | None
    totp_device: str | None


class Credential(Protocol):
    """A way to sign in."""

    def prove(
        self, kept: Secrets | None, shown: Mapping[str, str], device_id: str, now: datetime
    ) -> int | None:
        """Test what a person shows.

        Args:
            kept: None when there is no such person; as much time must be spent as for one.
            shown: what the request carries.
            device_id: the desk that the person sits at.
            now: present moment.

        Returns:
            The step whose one-time code was used, or None when the proof fails.
        """


@dataclass(frozen=True, slots=True)
class PasswordCost:
    """Argon2id parameters."""

    memory_kib: int
    iterations: int
    lanes: int = 1


COSTS: Final = {"normal": PasswordCost(65_536, 3), "low": PasswordCost(64, 1)}
"""`low` is for exercises and tests; it is chosen by whoever makes the accounts, and stands in each hash."""

NOBODY: Final = "$argon2id$v=19$m=65536,t=3,p=1$bm9ib2R5IG5vYm9keQ$" + "A" * 43
"""What the password of a person who is not there is held against, so that asking takes as long."""


def hash_password(password: str, cost: PasswordCost) -> str:
    """Return the Argon2id hash of a password as PHC text."""
    return _argon2(cost).derive_phc_encoded(password.encode())


def password_holds(password: str, encoded: str) -> bool:
    """Say whether a password belongs to a hash."""
    try:
        Argon2id.verify_phc_encoded(password.encode(), encoded)
    except InvalidKey:
        return False
    return True


def totp_step_of(code: str, secret: str, now: datetime) -> int | None:
    """Return the 30-second step that a six-digit code belongs to, or None.

    Source:
        RFC 6238, section 5.2: one step either way.
    """
    try:
        key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    except binascii.Error:
        return None
    totp = TOTP(key, 6, SHA1(), STEP_S, enforce_key_length=False)  # noqa: S303 - RFC 6238 says SHA-1
    present = int(now.timestamp()) // STEP_S
    for step in (present + around for around in STEPS_AROUND):
        try:
            totp.verify(code.encode(), step * STEP_S)
        except InvalidToken:
            continue
        return step
    return None


class PasswordAndTotp:
    """A password and a one-time code. Two proofs at a time, since each takes 64 MB."""

    def __init__(self) -> None:
        self._two = threading.BoundedSemaphore(2)

    def prove(
        self, kept: Secrets | None, shown: Mapping[str, str], device_id: str, now: datetime
    ) -> int | None:
        """Test password and code; a code that was used serves only the desk that used it."""
        with self._two:
            holds = password_holds(shown["password"], kept.password if kept else NOBODY)
        if kept is None or not holds:
            return None
        step = totp_step_of(shown["totp"], kept.totp_secret, now)
        used = step is not None and kept.totp_step is not None and step <= kept.totp_step
        if used and not (step == kept.totp_step and device_id == kept.totp_device):
            return None
        return step


def _argon2(cost: PasswordCost) -> Argon2id:
    return Argon2id(
        salt=os.urandom(16),
        length=32,
        iterations=cost.iterations,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    )
