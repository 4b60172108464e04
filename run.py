"""One command for everything. It needs Python 3.11 or newer, and nothing else.

    python3 run.py setup                       only the set-up: .venv from constraints.txt
    python3 run.py demo [--headless] [--shots DIR]
                                               the main job, with a platform of its own
    python3 run.py test [ARGS]                 everything that CI runs; ARGS go to pytest alone
    python3 run.py bench [NAME ...] [--json FILE]
                                               benchmarks, each beside its peer or physical limit
    python3 run.py faults [--seeds N] [--seed K] [--kills N]
                                               the fault suite, long; one seed again; real kills
    python3 run.py bundle                      freezes the client, starts it, and keeps it in .out/

The first use fetches the packages, and Debian's when run as root. Later uses start at once and need no
network. Standard library only: this file runs before there is anything else.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "ready.json"
CONSTRAINTS = ROOT / "constraints.txt"
WINDOWS = sys.platform == "win32"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")

OLDEST_PYTHON = (3, 11)
REFUSED_QT = (6, 12)
WHY_REFUSED_QT = (
    "PySide6 6.12 drops one reference too many on None at every call from C++ into Python: on Python 3.11"
    " a window aborts after some thousand clicks. Install one that pyproject.toml allows."
)

BUILD_BACKEND = ["hatchling", "editables"]
RUN = ("platform",)
DEVELOP = ("platform", "dev")

# Shared library → Debian package. Without the first six even QT_QPA_PLATFORM=offscreen does not start;
# the rest is for a real display, where Qt names the wrong one when another is missing.
LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
}
DISPLAY_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


class SetUpError(Exception):
    """The machine lacks something, and the text says what to do about it."""


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code: 2 when the machine or the words are not right."""
    if sys.version_info < OLDEST_PYTHON:
        print(f"run.py needs Python 3.11 or newer; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    commands = {
        "setup": set_up,
        "demo": demo,
        "test": test,
        "bench": bench,
        "faults": faults,
        "bundle": bundle,
    }
    if not arguments or arguments[0] not in commands:
        print(__doc__.strip(), file=sys.stderr)
        return 0 if arguments in (["-h"], ["--help"], ["help"]) else 2
    try:
        return commands[arguments[0]](arguments[1:])
    except SetUpError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 2


# --- commands -------------------------------------------------------------------------------------------


def set_up(_arguments: list[str]) -> int:
    """Make the environment for running; say so when it was there already."""
    if not make_ready(RUN):
        print("ready: nothing to do")
    return 0


def demo(arguments: list[str]) -> int:
    """Hand over to the demonstration."""
    make_ready(RUN)
    return hand_over(["-m", "client.demo", *arguments])


def test(arguments: list[str]) -> int:
    """Check style, types, borders and behaviour; with arguments only behaviour, by pytest."""
    make_ready(DEVELOP)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # Tests start our programs hundreds of times, as people do: compiled once, not anew each time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if arguments:
        return hand_over(["-m", "pytest", *arguments])
    failed = [
        name
        for name, command in (
            ("ruff check", ["-m", "ruff", "check", "--quiet"]),
            ("ruff format", ["-m", "ruff", "format", "--check", "--quiet"]),
            ("mypy", ["-m", "mypy"]),
            ("import borders", ["-c", "from importlinter.cli import lint_imports_command as c; c()"]),
        )
        if not step(name, command)
    ]
    if failed:
        print(f"failed: {', '.join(failed)}", flush=True)
    # Half as many workers again as cores, for tests wait for processes and sockets a third of their time;
    # who is done takes from the others.
    spread = ["-n", str(3 * (os.cpu_count() or 2) // 2), "--dist", "worksteal"]
    code = subprocess.run([PYTHON, "-m", "pytest", "-q", *spread], cwd=ROOT, check=False).returncode
    return code or int(bool(failed))


def bench(arguments: list[str]) -> int:
    """Hand over to the benchmarks."""
    make_ready(DEVELOP)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return hand_over(["tests/bench", *arguments])


def faults(arguments: list[str]) -> int:
    """Hand over to the fault suite."""
    make_ready(DEVELOP)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return hand_over(["-m", "tests.faults", *arguments])


def bundle(_arguments: list[str]) -> int:
    """Freeze the client, start the result, and fail on any line that nobody explained."""
    make_ready(DEVELOP)
    if not WINDOWS and not shutil.which("objdump"):
        install_debian(["binutils"], "freezing needs objdump and strip")
    return hand_over(["build/bundle.py"])


# --- steps ----------------------------------------------------------------------------------------------


def hand_over(arguments: list[str]) -> int:
    """Become the environment's Python, so that signals and the exit code are its own."""
    command = [str(PYTHON), *arguments]
    sys.stdout.flush()
    os.chdir(ROOT)
    if WINDOWS:  # exec there leaves the console to two processes at once
        return subprocess.run(command, check=False).returncode
    os.execv(PYTHON, command)  # noqa: S606 - no shell is wanted
    raise AssertionError


def step(name: str, arguments: list[str]) -> bool:
    """Run one check, print its line, and its output only when it failed."""
    began = time.monotonic()
    ran = subprocess.run(
        [PYTHON, *arguments],
        cwd=ROOT,
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    outcome = "FAILED" if ran.returncode else "ok"
    print(f"{name:<16}{time.monotonic() - began:7.1f} s  {outcome}", flush=True)
    if ran.returncode:
        print(ran.stdout.strip(), flush=True)
    return ran.returncode == 0


# --- the environment ------------------------------------------------------------------------------------


def make_ready(extras: tuple[str, ...]) -> bool:
    """See to it that .venv holds what `extras` name. True when something had to be done.

    Raises:
        SetUpError: a package is missing that cannot be installed from here, or the network is.
    """
    key, stamp = current_key(), read_stamp()
    if stamp.get("key") == key and set(extras) <= set(stamp.get("extras", [])):
        refuse_broken_qt()
        return False
    began = time.monotonic()
    install_missing()
    if stamp.get("python") != key["python"] or not PYTHON.exists():
        make_venv()
    wanted = sorted({*extras, *stamp.get("extras", [])})
    pip(BUILD_BACKEND)
    megabytes = pip(["--no-build-isolation", "--editable", f".[{','.join(wanted)}]"])
    refuse_broken_qt()
    STAMP.write_text(json.dumps({"key": key, "python": key["python"], "extras": wanted}), encoding="utf-8")
    print(f"set up in {time.monotonic() - began:.0f} s, {megabytes:.0f} MB of packages fetched", flush=True)
    return True


def current_key() -> dict[str, str]:
    """What the environment depends on: any change makes it anew or tops it up."""
    digest = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + CONSTRAINTS.read_bytes())
    version = ".".join(map(str, sys.version_info[:2]))
    return {"files": digest.hexdigest(), "python": version, "place": str(ROOT)}


def read_stamp() -> dict[str, Any]:
    """What the last set-up left behind; nothing when it never came to its end."""
    try:
        stamp: dict[str, Any] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp


def make_venv() -> None:
    """Make .venv anew with this Python."""
    print("making .venv", flush=True)
    # _base_executable: run.py may itself have been started by the .venv that goes.
    python = getattr(sys, "_base_executable", sys.executable)
    ran = subprocess.run(
        [python, "-m", "venv", "--clear", VENV],
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if ran.returncode:
        raise SetUpError(f"python3 -m venv failed:\n{ran.stdout.strip()}")


def pip(arguments: list[str]) -> float:
    """Install at the versions of constraints.txt; return the megabytes fetched.

    Raises:
        SetUpError: pip failed; its last lines say why.
    """
    command = [
        str(PYTHON),
        "-m",
        "pip",
        "install",
        "--progress-bar",
        "off",
        "-c",
        str(CONSTRAINTS),
        *arguments,
    ]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    lines, megabytes = [], 0.0
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as running:
        for line in running.stdout or ():
            lines.append(line.rstrip())
            found = re.search(r"Downloading (\S+?)(?:-\S+)? \(([\d.]+) (k|M)B\)", line)
            if found:
                size = float(found[2]) / (1000 if found[3] == "k" else 1)
                megabytes += size
                if size >= 5:  # worth a line to one who waits
                    print(f"fetching {found[1].rsplit('/', 1)[-1]}, {size:.0f} MB", flush=True)
    if running.returncode:
        tail = "\n".join(lines[-15:])
        raise SetUpError(f"pip could not install the packages. Its last lines:\n{tail}")
    return megabytes


def refuse_broken_qt() -> None:
    """Stop before a PySide6 that is known to abort, however it came in."""
    packages = "Lib/site-packages" if WINDOWS else "lib/python*/site-packages"
    for found in VENV.glob(f"{packages}/[Pp]y[Ss]ide6_[Ee]ssentials-*.dist-info"):
        version = found.name.removesuffix(".dist-info").split("-")[1]
        if tuple(map(int, re.findall(r"\d+", version)[:2])) >= REFUSED_QT:
            raise SetUpError(f"PySide6 {version} is refused. {WHY_REFUSED_QT}")


# --- the system -----------------------------------------------------------------------------------------


def install_missing() -> None:
    """Bring what Python and Qt need of the system: by apt-get on Debian, all in one go; else name it.

    Windows and macOS bring all of it themselves.
    """
    if sys.platform != "linux":
        return
    missing = [name for name in LIBRARIES if not loads(name)]
    for_display = [name for name in DISPLAY_LIBRARIES if not loads(name)]
    if missing or may_install() or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        missing += for_display
    packages = [(LIBRARIES | DISPLAY_LIBRARIES)[name] for name in missing]
    if importlib.util.find_spec("ensurepip") is None:  # Debian ships it apart
        missing.append("ensurepip")
        packages.append(f"python3.{sys.version_info[1]}-venv")
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise SetUpError(f"Python and Qt need these, and they are missing here: {', '.join(missing)}")
    install_debian(packages, "Python and Qt need system packages")


def loads(library: str) -> bool:
    """Tell whether the dynamic linker finds a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def may_install() -> bool:
    """Tell whether Debian's packages can be installed from here."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and bool(shutil.which("apt-get"))


def install_debian(packages: list[str], why: str) -> None:
    """Install Debian packages when root, else say what to type.

    Raises:
        SetUpError: not root, no apt-get, or apt-get failed.
    """
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if not may_install():
        raise SetUpError(f"{why}. Type this, then start again:\n\n    sudo {' '.join(command)}\n")
    print(f"{why}: installing {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for call in (["apt-get", "update"], command):
        ran = subprocess.run(
            call, env=environment, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        if ran.returncode:
            tail = "\n".join(ran.stdout.splitlines()[-10:])
            raise SetUpError(f"{' '.join(call)} failed:\n{tail}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
