"""Freeze the client, start what came out, and fail on anything that nobody explained.

    python build/bundle.py            everything goes to .out/

The frozen program is started with an empty environment, a home of its own and no display: what it needs
from this machine it would need from a clerk's.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / ".out"
NAME = "minxin"
START_LIMIT_S = 60
OPEN_S = 4

EXPLAINED = (
    # Qt's offscreen platform has no window manager to give hints to.
    re.compile(r"^This plugin does not support propagateSizeHints\(\)$"),
)
"""Lines on standard error that are known and harmless."""


class BundleError(Exception):
    """The bundle is not fit to be given to anyone; the text says why."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How one start of the frozen program went."""

    code: int
    out: str
    err: str
    seconds: float


def main() -> int:
    """Freeze, try and pack; 0 when the bundle is good."""
    try:
        began = time.monotonic()
        folder = freeze(OUT)
        seconds = time.monotonic() - began
        print(f"frozen in {seconds:.0f} s: {folder.relative_to(ROOT)}, {size_mb(folder):.0f} MB")
        for line in smoke(folder / NAME):
            print(line)
        began = time.monotonic()
        packed = pack(folder, OUT)
        mb = packed.stat().st_size / 1e6
        print(f"packed in {time.monotonic() - began:.0f} s: {packed.relative_to(ROOT)}, {mb:.0f} MB")
    except BundleError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def freeze(out: Path) -> Path:
    """Run PyInstaller; return the folder of the program.

    Raises:
        BundleError: PyInstaller failed; its last lines say why.
    """
    ran = subprocess.run(
        [
            sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
            "--distpath", out / "bundle", "--workpath", out / "freeze", ROOT / "build" / "client.spec",
        ],
        cwd=ROOT, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if ran.returncode:
        raise BundleError("PyInstaller failed:\n" + "\n".join(ran.stdout.splitlines()[-20:]))
    if lost := ours_missing((out / "freeze" / "client" / "warn-client.txt").read_text(encoding="utf-8")):
        raise BundleError("PyInstaller did not find modules of ours:\n" + "\n".join(lost))
    return out / "bundle" / NAME


def ours_missing(warnings: str) -> list[str]:
    """Return the lines of PyInstaller's warnings that miss a module of this project."""
    found = re.findall(r"^missing module named '?((?:client|forms)\b[\w.]*).*$", warnings, re.MULTILINE)
    return sorted(set(found) - {"client.demo"})


def smoke(program: Path) -> list[str]:
    """Start the program in every way that needs no desk; return a line for each.

    Raises:
        BundleError: a wrong exit code, an unexplained line, or something that is not well.
    """
    said = []
    with tempfile.TemporaryDirectory(prefix="minxin-bundle-") as home:
        checked = start(program, ["doctor", "--self-check", "--json"], Path(home))
        said.append(f"self-check in {checked.seconds:.2f} s: {', '.join(well(checked.out))}")
        again = start(program, ["doctor", "--self-check", "--json"], Path(home))
        said.append(f"self-check again in {again.seconds:.2f} s")
        counted = start(program, ["workdays", "2026-09-18", "2", "--json"], Path(home))
        if json.loads(counted.out)["date"] != "2026-09-21":
            raise BundleError(f"workdays counted wrongly: {counted.out}")
        said.append(f"command line in {counted.seconds:.2f} s")
        open_and_close(program, Path(home))
        said.append(f"window stays open for {OPEN_S} s")
    return said


def open_and_close(program: Path, home: Path) -> None:
    """Open the window on a fresh desk, see that it stays, and close it.

    Raises:
        BundleError: it went away by itself, or said something.
    """
    with (
        (home / "window.err").open("wb+") as err,
        subprocess.Popen([program], env=clean(home), cwd=home, stderr=err) as window,
    ):
        try:
            window.wait(OPEN_S)
        except subprocess.TimeoutExpired:
            stayed = True
            window.terminate()
        else:
            stayed = False
        window.wait(START_LIMIT_S)
        err.seek(0)
        strange = unexplained(err.read().decode("utf-8", "replace"))
    if strange or not stayed:
        raise BundleError(
            f"the window went away, or complained ({window.returncode}):\n" + "\n".join(strange)
        )


def clean(home: Path) -> dict[str, str]:
    """Return the least environment that a program can be started with, without a display."""
    return {"HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}


def start(program: Path, arguments: Sequence[str], home: Path) -> Ran:
    """Start the frozen program and hold it to silence on standard error.

    Raises:
        BundleError: see `smoke`.
    """
    environment = {
        "HOME": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "LANG": "C.UTF-8",
        "PATH": "/usr/bin:/bin",
    }
    began = time.monotonic()
    ran = subprocess.run(
        [program, *arguments],
        env=environment,
        cwd=home,
        check=False,
        capture_output=True,
        timeout=START_LIMIT_S,
    )
    result = Ran(
        ran.returncode,
        ran.stdout.decode("utf-8", "replace"),
        ran.stderr.decode("utf-8", "replace"),
        time.monotonic() - began,
    )
    words = " ".join(arguments)
    if strange := unexplained(result.err):
        raise BundleError(f"{NAME} {words}: unexplained on standard error:\n" + "\n".join(strange))
    if result.code:
        raise BundleError(f"{NAME} {words}: ended with {result.code}:\n{result.out}")
    return result


def unexplained(err: str) -> list[str]:
    """Return the lines that no entry of EXPLAINED accounts for."""
    lines = (line.strip() for line in err.splitlines())
    return [line for line in lines if line and not any(known.match(line) for known in EXPLAINED)]


def well(out: str) -> list[str]:
    """Return what the self-check found, as `name (detail)`.

    Raises:
        BundleError: something is bad, or what a bundle must have was not looked at.
    """
    findings = {finding["name"]: finding for finding in json.loads(out)["findings"]}
    if bad := [f"{name}: {one['detail']}" for name, one in findings.items() if one["state"] == "bad"]:
        raise BundleError("self-check:\n" + "\n".join(bad))
    needed = {"database", "keyring", "font", "catalog", "tls", "search", "spreadsheet", "paper", "qt", "form"}
    if missing := needed - set(findings):
        raise BundleError(f"self-check did not look at {', '.join(sorted(missing))}")
    return [f"{name} ({one['detail'] or one['state']})" for name, one in findings.items()]


def pack(folder: Path, out: Path) -> Path:
    """Pack the folder for carrying; quick compression, since this is made at every try."""
    target = out / f"{NAME}-{sys.platform}-{platform.machine()}.tar.xz"
    with tarfile.open(target, "w:xz", preset=1) as archive:
        archive.add(folder, arcname=NAME)
    return target


def size_mb(folder: Path) -> float:
    """Return the size of all files, links counted once."""
    return (
        sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        / 1e6
    )


if __name__ == "__main__":
    sys.exit(main())
