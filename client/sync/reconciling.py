"""Reconciliation (对账): this desk and the platform compare trees of hashes, and go down where they differ.

What the platform has lost is queued again under its own ids. Everything else is told and never mended: which
side is right, a person must say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from client.core.reconciled import Difference, Reconciled, Theirs, What
from client.store import holdings, link
from client.store.desk import Desk
from client.store.draft_rows import chunks
from client.sync.api import MOST_ASKED, MOST_PATHS, Platform
from client.sync.wire import Pinned, Transport
from forms.seal.tree import DEPTH, Leaf, Node, Path, grow, leaves_of, node_at

MOST_SHOWN: Final = 100
"""Records of others that are named; of more it is said how many there are."""


def reconcile(desk: Desk, transport: Transport) -> Reconciled:
    """Hold the records that the platform has accepted from this desk against what it holds now.

    Raises:
        LinkError: the platform cannot be reached, or somebody else answered.
        PlatformRefusal: ``token_expired``, or it says no.
        NotAllowed: ``sign_in_needed``.
    """
    reader = desk.db.reader()
    token = link.token(reader, desk.operator.operator_id)
    pinned = Pinned(desk.device.server_id, desk.device.server_key)
    platform = Platform(transport, pinned, lambda: token)
    mine = grow(holdings.held(desk))
    here, there, requests = _differing(platform, mine)
    waiting = holdings.on_its_way(reader) & (here.keys() | there.keys())
    changed = [
        one
        for one in sorted(here)
        if one not in waiting and (one not in there or _said(there[one]) != _said(here[one]))
    ]
    versions = holdings.accepted_versions(reader, changed)
    asked = [version for one in changed for version in versions.get(one, ())]
    lost: set[str] = set()
    for piece in chunks(asked, MOST_ASKED):
        lost.update(platform.missing(piece))
        requests += 1
    strangers = sorted(there.keys() - here.keys() - waiting)
    found = [_difference(here[one], there.get(one), versions[one], lost) for one in changed]
    found += [
        Difference(one, there[one].item, "only_there", None, there[one]) for one in strangers[:MOST_SHOWN]
    ]
    return Reconciled(
        compared=mine.count,
        requests=requests,
        waiting=len(waiting),
        queued=holdings.send_again(desk, [one for one in asked if one in lost]),
        differing=tuple(found),
        only_there=len(strangers),
    )


def _differing(platform: Platform, mine: Node) -> tuple[dict[str, Leaf], dict[str, Leaf], int]:
    """Go down where the hashes differ; returns what lies there on both sides, and the questions it took."""
    here: dict[str, Leaf] = {}
    there: dict[str, Leaf] = {}
    paths: list[Path] = [()]
    requests = 0
    while paths:
        deeper: list[Path] = []
        for piece in chunks(paths, MOST_PATHS):
            requests += 1
            for theirs in platform.reconcile(piece):
                ours = node_at(mine, theirs.path)
                if ours.sha256 == theirs.sha256:
                    continue
                if len(theirs.path) == DEPTH:
                    here |= _by_id(ours.leaves)
                    there |= _by_id(theirs.leaves)
                    continue
                here |= _by_id(_only_here(ours, theirs))
                deeper += [
                    (*theirs.path, name)
                    for name, sha256 in theirs.children.items()
                    if name not in ours.children or ours.children[name].sha256 != sha256
                ]
        paths = deeper
    return here, there, requests


def _only_here(ours: Node, theirs: Theirs) -> list[Leaf]:
    gone = [child for name, child in ours.children.items() if name not in theirs.children]
    return [leaf for child in gone for leaf in leaves_of(child)]


def _by_id(leaves: Sequence[Leaf]) -> Mapping[str, Leaf]:
    return {leaf.record_id: leaf for leaf in leaves}


def _said(leaf: Leaf) -> tuple[str, str, str]:
    """What counts; that two sides date an act otherwise is no difference of the record."""
    return leaf.version_id, leaf.content_sha256, leaf.outcome


def _difference(here: Leaf, there: Leaf | None, versions: Sequence[str], lost: set[str]) -> Difference:
    what: What = "ahead"
    if there is None or not lost.isdisjoint(versions):
        what = "lost"
    elif there.version_id == here.version_id:
        what = "altered" if there.content_sha256 != here.content_sha256 else "outcome"
    return Difference(here.record_id, here.item, what, here, there)
