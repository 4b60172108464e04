"""A file takes its place whole or not at all, and never under the hands of a program that has it open."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from client.errors import FileRefused

_ANY_WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def is_held(path: Path) -> bool:
    """Tell whether a spreadsheet program has the file open, or another one keeps it to itself."""
    marks = (f"~${path.name}", f"~${path.name[2:]}", f".~lock.{path.name}#")
    if any((path.parent / mark).exists() for mark in marks):
        return True
    try:
        with path.open("r+b"):
            return False
    except OSError:
        return True


def may_write(path: Path) -> None:
    """Make sure that a file can be written, before any work is done for it; what is there stays.

    Raises:
        FileRefused: `report_unwritable`: it is open elsewhere or read-only, or its folder is, or is missing.
    """
    try:
        if not path.exists():
            path.open("xb").close()
            path.unlink()
        elif not path.stat().st_mode & _ANY_WRITE or is_held(path):
            raise FileRefused("report_unwritable")
    except OSError as error:
        raise FileRefused("report_unwritable") from error


@contextmanager
def placing(path: Path) -> Iterator[Path]:
    """Give a file to write beside `path`; it takes its place when the block is left without an error.

    Raises:
        FileRefused: `report_unwritable`: folder, disk, or a program that holds the file.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=".minxin-", dir=path.parent))
    except OSError as error:
        raise FileRefused("report_unwritable") from error
    draft = folder / path.name
    try:
        yield draft
        with draft.open("rb+") as made:
            os.fsync(made.fileno())
        draft.replace(path)
    except OSError as error:
        raise FileRefused("report_unwritable") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
