"""A reader that reads in this process: what a test of rows has to say needs no process of its own.

That files are read in a child, and what travels between it and the program, is held by `test_child`,
`test_importing` and the tests of damage.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

from client.intake.child import Stopped


class ReadHere:
    """Stands where a `client.intake.child.Reader` waits; may be used again and again."""

    def messages(
        self, work: str, arguments: tuple[object, ...], cancelled: Callable[[], bool], _silence: float
    ) -> Iterator[Any]:
        """Do the work, and yield what it yields."""
        module, _, name = work.partition(":")
        for message in getattr(importlib.import_module(module), name)(*arguments):
            if cancelled():
                raise Stopped
            yield message

    def close(self) -> None:
        """Hold nothing."""
