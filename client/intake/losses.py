"""Whether a file comes back as itself, and what its error report cannot keep, said before it is written."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from client.errors import FileRefused
from client.intake import parts
from client.intake.gate import judge

MOST_ROWS: Final = 20_000
"""Rows up to which a workbook is given back as itself."""

_WORKBOOK: Final = "xl/workbook.xml"
_TYPES: Final = "[Content_Types].xml"
_ENDINGS: Final = {False: ".xlsx", True: ".xlsm"}
_FOLDERS: Final = {"_xmlsignatures/": "signature_lost", "xl/threadedcomments/": "threads_unmarked"}


def is_healable(source: Path, out: Path) -> bool:
    """Whether a file can come back as itself under a name: macros need the ending that allows them."""
    macros = _has_macros(source)
    return macros is not None and out.suffix.lower() == _ENDINGS[macros]


def ending_of(source: Path, rows: int) -> str:
    """Return the ending under which a file of so many rows comes back: as itself, or as a new workbook."""
    return _ENDINGS[rows <= MOST_ROWS and _has_macros(source) is True]


def _has_macros(source: Path) -> bool | None:
    """Whether a workbook needs the ending of those with macros; None for what is no workbook of this kind."""
    try:
        with zipfile.ZipFile(source) as archive:
            if _WORKBOOK not in archive.NameToInfo or _TYPES not in archive.NameToInfo:
                return None
            return b"macroEnabled" in archive.read(_TYPES)
    except (OSError, zipfile.BadZipFile, KeyError):
        return None


def losses(path: Path, *, out: Path | None = None, rows: int = 0) -> tuple[str, ...]:
    """Return codes of what an error report cannot keep.

    ``signature_lost``: a digital signature is of every byte. ``threads_unmarked``: cells with a
    conversation are coloured, but get no note. The others tell that a new workbook is written:
    ``format_unmarked``: a spreadsheet that is no .xlsx or .xlsm; ``ending_unmarked``: `out` has not the
    ending that the workbook needs; ``rows_unmarked``: there are too many. Empty for texts, which have no
    looks to keep.

    Args:
        path: the file that was read.
        out: where the report goes, when that is known.
        rows: how many records the file holds, when that is known.
    """
    try:
        kind = judge(path)
        if kind != "xlsx":
            return () if kind == "text" else ("format_unmarked",)
        with zipfile.ZipFile(path) as archive:
            names = [name.casefold() for name in archive.namelist()]
    except (FileRefused, *parts.BROKEN):
        return ()
    if rows > MOST_ROWS:
        return ("rows_unmarked",)
    if out is not None and not is_healable(path, out):
        return ("ending_unmarked",)
    return tuple(code for folder, code in _FOLDERS.items() if any(name.startswith(folder) for name in names))
