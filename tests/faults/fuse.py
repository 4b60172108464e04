"""Where a process can die: named points, counted until the one at which it does."""

from __future__ import annotations

from collections.abc import Sequence


class Killed(BaseException):
    """The process is gone. Nobody catches it but who starts the next one; `except Exception` does not."""


class Fuse:
    """Burns by one at every point; at the last the process dies."""

    def __init__(self) -> None:
        self._left = 0
        self._path: list[str] = []
        self.points: list[str] = []
        """Names of the points passed since it was lit."""

    def light(self, points: int) -> None:
        """Let so many points pass, and die at the next."""
        self._left = points + 1
        self.points = []

    def light_along(self, path: Sequence[str]) -> None:
        """Die at the last of these points, once they were passed in this order."""
        self._left, self._path = 0, list(path)
        self.points = []

    def out(self) -> None:
        """Let nobody die."""
        self._left, self._path = 0, []

    def burn(self, point: str) -> None:
        """Say that a point was reached.

        Raises:
            Killed: it was the last one.
        """
        if self._path and self._path[0] == point:
            self._path.pop(0)
            if not self._path:
                raise Killed(point)
        if self._left == 0:
            return
        self.points.append(point)
        self._left -= 1
        if self._left == 0:
            raise Killed(point)
