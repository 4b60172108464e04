"""Check a file without storing anything: every problem of every row, and the error report if wanted."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from client.errors import FileRefused
from client.intake import child
from client.intake.headings import Heading
from client.intake.judging import Change, Ended, FaultyRow, Opened, Part, Plan, judge_file
from client.intake.read import Cell
from client.intake.report import Finding, Report, Source
from client.intake.table import Notice
from forms.catalog.messages import sentence
from forms.catalog.problems import Problem, Severity
from forms.catalog.schema import CatalogSet, Item

Progress = Callable[[int, int | None], None]
"""Told the row that has been reached, and the last one when that is known."""


def no_progress(_row: int, _of: int | None) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True, slots=True)
class Found:
    """One problem, placed as the spreadsheet shows it.

    Attributes:
        column: letters; empty when the file has no column for the field.
        field: id; empty when it concerns the whole row.
        value: what stood in the cell, as text.
        message: the sentence, with the field's name.
    """

    row: int
    column: str
    field: str
    code: str
    severity: Severity
    value: str
    message: str
    suggestion: str | None


@dataclass(slots=True)
class CheckOutcome:
    """What a check of a file found. rows = ok + faulty; duplicates are within ok.

    Attributes:
        problems: all of them, by row; then those of the file as a whole.
        changes: cells that were cleaned, the first 200 of each kind.
        change_counts: (field, reason) → how many were.
    """

    opened: Opened
    item: Item
    rows: int = 0
    ok: int = 0
    faulty: int = 0
    duplicates: int = 0
    problems: list[Found] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    change_counts: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def unmatched(self) -> tuple[Heading, ...]:
        """Headings that name no field of the item; their columns are not read."""
        return tuple(heading for heading in self.opened.header.headings if heading.field is None)

    def as_json(self) -> dict[str, Any]:
        """The shape of `check --json`, docs/architecture.md "Commands"."""
        return {
            "item": self.item.code, "rows": self.rows, "ok": self.ok, "faulty": self.faulty,
            "duplicates": self.duplicates,
            "problems": [
                {
                    "row": one.row, "column": one.column or None, "field": one.field or None,
                    "code": one.code, "severity": one.severity, "value": one.value,
                    "message": one.message, "suggestion": one.suggestion,
                }
                for one in self.problems
            ],
        }  # fmt: skip


def items_of(catalog: CatalogSet, code: str | None) -> tuple[Item, ...]:
    """Return the items that a file may be of.

    Raises:
        FileRefused: `item_unknown`.
    """
    if code is None:
        return tuple(catalog.items.values())
    try:
        return (catalog.item(code),)
    except KeyError as error:
        raise FileRefused("item_unknown", item=code) from error


def check_file(
    path: Path,
    catalog: CatalogSet,
    *,
    today: date,
    item: str | None = None,
    sheet: str | None = None,
    fields: Mapping[int, str | None] | None = None,
    report: Path | None = None,
    progress: Progress = no_progress,
    cancelled: child.Cancelled = child.never,
) -> CheckOutcome:
    """Check every record of a file. Nothing is stored.

    Args:
        path: the file.
        catalog: the set whose items it may be.
        today: the day of reporting.
        item: code, when the person said which; else the one whose headings fit best.
        sheet: its name, when the person said which.
        fields: what the person said of columns, from 0: field id, or None to leave one out.
        report: where to write the error report.
        progress: told after each chunk.
        cancelled: asked all the time.

    Raises:
        FileRefused: the file cannot come in.
        Stopped: `cancelled` said so; no report is left behind.
    """
    plan = Plan(items_of(catalog, item), today, sheet, fields, cells=report is not None)
    with contextlib.closing(child.run(judge_file, path, plan, cancelled=cancelled)) as messages:
        opened: Opened = next(messages)
        outcome = CheckOutcome(opened, catalog.item(opened.header.item))
        if report is None:
            _collect(outcome, messages, None, progress)
            return outcome
        name = f"{outcome.item.name}（{outcome.item.ref}）"
        about = Source(path.name, opened.sheet, name, today.isoformat())
        with Report(report, opened.header, about) as writer:
            _collect(outcome, messages, writer, progress)
        return outcome


def _collect(
    outcome: CheckOutcome, messages: Iterator[Any], writer: Report | None, progress: Progress
) -> None:
    height = outcome.opened.height or None
    for message in messages:
        if isinstance(message, Part):
            outcome.rows += message.rows
            outcome.faulty += message.faulty
            outcome.duplicates += message.doubled
            for row in message.found:
                _take(outcome, row, writer)
            progress(message.last_row, height)
        elif isinstance(message, Ended):
            outcome.changes, outcome.change_counts = message.changes, message.change_counts
            for notice in message.notices:
                found = found_of_notice(notice, outcome.item)
                outcome.problems.append(found)
                if writer is not None:
                    writer.add_finding(found.row, _finding(found, outcome.item))
    outcome.ok = outcome.rows - outcome.faulty


def _take(outcome: CheckOutcome, row: FaultyRow, writer: Report | None) -> None:
    number, is_faulty, problems, cells = row
    found = [found_of(number, *one, outcome.item) for one in problems]
    outcome.problems += found
    if writer is not None:
        write_row(writer, outcome.item, number, cells if is_faulty else None, found)


def write_row(
    writer: Report, item: Item, number: int, cells: Sequence[Cell] | None, found: Sequence[Found]
) -> None:
    """Write a row's problems into a report; without cells into the list only."""
    findings = [_finding(one, item) for one in found]
    if cells is not None:
        writer.add(number, cells, findings)
        return
    for finding in findings:
        writer.add_finding(number, finding)


def found_of(row: int, problem: Problem, column: str, value: str, item: Item) -> Found:
    """Place a problem of a record, and say it."""
    return Found(
        row, column, problem.field_id, problem.code, problem.severity, value, sentence(problem, item),
        problem.suggestion,
    )  # fmt: skip


def found_of_notice(notice: Notice, item: Item) -> Found:
    """Say something about the file as a whole, as a warning at its place."""
    problem = Problem(
        notice.field, notice.code, "warning", params={"value": notice.value, "count": notice.value}
    )
    return found_of(notice.row, problem, notice.column, notice.value, item)


def _finding(found: Found, item: Item) -> Finding:
    about = item.by_id.get(found.field)
    return Finding(
        found.column, about.title if about else "", found.severity, found.value, found.message,
        found.suggestion or "",
    )  # fmt: skip
