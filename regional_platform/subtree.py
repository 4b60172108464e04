"""The caller's subtree of units as a condition of a query that joins `unit`."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_

from regional_platform.auth.callers import Caller
from regional_platform.store.tables import unit


def seen_by(caller: Caller) -> ColumnElement[bool]:
    """Hold for units at or below one where the caller has a role; the same as `Caller.sees`."""
    paths = sorted({grant.path for grant in caller.grants})
    return or_(false(), *(unit.c.path.startswith(path, autoescape=True) for path in paths))
