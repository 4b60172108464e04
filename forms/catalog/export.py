"""An item for other programs: as JSON Schema 2020-12, and as the columns of a spreadsheet.

The schema says what JSON Schema can say, so that anybody can check our check; what it cannot say (dates
against dates, check characters, codes as of a day) stands in the description of the field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from forms.catalog.nested import MOST_BYTES, most_entries, row_item
from forms.catalog.rules import (
    Allowed,
    Condition,
    Conditional,
    EmptyIf,
    ListOf,
    Name,
    NotNegative,
    PositiveIf,
    PrefixIff,
    Regex,
    RequiredIf,
    RequiredIfFilled,
    RequiredUnless,
    Rule,
)
from forms.catalog.schema import Code, Field, FieldType, Item
from forms.catalog.shapes import UNLIMITED, decimal_form, other_limit

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ColumnKind = Literal["text", "date", "decimal", "int", "code", "codes"]
Schema = dict[str, Any]

_DATE_PATTERN: Final = "^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$"
_NOT_BLANK: Final = r"\S"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a template.

    Attributes:
        heading: what stands in the header row; the title of the field.
        width: in characters of the spreadsheet.
        kind: how its cells are formatted.
    """

    field_id: str
    heading: str
    width: int
    kind: ColumnKind


_KINDS: Final[Mapping[FieldType, ColumnKind]] = {
    "string": "text", "text": "text", "date": "date", "decimal": "decimal", "int": "int", "enum": "code",
    "set": "codes", "attachment": "text", "group": "text",
}  # fmt: skip
_WIDTHS: Final[Mapping[ColumnKind, int]] = {
    "text": 20, "date": 13, "decimal": 16, "int": 12, "code": 18, "codes": 24,
}  # fmt: skip
_WIDE: Final = 45
_LONG_TEXT: Final = 100


def columns(item: Item) -> list[Column]:
    """Lay the fields of an item out as spreadsheet columns, in their order; files have no place in a cell."""
    return [_column(field) for field in item.fields if field.type != "attachment"]


def _column(field: Field) -> Column:
    kind = _KINDS[field.type]
    width = _WIDTHS[kind]
    if field.type in {"text", "group"} or (kind == "text" and (field.max_length or 0) > _LONG_TEXT):
        width = _WIDE if field.type in {"text", "group"} else 32
    heading_width = sum(2 if ord(character) > 0x2E80 else 1 for character in field.title) + 2
    return Column(field.id, field.title, max(width, min(heading_width, _WIDE)), kind)


def json_schema(item: Item) -> Schema:
    """Write an item as JSON Schema, Draft 2020-12."""
    return {"$schema": DIALECT, "$id": f"urn:minxin:catalog:{item.ref}", "title": item.name, **_object(item)}


def _object(item: Item) -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": {field.id: _property(field, item) for field in item.fields},
        "required": [field.id for field in item.fields if field.required],
        "additionalProperties": False,
    }
    clauses = [clause for field in item.fields for rule in field.rules for clause in _clauses(rule, field)]
    clauses += [{"anyOf": [{"required": [member]} for member in members]} for members in _groups(item)]
    if clauses:
        schema["allOf"] = clauses
    return schema


def _groups(item: Item) -> list[list[str]]:
    groups: dict[int, list[str]] = {}
    for field in item.fields:
        if field.required_group is not None:
            groups.setdefault(field.required_group, []).append(field.id)
    return list(groups.values())


# --- one field -------------------------------------------------------------------------------------------


def _property(field: Field, item: Item) -> Schema:
    shape = _rows(field, item) if field.type == "group" else _SHAPES[field.type](field)
    schema: Schema = {"title": field.title, **shape}
    description = "；".join(part for part in (field.help, field.note) if part)
    if description:
        schema["description"] = description
    return schema


def _text(field: Field) -> Schema:
    schema: Schema = {"type": "string", "minLength": 1, "pattern": _NOT_BLANK}
    if field.max_length is not None:
        schema["maxLength"] = field.max_length
    if field.code_set is not None:
        schema["enum"] = [code.code for code in field.code_set.codes]
    patterns = [rule.pattern.pattern for rule in field.rules if isinstance(rule, Regex)]
    also: list[Schema] = [{"pattern": f"^(?:{pattern})$"} for pattern in patterns]
    if any(isinstance(rule, Name) for rule in field.rules):
        also.append({"not": {"pattern": "[*＊]"}})
    return {**schema, "allOf": also} if also else schema


def _date(_field: Field) -> Schema:
    return {"type": "string", "format": "date", "pattern": _DATE_PATTERN}


def _decimal(field: Field) -> Schema:
    pattern = decimal_form(field).pattern
    if any(isinstance(rule, NotNegative) for rule in field.rules):
        pattern = pattern.replace("-?", "")
    return {"type": "string", "pattern": f"^{pattern}$"}


def _int(field: Field) -> Schema:
    schema: Schema = {"type": "integer"}
    most = None if field.max_length is None else 10**field.max_length - 1
    if most is not None:
        schema |= {"minimum": -most, "maximum": most}
    if any(isinstance(rule, NotNegative) for rule in field.rules):
        schema["minimum"] = 0
    return schema


def _enum(field: Field) -> Schema:
    return {"anyOf": _choices(field)}


def _set(field: Field) -> Schema:
    return {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"anyOf": _choices(field)}}


def _rows(field: Field, item: Item) -> Schema:
    row = {**_object(row_item(item, field)), "minProperties": 1}
    return {"type": "array", "minItems": 1, "maxItems": most_entries(field), "items": row}


def _files(field: Field) -> Schema:
    file: Schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": _NOT_BLANK},
            "size": {"type": "integer", "minimum": 1, "maximum": MOST_BYTES},
            "media_type": {"type": "string", "minLength": 1, "maxLength": 127},
            "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        },
        "required": ["name", "size", "media_type", "sha256"],
        "additionalProperties": False,
    }
    return {"type": "array", "minItems": 1, "maxItems": most_entries(field), "items": file}


def _choices(field: Field) -> list[Schema]:
    """The codes as texts, and "other, namely" as an object."""
    codes = field.code_set.codes if field.code_set else ()
    allowed = {value for rule in field.rules if isinstance(rule, Allowed) for value in rule.values}
    usable = [code for code in codes if not allowed or code.code in allowed]
    plain = [{"const": code.code, "title": code.name} for code in usable if not code.other]
    return [*plain, *(_other(field, code) for code in usable if code.other)]


def _other(field: Field, code: Code) -> Schema:
    text: Schema = {"type": "string", "minLength": 1, "pattern": _NOT_BLANK}
    if other_limit(field) < UNLIMITED:
        text["maxLength"] = other_limit(field)
    separators = [rule.separator for rule in field.rules if isinstance(rule, ListOf)]
    if separators:
        text["not"] = {"pattern": "|".join(re.escape(separator) for separator in separators)}
    return {
        "title": code.name,
        "type": "object",
        "properties": {"code": {"const": code.code}, "text": text},
        "required": ["code", "text"],
        "additionalProperties": False,
    }


_SHAPES: Final = {
    "string": _text, "text": _text, "date": _date, "decimal": _decimal, "int": _int, "enum": _enum,
    "set": _set, "attachment": _files,
}  # fmt: skip


# --- rules between fields ----------------------------------------------------------------------------------


def _holds(when: Condition) -> Schema:
    """The record has one of the codes in the other field."""
    codes = sorted(when.codes)
    one: Schema = {
        "anyOf": [
            {"enum": codes},
            {"type": "object", "required": ["code"], "properties": {"code": {"enum": codes}}},
        ]
    }
    inner: Schema = {"contains": one} if when.over == "contains_any" else one
    return {"required": [when.field], "properties": {when.field: inner}}


def _clauses(rule: Rule, field: Field) -> list[Schema]:
    if isinstance(rule, Conditional):
        return _conditional(rule, field)
    if isinstance(rule, RequiredIfFilled):
        return [{"dependentRequired": {rule.ref: [field.id]}}]
    if isinstance(rule, PrefixIff):
        begins: Schema = {"properties": {rule.ref: {"pattern": f"^{re.escape(rule.prefix)}"}}}
        both: Schema = {"required": [rule.ref, field.id]}
        coded: Schema = {"properties": {field.id: {"const": rule.value}}}
        return [
            {"if": {"allOf": [both, begins]}, "then": coded},
            {"if": {"allOf": [both, coded]}, "then": begins},
        ]
    return []


def _conditional(rule: Conditional, field: Field) -> list[Schema]:
    holds = _holds(rule.when)
    match rule:
        case RequiredIf():
            return [{"if": holds, "then": {"required": [field.id]}}]
        case RequiredUnless():
            differs: Schema = {"allOf": [{"required": [rule.when.field]}, {"not": holds}]}
            return [{"if": differs, "then": {"required": [field.id]}}]
        case EmptyIf():
            return [{"if": holds, "then": {"properties": {field.id: False}}}]
        case PositiveIf():
            more = {"exclusiveMinimum": 0} if field.type == "int" else {"pattern": "^[^-]*[1-9]"}
            return [{"if": holds, "then": {"properties": {field.id: more}}}]
        case _:
            return []
