"""What this desk believes that the platform holds: the last accepted version of each record."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from client.errors import NotAllowed
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import as_json, payload_of
from client.store.link import SYSTEM, note_loss
from client.store.missing import put_in_outbox_again
from forms.seal.tree import Leaf, month_of

_ACCEPTED: Final = """
  SELECT v.record_id, v.version_id, v.op, v.catalog, v.content, v.content_sha256, c.outcome
  FROM version v JOIN receipt c ON c.version_id = v.version_id AND c.stage = 'checked'
  WHERE c.outcome <> 'rejected' AND v.op <> 'decide' ORDER BY v.record_id, v.n
"""
"""Decisions belong to cases, not to records."""

_ON_ITS_WAY: Final = """
  SELECT DISTINCT v.record_id FROM outbox o JOIN version v ON v.version_id = o.version_id
  WHERE o.state IN ('queued','sent','unknown','held')
"""
_VERSIONS: Final = """
  SELECT v.record_id, v.version_id FROM json_each(?) j JOIN version v ON v.record_id = j.value
  JOIN receipt c ON c.version_id = v.version_id AND c.stage = 'checked'
  WHERE c.outcome <> 'rejected' AND v.op <> 'decide' ORDER BY v.n
"""


def held(desk: Desk) -> Iterator[Leaf]:
    """Yield each record that the platform has accepted a version of, as the last of them left it."""
    leaf: Leaf | None = None
    for row in desk.db.reader().execute(_ACCEPTED):
        if leaf is not None and leaf.record_id != row["record_id"]:
            yield leaf
            leaf = None
        item, _, _ = row["catalog"].partition("@")
        # A withdrawal says nothing of the act: it stays where the act was.
        month = (
            leaf.month if leaf and row["op"] == "withdraw" else _month(desk, row["catalog"], row["content"])
        )
        leaf = Leaf(row["record_id"], item, month, row["version_id"], row["content_sha256"], row["outcome"])
    if leaf is not None:
        yield leaf


def _month(desk: Desk, catalog: str, content: bytes) -> str:
    """The month of the act; empty when this program does not know the item's set any more."""
    try:
        act_on = desk.catalogs.item(catalog).act_on
    except NotAllowed:
        return ""
    return month_of(payload_of(content)["payload"], act_on)


def on_its_way(reader: Connection) -> frozenset[str]:
    """Return the records of which something is still to be sent or answered: they may differ for a while."""
    return frozenset(row["record_id"] for row in reader.execute(_ON_ITS_WAY))


def accepted_versions(reader: Connection, record_ids: Collection[str]) -> dict[str, list[str]]:
    """Return the accepted versions of records, oldest first."""
    found: dict[str, list[str]] = {}
    for row in reader.execute(_VERSIONS, (as_json(sorted(record_ids)),)):
        found.setdefault(row["record_id"], []).append(row["version_id"])
    return found


def send_again(desk: Desk, version_ids: Collection[str]) -> int:
    """Queue versions that the platform has lost, under their own ids; returns how many."""
    with desk.db.transaction() as tx:
        queued = put_in_outbox_again(tx, list(version_ids))
        if queued:
            note_loss(tx)
            detail = {"versions": queued}
            desk.tell_as(tx, SYSTEM, "versions_queued_again", desk.device.device_id, detail)
    return queued
