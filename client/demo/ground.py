"""A real platform process on loopback with invented units, for the time of the demo."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

START_S: Final = 30.0


class GroundFailed(Exception):
    """The platform did not come up; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Person:
    """One of a unit's operators, with everything that is needed to sign in.

    Attributes:
        passphrase: that unlocks the demo's desk; the demo chose it.
    """

    operator_id: str
    name: str
    role: str
    password: str
    totp_secret: str
    passphrase: str

    def totp(self, at: float) -> str:
        """Return the one-time code (动态码) of the moment `at`, seconds since 1970. Source: RFC 6238."""
        # RFC 6238 names SHA-1, and that is what authenticators do.
        code = TOTP(base64.b32decode(self.totp_secret), 6, SHA1(), 30)  # noqa: S303 - RFC 6238
        return code.generate(int(at)).decode("ascii")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit (机构) of the demo; each enrolment code is good for one desk."""

    code: str
    name: str
    city: str
    code18: str
    enrolment_codes: tuple[str, ...]
    people: tuple[Person, ...]

    def person(self, role: str) -> Person:
        """Return the person of a role."""
        return next(one for one in self.people if one.role == role)


class Ground:
    """The platform process; a context manager.

    Attributes:
        url: where it listens.
        units: by code.
        subjects: ``{"code", "name", "representative"}`` of its subject library.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._database = folder, folder / "platform.db"
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.units: dict[str, Unit] = {}
        self.subjects: Sequence[dict[str, str]] = ()

    def __enter__(self) -> Self:
        database = str(self._database)
        seed_file = self._folder / "seed.json"
        if not seed_file.exists():
            self._run("seed", "--database", database, "--demo", str(seed_file), "--password-cost", "low")
        seed = json.loads(seed_file.read_text(encoding="utf-8"))
        self.units = {unit["code"]: _unit(unit) for unit in seed["units"]}
        self.subjects = seed["subjects"]
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [*_platform(), "serve", "--database", database, "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=(self._folder / "platform.log").open("ab"),
            text=True,
        )
        self.url = self._listening(self._process.stdout)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_S)
            if self._process.stdout is not None:
                self._process.stdout.close()

    def take_in(self, package: Path, reply: Path) -> dict[str, Any]:
        """Hand a package on a stick to the platform, beside the process that serves; returns what it says."""
        said = self._run(
            "courier", "in", str(package), "--reply", str(reply), "--database", str(self._database), "--json"
        )
        taken: dict[str, Any] = json.loads(said)
        return taken

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 - our own program
            [*_platform(), *arguments], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise GroundFailed(done.stderr)
        return done.stdout

    def _listening(self, said: IO[str] | None) -> str:
        line = said.readline() if said is not None else ""
        if not line:
            raise GroundFailed((self._folder / "platform.log").read_text(encoding="utf-8", errors="replace"))
        url: str = json.loads(line)["listening"]
        return url


def _platform() -> list[str]:
    return [sys.executable, "-m", "regional_platform.cli"]


def _unit(said: dict[str, Any]) -> Unit:
    people = tuple(
        Person(
            one["operator_id"], one["name"], one["roles"][0], one["password"], one["totp_secret"],
            passphrase=f"示范口令-{one['roles'][0]}-2026",
        )
        for one in said["operators"]
    )  # fmt: skip
    codes = (said["enrolment_code"], *said["spare_enrolment_codes"])
    return Unit(said["code"], said["name"], said["city"], said["code18"], codes, people)


def seconds() -> float:
    """Return the time now, as one-time codes count it."""
    return time.time()
