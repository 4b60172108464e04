"""`minxin sync` and `minxin-platform serve`, two processes with a line between them that loses packets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from client.sync.lines import use_ca_file
from client.sync.transport import HttpTransport
from tests.client.sync.branch import PASSPHRASE, Branch, Ledger, check_agreement
from tests.client.sync.certificates import a_chain
from tests.conftest import PROGRAM, TREE
from tests.databases import on_a_file
from tests.faults.tun import PLATFORM, CutLink, TunLink, Weather, a_bad_link
from tests.serving import serving

UNIT = "350200-01"
RECORDS = int(os.environ.get("MINXIN_LINK", "100"))
IS_LONG = "MINXIN_LINK" in os.environ
WEATHER = (
    Weather(8_000, 0.3, loss=0.05, late=0.02) if IS_LONG else Weather(100_000, 0.02, loss=0.05, late=0.05)
)
"""64 kbit/s when asked for, else a line on which a hundred records take seconds."""

PATIENCE_S = 3_600.0 if IS_LONG else 120.0


@contextmanager
def served_over(link: TunLink | CutLink, database: Path, chain: Path) -> Iterator[None]:
    """Run the platform at its end of the line."""
    command = [*link.at_platform, *PROGRAM, "serve", "--database", str(database), *link.serving(chain)]
    process = subprocess.Popen(command, cwd=TREE, stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline(), "the platform did not start"
        yield
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def minxin_sync(link: TunLink | CutLink, branch: Branch) -> dict[str, object]:
    """Run the verb at the desk's end of the line; returns what it says."""
    secret, written = os.pipe()
    os.write(written, f"{PASSPHRASE}\n".encode())
    os.close(written)
    who = branch.person("reporter")["operator_id"]
    ran = subprocess.run(
        [*link.at_desk, sys.executable, "-m", "client", "sync", "--profile", str(branch.folder),
         "--operator", who, "--passphrase-fd", str(secret), "--json"],
        cwd=TREE, pass_fds=[secret], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
        timeout=PATIENCE_S, env={**os.environ, "PYTHONPATH": str(TREE)},
    )  # fmt: skip
    os.close(secret)
    said: dict[str, object] = json.loads(ran.stdout)
    return said


@on_a_file
@pytest.mark.timeout(0 if IS_LONG else 300)
def test_over_a_line_that_loses_packets_nothing_is_missing_and_nothing_doubled(seeded_platform, tmp_path):
    ca_file, _ = a_chain(tmp_path, address=PLATFORM)
    with a_bad_link(WEATHER, seed=5) as link:
        with serving(tmp_path / "platform", seeded_platform) as at_hand:
            branch = Branch(
                tmp_path / "desk", link.url, at_hand.unit(UNIT), at_hand.seed["subjects"],
                line=lambda: HttpTransport(at_hand.url),
            )  # fmt: skip
            branch.open_for_business("reporter", "reviewer")
            branch.approved(RECORDS)
            use_ca_file(branch.desk, ca_file if link.how == "TUN" else None)
            database = Path(at_hand.database)
        problems: Counter[object] = Counter()
        with served_over(link, database, tmp_path / "server.pem"):
            began = time.monotonic()
            while set(branch.states().values()) != {"stored"}:
                assert time.monotonic() < began + PATIENCE_S, problems
                branch.stand_up()
                problems[minxin_sync(link, branch)["problem"]] += 1
                branch.sit_down("reporter")
            took_s = time.monotonic() - began
        check_agreement(branch, Ledger.of(database, UNIT))
        branch.stand_up()

    assert link.tally.carried > 0
    assert link.tally.lost > 0 or link.how == "relay"
    how = f"{link.how} ({TunLink.why_not() or 'two namespaces'})"
    sys.stdout.write(
        f"{RECORDS} records over a line by {how} in {took_s:.0f} s: 0 missing, 0 doubled;"
        f" syncs: {dict(problems)}; packets: {link.tally}\n"
    )
