"""A change that came second (合并): what another desk changed meanwhile is taken over, field by field.

What both changed is kept with all values until a person has chosen; a draft with an open choice is not
submitted. Nothing that was typed is lost: it stands in the draft, and for ever in the refused version.
"""

from __future__ import annotations

import json
from dataclasses import replace

from client.core.merge import Merged, Open, Side, Theirs, as_problems, merge, theirs_in
from client.core.records import Draft, Head
from client.errors import NotAllowed
from client.store.connection import Connection
from client.store.draft_rows import as_json
from client.store.versions import values_of
from forms.catalog.problems import Problem
from forms.catalog.schema import Item, Value, Values


def refused_as_stale(reader: Connection, version_id: str) -> Theirs | None:
    """Return what the platform held when it refused a version as stale; None when it did not."""
    problem = reader.value(
        "SELECT problem FROM receipt WHERE version_id = ? AND outcome = 'rejected'", (version_id,)
    )
    return None if problem is None else theirs_in(json.loads(problem))


def known_values(reader: Connection, record_id: str, version_id: str | None) -> Values | None:
    """Return the values of a version: of this desk, or of another one as the platform told them."""
    ours = values_of(reader, version_id)
    if ours is not None:
        return ours
    rows = reader.execute(
        "SELECT c.problem FROM version v JOIN receipt c ON c.version_id = v.version_id"
        " WHERE v.record_id = ? AND c.outcome = 'rejected' AND c.problem IS NOT NULL"
        " ORDER BY v.n DESC LIMIT 100",
        (record_id,),
    )
    told = (theirs_in(json.loads(row["problem"])) for row in rows)
    return next((one.values for one in told if one is not None and one.version_id == version_id), None)


def newer_than(reader: Connection, held: Head) -> Theirs | None:
    """Return the version of another desk that came after the one held here; None when none is known."""
    rows = reader.execute(
        "SELECT c.problem FROM version v JOIN receipt c ON c.version_id = v.version_id"
        " WHERE v.record_id = ? AND c.outcome = 'rejected' AND c.problem IS NOT NULL"
        " AND v.n > (SELECT n FROM version WHERE version_id = ?) ORDER BY v.n DESC LIMIT 100",
        (held.record_id, held.version_id),
    )
    told = (theirs_in(json.loads(row["problem"])) for row in rows)
    return next((one for one in told if one is not None), None)


def put_together(tx: Connection, draft: Draft, theirs: Theirs) -> tuple[Draft, Merged]:
    """Return a draft on top of what the platform holds now, and note what a person has to choose.

    Args:
        tx: the open transaction.
        draft: what was refused, as a draft again; its parent is what both began with.
        theirs: what the platform holds.
    """
    if draft.op == "withdraw":
        merged = Merged(theirs.values, (), (), ())
    else:
        base = {} if draft.base_version is None else known_values(tx, draft.record_id, draft.base_version)
        merged = merge(base, draft.values, theirs.values)
    tx.execute("DELETE FROM merge_choice WHERE record_id = ?", (draft.record_id,))
    tx.executemany(
        "INSERT INTO merge_choice VALUES (?,?,?,?,?,?,NULL)",
        [
            (draft.record_id, one.field, theirs.version_id, *map(_written, (one.base, one.mine, one.theirs)))
            for one in merged.open
        ],
    )
    op = "correct" if draft.op == "create" else draft.op
    return replace(draft, op=op, base_version=theirs.version_id, values=merged.values), merged


def open_choices(reader: Connection, draft: Draft) -> tuple[Open, ...]:
    """Return what a person has still to choose in a draft."""
    rows = reader.execute(
        "SELECT field, base, mine, theirs FROM merge_choice"
        " WHERE record_id = ? AND parent = ? AND chosen_at IS NULL ORDER BY field",
        (draft.record_id, draft.base_version),
    )
    return tuple(Open(field, *map(_read, (base, mine, theirs))) for field, base, mine, theirs in rows)


def problems(reader: Connection, draft: Draft, item: Item) -> list[Problem]:
    """Return a problem for each open choice: such a draft is not submitted."""
    return as_problems(open_choices(reader, draft), item)


def chosen(tx: Connection, draft: Draft, field: str, side: Side, at: str) -> Values:
    """Settle an open choice; returns the values of the draft with it.

    Raises:
        NotAllowed: ``nothing_to_choose``.
    """
    found = next((one for one in open_choices(tx, draft) if one.field == field), None)
    if found is None:
        raise NotAllowed("nothing_to_choose")
    _settle(tx, draft, field, at)
    value = found.mine if side == "mine" else found.theirs
    values = dict(draft.values)
    values.pop(field, None)
    return values if value is None else values | {field: value}


def settle_typed(tx: Connection, draft: Draft, values: Values, at: str) -> None:
    """What a person typed into a field that is open, other than before, is the choice."""
    for one in open_choices(tx, draft):
        if values.get(one.field) != one.mine:
            _settle(tx, draft, one.field, at)


def _settle(tx: Connection, draft: Draft, field: str, at: str) -> None:
    tx.execute(
        "UPDATE merge_choice SET chosen_at = ? WHERE record_id = ? AND field = ?",
        (at, draft.record_id, field),
    )


def _written(value: Value | None) -> str | None:
    return None if value is None else as_json(value)


def _read(text: str | None) -> Value | None:
    value: Value | None = None if text is None else json.loads(text)
    return value
