"""Laying out from top to bottom: sections, pairs, tables; a new sheet where one is full."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from client.letters.faces import EM, Faces
from client.letters.lines import wrap
from client.letters.paper import BOTTOM, LEFT, MM, SMALL, TOP, UPRIGHT, Ground, Rule, Sheet, Text

BODY: Final = 9.5
LEADING: Final = 1.45
TITLE_WIDTH: Final = 42 * MM
BETWEEN: Final = 4 * MM
CELL: Final = 8.0
PAD: Final = 1.4 * MM


class Column:
    """One column of text, as wide as the paper.

    Attributes:
        sheets: what is laid out so far.
        clean: makes a text printable.
    """

    def __init__(
        self, faces: Faces, clean: Callable[[str], str], size: tuple[float, float] = UPRIGHT
    ) -> None:
        self.sheets: list[Sheet] = []
        self.clean = clean
        self._faces = faces
        self._size = size
        self._y = 0.0
        self._edges: tuple[str, str] | None = None
        self._repeated: Callable[[], None] | None = None
        self._turn()

    @property
    def width(self) -> float:
        """Between the margins, in points."""
        return self._size[0] - 2 * LEFT

    def edges(self, left: str, right: str) -> None:
        """Write one small text at the left edge, one at the right, on every sheet from here on."""
        left, right = self.clean(left), self.clean(right)
        self._edges = (left, right)
        self._y -= SMALL * LEADING
        self._text(LEFT, self._y, SMALL, left, "quiet")
        breadth = self._faces.width(right, SMALL)
        if self._faces.width(left, SMALL) + breadth > self.width - BETWEEN:
            self._y -= SMALL * LEADING
        self._text(max(LEFT, self._size[0] - LEFT - breadth), self._y, SMALL, right, "quiet")
        self._y -= 1.5 * MM
        self._sheet.rules.append(Rule(LEFT, self._y, self.width))
        self.gap(2)

    def line(self, text: str, size: float, tone: str = "text") -> None:
        """Write a text over the whole width."""
        for one in self._wrapped(text, self.width, size):
            self._down(size * LEADING)
            self._text(LEFT, self._y, size, one, tone)

    def section(self, title: str, room_mm: float = 16) -> None:
        """Begin a section; its heading does not stand alone at the foot of a sheet."""
        self._room(room_mm * MM)
        self.gap(2.5)
        height = 11 * LEADING
        self._sheet.grounds.append(Ground(LEFT, self._y - height, self.width, height))
        self._text(LEFT + 2 * MM, self._y - height + 4.2, 10.5, self.clean(title), "text")
        self._y -= height
        self.gap(0.8)

    def pair(self, title: str, value: str, tone: str = "text") -> None:
        """Write a title and its value beside it."""
        titles = self._wrapped(title, TITLE_WIDTH, BODY)
        values = self._wrapped(value, self.width - TITLE_WIDTH - BETWEEN, BODY)
        for n in range(max(len(titles), len(values))):
            self._down(BODY * LEADING)
            if n < len(titles):
                self._text(LEFT, self._y, BODY, titles[n], "quiet" if tone == "text" else tone)
            if n < len(values):
                self._text(LEFT + TITLE_WIDTH + BETWEEN, self._y, BODY, values[n], tone)
        self.gap(0.6)

    def gap(self, height_mm: float) -> None:
        """Leave a space."""
        self._y -= height_mm * MM

    def table(
        self,
        heads: Sequence[str],
        shares: Sequence[float],
        rows: Iterable[Sequence[str]],
        after_row: Callable[[int], None] = lambda _count: None,
    ) -> int:
        """Write a table whose heading stands on every sheet; return the number of rows.

        Args:
            heads: of the columns.
            shares: widths of the columns, in any unit.
            rows: a text for each column.
            after_row: told how many rows are laid out.
        """
        widths = [self.width * share / sum(shares) for share in shares]
        lefts = [LEFT + sum(widths[:n]) for n in range(len(widths))]
        head = [self._wrapped(text, width - 2 * PAD, CELL) for text, width in zip(heads, widths, strict=True)]

        def write_heads() -> None:
            height = self._height(head)
            self._sheet.grounds.append(Ground(LEFT, self._y - height, self.width, height))
            self._cells(head, lefts, "quiet")

        self._room(self._height(head) + CELL * LEADING * 2)
        write_heads()
        self._repeated = write_heads
        count = 0
        for count, row in enumerate(rows, start=1):
            self._row(
                [self._wrapped(text, width - 2 * PAD, CELL) for text, width in zip(row, widths, strict=True)],
                lefts,
            )
            after_row(count)
        self._repeated = None
        return count

    def _row(self, cells: list[list[str]], lefts: Sequence[float]) -> None:
        """Write a row; one that is taller than a sheet goes on at the next."""
        while cells:
            free = self._y - BOTTOM - 2 * PAD
            lines = max(map(len, cells))
            fit = max(int(free / (CELL * LEADING)), 0)
            whole = self._size[1] - TOP - BOTTOM - 30 * MM
            if lines > fit and (lines * CELL * LEADING <= whole or fit < 3):
                self._turn()
                fit = max(int((self._y - BOTTOM - 2 * PAD) / (CELL * LEADING)), 1)
            self._cells([cell[:fit] for cell in cells], lefts, "text")
            cells = [cell[fit:] for cell in cells] if lines > fit else []

    def _cells(self, cells: Sequence[Sequence[str]], lefts: Sequence[float], tone: str) -> None:
        for left, lines in zip(lefts, cells, strict=True):
            y = self._y - PAD - CELL
            for line in lines:
                if line:
                    self._text(left + PAD, y, CELL, line, tone)
                y -= CELL * LEADING
        self._y -= self._height(cells)
        self._sheet.rules.append(Rule(LEFT, self._y, self.width))

    @staticmethod
    def _height(cells: Sequence[Sequence[str]]) -> float:
        return max(map(len, cells)) * CELL * LEADING + PAD

    def _wrapped(self, text: str, width: float, size: float) -> list[str]:
        return wrap(self.clean(text), int(width * EM / size), self._faces.advance)

    def _text(self, x: float, y: float, size: float, text: str, tone: str) -> None:
        self._sheet.texts.append(Text(x, y, size, text, tone))

    def _down(self, height: float) -> None:
        self._room(height)
        self._y -= height

    def _room(self, height: float) -> None:
        if self._y - height < BOTTOM:
            self._turn()

    def _turn(self) -> None:
        self._sheet = Sheet(self._size)
        self.sheets.append(self._sheet)
        self._y = self._size[1] - TOP
        if self._edges is not None:
            self.edges(*self._edges)
        if self._repeated is not None:
            self._repeated()
