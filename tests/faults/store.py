"""The desk's real database, in whose transactions the program can die."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from client.store.connection import Connection
from client.store.database import Database
from tests.faults.fuse import Fuse


class FragileDatabase(Database):
    """Burns a fuse before and after every commit."""

    fuse = Fuse()
    _within = 0

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
