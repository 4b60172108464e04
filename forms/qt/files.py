"""Files as a form knows them: an entry in the value, and somebody who keeps the bytes.

The form itself reads no file and keeps none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol, TypedDict

from PySide6.QtGui import QImage


class FileEntry(TypedDict):
    """A file in a value: named by its content.

    Keys: sha256 in hex; name as people see it; size in bytes; media_type.
    """

    sha256: str
    name: str
    size: int
    media_type: str


class Files(Protocol):
    """Keeps the bytes of files. Nothing here waits: what is found is told later."""

    def add(
        self,
        path: Path,
        taken: Callable[[FileEntry], bool],
        refused: Callable[[str], object],
        progress: Callable[[int], None],
    ) -> object:
        """Take a file in.

        Args:
            path: where it lies.
            taken: is told of the entry; False when nobody waits for it any more.
            refused: is told why not, in words.
            progress: is told how far it is, in hundredths.
        """

    def open(self, entry: FileEntry) -> object:
        """Show a file in the program for it."""

    def look(self, entries: Sequence[FileEntry], missing: Callable[[frozenset[str]], object]) -> object:
        """Tell which of `entries` (by SHA-256) have no bytes on this machine."""

    def picture(self, entry: FileEntry, shown: Callable[[QImage | None], object]) -> object:
        """Tell a small picture of a file that is one; None for any other, or when its bytes are missing."""


class NoFiles:
    """Where nobody keeps files: what is there is shown, and nothing is added or opened."""

    def add(
        self,
        path: Path,
        taken: Callable[[FileEntry], bool],
        refused: Callable[[str], object],
        progress: Callable[[int], None],
    ) -> None:
        """Take none."""

    def open(self, entry: FileEntry) -> None:
        """Open none."""

    def look(self, entries: Sequence[FileEntry], missing: Callable[[frozenset[str]], object]) -> None:
        """Miss none."""

    def picture(self, entry: FileEntry, shown: Callable[[QImage | None], object]) -> None:
        """Show none."""


NO_FILES: Final[Files] = NoFiles()


def is_entry(member: object) -> bool:
    """Say whether a member of a value is a file, and not what somebody wrote in its place."""
    return isinstance(member, dict) and {"sha256", "name", "size"} <= member.keys()


def size_words(size_bytes: int) -> str:
    """Return a size as people say it: 12 KB, 3.4 MB."""
    if size_bytes < 1024 * 1024:
        return f"{max(1, round(size_bytes / 1024)):,} KB"
    return f"{size_bytes / 1024 / 1024:,.1f} MB"
