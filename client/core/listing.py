"""A list (清单) that leaves the desk: for a spreadsheet, a text file or paper. Values only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "code", "day", "number"]
"""What a column holds; everything but ``number`` is written as text, so that no digit is lost."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column.

    Attributes:
        title: its heading.
        width: in characters of Chinese, about.
        on_paper: it is printed; a sheet of paper has no room for sixty columns.
        in_file: it is in spreadsheets; there a field of the item may stand for it already.
    """

    title: str
    kind: Kind = "text"
    width: int = 12
    on_paper: bool = True
    in_file: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """A list.

    Attributes:
        name: for the audit, e.g. ``records``.
        title: over the list, and of the sheet.
        count: how many rows there are, as far as is known before they are read.
        rows: read as they are asked for; each has a text for every head.
        notes: name and text: what was filtered, what is masked.
        said: what the audit keeps of the filter.
    """

    name: str
    title: str
    heads: tuple[Head, ...]
    count: int
    rows: Iterable[Sequence[str]]
    notes: tuple[tuple[str, str], ...] = ()
    said: tuple[tuple[str, str], ...] = ()
