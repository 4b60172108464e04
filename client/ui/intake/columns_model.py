"""What is said of each column of a file while a person looks at it. Values only; no widget.

A guess is no answer: until a person says yes its column is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from client.core.imports import ROW_KEY_HEADING, UNSETTLED
from client.intake.headings import Header, Heading, Matcher, unit_in
from client.intake.preview import SheetPreview
from client.ui.intake import words
from client.ui.widgets.marks import StateLook
from forms.catalog.schema import Item

MONEY: Final = ("元", "万元")
"""Units of fields whose columns may be in another unit."""

SAMPLES: Final = 3
LONGEST_SAMPLE: Final = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One column of the file.

    Attributes:
        heading: as it was found.
        samples: its first filled cells.
        field: id of the field that it stands for, or may stand for; None to leave it out.
        said: whether a person chose the field or said yes to it.
        unit: of its bare amounts; empty where nobody named one.
        twin: letters of another column with the same field; empty when there is none.
    """

    heading: Heading
    samples: tuple[str, ...]
    field: str | None
    said: bool = False
    unit: str = ""
    twin: str = ""

    @property
    def waits(self) -> bool:
        """Whether it is a guess that nobody has confirmed."""
        return self.heading.guess is not None and not self.said

    @property
    def taken(self) -> str | None:
        """The field that its cells go into; none while the guess waits."""
        return None if self.waits else self.field

    def choose(self, field: str | None) -> Line:
        """A person says what the column stands for; saying what was found all along is nothing new."""
        said = self.heading.guess is not None or field != self.heading.field
        return replace(self, field=field, said=said)

    def confirm(self) -> Line:
        """A person says yes."""
        return replace(self, said=True) if self.waits else self

    def look(self) -> StateLook:
        """How the field was found, and what is still to be said."""
        if self.twin:
            return StateLook("square", words.TWIN.format(letters=self.twin), "bad")
        how = words.FOUND[self.heading.found]
        if self.waits:
            word = words.WAITS.format(how=how, certainty=self.heading.certainty)
            return StateLook("triangle", word, "warn")
        if self.said and self.field is not None and self.field == self.heading.guess:
            return StateLook("tick", words.CONFIRMED.format(how=how), "good")
        if self.said:
            return StateLook("tick", words.FOUND["said"], "good")
        if self.field is None:
            return StateLook("ring", words.LEFT_OUT if self.heading.found else words.NOT_FOUND, "plain")
        return StateLook("tick", how, "good")


Said = Mapping[tuple[int, str], Line]
"""Column from 0 and its heading → the line as a person left it."""


def lines_of(sheet: SheetPreview) -> list[Line]:
    """Return a line for each column that has a heading or a filled cell; our own keys are none."""
    assert sheet.header is not None
    known = {heading.column: heading for heading in sheet.header.headings}
    filled = {
        column for row in sheet.sample for column, cell in enumerate(row) if cell.strip()
    }  # fmt: skip
    ours = {column for column, heading in known.items() if ROW_KEY_HEADING in heading.text}
    lines = []
    for column in sorted((known.keys() | filled) - ours):
        heading = known.get(column) or Heading(column, "", None)
        lines.append(
            Line(heading, _samples(sheet, column), heading.field or heading.guess, unit=heading.unit)
        )
    return with_twins(lines)


def with_twins(lines: Sequence[Line]) -> list[Line]:
    """Mark the columns that are to go into one field."""
    by_field: dict[str, list[Line]] = {}
    for line in lines:
        if line.taken:
            by_field.setdefault(line.taken, []).append(line)
    said = []
    for line in lines:
        same = [one for one in by_field.get(line.taken or "", ()) if one.heading != line.heading]
        said.append(replace(line, twin=same[0].heading.letters if same else ""))
    return said


def said_of(lines: Iterable[Line]) -> Said:
    """Return what a person said, by the column and its heading."""
    return {
        (one.heading.column, one.heading.text): one
        for one in lines
        if one.said or one.unit != one.heading.unit
    }


def with_said(lines: Sequence[Line], said: Said) -> list[Line]:
    """Say again what a person said before of columns that stand where they stood."""
    again = []
    for line in lines:
        before = said.get((line.heading.column, line.heading.text))
        now = line
        if before is not None and before.said:
            now = now.choose(before.field)
        if before is not None and before.unit != before.heading.unit:
            now = replace(now, unit=before.unit)
        again.append(now)
    return with_twins(again)


def fields_said(lines: Iterable[Line]) -> dict[int, str | None] | None:
    """Column from 0 → field id or None, where it is not what was found; guesses that wait are `UNSETTLED`."""
    said = {
        line.heading.column: UNSETTLED if line.waits else line.taken
        for line in lines
        if line.heading.guess is not None or line.taken != line.heading.field
    }
    return said or None


def units_said(lines: Iterable[Line]) -> dict[int, str] | None:
    """Column from 0 → unit, where a person named another than the heading."""
    said = {line.heading.column: line.unit for line in lines if line.taken and line.unit != line.heading.unit}
    return said or None


def asks_for_unit(line: Line, item: Item) -> bool:
    """Whether the column holds amounts and its heading does not say in which unit."""
    field = item.by_id.get(line.field or "")
    return field is not None and field.unit in MONEY and not unit_in(line.heading.text)


def by_recipe(header: Header) -> int:
    """How many columns the recipe settled."""
    return sum(1 for one in header.headings if one.found == "recipe" and one.field)


def rival_columns(header: Header, rival: Item) -> int:
    """How many columns another item knows."""
    matcher = Matcher(rival)
    return len({found for one in header.headings if (found := matcher.field_of(one.text))})


def _samples(sheet: SheetPreview, column: int) -> tuple[str, ...]:
    cells = (" ".join(row[column].split()) for row in sheet.sample if column < len(row))
    return tuple(dict.fromkeys(cell[:LONGEST_SAMPLE] for cell in cells if cell))[:SAMPLES]
