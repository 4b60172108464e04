"""Between the grid and the clipboard: what is copied, what a paste does, and what it could not do."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from client.ui.grid import words
from client.ui.grid.model import GridModel
from client.ui.grid.sheet import MOST_ROWS, Pasted
from client.ui.grid.table import GridTable


def copy(table: GridTable) -> None:
    """Put the chosen cells on the clipboard, as spreadsheets read them."""
    sheet = table.grid().sheet
    QGuiApplication.clipboard().setText(sheet.copied(table.chosen_fields(), table.chosen_rows()))


def paste(table: GridTable) -> str:
    """Take what a spreadsheet put on the clipboard, from the chosen cell on; rows are added as needed.

    Returns:
        What could not be pasted, and why; empty when all was.
    """
    model = table.grid()
    text = QGuiApplication.clipboard().text().rstrip("\r\n")
    if not text.strip():
        return words.PASTE_NOT_HERE
    top, left = table.first_chosen()
    below, chosen = model.rows_from(top), table.chosen_rows()
    if not set("\n\t") & set(text) and len(chosen) > 1:  # one cell fills all that are chosen
        text, below = "\n".join([text] * len(chosen)), chosen
    headings = _headings(model)
    done = model.sheet.pasted(
        text, below, left, lambda word: headings.get(word.strip()), len(table.chosen_fields())
    )
    said = words.PASTED_BY_HEADING if done.by_heading else words.PASTED
    model.do(said.format(rows=done.rows, columns=done.columns), done.steps, done.new)
    table.choose_block(top, 0 if done.by_heading else left, done.rows, done.columns)
    return _lost(done)


def _headings(model: GridModel) -> dict[str, str]:
    return {name: about.id for about in model.fields for name in (about.id, about.title, *about.aliases)}


def _lost(done: Pasted) -> str:
    lost = (
        (words.PASTE_TOO_WIDE, done.too_wide),
        (words.PASTE_TOO_LONG, done.too_long),
        (words.PASTE_LEFT_OUT, done.left_out),
    )
    return " ".join(sentence.format(n=n, most=MOST_ROWS) for sentence, n in lost if n)
