"""Between what a person typed and the value: nothing that was typed is ever lost."""

from __future__ import annotations

from forms.catalog.amounts import Unit
from forms.catalog.fieldtypes import Unparsable, parse, show
from forms.catalog.schema import Field, Value


def as_value(field: Field, text: str, *, unit: Unit | None = None) -> Value | None:
    """Return the value that `text` means; the text itself where it means none; None for blanks.

    Args:
        field: whose value it is.
        text: as it was typed.
        unit: of a bare number; None for the field's own.
    """
    trimmed = text.strip()
    if not trimmed:
        return None
    try:
        return parse(field, trimmed, unit=unit)
    except Unparsable:
        return trimmed


def as_text(field: Field, value: Value | None) -> str:
    """Return the text that stands in the box for `value`."""
    if value is None:
        return ""
    return show(field, value)
