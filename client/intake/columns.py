"""Whole columns cleaned at once: most cells are right, and are looked over together, at the speed of C."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from itertools import chain
from json.encoder import encode_basestring
from typing import Final, NamedTuple, cast

from client.core.packed import encode
from client.intake.cells import Cell
from client.intake.clean import SURE, Cleaner, Touched, cleaner_of, is_identifier
from client.intake.headings import Heading
from forms.catalog.schema import Field, Value

_SEAM: Final = "|"
"""Stands between joined texts where it counts how each of them begins and ends."""

_NOT_PLAIN: Final = re.compile(r"[ '０-９Ａ-Ｚａ-ｚ\u0370-\u03ff\u0400-\u04ff]")
"""What a line of text is looked at for more closely: blanks, wide letters, other alphabets, and a mark
that may stand before it."""

_PLAIN_CODES: Final = re.compile(f"{SURE}*")

_CELLS_KEPT: Final = 20_000
"""Different cells of one column whose cleaning is remembered."""

_SHORT: Final = 40
"""Characters; longer texts hardly come twice."""

_FEW: Final = 50
"""Cells among which something odd is looked for one by one, when it is not looked for in all together."""

_ONLY_TEXT: Final = frozenset({str})
_ALIKE: Final = frozenset({int, float, bool})
"""Types with cells that Python takes for equal, though they are not the same: 1, 1.0 and True."""


class CleanColumn(NamedTuple):
    """A column, cleaned.

    Attributes:
        values: one a cell; "" for none.
        touched: place in the column, and what is to be said of the cell.
        as_written: whether every value is a text that JSON writes as it is, in quotation marks.
        plain: whether every value is a text that can be printed, neither begins nor ends with a blank, and
            has lost no characters.
    """

    values: Sequence[Value]
    touched: list[tuple[int, Touched]]
    as_written: bool = False
    plain: bool = False


ColumnCleaner = Callable[[Sequence[Cell]], CleanColumn]
"""Takes the cells of a column, "" for blank ones."""


def column_cleaner(field: Field, heading: Heading, today: date) -> ColumnCleaner:
    """Return what cleans the cells of a column, many at a time.

    Args:
        field: that the column stands for.
        heading: its unit counts for amounts.
        today: settles the century of short years.
    """
    clean = cleaner_of(field, heading, today)
    if field.type == "text":
        return _texts(_one_by_one(clean), _is_plain_prose, _SEAM)
    if field.type == "string" and field.code_set is None:
        return _texts(_remembering(clean), _are_codes if is_identifier(field) else _is_plain_line, "")
    return _remembering(clean)


def member(name: str, column: CleanColumn) -> tuple[str, Sequence[str]]:
    """Say how a column stands in the JSON object of each row: a piece of a format, and what is put into it.

    A comma comes before each member; what is empty has none.
    """
    key, values = f",{encode(name)}:", column.values
    texts = cast("Sequence[str]", values) if column.as_written else _as_json(values)
    quote = '"' if column.as_written else ""
    if "" not in values:
        return f"{key.replace('%', '%%')}{quote}%s{quote}", texts
    return "%s", [
        f"{key}{quote}{text}{quote}" if value != "" else "" for value, text in zip(values, texts, strict=True)
    ]


def _as_json(values: Sequence[Value]) -> Sequence[str]:
    """Write each value; the same few lists of codes come again and again, and each is written once."""
    if _ONLY_TEXT.issuperset(map(type, values)):
        return list(map(encode_basestring, cast("Sequence[str]", values)))
    others = {id(value): value for value in values if type(value) is not str}
    written = {place: encode(value) for place, value in others.items()}
    return [encode_basestring(value) if type(value) is str else written[id(value)] for value in values]


def _texts(clean: ColumnCleaner, is_plain: Callable[[str], bool], seam: str) -> ColumnCleaner:
    """Take texts as they are when all of them, joined, are plain; else clean them."""

    def clean_column(cells: Sequence[Cell]) -> CleanColumn:
        texts = cast("Sequence[str]", cells)
        joined = seam.join(texts) if _ONLY_TEXT.issuperset(map(type, cells)) else None
        if joined is not None and is_plain(joined):
            as_written = '"' not in joined and "\\" not in joined
            return CleanColumn(texts, [], as_written, plain="\ufffd" not in joined)
        if len(cells) <= _FEW:
            return clean(cells)
        parts = [clean_column(cells[start : start + _FEW]) for start in range(0, len(cells), _FEW)]
        touched = [
            (number * _FEW + place, one) for number, part in enumerate(parts) for place, one in part.touched
        ]
        return CleanColumn(list(chain.from_iterable(part.values for part in parts)), touched)

    return clean_column


def _are_codes(joined: str) -> bool:
    return _PLAIN_CODES.fullmatch(joined) is not None


def _is_plain_line(joined: str) -> bool:
    return joined.isprintable() and _NOT_PLAIN.search(joined) is None


def _is_plain_prose(joined: str) -> bool:
    return (
        joined.isprintable()
        and "'" not in joined
        and " |" not in joined
        and "| " not in joined
        and joined[:1] != " " != joined[-1:]
    )


def _one_by_one(clean: Cleaner) -> ColumnCleaner:
    def clean_column(cells: Sequence[Cell]) -> CleanColumn:
        return _clean_column([clean(cell) if cell != "" else "" for cell in cells])

    return clean_column


def _remembering(clean: Cleaner) -> ColumnCleaner:
    """Clean codes, days, amounts and short texts: the same cells come again and again."""
    known: dict[object, Value | Touched] = {}

    def clean_column(cells: Sequence[Cell]) -> CleanColumn:
        keys: Sequence[object] = cells
        if not _ALIKE.isdisjoint(map(type, cells)):
            keys = list(zip(map(type, cells), cells, strict=True))
        out = list(map(known.get, keys))
        if None in out:
            for place, value in enumerate(out):
                if value is None:
                    cell = cells[place]
                    value = out[place] = clean(cell) if cell != "" else ""  # noqa: PLW2901 - what was missing
                    if len(known) < _CELLS_KEPT and (type(cell) is not str or len(cell) <= _SHORT):
                        known[keys[place]] = value
        return _clean_column(out)

    return clean_column


def _clean_column(out: Sequence[Value | Touched | None]) -> CleanColumn:
    """Tell the cells that were touched from the others."""
    touched = (
        [(place, value) for place, value in enumerate(out) if type(value) is Touched]
        if Touched in set(map(type, out))
        else []
    )
    return CleanColumn(cast("list[Value]", out), touched)
