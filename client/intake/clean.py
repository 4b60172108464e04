"""Cells → values: blanks, full width, dates, amounts and codes put right, and every change kept.

What cannot be read stays as it was typed and is named, never guessed; so is what a spreadsheet has
destroyed. One cleaner a type of field, in one table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final, cast

from client.intake.cells import Cell
from client.intake.disarming import MARK, rearmed
from client.intake.headings import Heading
from forms.catalog import fieldtypes
from forms.catalog.amounts import Unit, plain
from forms.catalog.cleaning import INVISIBLE, identifier_form
from forms.catalog.codes import FAULTS, repaired
from forms.catalog.fieldtypes import Unparsable
from forms.catalog.rules import CertByType, IdCard, OneOf, OrgCode, RegNo, Uscc
from forms.catalog.schema import Field, FieldType, Value
from forms.catalog.slips import LOOK_ALIKES, has_look_alikes

DIGITS_KEPT: Final = 15
"""A spreadsheet keeps so many digits of a number; the rest of an identifier is gone."""

_FIRST_LOST: Final = 10**DIGITS_KEPT
_ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_SCIENTIFIC: Final = re.compile(r"\s*\d(?:\.\d+)?[Ee]\+\d+\s*")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BREAK: Final = re.compile(r"\s*[\r\n]+\s*")
_BLANKS: Final = re.compile(r"[ \t\u00a0\u2000-\u200a\u3000]+")
_WIDE: Final = re.compile(r"[０-９Ａ-Ｚａ-ｚ]")
_TO_NARROW: Final = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()}
_CJK: Final = r"[\u3007\u3400-\u9fff\uf900-\ufaff\uff00-\uff65\u3001-\u3011]"
_BLANK_IN_CHINESE: Final = re.compile(rf"(?<={_CJK})[ \t\u00a0\u2000-\u200a\u3000]+(?={_CJK})")
_PLAIN_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_FACTORS: Final = {
    ("元", "万元"): Decimal("0.0001"), ("万元", "元"): Decimal(10_000),
    ("亿元", "万元"): Decimal(10_000), ("亿元", "元"): Decimal(100_000_000),
}  # fmt: skip
"""(unit of the heading, unit of the field) → what a bare number is multiplied by."""

_CODES_KEPT: Final = 10_000
"""Different texts of one column whose codes are remembered."""

_IDENTIFIER_RULES: Final = (Uscc, OrgCode, RegNo, IdCard, CertByType, OneOf)
_PROVED: Final[Mapping[type, str]] = {Uscc: "uscc", OrgCode: "orgcode", RegNo: "regno", IdCard: "ric"}
"""Rules whose identifiers have a check character, and the kind of each."""

_FOREIGN: Final = re.compile(r"[\u0370-\u03ff\u0400-\u04ff]")
SURE: Final = r"[0-9A-HJ-NP-RTUWXY]"
"""What stands in a code and is never taken for something else."""

_SURE: Final = re.compile(f"{SURE}+")


@dataclass(frozen=True, slots=True)
class Touched:
    """A cell that was not taken as it is.

    Attributes:
        value: what is stored; "" for nothing.
        reason: why it differs from what was typed, lower_snake; empty when it does not.
        code: of the error that it brings; empty for none.
        params: what the sentence of that error needs.
        suggestion: how it was probably meant; None when nobody can tell.
    """

    value: Value
    reason: str = ""
    code: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)
    suggestion: str | None = None


Cleaner = Callable[[Cell], "Value | Touched"]
"""Takes a cell that is not blank. Returns a plain value when there is nothing to say about it."""


def cleaner_of(field: Field, heading: Heading, today: date) -> Cleaner:
    """Return the cleaner of a column.

    Args:
        field: that the column stands for.
        heading: its unit counts for amounts.
        today: settles the century of short years.
    """
    return _CLEANERS[field.type](field, heading, today)


def is_identifier(field: Field) -> bool:
    """Whether a field holds a code of capitals and digits, by its rules."""
    return any(isinstance(rule, _IDENTIFIER_RULES) for rule in field.rules)


def as_typed(cell: Cell) -> str:
    """Return a cell as text, as near as can be to what the person sees."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return plain(Decimal(format(cell, ".15g")))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ") if cell.time() != datetime.min.time() else cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


# --- texts ----------------------------------------------------------------------------------------


def _line(field: Field, heading: Heading, today: date) -> Cleaner:
    """One line of text: names, numbers of documents, identifiers."""
    if field.code_set is not None:
        return _coded(field, heading, today)
    if is_identifier(field):
        return _identifier(field, today)

    def clean(cell: Cell) -> Value | Touched:
        if not isinstance(cell, str):
            return _not_text(cell)
        if cell[0] == MARK and (bare := rearmed(cell)) != cell:
            return _unmarked(clean(bare))
        # The quick way for what is clean: only an ASCII blank is a separator and printable.
        if cell.isprintable() and " " not in cell and _WIDE.search(cell) is None:
            return cell if _FOREIGN.search(cell) is None else _latin(cell)
        return _tidy_line(cell)

    return clean


def _identifier(field: Field, today: date) -> Cleaner:
    """A code: half-width capitals and digits; a letter taken for a digit where the check proves it."""
    kinds = [_PROVED[type(rule)] for rule in field.rules if type(rule) in _PROVED]
    kind = kinds[0] if len(kinds) == 1 else None

    def clean(cell: Cell) -> Value | Touched:
        if not isinstance(cell, str):
            return _not_text(cell)
        if _SURE.fullmatch(cell):
            return cell
        if "+" in cell and _SCIENTIFIC.fullmatch(cell):
            return Touched(cell.strip(), code="digits_lost", params={"value": cell.strip()})
        form, reason = identifier_form(cell), "identifier_form"
        if has_look_alikes(form):
            form, reason = form.translate(LOOK_ALIKES), "look_alike"
        if kind is not None and FAULTS[kind](form, today):
            meant = repaired(kind, form, today)
            if meant is not None and meant != form:
                form, reason = meant, "look_alike"
        return cell if form == cell else Touched(form, reason)

    return clean


def _latin(text: str) -> Value | Touched:
    """Put Latin letters where Cyrillic or Greek ones only look like them; a text in that script stays."""
    if all(has_look_alikes(letter) for letter in _FOREIGN.findall(text)):
        return Touched(text.translate(_LETTERS), "look_alike")
    return text


_LETTERS: Final = {code: LOOK_ALIKES[code] for code in LOOK_ALIKES if _FOREIGN.match(chr(code))}


def _tidy_line(text: str) -> Value | Touched:
    """Take out what nobody sees or means. A blank between two Chinese characters is only lay-out."""
    clean, reason = _CONTROLS.sub("", INVISIBLE.sub("", text)), "blanks"
    if "\n" in clean or "\r" in clean:
        clean, reason = _BREAK.sub(" ", clean.strip()), "line_breaks"
    if _WIDE.search(clean):
        clean, reason = clean.translate(_TO_NARROW), "full_width"
    clean = _BLANKS.sub(" ", _BLANK_IN_CHINESE.sub("", clean)).strip()
    if _FOREIGN.search(clean):
        latin = _latin(clean)
        if isinstance(latin, Touched):
            clean, reason = cast("str", latin.value), latin.reason
    return text if clean == text else Touched(clean, reason)


def _prose(_field: Field, _heading: Heading, _today: date) -> Cleaner:
    """Text of several lines: its punctuation and line breaks are meant."""

    def clean(cell: Cell) -> Value | Touched:
        if not isinstance(cell, str):
            return _not_text(cell)
        if cell[0] == MARK and (bare := rearmed(cell)) != cell:
            return _unmarked(clean(bare))
        if cell.isprintable() and cell[0] != " " != cell[-1]:
            return cell
        text = _CONTROLS.sub("", INVISIBLE.sub("", cell.replace("\r\n", "\n").replace("\r", "\n"))).strip()
        return cell if text == cell else Touched(text, "blanks")

    return clean


def _listed(field: Field, _heading: Heading, _today: date) -> Cleaner:
    """Rows of a group, one a line; files cannot come in a cell, and that is said."""

    def clean(cell: Cell) -> Value | Touched:
        text = cell if isinstance(cell, str) else as_typed(cell)
        if not text.strip():
            return Touched("", "blanks")
        return _parsed(field, text.replace("\r\n", "\n").replace("\r", "\n"), "")

    return clean


def _unmarked(read: Value | Touched) -> Touched:
    """Say that the mark of a text was taken off, with which programs keep formulas from running."""
    return replace(read, reason="text_mark") if isinstance(read, Touched) else Touched(read, "text_mark")


def _not_text(cell: Cell) -> Value | Touched:
    """A number or a date in a column of text. Long numbers have lost digits for good."""
    text = as_typed(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if abs(cell) >= _FIRST_LOST:
            return Touched(text, code="digits_lost", params={"value": text})
        return text
    return Touched(text, "date_to_text") if isinstance(cell, date) else text


# --- dates, amounts, numbers ----------------------------------------------------------------------


def _day(field: Field, _heading: Heading, _today: date) -> Cleaner:
    def clean(cell: Cell) -> Value | Touched:
        if isinstance(cell, datetime):
            day = cell.date().isoformat()
            return day if cell.time() == datetime.min.time() else Touched(day, "time_dropped")
        if isinstance(cell, date):
            return cell.isoformat()
        text = as_typed(cell)
        return text if _ISO_DAY.fullmatch(text) else _parsed(field, text, "date_form")

    return clean


def _decimal(field: Field, heading: Heading, _today: date) -> Cleaner:
    """Numbers in the field's unit. A heading that names another unit is believed."""
    unit: Unit | None = cast("Unit", heading.unit) if heading.unit in {"元", "万元"} else None
    factor = _FACTORS.get((heading.unit, field.unit or ""))

    def clean(cell: Cell) -> Value | Touched:
        text = as_typed(cell)
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return text if factor is None else Touched(plain(Decimal(text) * factor), "unit")
        if heading.unit == "亿元" and factor is not None and _PLAIN_NUMBER.fullmatch(text):
            return Touched(plain(Decimal(text) * factor), "unit")
        return _parsed(field, text, "amount_form" if field.unit else "number_form", unit)

    return clean


def _whole(field: Field, _heading: Heading, _today: date) -> Cleaner:
    def clean(cell: Cell) -> Value | Touched:
        if isinstance(cell, float) and cell.is_integer() and abs(cell) < _FIRST_LOST:
            return int(cell)
        return _parsed(field, as_typed(cell), "number_form")

    return clean


def _parsed(about: Field, text: str, reason: str, unit: Unit | None = None) -> Value | Touched:
    """Read a text as the field's type does; what it cannot read stays as typed, and is named."""
    try:
        value = fieldtypes.parse(about, text, unit=unit)
    except Unparsable as unread:
        return _unread(text, unread)
    return value if value == text or str(value) == text else Touched(value, reason)


# --- codes ----------------------------------------------------------------------------------------


def _coded(field: Field, _heading: Heading, _today: date) -> Cleaner:
    """Codes and sets of codes, by code or by name. The same few texts come again and again."""
    known: dict[str, Value | Touched] = {}

    def clean(cell: Cell) -> Value | Touched:
        text = cell if isinstance(cell, str) else as_typed(cell)
        value = known.get(text)
        if value is None:
            value = _read_code(field, text)
            if len(known) < _CODES_KEPT:
                known[text] = value
        return value

    return clean


def _read_code(field: Field, text: str) -> Value | Touched:
    try:
        value = fieldtypes.parse(field, text)
    except Unparsable as unread:
        return _unread(text, unread)
    members = value if isinstance(value, list) else [value]
    codes = [member["code"] if isinstance(member, dict) else str(member) for member in members]
    typed = _BETWEEN_CODES.sub("", text)
    if typed in {"".join(codes), _BETWEEN_CODES.sub("", fieldtypes.show(field, value))}:
        return value  # by code or by name, marks between them and blanks apart: the same to whoever reads it
    return Touched(value, "code_form")


_BETWEEN_CODES: Final = re.compile(r"[\s;；,，、|]+")


def _unread(text: str, unread: Unparsable) -> Touched:
    """Keep what could not be read as it was typed. A blank is no error here, only nothing."""
    if unread.code == "blank":
        return Touched("", "blanks")
    return Touched(text.strip(), "", unread.code, unread.params, unread.suggestion)


_CLEANERS: Final[Mapping[FieldType, Callable[[Field, Heading, date], Cleaner]]] = {
    "string": _line,
    "text": _prose,
    "date": _day,
    "decimal": _decimal,
    "int": _whole,
    "enum": _coded,
    "set": _coded,
    "attachment": _listed,
    "group": _listed,
}
