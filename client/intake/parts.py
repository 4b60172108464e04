"""Parts of a file that is an archive: their bytes, and their XML as a stream of elements.

Whatever zipfile, zlib or expat stumble over is one thing to a person: the file is damaged. No document
type is accepted, so no entity can be declared.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from typing import Final
from xml.parsers import expat

from client.errors import FileRefused

BLOCK_BYTES: Final = 1 << 20

BROKEN: Final = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, NotImplementedError)
"""What reading a part of a damaged archive may raise."""

Start = Callable[[str, dict[str, str]], None]
"""Told of each element's name and attributes."""

Told = Callable[[str], None]


def read(archive: zipfile.ZipFile, part: str) -> bytes:
    """Return the bytes of a part.

    Raises:
        FileRefused: `file_damaged`.
    """
    try:
        return archive.read(part)
    except BROKEN as error:
        raise FileRefused("file_damaged") from error


def check(archive: zipfile.ZipFile, part: str) -> None:
    """Read a part to its end, where its check sum stands; keep nothing.

    Raises:
        FileRefused: `file_damaged`.
    """
    try:
        with archive.open(part) as stream:
            while stream.read(BLOCK_BYTES):
                pass
    except BROKEN as error:
        raise FileRefused("file_damaged") from error


def walk(
    archive: zipfile.ZipFile, part: str, start: Start, *, end: Told | None = None, text: Told | None = None
) -> None:
    """Walk through the XML of a part.

    Raises:
        FileRefused: `file_damaged`, also for a document type.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse
    if end is not None:
        parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        with archive.open(part) as stream:
            while block := stream.read(BLOCK_BYTES):
                parser.Parse(block, False)
            parser.Parse(b"", True)
    # An encoding that nobody knows is a LookupError, a number where none is a ValueError.
    except (expat.ExpatError, LookupError, ValueError, *BROKEN) as error:
        raise FileRefused("file_damaged") from error


def _refuse(*_declaration: object) -> None:
    raise FileRefused("file_damaged")
