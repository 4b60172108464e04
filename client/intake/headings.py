"""Which row is the header, which column is which field, and which item the table is.

Pure: looks at the first rows, at the catalog and at what a person settled before. Guessing by
sound or likeness has no place here; a heading that matches nothing is reported, not forced.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from client.errors import FileRefused
from client.intake.read import Cell, Merge, Row
from client.intake.sheet_xml import column_letters
from forms.catalog.schema import Field, Item

SEARCHED_ROWS: Final = 40
"""How far down a header may stand: title lines, the issuing office and notes come before it."""

LEAST_MATCHES: Final = 3
"""Fewer headings than these may be chance; a narrower item needs half of its fields."""

LONGEST_HEADING: Final = 120
"""Characters; what is longer is a note or a cell of a record."""

_BLANKS: Final = re.compile(r"[\s\u200b\u200c\u200d\ufeff\u3000_]+")
_OPENING: Final = str.maketrans("【［〔﹝〈《[{", "((((((((")
_CLOSING: Final = str.maketrans("】］〕﹞〉》]}", "))))))))")
_MARKS: Final = "*＊:：.。、#"
_LAST_BRACKET: Final = re.compile(r"\(([^()]*)\)$")
_BRACKETS: Final = re.compile(r"\([^()]*\)")
_UNITS: Final = frozenset({"元", "万元", "亿元", "人民币元", "人民币万元", "单位元", "单位万元", "%"})
_NOTES: Final = frozenset({"必填", "选填", "必填项", "选填项", "必录", "非必填"})


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of the header.

    Attributes:
        column: from 0; `letters` is what the spreadsheet shows.
        text: as the file has it, line breaks turned into blanks.
        field: id of the field that it stands for; None when none matched.
        unit: ``元`` or ``万元`` where the heading names one, else empty.
    """

    column: int
    text: str
    field: str | None
    unit: str = ""

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
    """

    item: str
    row: int
    last_row: int
    headings: tuple[Heading, ...]

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


def plain(text: str) -> str:
    """Reduce a heading to what counts: half-width, no blanks, one kind of bracket, no marks."""
    text = unicodedata.normalize("NFKC", text).translate(_OPENING).translate(_CLOSING)
    return _BLANKS.sub("", text).strip(_MARKS).casefold()


@functools.lru_cache(maxsize=4096)  # the same few rows are held against every item
def forms_of(text: str) -> tuple[str, str, str]:
    """Return the forms under which a heading is looked up, the strictest first.

    Whole; without a unit or a note in brackets at its end; without anything in brackets.
    """
    whole = plain(text)
    trimmed = whole
    while (last := _LAST_BRACKET.search(trimmed)) and (last[1] in _UNITS or last[1] in _NOTES):
        trimmed = trimmed[: last.start()].strip(_MARKS)
    return _bare(whole), _bare(trimmed), _BRACKETS.sub("", trimmed).strip(_MARKS)


def unit_in(text: str) -> str:
    """Return ``元``, ``万元`` or ``亿元`` where a heading names it in brackets, else an empty text."""
    for content in re.findall(r"\(([^()]*)\)", plain(text)):
        for unit in ("亿元", "万元", "元"):
            if content.endswith(unit):
                return unit
    return ""


def _bare(text: str) -> str:
    return text.replace("(", "").replace(")", "")


class Matcher:
    """The headings of one item, ready to be looked up."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self._by_form: list[dict[str, str | None]] = [{}, {}, {}]
        for field in item.fields:
            if field.type == "attachment":  # a file has no place in a cell
                continue
            for name in _names(field):
                for level, form in enumerate(forms_of(name)):
                    known = self._by_form[level].setdefault(form, field.id)
                    if known != field.id:  # two fields share the form: it says nothing
                        self._by_form[level][form] = None

    def field_of(self, text: str) -> str | None:
        """Return the id of the field that a heading names, or None."""
        if not 0 < len(text) <= LONGEST_HEADING:
            return None
        for form in dict.fromkeys(forms_of(text)):
            for level in self._by_form:
                found = level.get(form)
                if found is not None:
                    return found
        return None


def _names(field: Field) -> Iterable[str]:
    yield field.id
    yield field.title
    yield from field.aliases


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
    candidates = list(_candidates(rows[:SEARCHED_ROWS], merges))
    for item in items:
        matcher = Matcher(item)
        header = _best_header(matcher, candidates)
        if header is None:
            continue
        score = (header.matched, _required_share(item, header))
        if score > best_score:
            best, best_score = header, score
    return best


def settle(header: Header, fields: Mapping[int, str | None]) -> Header:
    """Apply what a person said: column from 0 → field id, or None for a column to leave out.

    A column without a heading can be given a field, too.
    """
    known = {heading.column: heading for heading in header.headings}
    for column, field_id in fields.items():
        known[column] = replace(known.get(column) or Heading(column, "", None), field=field_id)
    return replace(header, headings=tuple(known[column] for column in sorted(known)))


def with_units(header: Header, units: Mapping[int, str]) -> Header:
    """Apply what a person said of the units of columns, from 0."""
    headings = (replace(one, unit=units.get(one.column, one.unit)) for one in header.headings)
    return replace(header, headings=tuple(headings))


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One or two rows read as a header. `texts`: column → (joined text, lower text, upper text)."""

    row: int
    last_row: int
    texts: Mapping[int, tuple[str, ...]]


def _candidates(rows: Sequence[Row], merges: Sequence[Merge]) -> Iterable[_Candidate]:
    texts = [(number, _texts(cells)) for number, cells in rows]
    for place, (number, own) in enumerate(texts):
        if len(own) < 2:
            continue
        yield _Candidate(number, number, {column: (text,) for column, text in own.items()})
        if place + 1 < len(texts) and texts[place + 1][1]:
            below_number, below = texts[place + 1]
            yield _Candidate(number, below_number, _joined(own, below, _groups(number - 1, own, merges)))


def _texts(cells: Sequence[Cell]) -> dict[int, str]:
    return {
        column: " ".join(str(cell).split())
        for column, cell in enumerate(cells)
        if cell != "" and str(cell).strip()
    }


def _groups(row: int, own: Mapping[int, str], merges: Sequence[Merge]) -> dict[int, str]:
    """Carry the text of a merged heading over the columns that it spans."""
    carried = dict(own)
    for top, left, bottom, right in merges:
        if top <= row <= bottom and left in own:
            carried.update(dict.fromkeys(range(left, right + 1), own[left]))
    return carried


def _joined(
    upper: Mapping[int, str], lower: Mapping[int, str], groups: Mapping[int, str]
) -> dict[int, tuple[str, ...]]:
    texts: dict[int, tuple[str, ...]] = {}
    group = ""
    for column in range(max([*upper, *lower, *groups], default=-1) + 1):
        # Formats that do not tell merges leave blanks to the right of a group's name.
        group = groups.get(column) or group
        below = lower.get(column, "")
        if below:
            texts[column] = (f"{group}{below}", below)
        elif column in upper:
            texts[column] = (upper[column],)
    return texts


def _best_header(matcher: Matcher, candidates: Sequence[_Candidate]) -> Header | None:
    best: Header | None = None
    most = min(LEAST_MATCHES, max(2, (len(matcher.item.fields) + 1) // 2)) - 1
    for candidate in candidates:
        header = _read_header(matcher, candidate)
        if header.matched > most:
            best, most = header, header.matched
    return _with_second_line(matcher, best, candidates) if best else None


def _read_header(matcher: Matcher, candidate: _Candidate) -> Header:
    headings = []
    for column, texts in candidate.texts.items():
        field_id, shown = None, texts[0]
        for text in texts:
            field_id = matcher.field_of(text)
            if field_id:
                shown = text
                break
        headings.append(Heading(column, shown, field_id, unit_in(shown)))
    return Header(matcher.item.code, candidate.row, candidate.last_row, tuple(headings))


def _with_second_line(matcher: Matcher, header: Header, candidates: Sequence[_Candidate]) -> Header:
    """Take in a line under the header that names the same fields again, by their ids mostly."""
    for candidate in candidates:
        if candidate.row == candidate.last_row == header.last_row + 1:
            below = _read_header(matcher, candidate)
            if below.matched >= max(LEAST_MATCHES, header.matched // 2):
                return replace(header, last_row=candidate.last_row)
    return header


def _required_share(item: Item, header: Header) -> float:
    """Part of the item's required fields that have a column: tells apart items that share headings."""
    required = {field.id for field in item.fields if field.required}
    found = {heading.field for heading in header.headings}
    return len(required & found) / len(required) if required else 1.0
