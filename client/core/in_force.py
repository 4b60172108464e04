"""Which of several catalog sets (目录集) new records are made in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from forms.catalog.schema import CatalogSet


def in_force(sets: Sequence[CatalogSet], day: date) -> CatalogSet:
    """Return the newest set that is in force on a day.

    Where the signature of every one has run out, the newest that was ever in force; before any, the first.

    Args:
        sets: at least one, oldest first.
        day: the legal day.
    """
    begun = [one for one in sets if one.effective_on <= day] or sets[:1]
    good = [one for one in begun if one.signature is None or day <= one.signature.until]
    return (good or begun)[-1]
