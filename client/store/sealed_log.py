"""A file that only grows: frames sealed with AES-256-GCM, each bound to its place and to the one before.

A frame that was being written when the power failed is cut off when the file is next opened: nobody was
told that it was saved. Anything else that does not fit is damage, and is said; what lies behind it is
still read where that is possible.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from client.store.files import file_error, write_whole

_MAGIC: Final = b"MXO1"
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_HASH_BYTES: Final = 32
_START: Final = len(_MAGIC) + _SALT_BYTES
_LENGTH: Final = struct.Struct(">II")
"""Length of what follows, and its complement: a flipped bit in it is no end of the file."""

Subkey = Callable[[bytes], bytes]
"""Derives the key of a file from the salt at its beginning."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file held.

    Attributes:
        frames: in order; those that could be read.
        torn: its last frame was not written to its end.
        damaged: something in it is not what was written.
    """

    frames: tuple[bytes, ...]
    torn: bool = False
    damaged: bool = False


class SealedLog:
    """The file, ready to grow. One writer, who sees to the order of its acts."""

    def __init__(self, path: Path, subkey: Subkey, salt: bytes) -> None:
        self._path, self._subkey, self._salt = path, subkey, salt
        self._cipher = AESGCM(subkey(salt))
        self._place, self._before, self._end = 0, _hash(_MAGIC + salt), _START

    @classmethod
    def begin(cls, path: Path, subkey: Subkey, frames: Iterable[bytes] = ()) -> SealedLog:
        """Write a file anew with these frames; after a power cut there is the old one or the new.

        Raises:
            StoreError: the disk is full, read-only, or fails; the old one is still there.
        """
        log = cls(path, subkey, os.urandom(_SALT_BYTES))
        sealed = b"".join(map(log._sealed, frames))
        write_whole(path, _MAGIC + log._salt + sealed)
        return log

    @classmethod
    def read(cls, path: Path, subkey: Subkey) -> tuple[SealedLog | None, Contents]:
        """Read a file; None with what could be read of one that must not grow any more, or is not there.

        Raises:
            StoreError: it cannot be read for a reason outside of it.
        """
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None, Contents(())
        except OSError as error:
            raise file_error(error) from error
        if len(content) < _START or not content.startswith(_MAGIC):
            return None, Contents((), damaged=True)
        log = cls(path, subkey, content[len(_MAGIC) : _START])
        found = log._frames(memoryview(content))
        return (None if found.torn or found.damaged else log), found

    def append(self, frames: Iterable[bytes]) -> None:
        """Add frames, and return when they are on the disk; all of them or none.

        Raises:
            StoreError: the disk is full, read-only, or fails.
        """
        before = (self._place, self._before, self._end)
        sealed = b"".join(map(self._sealed, frames))
        try:
            with self._path.open("r+b") as file:
                file.seek(before[2])
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            self.cut_back(before)
            raise file_error(error) from error

    def mark(self) -> tuple[int, bytes, int]:
        """Return where the file ends now, for `cut_back`."""
        return self._place, self._before, self._end

    def cut_back(self, mark: tuple[int, bytes, int]) -> None:
        """Let the file end where it ended; where the disk fails at that, its reader leaves the rest out."""
        self._place, self._before, self._end = mark
        try:
            with self._path.open("r+b") as file:
                file.truncate(self._end)
                os.fsync(file.fileno())
        except OSError as error:
            if not self._path.exists():
                raise file_error(error) from error

    def _sealed(self, frame: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        body = nonce + self._before + self._cipher.encrypt(nonce, frame, self._bound(self._before))
        whole = _LENGTH.pack(len(body), len(body) ^ 0xFFFFFFFF) + body
        self._place, self._before, self._end = self._place + 1, _hash(whole), self._end + len(whole)
        return whole

    def _bound(self, before: bytes) -> bytes:
        return _MAGIC + self._salt + struct.pack(">Q", self._place) + before

    def _frames(self, content: memoryview) -> Contents:
        frames: list[bytes] = []
        damaged = False
        while self._end < len(content):
            rest = content[self._end :]
            size = _size(rest)
            if size is None:
                torn = len(rest) < _LENGTH.size or not any(rest)
                return Contents(tuple(frames), torn=torn, damaged=damaged or not torn)
            whole = rest[: _LENGTH.size + size]
            if len(whole) < _LENGTH.size + size:
                return Contents(tuple(frames), torn=True, damaged=damaged)
            said = bytes(whole[_LENGTH.size + _NONCE_BYTES :][:_HASH_BYTES])
            damaged = damaged or said != self._before
            try:
                body = whole[_LENGTH.size :]
                nonce, sealed = body[:_NONCE_BYTES], body[_NONCE_BYTES + _HASH_BYTES :]
                frames.append(self._cipher.decrypt(nonce, sealed, self._bound(said)))
            except InvalidTag:
                damaged = True
            self._place, self._before, self._end = self._place + 1, _hash(whole), self._end + len(whole)
        return Contents(tuple(frames), damaged=damaged)


def _size(rest: memoryview) -> int | None:
    """Return the length of the frame that begins here; None when none does."""
    if len(rest) < _LENGTH.size:
        return None
    size, complement = _LENGTH.unpack(rest[: _LENGTH.size])
    return size if size ^ 0xFFFFFFFF == complement else None


def _hash(content: bytes | memoryview) -> bytes:
    return hashlib.sha256(content).digest()
