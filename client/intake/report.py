"""The error report (错误报告): faulty rows with their cells marked, and the list of all problems.

Everything goes in as text or number, never as a formula. Rows are written as they come, so that
the report of a large file costs little memory.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from client.core.imports import ROW_KEY_HEADING
from client.errors import FileRefused
from client.intake.cells import Cell
from client.intake.clean import as_typed
from client.intake.disarming import is_formula_like
from client.intake.headings import Header
from client.intake.placing import placing
from client.intake.returned import ACCEPT, ANSWER_HEADING, PROBLEM_HEADINGS, PROBLEM_SHEET, REFUSE
from client.intake.sheet_xml import column_letters

LAST_ROW: Final = 1_048_575
"""Of a sheet, from 0."""

LONGEST_TEXT: Final = 32_767
"""Characters in one cell; Excel's own limit."""

MOST_COMMENTS: Final = 5_000
"""Excel opens slowly with more; the list of problems names all of them."""

FAULTY_SHEET: Final = "有误的行"
NOTE_SHEET: Final = "说明"
ROW_HEADING: Final = "原行号"
OURS: Final = frozenset({ROW_HEADING, ROW_KEY_HEADING})
"""Headings that a returned file has from us; a report of it has its own."""

_CUT: Final = "…（太长，已截断）"
SEVERITIES: Final = {"error": "错误", "warning": "提醒"}
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
LIST_WIDTHS: Final = (8, 8, 30, 8, 30, 70, 30, 12, 9, 9)


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem as the report shows it.

    Attributes:
        column: letters as in the file that was read; empty when the file has no such column.
        title: of the field; empty for what concerns the whole row.
        value: what stood in the cell, as text.
        sentence: with the field's name; goes into the list and the comment.
        field: id; empty for what concerns the whole row.
    """

    column: str
    title: str
    severity: str
    value: str
    sentence: str
    suggestion: str
    field: str = ""


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


def let_go(book: Any) -> None:
    """Close the files of a workbook that was not finished; nothing when it was."""
    book.fileclosed = True  # else it would finish itself when it is thrown away
    for sheet in book.worksheets():
        if sheet.row_data_fh is not None:
            with suppress(OSError):  # what is still to be written does not fit either
                sheet.row_data_fh.close()


class Report:
    """An error report (错误报告) being written; `add` the faulty rows in their order, then leave the block.

    The sheet of faulty rows has the headings of the file under one more column, the row number,
    so that it can be repaired and read in again; a hidden one holds the key of each row.

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
        self._place = placing(path)
        draft = self._place.__enter__()
        self._source = source
        self._last_row = last_row
        self._most_comments = most_comments
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(draft), options)
        self._formats = {
            "heading": self._book.add_format(
                {"bold": True, "bg_color": "#E8EDF2", "border": 1, "text_wrap": True}
            ),
            "error": self._book.add_format({"bg_color": "#F8D7D3"}),
            "warning": self._book.add_format({"bg_color": "#FBEBC8"}),
            # A text that looks like a formula stays one when somebody edits its cell.
            "error_text": self._book.add_format({"bg_color": "#F8D7D3", "num_format": "@"}),
            "warning_text": self._book.add_format({"bg_color": "#FBEBC8", "num_format": "@"}),
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
            try:
                self._note()
                self._book.close()
            except (XlsxWriterException, OSError) as refused:
                kind, error, trace = type(refused), refused, refused.__traceback__
        let_go(self._book)
        self._place.__exit__(kind, error, trace)
        if isinstance(error, XlsxWriterException):
            raise FileRefused("report_unwritable") from error

    def add(self, row: int, cells: Sequence[Cell], findings: Sequence[Finding], key: str = "") -> None:
        """Write one faulty row and its problems.

        Args:
            row: its number in the file.
            cells: all of them, from column A.
            findings: its problems.
            key: by which the row is known again.
        """
        self._faulty += 1
        if self._next_row <= self._last_row:
            self._add_row(row, cells, findings, key)
        for finding in findings:
            self.add_finding(row, finding, key)

    def add_finding(self, row: int, finding: Finding, key: str = "") -> None:
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
            finding.column, finding.title, SEVERITIES.get(finding.severity, finding.severity),
            finding.value, finding.sentence, finding.suggestion, "", key if finding.suggestion else "",
            finding.field if finding.suggestion else "",
        )  # fmt: skip
        for column, text in enumerate(texts, start=1):
            if text:
                self._list.write_string(line, column, safe_text(text), self._formats["wrap"])
        self._next_problem += 1

    def _add_row(self, row: int, cells: Sequence[Cell], findings: Sequence[Finding], key: str) -> None:
        line = self._next_row
        self._next_row += 1
        by_column: dict[str, list[Finding]] = {}
        for finding in findings:
            by_column.setdefault(finding.column, []).append(finding)
        self._rows.write_number(line, 0, row)
        if key:
            self._rows.write_string(line, self._width + 1, key, self._formats["plain"])
        for column in range(max(len(cells), self._width)):
            place = column + 1 if column < self._width else column + 2  # the key stands between
            cell = cells[column] if column < len(cells) else ""
            here = by_column.get(column_letters(column), ())
            severity = "error" if any(f.severity == "error" for f in here) else "warning" if here else ""
            self._write(line, place, cell, severity)
            if here and self._comments < self._most_comments:
                self._comments += 1
                text = "\n".join(finding.sentence for finding in here)
                self._rows.write_comment(line, place, safe_text(text), {"x_scale": 2})

    def _write(self, line: int, column: int, cell: Cell, severity: str) -> None:
        style = self._formats[severity or "number"]
        if isinstance(cell, bool):
            self._rows.write_boolean(line, column, cell, style)
        elif isinstance(cell, int | float):
            self._rows.write_number(line, column, cell, style)
        elif isinstance(cell, date):
            self._rows.write_string(line, column, as_typed(cell), style)
        elif cell != "":
            looks = "_text" if severity and is_formula_like(str(cell)) else ""
            style = self._formats[f"{severity or 'plain'}{looks}"]
            self._rows.write_string(line, column, safe_text(str(cell)), style)
        elif severity:
            self._rows.write_blank(line, column, None, style)

    def _head_rows(self, header: Header) -> None:
        self._rows.freeze_panes(1, 1)
        self._rows.set_column(0, 0, 8)
        self._rows.set_column(1, self._width, 18)
        texts = {heading.column + 1: heading.text for heading in header.headings}
        self._rows.set_column(self._width + 1, self._width + 1, 9, None, {"hidden": True})
        texts = {column: text for column, text in texts.items() if text not in OURS}
        texts |= {0: ROW_HEADING, self._width + 1: ROW_KEY_HEADING}
        for column in range(self._width + 2):
            text = texts.get(column, "")
            self._rows.write_string(0, column, safe_text(text), self._formats["heading"])

    def _head_list(self) -> None:
        self._list.freeze_panes(1, 0)
        answer = PROBLEM_HEADINGS.index(ANSWER_HEADING)
        choices = {"validate": "list", "source": [ACCEPT, REFUSE]}
        self._list.data_validation(1, answer, self._last_row, answer, choices)
        for column, (text, width) in enumerate(zip(PROBLEM_HEADINGS, LIST_WIDTHS, strict=True)):
            hidden = {"hidden": True} if column > answer else {}
            self._list.set_column(column, column, width, None, hidden)
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
            (
                "怎么改",
                f"在“{FAULTY_SHEET}”里改好涂色的单元格，保存后直接导入这个文件；有建议的，也可以在“{PROBLEM_SHEET}”里选“接受”。",
            ),
        ]
        if self._comments >= self._most_comments:
            lines.append(("批注", f"只写了前 {self._comments:,} 处；“{PROBLEM_SHEET}”里是全部。"))
        if self._faulty > self._next_row - 1:
            lines.append(("行数", f"“{FAULTY_SHEET}”只放得下前 {self._next_row - 1:,} 行。"))
        for line, (name, text) in enumerate(lines):
            sheet.write_string(line, 0, name, self._formats["heading"])
            sheet.write_string(line, 1, safe_text(text), self._formats["wrap"])
