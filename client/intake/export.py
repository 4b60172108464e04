"""A list as a spreadsheet or a text file. No text of it is ever a formula; no digit of a code is lost."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from client.core.listing import Head, Listing
from client.core.times import day_and_clock
from client.errors import FileRefused
from client.intake.child import Stopped
from client.intake.disarming import disarmed
from client.intake.report import LAST_ROW, let_go, safe_text
from client.store.desk import Desk
from client.store.exports import write_out

NOTE_SHEET: Final = "说明"
ACTION: Final = "list_exported"
STEP: Final = 500
"""Rows between two words of progress."""

EXACT_DIGITS: Final = 15
"""What a number of a spreadsheet keeps; longer ones are written as text."""

Progress = Callable[[int], None]
Cancelled = Callable[[], bool]


def export_list(
    desk: Desk,
    listing: Listing,
    path: Path,
    *,
    progress: Progress = lambda _row: None,
    cancelled: Cancelled = lambda: False,
) -> int:
    """Write all rows of a list as .xlsx or .csv, by the name of `path`; return how many they are.

    The file appears whole or not at all, and that it left stands in the audit.

    Raises:
        FileRefused: ``format_unknown``; ``file_unwritable``.
        Stopped: `cancelled` said so.
    """
    write = _WRITERS.get(path.suffix.lower())
    kept = [place for place, head in enumerate(listing.heads) if head.in_file]
    if write is None:
        raise FileRefused("format_unknown", file_name=path.name)

    columns = replace(listing, heads=tuple(listing.heads[place] for place in kept))

    def fill(made: Path) -> int:
        rows = ([row[place] for place in kept] for row in _watched(listing, progress, cancelled))
        return write(desk, columns, made, rows)

    return write_out(desk, path, fill, action=ACTION, thing=listing.name, said=dict(listing.said))


def _watched(listing: Listing, progress: Progress, cancelled: Cancelled) -> Iterator[Sequence[str]]:
    for count, row in enumerate(listing.rows, start=1):
        if count % STEP == 0:
            progress(count)
            if cancelled():
                raise Stopped
        yield row


def _write_csv(_desk: Desk, listing: Listing, path: Path, rows: Iterator[Sequence[str]]) -> int:
    count = 0
    # The mark at the beginning lets Excel read UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        lines = csv.writer(out)
        lines.writerow([disarmed(head.title) for head in listing.heads])
        for row in rows:
            lines.writerow([disarmed(safe_text(text)) for text in row])
            count += 1
    return count


def _write_xlsx(desk: Desk, listing: Listing, path: Path, rows: Iterator[Sequence[str]]) -> int:
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "tmpdir": str(path.parent),
    }  # fmt: skip
    book = xlsxwriter.Workbook(str(path), options)
    try:
        count = _Sheets(book, listing).write(rows)
        _write_note(book, desk, listing, count)
        book.close()
    except XlsxWriterException as refused:
        raise OSError(str(refused)) from refused
    finally:
        let_go(book)
    return count


class _Sheets:
    """The rows, on as many sheets as they need."""

    def __init__(self, book: Any, listing: Listing) -> None:
        self._book = book
        self._listing = listing
        self._heading = book.add_format(
            {"bold": True, "bg_color": "#E8EDF2", "border": 1, "text_wrap": True, "num_format": "@"}
        )
        self._text = book.add_format({"num_format": "@"})
        # A text that looks like a formula stays one when somebody edits its cell.
        self._quoted = book.add_format({"num_format": "@", "quote_prefix": True})
        self._sheets = 0
        self._line = 0
        self._sheet: Any = None

    def write(self, rows: Iterator[Sequence[str]]) -> int:
        self._begin()
        count = 0
        for row in rows:
            if self._line > LAST_ROW:
                self._begin()
            for column, (head, text) in enumerate(zip(self._listing.heads, row, strict=True)):
                if text:
                    self._cell(column, head, text)
            self._line += 1
            count += 1
        return count

    def _cell(self, column: int, head: Head, text: str) -> None:
        if head.kind == "number" and _is_exact(text):
            self._sheet.write_number(self._line, column, float(text))
            return
        style = self._text if disarmed(text) == text else self._quoted
        self._sheet.write_string(self._line, column, safe_text(text), style)

    def _begin(self) -> None:
        self._sheets += 1
        name = _sheet_name(self._listing.title)
        self._sheet = self._book.add_worksheet(name if self._sheets == 1 else f"{name[:28]}{self._sheets}")
        self._sheet.freeze_panes(1, 0)
        for column, head in enumerate(self._listing.heads):
            self._sheet.set_column(column, column, head.width * 2, self._text)
            self._sheet.write_string(0, column, safe_text(head.title), self._heading)
        self._line = 1


def _sheet_name(title: str) -> str:
    return "".join(sign for sign in title if sign not in "[]:*?/\\'")[:31] or "清单"


def _is_exact(text: str) -> bool:
    digits = text.lstrip("-").replace(".", "", 1)
    return digits.isascii() and digits.isdigit() and len(digits) <= EXACT_DIGITS


def _write_note(book: Any, desk: Desk, listing: Listing, count: int) -> None:
    heading = book.add_format({"bold": True, "bg_color": "#E8EDF2", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet = book.add_worksheet(NOTE_SHEET)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 60)
    lines = (
        ("清单", listing.title),
        *listing.notes,
        ("行数", f"{count:,}"),
        ("机构", desk.device.unit_name),
        ("导出", f"{day_and_clock(desk.now())}　{desk.operator.name}"),
    )
    for line, (name, text) in enumerate(lines):
        sheet.write_string(line, 0, safe_text(name), heading)
        sheet.write_string(line, 1, safe_text(text), wrap)


_WRITERS: Final[dict[str, Callable[[Desk, Listing, Path, Iterator[Sequence[str]]], int]]] = {
    ".xlsx": _write_xlsx,
    ".csv": _write_csv,
}
