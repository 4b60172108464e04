"""A desk made by the command line itself, and a way to call verbs as a script does."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from client.cli import main
from tests.client.sync.branch import PASSPHRASE
from tests.conftest import SeededFile
from tests.serving import Served, serving

Run = Callable[..., "Done"]


@dataclass(frozen=True, slots=True)
class Done:
    """What a verb did: its exit code and its streams."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> Any:
        return json.loads(self.out)


def run_minxin(*arguments: str, secrets: Mapping[str, str] | None = None, stdin: str = "") -> Done:
    """Run one verb as `minxin` does; `secrets` are handed over on descriptors: option → text."""
    command, ends = list(arguments), []
    for option, text in (secrets or {}).items():
        end, write = os.pipe()
        with os.fdopen(write, "w") as stream:
            stream.write(text + "\n")
        command += [option, str(end)]
        ends.append(end)
    out, err, before = io.StringIO(), io.StringIO(), sys.stdin
    sys.stdin = io.StringIO(stdin)
    try:
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as left:
            main(command)
    finally:
        sys.stdin = before
        for end in ends:
            os.close(end)
    return Done(left.value.code, out.getvalue(), err.getvalue())


@pytest.fixture
def minxin() -> Run:
    return run_minxin


def caller(profile: Path, people: Mapping[str, Any], role: str) -> Callable[..., Done]:
    """Bind verbs to a profile, and to who sits there unless another is named."""

    def call(*arguments: str, who: str = role, **more: Any) -> Done:
        secrets = {"--passphrase-fd": PASSPHRASE, **more.pop("secrets", {})}
        named = ("--profile", str(profile), "--operator", people[who]["operator_id"])
        return run_minxin(*arguments, *named, secrets=secrets, **more)

    call.people = people  # type: ignore[attr-defined]  # a test reads who there is
    call.profile = profile  # type: ignore[attr-defined]
    return call


@pytest.fixture
def desk_of(platform, tmp_path) -> Callable[..., Any]:
    """Enrol a desk of a unit with the command line; returns a caller bound to profile and person."""

    def enrol(unit: str = "350200-01", role: str = "reporter") -> Callable[..., Done]:
        place = platform.unit(unit)
        profile = tmp_path / unit
        people = {one["roles"][0]: one for one in place["operators"]}
        made = run_minxin(
            "enrol", "--platform", platform.url, "--code", place["enrolment_code"],
            "--name", "窗口", "--no-keyring", "--json",
            "--profile", str(profile), "--operator", people[role]["operator_id"],
            secrets={"--passphrase-fd": PASSPHRASE},
        )  # fmt: skip
        assert made.code == 0, made.err

        return caller(profile, people, role)

    return enrol


@pytest.fixture
def platform(seeded_platform: SeededFile, tmp_path: Path) -> Iterator[Served]:
    """A running platform with the demo's units, in this process: nothing here kills it."""
    with serving(tmp_path / "platform", seeded_platform) as served:
        yield served
