"""A recipe (导入方案): how the files of one source are taken, settled once and used every month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LONGEST_NAME: Final = 60
UNITS: Final = ("元", "万元", "亿元")


@dataclass(frozen=True, slots=True)
class RecipeColumn:
    """One column of the source.

    Attributes:
        heading: as the file has it; empty for a column without one.
        column: from 0; tells columns without a heading.
        field: id of the field that it stands for; None for one that is not brought in (不导入).
        unit: of a bare amount, one of `UNITS`; empty where the heading says it.
        settled: False where nobody has said yet what it stands for: it is asked again each time.
    """

    heading: str
    column: int
    field: str | None
    unit: str = ""
    settled: bool = True


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the files of a source are taken.

    Attributes:
        recipe_id: empty for one that is not kept yet.
        name: as people call it; no two of a desk are called the same.
        item: code, without set: a recipe outlives sets.
        sheet: name of the sheet, a hint only.
        header_row: where the header begins, when a person had to say so.
        refused: field id and reason of cleaning that the person refused.
        saved_at, used_at: UTC text; empty for one that is not kept yet, or was never used.
    """

    recipe_id: str
    name: str
    item: str
    sheet: str
    columns: tuple[RecipeColumn, ...]
    header_row: int | None = None
    refused: tuple[tuple[str, str], ...] = ()
    saved_at: str = ""
    used_at: str = ""

    def source(self) -> tuple[str, ...]:
        """What tells the files of this source from others: item and headings, in any order."""
        return (self.item, *sorted(one.heading for one in self.columns))
