"""What a file is, by its content and never by its ending; what may not come in is refused by name.

Reads a few kilobytes and the directory of an archive. Unpacks nothing, parses no table.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from client.errors import FileRefused
from client.intake.compound import names_of
from client.intake.parts import BROKEN

Kind = Literal["xlsx", "xlsb", "xls", "ods", "text"]

MAX_FILE_MB: Final = 50
MAX_UNPACKED_MB: Final = 200
MAX_PARTS: Final = 10_000
BOMB_RATIO: Final = 300
"""A part that unpacks to this many times its packed size holds nothing that a person wrote."""

BOMB_FROM_MB: Final = 10

_MB: Final = 1 << 20
_HEAD_BYTES: Final = 4096
_ENCRYPTED_FLAG: Final = 0x1
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_FOREIGN: Final = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"SQLite format 3\x00", "database"),
    (b"{\\rtf", "word"),
    (b"\x09\x00\x04\x00", "old"),
    (b"\x09\x02\x06\x00", "old"),
    (b"\x09\x04\x06\x00", "old"),
)
"""First bytes of files that people drop by mistake; the last three are Excel 2, 3 and 4."""

_OLE_STREAMS: Final = (
    ("EncryptedPackage", "password"),
    ("WordDocument", "word"),
    ("PowerPoint Document", "slides"),
    ("Workbook", "xls"),
    ("Book", "xls"),
)

_ZIP_PARTS: Final = (
    ("xl/workbook.bin", "xlsb"),
    ("xl/workbook.xml", "xlsx"),
    ("word/document.xml", "word"),
    ("ppt/presentation.xml", "slides"),
)

_ODS_TYPE: Final = b"application/vnd.oasis.opendocument.spreadsheet"


def judge(path: Path) -> Kind:
    """Say what kind of spreadsheet a file is.

    Raises:
        FileRefused: it is missing, too large, empty, locked with a password, or no spreadsheet.
    """
    head = _head(path)
    if head.startswith(_OLE):
        return _judge_compound(path)
    if head.startswith(b"PK\x03\x04"):
        return _judge_archive(path)
    if head.startswith(b"PK"):
        raise FileRefused("file_damaged")
    for magic, kind in _FOREIGN:
        # Two letters alone may begin an honest text; a binary file has a NUL soon after.
        if head.startswith(magic) and (len(magic) > 2 or b"\x00" in head):
            raise FileRefused("not_a_spreadsheet", kind=kind)
    _refuse_markup(head)
    return "text"


def _head(path: Path) -> bytes:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise FileRefused("file_unreadable")  # a folder; a pipe would never end
        size = about.st_size
        if size > MAX_FILE_MB * _MB:
            raise FileRefused("file_too_large", size_mb=size // _MB, limit_mb=MAX_FILE_MB)
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except FileNotFoundError as error:
        raise FileRefused("file_missing") from error
    except OSError as error:
        raise FileRefused("file_unreadable") from error
    if not head.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise FileRefused("file_empty")
    return head


def _refuse_markup(head: bytes) -> None:
    """Refuse web pages and XML tables that systems hand out under the name .xls."""
    start = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head")):
        raise FileRefused("not_a_spreadsheet", kind="html")
    if start.startswith(b"<?xml"):
        raise FileRefused("not_a_spreadsheet", kind="html" if b"<html" in start else "xml")


def _judge_compound(path: Path) -> Kind:
    """Judge an OLE file: an old workbook, a document, or a workbook under a password."""
    names = names_of(path)
    for name, kind in _OLE_STREAMS:
        if name in names:
            if kind == "password":
                raise FileRefused("password_protected")
            if kind != "xls":
                raise FileRefused("not_a_spreadsheet", kind=kind)
            return "xls"
    raise FileRefused("not_a_spreadsheet", kind="unknown")


def _judge_archive(path: Path) -> Kind:
    """Judge a ZIP file from its central directory; nothing is unpacked but the name of the type."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _refuse_bombs(parts, path.stat().st_size)
            names = {part.filename for part in parts}
            if len(names) != len(parts):
                raise FileRefused("file_damaged")
            if any(part.flag_bits & _ENCRYPTED_FLAG for part in parts):
                raise FileRefused("password_protected")
            for name, kind in _ZIP_PARTS:
                if name in names:
                    if kind == "xlsx":
                        return "xlsx"
                    if kind == "xlsb":
                        return "xlsb"
                    raise FileRefused("not_a_spreadsheet", kind=kind)
            if "mimetype" in names and "content.xml" in names:
                return _judge_open_document(archive, names)
    except (zipfile.LargeZipFile, RuntimeError, *BROKEN) as error:
        raise FileRefused("file_damaged") from error
    raise FileRefused("not_a_spreadsheet", kind="zip")


def _judge_open_document(archive: zipfile.ZipFile, names: set[str]) -> Kind:
    if "META-INF/manifest.xml" in names:
        with archive.open("META-INF/manifest.xml") as manifest:
            if b"encryption-data" in manifest.read(_MB):
                raise FileRefused("password_protected")
    with archive.open("mimetype") as mimetype:
        if not mimetype.read(len(_ODS_TYPE)).startswith(_ODS_TYPE):
            raise FileRefused("not_a_spreadsheet", kind="word")
    return "ods"


def _refuse_bombs(parts: Sequence[zipfile.ZipInfo], file_size: int) -> None:
    """Refuse by the sizes that the directory promises; what lies about them runs into the memory limit."""
    if len(parts) > MAX_PARTS or any(part.header_offset >= file_size for part in parts):
        raise FileRefused("file_damaged")
    for part in parts:
        if part.file_size > BOMB_FROM_MB * _MB and part.file_size > BOMB_RATIO * max(part.compress_size, 1):
            raise FileRefused("compressed_bomb")
    if sum(part.file_size for part in parts) > MAX_UNPACKED_MB * _MB:
        raise FileRefused("unpacks_too_large", limit_mb=MAX_UNPACKED_MB)
