"""What `doctor` finds, and that it can find something wrong."""

from __future__ import annotations

import importlib.util
import json
import socket
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from client import doctor

if TYPE_CHECKING:
    from tests.conftest import PlatformProcess

TREE = Path(__file__).parents[2]
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def found(name: str, **asked: object) -> doctor.Finding:
    findings = doctor.examine(Path("/nowhere"), clock=lambda: NOW, **asked)
    return next(finding for finding in findings if finding.name == name)


def a_closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def test_a_bare_machine_is_examined_without_a_desk_or_a_network():
    findings = doctor.examine(Path("/nowhere"), clock=lambda: NOW)

    names = ["profile", "keyring", "database", "font", "display", "tls", "platform", "clock"]
    assert [finding.name for finding in findings] == [*names, "catalog", "calendar"]
    assert doctor.worst(findings) != "bad"
    assert all(finding.text for finding in findings)


def test_no_sentence_is_left_over():
    files = (TREE / "client" / "doctor.py", TREE / "client" / "ui" / "self_check.py")
    text = "".join(path.read_text(encoding="utf-8") for path in files)

    assert [code for code in doctor.SAYS if f'"{code}"' not in text.replace(f'    "{code}": ', "", 1)] == []


def test_the_database_is_tried_for_real_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    assert doctor.database().state == "ok"
    assert list(tmp_path.iterdir()) == []


def test_a_platform_that_does_not_answer_is_named_with_its_address():
    address = f"http://127.0.0.1:{a_closed_port()}"

    finding = found("platform", address=address)

    assert finding.state == "bad"
    assert finding.detail == f"{address}: no_connection"


def test_a_running_platform_is_met_and_the_clock_held_against_it(platform: PlatformProcess, tmp_path: Path):
    findings = {one.name: one for one in doctor.examine(tmp_path / "no desk", address=platform.url)}

    assert findings["platform"].state == "ok"
    assert platform.url in findings["platform"].detail
    assert findings["clock"].state == "ok"
    assert "from the platform's" in findings["clock"].detail


def test_an_address_without_tls_is_refused_before_anything_is_sent():
    assert found("platform", address="http://platform.example").detail.endswith("tls_needed")


@pytest.mark.parametrize(
    ("ahead", "state"),
    [
        pytest.param(timedelta(seconds=30), "ok", id="half a minute"),
        pytest.param(timedelta(minutes=-3), "warn", id="three minutes behind"),
        pytest.param(timedelta(hours=8), "bad", id="a wrong zone taken for the time"),
    ],
)
def test_the_clock_is_held_against_the_platforms(ahead: timedelta, state: str):
    assert doctor._clock(NOW + ahead, NOW).state == state


def test_a_clock_earlier_than_the_program_is_wrong():
    assert doctor._clock(datetime(2019, 1, 1, tzinfo=UTC), None).state == "bad"


@pytest.mark.parametrize(
    ("today", "state"),
    [
        pytest.param(datetime(2026, 6, 1, tzinfo=UTC), "ok", id="within the notices"),
        pytest.param(datetime(2026, 12, 1, tzinfo=UTC), "warn", id="next year's notice is due"),
        pytest.param(datetime(2026, 12, 31, 17, 0, tzinfo=UTC), "bad", id="already next year in Shanghai"),
    ],
)
def test_the_calendar_says_when_it_ends(today: datetime, state: str):
    assert doctor.calendar(today).state == state


@pytest.mark.parametrize(
    ("environment", "system", "state"),
    [
        pytest.param({}, "linux", "warn", id="no display"),
        pytest.param({}, "win32", "ok", id="Windows"),
    ],
)
def test_a_display_is_looked_for(environment: dict[str, str], system: str, state: str):
    assert doctor._display(environment, system).state == state


def test_run_py_and_doctor_know_the_same_libraries():
    spec = importlib.util.spec_from_file_location("run", TREE / "run.py")
    assert spec
    assert spec.loader
    run = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(run)

    assert run.DISPLAY_LIBRARIES == doctor.DISPLAY_LIBRARIES


def test_the_self_check_is_good_and_names_what_it_saw():
    """In a process of its own, as the bundle does it: it starts Qt."""
    code = "import json; from client import doctor; print(json.dumps(doctor.report(doctor.self_check())))"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, cwd=TREE, timeout=60
    )

    said = json.loads(ran.stdout)

    assert [one for one in said["findings"] if one["state"] == "bad"] == []
    assert {
        "keyring",
        "database",
        "font",
        "tls",
        "catalog",
        "search",
        "spreadsheet",
        "paper",
        "qt",
        "glyphs",
        "window",
        "form",
    } <= {one["name"] for one in said["findings"]}
