"""Stick and network, the desk's store and the platform's database: mixed in any order, one effect."""

from __future__ import annotations

import json
import random
import re
import resource
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from click.testing import CliRunner
from fastapi import FastAPI
from sqlalchemy import Executable, update

from client.core.packages import Packed, TakenIn
from client.errors import ClientError
from client.store import attachments, batches, cases, drafts, link, outbox, versions
from client.sync import courier
from client.sync.wire import Reply, Request, batch_body
from client.ui import messages
from forms.seal.package import PackageError
from regional_platform import courier as platform_courier
from regional_platform.app import application
from regional_platform.auth.grants import give
from regional_platform.cli import main as platform_cli
from regional_platform.courier_cli import SENTENCES
from regional_platform.inside import Inside
from regional_platform.pipeline.worker import settle
from regional_platform.platform import open_platform
from regional_platform.problems import Refusal
from regional_platform.settings import Settings, database_url, find_resources
from regional_platform.store.tables import device, operator, operator_key, role_grant
from regional_platform.times import iso, utc_now
from tests.client.cli.conftest import run_minxin
from tests.client.sync.branch import PASSPHRASE, Branch, Hall, Ledger, check_agreement
from tests.conftest import SeededFile
from tests.databases import postgres

__all__ = ["postgres"]  # a fixture

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


@pytest.fixture
def new_region(seeded_file: SeededFile, tmp_path: Path) -> Iterator[Region]:
    """A platform of its own for one test."""
    (tmp_path / "region").mkdir()
    with seeded_file.copied(tmp_path / "region") as database:
        made = Region(str(database), seeded_file.seed, tmp_path / "region")
        yield made
        made.close()


def open_office(region: Region, name: str = "desk", **how: Any) -> Office:
    """An office whose people signed in once, where there was a line."""
    made = region.office(name, **how)
    for role in ("reviewer", "reporter"):
        made.sign_in(role)
    return made


@pytest.fixture(scope="module")
def region(seeded_file: SeededFile, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """A platform for all tests that do not mind what the others left."""
    folder = tmp_path_factory.mktemp("region")
    with seeded_file.copied(folder) as database:
        made = Region(str(database), seeded_file.seed, folder)
        yield made
        made.close()


@pytest.fixture(scope="module")
def the_office(region: Region) -> Iterator[Office]:
    made = open_office(region)
    yield made
    made.stand_up()


@pytest.fixture
def office(region: Region, the_office: Office) -> Office:
    """The office, its reporter at work, with nothing that waits."""
    the_office.sit_down("reporter")
    for _ in range(2):
        assert the_office.sync().problem is None
        settle(region.app.state.platform, UNIT)
    return the_office


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


def test_what_is_due_goes_out_and_comes_home_stored(new_region: Region, tmp_path: Path):
    region, office = new_region, open_office(new_region)
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
    office.stand_up()


def test_the_same_on_postgresql(postgres, tmp_path: Path):
    with postgres.seeded.copied(tmp_path) as database:
        region = Region(database, postgres.seeded.seed, tmp_path)
        office = open_office(region)
        office.approved(5)
        out(office, tmp_path / "up.mxp")
        region.take_in(tmp_path / "up.mxp", tmp_path / "down.mxp")
        again = region.take_in(tmp_path / "up.mxp", tmp_path / "down2.mxp")
        read(office, tmp_path / "down2.mxp")
        read(office, tmp_path / "down.mxp")

        assert (again.replayed, again.counts["accepted"]) == (True, 5)
        assert set(office.states().values()) == {"stored"}
        assert office.sync().problem is None
        office.stand_up()
        region.close()


# --- any order


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


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(["make 3", "out", "net", "at 1", "in 1"], id="the network is quicker than the stick"),
        pytest.param(["make 3", "out", "at 1", "net", "in 1"], id="the network brings the answer first"),
        pytest.param(["make 3", "out", "at 1", "at 1", "in 2", "in 1", "in 2"], id="everything twice"),
        pytest.param(
            ["make 3", "out", "make 2", "out", "at 2", "at 1", "in 2", "in 1"], id="the second arrives first"
        ),
        pytest.param(
            ["make 2", "net", "make 3", "out", "make 1", "net", "out", "at 2", "in 1", "at 1", "in 2", "net"],
            id="both roads by turns",
        ),
        pytest.param(["make 3", "out", "out", "at 2", "in 1", "make 2", "net"], id="the first is lost"),
        pytest.param(["make 3", "out", "at 1", "make 1", "net", "net"], id="the answer never comes home"),
    ],
)
def test_in_any_order_there_is_one_effect(region: Region, office: Office, tmp_path: Path, steps: list[str]):
    walk = Walk(region, office, tmp_path)

    for word in [*steps, "net", "net"]:
        walk.step(word)

    assert set(office.states().values()) <= {"stored", "corrected", "withdrawn"}
    assert set(office.outbox()) == {"done"}
    check_agreement(office, ledger(region))


def test_a_batch_that_was_split_on_the_line_is_answered_by_stick_all_the_same(
    region: Region, office: Office, tmp_path: Path
):
    office.approved(4)
    out(office, tmp_path / "up.mxp")
    (opened,) = batches.open_batches(office.desk.db.reader())
    batches.split(office.desk, opened.batch_id, tries=0, encode=batch_body)

    region.take_in(tmp_path / "up.mxp", tmp_path / "down.mxp")
    brought = read(office, tmp_path / "down.mxp")

    assert brought.applied.accepted == 4
    assert set(office.outbox()) == {"done"}
    assert office.sync().problem is None
    check_agreement(office, ledger(region))


def test_a_correction_its_evidence_and_a_withdrawal_travel_too(
    region: Region, office: Office, tmp_path: Path
):
    wrong, gone = office.approved(2)
    walk = Walk(region, office, tmp_path)
    walk.net("")
    walk.net("")
    paper = tmp_path / "撤销决定书.pdf"
    paper.write_bytes(b"%PDF-1.4 " + random.Random(1).randbytes(2_300_000))
    evidence = attachments.add(office.desk, paper)
    values = versions.last_values(office.desk.db.reader(), wrong).values
    drafts.begin_change(office.desk, wrong, "correct")
    drafts.save(office.desk, wrong, values | {"CF_NR_FK": "0.2"}, ())
    drafts.set_reason(office.desk, wrong, drafts.Reason("wrong_entry", "小数点错位"), ())
    drafts.begin_change(office.desk, gone, "withdraw")
    drafts.set_reason(office.desk, gone, drafts.Reason("decision_revoked", "决定已撤销"), (evidence,))
    office.approve_drafts([wrong, gone])

    packed = out(office, tmp_path / "up.mxp", part_bytes=1_000_000)
    region.take_in(tmp_path / "up.001.mxp", tmp_path / "down.mxp", part_bytes=1_500)
    brought = read(office, tmp_path / "down.001.mxp")

    assert (packed.load.attachments, len(packed.files)) == (1, 3)
    assert (brought.attachments, brought.applied.accepted) == (1, 2)
    states = office.states()
    assert (states[wrong], states[gone]) == ("corrected", "withdrawn")
    assert outbox.attachments_to_put(office.desk.db.reader()) == []
    check_agreement(office, ledger(region))


def test_an_objection_comes_with_its_evidence_and_can_be_read_without_a_line(
    region: Region, office: Office, tmp_path: Path
):
    paper = b"%PDF-1.4 proof of payment"
    hall = region.office("hall", unit="350200-00", people=("hall",))
    hall.sign_in("hall")
    (record_id,) = office.approved(1)
    walk = Walk(region, office, tmp_path)
    walk.net("")
    dispute = {"field": "CF_NR_FK", "old": "0.1", "claimed": "0.01"}
    case_id = Hall(hall).object_to(record_id, dispute, paper=paper)

    walk.out("")
    walk.at("1")
    brought = read(office, tmp_path / "down1.mxp")

    assert brought.evidence == 1
    case = cases.get(office.desk.db.reader(), case_id)
    assert attachments.read(office.desk, case.records[0].evidence[0].attachment.sha256) == paper
    hall.stand_up()


# --- what is wrong with one


@pytest.fixture
def on_the_way(region: Region, office: Office, tmp_path: Path) -> Path:
    """A package with three records, made and not yet taken in."""
    office.approved(3)
    out(office, tmp_path / "up.mxp")
    return tmp_path / "up.mxp"


def content_of(region: Region) -> list[str]:
    """All that the platform's database holds, but for sessions that were opened and ended."""
    with closing(sqlite3.connect(region.database)) as at:
        return [line for line in at.iterdump() if '"session"' not in line]


def refused(act: Callable[[], object]) -> str:
    with pytest.raises((PackageError, Refusal, ClientError)) as error:
        act()
    return error.value.code


def damaged(path: Path) -> Iterator[bytes]:
    """Some ways to spoil a file: cut off, a bit turned, pieces exchanged, something behind it."""
    whole, chance = path.read_bytes(), random.Random(5)
    yield whole[:-1]
    yield whole[: len(whole) // 2]
    yield whole + b"\0"
    for _ in range(12):
        spoilt = bytearray(whole)
        spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
        yield bytes(spoilt)
    middle = len(whole) - 400
    one, other, rest = whole[middle : middle + 100], whole[middle + 100 : middle + 200], whole[middle + 200 :]
    yield whole[:middle] + other + one + rest


def test_a_damaged_package_has_no_effect_on_the_platform(region: Region, on_the_way: Path, tmp_path: Path):
    before = content_of(region)

    codes = set()
    for spoilt in damaged(on_the_way):
        (tmp_path / "bad.mxp").write_bytes(spoilt)
        codes.add(refused(lambda: region.take_in(tmp_path / "bad.mxp", tmp_path / "down.mxp")))

    assert codes <= {"package_truncated", "package_damaged", "package_forged", "package_part_missing",
                     "not_a_package", "package_for_another", "package_unknown_format",
                     "device-unknown"}  # fmt: skip
    assert content_of(region) == before
    assert not (tmp_path / "down.mxp").exists()
    assert region.take_in(on_the_way, tmp_path / "down.mxp").counts["accepted"] == 3


def test_a_damaged_answer_changes_nothing_at_the_desk(
    region: Region, office: Office, on_the_way: Path, tmp_path: Path
):
    region.take_in(on_the_way, tmp_path / "down.mxp")
    before = (office.outbox(), office.receipts(), link.link(office.desk.db.reader()))

    for spoilt in damaged(tmp_path / "down.mxp"):
        (tmp_path / "bad.mxp").write_bytes(spoilt)
        refused(lambda: read(office, tmp_path / "bad.mxp"))
        assert (office.outbox(), office.receipts(), link.link(office.desk.db.reader())) == before

    assert read(office, tmp_path / "down.mxp").applied.accepted == 3


def test_an_answer_is_for_the_desk_that_asked(region: Region, on_the_way: Path, tmp_path: Path):
    region.take_in(on_the_way, tmp_path / "down.mxp")
    other = region.office("other", code=region.unit(UNIT)["spare_enrolment_codes"][0])

    assert refused(lambda: read(other, tmp_path / "down.mxp")) == "package_for_another"
    assert refused(lambda: read(other, on_the_way)) == "package_wrong_way"
    other.stand_up()


def test_the_platform_does_not_take_its_own_answer_nor_what_is_too_old(
    region: Region, on_the_way: Path, tmp_path: Path
):
    region.take_in(on_the_way, tmp_path / "down.mxp")
    platform = region.app.state.platform

    assert refused(lambda: region.take_in(tmp_path / "down.mxp", tmp_path / "x.mxp")) == "package_wrong_way"
    platform.clock = lambda: utc_now() + timedelta(days=61)
    try:
        assert refused(lambda: region.take_in(on_the_way, tmp_path / "x.mxp")) == "package_expired"
    finally:
        platform.clock = utc_now


def test_who_is_locked_or_unknown_and_a_desk_that_is_revoked_bring_nothing_in(
    region: Region, office: Office, on_the_way: Path, tmp_path: Path
):
    person, device_id = office.person("reporter")["operator_id"], office.desk.device.device_id
    before = content_of(region)

    def after(change: Executable, back: Executable) -> str:
        store = region.app.state.platform.store
        store.write(lambda connection: connection.execute(change))
        try:
            return refused(lambda: region.take_in(on_the_way, tmp_path / "x.mxp"))
        finally:
            store.write(lambda connection: connection.execute(back))

    mine, this = operator.c.operator_id == person, device.c.device_id == device_id
    keys = operator_key.c.operator_id == person
    assert after(
        update(operator).where(mine).values(locked_at="2026-11-24T00:00:00.000Z"),
        update(operator).where(mine).values(locked_at=None),
    ) == "operator-locked"  # fmt: skip
    assert after(
        update(device).where(this).values(revoked_at="2026-11-24T00:00:00.000Z"),
        update(device).where(this).values(revoked_at=None),
    ) == "device-revoked"  # fmt: skip
    other, mine_now = office.person("reviewer")["operator_id"], office.desk.key.public
    assert after(
        update(operator_key).where(keys).values(operator_id=other),
        update(operator_key).where(operator_key.c.public_key == mine_now).values(operator_id=person),
    ) == "signature-invalid"  # fmt: skip
    assert content_of(region) == before
    roles = [(role, UNIT) for role in office.person("reporter")["roles"]]
    ended = update(role_grant).where(role_grant.c.operator_id == person)
    region.app.state.platform.store.write(
        lambda connection: connection.execute(ended.values(ended_at="2026-11-24T00:00:00.000Z"))
    )
    assert refused(lambda: region.take_in(on_the_way, tmp_path / "x.mxp")) == "not-authorised"
    region.app.state.platform.store.write(
        lambda connection: give(connection, person, roles, None, iso(utc_now()))
    )


# --- numbers, cuts, sticks


def test_a_package_that_never_came_is_named_and_stops_nothing(new_region: Region, tmp_path: Path):
    region, office = new_region, open_office(new_region)
    for number in (1, 2, 3):
        office.approved(1)
        out(office, tmp_path / f"up{number}.mxp")

    third = region.take_in(tmp_path / "up3.mxp", tmp_path / "down3.mxp")
    first = region.take_in(tmp_path / "up1.mxp", tmp_path / "down1.mxp")
    again = region.take_in(tmp_path / "up3.mxp", tmp_path / "down4.mxp")
    late = read(office, tmp_path / "down4.mxp")

    assert (third.missing, first.missing, again.missing, again.replayed) == ((1, 2), (), (2,), True)
    assert third.counts["accepted"] == 3  # what waited goes along in each
    assert (late.missing, late.ack_seq) == ((1, 2), 3)
    check_agreement(office, ledger(region))
    office.stand_up()


def test_a_program_killed_at_any_moment_of_writing_loses_nothing(
    region: Region, office: Office, tmp_path: Path
):
    office.approved(2)
    (office.folder / "courier").mkdir(exist_ok=True)
    (office.folder / "courier" / "half").write_bytes(b"of one that was killed before")
    (tmp_path / ".up.mxp.writing").write_bytes(b"the same, on the stick")
    tried = 0
    while True:
        steps = iter(range(tried))

        def die(_step: courier.Progress, steps: Iterator[int] = steps) -> None:
            if next(steps, None) is None:
                raise KeyboardInterrupt

        try:
            out(office, tmp_path / "up.mxp", progress=die)
        except KeyboardInterrupt:
            assert not (tmp_path / "up.mxp").exists()
            tried += 1
            continue
        break

    assert tried > 4
    taken = region.take_in(tmp_path / "up.mxp", tmp_path / "down.mxp")
    read(office, tmp_path / "down.mxp")
    assert taken.counts["accepted"] == 2
    assert len(list((office.folder / "courier").iterdir())) == 1
    assert not list(tmp_path.glob(".*"))
    check_agreement(office, ledger(region))


def test_a_stick_that_is_full_is_named_and_another_takes_the_same_package(
    region: Region, office: Office, tmp_path: Path
):
    office.approved(1)
    (small := tmp_path / "small").mkdir()
    (tmp_path / "large").mkdir()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    out(office, tmp_path / "up.mxp")
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        code = refused(lambda: again(office, small / "up.mxp"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    again(office, tmp_path / "large" / "up.mxp")

    assert (code, list(small.iterdir())) == ("stick_full", [])
    assert region.take_in(tmp_path / "large" / "up.mxp", tmp_path / "down.mxp").counts["accepted"] == 1


def test_stopping_and_lacking_the_platforms_key_say_so(region: Region, office: Office, tmp_path: Path):
    office.approved(1)

    assert refused(lambda: out(office, tmp_path / "up.mxp", cancelled=lambda: True)) == "stopped"
    for left in (office.folder / "courier").glob("*"):
        left.unlink()
    assert refused(lambda: again(office, tmp_path / "up.mxp")) == "package_gone"
    key = office.desk.device.package_key
    office.desk.device = replace(office.desk.device, package_key=None)
    assert refused(lambda: out(office, tmp_path / "up.mxp")) == "package_key_missing"
    assert office.sync().problem is None  # the greeting says it
    assert office.desk.device.package_key == key == region.app.state.platform.identity.package_key.public


# --- the platform contradicts, refuses, starts anew


def test_what_the_platform_refuses_is_blocked_by_name_and_flows_once_it_is_taken(
    new_region: Region, tmp_path: Path
):
    region, office = new_region, new_region.office()
    office.sign_in("reporter")
    office.approved(1)  # the reviewer has never signed in

    out(office, tmp_path / "up.mxp")
    taken = region.take_in(tmp_path / "up.mxp", tmp_path / "down.mxp")
    brought = read(office, tmp_path / "down.mxp")

    assert (taken.counts["refused"], taken.counts["held"]) == (1, 1)
    assert [(one.what, one.code) for one in brought.refused] == [("approval", "checker_key_unknown")]
    office.sign_in("reviewer")
    assert office.sync().problem is None
    office.stand_up()


def test_what_a_restored_platform_has_lost_comes_again_by_stick(new_region: Region, tmp_path: Path):
    region, office = new_region, open_office(new_region)
    walk = Walk(region, office, tmp_path)
    for word in ("make 2", "out", "at 1", "in 1"):
        walk.step(word)
    backup = region.backup()
    for word in ("make 1", "out", "at 2", "in 2", "out", "at 3"):
        walk.step(word)
    assert len(ledger(region).versions) == 3
    region.restore(backup, "another-epoch")
    assert len(ledger(region).versions) == 2

    walk.step("out")
    walk.step("at 4")
    told = read(office, tmp_path / "down4.mxp")
    walk.step("out")
    walk.step("at 5")
    asked = read(office, tmp_path / "down5.mxp")
    walk.step("out")
    walk.step("at 6")
    brought = read(office, tmp_path / "down6.mxp")
    older = read(office, tmp_path / "down3.mxp")

    assert (told.epoch_changed, told.outdated) == (True, False)
    assert (asked.resent, brought.applied.accepted) == (1, 1)
    assert (older.epoch_changed, older.outdated) == (False, True)
    now = link.link(office.desk.db.reader())
    assert (now.epoch, now.cursor) == ("another-epoch", ledger(region).feed_head)
    assert sorted(ledger(region).versions) == sorted(
        one for one, _stage in office.receipts() if _stage == "checked"
    )
    assert (set(office.outbox()), link.asked_up_to(office.desk.db.reader())) == ({"done"}, None)
    office.stand_up()


# --- at the command line


def in_words(office: Office, *arguments: str) -> str:
    done = run_minxin(
        "courier", *arguments, "--profile", str(office.folder),
        "--operator", office.person("reporter")["name"], secrets={"--passphrase-fd": PASSPHRASE},
    )  # fmt: skip
    assert done.code == 0, done.err
    return done.out


def minxin(office: Office, *arguments: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(in_words(office, *arguments, "--json"))
    return said


def text_of(path: Path) -> str:
    with closing(pypdfium2.PdfDocument(path)) as document:
        return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)


def test_both_commands_from_end_to_end(region: Region, office: Office, tmp_path: Path):
    office.approved(2)
    office.stand_up()

    went = minxin(office, "out", str(tmp_path / "up.mxp"), "--slip", str(tmp_path / "slip.pdf"))
    ran = CliRunner().invoke(
        platform_cli, ["courier", "in", "--database", region.database, "--json", "--reply",
                       str(tmp_path / "down.mxp"), str(tmp_path / "up.mxp")],
    )  # fmt: skip
    came = json.loads(ran.stdout)
    home = minxin(office, "in", str(tmp_path / "down.mxp"))

    assert (went["load"]["versions"], went["files"]) == (2, ["up.mxp"])
    assert (came["code"], came["accepted"], came["unit"]) == (went["code"], 2, UNIT)
    assert (home["accepted"], home["ack_of"], home["refused"]) == (2, went["package_id"], [])
    assert went["code"] in in_words(office, "out", str(tmp_path / "twice.mxp"), "--again")
    assert (tmp_path / "twice.mxp").read_bytes() == (tmp_path / "up.mxp").read_bytes()
    assert "已接收 2，" in in_words(office, "in", str(tmp_path / "down.mxp"))
    slip = text_of(tmp_path / "slip.pdf")
    for text in (went["code"], went["package_id"], "送出人", "平台接收人", "记录"):
        assert text in slip


def test_a_refusal_at_the_command_line_is_a_sentence(region: Region, tmp_path: Path):
    (tmp_path / "x.mxp").write_bytes(b"nothing of the kind")
    command = ["courier", "in", "--database", region.database, "--reply", str(tmp_path / "y.mxp")]

    ran = CliRunner().invoke(platform_cli, [*command, str(tmp_path / "x.mxp")])

    assert (ran.exit_code, ran.output) == (2, "这不是交换包。请选 .mxp 文件。\n")


def test_every_refusal_of_a_package_has_its_sentence_on_both_sides():
    text = "".join(path.read_text(encoding="utf-8") for path in (TREE / "forms" / "seal").glob("package*.py"))
    codes = set(re.findall(r'PackageError\(\s*"(\w+)"', text)) | {"stick_full", "stick_unwritable"}

    assert codes - {"package_wrong_way"} <= SENTENCES.keys() == codes | {"package_wrong_way"}
    assert codes - {"package_expired"} <= messages.SENTENCES.keys()  # a desk reads an answer, however old
