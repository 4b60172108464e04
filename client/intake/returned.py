"""A file that was given back (退回的文件): whose row is which, and which proposals were accepted.

Runs in the reading process, before the first row is judged. Rows may have been sorted, deleted,
inserted, columns moved. A key is believed only where that is safe: one that stands beside several
rows is believed where the row is as it was; when rows were sorted without their keys, rows are known
by what they say, and the keys of the others are not believed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from client.core.imports import ROW_KEY_HEADING
from client.core.row_keys import RowKey, read_key, row_digest
from client.intake.cells import Cell
from client.intake.clean import as_typed
from client.intake.headings import Header
from client.intake.notices import Notice
from client.intake.read import Book, Sheet
from client.intake.sheet_xml import column_letters

PROBLEM_SHEET: Final = "问题清单"
ANSWER_HEADING: Final = "接受/拒绝"
FIELD_HEADING: Final = "数据项代码"
PROBLEM_HEADINGS: Final = (
    "行", "列", "数据项", "程度", "原值", "问题", "建议", ANSWER_HEADING, ROW_KEY_HEADING, FIELD_HEADING,
)  # fmt: skip
"""Of the sheet 问题清单; the last two are hidden."""

ACCEPT: Final = "接受"
REFUSE: Final = "拒绝"

Picked = tuple[int, tuple[Cell, ...], list[Cell]]
"""Row number, the cells of the fields, and all cells."""


def is_problem_list(name: str, rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether a sheet is the list of problems that we wrote, and no table of records."""
    if not name.startswith(PROBLEM_SHEET) or not rows:
        return False
    return {ANSWER_HEADING, ROW_KEY_HEADING, FIELD_HEADING} <= {str(cell).strip() for cell in rows[0]}


def key_column(header: Header) -> int | None:
    """Return where the keys of the rows stand; None in a file that nobody gave back."""
    return next((h.column for h in header.headings if ROW_KEY_HEADING in h.text), None)


@dataclass(slots=True)
class Returned:
    """What a returned file says beside its records.

    Attributes:
        column: of the keys, from 0.
        keys: row → its key, where that can be believed.
        notices: what is told of the keys.
    """

    column: int
    _columns: Mapping[str, int]
    _accepted: Mapping[str, Mapping[str, tuple[str, str]]]
    keys: dict[int, RowKey] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def with_accepted(self, row: Picked) -> Picked:
        """Put accepted proposals into a row, as if they were typed.

        A cell that says something else than when the proposal was made was changed by hand: that stays.
        """
        number, _picked, cells = row
        accepted = self._accepted.get(_text(cells, self.column)) if self._accepted else None
        if not accepted:
            return row
        cells = list(cells)
        for name, (before, proposal) in accepted.items():
            column = self._columns.get(name)
            if column is not None and _text(cells, column) == before:
                cells += [""] * (column + 1 - len(cells))
                cells[column] = proposal
        return number, tuple(cells[column] for column in self._columns.values()), cells


def returned_of(book: Book, sheet: Sheet, header: Header) -> Returned | None:
    """Read the keys of a returned file and the answers to its proposals; None when it is none."""
    column = key_column(header)
    if column is None:
        return None
    found = Returned(column, header.column_of(), _accepted(book))
    _Keys(found, sheet, header).settle()
    return found


def _text(cells: Sequence[Cell], column: int) -> str:
    return as_typed(cells[column]).strip() if column < len(cells) else ""


def _accepted(book: Book) -> dict[str, dict[str, tuple[str, str]]]:
    """Return key → field → what stood in the cell and what was accepted."""
    accepted: dict[str, dict[str, tuple[str, str]]] = {}
    for name, _hidden in book.names:
        if not name.startswith(PROBLEM_SHEET):
            continue
        rows = book.sheet(name).rows()
        _, head = next(rows, (0, []))
        if not is_problem_list(name, [head]):
            continue
        places = {str(cell).strip(): place for place, cell in enumerate(head)}
        before, proposal = places.get("原值"), places.get("建议")
        if before is None or proposal is None:
            continue
        for _, cells in rows:
            if _text(cells, places[ANSWER_HEADING]) == ACCEPT and (said := _text(cells, proposal)):
                key, about = (_text(cells, places[one]) for one in (ROW_KEY_HEADING, FIELD_HEADING))
                accepted.setdefault(key, {})[about] = (_text(cells, before), said)
    return accepted


class _Keys:
    """Settles which keys of a file are believed."""

    def __init__(self, found: Returned, sheet: Sheet, header: Header) -> None:
        self._found = found
        self._letters = column_letters(found.column)
        self._rows: list[tuple[int, RowKey, str]] = []
        self._damaged: list[int] = []
        for number, key, digest in self._read(sheet, header):
            if key is None:
                self._damaged.append(number)
            else:
                self._rows.append((number, key, digest))

    def _read(self, sheet: Sheet, header: Header) -> Iterator[tuple[int, RowKey | None, str]]:
        column, columns = self._found.column, header.column_of()
        for number, cells in sheet.rows():
            text = _text(cells, column)
            if number <= header.last_row or not text or text == ROW_KEY_HEADING:
                continue
            key = read_key(text)
            _, _, cells = self._found.with_accepted((number, (), cells))  # noqa: PLW2901 - as it will be read
            said = {name: _text(cells, place) for name, place in columns.items()}
            if key is not None or any(said.values()):
                yield number, key, row_digest(said)

    def settle(self) -> None:
        """Fill the keys in, and say what is wrong with others."""
        mine = {key.digest for _, key, digest in self._rows if key.digest == digest}
        by_digest = {key.digest: key for _, key, _ in self._rows}
        moved = {
            number: by_digest[digest]
            for number, key, digest in self._rows
            if digest != key.digest and digest in by_digest and digest not in mine
        }
        times = Counter((key.origin, key.row) for _, key, _ in self._rows)
        taken: set[tuple[str, int]] = set()
        doubled, lost = [], []
        for number, key, digest in self._rows:
            unchanged = key.digest == digest
            if number in moved:
                key, unchanged = moved[number], True  # noqa: PLW2901 - the key that belongs to this row
            elif moved and not unchanged:
                lost.append(number)
                continue
            elif times[key.origin, key.row] > 1 and not unchanged:
                doubled.append(number)
                continue
            if (key.origin, key.row) in taken:
                doubled.append(number)
                continue
            taken.add((key.origin, key.row))
            self._found.keys[number] = key.with_unchanged(unchanged=unchanged)
        self._tell("row_key_damaged", self._damaged)
        self._tell("row_key_doubled", doubled)
        self._tell("row_key_moved", lost)

    def _tell(self, code: str, rows: Sequence[int]) -> None:
        if rows:
            self._found.notices.append(Notice(code, rows[0], self._letters, f"{len(rows):,}"))
