"""From a sheet to its records: which sheet, where they begin, and what between them is none.

Formatted blanks, numbered blanks, totals, notes under the table and repeated headers are not
records. What was left out for any reason but being blank is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from operator import itemgetter
from typing import Final

from client.errors import FileRefused
from client.intake import headings
from client.intake.candidates import Candidates
from client.intake.cells import Cell, Row
from client.intake.header_rows import HeaderRow
from client.intake.headings import Header, read_header
from client.intake.marks import Remark
from client.intake.notices import Notice, hidden_row_notice, of_sheet, of_template
from client.intake.origin import Origin, template_of
from client.intake.read import Book, Sheet
from client.intake.returned import is_problem_list
from client.intake.sheet_xml import column_letters

__all__ = ["Notice", "Records", "Table", "choose"]

_TOTALS: Final = re.compile(r"(?:合计|总计|小计|共计|累计|本页合计)[:：]?(?:共?\d+[条笔件户]?)?")
_NOTES: Final = re.compile(
    r"(?:填报人|填表人|制表人|经办人|审核人|负责人|填报单位|填报日期|联系人|联系电话|填表说明|填报说明|说明|注)[:：]"
)
_FEW_CELLS: Final = 4
"""A line with more filled cells than these is a record, whatever stands in it."""


@dataclass(slots=True)
class Table:
    """A sheet whose header is known."""

    sheet: Sheet
    header: Header
    others: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    template: tuple[Notice, ...] = ()


def choose(
    book: Book,
    items: Candidates,
    *,
    sheet: str | None = None,
    fields: Mapping[int, str | None] | None = None,
    header_row: int | None = None,
    units: Mapping[int, str] | None = None,
) -> Table:
    """Open the sheet that holds the records: the one named, else the visible one with most headings.

    Args:
        book: the open file.
        items: what it may be; one, when the person said which.
        sheet: its name, when the person said which.
        fields: what the person said of columns, from 0: field id, or None to leave a column out.
        header_row: where the header begins, as the spreadsheet shows it, when the person said so.
        units: column from 0 → its unit, when the person said so; beats what the heading says.

    Raises:
        FileRefused: `sheet_unknown`, `headings_unknown`, `heading_doubled`, `heading_merged`, `no_rows`,
            `item_ambiguous`.
    """
    origin = template_of(book)
    items = told_by(origin, items)
    names = [name for name, hidden in book.names if (not hidden if sheet is None else name == sheet)]
    if not names:
        raise FileRefused("no_rows") if sheet is None else FileRefused("sheet_unknown", sheet=sheet)
    best: Table | None = None
    filled, fitting = False, []
    for name in names:
        opened = book.sheet(name)
        filled = filled or any(cell != "" for _, cells in first_rows(opened) for cell in cells)
        header = header_of(opened, items, header_row, by_hand=bool(fields))
        if header is None:
            continue
        fitting.append(name)
        if best is None or header.matched > best.header.matched:
            best = Table(opened, header, remarks=book.remarks)
    if best is None:
        raise FileRefused("headings_unknown" if filled else "file_empty")
    best.others = tuple(name for name in fitting if name != best.sheet.name)
    if items.sure and best.header.tied:
        raise FileRefused("item_ambiguous", item=best.header.item, rival=best.header.rival)
    if fields:
        best.header = headings.settle(best.header, fields)
    if units:
        best.header = headings.with_units(best.header, units)
    best.header = headings.taken(best.header)
    if not best.header.matched:
        raise FileRefused("headings_unknown")
    best.header.refuse_doubles()
    _refuse_merged(best)
    best.template = of_template(origin, best.header, items.item(best.header.item))
    return best


def told_by(origin: Origin | None, items: Candidates) -> Candidates:
    """Let a template say which item its file is of."""
    return items if origin is None else replace(items, told=origin.code)


def first_rows(sheet: Sheet) -> list[Row]:
    """Return the rows among which a header is looked for."""
    return list(islice(sheet.rows(), headings.SEARCHED_ROWS))


def header_of(
    sheet: Sheet, items: Candidates, header_row: int | None = None, *, by_hand: bool = True
) -> Header | None:
    """Find the header of a sheet, or read the row that a person calls so; unclear headings get guesses.

    Args:
        sheet: that is looked at.
        items: what the table may be.
        header_row: the header's first row, as the spreadsheet shows it, when the person said so. Any row
            will do then: which column is what is settled by hand.
        by_hand: whether a row without a known heading is a header when the person says so.
    """
    if header_row is None:
        rows = first_rows(sheet)
        if is_problem_list(sheet.name, [cells for _, cells in rows[:1]]):
            return None
        header = items.find(rows, sheet.merges, sheet.name)
        return items.guessed(header) if header else None
    rows = [row for row in islice(sheet.rows(), header_row + 1) if row[0] >= header_row]
    if header := items.find(rows, sheet.merges, sheet.name):
        return items.guessed(header)
    texts = _heading_texts(rows[0][1]) if rows else {}
    if not by_hand or not texts:
        return None
    return items.guessed(read_header(items.first, HeaderRow(header_row, header_row, texts)))


def _heading_texts(cells: Sequence[Cell]) -> dict[int, tuple[str, ...]]:
    texts = ((column, " ".join(str(cell).split())) for column, cell in enumerate(cells))
    return {column: (text,) for column, text in texts if text}


def _refuse_merged(table: Table) -> None:
    """Refuse a heading that spans several filled columns: which of them it names is the person's to say."""
    header, sheet = table.header, table.sheet
    named = {heading.column: heading for heading in header.headings}
    for top, left, _bottom, right in sheet.merges:
        heading = named.get(left)
        spanned = [column for column in range(left + 1, right + 1) if column not in named]
        if not header.row <= top + 1 <= header.last_row or heading is None or not heading.field:
            continue
        below = islice(sheet.rows(), header.last_row, header.last_row + headings.SEARCHED_ROWS)
        if any(_is_filled(cells, spanned) for _, cells in below):
            columns = "、".join(map(column_letters, (left, *spanned)))
            raise FileRefused("heading_merged", heading=heading.text, columns=columns)


def _is_filled(cells: Sequence[Cell], columns: Sequence[int]) -> bool:
    return any(column < len(cells) and cells[column] != "" for column in columns)


Record = tuple[int, tuple[Cell, ...], list[Cell]]
"""Row number, the cells of the fields in their order, and all cells of the row."""

_BLOCK_ROWS: Final = 200


class Records:
    """The records of a table, one after another; `notices` grows while they are taken."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._column_of = table.header.column_of()
        self.fields = tuple(self._column_of)
        self.columns = tuple(self._column_of.values())
        self._pick = _picker(self.columns)
        self._first_heading = next(h.text for h in table.header.headings if h.column == self.columns[0])
        self.notices: list[Notice] = of_sheet(table.sheet, table.header, table.others, table.remarks)
        self.notices += table.template

    def __iter__(self) -> Iterator[Record]:
        """Yield row number, the cells of `fields` in their order, and all cells of the row."""
        return chain.from_iterable(self.blocks(_BLOCK_ROWS))

    def blocks(self, rows: int) -> Iterator[list[Record]]:
        """Yield the same, what so many lines hold at a time; nothing of it is kept here."""
        last_row = self._table.header.last_row
        below = (row for row in self._table.sheet.rows() if row[0] > last_row)
        seen_hidden: list[int] = []
        for row in below:
            yield self._records([row, *islice(below, rows - 1)], seen_hidden)
        if seen_hidden:
            self.notices.append(hidden_row_notice(seen_hidden, column_letters(self.columns[0])))

    def _records(self, rows: Sequence[Row], seen_hidden: list[int]) -> list[Record]:
        """Tell records from what is none: lines with few filled cells, and repeated headers."""
        width, pick = max(self.columns) + 1, self._pick
        found = [
            (number, pick(cells), cells)
            if len(cells) >= width  # text files have ragged rows
            else (number, pick(wide := cells + [""] * (width - len(cells))), wide)
            for number, cells in rows
        ]
        enough, first = len(self.columns) - _FEW_CELLS, self._first_heading
        odd = [one for one in found if one[1].count("") >= enough or one[1][0] == first]
        none = {one[0] for one in odd if not self._is_record(*one, enough)}
        if none:
            found = [one for one in found if one[0] not in none]
        if hidden := self._table.sheet.marks.hidden_rows:
            seen_hidden += [number for number, _, _ in found if number - 1 in hidden]
        return found

    def _is_record(self, number: int, picked: tuple[Cell, ...], cells: list[Cell], enough: int) -> bool:
        """Look closer at a line with few filled cells, or with a heading."""
        if picked.count("") >= enough and not self._has_record(number, cells, picked):
            return False
        return picked[0] != self._first_heading or not self._is_header(number, cells)

    def _has_record(self, number: int, cells: list[Cell], picked: tuple[Cell, ...]) -> bool:
        if all(cell == "" or (isinstance(cell, str) and not cell.strip()) for cell in picked):
            text = next((str(cell) for cell in cells if isinstance(cell, str) and cell.strip()), "")
            if not _closing(text):
                return False
        filled = [(column, cell) for column, cell in enumerate(cells) if cell != ""]
        if len(filled) > _FEW_CELLS:
            return True
        for column, cell in filled:
            code = _closing(str(cell)) if isinstance(cell, str) else None
            if code:
                self.notices.append(Notice(code, number, column_letters(column), str(cell).strip()))
                return False
        return True

    def _is_header(self, number: int, cells: list[Cell]) -> bool:
        """Tell a header that was copied along, page by page, from a record."""
        texts = {heading.column: heading.text for heading in self._table.header.headings if heading.field}
        same = sum(" ".join(str(cells[column]).split()) == text for column, text in texts.items())
        if same < headings.LEAST_MATCHES or same * 2 < len(texts):
            return False
        self.notices.append(Notice("header_repeated", number, column_letters(self.columns[0])))
        return True


def _picker(columns: tuple[int, ...]) -> Callable[[list[Cell]], tuple[Cell, ...]]:
    if len(columns) == 1:  # itemgetter of one gives no tuple
        return lambda cells: (cells[columns[0]],)
    return itemgetter(*columns)


def _closing(text: str) -> str | None:
    """Say what a line under the records is, by the text of one of its cells."""
    bare = "".join(text.split())
    if _TOTALS.fullmatch(bare):
        return "totals_skipped"
    if _NOTES.match(bare):
        return "note_skipped"
    return None
