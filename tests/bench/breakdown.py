"""Where the platform's time for a record goes: its own functions, in this thread, by a clock of CPU time.

Every millisecond of CPU the thread is stopped for a moment, and what it does is counted to the stage of the
innermost function that has one. Nothing of the platform is changed for it. What HTTP costs is not in it.
"""

from __future__ import annotations

import hashlib
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from desk_side import ITEMS, Packed

from regional_platform.api.batch_body import read_batch
from regional_platform.api.bodies import shaped, unpacked
from regional_platform.api.models import BatchBody
from regional_platform.auth.callers import caller_of
from regional_platform.pipeline import receive
from regional_platform.pipeline.incoming import read_items
from regional_platform.pipeline.worker import settle
from regional_platform.platform import open_platform
from regional_platform.serving import leave_alone_what_stays
from regional_platform.settings import Settings, find_resources
from regional_platform.times import legal_day, utc_now

EVERY_S: Final = 0.001
STAGES: Final = (
    ("pipeline/steps.py", "steps: match, store, compare"),
    ("regional_platform/receipts.py", "receipts"),
    ("seal/receipt.py", "receipts"),
    ("forms/catalog/", "checking"),
    ("pipeline/sifting.py", "checking"),
    ("pipeline/matching.py", "steps: match, store, compare"),
    ("pipeline/ledger.py", "writing"),
    ("pipeline/judge.py", "deciding"),
    ("pipeline/world.py", "deciding"),
    ("pipeline/incoming.py", "reading and digest"),
    ("api/", "reading and digest"),
    ("pipeline/receive.py", "writing"),
)
"""Part of a file's name, and its stage: what is called from there and has none counts to it."""

WITHIN: Final = {"_judge_all": "deciding", "_judge_alone": "deciding"}
"""Functions of another stage than their file."""


def by_stage(url: str, token: str, packed: Sequence[Packed]) -> dict[str, float]:
    """Take batches in and move them on, on a database that has their approvals; stage → µs a record."""
    platform = open_platform(Settings(url, find_resources()), utc_now)
    with platform.store.reading() as connection:
        caller = caller_of(connection, token, utc_now())
    leave_alone_what_stays()
    seen: Counter[str] = Counter()
    begun = time.process_time()
    with looking(seen):
        for small, _ in packed:
            body = unpacked(small, "zstd", platform.settings.limits)
            came = receive.Packed(hashlib.sha256(body).hexdigest(), len(small))
            value, contents = read_batch(body)
            said = shaped(BatchBody, value)
            incoming = read_items(said.items, contents, platform.catalogs, legal_day(utc_now()))
            receive.receive(platform, caller, said, came, incoming)
        settle(platform, caller.unit)
    each = (time.process_time() - begun) / (len(packed) * ITEMS) * 1e6
    platform.store.close()
    whole = sum(seen.values())
    shares = {f"CPU a record, µs: {stage}": each * count / whole for stage, count in seen.most_common()}
    return {"CPU a record, µs: all but HTTP": each, **shares}


@contextmanager
def looking(seen: Counter[str]) -> Iterator[None]:
    """Count the stages of this thread while it works."""

    def look(_number: int, frame: FrameType | None) -> None:
        seen[stage_of(frame)] += 1

    before: Any = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def stage_of(frame: FrameType | None) -> str:
    """The stage of the innermost function that has one; all that runs within a step is the step's."""
    found = ""
    while frame is not None:
        name = frame.f_code.co_filename
        stage = next((stage for part, stage in STAGES if part in name), "")
        stage = WITHIN.get(frame.f_code.co_name, stage) if stage else ""
        if stage == STAGES[0][1]:
            return stage
        found = found or stage
        frame = frame.f_back
    return found or "the rest"
