"""What an earlier round left in a workbook that was given back: its list of problems, and the keys of rows.

Read from the archive itself, so that nothing is believed to be ours but what says so: the list is known
by its headings, not by its name.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from client.core.imports import ROW_KEY_HEADING
from client.intake import parts
from client.intake.heal_styles import is_fill
from client.intake.report import SEVERITIES, Finding
from client.intake.returned import (
    ACCEPT,
    ANSWER_HEADING,
    FIELD_HEADING,
    PROBLEM_HEADINGS,
    PROBLEM_SHEET,
    is_problem_list,
)
from client.intake.sheet_xml import column_number

FILL_HEADING: Final = "原来的底色"
"""Hidden in our list: key of the row, field, and the fill that the cell had before it was coloured."""

LIST_HEADINGS: Final = (*PROBLEM_HEADINGS, FILL_HEADING)

Place = tuple[str, str]
"""Key of a row and id of a field."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A proposal and what a person said to it.

    Attributes:
        answer: 接受 or 拒绝.
        finding: as it stood in the list.
    """

    answer: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Before:
    """What an earlier round left.

    Attributes:
        part: of the list; empty when it is gone.
        keys: row → its key as it stands there, in every row that has one.
        lines: of the notes.
        fills: what marked cells looked like before; those without a fill are not named.
        answers: to proposals.
    """

    part: str = ""
    keys: Mapping[int, str] = field(default_factory=dict)
    lines: frozenset[str] = frozenset()
    fills: Mapping[Place, str] = field(default_factory=dict)
    answers: Mapping[Place, Answered] = field(default_factory=dict)


def read_before(
    archive: zipfile.ZipFile, sheets: Mapping[str, str], strings: str, records: str, column: int
) -> Before:
    """Read what an earlier round left.

    Args:
        archive: the workbook.
        sheets: name → part.
        strings: part of the shared strings; empty when there is none.
        records: part of the sheet with the records.
        column: in which the keys stand, from 0.

    Raises:
        FileRefused: `file_damaged`.
    """
    texts = _Texts(archive, strings)
    keys = {row: cells[column] for row, cells in texts.rows(records, {column}) if cells.get(column)}
    for name, part in sheets.items():
        if name.startswith(PROBLEM_SHEET) and part != records:
            rows = texts.rows(part)
            _, head = next(rows, (0, {}))
            if is_problem_list(name, [list(head.values())]):
                return _before(part, keys, {text.strip(): place for place, text in head.items()}, rows)
    return Before(keys=keys)


def _before(
    part: str, keys: Mapping[int, str], places: Mapping[str, int], rows: Iterator[tuple[int, dict[int, str]]]
) -> Before:
    lines: set[str] = set()
    fills: dict[Place, str] = {}
    answers: dict[Place, Answered] = {}
    for _, cells in rows:
        said = [cells.get(places.get(heading, -1), "") for heading in LIST_HEADINGS]
        lines.update(filter(None, map(str.strip, said[PROBLEM_HEADINGS.index("问题")].splitlines())))
        answer, key, about = (said[LIST_HEADINGS.index(one)].strip() for one in (
            ANSWER_HEADING, ROW_KEY_HEADING, FIELD_HEADING,
        ))  # fmt: skip
        row_key, _, rest = said[-1].partition(" ")
        name, _, fill = rest.partition(" ")
        if is_fill(fill):
            fills[row_key, name] = fill
        if answer:
            answers[key, about] = Answered(answer, _finding(said, about))
    return Before(part, keys, frozenset(lines), fills, answers)


def _finding(said: Sequence[str], about: str) -> Finding:
    _row, column, title, word, value, sentence, suggestion = said[:7]
    severity = next((one for one, shown in SEVERITIES.items() if shown == word), "error")
    return Finding(column, title, severity, value, sentence, suggestion, about)


def is_accepted(answered: Answered) -> bool:
    """Whether a person said yes to a proposal."""
    return answered.answer == ACCEPT


class _Texts:
    """Texts of cells, whether they stand in the sheet or among the shared strings."""

    def __init__(self, archive: zipfile.ZipFile, strings: str) -> None:
        self._archive = archive
        self._shared: list[str] = []
        if strings:
            reader = _StringReader()
            parts.walk(archive, strings, reader.start, end=reader.end, text=reader.text)
            self._shared = reader.found

    def rows(self, part: str, wanted: Collection[int] = ()) -> Iterator[tuple[int, dict[int, str]]]:
        """Yield row from 1 → column from 0 → text; of some columns only, when any are named."""
        reader = _CellReader(self._shared, wanted)
        parts.walk(self._archive, part, reader.start, end=reader.end, text=reader.text)
        yield from sorted(reader.found.items())


class _StringReader:
    def __init__(self) -> None:
        self.found: list[str] = []
        self._pieces: list[str] | None = None
        self._spoken = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "si":
            self.found.append("")
        elif name == "rPh":
            self._spoken += 1
        elif name == "t" and not self._spoken:
            self._pieces = []

    def text(self, text: str) -> None:
        if self._pieces is not None:
            self._pieces.append(text)

    def end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name == "rPh":
            self._spoken -= 1
        elif name == "t" and self._pieces is not None:
            self.found[-1] += "".join(self._pieces)
            self._pieces = None


class _CellReader:
    def __init__(self, shared: Sequence[str], wanted: Collection[int]) -> None:
        self.found: dict[int, dict[int, str]] = {}
        self._shared, self._wanted = shared, wanted
        self._row = self._column = 0
        self._kind = ""
        self._pieces: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            reference = attributes.get("r", "")
            letters = reference.rstrip("0123456789")
            self._row, self._column = int(reference[len(letters) :]), column_number(letters)
            self._kind = attributes.get("t", "n")
        elif name in {"v", "t"} and (not self._wanted or self._column in self._wanted):
            self._pieces = []

    def text(self, text: str) -> None:
        if self._pieces is not None:
            self._pieces.append(text)

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] not in {"v", "t"} or self._pieces is None:
            return
        text, self._pieces = "".join(self._pieces), None
        if self._kind == "s":
            text = self._shared[int(text)] if int(text) < len(self._shared) else ""
        row = self.found.setdefault(self._row, {})
        row[self._column] = row.get(self._column, "") + text
