"""What the reading process is asked, and what it says: values that travel between it and the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from client.core.imports import AS_PROPOSED, Chunk, Cleanings
from client.core.packed import encode
from client.intake.candidates import Candidates
from client.intake.cells import Cell
from client.intake.headings import Header
from client.intake.notices import Notice
from forms.catalog.messages import sentence
from forms.catalog.problems import Problem
from forms.catalog.schema import Item


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of a file.

    Attributes:
        items: what it may be.
        today: the day of reporting.
        sheet: its name, when the person said which.
        fields: what the person said of columns, from 0.
        header_row: the first row of the header, as the spreadsheet shows it, when the person said which.
        units: column from 0 → 元, 万元 or 亿元, where the person said so.
        keep: whether rows are wanted for the store; else only what was found.
        cells: whether the cells of faulty rows are wanted.
        cleanings: what the person said of cleaning.
        compare: whether good rows are wanted to be compared (比对), beside what was found.
    """

    items: Candidates
    today: date
    sheet: str | None = None
    fields: Mapping[int, str | None] | None = None
    header_row: int | None = None
    units: Mapping[int, str] | None = None
    keep: bool = False
    cells: bool = False
    cleanings: Cleanings = AS_PROPOSED
    compare: bool = False


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
"""Row number, whether it has errors, its problems, and its cells where it has errors."""

Entry = tuple[str, str]
"""A kind and a JSON text, for `client.core.packed`."""

_MOST_WORDED: Final = 10_000
"""Different things said of rows whose words are remembered."""


@dataclass(slots=True)
class Part:
    """Some rows in a row, judged.

    Attributes:
        found: problems, each as `check --json` shows it; unless rows are wanted for the store.
        changed: proposals to clean, each a list: row, column, field, before, after, reason, done.
        report: rows with problems, when their cells are wanted.
        digests: row → digest of what it says, for its key; then, too.
        chunk: None unless rows are wanted, for the store or to be compared.
    """

    rows: int = 0
    faulty: int = 0
    doubled: int = 0
    last_row: int = 0
    found: list[Entry] = field(default_factory=list)
    changed: list[Entry] = field(default_factory=list)
    report: list[FaultyRow] = field(default_factory=list)
    digests: dict[int, str] = field(default_factory=dict)
    chunk: Chunk | None = None


@dataclass(slots=True)
class Ended:
    """What is known once all rows are read; comes last.

    Attributes:
        firsts: row → values as JSON, of rows that later ones differ from; only for comparing.
    """

    notices: list[Notice]
    firsts: dict[int, str] = field(default_factory=dict)


class Entries:
    """Writes problems as `check --json` shows them; what is said of many rows is worded once."""

    def __init__(self, item: Item) -> None:
        self._item = item
        self._worded: dict[tuple[object, ...], tuple[str, str, str]] = {}

    def entry(self, row: int, problem: Problem, column: str, value: str) -> Entry:
        """Write a problem of a row; its kind is severity, code and field."""
        alike = (
            problem.path, problem.code, problem.severity, problem.suggestion, column,
            *problem.params.items(),
        )  # fmt: skip
        worded = self._worded.get(alike)
        if worded is None:
            worded = self._worded_anew(problem, column)
            if len(self._worded) < _MOST_WORDED:
                self._worded[alike] = worded
        kind, before, after = worded
        return kind, f'{{"row":{row},{before},"value":{encode(value)},{after}'

    def _worded_anew(self, problem: Problem, column: str) -> tuple[str, str, str]:
        """Return the kind, and what comes before and after the value."""
        field_id = problem.field_id
        before = encode({
            "column": column or None, "field": field_id or None, "code": problem.code,
            "severity": problem.severity,
        })  # fmt: skip
        after = encode({"message": sentence(problem, self._item), "suggestion": problem.suggestion})
        return f"{problem.severity}/{problem.code}/{field_id}", before[1:-1], after[1:]


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
