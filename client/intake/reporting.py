"""What a check or an import found, put into its error report (错误报告)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from client.intake.cells import Cell
from client.intake.error_report import ErrorReport, Origin
from client.intake.outcome import Found, found_of, found_of_notice
from client.intake.report import Finding, Source
from client.intake.said import Opened, Part
from client.intake.table import Notice
from forms.catalog.schema import Item


def begin(report: Path, source: Path, opened: Opened, item: Item, today: date) -> Reporting:
    """Begin the report of a check.

    Raises:
        FileRefused: `report_unwritable`, `report_over_source`.
    """
    about = Source(source.name, opened.sheet, f"{item.name}（{item.ref}）", today.isoformat())
    return Reporting(ErrorReport(report, opened.header, about, Origin("R", uuid4().hex), source), item)


class Reporting:
    """The error report of a check, being written."""

    def __init__(self, writer: ErrorReport, item: Item) -> None:
        self._writer = writer
        self._item = item

    @property
    def healed(self) -> bool:
        """Whether it is the clerk's own workbook; known at the end."""
        return self._writer.healed

    def __enter__(self) -> Self:
        self._writer.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.__exit__(kind, error, trace)

    def take(self, part: Part) -> None:
        """Take some judged rows."""
        self._writer.know(part.digests)
        for number, is_faulty, problems, cells in part.report:
            found = [found_of(number, *one, self._item) for one in problems]
            write_row(self._writer, self._item, number, cells if is_faulty else None, found)

    def end(self, notices: Iterable[Notice]) -> None:
        """Take what concerns the file as a whole."""
        for notice in notices:
            found = found_of_notice(notice, self._item)
            self._writer.add_finding(notice.row, _finding(found, self._item))


def write_row(
    writer: ErrorReport, item: Item, number: int, cells: Sequence[Cell] | None, found: Sequence[Found]
) -> None:
    """Write a row's problems into a report; without cells into the list only."""
    findings = [_finding(one, item) for one in found]
    if cells is not None:
        writer.add(number, cells, findings)
        return
    for finding in findings:
        writer.add_finding(number, finding)


def _finding(found: Found, item: Item) -> Finding:
    about = item.by_id.get(found.field)
    return Finding(
        found.column, about.title if about else "", found.severity, found.value, found.message,
        found.suggestion or "", found.field,
    )  # fmt: skip
