"""Attachments (附件): evidence, encrypted at rest beside the database, named by what cannot be guessed.

A file is sealed in chunks of 1 MB with AES-256-GCM under a key of its own; each chunk is bound to
its place and to whether it is the last, so that none can be moved, dropped or cut off unseen.
"""

from __future__ import annotations

import hashlib
import hmac
import mimetypes
import os
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from client.core.records import Attachment
from client.errors import FileRefused, StoreError
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.files import OPENED, file_error, sync_folder

LARGEST_BYTES: Final = 50 * 1024 * 1024
CHUNK_BYTES: Final = 1024 * 1024
FOLDER: Final = "attachments"

_MAGIC: Final = b"MXA1"
_SALT_BYTES: Final = 16
_TAG_BYTES: Final = 16
_HEAD_BYTES: Final = len(_MAGIC) + _SALT_BYTES
_SEALED_BYTES: Final = CHUNK_BYTES + _TAG_BYTES


Progress = Callable[[int], object]
"""Told how far a file is taken in, in hundredths."""


def _quiet(_hundredths: int) -> None:
    """Nobody watches."""


def add(desk: Desk, path: Path, progress: Progress = _quiet) -> Attachment:
    """Take a file in as evidence. The same content again is the same attachment.

    Raises:
        FileRefused: ``attachment_too_large``, ``attachment_empty``, ``attachment_folder``,
            ``attachment_unreadable``.
        StoreError: the disk is full.
    """
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise FileRefused("attachment_folder")
        if size > LARGEST_BYTES:
            raise FileRefused("attachment_too_large", limit_mb=LARGEST_BYTES // 1024 // 1024)
        source = path.open("rb")
    except OSError as error:
        raise FileRefused("attachment_unreadable") from error
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    with source:
        kept = keep(desk, _pieces(source, size, progress), name=path.name, media_type=media_type)
    progress(100)
    return kept


def keep(desk: Desk, pieces: Iterable[bytes], *, name: str, media_type: str) -> Attachment:
    """Take bytes in, e.g. evidence that came down with a case; a chunk of them at a time is in memory.

    Args:
        desk: the open desk.
        pieces: the content, in pieces of any size.
        name: as people see it.
        media_type: as the sender said.

    Raises:
        FileRefused: ``attachment_too_large``, ``attachment_empty``.
        StoreError: the disk is full.
    """
    folder = desk.profile / FOLDER
    part = folder / f"{os.urandom(8).hex()}.part"  # what it will be called is known when all of it was read
    try:
        sha256, size = _seal(desk, pieces, part)
        kept, file_name = Attachment(sha256, size, name, media_type), _file_name(desk, sha256)
        part.replace(folder / file_name)
        sync_folder(folder)
    except OSError as error:
        raise file_error(error) from error
    finally:
        part.unlink(missing_ok=True)
    with desk.db.transaction() as tx:
        tx.execute(
            "INSERT INTO attachment (sha256, size_bytes, name, media_type, file_name, added_at)"
            " VALUES (?,?,?,?,?,?) ON CONFLICT (sha256) DO UPDATE SET file_name = excluded.file_name",
            (kept.sha256, kept.size_bytes, kept.name, kept.media_type, file_name, desk.now()),
        )
        desk.tell(tx, "attachment_kept", kept.sha256, size=kept.size_bytes)
    return kept


def know_again(desk: Desk, tx: Connection, said: Mapping[str, Any]) -> None:
    """Enter an attachment of a version into a database that was put back, if its file is still there."""
    file_name = _file_name(desk, said["sha256"])
    if not (desk.profile / FOLDER / file_name).exists():
        return
    tx.execute(
        "INSERT OR IGNORE INTO attachment (sha256, size_bytes, name, media_type, file_name, added_at)"
        " VALUES (?,?,?,?,?,?)",
        (said["sha256"], said["size"], said["name"], said["media_type"], file_name, desk.now()),
    )


def find(reader: Connection, sha256: str) -> Attachment | None:
    """Return what is known of an attachment; None when nothing is."""
    row = reader.execute("SELECT * FROM attachment WHERE sha256 = ?", (sha256,)).fetchone()
    if row is None:
        return None
    return Attachment(row["sha256"], row["size_bytes"], row["name"], row["media_type"])


def missing(desk: Desk, ids: Iterable[str]) -> frozenset[str]:
    """Return those of `ids` (SHA-256) whose bytes do not lie on this disk; nothing is decrypted."""
    folder = desk.profile / FOLDER
    return frozenset(sha256 for sha256 in ids if not (folder / _file_name(desk, sha256)).is_file())


def read(desk: Desk, sha256: str) -> bytes:
    """Return the content, after every chunk and the whole have been verified.

    Raises:
        StoreError: ``attachment_missing``; ``attachment_damaged``.
    """
    return b"".join(chunks_of(desk, sha256))


def verify(desk: Desk, sha256: str) -> None:
    """Read the content to its end and keep nothing of it; raises as `read`."""
    for _ in chunks_of(desk, sha256):
        pass


def chunks_of(desk: Desk, sha256: str) -> Iterator[bytes]:
    """Give the content chunk by chunk; what is wrong with the whole is raised at its end, as by `read`."""
    hashed = hashlib.sha256()
    with Pieces(desk, sha256) as pieces:
        for place in range(pieces.count):
            chunk = pieces.chunk(place)
            hashed.update(chunk)
            yield chunk
    if hashed.hexdigest() != sha256:
        raise StoreError("attachment_damaged")


def open_copy(desk: Desk, sha256: str) -> Path:
    """Write a decrypted copy for another program to show; it is removed when the desk closes.

    Raises:
        StoreError: ``attachment_missing``; ``attachment_damaged``; the disk is full.
    """
    known = find(desk.db.reader(), sha256)
    if known is None:
        raise StoreError("attachment_missing")
    folder = desk.profile / OPENED / sha256[:16]
    copy, half = folder / harmless(known.name), folder / ".half"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(half, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as out:
            out.writelines(chunks_of(desk, sha256))
        copy.unlink(missing_ok=True)
        half.rename(copy)
        copy.chmod(0o400)
    except OSError as error:
        raise file_error(error) from error
    finally:
        half.unlink(missing_ok=True)
    with desk.db.transaction() as tx:
        desk.tell(tx, "attachment_opened", sha256)
    return copy


def harmless(name: str) -> str:
    """Return the last part of a name, without what a file system or a shell takes for more."""
    last = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in last).strip(" .")
    return clean[-120:] or "attachment"


def _pieces(source: IO[bytes], size: int, progress: Progress) -> Iterator[bytes]:
    """Read a file piece by piece; one that grows meanwhile is found out by its length."""
    done = 0
    try:
        while piece := source.read(CHUNK_BYTES):
            yield piece
            done += len(piece)
            progress(min(done, size) * 99 // max(size, 1))
    except OSError as error:
        raise FileRefused("attachment_unreadable") from error


def _chunks(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Cut pieces of any size into chunks of CHUNK_BYTES; the last one is marked, and may be shorter."""
    waiting = bytearray()
    for piece in pieces:
        whole = memoryview(piece)
        for start in range(0, len(whole), CHUNK_BYTES):
            waiting += whole[start : start + CHUNK_BYTES]
            if len(waiting) > CHUNK_BYTES:
                yield bytes(waiting[:CHUNK_BYTES]), False
                del waiting[:CHUNK_BYTES]
    if waiting:
        yield bytes(waiting), True


def _file_name(desk: Desk, sha256: str) -> str:
    key = desk.data_key.subkey("attachment-name")
    return hmac.new(key, sha256.encode("ascii"), hashlib.sha256).hexdigest()


def _nonce(place: int, *, last: bool) -> bytes:
    """The key is the file's own, so place and last-flag make a nonce that never comes twice."""
    return struct.pack(">QI", place, int(last))


def _seal(desk: Desk, pieces: Iterable[bytes], to: Path) -> tuple[str, int]:
    """Write pieces to a file as sealed chunks; return the digest of the content and its size."""
    salt, hashed, size = os.urandom(_SALT_BYTES), hashlib.sha256(), 0
    cipher = AESGCM(desk.data_key.subkey("attachment", salt))
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        out.write(_MAGIC + salt)
        for place, (chunk, last) in enumerate(_chunks(pieces)):
            size += len(chunk)
            if size > LARGEST_BYTES:
                raise FileRefused("attachment_too_large", limit_mb=LARGEST_BYTES // 1024 // 1024)
            hashed.update(chunk)
            out.write(cipher.encrypt(_nonce(place, last=last), chunk, _MAGIC))
        if not size:
            raise FileRefused("attachment_empty")
        out.flush()
        os.fsync(out.fileno())
    return hashed.hexdigest(), size


class Pieces:
    """The content of an attachment, read where it is asked for: never more than two chunks are in memory.

    Each chunk is verified as it is opened; whether they are together what the digest says, who reads them all
    can tell.
    """

    def __init__(self, desk: Desk, sha256: str) -> None:
        """Open it.

        Raises:
            StoreError: ``attachment_missing``; ``attachment_damaged``.
        """
        path = desk.profile / FOLDER / _file_name(desk, sha256)
        try:
            self._sealed = path.open("rb")
        except FileNotFoundError as error:
            raise StoreError("attachment_missing") from error
        except OSError as error:
            raise file_error(error) from error
        with ExitStack() as undo:
            undo.callback(self.close)
            head = self._raw(0, _HEAD_BYTES)
            size = self._sealed.seek(0, os.SEEK_END) - _HEAD_BYTES
            if not head.startswith(_MAGIC) or size <= _TAG_BYTES:
                raise StoreError("attachment_damaged")
            self.count = -(-size // _SEALED_BYTES)
            self._cipher = AESGCM(desk.data_key.subkey("attachment", head[len(_MAGIC) :]))
            self._open: tuple[int, bytes] = (-1, b"")
            undo.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._sealed.close()

    def chunk(self, place: int) -> bytes:
        """Return one chunk of CHUNK_BYTES, or what is left in the last.

        Raises:
            StoreError: ``attachment_damaged``.
        """
        if self._open[0] != place:
            sealed = self._raw(_HEAD_BYTES + place * _SEALED_BYTES, _SEALED_BYTES)
            try:
                plain = self._cipher.decrypt(_nonce(place, last=place == self.count - 1), sealed, _MAGIC)
            except (InvalidTag, ValueError) as error:
                raise StoreError("attachment_damaged") from error
            self._open = (place, plain)
        return self._open[1]

    def read(self, start: int, size: int) -> bytes:
        """Return the bytes from `start` on, `size` of them or as many as there are.

        Raises:
            StoreError: ``attachment_damaged``.
        """
        found = bytearray()
        while len(found) < size:
            place, at = divmod(start + len(found), CHUNK_BYTES)
            piece = self.chunk(place)[at : at + size - len(found)] if place < self.count else b""
            if not piece:
                break
            found += piece
        return bytes(found)

    def _raw(self, start: int, size: int) -> bytes:
        try:
            self._sealed.seek(start)
            return self._sealed.read(size)
        except OSError as error:
            raise file_error(error) from error
