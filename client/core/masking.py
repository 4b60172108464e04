"""What of personal numbers is shown on paper and in spreadsheets. Pure.

What is masked, and how, says `forms.catalog.masking`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from forms.catalog import fieldtypes
from forms.catalog.masking import masked
from forms.catalog.problems import Problem
from forms.catalog.schema import Field, Value, Values

_SHORT: Final = 6
NOTE: Final = "证件号码已隐去中间几位"


def shown(field: Field, values: Values) -> str:
    """Return a field's value as people read it, masked; as it was typed where it is of no right type.

    Empty when the field has none.
    """
    if field.id not in values:
        return ""
    value = values[field.id]
    if isinstance(value, list) and any(isinstance(one, dict) and "sha256" in one for one in value):
        return "、".join(one.get("name", "") for one in value if isinstance(one, dict))
    try:
        text = fieldtypes.show(field, _masked_rows(field, value) if field.fields else value)
    except (KeyError, TypeError, AttributeError, ValueError):
        text = str(value)
    return masked(text, field.sensitivity)


def _masked_rows(group: Field, rows: Value) -> Value:
    """Return the rows of a repeated group with the numbers of persons masked in them."""
    hidden = {field.id for field in group.fields if field.sensitivity == "id_number"}
    if not hidden or not isinstance(rows, list):
        return rows
    return [
        {name: masked(str(text), "id_number") if name in hidden else text for name, text in row.items()}
        for row in rows
    ]


def without_number(problem: Problem, field: Field | None) -> Problem:
    """Return a problem whose sentence does not tell the number that the field masks."""
    _, _, within = problem.path.partition("/")
    sub = within.partition("/")[2]
    field = next((one for one in field.fields if one.id == sub), field) if field is not None else None
    if field is None or field.sensitivity != "id_number":
        return problem
    said = {
        name: masked(text, "id_number") if isinstance(text, str) and _holds_number(text) else text
        for name, text in problem.params.items()
    }
    return replace(problem, params=said, suggestion=None)


def _holds_number(text: str) -> bool:
    return len(text) >= _SHORT and any(sign.isdigit() for sign in text)
