"""The sheet 问题清单 of the clerk's own workbook: each problem with a link, and yes or no."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import quoteattr

from client.intake.heal_before import LIST_HEADINGS
from client.intake.heal_parts import text_cell
from client.intake.heal_styles import Styles
from client.intake.report import LIST_WIDTHS, SEVERITIES, Finding
from client.intake.returned import ACCEPT, ANSWER_HEADING, PROBLEM_HEADINGS, REFUSE
from client.intake.sheet_xml import column_letters

MOST_LINKS: Final = 60_000
"""Excel opens no sheet with more than 65,530."""

CHOICES: Final = f"{ACCEPT},{REFUSE}"
ANSWER_COLUMN: Final = PROBLEM_HEADINGS.index(ANSWER_HEADING)
HIDDEN_FROM: Final = ANSWER_COLUMN + 1


@dataclass(frozen=True, slots=True)
class Listed:
    """A problem in the list.

    Attributes:
        key: of its row; empty when the row is none of a record.
        answer: what a person said to its proposal in an earlier round.
        fill: key, field and fill of a cell as it was before; once a cell, and only when it had a fill.
    """

    row: int
    key: str
    finding: Finding
    answer: str = ""
    fill: str = ""


def list_sheet(listed: Sequence[Listed], sheet: str, styles: Styles) -> bytes:
    """Return the part of the sheet.

    Args:
        listed: in the order of the rows.
        sheet: name of the sheet with the records; links lead there.
        styles: of the workbook; ours are put at their end.
    """
    bold, plain, link = styles.plain(bold=True), styles.plain(wrap=True), styles.plain(link=True)
    return "".join(_pieces(listed, sheet, bold, plain, link)).encode("utf-8", "replace")


def _pieces(listed: Sequence[Listed], sheet: str, bold: int, plain: int, link: int) -> Iterator[str]:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    yield f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{main}">'
    yield '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
    yield '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
    yield ' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>'
    for number, width in enumerate((*LIST_WIDTHS, 9), start=1):
        hidden = ' hidden="1"' if number > HIDDEN_FROM else ""
        yield f'<col min="{number}" max="{number}" width="{width}" customWidth="1"{hidden}/>'
    yield "</cols><sheetData>"
    yield _line(1, LIST_HEADINGS, [bold] * len(LIST_HEADINGS))
    usual = [link, *[plain] * (len(LIST_HEADINGS) - 1)]
    for number, one in enumerate(listed, start=2):
        yield _line(number, texts_of(one), usual)
    yield "</sheetData>"
    if listed:
        letters = column_letters(ANSWER_COLUMN)
        yield '<dataValidations count="1"><dataValidation type="list" allowBlank="1" showErrorMessage="1"'
        yield f' sqref="{letters}2:{letters}{len(listed) + 1}"><formula1>"{CHOICES}"</formula1>'
        yield "</dataValidation></dataValidations><hyperlinks>"
        place = "'" + sheet.replace("'", "''") + "'!"
        for number, one in enumerate(listed[:MOST_LINKS], start=2):
            target = quoteattr(f"{place}{one.finding.column or 'A'}{one.row}")
            yield f'<hyperlink ref="A{number}" location={target} display="{one.row}"/>'
        yield "</hyperlinks>"
    yield '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
    yield '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'


def texts_of(one: Listed) -> tuple[str, ...]:
    """Return the line of a problem, as `LIST_HEADINGS` names its columns."""
    finding = one.finding
    return (
        str(one.row), finding.column, finding.title, SEVERITIES.get(finding.severity, finding.severity),
        finding.value, finding.sentence, finding.suggestion, one.answer,
        one.key if finding.suggestion else "", finding.field if finding.suggestion else "", one.fill,
    )  # fmt: skip


def _line(number: int, texts: Sequence[str], styles: Sequence[int]) -> str:
    cells = "".join(
        text_cell(f"{column_letters(column)}{number}", text, styles[column])
        for column, text in enumerate(texts)
        if text
    )
    return f'<row r="{number}">{cells}</row>'
