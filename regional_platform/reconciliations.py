"""Reconciliation (对账): the tree of hashes over what the platform holds of a unit, place by place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from forms.seal.tree import DEPTH, Leaf, Node, Path, grow, node_at
from regional_platform.store.tables import record, version_key

MOST: Final = 100
"""Nodes in one question."""


def nodes(connection: Connection, unit: str, paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Return the nodes at paths, with their children's hashes; with the records where they lie."""
    items = None if any(not path for path in paths) else {path[0] for path in paths}
    root = grow(_leaves(connection, unit, items))
    return [_told(path, node_at(root, path)) for path in paths]


def _leaves(connection: Connection, unit: str, items: set[str] | None) -> list[Leaf]:
    wanted = (
        select(
            record.c.record_id, record.c.item, record.c.act_on, record.c.head, version_key.c.content_sha256,
            version_key.c.outcome,
        )
        .join(version_key, version_key.c.version_id == record.c.head)
        .where(record.c.unit == unit)
    )  # fmt: skip
    if items is not None:
        wanted = wanted.where(record.c.item.in_(items))
    return [
        Leaf(row.record_id, row.item, row.act_on[:7], row.head, row.content_sha256, row.outcome)
        for row in connection.execute(wanted)
    ]


def _told(path: Path, node: Node) -> dict[str, Any]:
    told: dict[str, Any] = {"path": list(path), "count": node.count, "sha256": node.sha256}
    if len(path) < DEPTH:
        told["children"] = [
            {"name": name, "count": child.count, "sha256": child.sha256}
            for name, child in node.children.items()
        ]
    else:
        told["records"] = [
            {
                "record_id": one.record_id,
                "version_id": one.version_id,
                "content_sha256": one.content_sha256,
                "outcome": one.outcome,
            }
            for one in node.leaves
        ]
    return told
