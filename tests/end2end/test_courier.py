"""Stick and network, the desk's store and the platform's database: mixed in any order, one effect."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from client.core.packages import Packed, TakenIn
from client.store import outbox
from client.sync import courier
from client.sync.wire import Reply, Request
from regional_platform import courier as platform_courier
from regional_platform.app import application
from regional_platform.inside import Inside
from regional_platform.platform import open_platform
from regional_platform.settings import Settings, database_url, find_resources
from regional_platform.times import utc_now
from tests.client.sync.branch import Branch, Ledger, check_agreement

UNIT = "350200-01"
APPS: list[FastAPI] = []
"""Building the routes costs as much as a test."""


class Line:
    """The network, within the process."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self.asked: list[str] = []

    def exchange(self, request: Request) -> Reply:
        self.asked.append(f"{request.method} {request.path.partition('?')[0]}")
        path, _, query = request.path.partition("?")
        with Inside(self._app, "") as inside:
            answer = inside.ask(request.method, path, query=query, headers=request.headers, body=request.body)
        return Reply(answer.status, answer.headers, answer.body)


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
        self.app.state.platform = open_platform(
            Settings(database_url(database), find_resources(), person_cost=4), utc_now
        )
        self.line = Line(self.app)

    def office(self, name: str = "desk", code: str | None = None) -> Office:
        unit = next(one for one in self.seed["units"] if one["code"] == UNIT)
        made = Office(self.folder / name, "http://127.0.0.1:9", unit, self.seed["subjects"])
        made.line = self.line
        made.enrol("reporter", "reviewer", code=code)
        return made

    def take_in(self, file: Path, reply: Path, **how) -> platform_courier.TakenIn:
        return platform_courier.take_in(self.app, file, reply, **how)

    def close(self) -> None:
        self.app.state.platform.shelf.close()
        self.app.state.platform.store.close()
        APPS.append(self.app)


@pytest.fixture
def region(seeded_platform, tmp_path: Path) -> Iterator[Region]:
    with seeded_platform.copied(tmp_path) as database:
        made = Region(str(database), seeded_platform.seed, tmp_path)
        yield made
        made.close()


@pytest.fixture
def office(region: Region) -> Iterator[Office]:
    """An office whose people signed in once, where there is a line, and that has none since."""
    made = region.office()
    for role in ("reviewer", "reporter"):
        made.sign_in(role)
    yield made
    made.stand_up()


def quiet(_step: object) -> None:
    """Nobody watches."""


def go_on() -> bool:
    return False


def out(office: Branch, path: Path, **how) -> Packed:
    return courier.out(office.desk, path, **{"progress": quiet, "cancelled": go_on} | how)


def read(office: Branch, path: Path, **how) -> TakenIn:
    said = {"progress": quiet, "cancelled": go_on, "entropy": random.Random(1).random}
    return courier.take_in(office.desk, path, **said | how)


def ledger(region: Region) -> Ledger:
    return Ledger.of(Path(region.database), UNIT)


def test_what_is_due_goes_out_and_comes_home_stored(region: Region, office: Office, tmp_path: Path):
    office.approved(5)

    packed = out(office, tmp_path / "up.mxp")
    assert set(office.outbox()) == {"unknown"}
    taken = region.take_in(tmp_path / "up.mxp", tmp_path / "down.mxp")
    brought = read(office, tmp_path / "down.mxp")

    assert (packed.load.approvals, packed.load.batches, packed.load.versions) == (1, 1, 5)
    assert (taken.counts["accepted"], taken.missing, taken.replayed) == (5, (), False)
    assert (brought.applied.accepted, brought.approvals, brought.ack_seq) == (5, 1, 1)
    assert set(office.states().values()) == {"stored"}
    assert outbox.approvals_to_put(office.desk.db.reader()) == []
    check_agreement(office, ledger(region))
    region.line.asked.clear()
    assert office.sync().sent == 0
    assert not [one for one in region.line.asked if one.startswith(("POST", "PUT"))]
