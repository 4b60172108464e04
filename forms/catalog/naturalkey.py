"""What tells one act from another: the natural key (比对) of a record."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from forms.catalog.bound import is_filled
from forms.catalog.cleaning import squeeze
from forms.catalog.docno import docno_form, is_proper, says_none
from forms.catalog.fieldtypes import show
from forms.catalog.schema import Item, Value, Values


def natural_key(item: Item, values: Values) -> str | None:
    """Return what tells one act from another, brackets and blanks apart; it begins with the item's code.

    None when the item has no natural key, or a part of it is missing or says only that there is none.
    """
    parts = [item.code]
    for field_id in item.natural_key:
        part = _part(item, field_id, values.get(field_id, ""))
        if part is None:
            return None
        parts.append(part)
    return " ".join(parts) if len(parts) > 1 else None


def natural_keys(item: Item, columns: Mapping[str, Sequence[Value]], rows: int) -> list[str | None]:
    """Return `natural_key` of many records, laid out by column; ``""`` where a record has no value.

    Args:
        item: what the records are of.
        columns: field id → one value a record; a field without a column is empty in all of them.
        rows: how many records there are.
    """
    if not item.natural_key or not columns.keys() >= set(item.natural_key):
        return [None] * rows
    parts = [_parts(item, field_id, columns[field_id]) for field_id in item.natural_key]
    return [None if None in some else " ".join(some) for some in zip([item.code] * rows, *parts, strict=True)]


def _parts(item: Item, field_id: str, column: Sequence[Value]) -> list[str | None]:
    """Return the part of each key that stands in one field; most texts are in their proper form."""
    if item.by_id[field_id].type not in {"string", "text"}:
        return [_part(item, field_id, value) for value in column]
    proper = is_proper if field_id == item.doc_no else _PLAIN.fullmatch
    return [
        value if type(value) is str and proper(value) else _part(item, field_id, value) for value in column
    ]


def _part(item: Item, field_id: str, value: Value) -> str | None:
    """Return the part of the key that stands in one field; None when it is missing or says "none"."""
    if not is_filled({field_id: value}, field_id):
        return None
    text = show(item.by_id[field_id], value)
    if field_id != item.doc_no:
        return _folded(text)
    if is_proper(text):
        return text
    return None if says_none(text) else docno_form(text)


def _folded(text: str) -> str:
    """Fold a text for comparison: width, case, blanks and kinds of brackets do not count."""
    if _PLAIN.fullmatch(text):
        return text
    return squeeze(text).casefold().translate(_BRACKETS)


_PLAIN: Final = re.compile(r"[\u4e00-\u9fff0-9]+")
_BRACKETS: Final = str.maketrans("[{【〔〖﹝]}】〕〗﹞", "(" * 6 + ")" * 6)
