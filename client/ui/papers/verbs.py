"""What printing and exporting ask of letters, intake and store. Values in, values out; no widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from client.core.listing import Listing
from client.errors import FileRefused
from client.intake.export import export_list
from client.letters.printing import print_list, print_record
from client.store.desk import Desk
from client.store.files import OPENED

PDF: Final = ".pdf"
PRINTS: Final = "prints"
"""Folder beside the decrypted copies; it goes when the desk is locked."""

RECORD_NAME: Final = "记录"

Progress = Callable[[int], None]
Cancelled = Callable[[], bool]
Make = Callable[[Desk], Listing]


@dataclass(frozen=True, slots=True)
class Paper:
    """What a page has to print and to export just now.

    Attributes:
        title: of the list, e.g. 记录清单; empty for no list.
        make: reads the list; called beside the lanes.
        record_id: of the record in view; None without one.
        more: titles of further lists that can be exported, and what reads them.
    """

    title: str = ""
    make: Make | None = None
    record_id: str | None = None
    more: tuple[tuple[str, Make], ...] = ()


def put_out(
    desk: Desk, make: Make, path: Path, *, numbers: bool, progress: Progress, cancelled: Cancelled
) -> int:
    """Write a list as the ending of `path` says; return the number of rows.

    Raises:
        FileRefused: ``format_unknown``, ``file_unwritable``, and what a print may lack.
        ClientError: ``stopped``.
    """
    listing = make(desk)
    if path.suffix.lower() == PDF:
        return print_list(desk, listing, path, numbers=numbers, progress=progress, cancelled=cancelled)
    return export_list(desk, listing, path, progress=progress, cancelled=cancelled)


def record_to_show(desk: Desk, record_id: str, *, numbers: bool) -> Path:
    """Write a record as a PDF that the system's viewer shows; return where it lies."""
    path = _place(desk, RECORD_NAME)
    print_record(desk, record_id, path, numbers=numbers)
    return path


def list_to_show(desk: Desk, make: Make, *, numbers: bool, progress: Progress, cancelled: Cancelled) -> Path:
    """Write a list as a PDF that the system's viewer shows; return where it lies."""
    listing = make(desk)
    path = _place(desk, listing.title)
    print_list(desk, listing, path, numbers=numbers, progress=progress, cancelled=cancelled)
    return path


def _place(desk: Desk, title: str) -> Path:
    folder = desk.profile / OPENED / PRINTS
    name = f"{title} {desk.now()[:23].translate(_PLAIN)}{PDF}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FileRefused("file_unwritable", file_name=name) from error
    return folder / name


_PLAIN: Final = str.maketrans({":": "", "-": "", ".": "", "T": "-"})
