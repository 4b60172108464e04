"""Lines that may be the header of a table: one row, or two read together, merged headings carried over.

Pure; knows no item.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from client.intake.cells import Cell, Merge, Row


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """One or two rows read as a header. `texts`: column → (joined text, lower text, upper text)."""

    row: int
    last_row: int
    texts: Mapping[int, tuple[str, ...]]


def header_rows(rows: Sequence[Row], merges: Sequence[Merge]) -> Iterator[HeaderRow]:
    """Yield each row that may be a header, and each joined with the row below it."""
    texts = [(number, _texts(cells)) for number, cells in rows]
    for place, (number, own) in enumerate(texts):
        if len(own) < 2:
            continue
        yield HeaderRow(number, number, {column: (text,) for column, text in own.items()})
        if place + 1 < len(texts) and texts[place + 1][1]:
            below_number, below = texts[place + 1]
            yield HeaderRow(number, below_number, _joined(own, below, _groups(number - 1, own, merges)))


def _texts(cells: Sequence[Cell]) -> dict[int, str]:
    return {
        column: " ".join(str(cell).split())
        for column, cell in enumerate(cells)
        if cell != "" and str(cell).strip()
    }


def _groups(row: int, own: Mapping[int, str], merges: Sequence[Merge]) -> dict[int, str]:
    """Carry the text of a merged heading over the columns that it spans."""
    carried = dict(own)
    for top, left, bottom, right in merges:
        if top <= row <= bottom and left in own:
            carried.update(dict.fromkeys(range(left, right + 1), own[left]))
    return carried


def _joined(
    upper: Mapping[int, str], lower: Mapping[int, str], groups: Mapping[int, str]
) -> dict[int, tuple[str, ...]]:
    texts: dict[int, tuple[str, ...]] = {}
    group = ""
    for column in range(max([*upper, *lower, *groups], default=-1) + 1):
        # Formats that do not tell merges leave blanks to the right of a group's name.
        group = groups.get(column) or group
        below = lower.get(column, "")
        if below:
            texts[column] = (f"{group}{below}", below)
        elif column in upper:
            texts[column] = (upper[column],)
    return texts
