"""Sample spreadsheets of penalties as a department hands them in: title lines, blanks, totals and all."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from client.demo.samples import UNMATCHED_ROWS, Fault, Office, sample_rows
from forms.catalog.schema import Item

BLANK_ROWS: Final = 60
"""Formatted and blank, under the records, as offices hand them out."""

HEADER_ROW: Final = 4
"""As the spreadsheet shows it; three lines stand above."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault in a row, as the spreadsheet shows it."""

    row: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class Sample:
    """A spreadsheet and what is in it.

    Attributes:
        rows: records; = ok + faulty.
        unmatched: rows of subjects that the platform's library does not hold; within ok.
        duplicates: within ok.
    """

    path: Path
    rows: int
    ok: int
    faulty: int
    duplicates: int
    unmatched: int
    planted: tuple[Planted, ...]


def write_penalties(
    path: Path,
    item: Item,
    *,
    office: Office,
    subjects: Sequence[Mapping[str, str]],
    today: date,
    seed: int = 20261124,
) -> Sample:
    """Write the sample as a department would hand it in: a workbook, or GB18030 text for ``.csv``.

    Args:
        path: ``.xlsx`` or ``.csv``.
        item: XZCF_FR; gives the headings.
        office: that reports.
        subjects: of the platform's library, ``{"code", "name", "representative"}``; 40 or more.
        today: decisions lie in the weeks before it.
        seed: the same sample for the same seed and day.
    """
    rows = list(sample_rows(office, subjects, today, seed))
    headings = [
        "序号",
        *(f"{field.title} " if field.id == "CF_WSH" else field.title for field in item.fields),
    ]
    lines = [
        [number, *(cells.get(field.id) for field in item.fields)]
        for number, (cells, _) in enumerate(rows, start=1)
    ]
    (_write_text if path.suffix == ".csv" else _write_workbook)(path, office, headings, lines, today)
    planted = tuple(
        Planted(HEADER_ROW + number, fault) for number, (_, fault) in enumerate(rows, start=1) if fault
    )
    faulty = sum(one.fault.faulty for one in planted)
    return Sample(path, len(rows), len(rows) - faulty, faulty, len(planted) - faulty, UNMATCHED_ROWS, planted)


def _above(office: Office, today: date) -> list[list[str]]:
    return [
        [f"{today.year}年行政处罚信息汇总表"],
        [f"填报单位：{office.name}", "", "", "单位：万元"],
        [f"填报日期：{today.isoformat()}"],
    ]


def _write_workbook(
    path: Path, office: Office, headings: Sequence[str], lines: Sequence[Sequence[Any]], today: date
) -> None:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("行政处罚")
        title = book.add_format({"bold": True, "font_size": 14})
        bold = book.add_format({"bold": True, "border": 1, "text_wrap": True, "bg_color": "#E8EDF2"})
        plain = book.add_format({"border": 1})
        day = book.add_format({"border": 1, "num_format": "yyyy/m/d"})
        sheet.set_column(0, len(headings), 16)
        for number, texts in enumerate(_above(office, today)):
            sheet.write_row(number, 0, texts, title if number == 0 else None)
        sheet.write_row(HEADER_ROW - 1, 0, headings, bold)
        for number, cells in enumerate(lines, start=HEADER_ROW):
            for column, cell in enumerate(cells):
                if cell is None:
                    sheet.write_blank(number, column, None, plain)
                elif isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, day)
                else:
                    sheet.write(number, column, cell, plain)
        under = HEADER_ROW + len(lines)
        for number in range(under, under + BLANK_ROWS):
            for column in range(len(headings)):
                sheet.write_blank(number, column, None, plain)
        sheet.write_row(under + BLANK_ROWS, 0, ["合计", f"{len(lines)}件"], plain)
        old = book.add_worksheet("往年")
        old.write_row(0, 0, headings)
        old.hide()


def _write_text(
    path: Path, office: Office, headings: Sequence[str], lines: Sequence[Sequence[Any]], today: date
) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerows(_above(office, today))
        writer.writerow(headings)
        for cells in lines:
            writer.writerow(map(_as_text, cells))
        writer.writerow(["合计", f"{len(lines)}件"])


def _as_text(cell: object) -> object:
    """Write a cell as a spreadsheet program writes it into text, with what it does to long numbers."""
    if isinstance(cell, int) and cell >= 10**11:
        return f"{cell:.5E}"
    return f"{cell.year}/{cell.month}/{cell.day}" if isinstance(cell, date) else cell
