"""The wheel: all that the program needs is inside, and it runs from there, not from the source tree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

TREE = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(300)  # pip takes its time on a busy machine


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as pip lays it out."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            folder,
            TREE,
        ],
        check=True,
        timeout=280,
    )
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def ran_from(site: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment, cwd=site, check=True, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    return done.stdout


def test_the_wheel_holds_the_program_its_resources_and_its_licence(unpacked: Path):
    names = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}

    assert {"client/app.py", "forms/law/calendar.py", "regional_platform/app.py"} <= names
    assert {"minxin_resources/calendars/2026.json", "minxin_resources/api/openapi.yaml"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "docs/", "build/"))]


def test_the_client_runs_from_the_wheel(unpacked: Path):
    said = json.loads(ran_from(unpacked, "-m", "client", "workdays", "2026-04-30", "5", "--json"))
    where = ran_from(unpacked, "-c", "from client.paths import resources; print(resources())")

    assert said["date"] == "2026-05-11"
    assert Path(where.strip()) == unpacked / "minxin_resources"


def test_the_platform_runs_from_the_wheel(unpacked: Path, tmp_path: Path):
    seed = tmp_path / "seed.json"
    ran_from(
        unpacked, "-m", "regional_platform.cli", "seed", "--database", str(tmp_path / "platform.db"),
        "--demo", str(seed), "--password-cost", "low",
    )  # fmt: skip

    assert len(json.loads(seed.read_text(encoding="utf-8"))["units"]) >= 7
