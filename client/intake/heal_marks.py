"""Where the problems of a workbook are shown: which cells are coloured, what their notes say. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from client.intake.heal_before import Before, is_accepted
from client.intake.heal_list import Listed
from client.intake.report import MOST_COMMENTS
from client.intake.sheet_xml import column_letters, column_number

_MERGED: Final = re.compile(r'<mergeCell\b[^>]*?ref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')
_MOST_COVERED: Final = 500_000
"""Cells within merged ranges that are looked at."""


class Shown:
    """Which cell shows what is said of another: of a merged range only the first one is seen."""

    def __init__(self, sheet: str) -> None:
        self._first: dict[tuple[int, int], tuple[int, int]] = {}
        for left, top, right, bottom in _MERGED.findall(sheet, sheet.find("</sheetData>")):
            first = int(top), column_number(left)
            rows = range(first[0], int(bottom) + 1)
            columns = range(first[1], column_number(right) + 1)
            if len(self._first) + len(rows) * len(columns) <= _MOST_COVERED:
                self._first |= {(row, column): first for row in rows for column in columns}

    def at(self, row: int, column: int) -> tuple[int, int]:
        """Return row and column of the cell that shows it."""
        return self._first.get((row, column), (row, column))


def marks_of(listed: Sequence[Listed], keys: Mapping[int, str], shown: Shown) -> dict[int, dict[int, str]]:
    """Return row → column → severity, for problems of rows with records; an error beats a warning."""
    marks: dict[int, dict[int, str]] = {}
    for one in listed:
        if one.row in keys and one.finding.column:
            number, column = shown.at(one.row, column_number(one.finding.column))
            row = marks.setdefault(number, {})
            if row.get(column) != "error":
                row[column] = "error" if one.finding.severity == "error" else "warning"
    return marks


def notes_of(listed: Sequence[Listed], keys: Mapping[int, str], shown: Shown) -> dict[str, str]:
    """Return cell → what its note says; a problem without a column of its own is said at the first cell."""
    notes: dict[str, str] = {}
    for one in listed:
        if one.row not in keys:
            continue
        row, column = shown.at(one.row, column_number(one.finding.column or "A"))
        said = one.finding.sentence if row == one.row else f"第 {one.row} 行：{one.finding.sentence}"
        reference = f"{column_letters(column)}{row}"
        if reference in notes:
            notes[reference] += f"\n{said}"
        elif len(notes) < MOST_COMMENTS:
            notes[reference] = said
    return notes


def with_fills(
    listed: Sequence[Listed], fills: Mapping[tuple[int, int], str], keys: Mapping[int, str],
    fields: Mapping[int, str], shown: Shown,
) -> list[Listed]:  # fmt: skip
    """Let the list keep what coloured cells looked like before: row and column → fill."""
    left = dict(fills)
    kept = []
    for one in listed:
        row, column = shown.at(one.row, column_number(one.finding.column)) if one.finding.column else (0, 0)
        fill = left.pop((row, column), "")
        said = f"{keys.get(row, '')} {fields.get(column, '')} {fill}"
        kept.append(replace(one, fill=said) if fill else one)
    return kept


def with_answers(listed: Sequence[Listed], keys: Mapping[int, str], before: Before) -> list[Listed]:
    """Let the list keep what a person said: a refused proposal stays refused, an accepted one accepted."""
    row_of = {key: row for row, key in before.keys.items() if row in keys}
    kept = []
    open_still: set[tuple[str, str]] = set()
    for one in listed:
        place = before.keys.get(one.row, ""), one.finding.field
        open_still.add(place)
        known = before.answers.get(place)
        same = known is not None and known.finding.suggestion == one.finding.suggestion
        kept.append(replace(one, answer=known.answer) if known and same and not is_accepted(known) else one)
    for (key, field), known in before.answers.items():
        if is_accepted(known) and (key, field) not in open_still and key in row_of:
            row = row_of[key]
            kept.append(Listed(row, keys[row], known.finding, known.answer))
    return sorted(kept, key=lambda one: one.row)
