"""Two desks of one unit on a line of 64 kbit/s that loses questions and answers, in virtual time."""

from __future__ import annotations

import random

from client.sync import cycle
from tests.faults.link import SlowLink
from tests.faults.people import Branch, opened
from tests.faults.scene import the_scene
from tests.platform_rows import receipts_of

RECORDS = 24
MOST_CYCLES = 30


def synced(branch, link):
    """Run cycles until every record of a desk is stored, as far as it knows."""
    for _ in range(MOST_CYCLES):
        outcome = cycle.run(
            branch.desk, link, progress=lambda _step: None, cancelled=lambda: False,
            entropy=branch.rng.random, pause=link.pause, lanes=link, timer=link.timer,
        )  # fmt: skip
        if set(branch.states().values()) == {"stored"} and outcome.problem is None:
            return
        link.pause(120)
    raise AssertionError(branch.states())


def test_on_a_slow_line_receipts_come_in_short_and_are_kept_whole(tmp_path):
    scene = the_scene()
    scene.region.put(scene.template)
    link = SlowLink(
        scene.region, scene.clock, random.Random(7), bytes_per_s=8_000, latency_s=0.3, loss=0.05
    )  # fmt: skip
    link.pause(0)
    one, other = (
        Branch(place, tmp_path / place.name, scene.catalogs, scene.clock, random.Random(1))
        for place in scene.places[:2]
    )
    with opened(one), opened(other):
        one.create(RECORDS)
        synced(one, link)
        other.create(RECORDS)
        synced(other, link)  # its feed tells of the first desk's versions too, for which it has no receipt
        kept = {
            (row[0], row[1]): bytes(row[2])
            for desk in (one, other)
            for row in desk.rows("SELECT version_id, stage, raw FROM receipt_said")
        }

    assert kept == receipts_of(scene.region.rows)
    assert len(kept) == 3 * 2 * RECORDS
    assert link.counts.lost > 0
    assert link.counts.down < 2 * link.counts.up
