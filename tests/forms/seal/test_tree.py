"""Trees of hashes: equal for equal records, and different only on the way to what differs."""

from __future__ import annotations

import random
from dataclasses import replace

from forms.seal.canonical import digest
from forms.seal.tree import NOTHING, Leaf, grow, leaves_of, month_of, node_at


def a_leaf(n: int, **other: str) -> Leaf:
    chance = random.Random(n)
    record_id = f"019ab000-0000-7000-8000-{chance.getrandbits(48):012x}"
    said = Leaf(record_id, f"I{n % 3}", f"2026-{n % 4 + 1:02}", f"v{n}", digest(b"%d" % n), "accepted")
    return replace(said, **other)


LEAVES = [a_leaf(n) for n in range(300)]


def test_the_same_records_in_any_order_have_the_same_tree():
    mixed = random.Random(1).sample(LEAVES, len(LEAVES))

    assert grow(mixed) == grow(LEAVES)
    assert grow([]).sha256 == NOTHING.sha256 == node_at(grow(LEAVES), ("nobody",)).sha256
    assert sorted(leaves_of(grow(mixed))) == sorted(LEAVES)
    assert grow(LEAVES).count == 300


def test_one_record_that_differs_changes_the_hashes_on_its_way_and_no_others():
    for changed in ({"version_id": "v9999"}, {"content_sha256": "f" * 64}, {"outcome": "rejected"}):
        one = LEAVES[7]
        ours, theirs = grow(LEAVES), grow([replace(one, **changed), *LEAVES[:7], *LEAVES[8:]])
        for depth in range(3):
            here, there = node_at(ours, one.path[:depth]), node_at(theirs, one.path[:depth])
            apart = [name for name in here.children if here.children[name] != there.children[name]]
            assert (here.sha256 != there.sha256, apart) == (True, [one.path[depth]])


def test_the_hashes_are_those_that_the_contract_describes():
    one, two = a_leaf(1, item="I", month=""), a_leaf(2, item="I", month="")
    at = [
        (
            leaf.path[2],
            digest(f"{leaf.record_id} {leaf.version_id} {leaf.content_sha256} accepted\n".encode()),
        )
        for leaf in (one, two)
    ]
    month = digest("".join(f"{name} 1 {sha}\n" for name, sha in sorted(at)).encode())
    item = digest(f" 2 {month}\n".encode())

    assert grow([two, one]).sha256 == digest(f"I 2 {item}\n".encode())


def test_an_act_without_a_day_has_no_month():
    assert month_of({"D": "2026-11-24"}, "D") == "2026-11"
    assert month_of({"D": "2026-11-24"}, "") == month_of({}, "D") == ""
