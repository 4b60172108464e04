"""An exchange package on a stick: one file, or parts of a chosen size. Each says which it is.

    "MXP1" | package id, 16 bytes | u16 part | u16 of how many | bytes of the package

A part is written beside its place and renamed when it is whole and on the disk: what carries the name is
whole. Names serve people only; which parts belong together is read from the files.
"""

from __future__ import annotations

import errno
import os
import shutil
import struct
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from forms.seal.package import SUFFIX, PackageError
from forms.seal.package_stream import Package

MOST_PARTS: Final = 999
MOST_FILES: Final = 5_000
"""Files of a folder that are looked through for parts."""

_MAGIC: Final = b"MXP1"
_PREFIX: Final = struct.Struct(">4s16sHH")
_PIECE: Final = 1_048_576
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

Told = Callable[[int, int], None]
"""Told how many bytes of how many are written; raising inside it gives the writing up."""


def _nothing(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


def part_path(path: Path, part: int, parts: int) -> Path:
    """Return the file of one part: the name that was asked for, or ``NAME.002.mxp``."""
    stem = path.name.removesuffix(SUFFIX)
    return path.with_name(f"{stem}{SUFFIX}" if parts == 1 else f"{stem}.{part:03d}{SUFFIX}")


def put_on_stick(
    package: Path,
    package_id: str,
    to: Path,
    *,
    part_bytes: int | None = None,
    from_part: int = 1,
    told: Told = _nothing,
) -> list[Path]:
    """Copy a package that was written whole onto a stick; return the files.

    Args:
        package: the bytes of the package, as `package_stream.write_package` made them.
        package_id: of it.
        to: file to write; with parts, their names are made from it.
        part_bytes: size of a part; None for one file.
        from_part: parts before this one lie on another stick already.
        told: progress.

    Raises:
        PackageError: ``stick_full`` with the part that did not fit; ``stick_unwritable``,
            ``package_too_many_parts``. Parts that were finished stay.
    """
    try:
        size = package.stat().st_size
    except OSError as error:
        raise PackageError("stick_unreadable") from error
    body = size if part_bytes is None else part_bytes - _PREFIX.size
    if body <= 0 or -(-size // body) > MOST_PARTS:
        raise PackageError("package_too_many_parts", most=MOST_PARTS)
    parts = max(1, -(-size // body))
    made, number = [], uuid.UUID(package_id).bytes
    for part in range(from_part, parts + 1):
        place = part_path(to, part, parts)
        with _placing(place, part, parts, body) as out, package.open("rb") as whole:
            out.write(_PREFIX.pack(_MAGIC, number, part, parts))
            begin = (part - 1) * body
            whole.seek(begin)
            for done in _copy(whole, out, min(body, size - begin)):
                told(begin + done, size)
        made.append(place)
    return made


def _copy(whole: IO[bytes], out: IO[bytes], size: int) -> Iterator[int]:
    done = 0
    while done < size:
        piece = whole.read(min(_PIECE, size - done))
        if not piece:
            raise PackageError("stick_unreadable")
        out.write(piece)
        done += len(piece)
        yield done


@contextmanager
def _placing(place: Path, part: int, parts: int, size: int) -> Iterator[IO[bytes]]:
    """Give a file to write that takes its place when it is whole and on the disk."""
    beside = place.with_name(f".{place.name}.writing")
    try:
        _require_room(place.parent, size)
        with beside.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        beside.replace(place)
        _sync_folder(place.parent)
    except OSError as error:
        code = "stick_full" if error.errno in _FULL else "stick_unwritable"
        raise PackageError(code, part=part, parts=parts) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _require_room(folder: Path, size: int) -> None:
    """Say at once that the stick is full, instead of after half of it was written."""
    if shutil.disk_usage(folder).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return  # a folder cannot be opened there
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Joined:
    """The bytes of a package, its parts put together again.

    Attributes:
        package_id: as the parts say.
    """

    def __init__(self, package_id: str, paths: Sequence[Path]) -> None:
        self.package_id = package_id
        self._paths, self._at = list(paths), 0
        self._file: IO[bytes] | None = None

    def rewind(self) -> None:
        """Begin anew."""
        self.close()
        self._at = 0

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        try:
            while self._at < len(self._paths):
                if self._file is None:
                    self._file = self._paths[self._at].open("rb")
                    self._file.seek(_PREFIX.size)
                piece = self._file.read(size)
                if piece:
                    return piece
                self.close()
                self._at += 1
        except OSError as error:
            raise PackageError("stick_unreadable") from error
        return b""

    def close(self) -> None:
        """Let go of the file at hand."""
        if self._file is not None:
            self._file.close()
            self._file = None


@contextmanager
def open_package(path: Path) -> Iterator[Package]:
    """Open a package on a stick and read its header.

    Args:
        path: its file, any of its parts, or the name that its parts were made from.

    Raises:
        PackageError: ``not_a_package``, ``stick_unreadable``; ``package_part_missing`` with its number;
            and what `Package` raises.
    """
    joined = _joined(path)
    try:
        package = Package(joined)
        if package.header.package_id != joined.package_id:
            raise PackageError("package_damaged")
        yield package
    finally:
        joined.close()


def _joined(path: Path) -> Joined:
    try:
        first = path if path.exists() else part_path(path, 1, 2)
        number, part, parts = _prefix_of(first)
        found = {part: first} if parts == 1 else _parts_of(first, number, parts)
        for wanted in range(1, parts + 1):
            if wanted not in found:
                raise PackageError("package_part_missing", part=wanted, parts=parts)
        return Joined(str(uuid.UUID(bytes=number)), [found[n] for n in range(1, parts + 1)])
    except OSError as error:
        raise PackageError("stick_unreadable") from error


def _parts_of(first: Path, number: bytes, parts: int) -> dict[int, Path]:
    """Find the parts of a package in the folder of one of them, whatever they are called now."""
    found: dict[int, Path] = {}
    for place, one in enumerate(sorted(first.parent.glob(f"*{SUFFIX}"))):
        if place == MOST_FILES:
            break
        try:
            of, part, of_how_many = _prefix_of(one)
        except PackageError:
            continue  # something else that happens to lie here
        if (of, of_how_many) == (number, parts):
            found.setdefault(part, one)
    return found


def _prefix_of(path: Path) -> tuple[bytes, int, int]:
    with path.open("rb") as file:
        head = file.read(_PREFIX.size)
    if len(head) < _PREFIX.size or not head.startswith(_MAGIC):
        raise PackageError("not_a_package")
    _, number, part, parts = _PREFIX.unpack(head)
    if not 1 <= part <= parts <= MOST_PARTS:
        raise PackageError("package_damaged")
    return number, part, parts
