"""Which values of a record count: of its working copy, or of a version. Pure."""

from __future__ import annotations

from typing import Final

from client.core.records import Draft, RecordDetail
from client.core.workflow import ON_THE_DESK
from forms.catalog.schema import Values

SHOWS_DRAFT: Final = ON_THE_DESK | {"in_review", "deleted"}
"""States in which the working copy is what counts; in all others a version is."""


def draft_of(detail: RecordDetail) -> Draft | None:
    """Return the working copy where it is what counts."""
    return detail.draft if detail.row.state in SHOWS_DRAFT else None


def catalog_of(detail: RecordDetail) -> str:
    """Return the item and set that the values are of, e.g. ``XZCF_FR@2026.1``."""
    draft = draft_of(detail)
    if draft is not None:
        return draft.catalog
    return detail.versions[0].catalog if detail.versions else detail.row.item


def values_of(detail: RecordDetail) -> Values:
    """Return the values that count: of the working copy, else of the newest version that has any."""
    draft = draft_of(detail)
    if draft is not None:
        return draft.values or (detail.head.values if draft.op == "withdraw" and detail.head else {})
    return next((one.values for one in detail.versions if one.op != "withdraw"), {})
