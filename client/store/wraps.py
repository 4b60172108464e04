"""The wraps: how each operator's passphrase, and the half in the keyring, open the one data key.

`keys.json` lies beside the database and holds one wrap a person. Argon2id stretches the
passphrase; HKDF mixes the possession secret in, where there is one; AES-256-GCM wraps the data
key and the operator's signing key. Nothing here knows the keyring or the database.
"""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from client.errors import ProfileError, StoreError, UnlockError
from client.store.files import write_whole
from forms.seal.canonical import canonical
from forms.seal.keys import BadKey, SigningKey, from_text, to_text

SHORTEST_PASSPHRASE: Final = 8
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Cost:
    """What one try at a passphrase costs. Stored with each wrap; the default takes about 0.4 s."""

    passes: int = 3
    memory_kib: int = 65_536
    lanes: int = 4


@dataclass(frozen=True, slots=True, repr=False)
class DataKey:
    """The key of the profile: of the database as it is, of everything else by purpose. Never printed."""

    raw: bytes

    @classmethod
    def generate(cls) -> DataKey:
        """Make a new key from the system's random source."""
        return cls(os.urandom(32))

    def subkey(self, purpose: str, salt: bytes = b"") -> bytes:
        """Derive 32 bytes for one purpose."""
        return HKDF(SHA256(), 32, salt, f"minxin:{purpose}:1".encode()).derive(self.raw)


@dataclass(frozen=True, slots=True)
class Wrap:
    """What `keys.json` holds of one operator. `sealed` is nonce and ciphertext."""

    operator_id: str
    name: str
    keyring: bool
    cost: Cost
    salt: bytes
    sealed: bytes

    def as_json(self) -> dict[str, Any]:
        return {
            "operator_id": self.operator_id,
            "name": self.name,
            "keyring": self.keyring,
            "argon2": {
                "t": self.cost.passes, "memory_kib": self.cost.memory_kib, "lanes": self.cost.lanes
            },
            "salt": to_text(self.salt),
            "sealed": to_text(self.sealed),
        }  # fmt: skip

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Wrap:
        argon = said["argon2"]
        cost = Cost(int(argon["t"]), int(argon["memory_kib"]), int(argon["lanes"]))
        if not (1 <= cost.passes <= 64 and 8 <= cost.memory_kib <= 4_194_304 and 1 <= cost.lanes <= 64):
            raise ValueError("a cost that no program of ours wrote")
        return cls(
            str(said["operator_id"]), str(said["name"]), bool(said["keyring"]), cost,
            from_text(said["salt"]), from_text(said["sealed"]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeyFile:
    """All wraps of a profile; the profile's id is under every seal."""

    profile_id: str
    wraps: tuple[Wrap, ...]

    def named(self, name: str) -> Wrap:
        """Return the wrap of the operator called `name` (or with that id); raises UnlockError."""
        for wrap in self.wraps:
            if name in {wrap.name, wrap.operator_id}:
                return wrap
        raise UnlockError("operator_unknown")

    def with_wrap(self, wrap: Wrap) -> KeyFile:
        """Return the file with one wrap added or replaced."""
        return KeyFile(self.profile_id, (*self.without(wrap.operator_id).wraps, wrap))

    def without(self, operator_id: str) -> KeyFile:
        """Return the file without one operator's wrap."""
        return KeyFile(self.profile_id, tuple(w for w in self.wraps if w.operator_id != operator_id))


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """What a wrap gives out."""

    data_key: DataKey
    signing_key: SigningKey


def seal(
    profile_id: str,
    operator_id: str,
    name: str,
    keys: Opened,
    *,
    passphrase: str,
    possession: bytes | None,
    cost: Cost,
) -> Wrap:
    """Wrap the keys for one operator, under a new salt.

    `possession` is the half that lies in the keyring; None where there is no keyring.

    Raises:
        UnlockError: ``passphrase_too_short``.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise UnlockError("passphrase_too_short", least=SHORTEST_PASSPHRASE)
    salt, nonce = os.urandom(16), os.urandom(12)
    key = _wrapping_key(passphrase, salt, possession, cost)
    bound = _bound(profile_id, operator_id)
    sealed = nonce + AESGCM(key).encrypt(nonce, keys.data_key.raw + keys.signing_key.raw, bound)
    return Wrap(operator_id, name, possession is not None, cost, salt, sealed)


def open_wrap(profile_id: str, wrap: Wrap, *, passphrase: str, possession: bytes | None) -> Opened:
    """Open a wrap.

    Raises:
        UnlockError: ``passphrase_wrong``, or ``keyring_half_missing``: the passphrase alone is not enough.
    """
    if wrap.keyring and possession is None:
        raise UnlockError("keyring_half_missing")
    key = _wrapping_key(passphrase, wrap.salt, possession if wrap.keyring else None, wrap.cost)
    nonce, sealed = wrap.sealed[:12], wrap.sealed[12:]
    try:
        opened = AESGCM(key).decrypt(nonce, sealed, _bound(profile_id, wrap.operator_id))
    except (InvalidTag, ValueError) as error:
        raise UnlockError("passphrase_wrong") from error
    return Opened(DataKey(opened[:32]), SigningKey(opened[32:]))


def _wrapping_key(passphrase: str, salt: bytes, possession: bytes | None, cost: Cost) -> bytes:
    # NFKC: a digit typed at full width by an input method is the same digit.
    said = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    stretched = Argon2id(
        salt=salt, length=32, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib
    ).derive(said)
    return HKDF(SHA256(), 32, salt, b"minxin:wrap:1").derive(stretched + (possession or b""))


def _bound(profile_id: str, operator_id: str) -> bytes:
    return canonical({"format": FORMAT, "profile_id": profile_id, "operator_id": operator_id})


def read_keys(path: Path) -> KeyFile:
    """Read `keys.json`.

    Raises:
        ProfileError: ``profile_missing``; ``profile_newer``; ``keys_damaged``: restore it from a backup.
    """
    try:
        said = json.loads(path.read_text("utf-8"))
        if said["format"] > FORMAT:
            raise ProfileError("profile_newer", version=int(said["format"]), known=FORMAT)
        return KeyFile(str(said["profile_id"]), tuple(Wrap.from_json(w) for w in said["wraps"]))
    except FileNotFoundError as error:
        raise ProfileError("profile_missing") from error
    except (ValueError, KeyError, TypeError, AttributeError, BadKey) as error:
        raise ProfileError("keys_damaged") from error
    except OSError as error:
        raise StoreError("cannot_open") from error


def write_keys(path: Path, keys: KeyFile) -> None:
    """Write `keys.json`: whole, or the old one stays."""
    said = {"format": FORMAT, "profile_id": keys.profile_id, "wraps": [w.as_json() for w in keys.wraps]}
    write_whole(path, json.dumps(said, ensure_ascii=False, indent=1).encode())
