"""What of personal values is shown to whom (脱敏). Pure.

A field whose sensitivity is ``id_number`` is masked on paper, in spreadsheets and for other units; a
code of a unit, where the same field may hold one, is public and stays. What tells of a person otherwise
(``person``) is masked for other units only.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from forms.catalog.schema import Field, Item, Sensitivity, Value, Values

_UNIT_CODE: Final = re.compile(r"[1-9A-HJ-NPQRTUWXY][0-9A-HJ-NPQRTUWXY]\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
_CITIZEN: Final = re.compile(r"(?:[1-6]\d|71|8[1-3]|9[01])\d{4}(?:1[89]|20)\d\d(?:0[1-9]|1[0-2])\d{5}[0-9Xx]")
_SHORT: Final = 6


def masked(text: str, sensitivity: Sensitivity) -> str:
    """Return a value as it may be shown: of a personal number, the first and last signs."""
    if sensitivity != "id_number" or not text:
        return text
    if _CITIZEN.fullmatch(text):
        return f"{text[:6]}********{text[14:]}"
    if _UNIT_CODE.fullmatch(text):
        return text
    if len(text) <= _SHORT:
        return "*" * len(text)
    return f"{text[:2]}{'*' * (len(text) - 4)}{text[-2:]}"


def masked_values(
    item: Item, values: Values, *, keep: Collection[str] = ()
) -> tuple[dict[str, Value], list[str]]:
    """Return a record as other units see it, and the fields that were masked or left out.

    Args:
        item: of the record.
        values: as stored.
        keep: ids of fields that stay as they are.
    """
    shown: dict[str, Value] = {}
    touched: list[str] = []
    for name, value in values.items():
        field = item.by_id.get(name)
        seen = value if name in keep or field is None else _for_others(field, value)
        if seen is not None:
            shown[name] = seen
        if seen != value:
            touched.append(name)
    return shown, touched


def _for_others(field: Field, value: Value) -> Value | None:
    """None: left out, because half of it would be no value of its type."""
    if field.type == "group" and isinstance(value, list):
        columns = {one.id: one for one in field.fields}
        return [_row_for_others(columns, row) if isinstance(row, dict) else row for row in value]
    if field.sensitivity == "none":
        return value
    if not isinstance(value, str) or field.type not in {"string", "text"}:
        return None
    return masked(value, "id_number") if field.sensitivity == "id_number" else _initial(value)


def _row_for_others(columns: dict[str, Field], row: dict[str, Value]) -> dict[str, Value]:
    seen = {name: _for_others(columns[name], one) if name in columns else one for name, one in row.items()}
    return {name: one for name, one in seen.items() if one is not None}


def _initial(text: str) -> str:
    return text[:1] + "*" * (len(text) - 1)
