"""Check a file without storing anything: every problem of every row, and the error report if wanted."""

from __future__ import annotations

import contextlib
import importlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from client.core.imports import AS_PROPOSED, Cleanings
from client.core.packed import Packed
from client.core.recipes import Recipe
from client.intake import child
from client.intake.candidates import candidates_of
from client.intake.headings import Heading
from client.intake.notices import Notice
from client.intake.said import Ended, Entries, Opened, Part, Plan
from forms.catalog.messages import sentence
from forms.catalog.problems import Problem, Severity
from forms.catalog.schema import CatalogSet, Item, Value

if TYPE_CHECKING:  # comparing needs the store, and a report what writes workbooks; checking does not
    from client.intake.compare import Compared, Known
    from client.intake.reporting import Reporting

JUDGING: Final = "client.intake.judging:judge_file"
"""What reads and checks a file, by name: it is loaded where it runs, in the child."""

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


@dataclass(frozen=True, slots=True)
class Change:
    """A proposal to clean a cell; `row` and `column` as the spreadsheet shows them.

    Attributes:
        before: what stood there, as text.
        reason: why it is proposed, lower_snake.
        done: whether it was carried out.
    """

    row: int
    column: str
    field: str
    before: str
    after: Value
    reason: str
    done: bool = True


def _found(said: dict[str, Any]) -> Found:
    return Found(
        said["row"], said["column"] or "", said["field"] or "", said["code"], said["severity"], said["value"],
        said["message"], said["suggestion"],
    )  # fmt: skip


def change_of(said: Sequence[Any]) -> Change:
    """Read a change as the reading process packs it."""
    return Change(*said)


@dataclass(slots=True)
class CheckOutcome:
    """What a check of a file found. rows = ok + faulty; duplicates are within ok.

    Attributes:
        problems: all of them, by row; then those of the file as a whole. Kinds: severity/code/field.
        changes: all proposals to clean, by row. Kinds: field/reason.
        compared: what rows meet (比对); None when nobody asked.
        healed: whether the error report is the clerk's own workbook, marked.
    """

    opened: Opened
    item: Item
    rows: int = 0
    ok: int = 0
    faulty: int = 0
    duplicates: int = 0
    problems: Packed[Found] = field(default_factory=lambda: Packed(_found))
    changes: Packed[Change] = field(default_factory=lambda: Packed(change_of))
    compared: Compared | None = None
    healed: bool = False

    @property
    def unmatched(self) -> tuple[Heading, ...]:
        """Headings that name no field of the item; their columns are not read."""
        return tuple(heading for heading in self.opened.header.headings if heading.field is None)

    @property
    def change_counts(self) -> dict[tuple[str, str], int]:
        """Return (field, reason) → how many proposals to clean."""
        return {_pair(kind): count for kind, count in self.changes.kinds().items()}

    def as_json(self) -> dict[str, Any]:
        """The shape of `check --json`, docs/architecture.md "Commands"."""
        return {**self.head(), "problems": [json.loads(text) for text in self.problems.texts()]}

    def head(self) -> dict[str, Any]:
        """The same without the problems, for who writes those one by one."""
        return {
            "item": self.item.code, "rows": self.rows, "ok": self.ok, "faulty": self.faulty,
            "duplicates": self.duplicates,
        }  # fmt: skip


def _pair(kind: str) -> tuple[str, str]:
    name, _, reason = kind.partition("/")
    return name, reason


def check_file(
    path: Path,
    catalog: CatalogSet,
    *,
    today: date,
    item: str | None = None,
    sheet: str | None = None,
    fields: Mapping[int, str | None] | None = None,
    header_row: int | None = None,
    units: Mapping[int, str] | None = None,
    cleanings: Cleanings = AS_PROPOSED,
    recipes: Sequence[Recipe] = (),
    known: Known | None = None,
    report: Path | None = None,
    progress: Progress = no_progress,
    cancelled: child.Cancelled = child.never,
    reader: child.Reader | None = None,
) -> CheckOutcome:
    """Check every record of a file. Nothing is stored.

    Args:
        path: the file.
        catalog: the set whose items it may be.
        today: the day of reporting.
        item: code, when the person said which; else the one whose headings fit best.
        sheet: its name, when the person said which.
        fields: what the person said of columns, from 0: field id, or None to leave one out.
        header_row: where the header begins, when the person said so.
        units: column from 0 → its unit, when the person said so.
        cleanings: what the person said of cleaning.
        recipes: how files were taken before; one that fits settles what the person does not say now.
        known: what there is to compare rows with (比对); None to compare with nothing.
        report: where to write the error report.
        progress: told after each chunk.
        cancelled: asked all the time.
        reader: that waits already; else one is started.

    Raises:
        FileRefused: the file cannot come in.
        Stopped: `cancelled` said so; no report is left behind.
    """
    plan = Plan(
        candidates_of(catalog, item, recipes), today, sheet, fields, header_row, units,
        cells=report is not None, cleanings=cleanings, compare=known is not None,
    )  # fmt: skip
    with contextlib.closing(child.run(JUDGING, path, plan, cancelled=cancelled, reader=reader)) as messages:
        opened: Opened = next(messages)
        outcome = CheckOutcome(opened, catalog.item(opened.header.item))
        if known is not None:
            outcome.compared = known.begin(outcome.item, opened.sha256)
        if report is None:
            _collect(outcome, messages, None, progress)
            return outcome
        begin = importlib.import_module("client.intake.reporting").begin
        with begin(report, path, opened, outcome.item, today) as writer:
            _collect(outcome, messages, writer, progress)
        outcome.healed = writer.healed
        return outcome


def _collect(
    outcome: CheckOutcome, messages: Iterator[Any], writer: Reporting | None, progress: Progress
) -> None:
    height = outcome.opened.height or None
    for message in messages:
        if isinstance(message, Part):
            outcome.rows += message.rows
            outcome.faulty += message.faulty
            outcome.duplicates += message.doubled
            for kind, text in message.found:
                outcome.problems.add(kind, text)
            for kind, text in message.changed:
                outcome.changes.add(kind, text)
            if outcome.compared is not None and message.chunk is not None:
                outcome.compared.take(message.chunk)
            if writer is not None:
                writer.take(message)
            progress(message.last_row, height)
        elif isinstance(message, Ended):
            _end(outcome, message, writer)
    outcome.ok = outcome.rows - outcome.faulty


def _end(outcome: CheckOutcome, ended: Ended, writer: Reporting | None) -> None:
    entries = Entries(outcome.item)
    for notice in ended.notices:
        outcome.problems.add(*entries.entry(notice.row, *placed_notice(notice)))
    if writer is not None:
        writer.end(ended.notices)
    if outcome.compared is not None:
        outcome.compared.end(ended.firsts)


def found_of(row: int, problem: Problem, column: str, value: str, item: Item) -> Found:
    """Place a problem of a record, and say it."""
    return Found(
        row, column, problem.field_id, problem.code, problem.severity, value, sentence(problem, item),
        problem.suggestion,
    )  # fmt: skip


def placed_notice(notice: Notice) -> tuple[Problem, str, str]:
    """Turn something about the file as a whole into a warning at its place."""
    params = {"value": notice.value, "count": notice.value}
    return Problem(notice.field, notice.code, "warning", params=params), notice.column, notice.value


def found_of_notice(notice: Notice, item: Item) -> Found:
    """Say something about the file as a whole, as a warning at its place."""
    return found_of(notice.row, *placed_notice(notice), item)
