"""A tree of hashes over records: two sides find where they differ without showing each other everything.

The root is parted by item, an item by the month of the act, a month by the end of the record's id; there lie
the records. Whoever has the same records has the same hash at the root. Pure: no database, no network.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from forms.seal.canonical import digest

DEPTH: Final = 3
"""Steps from the root to where the records lie: item, month, end of the id."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Leaf:
    """A record as one side holds it: its last accepted version.

    Attributes:
        item: code, without the set.
        month: of the act, ``2026-11``; empty when it is not dated.
        content_sha256: digest of the version.
        outcome: accepted or accepted_with_warnings.
    """

    record_id: str
    item: str
    month: str
    version_id: str
    content_sha256: str
    outcome: str

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.item, self.month, self.record_id[-2:]


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the tree.

    Attributes:
        count: records below it.
        sha256: over all that is below.
        children: name → node, by name; empty where the records lie.
        leaves: by id; only where they lie.
    """

    count: int
    sha256: str
    children: Mapping[str, Node]
    leaves: tuple[Leaf, ...] = ()


NOTHING: Final = Node(0, digest(b""), {})


def month_of(payload: Mapping[str, Any], act_on: str) -> str:
    """Return the month of an act, by the field that dates the item."""
    return str(payload.get(act_on, ""))[:7]


def grow(leaves: Iterable[Leaf], depth: int = 0) -> Node:
    """Return the node over records that lie together down to `depth`; the root by default."""
    if depth == DEPTH:
        found = tuple(sorted(leaves))
        lines = (f"{one.record_id} {one.version_id} {one.content_sha256} {one.outcome}\n" for one in found)
        return Node(len(found), digest("".join(lines).encode()), {}, found)
    parted: dict[str, list[Leaf]] = defaultdict(list)
    for one in leaves:
        parted[one.path[depth]].append(one)
    children = {name: grow(parted[name], depth + 1) for name in sorted(parted)}
    lines = (f"{name} {child.count} {child.sha256}\n" for name, child in children.items())
    return Node(sum(child.count for child in children.values()), digest("".join(lines).encode()), children)


def node_at(root: Node, path: Path) -> Node:
    """Return what lies at a path; NOTHING where nothing does."""
    for name in path:
        root = root.children.get(name, NOTHING)
    return root


def leaves_of(node: Node) -> list[Leaf]:
    """Return all records below a node."""
    return [*node.leaves, *(leaf for child in node.children.values() for leaf in leaves_of(child))]
