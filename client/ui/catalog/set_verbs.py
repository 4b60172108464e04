"""What the page 目录 does with catalog sets. Verbs take values and return values; they touch no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from client.errors import NotAllowed
from client.paths import resources
from client.store import catalog_moves, catalog_sets
from client.store.catalog_moves import Done, Moved, Planned, Preview, Undone
from client.store.desk import Desk
from client.ui.tasks import Cancelled, Progress
from forms.catalog.changes import Change, compare, compare_sets
from forms.catalog.changesentences import change_sentence, why_sentence
from forms.catalog.fieldtypes import show
from forms.catalog.schema import CatalogSet, Field, Value

OF_THE_OLD = frozenset({"item_removed", "field_removed", "field_split"})


@dataclass(frozen=True, slots=True)
class Told:
    """One change in words: of which item, and what it means for drafts."""

    kind: str
    item: str
    text: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a set would do to the drafts, and what can be undone."""

    preview: Preview
    last: Done | None


def before(sets: Sequence[CatalogSet], one: CatalogSet) -> CatalogSet | None:
    """Return the set that was in force before `one`; None for the first."""
    place = [known.name for known in sets].index(one.name)
    return sets[place - 1] if place else None


def changes_of(old: CatalogSet, new: CatalogSet) -> list[Told]:
    """Tell every change between two sets; reads the items that differ."""
    return [_told(change, old, new) for change in compare_sets(old, new)]


def changes_of_item(old: CatalogSet, new: CatalogSet, code: str) -> list[Told]:
    """Tell what changed in one item; an item that is new is one change."""
    if code not in old.items:
        return [_told(Change("item_added", code), old, new)]
    if code in new.items:
        return [_told(change, old, new) for change in compare(old.items[code], new.items[code])]
    return []


def _told(change: Change, old: CatalogSet, new: CatalogSet) -> Told:
    origin = old if change.kind in OF_THE_OLD else new
    item = origin.items.get(change.item)
    text = change_sentence(change, item).removeprefix(f"{change.item} ").removeprefix(f"{change.item}：")
    return Told(change.kind, item.name if item is not None else change.item, text)


def install(desk: Desk, source: Path, cancelled: Cancelled) -> CatalogSet:
    """Install a set beside the others, and let the desk know it at once.

    Raises:
        FileRefused, NotAllowed, StoreError: as `client.store.catalog_sets.install`.
    """
    made = catalog_sets.install(
        desk.profile, source, home=resources() / "catalogs", known=desk.catalogs.sets, today=desk.today(),
        cancelled=cancelled,
    )  # fmt: skip
    with desk.db.transaction() as tx:
        desk.tell(tx, "catalog_installed", made.name, digest=made.digest)
    desk.catalogs.take_in(made)
    return made


def look_ahead(desk: Desk, to_set: CatalogSet, progress: Progress, cancelled: Cancelled) -> Outlook:
    """Preview a move; raises NotAllowed ``interrupted`` when it was stopped."""
    seen = catalog_moves.preview(desk, to_set, progress=_stoppable(progress, cancelled))
    return Outlook(seen, catalog_moves.last_move(desk.db.reader()))


def move(
    desk: Desk, to_set: CatalogSet, also: Sequence[str], progress: Progress, cancelled: Cancelled
) -> Moved:
    """Move the drafts; raises NotAllowed ``interrupted`` when it was stopped, and nothing moved then."""
    return catalog_moves.do(desk, to_set, also=also, progress=_stoppable(progress, cancelled))


def undo(desk: Desk, move_id: str) -> Undone:
    """Take a move back."""
    return catalog_moves.undo_move(desk, move_id)


def _stoppable(progress: Progress, cancelled: Cancelled) -> Progress:
    def told(done: int) -> None:
        if cancelled():
            raise NotAllowed("interrupted")
        progress(done)

    return told


def consequences(desk: Desk, planned: Planned, from_ref: str, to_set: CatalogSet) -> list[str]:
    """Say in lines why a person is needed, and what each value was and becomes."""
    old, new = desk.catalogs.item(from_ref), to_set.items[planned.item]
    lines = [
        why_sentence(why, new if why.field in new.by_id else old)
        for why in planned.why
    ]  # fmt: skip
    for step in planned.steps:
        field = new.by_id.get(step.new_field or "")
        title = field.title if field is not None else _title(old.by_id.get(step.old_field), step.old_field)
        after = _shown(field, step.new_value) if field is not None else "（收起）"
        lines.append(f"{title}：{_shown(old.by_id.get(step.old_field), step.old_value)} → {after}")
    return lines


def _title(field: Field | None, field_id: str) -> str:
    return field.title if field is not None else field_id


def _shown(field: Field | None, value: Value | None) -> str:
    if value is None or field is None:
        return "—" if value is None else str(value)
    try:
        return show(field, value) or "—"
    except (TypeError, ValueError, KeyError, AttributeError):
        return str(value)  # a draft holds whatever was typed
