"""Laying a document out on sheets: lines of mixed looks, tables that break between rows, head and foot.

A small layout, not a word processor: Chinese line breaks, alignment, indents, spacing, tables with spans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from client.letters.docx_blocks import NEW_PAGE, PAGE_COUNT, PAGE_NUMBER, Box, Grid, Look, Paper, Para, Run
from client.letters.faces import EM, Faces
from client.letters.lines import line_ends
from client.letters.paper import Edge, Sheet, Text

LEADING: Final = 1.35
"""Height of a line of single spacing, by the size of its text."""

DROP: Final = 0.3
"""How far below the middle of its line a text stands, by its size."""

CELL_PAD: Final = 4.0
MOST_KEPT: Final = 6
"""Most blocks that are kept together with one before them."""

MOST_SPREAD: Final = 0.12
"""Most that is added after a sign of a justified line, by its size; a line with more to fill stays ragged."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one look on one line, and how wide it is."""

    text: str
    look: Look
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a paragraph."""

    pieces: tuple[Piece, ...]
    x: float
    height: float
    spread: float = 0.0


def lay_out(paper: Paper, faces: Faces, clean: Callable[[str], str]) -> list[Sheet]:
    """Return the sheets of a document.

    Args:
        paper: the document.
        faces: that draw it.
        clean: makes a text printable.
    """
    flow = Flow(paper, faces, clean)
    for place, block in enumerate(paper.body):
        if isinstance(block, Grid):
            flow.grid(block)
        else:
            flow.para(block, paper.body[place + 1 : place + 1 + MOST_KEPT])
    return flow.finished()


class Flow:
    """Fills one sheet after the other, from the top."""

    def __init__(self, paper: Paper, faces: Faces, clean: Callable[[str], str]) -> None:
        self._paper, self._faces, self._clean = paper, faces, clean
        self._top, right, self._bottom, self._left = paper.margins
        self._width = paper.size[0] - self._left - right
        self._sheets: list[Sheet] = []
        self._turn()

    def para(self, para: Para, following: Sequence[Para | Grid] = ()) -> None:
        """Lay out a paragraph; one that keeps with the next is not left alone at the foot of a sheet."""
        if para.begins_page and not self._is_fresh:
            self._turn()
        parts = list(_split(para))
        for number, part in enumerate(parts):
            if number:
                self._turn()
            if not self._is_fresh:
                self._y -= part.before
            lines = self._lines(part, self._width)
            wanted = sum(line.height for line in lines) if len(lines) < 3 else 2 * lines[0].height
            wanted += self._kept_height(part, following)
            self._room(wanted)
            for line in lines:
                self._room(line.height)
                self._put(line, self._left)
            self._y -= part.after

    def grid(self, grid: Grid) -> None:
        """Lay out a table; its heading rows stand on every sheet that it needs."""
        widths = _fitted(grid.widths, self._width, max((_columns(row) for row in grid.rows), default=1))
        rows = [self._cells(row, widths) for row in grid.rows]
        for number, row in enumerate(rows):
            height = _height(row)
            if self._y - height < self._bottom and not self._is_fresh:
                self._turn()
                if number >= grid.heads:
                    for head in rows[: grid.heads]:
                        self._row(head, _height(head), grid)
            self._row(row, height, grid)

    def finished(self) -> list[Sheet]:
        """Write head and foot on every sheet, and return them."""
        count = len(self._sheets)
        for number, sheet in enumerate(self._sheets, start=1):

            def told(run: Run, page: int = number) -> Run:
                text = run.text.replace(PAGE_NUMBER, str(page)).replace(PAGE_COUNT, str(count))
                return replace(run, text=text)

            self._sheet = sheet
            self._y = self._paper.size[1] - self._paper.edges[0]
            self._small(self._paper.head, told)
            foot = [self._told(para, told) for para in self._paper.foot]
            heights = sum(line.height for para in foot for line in self._lines(para, self._width))
            self._y = self._paper.edges[1] + heights
            self._small(foot, told)
        return self._sheets

    # --- inside -----------------------------------------------------------------------------

    @staticmethod
    def _told(para: Para, told: Callable[[Run], Run]) -> Para:
        return replace(para, runs=tuple(map(told, para.runs)))

    def _small(self, paras: Sequence[Para], told: Callable[[Run], Run]) -> None:
        for para in paras:
            for line in self._lines(self._told(para, told), self._width):
                self._put(line, self._left)

    def _lines(self, para: Para, width: float) -> list[Line]:
        """Break a paragraph into lines."""
        lines: list[Line] = []
        for number, piece in enumerate(_broken(para)):
            looks = [run.look for run in piece for _ in self._clean(run.text)]
            text = "".join(self._clean(run.text) for run in piece)
            advances = [
                self._faces.advance(sign) * look.size / EM for sign, look in zip(text, looks, strict=True)
            ]
            first = para.first if number == 0 else 0.0

            def width_of(line: int, first: float = first) -> float:
                return max(width - para.left - para.right - (first if line == 0 else 0.0), 1.0)

            begin = 0
            ends = line_ends(text, advances, width_of)
            for place, end in enumerate(ends):
                line = _line(para, text[begin:end], looks[begin:end], advances[begin:end])
                free = width_of(place) - sum(piece.width for piece in line.pieces)
                lines.append(
                    _aligned(para, line, free, first if place == 0 else 0.0, is_last=end == len(text))
                )
                begin = end
            if not ends:
                lines.append(Line((), 0.0, _line_height(para, para.size)))
        return lines

    def _put(self, line: Line, left: float) -> None:
        x = left + line.x
        size = max((piece.look.size for piece in line.pieces), default=0.0)
        base = self._y - line.height / 2 - size * DROP - size * 0.06
        for piece in line.pieces:
            look = piece.look
            self._sheet.texts.append(
                Text(x, base, look.size, piece.text, look.colour, look.is_bold, line.spread)
            )
            width = piece.width + line.spread * len(piece.text)
            if look.is_underlined:
                self._sheet.edges.append(
                    Edge(x, base - size * 0.18, x + width, base - size * 0.18, 0.6, look.colour)
                )
            x += width
        self._y -= line.height

    def _cells(
        self, row: Sequence[Box], widths: Sequence[float]
    ) -> list[tuple[Box, float, float, list[Line]]]:
        """Return each cell with its left end, its width and its lines."""
        cells, column, x = [], 0, self._left
        for box in row:
            width = sum(widths[column : column + box.span])
            inside = max(width - 2 * CELL_PAD, 1.0)
            lines = [] if box.goes_on else [line for para in box.paras for line in self._lines(para, inside)]
            cells.append((box, x, width, lines))
            column += box.span
            x += width
        return cells

    def _row(self, cells: list[tuple[Box, float, float, list[Line]]], height: float, grid: Grid) -> None:
        top = self._y
        while True:  # a row that is taller than a sheet goes on at the next
            room = max(self._y - self._bottom, 0.0)
            rest: list[tuple[Box, float, float, list[Line]]] = []
            for box, x, width, lines in cells:
                fitting = _fitting(lines, room - 2 * CELL_PAD) if height > room else len(lines)
                fitting = max(fitting, 1) if self._is_fresh else fitting
                self._y = top - CELL_PAD
                if len(lines) == fitting:  # in the middle, as Chinese forms have it
                    self._y -= max((min(height, room) - 2 * CELL_PAD - _sum(lines)) / 2, 0.0)
                for line in lines[:fitting]:
                    self._put(line, x + CELL_PAD)
                rest.append((box, x, width, lines[fitting:]))
            bottom = top - min(height, room)
            if grid.has_lines:
                self._frame(cells, top, bottom)
            self._y = bottom
            cells = rest
            if not any(lines for _, _, _, lines in cells):
                return
            height = _height(cells)
            self._turn()
            top = self._y

    def _frame(self, cells: list[tuple[Box, float, float, list[Line]]], top: float, bottom: float) -> None:
        for box, x, width, _ in cells:
            if not box.goes_on:
                self._sheet.edges.append(Edge(x, top, x + width, top))
            self._sheet.edges.append(Edge(x, bottom, x + width, bottom))
            self._sheet.edges += [Edge(at, top, at, bottom) for at in (x, x + width)]

    def _kept_height(self, para: Para, following: Sequence[Para | Grid]) -> float:
        """Return the height of what must stand on the sheet on which a paragraph ends."""
        height = 0.0
        keeps = para.keeps_with_next
        for block in following:
            if not keeps:
                break
            height += self._first_height(block)
            keeps = isinstance(block, Para) and block.keeps_with_next
        return height

    def _first_height(self, block: Para | Grid) -> float:
        if isinstance(block, Para):
            lines = self._lines(block, self._width)
            return block.before + sum(line.height for line in lines[:2])
        return 2 * block.rows[0][0].paras[0].size * LEADING if block.rows else 0.0

    def _room(self, height: float) -> None:
        if self._y - height < self._bottom and not self._is_fresh:
            self._turn()

    @property
    def _is_fresh(self) -> bool:
        return self._y >= self._paper.size[1] - self._top

    def _turn(self) -> None:
        self._sheet = Sheet(self._paper.size)
        self._sheets.append(self._sheet)
        self._y = self._paper.size[1] - self._top


def _split(para: Para) -> Iterator[Para]:
    """Yield the parts of a paragraph between its page breaks."""
    part: list[Run] = []
    for run in para.runs:
        pieces = run.text.split(NEW_PAGE)
        for number, piece in enumerate(pieces):
            if number:
                yield replace(para, runs=tuple(part))
                part = []
            if piece:
                part.append(replace(run, text=piece))
    yield replace(para, runs=tuple(part))


def _broken(para: Para) -> Iterator[list[Run]]:
    """Yield the runs between the line breaks of a paragraph."""
    part: list[Run] = []
    for run in para.runs:
        for number, piece in enumerate(run.text.split("\n")):
            if number:
                yield part
                part = []
            if piece:
                part.append(replace(run, text=piece))
    yield part


def _line(para: Para, text: str, looks: Sequence[Look], advances: Sequence[float]) -> Line:
    """Gather a line's signs into pieces of one look."""
    pieces: list[Piece] = []
    begin = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or looks[place] != looks[begin]:
            pieces.append(Piece(text[begin:place], looks[begin], sum(advances[begin:place])))
            begin = place
    return Line(tuple(pieces), 0.0, _line_height(para, max(look.size for look in looks)))


def _line_height(para: Para, size: float) -> float:
    return para.leading if para.is_exact else para.leading * size * LEADING


def _aligned(para: Para, line: Line, free: float, first: float, *, is_last: bool) -> Line:
    x = para.left + first
    if para.align in {"center", "right"}:
        return replace(line, x=x + max(free, 0.0) / (2 if para.align == "center" else 1))
    signs = sum(len(piece.text) for piece in line.pieces)
    size = max(piece.look.size for piece in line.pieces)
    spread = free / (signs - 1) if signs > 1 else 0.0
    if para.align != "justify" or is_last or not 0 < spread <= MOST_SPREAD * size:
        return replace(line, x=x)
    return replace(line, x=x, spread=spread)


def _sum(lines: Sequence[Line]) -> float:
    return sum(line.height for line in lines)


def _fitting(lines: Sequence[Line], room: float) -> int:
    """Return how many lines fit."""
    used = 0.0
    for count, line in enumerate(lines):
        used += line.height
        if used > room:
            return count
    return len(lines)


def _height(cells: Sequence[tuple[Box, float, float, list[Line]]]) -> float:
    return max(_sum(lines) for _, _, _, lines in cells) + 2 * CELL_PAD


def _columns(row: Sequence[Box]) -> int:
    return sum(box.span for box in row)


def _fitted(widths: Sequence[float], whole: float, count: int) -> list[float]:
    """Return the widths of `count` columns; a table that is wider than the text is made narrower."""
    known = list(widths[:count]) + [0.0] * (count - len(widths))
    total = sum(known)
    if not total or not all(known):
        return [whole / count] * count
    return [width * min(1.0, whole / total) for width in known]
