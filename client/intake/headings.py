"""Which row is the header, which column is which field, and which item the table is.

Pure: looks at the first rows, at the catalog and at what a person settled before. A heading that
matches nothing is not forced here; what it may mean by sound or likeness is said by `guessing`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from client.core.imports import UNSETTLED
from client.errors import FileRefused
from client.intake.cells import Merge, Row
from client.intake.header_rows import HeaderRow, header_rows
from client.intake.sheet_xml import column_letters
from forms.catalog.names import FieldNames, ItemNames
from forms.catalog.schema import Field, Item

SEARCHED_ROWS: Final = 40
"""How far down a header may stand: title lines, the issuing office and notes come before it."""

LEAST_MATCHES: Final = 3
"""Fewer headings than these may be chance; a narrower item needs half of its fields."""

LONGEST_HEADING: Final = 120
"""Characters; what is longer is a note or a cell of a record."""

STRICT: Final = 90
"""Certainty from which a guess is taken where nobody is there to confirm it; that is said as a warning."""

_BLANKS: Final = re.compile(r"[\s\u200b\u200c\u200d\ufeff\u3000_]+")
_OPENING: Final = str.maketrans("【［〔﹝〈《[{", "((((((((")
_CLOSING: Final = str.maketrans("】］〕﹞〉》]}", "))))))))")
_MARKS: Final = "*＊:：.。、#"
_LAST_BRACKET: Final = re.compile(r"\(([^()]*)\)$")
_BRACKETS: Final = re.compile(r"\([^()]*\)")
_UNITS: Final = frozenset({"元", "万元", "亿元", "人民币元", "人民币万元", "单位元", "单位万元", "%"})
_NOTES: Final = frozenset({"必填", "选填", "必填项", "选填项", "必录", "非必填"})


How = Literal["", "exact", "alias", "id", "pinyin", "fuzzy", "said", "recipe"]
"""How the field of a heading was found: its title, another name of it, its id, its sound, likeness; a
person said so, now or (recipe) before. Empty when nothing was found."""

GUESSED: Final = frozenset({"pinyin", "fuzzy"})
"""Found so, a field is a guess until a person says yes."""


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of the header.

    Attributes:
        column: from 0; `letters` is what the spreadsheet shows.
        text: as the file has it, line breaks turned into blanks.
        field: id of the field that it stands for; None when none matched.
        unit: ``元`` or ``万元`` where the heading names one, else empty.
        found: how `field`, or else `guess`, was found.
        certainty: of 100; below that only for guesses.
        guess: id of a field that it may stand for; a person has not confirmed it.
    """

    column: int
    text: str
    field: str | None
    unit: str = ""
    found: How = ""
    certainty: int = 100
    guess: str | None = None

    @property
    def letters(self) -> str:
        """The column as the spreadsheet shows it."""
        return column_letters(self.column)


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a table and what it says.

    Attributes:
        item: code of the item that the table is taken for.
        row: number of the header's first row, as the spreadsheet shows it.
        last_row: number of its last row; records begin after it.
        rival: code of another item whose headings fit nearly as well; empty when none does.
        tied: whether the rival fits quite as well.
        recipe: name of the recipe that settled the columns; empty when none did.
        lacking: headings of the recipe that the file does not have.
    """

    item: str
    row: int
    last_row: int
    headings: tuple[Heading, ...]
    rival: str = ""
    tied: bool = False
    recipe: str = ""
    lacking: tuple[str, ...] = ()

    @property
    def matched(self) -> int:
        """How many fields have a column."""
        return len({heading.field for heading in self.headings if heading.field})

    def column_of(self) -> dict[str, int]:
        """Field id → column from 0; the first one where a field has two."""
        columns: dict[str, int] = {}
        for heading in self.headings:
            if heading.field:
                columns.setdefault(heading.field, heading.column)
        return columns

    def refuse_doubles(self) -> None:
        """Refuse a table in which two columns claim to be the same field.

        Raises:
            FileRefused: `heading_doubled`; which of the two counts is the person's to say.
        """
        times = Counter(heading.field for heading in self.headings if heading.field)
        for field_id, count in times.items():
            if count > 1:
                same = [heading for heading in self.headings if heading.field == field_id]
                raise FileRefused(
                    "heading_doubled",
                    heading=same[0].text,
                    columns="、".join(heading.letters for heading in same),
                )


_ALL_HAN: Final = re.compile(r"[\u4e00-\u9fff]+")
"""A heading of nothing but Chinese characters, as most are: it is in all its forms as it stands."""


def plain(text: str) -> str:
    """Reduce a heading to what counts: half-width, no blanks, one kind of bracket, no marks."""
    text = unicodedata.normalize("NFKC", text).translate(_OPENING).translate(_CLOSING)
    return _BLANKS.sub("", text).strip(_MARKS).casefold()


@functools.lru_cache(maxsize=4096)  # the same few rows are held against every item
def forms_of(text: str) -> tuple[str, str, str]:
    """Return the forms under which a heading is looked up, the strictest first.

    Whole; without a unit or a note in brackets at its end; without anything in brackets.
    """
    if _ALL_HAN.fullmatch(text):
        return text, text, text
    whole = plain(text)
    trimmed = whole
    while (last := _LAST_BRACKET.search(trimmed)) and (last[1] in _UNITS or last[1] in _NOTES):
        trimmed = trimmed[: last.start()].strip(_MARKS)
    return _bare(whole), _bare(trimmed), _BRACKETS.sub("", trimmed).strip(_MARKS)


def unit_in(text: str) -> str:
    """Return ``元``, ``万元`` or ``亿元`` where a heading names it in brackets, else an empty text."""
    if "元" not in text:
        return ""
    for content in re.findall(r"\(([^()]*)\)", plain(text)):
        for unit in ("亿元", "万元", "元"):
            if content.endswith(unit):
                return unit
    return ""


def _bare(text: str) -> str:
    return text.replace("(", "").replace(")", "")


class Matcher:
    """The headings of one item, ready to be looked up."""

    def __init__(self, names: Item | ItemNames) -> None:
        self.code = names.code
        self.fields = len(names.fields)
        self.required = frozenset(field.id for field in names.fields if field.required)
        self._by_form: list[dict[str, tuple[str, How] | None]] = [{}, {}, {}]
        for name, field_id, how in names_in(names.fields):
            for level, form in zip(self._by_form, forms_of(name), strict=True):
                known = level.setdefault(form, (field_id, how))
                if known is not None and known[0] != field_id:  # two fields share the form: it says nothing
                    level[form] = None

    def field_of(self, text: str) -> str | None:
        """Return the id of the field that a heading names, or None."""
        found = self.look_up(text)
        return found[0] if found else None

    def look_up(self, text: str) -> tuple[str, How] | None:
        """Return the id of the field that a heading names and by which of its names, or None."""
        if not 0 < len(text) <= LONGEST_HEADING:
            return None
        for form in dict.fromkeys(forms_of(text)):
            for level in self._by_form:
                found = level.get(form)
                if found is not None:
                    return found
        return None

    def required_share(self, fields: Iterable[str | None]) -> float:
        """Part of the required fields that have a column: tells apart items that share headings."""
        return len(self.required.intersection(fields)) / len(self.required) if self.required else 1.0


def names_in(fields: Iterable[Field | FieldNames]) -> Iterator[tuple[str, str, How]]:
    """Yield all names of all fields: name, field id and what kind of name it is."""
    for field in fields:
        if isinstance(field, Field) and field.type == "attachment":  # a file has no place in a cell
            continue
        yield field.id, field.id, "id"
        yield field.title, field.id, "exact"
        for alias in field.aliases:
            yield alias, field.id, "alias"


def find(rows: Sequence[Row], items: Iterable[Item], merges: Sequence[Merge] = ()) -> Header | None:
    """Find the header among the first rows, and the item whose headings fit best.

    Args:
        rows: the first rows of a sheet, at most `SEARCHED_ROWS` of them count.
        items: the items to choose from; the first wins where two fit alike.
        merges: merged ranges of the sheet, where the format tells them.

    Returns:
        The header, or None when no row has enough headings.
    """
    best: Header | None = None
    best_score = (0, 0.0)
    candidates = list(header_rows(rows[:SEARCHED_ROWS], merges))
    for item in items:
        matcher = Matcher(item)
        header = best_header(matcher, candidates)
        if header is None:
            continue
        score = (header.matched, matcher.required_share(one.field for one in header.headings))
        if score > best_score:
            best, best_score = header, score
    return best


def settle(header: Header, fields: Mapping[int, str | None]) -> Header:
    """Apply what a person said: column from 0 → field id, or None for a column to leave out.

    One that is `UNSETTLED` is left out as well, and stays without an answer. A column without a heading
    can be given a field, too.
    """
    known = {heading.column: heading for heading in header.headings}
    for column, field_id in fields.items():
        one = known.get(column) or Heading(column, "", None)
        if field_id == UNSETTLED:
            one = replace(one, field=None, found="", certainty=100, guess=None)
        elif field_id != one.field or one.guess:
            one = replace(one, field=field_id, found="said", certainty=100, guess=None)
        known[column] = one
    return replace(header, headings=tuple(known[column] for column in sorted(known)))


def taken(header: Header) -> Header:
    """Take the guesses that are certain enough where nobody confirms them; forget the others."""
    headings = tuple(
        one if one.guess is None
        else replace(one, field=one.guess, guess=None) if one.certainty >= STRICT
        else replace(one, guess=None, found="", certainty=100)
        for one in header.headings
    )  # fmt: skip
    return replace(header, headings=headings)


def with_units(header: Header, units: Mapping[int, str]) -> Header:
    """Apply what a person said of the units of columns, from 0."""
    headings = (replace(one, unit=units.get(one.column, one.unit)) for one in header.headings)
    return replace(header, headings=tuple(headings))


def least_matches(fields: int) -> int:
    """Return how many headings of an item with so many fields make a header."""
    return min(LEAST_MATCHES, max(2, (fields + 1) // 2))


def best_header(matcher: Matcher, candidates: Sequence[HeaderRow]) -> Header | None:
    """Return the header with most headings of an item, or None when none has enough."""
    best: Header | None = None
    most = least_matches(matcher.fields) - 1
    for candidate in candidates:
        header = read_header(matcher, candidate)
        if header.matched > most:
            best, most = header, header.matched
    return with_second_line(matcher, best, candidates) if best else None


def read_header(matcher: Matcher, candidate: HeaderRow) -> Header:
    """Read a line as the header of an item, whatever it matches."""
    headings = []
    for column, texts in candidate.texts.items():
        found, shown = None, texts[0]
        for text in texts:
            found = matcher.look_up(text)
            if found:
                shown = text
                break
        field_id, how = found or (None, "")
        headings.append(Heading(column, shown, field_id, unit_in(shown), how))
    return Header(matcher.code, candidate.row, candidate.last_row, tuple(headings))


def with_second_line(matcher: Matcher, header: Header, candidates: Sequence[HeaderRow]) -> Header:
    """Take in a line under the header that names the same fields again, by their ids mostly."""
    for candidate in candidates:
        if candidate.row == candidate.last_row == header.last_row + 1:
            below = read_header(matcher, candidate)
            if below.matched >= max(LEAST_MATCHES, header.matched // 2):
                return replace(header, last_row=candidate.last_row)
    return header
