"""The whole road, as a new user walks it: the real programs, a real socket, one command."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

TREE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "client.demo", "--headless", "--keep", str(folder)]
    return folder, subprocess.run(command, cwd=TREE, capture_output=True, text=True, check=False, timeout=180)


def test_the_demo_walks_the_road_and_its_sum_is_right(walked):
    _, done = walked

    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.splitlines()[-1]
    sent, stored, rejected, unmatched, held, unknown = map(int, re.findall(r"\d+", said))
    assert sent == stored + rejected + unmatched + held + unknown
    assert stored > 0
    assert rejected > 0
    assert unmatched > 0
    assert held == unknown == 0


def test_the_receipts_verify_without_the_profile(walked):
    folder, _ = walked

    done = subprocess.run(
        [sys.executable, "-m", "client", "verify", str(folder / "receipts.json"), "--json"],
        cwd=TREE, capture_output=True, text=True, check=False,
    )  # fmt: skip

    said = json.loads(done.stdout)
    assert done.returncode == 0
    assert said["receipts"] == said["valid"] > 0


def test_one_changed_receipt_is_found_among_all(walked, tmp_path):
    folder, _ = walked
    proof = json.loads((folder / "receipts.json").read_text(encoding="utf-8"))
    proof["receipts"][3]["outcome"] = "accepted_with_warnings"
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(proof), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "client", "verify", str(forged), "--json"],
        cwd=TREE, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert json.loads(done.stdout)["invalid"] == [proof["receipts"][3]["receipt_no"]]


def test_no_personal_number_lies_in_the_open_beside_the_desk(walked):
    """Nothing of a record may be readable in the profile's files without the key."""
    folder, _ = walked
    names = ("有限公司".encode(), b"350203190001010009", "行政处罚".encode())

    open_files = [
        path.name
        for path in (folder / "desk").rglob("*")
        if path.is_file() and any(name in path.read_bytes() for name in names)
    ]

    assert open_files == []
