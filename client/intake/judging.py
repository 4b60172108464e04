"""Every record of a file, cleaned and checked, in chunks: what the child process does (`child`).

Answers travel as JSON texts and tuples, made here, so that the other side has little to do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from client.core.imports import Chunk
from client.errors import FileRefused
from client.intake import table
from client.intake.clean import Touched, as_typed, cleaner_of
from client.intake.headings import Header
from client.intake.read import Cell, open_book
from client.intake.sheet_xml import column_letters
from client.intake.table import Notice, Records, Table
from forms.catalog.check import check, natural_key
from forms.catalog.problems import Problem
from forms.catalog.schema import Item, Value, Values

CHUNK_ROWS: Final = 1_000
CHANGES_SHOWN: Final = 200
"""Changes of one kind that are listed one by one; all are counted."""

_HASH_BYTES: Final = 1 << 20
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of a file.

    Attributes:
        items: what it may be; one when the person said which.
        today: the day of reporting.
        sheet: its name, when the person said which.
        fields: what the person said of columns, from 0.
        keep: whether rows are wanted for the store; else only what was found.
        cells: whether the cells of faulty rows are wanted.
    """

    items: tuple[Item, ...]
    today: date
    sheet: str | None = None
    fields: Mapping[int, str | None] | None = None
    keep: bool = False
    cells: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """What a file turned out to be; comes first.

    Attributes:
        height: rows of the sheet, for progress; 0 when unknown.
        others: other sheets that look like records, too, and are not read.
    """

    sha256: str
    encoding: str | None
    sheet: str
    header: Header
    height: int
    others: tuple[str, ...]


RowProblem = tuple[Problem, str, str]
"""A problem, the letters of its column (empty when the file has none), and what stood there as text."""

FaultyRow = tuple[int, bool, list[RowProblem], list[Cell]]
"""Row number, whether it has errors, its problems, and its cells when they are wanted."""


@dataclass(slots=True)
class Part:
    """Some rows in a row, judged. `chunk` is None unless rows are wanted for the store."""

    rows: int = 0
    faulty: int = 0
    doubled: int = 0
    last_row: int = 0
    found: list[FaultyRow] = field(default_factory=list)
    chunk: Chunk | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that was cleaned; `row` and `column` as the spreadsheet shows them."""

    row: int
    column: str
    field: str
    before: str
    after: Value
    reason: str


@dataclass(slots=True)
class Ended:
    """What is known once all rows are read; comes last.

    Attributes:
        changes: the first `CHANGES_SHOWN` of each field and reason.
        change_counts: (field, reason) → how many.
    """

    notices: list[Notice]
    changes: list[Change]
    change_counts: dict[tuple[str, str], int]


def judge_file(path: Path, plan: Plan) -> Iterator[Opened | Part | Ended]:
    """Read, clean and check a file. Yields `Opened`, then parts, then `Ended`.

    Raises:
        FileRefused: the file cannot come in; `no_rows` when there is no record in it.
    """
    digest = _digest(path)
    with open_book(path) as book:
        chosen = table.choose(book, plan.items, sheet=plan.sheet, fields=plan.fields)
        sheet = chosen.sheet
        yield Opened(digest, book.encoding, sheet.name, chosen.header, sheet.height, chosen.others)
        judge = _Judge(chosen, plan)
        any_rows = False
        for part in judge.parts():
            any_rows = True
            yield part
        if not any_rows:
            raise FileRefused("no_rows")
        yield judge.ended()


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BYTES):
            digest.update(block)
    return digest.hexdigest()


class _Judge:
    """Judges the rows of one table, and remembers what concerns more than one of them."""

    def __init__(self, chosen: Table, plan: Plan) -> None:
        self._plan = plan
        self._item = next(item for item in plan.items if item.code == chosen.header.item)
        self._records = Records(chosen)
        self._marks = chosen.sheet.marks
        headings = {heading.column: heading for heading in chosen.header.headings}
        ids, columns = self._records.fields, self._records.columns
        self._letters = dict(zip(ids, map(column_letters, columns), strict=True))
        self._columns = dict(zip(ids, columns, strict=True))
        self._cleaners = [
            (name, cleaner_of(self._item.by_id[name], headings[column], plan.today))
            for name, column in zip(ids, columns, strict=True)
        ]
        self._seen: dict[str, int] = {}
        self._changes: list[Change] = []
        self._change_counts: dict[tuple[str, str], int] = {}
        self._shown = (self._item.subject_name, self._item.subject_code, self._item.doc_no, self._item.act_on)
        self._header = chosen.header

    def parts(self) -> Iterator[Part]:
        """Judge all records, `CHUNK_ROWS` at a time."""
        part = self._new_part()
        for number, picked, cells in self._records:
            self._judge(part, number, picked, cells)
            if part.rows >= CHUNK_ROWS:
                yield part
                part = self._new_part()
        if part.rows:
            yield part

    def _new_part(self) -> Part:
        return Part(chunk=Chunk() if self._plan.keep else None)

    def _judge(self, part: Part, number: int, picked: tuple[Cell, ...], cells: list[Cell]) -> None:
        values: dict[str, Value] = {}
        own: list[Problem] | None = None
        for (name, clean), cell in zip(self._cleaners, picked, strict=True):
            if cell == "":
                continue
            value = clean(cell)
            if type(value) is Touched:
                problem = self._touched(number, name, cell, value)
                if problem is not None:
                    own = [*(own or ()), problem]
                value = value.value
            if value != "":
                values[name] = value  # type: ignore[assignment]  # Touched is unwrapped
        if self._marks.errors or self._marks.formulas:
            own = [*(own or ()), *self._marked(number)]
        if not values and not own:
            return
        problems = check(self._item, values, reported_on=self._plan.today)
        if own:
            named = {problem.path for problem in own}
            problems = own + [problem for problem in problems if problem.field_id not in named]
        part.rows += 1
        part.last_row = number
        if problems and any(problem.severity == "error" for problem in problems):
            self._faulty(part, number, cells, values, problems)
        else:
            self._good(part, number, cells, values, problems)

    def _touched(self, number: int, name: str, cell: Cell, touched: Touched) -> Problem | None:
        if touched.reason:
            kind = (name, touched.reason)
            times = self._change_counts[kind] = self._change_counts.get(kind, 0) + 1
            if times <= CHANGES_SHOWN:
                self._changes.append(
                    Change(number, self._letters[name], name, as_typed(cell), touched.value, touched.reason)
                )
        if not touched.code:
            return None
        return Problem(name, touched.code, params=touched.params, suggestion=touched.suggestion)

    def _marked(self, number: int) -> Iterator[Problem]:
        """Name cells that hold an error, or a formula whose result was never saved."""
        for name, column in self._columns.items():
            place = (number - 1, column)
            error = self._marks.errors.get(place)
            if error is not None:
                yield Problem(name, "cell_error", params={"value": error})
            elif self._marks.formulas.get(place) is False:
                yield Problem(name, "formula_without_value")

    def _faulty(
        self, part: Part, number: int, cells: list[Cell], values: Values, problems: list[Problem]
    ) -> None:
        part.faulty += 1
        found = self._placed(problems, cells)
        if part.chunk is not None:
            part.chunk.faulty.append((number, *self._kept(cells, values, found)))
        else:
            part.found.append((number, True, found, cells if self._plan.cells else []))

    def _good(
        self, part: Part, number: int, cells: list[Cell], values: Values, problems: list[Problem]
    ) -> None:
        key = natural_key(self._item, values)
        # Without a key only the very same values are the same act.
        first = self._seen.setdefault(key or _encode(values), number)
        if first != number:
            part.doubled += 1
            problems = [*problems, Problem("", "duplicate_in_file", "warning", params={"row": first})]
        chunk = part.chunk
        if chunk is None:
            if problems:
                part.found.append((number, False, self._placed(problems, cells), []))
        elif first != number:
            chunk.doubled.append((number, *self._kept(cells, values, self._placed(problems, cells))))
        else:
            name, code, doc_no, act_on = (str(values.get(shown, "")) for shown in self._shown)
            asked = sum(problem.answerable for problem in problems)
            chunk.good.append((number, _encode(values), key, name, code, doc_no, act_on, asked))

    def _placed(self, problems: list[Problem], cells: list[Cell]) -> list[RowProblem]:
        placed = []
        for problem in problems:
            # What concerns the whole row is shown at its number.
            name = problem.field_id or self._item.doc_no
            column = self._columns.get(name)
            cell = cells[column] if column is not None else ""
            placed.append((problem, self._letters.get(name, ""), as_typed(cell)))
        return placed

    def _kept(self, cells: list[Cell], values: Values, found: list[RowProblem]) -> tuple[str, str, str]:
        """Write what stays with the import: cells as text, values, and problems with their places."""
        last = max((place for place, cell in enumerate(cells) if cell != ""), default=-1)
        texts = [as_typed(cell) for cell in cells[: last + 1]]
        return _encode(texts), _encode(values), _encode([problem_json(*one) for one in found])

    def ended(self) -> Ended:
        """Say what concerns the whole file: formulas, units that were taken for granted, lines left out."""
        notices = list(self._records.notices)
        for name, column in self._columns.items():
            letters = self._letters[name]
            rows = [row for (row, at), done in self._marks.formulas.items() if at == column and done]
            rows = [row + 1 for row in rows if row + 1 > self._header.last_row]
            if rows:
                notices.append(Notice("formula_value_taken", min(rows), letters, str(len(rows)), name))
            heading = next(h for h in self._header.headings if h.column == column)
            unit = self._item.by_id[name].unit
            if unit == "万元" and not heading.unit:
                notices.append(Notice("unit_assumed", self._header.last_row, letters, heading.text, name))
        return Ended(notices, self._changes, self._change_counts)


def problem_json(problem: Problem, column: str, value: str) -> dict[str, Any]:
    """Write a problem as it lies in the store, with its column and what stood there."""
    return {
        "path": problem.path, "code": problem.code, "severity": problem.severity,
        "answerable": problem.answerable, "params": dict(problem.params), "suggestion": problem.suggestion,
        "column": column, "value": value,
    }  # fmt: skip


def problem_of(said: Mapping[str, Any]) -> RowProblem:
    """Read what `problem_json` wrote."""
    problem = Problem(
        said["path"], said["code"], said["severity"], said.get("answerable", False), said.get("params", {}),
        said.get("suggestion"),
    )  # fmt: skip
    return problem, said.get("column", ""), said.get("value", "")
