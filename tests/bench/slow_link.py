"""100,000 queued records over a line of 64 kbit/s that loses 5 % of all questions and 5 % of all answers.

The desk is encrypted and runs its real cycles until nothing waits and every record is stored; the platform is
the real one, in this process. Only the line and the clock are a model (tests/faults/link.py): seconds are
those of the line. Lost is a whole question or answer, after which the desk waits for its time-out: harder
than the loss of packets, which TCP sends again by itself. Bytes are counted both ways: HTTP/1.1, records and
handshakes of TLS, what was lost and what was sent again. The payload is what batches and approvals have
packed with zstd-3, each counted once; beside it stands the figure for the batches alone.
"""

from __future__ import annotations

import json
import logging
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import zstandard

from client.demo.samples import Office, invented_subject, penalty
from client.store import drafts
from client.sync import cycle
from regional_platform.limits import RateLimit
from regional_platform.pipeline.subjects import Subject, load_subjects
from regional_platform.settings import Limits
from tests.faults.link import SlowLink
from tests.faults.people import ITEM, Branch
from tests.faults.scene import Scene, in_memory, the_scene

NAME: Final = "slow_link"
ON_REQUEST: Final = True
RECORDS: Final = int(os.environ.get("MINXIN_SLOW_RECORDS", "100000"))
BYTES_PER_S: Final = 8_000.0
LATENCY_S: Final = 0.3
LOSS: Final = 0.05
SUBJECTS: Final = 2_000
PIECE: Final = 10_000
MOST_CYCLES: Final = 200
BETWEEN_CYCLES_S: Final = 120.0
"""What the window waits after a cycle that ended well."""

LEVEL: Final = 3
"""Of zstd, for the payload that is compared with."""

CODES: Final = {
    "警告": "01", "罚款": "02", "没收违法所得": "03", "法人及非法人组织": "1", "个体工商户": "4",
}  # fmt: skip


def run(records: int = RECORDS) -> dict[str, float | int | str]:
    """Send so many records, and count."""
    logging.disable(logging.CRITICAL)
    scene = the_scene()
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder, the_desk(scene, Path(folder)) as branch:
        subjects = library(scene)
        for at in range(0, records, PIECE):
            approve(branch, subjects, range(at, min(at + PIECE, records)))
        link = SlowLink(
            scene.region, scene.clock, random.Random(64), bytes_per_s=BYTES_PER_S, latency_s=LATENCY_S,
            loss=LOSS,
        )  # fmt: skip
        limits = Limits()
        scene.region.platform.batch_rate = RateLimit(
            limits.batches_per_minute, limits.batch_burst, monotonic=link.timer
        )
        begun = time.process_time()
        ended = send(branch, link, records)
        return figures(scene, branch, link, records, ended) | {"CPU s": round(time.process_time() - begun, 1)}


@contextmanager
def the_desk(scene: Scene, folder: Path) -> Iterator[Branch]:
    """A desk and its platform, with the limits of a real one."""
    scene.region.put(scene.template)
    scene.clock.go(3600)
    platform = scene.region.platform
    platform.settings = replace(platform.settings, limits=Limits())
    branch = Branch(scene.places[0], folder, scene.catalogs, scene.clock, random.Random(1))
    try:
        yield branch
    finally:
        branch.close()


def library(scene: Scene) -> Sequence[Mapping[str, str]]:
    """Invented subjects, which the platform knows."""
    chance = random.Random(2)
    made = [invented_subject(serial, chance) for serial in range(1, SUBJECTS + 1)]
    known = [Subject(one["code"], one["name"], one["representative"]) for one in made]
    scene.region.platform.store.write(lambda connection: load_subjects(connection, known, scene.clock()))
    return made


def approve(branch: Branch, subjects: Sequence[Mapping[str, str]], numbers: range) -> None:
    """Fill in penalties as people write them, each another, and have them approved."""
    unit, chance = branch.place.unit, random.Random(numbers.start)
    office, today = Office(unit["name"], unit["code18"]), branch.clock().date()
    new = [
        drafts.NewDraft(as_values(penalty(n + 1, subjects[n % len(subjects)], office, today, chance)), ())
        for n in numbers
    ]
    branch.submit(drafts.create_many(branch.desk, ITEM, new))


def as_values(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Cells of a spreadsheet as values of a draft."""
    made: dict[str, Any] = {}
    for name, cell in cells.items():
        if isinstance(cell, date):
            made[name] = cell.isoformat()
        elif isinstance(cell, float):
            made[name] = f"{cell:g}"
        elif cell is not None:
            made[name] = CODES.get(cell, cell)
    made["CF_CFLB"] = sorted(CODES[one] for one in cells["CF_CFLB"].split(";"))
    return made


def send(branch: Branch, link: SlowLink, records: int) -> dict[str, int]:
    """Run cycles, as the window's loop begins them, until every record is stored; returns how they ended."""
    ended: dict[str, int] = {}
    for _ in range(MOST_CYCLES):
        outcome = cycle.run(
            branch.desk, link, progress=lambda _step: None, cancelled=lambda: False,
            entropy=branch.rng.random, pause=link.pause, lanes=link, timer=link.timer,
        )  # fmt: skip
        code = outcome.problem.code if outcome.problem else "well"
        ended[code] = ended.get(code, 0) + 1
        if stored(branch) == records:
            return ended
        wait = BETWEEN_CYCLES_S
        if outcome.next_try_at is not None:
            wait = max(0.0, (outcome.next_try_at - branch.clock()).total_seconds())
        link.pause(wait)
    raise AssertionError(f"not at its end after {MOST_CYCLES} cycles: {ended}")


def stored(branch: Branch) -> int:
    """How many records the desk knows to be stored, by sealed receipts."""
    return int(branch.rows("SELECT COUNT(*) FROM receipt WHERE stage = 'stored'")[0][0])


def figures(
    scene: Scene, branch: Branch, link: SlowLink, records: int, ended: Mapping[str, int]
) -> dict[str, float | int | str]:
    """Say what went over the line, and hold both sides against one another."""
    ours = {row[0] for row in branch.rows("SELECT version_id FROM version")}
    theirs = [row[0] for row in scene.region.rows("SELECT version_id FROM version")]
    counts, bodies, approvals = link.counts, batch_bytes(branch, link), approval_bytes(branch)
    payload, both = bodies + approvals, link.counts.up + link.counts.down
    return {
        "records": records,
        "link minutes": round(link.now_s / 60, 1),
        "at the line's rate, only the payload, minutes": round(payload / BYTES_PER_S / 60, 1),
        "payload MB": round(payload / 1e6, 3),
        "batches alone MB": round(bodies / 1e6, 3),
        "up MB": round(counts.up / 1e6, 3),
        "down MB": round(counts.down / 1e6, 3),
        "both ways : payload": round(both / payload, 3),
        "up : payload": round(counts.up / payload, 3),
        "both ways : batches alone": round(both / bodies, 3),
        "up : batches alone": round(counts.up / bodies, 3),
        "batches": len(counts.bodies),
        "packed bytes a batch": round(bodies / len(counts.bodies)),
        "bytes a record, in batches": round(bodies / records, 1),
        "exchanges": counts.exchanges,
        "lost": counts.lost,
        "handshakes": counts.handshakes,
        "cycles": ", ".join(f"{code} {times}" for code, times in sorted(ended.items())),
        "missing": len(ours - set(theirs)),
        "doubled": len(theirs) - len(set(theirs)),
        **{route: f"{n} times, up {up:,}, down {down:,}" for route, (n, up, down) in counts.by_route.items()},
    }


def batch_bytes(branch: Branch, link: SlowLink) -> int:
    """What the batches have that were answered, packed."""
    answered = (row[0] for row in branch.rows("SELECT batch_id FROM batch WHERE state = 'answered'"))
    return sum(len(zstandard.compress(link.counts.bodies[one], LEVEL)) for one in answered)


def approval_bytes(branch: Branch) -> int:
    """What the approvals have, packed."""
    return sum(len(zstandard.compress(row[0], LEVEL)) for row in branch.rows("SELECT body FROM approval"))


if __name__ == "__main__":
    asked = [int(one) for one in sys.argv[1:]]
    sys.stdout.write(json.dumps(run(*asked), ensure_ascii=False, indent=1) + "\n")
