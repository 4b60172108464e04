"""The desk's real database, in whose transactions the program can die."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from client.store import connection
from client.store.connection import Connection
from client.store.database import Database
from tests.faults.fuse import Fuse

SMALL_PAGES: Final = "PRAGMA cipher_page_size = 4096"
"""A seed writes little and commits often: most of its time would go into enciphering what did not change."""


@contextmanager
def swapped(owner: Any, name: str, new: Any) -> Iterator[None]:
    """Put something else in the place of an attribute that must be there."""
    old = getattr(owner, name)
    setattr(owner, name, new)
    try:
        yield
    finally:
        setattr(owner, name, old)


class FragileDatabase(Database):
    """Burns a fuse before and after every commit."""

    fuse = Fuse()
    _within = 0

    def __init__(self, path: Path, key: bytes, *, pages: str = connection.PAGE_SIZE) -> None:
        with swapped(connection, "PAGE_SIZE", pages):
            super().__init__(path, key)
            self.reader()  # that of the only thread

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        self._within += 1
        try:
            with super().transaction() as tx:
                yield tx
                if self._within == 1:
                    self.fuse.burn("desk: before the commit")
        finally:
            self._within -= 1
        if self._within == 0:
            self.fuse.burn("desk: after the commit")
