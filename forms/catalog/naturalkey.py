"""What tells one act from another: the natural key (比对) of a record."""

from __future__ import annotations

import re
from typing import Final

from forms.catalog.bound import is_filled
from forms.catalog.cleaning import squeeze
from forms.catalog.docno import docno_form, is_proper, says_none
from forms.catalog.fieldtypes import show
from forms.catalog.schema import Item, Values


def natural_key(item: Item, values: Values) -> str | None:
    """Return what tells one act from another, brackets and blanks apart; it begins with the item's code.

    None when the item has no natural key, or a part of it is missing or says only that there is none.
    """
    parts = [item.code]
    for field_id in item.natural_key:
        if not is_filled(values, field_id):
            return None
        text = show(item.by_id[field_id], values[field_id])
        if field_id == item.doc_no:
            if is_proper(text):
                parts.append(text)
            elif says_none(text):
                return None
            else:
                parts.append(docno_form(text))
        else:
            parts.append(_folded(text))
    return " ".join(parts) if len(parts) > 1 else None


def _folded(text: str) -> str:
    """Fold a text for comparison: width, case, blanks and kinds of brackets do not count."""
    if _PLAIN.fullmatch(text):
        return text
    return squeeze(text).casefold().translate(_BRACKETS)


_PLAIN: Final = re.compile(r"[\u4e00-\u9fff0-9]+")
_BRACKETS: Final = str.maketrans("[{【〔〖﹝]}】〕〗﹞", "(" * 6 + ")" * 6)
