"""Types of field: how a text becomes a value and a value a text. One class a type, one table.

Reading is lenient about how people write, and never guesses: what is doubtful is refused with a suggestion.
What reads well may still be wrong; that is for `check`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from forms.catalog.amounts import Unit, judge_amount, plain
from forms.catalog.cleaning import identifier_form, squeeze, trim
from forms.catalog.codevalues import read_code, read_codes, show_code, show_codes
from forms.catalog.dates import LONG_TERM, read_date
from forms.catalog.nested import FILE_KEYS, NESTED, join_cells, split_cells
from forms.catalog.rules import IdCard, OneOf, OpenEnd, OrgCode, RegNo, Uscc
from forms.catalog.schema import Code, Field, FieldType, Value

SHORT_YEAR_REFERENCE: Final = date(2000, 1, 1)
"""Short years are refused anyway; this only settles the century of the suggestion."""

LONG_TERM_TEXT: Final = "长期"


class Unparsable(ValueError):
    """A text cannot be read as a value of its field.

    Attributes:
        code: lower_snake, the key of its sentence in `messages`.
        params: what the sentence needs.
        suggestion: how it was probably meant, to be confirmed by a person; None when nobody can tell.
    """

    def __init__(self, code: str, suggestion: str | None = None, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.suggestion = suggestion
        self.params = params


def parse(field: Field, text: str, *, unit: Unit | None = None) -> Value:
    """Read a text as a value of a field.

    Args:
        field: whose value it is.
        text: as it was written; not blank.
        unit: unit of a bare number, when a heading says it (罚款金额(元)); None for the field's own.

    Returns:
        The value in the shape of its type.

    Raises:
        Unparsable: the text is blank, or not of the type, or could mean two things.
    """
    trimmed = trim(text)
    if not trimmed:
        raise Unparsable("blank")
    return TYPES[field.type].parse(field, trimmed, unit)


def show(field: Field, value: Value) -> str:
    """Write a value as people read it; `parse` gives the same value back."""
    return TYPES[field.type].show(field, value)


def length(field: Field, value: Value) -> int:
    """Count a value against the field's `max_length`: characters, for a number its digits."""
    if isinstance(value, list) and field.type in NESTED:
        return len(value)
    text = TYPES[field.type].show(field, value)
    return sum(map(str.isdigit, text)) if field.type in {"decimal", "int"} else len(text)


class Type(ABC):
    """What a type can do; the classes are only names for functions and have no instances."""

    @staticmethod
    @abstractmethod
    def parse(field: Field, text: str, unit: Unit | None) -> Value:
        """Read a text that is trimmed and not blank."""

    @staticmethod
    def show(_field: Field, value: Value) -> str:
        """Write a value."""
        return str(value)


class StringType(Type):
    """One line of text; an identifier is put into its proper form."""

    @staticmethod
    def parse(field: Field, text: str, _unit: Unit | None) -> Value:
        if field.code_set is not None:
            code = _known_code(field, text)
            return code.code if code else text
        if any(isinstance(rule, (Uscc, OrgCode, RegNo, IdCard, OneOf)) for rule in field.rules):
            return identifier_form(text) or text
        return text


def _known_code(field: Field, text: str) -> Code | None:
    codes = field.code_set
    return (codes.by_code.get(text) or codes.by_name.get(text)) if codes else None


class TextType(Type):
    """Several lines of text."""

    @staticmethod
    def parse(_field: Field, text: str, _unit: Unit | None) -> Value:
        return text.replace("\r\n", "\n").replace("\r", "\n")


class DateType(Type):
    """A calendar day; where the field may stay open, 长期 stands for 2099-12-31."""

    @staticmethod
    def parse(field: Field, text: str, _unit: Unit | None) -> Value:
        reading = read_date(text, SHORT_YEAR_REFERENCE)
        if reading.day is None:
            raise Unparsable(reading.code, value=text)
        if reading.code:
            raise Unparsable(reading.code, reading.day.isoformat(), value=text, read=reading.day.isoformat())
        if reading.day == LONG_TERM and not text[0].isdecimal() and not _stays_open(field):
            raise Unparsable("long_term_not_here", value=text)
        return reading.day.isoformat()

    @staticmethod
    def show(field: Field, value: Value) -> str:
        return LONG_TERM_TEXT if value == LONG_TERM.isoformat() and _stays_open(field) else str(value)


def _stays_open(field: Field) -> bool:
    return any(isinstance(rule, OpenEnd) for rule in field.rules)


class DecimalType(Type):
    """A decimal number as text, in the field's unit; amounts in 万元 are read as decisions write them."""

    @staticmethod
    def parse(field: Field, text: str, unit: Unit | None) -> Value:
        if field.unit == "万元":
            return _wan(text, unit or "万元")
        number = _number(text)
        if field.unit == "元" and unit == "万元":
            number *= 10_000
        return plain(number)


def _number(text: str) -> Decimal:
    digits = squeeze(text).replace(",", "").upper()
    if not re.fullmatch(r"[-+]?\d+(?:\.\d+)?(?:E[-+]?\d{1,3})?", digits):
        raise Unparsable("not_a_number", value=text)
    try:
        number = Decimal(digits)
    except InvalidOperation as error:
        raise Unparsable("not_a_number", value=text) from error
    return number or Decimal(0)


def _wan(text: str, bare_unit: Unit) -> str:
    clean = squeeze(text)
    if clean.startswith("-"):
        number = _number(text)
        return plain(number if bare_unit == "万元" else number / 10_000)
    verdict = judge_amount(text, bare_unit)
    if verdict.normal is None:
        raise Unparsable(verdict.code, value=text)
    if verdict.verdict == "warning" and verdict.code != "amount_bare":
        raise Unparsable(verdict.code, verdict.normal, value=text, read=verdict.normal)
    return verdict.normal


class IntType(Type):
    """A whole number."""

    @staticmethod
    def parse(_field: Field, text: str, _unit: Unit | None) -> Value:
        number = _number(text)
        if number != number.to_integral_value():
            raise Unparsable("not_whole", value=text)
        return int(number)


class EnumType(Type):
    """One code; written by its name, its code, or 其他-×× for "other, namely"."""

    @staticmethod
    def parse(field: Field, text: str, _unit: Unit | None) -> Value:
        value = read_code(field.code_set, text)
        if value is None:
            raise Unparsable("not_in_code_set", value=text)
        return value

    @staticmethod
    def show(field: Field, value: Value) -> str:
        return show_code(field.code_set, value, quoted=False)


class SetType(Type):
    """Several codes, parted by ; ； 、 or a comma."""

    @staticmethod
    def parse(field: Field, text: str, _unit: Unit | None) -> Value:
        values, unread = read_codes(field.code_set, text)
        if unread:
            raise Unparsable("not_in_code_set", value=unread)
        return values

    @staticmethod
    def show(field: Field, value: Value) -> str:
        return show_codes(field.code_set, value)


class AttachmentType(Type):
    """Files, one a line: name, size, media type and digest. The files themselves lie elsewhere."""

    @staticmethod
    def parse(_field: Field, text: str, _unit: Unit | None) -> Value:
        found = []
        for line in filter(None, text.split("\n")):
            cells = split_cells(line)
            if len(cells) != len(FILE_KEYS) or not cells[1].isdecimal():
                raise Unparsable("not_an_attachment", value=line[:40])
            found.append(dict(zip(FILE_KEYS, cells, strict=True)) | {"size": int(cells[1])})
        return found

    @staticmethod
    def show(_field: Field, value: Value) -> str:
        if not isinstance(value, list):
            return str(value)
        return "\n".join(
            join_cells([str(file.get(key, "")) for key in FILE_KEYS])
            for file in value
            if isinstance(file, dict)
        )


class GroupType(Type):
    """Rows of a repeated group, one a line; cells in the order of the group's fields."""

    @staticmethod
    def parse(field: Field, text: str, _unit: Unit | None) -> Value:
        rows = []
        for number, line in enumerate(filter(str.strip, text.split("\n")), start=1):
            cells = split_cells(line)
            if len(cells) > len(field.fields):
                raise Unparsable("row_too_wide", row=number, most=len(field.fields))
            pairs = zip(field.fields, cells, strict=False)
            rows.append({one.id: _cell(one, cell, number) for one, cell in pairs if cell})
        return rows

    @staticmethod
    def show(field: Field, value: Value) -> str:
        if not isinstance(value, list):
            return str(value)
        return "\n".join(
            join_cells([show(one, row[one.id]) if one.id in row else "" for one in field.fields])
            for row in value
            if isinstance(row, dict)
        )


def _cell(field: Field, cell: str, number: int) -> Value:
    try:
        return parse(field, cell)
    except Unparsable as error:
        raise Unparsable("row_unreadable", row=number, title=field.title, value=cell[:40]) from error


TYPES: Final[Mapping[FieldType, type[Type]]] = {
    "string": StringType,
    "text": TextType,
    "date": DateType,
    "decimal": DecimalType,
    "int": IntType,
    "enum": EnumType,
    "set": SetType,
    "attachment": AttachmentType,
    "group": GroupType,
}
"""Every type that a field may have."""
