"""A platform and an office that use stick and network, and what is done with packages; no tests."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from client.core.packages import Packed, TakenIn
from client.errors import ClientError
from client.sync import courier
from client.sync.wire import Reply, Request
from forms.seal.package import PackageError
from regional_platform import courier as platform_courier
from regional_platform.app import application
from regional_platform.inside import Inside
from regional_platform.pipeline.worker import settle
from regional_platform.platform import open_platform
from regional_platform.problems import Refusal
from regional_platform.settings import Settings, database_url, find_resources
from regional_platform.times import utc_now
from tests.client.sync.branch import Branch, Ledger

TREE = Path(__file__).parents[2]
UNIT = "350200-01"
APPS: list[FastAPI] = []
"""Building the routes costs as much as a test."""


class Line:
    """The network, within the process."""

    def __init__(self, app: FastAPI) -> None:
        self._inside, self._one = Inside(app, ""), threading.Lock()
        self.asked: list[str] = []

    def exchange(self, request: Request) -> Reply:
        self.asked.append(f"{request.method} {request.path.partition('?')[0]}")
        path, _, query = request.path.partition("?")
        with self._one:  # batches come on threads of their own
            answer = self._inside.ask(
                request.method, path, query=query, headers=request.headers, body=request.body
            )
        return Reply(answer.status, answer.headers, answer.body)

    def close(self) -> None:
        self._inside.close()


class Office(Branch):
    """A desk whose line is the application itself."""

    line: Line

    def transport(self) -> Line:  # type: ignore[override]  # no socket
        return self.line


class Region:
    """A platform that serves nobody but the desks of a test."""

    def __init__(self, database: str, seed: dict, folder: Path) -> None:
        self.database, self.seed, self.folder = database, seed, folder
        self.app = APPS.pop() if APPS else application()
        self._open()
        self.line = Line(self.app)

    def _open(self) -> None:
        self.app.state.platform = open_platform(
            Settings(database_url(self.database), find_resources(), person_cost=4), utc_now
        )

    def backup(self) -> Path:
        """Copy the database, as an administrator does every night."""
        copy = self.folder / "backup.db"
        with closing(sqlite3.connect(self.database)) as now, closing(sqlite3.connect(copy)) as kept:
            now.backup(kept)
        return copy

    def restore(self, backup: Path, epoch: str) -> None:
        """Put a backup back; all that came since is lost, and the feed is numbered anew."""
        self.app.state.platform.store.close()
        with closing(sqlite3.connect(backup)) as kept, closing(sqlite3.connect(self.database)) as now:
            kept.execute("UPDATE server SET epoch = ?", (epoch,))
            kept.commit()
            kept.backup(now)
        self._open()

    def unit(self, code: str) -> dict[str, Any]:
        return next(one for one in self.seed["units"] if one["code"] == code)

    def office(
        self,
        name: str = "desk",
        *,
        unit: str = UNIT,
        code: str | None = None,
        people: Sequence[str] = ("reporter", "reviewer"),
    ) -> Office:
        made = Office(self.folder / name, "http://127.0.0.1:9", self.unit(unit), self.seed["subjects"])
        made.line = self.line
        made.enrol(*people, code=code)
        return made

    def take_in(self, file: Path, reply: Path, **how) -> platform_courier.TakenIn:
        return platform_courier.take_in(self.app, file, reply, **how)

    def close(self) -> None:
        self.line.close()
        self.app.state.platform.shelf.close()
        self.app.state.platform.store.close()
        APPS.append(self.app)


def open_office(region: Region, name: str = "desk", **how: Any) -> Office:
    """An office whose people signed in once, where there was a line."""
    made = region.office(name, **how)
    for role in ("reviewer", "reporter"):
        made.sign_in(role)
    return made


def quiet(_step: object) -> None:
    """Nobody watches."""


def go_on() -> bool:
    return False


def out(office: Branch, path: Path, **how) -> Packed:
    return courier.out(office.desk, path, **{"progress": quiet, "cancelled": go_on} | how)


def again(office: Branch, path: Path, **how) -> Packed:
    return courier.again(office.desk, path, progress=quiet, cancelled=go_on, **how)


def read(office: Branch, path: Path, **how) -> TakenIn:
    said = {"progress": quiet, "cancelled": go_on, "entropy": random.Random(1).random}
    return courier.take_in(office.desk, path, **said | how)


def ledger(region: Region) -> Ledger:
    return Ledger.of(Path(region.database), UNIT)


def content_of(region: Region) -> list[str]:
    """All that the platform's database holds, but for sessions that were opened and ended."""
    with closing(sqlite3.connect(region.database)) as at:
        return [line for line in at.iterdump() if '"session"' not in line]


def refused(act: Callable[[], object]) -> str:
    with pytest.raises((PackageError, Refusal, ClientError)) as error:
        act()
    return error.value.code


class Walk:
    """An office that uses both roads, step by step."""

    def __init__(self, region: Region, office: Office, folder: Path) -> None:
        self.region, self.office, self.folder = region, office, folder
        self.packages = self.replies = 0

    def step(self, word: str) -> None:
        what, _, number = word.partition(" ")
        {"make": self.make, "out": self.out, "net": self.net, "at": self.at, "in": self.read}[what](number)

    def make(self, count: str) -> None:
        self.office.approved(int(count))

    def out(self, _number: str) -> None:
        self.packages += 1
        out(self.office, self.folder / f"up{self.packages}.mxp")

    def net(self, _number: str) -> None:
        outcome = self.office.sync()
        assert outcome.problem is None, outcome.problem
        settle(self.region.app.state.platform, UNIT)

    def at(self, number: str) -> None:
        self.replies += 1
        self.region.take_in(self.folder / f"up{number}.mxp", self.folder / f"down{self.replies}.mxp")

    def read(self, number: str) -> None:
        read(self.office, self.folder / f"down{number}.mxp")
