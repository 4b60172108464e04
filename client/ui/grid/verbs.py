"""What the grid asks of the desk: each takes values and returns a value, and touches no widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from client.core.records import Draft, RecordRow, Submitted
from client.core.workflow import ON_THE_DESK
from client.errors import NotAllowed
from client.store import drafts, records, review
from client.store.desk import Desk
from client.store.draft_rows import chunks, read_drafts
from client.ui.grid import words
from client.ui.grid.sheet import MOST_ROWS
from forms.catalog.problems import Answer
from forms.catalog.schema import Item, Value

CHANGES: Final = frozenset({"records"})
SUBMITTED: Final = frozenset({"records", "review"})
PAGE_ROWS: Final = 1_000

Starts = tuple[RecordRow | None, ...]
NEWEST: Final[Starts] = (None,)


@dataclass(frozen=True, slots=True)
class Read:
    """The drafts of one item that a grid shows, the oldest first: the newest ones, or earlier ones.

    Attributes:
        old_set: drafts of an earlier set, which a grid of today's fields cannot hold.
        starts: after which record the parts up to this one begin; None is the newest of all.
        older: after which record the next, older part begins; None where there is none.
        total: how many drafts of the item there are, where not all are shown.
    """

    drafts: tuple[Draft, ...]
    old_set: int
    starts: Starts
    older: RecordRow | None
    total: int

    def said(self) -> str:
        """Say what is not shown; empty where everything is."""
        notes, first = [], (len(self.starts) - 1) * MOST_ROWS + 1
        if self.older is not None or first > 1:
            last = first + len(self.drafts) - 1
            notes.append(words.MORE.format(total=self.total, first=first, last=last))
        if self.old_set:
            notes.append(words.OLD_SET.format(n=self.old_set))
        return " ".join(notes)


@dataclass(frozen=True, slots=True)
class Unsaved:
    """One row as it is to be stored; `key` tells the grid's rows apart."""

    key: int
    version: int
    record_id: str | None
    values: Mapping[str, Value]
    answers: tuple[Answer, ...] = ()


@dataclass(slots=True)
class Kept:
    """What came of a save: key → record id, and key → why a row may not be written any more."""

    ids: dict[int, str] = field(default_factory=dict)
    refused: dict[int, NotAllowed] = field(default_factory=dict)


def read(desk: Desk, item: Item, import_id: str | None, starts: Starts = NEWEST, holding: str = "") -> Read:
    """Read the drafts of an item that may be written, at most `MOST_ROWS`.

    Args:
        desk: the open desk.
        item: theirs.
        import_id: only those that came with it.
        starts: after which record this part begins, the parts before it in front.
        holding: a record that is to be among them; an older part is read when it is there.
    """
    first = part = _read(desk, item, import_id, starts)
    while holding and all(draft.record_id != holding for draft in part.drafts):
        if part.older is None:
            return first
        part = _read(desk, item, import_id, (*part.starts, part.older))
    return part


def _read(desk: Desk, item: Item, import_id: str | None, starts: Starts) -> Read:
    reader, states = desk.db.reader(), tuple(sorted(ON_THE_DESK))
    found: list[Draft] = []
    old, after, more = 0, starts[-1], False
    rows: dict[str, RecordRow] = {}
    while True:
        page = records.list_records(
            reader, item=item.code, state=states, import_id=import_id, order="created",
            after=after, limit=PAGE_ROWS,
        )  # fmt: skip
        held = read_drafts(reader, [row.record_id for row in page])
        mine = [held[row.record_id] for row in page if row.record_id in held]
        fitting = [draft for draft in mine if draft.catalog == item.ref and draft.op != "withdraw"]
        old += sum(draft.catalog != item.ref for draft in mine)
        more = len(found) + len(fitting) > MOST_ROWS
        found += fitting[: MOST_ROWS - len(found)]
        rows |= {row.record_id: row for row in page}
        if more or len(page) < PAGE_ROWS:
            break
        after = page[-1]
    total = len(found)
    if more or starts != NEWEST:
        total = records.count(reader, item=item.code, state=states, import_id=import_id)
    older = rows[found[-1].record_id] if more else None
    return Read(tuple(reversed(found)), old, starts, older, total)


def save(desk: Desk, item: Item, rows: Sequence[Unsaved]) -> Kept:
    """Store rows as they are typed, in one transaction; those without an id are made.

    A row that may not be written any more (submitted meanwhile, say) is named and holds up no other.
    """
    kept = Kept()
    with desk.db.transaction():
        new = [row for row in rows if row.record_id is None]
        made = drafts.create_many(desk, item.ref, (drafts.NewDraft(row.values) for row in new)) if new else []
        kept.ids.update(zip((row.key for row in new), made, strict=True))
        for row in rows:
            if row.record_id is None:
                continue
            kept.ids[row.key] = row.record_id
            try:
                drafts.save(desk, row.record_id, row.values, row.answers)
            except NotAllowed as error:
                kept.refused[row.key] = error
    return kept


def delete(desk: Desk, ids: Sequence[str]) -> None:
    """Throw drafts away."""
    for piece in chunks(ids):
        drafts.delete(desk, piece)


def bring_back(desk: Desk, ids: Sequence[str]) -> None:
    """Undo `delete`."""
    for piece in chunks(ids):
        drafts.bring_back(desk, piece)


def submit(desk: Desk, item: Item, ids: Sequence[str]) -> Submitted:
    """Submit rows for review, as one act."""
    return review.submit(desk, ids, title=words.ACT_TITLE.format(item=item.name, n=len(ids)))
