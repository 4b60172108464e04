"""Whole columns cleaned at once: most cells are right, and are looked over together, at the speed of C."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, cast

from client.intake.clean import SURE, Cleaner, Touched, cleaner_of, is_identifier
from client.intake.headings import Heading
from client.intake.read import Cell
from forms.catalog.schema import Field, Value

_SEAM: Final = "|"
_NOT_PLAIN: Final = re.compile(r"[ ０-９Ａ-Ｚａ-ｚ\u0370-\u03ff\u0400-\u04ff]")
"""What a line of text is looked at for more closely: blanks, wide letters, other alphabets."""

_PLAIN_CODES: Final = re.compile(rf"(?:{SURE}|[{_SEAM}])*")

_CELLS_KEPT: Final = 20_000
"""Different cells of one column whose cleaning is remembered."""

_SHORT: Final = 40
"""Characters; longer texts hardly come twice."""

Exceptions = list[tuple[int, Touched]]
"""Place in the column, and what is to be said of the cell."""

ColumnCleaner = Callable[[Sequence[Cell]], tuple[Sequence[Value], Exceptions]]
"""Takes the cells of a column, "" for blank ones; returns their values and the cells that were touched."""


def column_cleaner(field: Field, heading: Heading, today: date) -> ColumnCleaner:
    """Return what cleans the cells of a column, many at a time.

    Args:
        field: that the column stands for.
        heading: its unit counts for amounts.
        today: settles the century of short years.
    """
    clean = cleaner_of(field, heading, today)
    if field.type == "text":
        return _texts(clean, _is_plain_prose)
    if field.type == "string" and field.code_set is None:
        if not field.rules:
            return _texts(clean, _is_plain_line)
        if is_identifier(field):
            return _codes(clean)
    return _remembering(clean)


def _texts(clean: Cleaner, is_plain: Callable[[str], bool]) -> ColumnCleaner:
    """Clean free texts: all together where nothing is amiss, else one by one."""

    def clean_column(cells: Sequence[Cell]) -> tuple[Sequence[Value], Exceptions]:
        try:
            joined = _SEAM.join(cast("Sequence[str]", cells))
        except TypeError:  # numbers and dates among them
            return _one_by_one(clean, cells)
        if is_plain(joined):
            return cast("Sequence[str]", cells), []
        return _one_by_one(clean, cells)

    return clean_column


def _codes(clean: Cleaner) -> ColumnCleaner:
    """Clean identifiers: hardly one comes twice, and most are capitals and digits already."""
    remembered = _remembering(clean)

    def clean_column(cells: Sequence[Cell]) -> tuple[Sequence[Value], Exceptions]:
        texts = cast("Sequence[str]", cells)
        try:
            joined = _SEAM.join(texts)
        except TypeError:  # numbers among them
            return remembered(cells)
        if _PLAIN_CODES.fullmatch(joined) and joined.count(_SEAM) == len(texts) - 1:
            return texts, []
        return remembered(cells)

    return clean_column


def _is_plain_line(joined: str) -> bool:
    return joined.isprintable() and _NOT_PLAIN.search(joined) is None


def _is_plain_prose(joined: str) -> bool:
    return (
        joined.isprintable()
        and " |" not in joined
        and "| " not in joined
        and joined[:1] != " " != joined[-1:]
    )


def _one_by_one(clean: Cleaner, cells: Sequence[Cell]) -> tuple[Sequence[Value], Exceptions]:
    return _apart([clean(cell) if cell != "" else "" for cell in cells])


def _remembering(clean: Cleaner) -> ColumnCleaner:
    """Clean codes, days, amounts and short texts: the same cells come again and again."""
    known: dict[str, Value | Touched] = {"": ""}
    mixed = _remembering_all_types(clean)

    def clean_column(cells: Sequence[Cell]) -> tuple[Sequence[Value], Exceptions]:
        texts = cast("Sequence[str]", cells)
        try:
            if not "".join(texts):
                return texts, []
        except TypeError:  # numbers and dates among them
            return mixed(cells)
        out = list(map(known.get, texts))
        if None in out:
            for place, value in enumerate(out):
                if value is None:
                    cell = texts[place]
                    value = out[place] = clean(cell)  # noqa: PLW2901 - what was missing
                    if len(known) < _CELLS_KEPT and len(cell) <= _SHORT:
                        known[cell] = value
        return _apart(out)

    return clean_column


def _remembering_all_types(clean: Cleaner) -> ColumnCleaner:
    """The same where not all cells are texts.

    A number and a text are different cells, also where Python takes them for equal (1 and True, 1 and 1.0).
    """
    known: dict[tuple[type, Cell], Value | Touched] = {}

    def clean_column(cells: Sequence[Cell]) -> tuple[Sequence[Value], Exceptions]:
        keys = list(zip(map(type, cells), cells, strict=True))
        out = [known.get(key) for key in keys]
        for place, value in enumerate(out):
            if value is None:
                cell = cells[place]
                value = out[place] = clean(cell) if cell != "" else ""  # noqa: PLW2901 - what was missing
                if len(known) < _CELLS_KEPT and (type(cell) is not str or len(cell) <= _SHORT):
                    known[keys[place]] = value
        return _apart(out)

    return clean_column


def _apart(out: Sequence[Value | Touched | None]) -> tuple[Sequence[Value], Exceptions]:
    """Tell the cells that were touched from the others."""
    touched = (
        [(place, value) for place, value in enumerate(out) if type(value) is Touched]
        if Touched in set(map(type, out))
        else []
    )
    return cast("list[Value]", out), touched
