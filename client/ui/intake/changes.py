"""What the page asks of the store about cleaning that an import did. Functions of values, no widget."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from client.core.imports import Import
from client.intake.groups import reason_of
from client.store import import_changes
from client.store.desk import Desk
from client.store.import_changes import CellChange, Undone
from client.ui.intake import verbs
from forms.catalog.fieldtypes import show
from forms.catalog.schema import Item

PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Group:
    """Cells of one field that were put in order for one reason, in words."""

    field: str
    reason: str
    title: str
    said: str
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """One cell, in words."""

    row: int
    column: str
    field: str
    title: str
    before: str
    after: str
    said: str
    undone: bool


def groups(desk: Desk, one: Import) -> list[Group]:
    """Return the groups of an import, in the order of the form."""
    item = desk.catalogs.item(one.item)
    places = {field.id: place for place, field in enumerate(item.fields)}
    counts = import_changes.groups(desk.db.reader(), one.import_id)
    return [
        Group(field, reason, item.by_id[field].title, reason_of(item, field, reason), count)
        for (field, reason), count in sorted(counts.items(), key=lambda pair: (places[pair[0][0]], pair[0]))
    ]


def lines_of(item: Item, changes: Iterable[CellChange]) -> list[Line]:
    """Put cells that were put in order into words."""
    return [_line(item, change) for change in changes]


def _line(item: Item, change: CellChange) -> Line:
    field = item.by_id[change.field]
    after_text = show(field, change.after) if change.after != "" else ""
    return Line(
        change.row, change.column, change.field, field.title, verbs.visible(change.before),
        verbs.visible(after_text), reason_of(item, change.field, change.reason), change.undone,
    )  # fmt: skip


def page(desk: Desk, one: Import, group: Group | None, after: int) -> list[Line]:
    """Return cells of a group, or of all, from the row after `after`."""
    found = import_changes.list_changes(
        desk.db.reader(), one.import_id, group=(group.field, group.reason) if group else None, after=after,
        limit=PAGE,
    )  # fmt: skip
    return lines_of(desk.catalogs.item(one.item), found)


def undo(desk: Desk, import_id: str, group: Group | None, cells: list[tuple[int, str]] | None) -> Undone:
    """Put cells back as they were typed."""
    return import_changes.undo(
        desk, import_id, group=(group.field, group.reason) if group else None, cells=cells
    )


def record_of(desk: Desk, import_id: str, row: int) -> str | None:
    """Return the record that a row became or changed."""
    return import_changes.record_of(desk.db.reader(), import_id, row)
