"""What an error report cannot keep of a file, said before anything is written."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from client.errors import FileRefused
from client.intake import parts
from client.intake.gate import judge

_FOLDERS: Final = {"_xmlsignatures/": "signature_lost", "xl/threadedcomments/": "threads_unmarked"}


def losses(path: Path) -> tuple[str, ...]:
    """Return codes of what marking a workbook cannot keep.

    ``signature_lost``: a digital signature is of every byte. ``threads_unmarked``: cells with a
    conversation are coloured, but get no note. ``format_unmarked``: a spreadsheet that is no .xlsx or
    .xlsm is reported on in a new workbook. Empty for texts, which have no looks to keep.
    """
    try:
        kind = judge(path)
        if kind != "xlsx":
            return () if kind == "text" else ("format_unmarked",)
        with zipfile.ZipFile(path) as archive:
            names = [name.casefold() for name in archive.namelist()]
    except (FileRefused, *parts.BROKEN):
        return ()
    return tuple(code for folder, code in _FOLDERS.items() if any(name.startswith(folder) for name in names))
