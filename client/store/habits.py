"""What an operator is used to: pinned values, templates of one's own, items used and liked. Never sent.

All of it belongs to one operator at one desk. Nothing here judges a value: what was wrong when it was
pinned is wrong in the next record, and `check` says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from client.errors import NotAllowed
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import as_json, without_empty
from forms.catalog.schema import Value, Values

MOST_TEMPLATES: Final = 200
LONGEST_NAME: Final = 60
MOST_PINNED: Final = 10_000
MOST_RECENT: Final = 8


@dataclass(frozen=True, slots=True)
class Template:
    """A record that new ones begin with (模板); `item` is a code, without set."""

    template_id: str
    item: str
    name: str
    values: Mapping[str, Value]
    saved_at: str


@dataclass(frozen=True, slots=True)
class ItemUse:
    """How an operator uses an item.

    Attributes:
        used_at: last time that a new record was begun; empty for never.
    """

    item: str
    used_at: str
    favourite: bool


# --- pinned values --------------------------------------------------------------------------


def pin(desk: Desk, item: str, field: str, value: Value) -> None:
    """Let new records of `item` begin with `value` in `field`; over what was pinned there."""
    with desk.db.transaction() as tx:
        tx.execute(
            "INSERT OR REPLACE INTO pinned_value (operator_id, item, field, value, pinned_at)"
            " VALUES (?,?,?,?,?)",
            (desk.operator.operator_id, item, field, as_json(value), desk.now()),
        )


def unpin(desk: Desk, item: str, field: str) -> None:
    """Let new records begin with nothing in `field` again."""
    with desk.db.transaction() as tx:
        tx.execute(
            "DELETE FROM pinned_value WHERE operator_id = ? AND item = ? AND field = ?",
            (desk.operator.operator_id, item, field),
        )


def pinned(reader: Connection, operator_id: str) -> dict[str, dict[str, Value]]:
    """Return all that an operator has pinned: item → field → value."""
    rows = reader.execute(
        "SELECT item, field, value FROM pinned_value WHERE operator_id = ? ORDER BY item, field LIMIT ?",
        (operator_id, MOST_PINNED),
    )
    found: dict[str, dict[str, Value]] = {}
    for row in rows:
        found.setdefault(row["item"], {})[row["field"]] = json.loads(row["value"])
    return found


# --- templates ------------------------------------------------------------------------------


def save_template(desk: Desk, item: str, name: str, values: Values) -> Template:
    """Keep values under a name; one of the same item and name is replaced.

    Raises:
        NotAllowed: ``template_unnamed``, ``template_empty``, ``too_many_templates``.
    """
    name, values = " ".join(name.split())[:LONGEST_NAME], without_empty(values)
    if not name:
        raise NotAllowed("template_unnamed")
    if not values:
        raise NotAllowed("template_empty")
    mine = desk.operator.operator_id
    made = Template(desk.new_id(), item, name, values, desk.now())
    with desk.db.transaction() as tx:
        tx.execute(
            "DELETE FROM form_template WHERE operator_id = ? AND item = ? AND name = ?", (mine, item, name)
        )
        if tx.value("SELECT COUNT(*) FROM form_template WHERE operator_id = ?", (mine,)) >= MOST_TEMPLATES:
            raise NotAllowed("too_many_templates", most=MOST_TEMPLATES)
        tx.execute(
            "INSERT INTO form_template (template_id, operator_id, item, name, payload, saved_at)"
            " VALUES (?,?,?,?,?,?)",
            (made.template_id, mine, item, name, as_json(values), made.saved_at),
        )
    return made


def rename_template(desk: Desk, template_id: str, name: str) -> None:
    """Give a template another name.

    Raises:
        NotAllowed: ``template_unnamed``; ``template_exists``: another one of the item has the name.
    """
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        raise NotAllowed("template_unnamed")
    mine = desk.operator.operator_id
    with desk.db.transaction() as tx:
        taken = tx.value(
            "SELECT 1 FROM form_template o JOIN form_template t ON t.template_id = ?"
            " AND t.operator_id = o.operator_id AND t.item = o.item"
            " WHERE o.name = ? AND o.template_id <> t.template_id AND o.operator_id = ?",
            (template_id, name, mine),
        )
        if taken:
            raise NotAllowed("template_exists")
        tx.execute(
            "UPDATE form_template SET name = ? WHERE template_id = ? AND operator_id = ?",
            (name, template_id, mine),
        )


def delete_template(desk: Desk, template_id: str) -> None:
    """Throw a template away; records that began with it are not touched."""
    with desk.db.transaction() as tx:
        tx.execute(
            "DELETE FROM form_template WHERE template_id = ? AND operator_id = ?",
            (template_id, desk.operator.operator_id),
        )


def templates(reader: Connection, operator_id: str, item: str | None = None) -> list[Template]:
    """Return an operator's templates, by item and name; of one item, or of all."""
    rows = reader.execute(
        "SELECT * FROM form_template WHERE operator_id = :mine AND (:item IS NULL OR item = :item)"
        " ORDER BY item, name LIMIT :most",
        {"mine": operator_id, "item": item, "most": MOST_TEMPLATES},
    )
    return [
        Template(r["template_id"], r["item"], r["name"], json.loads(r["payload"]), r["saved_at"])
        for r in rows
    ]


# --- items used and liked -------------------------------------------------------------------


def note_use(desk: Desk, item: str) -> None:
    """Remember that a new record of `item` was begun now."""
    with desk.db.transaction() as tx:
        tx.execute(
            "INSERT INTO item_use (operator_id, item, used_at, favourite) VALUES (?,?,?,0)"
            " ON CONFLICT (operator_id, item) DO UPDATE SET used_at = excluded.used_at",
            (desk.operator.operator_id, item, desk.now()),
        )


def set_favourite(desk: Desk, item: str, *, on: bool) -> None:
    """Put an item among those that stand first, or take it out."""
    with desk.db.transaction() as tx:
        tx.execute(
            "INSERT INTO item_use (operator_id, item, used_at, favourite) VALUES (?,?,'',?)"
            " ON CONFLICT (operator_id, item) DO UPDATE SET favourite = excluded.favourite",
            (desk.operator.operator_id, item, int(on)),
        )


def item_uses(reader: Connection, operator_id: str) -> list[ItemUse]:
    """Return what an operator uses or likes: favourites, and those used last, newest first."""
    rows = reader.execute(
        "SELECT item, used_at, favourite FROM item_use WHERE operator_id = ? AND favourite = 1"
        " UNION SELECT * FROM (SELECT item, used_at, favourite FROM item_use WHERE operator_id = ?"
        " AND used_at <> '' ORDER BY used_at DESC LIMIT ?) ORDER BY used_at DESC, item LIMIT 500",
        (operator_id, operator_id, MOST_RECENT),
    )
    return [ItemUse(row["item"], row["used_at"], bool(row["favourite"])) for row in rows]
