"""Sending 10,000 approved records to the platform, beside the least that HTTP and an insert cost.

The desk is encrypted, every receipt is verified and kept; the platform checks every record, seals
all receipts and keeps everything. Both sides share this machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from client.store import batches, drafts
from client.sync.wire import pack
from tests.client.sync.branch import Branch
from tests.conftest import PROGRAM, TREE, PlatformProcess

NAME = "send 10,000 records"
RECORDS = 10_000
UNIT = "350200-01"
BARE = Path(__file__).with_name("bare_platform.py")
PATIENCE_S = 300.0


def run() -> dict[str, float | str]:
    """Send, and measure; then post the same bytes to the bare platform."""
    with tempfile.TemporaryDirectory() as folder, _platform(Path(folder)) as platform:
        branch = _branch(Path(folder), platform)
        begun = time.perf_counter()
        outcome = branch.sync()
        sent_s = time.perf_counter() - begun
        assert outcome.problem is None
        assert outcome.accepted == RECORDS
        branch.sync_until(lambda: _stored(branch) == RECORDS)
        stored_s = time.perf_counter() - begun
        bodies = _bodies(branch)
        link = platform.url
        branch.stand_up()
        bare_s = _bare(Path(folder), bodies)
    return {
        "records": RECORDS,
        "sent and read s": round(sent_s, 2),
        "records/s": round(RECORDS / sent_s),
        "until all stored s": round(stored_s, 2),
        "bare HTTP + insert s": round(bare_s, 2),
        "bare records/s": round(RECORDS / bare_s),
        "ratio to bare": round(sent_s / bare_s, 1),
        "bytes a record": round(sum(map(len, bodies)) / RECORDS),
        "limits": "500 items a batch, 120 batches a minute, burst 240",
        "link": f"loopback, {link.partition(':')[0]}, up to three batches in flight",
    }


@contextmanager
def _platform(folder: Path) -> Iterator[PlatformProcess]:
    database, seed = folder / "platform.db", folder / "seed.json"
    subprocess.run(
        [*PROGRAM, "seed", "--database", str(database), "--demo", str(seed), "--password-cost", "low"],
        cwd=TREE, check=True,
    )  # fmt: skip
    running = PlatformProcess(database, json.loads(seed.read_text(encoding="utf-8")), folder / "platform.log")
    running.start()
    try:
        yield running
    finally:
        running.stop()


def _branch(folder: Path, platform: PlatformProcess) -> Branch:
    branch = Branch(folder / "desk", platform.url, platform.unit(UNIT), platform.seed["subjects"])
    branch.open_for_business("reporter", "reviewer")
    new = [drafts.NewDraft(branch.penalty()) for _ in range(RECORDS)]
    branch.approve_drafts(drafts.create_many(branch.sit_down("reporter"), "XZCF_FR", new))
    return branch


def _stored(branch: Branch) -> int:
    return int(branch.desk.db.reader().value("SELECT COUNT(*) FROM receipt WHERE stage = 'stored'"))


def _bodies(branch: Branch) -> list[bytes]:
    reader = branch.desk.db.reader()
    rows = batches.list_batches(reader, limit=1_000)
    return [pack(batches.frozen(reader, row.batch_id).body, ("zstd",))[0] for row in rows]


def _bare(folder: Path, bodies: list[bytes]) -> float:
    process = subprocess.Popen(
        [sys.executable, str(BARE), str(folder / "bare.db")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        address = f"http://127.0.0.1:{process.stdout.readline().strip()}/"
        with requests.Session() as session:
            begun = time.perf_counter()
            for body in bodies:
                assert len(session.post(address, data=body, timeout=PATIENCE_S).json()) > 0
            return time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)
        process.stdout.close()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(), ensure_ascii=False, indent=1) + "\n")
