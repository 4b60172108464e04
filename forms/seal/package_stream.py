"""The bytes of an exchange package: written and read as a stream, with bounded memory.

    u32 length, header (package.read_header)
    chunks:  u32 length | u8 last | AES-256-GCM of at most 1 MB, bound to header, number and last
    inside, compressed (zlib):  entries:  u32 length, JSON | content      … the last one is the seal

Nothing of the content may have effect before `Package.walk` has come to its end once and the seal is proved:
it is at the end that a cut, a swapped chunk or a forged seal is found out. Then walk again, and act.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from forms.seal.canonical import canonical
from forms.seal.keys import BadKey, SigningKey, from_text, to_text, verifies
from forms.seal.package import (
    FILE_KEY_BYTES,
    MOST_HEADER_BYTES,
    Header,
    PackageError,
    PackageKey,
    SealedHeader,
    read_header,
    seal_header,
)

CHUNK_BYTES: Final = 1_048_576
_TAG_BYTES: Final = 16
_LENGTH: Final = struct.Struct(">I")
_CHUNK: Final = struct.Struct(">IB")
_SEAL: Final = "seal"
_PURPOSE: Final = "package-content"


class Source(Protocol):
    """What a package is read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        ...

    def rewind(self) -> None:
        """Begin anew."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a package.

    Attributes:
        about: what it is, as a JSON object; `kind` says how to read it.
        content: its bytes, exactly as the network would have carried them.
        pieces: the same for who writes something large, and so many bytes of them; read once.
    """

    about: Mapping[str, Any]
    content: bytes = field(default=b"", repr=False)
    pieces: tuple[int, Iterable[bytes]] | None = field(default=None, repr=False)

    @property
    def kind(self) -> str:
        """What it is: a text, or empty."""
        kind = self.about.get("kind")
        return kind if isinstance(kind, str) else ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a reader takes at most; a package over one of them is refused whole."""

    entries: int = 10_000
    entry_bytes: int = 64 * 1024 * 1024
    about_bytes: int = 65_536
    unpacked_bytes: int = 4 * 1024**3


USUAL: Final = Bounds()


@dataclass(frozen=True, slots=True)
class Written:
    """A package that was written: digest and size of all its bytes."""

    sha256: str
    size_bytes: int
    entries: int


@dataclass(frozen=True, slots=True)
class Seal:
    """Who vouches for the content: checked against a key with `proves`."""

    by: str
    sig: str
    said: Mapping[str, Any]

    def proves(self, public: str) -> bool:
        """Say whether the content was signed with the key `public`, for this recipient."""
        try:
            return to_text(from_text(self.sig)) == self.sig and verifies(
                public, self.sig, _PURPOSE, self.said
            )
        except BadKey:
            return False


def write_package(
    out: IO[bytes],
    header: Header,
    entries: Iterable[Entry],
    *,
    to: str,
    sender: SigningKey,
    by: str,
    signer: SigningKey,
) -> Written:
    """Write a package.

    Args:
        out: where to; nothing in it is of use before this has returned.
        header: names the recipient.
        entries: in their order; each is let go before the next is asked for.
        to: public key of the recipient.
        sender: signs the header.
        by: whose key `signer` is.
        signer: signs the content.
    """
    file_key = os.urandom(FILE_KEY_BYTES)
    sealed = seal_header(header, file_key, to=to, key=sender)
    target = _Target(out)
    target.write(_LENGTH.pack(len(sealed.raw)) + sealed.raw)
    packer, hashed, count = _Packer(target, file_key, sealed), hashlib.sha256(), 0
    for entry in entries:
        count += 1
        for piece in _frame(entry):
            hashed.update(piece)
            packer.add(piece)
    said = _statement(sealed, count, hashed.hexdigest())
    seal = Entry({"kind": _SEAL, "by": by, "sig": signer.sign(_PURPOSE, said)})
    for piece in _frame(seal):
        packer.add(piece)
    packer.end()
    return Written(target.hashed.hexdigest(), target.size, count)


def _frame(entry: Entry) -> Iterator[bytes]:
    size, pieces = entry.pieces or (len(entry.content), _cut(entry.content))
    about = canonical({**entry.about, "size": size})
    yield _LENGTH.pack(len(about)) + about
    for piece in pieces:
        size -= len(piece)
        yield piece
    if size:
        raise ValueError(size)  # what is written so far can be read by nobody


def _cut(content: bytes) -> Iterator[bytes]:
    whole = memoryview(content)
    for place in range(0, len(whole), CHUNK_BYTES):
        yield bytes(whole[place : place + CHUNK_BYTES])


def _statement(sealed: SealedHeader, entries: int, content_sha256: str) -> dict[str, Any]:
    """What the inner signature is over: the content, and for whom it is."""
    return {
        "header_sha256": sealed.sha256,
        "recipient": sealed.header.recipient,
        "recipient_key": sealed.header.recipient_key,
        "entries": entries,
        "content_sha256": content_sha256,
    }


def _nonce(number: int, *, last: bool) -> bytes:
    """The key is the package's own, so number and last-flag make a nonce that never comes twice."""
    return struct.pack(">QI", number, int(last))


class _Target:
    """Counts and digests what is written."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self.hashed, self.size = hashlib.sha256(), 0

    def write(self, piece: bytes) -> None:
        self._out.write(piece)
        self.hashed.update(piece)
        self.size += len(piece)


class _Packer:
    """Compresses, cuts into chunks, encrypts."""

    def __init__(self, target: _Target, file_key: bytes, sealed: SealedHeader) -> None:
        self._target, self._cipher = target, AESGCM(file_key)
        self._bound = bytes.fromhex(sealed.sha256)
        self._packer, self._waiting, self._number = zlib.compressobj(6), bytearray(), 0

    def add(self, plain: bytes) -> None:
        self._waiting += self._packer.compress(plain)
        while len(self._waiting) > CHUNK_BYTES:  # the last chunk is known as such only at the end
            self._put(bytes(self._waiting[:CHUNK_BYTES]), last=False)
            del self._waiting[:CHUNK_BYTES]

    def end(self) -> None:
        self._waiting += self._packer.flush()
        while len(self._waiting) > CHUNK_BYTES:
            self._put(bytes(self._waiting[:CHUNK_BYTES]), last=False)
            del self._waiting[:CHUNK_BYTES]
        self._put(bytes(self._waiting), last=True)

    def _put(self, plain: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), plain, self._bound)
        self._number += 1
        self._target.write(_CHUNK.pack(len(sealed), int(last)) + sealed)


class Package:
    """A package that is read.

    Attributes:
        sealed: its header, not believed before `sealed.require_sender` and `require_recipient`.
        seal: who vouches for the content; known once `walk` has come to its end.
        sha256: of all its bytes; known then, too.
    """

    def __init__(self, source: Source) -> None:
        """Read the header.

        Raises:
            PackageError: ``package_truncated``, ``package_damaged``, ``package_unknown_format``.
        """
        self._source = source
        source.rewind()
        (length,) = _LENGTH.unpack(_exactly(source, _LENGTH.size))
        if length > MOST_HEADER_BYTES:
            raise PackageError("package_damaged")
        self.sealed = read_header(_exactly(source, length))
        self.seal: Seal | None = None
        self.sha256 = ""

    @property
    def header(self) -> Header:
        """What anybody may read of it."""
        return self.sealed.header

    def walk(self, key: PackageKey, bounds: Bounds = USUAL) -> Iterator[Entry]:
        """Give the entries, one after the other; at the end all is known to be whole.

        Raises:
            PackageError: ``package_for_another``, ``package_truncated``, ``package_damaged``,
                ``package_too_large``, ``package_too_many``.
        """
        self.seal = None
        file_key = self.sealed.require_recipient(key)
        self._source.rewind()
        whole, hashed = hashlib.sha256(), hashlib.sha256()
        head = _exactly(self._source, _LENGTH.size + len(self.sealed.raw))
        if head[_LENGTH.size :] != self.sealed.raw:
            raise PackageError("package_damaged")  # it was exchanged while it was read
        whole.update(head)
        plain = _Plain(self._chunks(file_key, whole), bounds.unpacked_bytes)
        count = 0
        while True:
            entry, framed = _read_entry(plain, bounds)
            if entry.kind == _SEAL:
                break
            count += 1
            if count > bounds.entries:
                raise PackageError("package_too_many", most=bounds.entries)
            hashed.update(framed)
            hashed.update(entry.content)
            yield entry
        plain.must_be_over()
        self.seal = Seal(
            str(entry.about.get("by")),
            str(entry.about.get("sig")),
            _statement(self.sealed, count, hashed.hexdigest()),
        )
        self.sha256 = whole.hexdigest()

    def _chunks(self, file_key: bytes, whole: Any) -> Iterator[bytes]:
        cipher, bound, number, last = AESGCM(file_key), bytes.fromhex(self.sealed.sha256), 0, False
        while not last:
            head = _exactly(self._source, _CHUNK.size)
            length, flag = _CHUNK.unpack(head)
            last = flag == 1
            if flag > 1 or length > CHUNK_BYTES + _TAG_BYTES:
                raise PackageError("package_damaged")
            sealed = _exactly(self._source, length)
            whole.update(head)
            whole.update(sealed)
            try:
                yield cipher.decrypt(_nonce(number, last=last), sealed, bound)
            except (InvalidTag, ValueError) as error:
                raise PackageError("package_damaged") from error
            number += 1
        if self._source.read(1):
            raise PackageError("package_damaged")


def _exactly(source: Source, size: int) -> bytes:
    """Read `size` bytes, no fewer."""
    got = bytearray()
    while len(got) < size:
        piece = source.read(size - len(got))
        if not piece:
            raise PackageError("package_truncated")
        got += piece
    return bytes(got)


def _read_entry(plain: _Plain, bounds: Bounds) -> tuple[Entry, bytes]:
    """Read one entry; beside it, the bytes that stand before its content."""
    head = plain.take(_LENGTH.size)
    (length,) = _LENGTH.unpack(head)
    if length > bounds.about_bytes:
        raise PackageError("package_damaged")
    raw = plain.take(length)
    try:
        about = json.loads(raw)
        size = about.pop("size")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise PackageError("package_damaged") from error
    if type(size) is not int or size < 0:
        raise PackageError("package_damaged")
    if size > bounds.entry_bytes:
        raise PackageError("package_too_large", most_mb=bounds.entry_bytes // 1_048_576)
    return Entry(about, plain.take(size)), head + raw


class _Plain:
    """The content, unpacked piece by piece: a bomb costs no more than what is asked for."""

    def __init__(self, chunks: Iterator[bytes], most_bytes: int) -> None:
        self._chunks, self._most, self._size = chunks, most_bytes, 0
        self._unpacker, self._waiting, self._full = zlib.decompressobj(), bytearray(), False

    def take(self, size: int) -> bytes:
        """Return exactly so many bytes."""
        while len(self._waiting) < size:
            if not self._more():
                raise PackageError("package_damaged")
        with memoryview(self._waiting) as whole, whole[:size] as wanted:
            taken = bytes(wanted)
        del self._waiting[:size]
        return taken

    def must_be_over(self) -> None:
        """Refuse what follows the seal; also brings the chunks to their end."""
        if self._waiting or self._more() or self._unpacker.unused_data or not self._unpacker.eof:
            raise PackageError("package_damaged")
        if next(self._chunks, None) is not None:
            raise PackageError("package_damaged")

    def _more(self) -> bool:
        """Unpack a little more; False at the end."""
        while True:
            packed = self._unpacker.unconsumed_tail
            if not packed and not self._full:
                if self._unpacker.eof:
                    return False
                fresh = next(self._chunks, None)
                if fresh is None:
                    return False
                packed = fresh
            try:
                piece = self._unpacker.decompress(packed, CHUNK_BYTES)
            except zlib.error as error:
                raise PackageError("package_damaged") from error
            # A full piece may have left more behind even when all that was packed is consumed.
            self._full = len(piece) == CHUNK_BYTES
            if piece:
                self._size += len(piece)
                if self._size > self._most:
                    raise PackageError("package_too_large", most_mb=self._most // 1_048_576)
                self._waiting += piece
                return True
