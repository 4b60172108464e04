"""The error report (错误报告): faulty rows with their cells marked, and the list of all problems.

Everything goes in as text or number, never as a formula. Rows are written as they come, so that
the report of a large file costs little memory.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import xlsxwriter

from client.errors import FileRefused
from client.intake.headings import Header
from client.intake.read import Cell
from client.intake.sheet_xml import column_letters

LAST_ROW: Final = 1_048_575
"""Of a sheet, from 0."""

LONGEST_TEXT: Final = 32_767
"""Characters in one cell; Excel's own limit."""

MOST_COMMENTS: Final = 5_000
"""Excel opens slowly with more; the list of problems names all of them."""

FAULTY_SHEET: Final = "有误的行"
PROBLEM_SHEET: Final = "问题清单"
NOTE_SHEET: Final = "说明"
PROBLEM_HEADINGS: Final = ("行", "列", "数据项", "程度", "原值", "问题", "建议")
_CUT: Final = "…（太长，已截断）"
_SEVERITIES: Final = {"error": "错误", "warning": "提醒"}
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORMULA: Final = "=+-@＝＋－＠\t\r"
_NUMBER: Final = re.compile(r"[-+]?\d+(\.\d+)?")
_WIDTHS: Final = (8, 8, 30, 8, 30, 70, 30)


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem as the report shows it.

    Attributes:
        column: letters as in the file that was read; empty when the file has no such column.
        title: of the field; empty for what concerns the whole row.
        value: what stood in the cell, as text.
        sentence: with the field's name; goes into the list and the comment.
    """

    column: str
    title: str
    severity: str
    value: str
    sentence: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a report tells of."""

    file_name: str
    sheet: str
    item: str
    made_at: str


def safe_text(text: str) -> str:
    """Take out what no workbook may hold, and cut at Excel's limit, visibly."""
    text = _CONTROLS.sub("", text)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - len(_CUT)] + _CUT


def disarmed(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula when it opens a text file."""
    first = text.lstrip()[:1]
    return f"'{text}" if first and first in _FORMULA and not _NUMBER.fullmatch(text) else text


def claim(path: Path) -> None:
    """Make the file that is to be written, while nothing is lost if that fails.

    Raises:
        FileRefused: `report_unwritable`: it is open elsewhere, or the folder is missing or read-only.
    """
    try:
        path.open("wb").close()
    except OSError as error:
        raise FileRefused("report_unwritable") from error


class Report:
    """An error report (错误报告) being written; `add` the faulty rows in their order, then leave the block.

    The sheet of faulty rows has the headings of the file under one more column, the row number,
    so that it can be repaired and read in again.

    Raises:
        FileRefused: `report_unwritable`.
    """

    def __init__(
        self,
        path: Path,
        header: Header,
        source: Source,
        *,
        last_row: int = LAST_ROW,
        most_comments: int = MOST_COMMENTS,
    ) -> None:
        claim(path)
        self._path = path
        self._source = source
        self._last_row = last_row
        self._most_comments = most_comments
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._formats = {
            "heading": self._book.add_format(
                {"bold": True, "bg_color": "#E8EDF2", "border": 1, "text_wrap": True}
            ),
            "error": self._book.add_format({"bg_color": "#F8D7D3"}),
            "warning": self._book.add_format({"bg_color": "#FBEBC8"}),
            "plain": self._book.add_format({"num_format": "@"}),
            "number": self._book.add_format(),
            "wrap": self._book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}),
        }
        self._rows = self._book.add_worksheet(FAULTY_SHEET)
        self._list = self._book.add_worksheet(PROBLEM_SHEET)
        self._lists = 1
        self._next_row = 1
        self._next_problem = 1
        self._comments = 0
        self._faulty = 0
        self._counts = {"error": 0, "warning": 0}
        self._width = max((heading.column for heading in header.headings), default=0) + 1
        self._head_rows(header)
        self._head_list()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._note()
        try:
            self._book.close()
        except xlsxwriter.exceptions.FileCreateError as refused:
            raise FileRefused("report_unwritable") from refused
        if kind is not None:
            self._path.unlink(missing_ok=True)

    def add(self, row: int, cells: Sequence[Cell], findings: Sequence[Finding]) -> None:
        """Write one faulty row and its problems.

        Args:
            row: its number in the file.
            cells: all of them, from column A.
            findings: its problems.
        """
        self._faulty += 1
        if self._next_row <= self._last_row:
            self._add_row(row, cells, findings)
        for finding in findings:
            self.add_finding(row, finding)

    def add_finding(self, row: int, finding: Finding) -> None:
        """Write a problem into the list only, for rows that are no faulty ones."""
        if self._next_problem > self._last_row:
            self._lists += 1
            self._list = self._book.add_worksheet(f"{PROBLEM_SHEET}{self._lists}")
            self._next_problem = 1
            self._head_list()
        self._counts[finding.severity] = self._counts.get(finding.severity, 0) + 1
        line = self._next_problem
        self._list.write_number(line, 0, row)
        texts = (
            finding.column, finding.title, _SEVERITIES.get(finding.severity, finding.severity),
            finding.value, finding.sentence, finding.suggestion,
        )  # fmt: skip
        for column, text in enumerate(texts, start=1):
            if text:
                self._list.write_string(line, column, safe_text(text), self._formats["wrap"])
        self._next_problem += 1

    def _add_row(self, row: int, cells: Sequence[Cell], findings: Sequence[Finding]) -> None:
        line = self._next_row
        self._next_row += 1
        by_column: dict[str, list[Finding]] = {}
        for finding in findings:
            by_column.setdefault(finding.column, []).append(finding)
        self._rows.write_number(line, 0, row)
        for column in range(max(len(cells), self._width)):
            cell = cells[column] if column < len(cells) else ""
            here = by_column.get(column_letters(column), ())
            severity = "error" if any(f.severity == "error" for f in here) else "warning" if here else ""
            self._write(line, column + 1, cell, severity)
            if here and self._comments < self._most_comments:
                self._comments += 1
                text = "\n".join(finding.sentence for finding in here)
                self._rows.write_comment(line, column + 1, safe_text(text), {"x_scale": 2})

    def _write(self, line: int, column: int, cell: Cell, severity: str) -> None:
        style = self._formats[severity or "number"]
        if isinstance(cell, bool):
            self._rows.write_boolean(line, column, cell, style)
        elif isinstance(cell, int | float):
            self._rows.write_number(line, column, cell, style)
        elif isinstance(cell, date):
            shown = cell.isoformat() if not isinstance(cell, datetime) else cell.isoformat(sep=" ")
            self._rows.write_string(line, column, shown, style)
        elif cell != "":
            self._rows.write_string(line, column, safe_text(str(cell)), self._formats[severity or "plain"])
        elif severity:
            self._rows.write_blank(line, column, None, style)

    def _head_rows(self, header: Header) -> None:
        self._rows.freeze_panes(1, 1)
        self._rows.set_column(0, 0, 8)
        self._rows.set_column(1, self._width, 18)
        texts = {heading.column + 1: heading.text for heading in header.headings}
        for column in range(self._width + 1):
            text = "原行号" if column == 0 else texts.get(column, "")
            self._rows.write_string(0, column, safe_text(text), self._formats["heading"])

    def _head_list(self) -> None:
        self._list.freeze_panes(1, 0)
        for column, (text, width) in enumerate(zip(PROBLEM_HEADINGS, _WIDTHS, strict=True)):
            self._list.set_column(column, column, width)
            self._list.write_string(0, column, text, self._formats["heading"])

    def _note(self) -> None:
        sheet = self._book.add_worksheet(NOTE_SHEET)
        sheet.set_column(0, 0, 16)
        sheet.set_column(1, 1, 60)
        lines = [
            ("文件", self._source.file_name),
            ("工作表", self._source.sheet),
            ("目录事项", self._source.item),
            ("校验时间", self._source.made_at),
            ("有误的行", f"{self._faulty:,}"),
            ("错误", f"{self._counts['error']:,}"),
            ("提醒", f"{self._counts['warning']:,}"),
            ("怎么改", f"在“{FAULTY_SHEET}”里改好涂色的单元格，保存后直接导入这个文件。"),
        ]
        if self._comments >= self._most_comments:
            lines.append(("批注", f"只写了前 {self._comments:,} 处；“{PROBLEM_SHEET}”里是全部。"))
        if self._faulty > self._next_row - 1:
            lines.append(("行数", f"“{FAULTY_SHEET}”只放得下前 {self._next_row - 1:,} 行。"))
        for line, (name, text) in enumerate(lines):
            sheet.write_string(line, 0, name, self._formats["heading"])
            sheet.write_string(line, 1, safe_text(text), self._formats["wrap"])
