"""Half of each operator's key in the desktop's keyring, where there is one that keeps secrets.

The half is 32 random bytes. It is worth nothing without the passphrase, and the passphrase nothing
without it. A keyring that keeps secrets as plain text, or forgets them, is as good as none:
then the passphrase alone opens the desk, and the desk says so. The password of a proxy lies there, too.
"""

from __future__ import annotations

import base64
import binascii
import logging
import os
from typing import Final

import keyring
import keyring.backend
import keyring.backends.chainer
import keyring.errors

SERVICE: Final = "minxin"
HALF_BYTES: Final = 32

REFUSED: Final = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")
"""Modules whose keyrings refuse everything, forget everything, or keep plain text."""

LEAST_PRIORITY: Final = 1.0
"""What `keyring` gives to keyrings that it would recommend."""

_log = logging.getLogger(__name__)


def backend_name() -> str:
    """Return the name of the keyring that would be used; empty when there is none."""
    found = _usable()
    return "" if found is None else str(found.name)


def store_half(profile_id: str, operator_id: str) -> bytes | None:
    """Make a new half, keep it in the keyring and read it back.

    Args:
        profile_id: of the profile that it is for.
        operator_id: whose it is.

    Returns:
        The half; None when there is no keyring that can be trusted with it.
    """
    found = _usable()
    if found is None:
        return None
    half, user = os.urandom(HALF_BYTES), _user(profile_id, operator_id)
    try:
        found.set_password(SERVICE, user, _to_text(half))
        if _read(found, user) == half:
            return half
    except keyring.errors.KeyringError as error:
        _log.warning("keyring refused to keep a half: %s", type(error).__name__)
    return None


def fetch_half(profile_id: str, operator_id: str) -> bytes | None:
    """Return the half; None when the keyring is locked, gone, or has never had it."""
    found = _usable()
    if found is None:
        return None
    try:
        return _read(found, _user(profile_id, operator_id))
    except keyring.errors.KeyringError as error:
        _log.warning("keyring gave no half: %s", type(error).__name__)
        return None


def forget_half(profile_id: str, operator_id: str) -> None:
    """Remove the half of an operator who was taken off the desk; missing already is fine."""
    found = _usable()
    if found is None:
        return
    try:
        found.delete_password(SERVICE, _user(profile_id, operator_id))
    except keyring.errors.KeyringError as error:
        _log.info("keyring had no half to forget: %s", type(error).__name__)


def keep_word(name: str, word: str) -> bool:
    """Keep a password under a name and read it back; empty forgets it. False: there is no keyring for it."""
    found = _usable()
    if found is None:
        return False
    try:
        if word:
            found.set_password(SERVICE, name, word)
        elif found.get_password(SERVICE, name) is not None:
            found.delete_password(SERVICE, name)
        return (found.get_password(SERVICE, name) or "") == word
    except keyring.errors.KeyringError as error:
        _log.warning("keyring refused to keep a password: %s", type(error).__name__)
        return False


def fetch_word(name: str) -> str:
    """Return a password that was kept; empty when there is none, or the keyring is locked or gone."""
    found = _usable()
    if found is None:
        return ""
    try:
        return found.get_password(SERVICE, name) or ""
    except keyring.errors.KeyringError as error:
        _log.warning("keyring gave no password: %s", type(error).__name__)
        return ""


def _usable() -> keyring.backend.KeyringBackend | None:
    """Return the first keyring that is no toy and passes the probe."""
    try:
        chosen = keyring.get_keyring()
    except (ImportError, AttributeError, keyring.errors.KeyringError) as error:
        # A name in PYTHON_KEYRING_BACKEND or keyringrc.cfg that does not exist.
        _log.warning("no keyring: %s", type(error).__name__)
        return None
    several: list[keyring.backend.KeyringBackend] = [chosen]
    if isinstance(chosen, keyring.backends.chainer.ChainerBackend):
        several = list(chosen.backends)
    return next((one for one in several if _is_trusted(one) and _passes_probe(one)), None)


def _is_trusted(backend: keyring.backend.KeyringBackend) -> bool:
    kind = type(backend)
    if kind.__module__.startswith(REFUSED) or "plaintext" in kind.__name__.lower():
        return False
    try:
        return float(backend.priority) >= LEAST_PRIORITY
    except (RuntimeError, keyring.errors.KeyringError):
        return False  # it names its priority only where it can work


def _passes_probe(backend: keyring.backend.KeyringBackend) -> bool:
    """Write, read back, delete, and see that it is gone."""
    secret, user = os.urandom(HALF_BYTES), f"probe-{os.getpid()}"
    try:
        backend.set_password(SERVICE, user, _to_text(secret))
        same = _read(backend, user) == secret
        backend.delete_password(SERVICE, user)
        return same and backend.get_password(SERVICE, user) is None
    except keyring.errors.KeyringError as error:
        _log.info("keyring failed the probe: %s", type(error).__name__)
        return False


def _user(profile_id: str, operator_id: str) -> str:
    return f"{profile_id}/{operator_id}"


def _to_text(half: bytes) -> str:
    return base64.b64encode(half).decode("ascii")


def _read(backend: keyring.backend.KeyringBackend, user: str) -> bytes | None:
    text = backend.get_password(SERVICE, user)
    if text is None:
        return None
    try:
        half = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return half if len(half) == HALF_BYTES else None
