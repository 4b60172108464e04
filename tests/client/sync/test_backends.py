"""One suite of what desk and platform promise each other, over every way between them, on both databases.

Ways: the application asked within the process, a line that loses and repeats, HTTP over a real socket, a
package on a stick. Each way has a department of its own at the platform that the ways of a database share.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from client.errors import LinkError
from client.store import attachments, drafts, outbox, versions
from client.sync import courier
from client.sync.wire import Reply, Request, Transport
from regional_platform import courier as platform_courier
from regional_platform.inside import Inside
from tests.client.sync.branch import Branch, Ledger, Lossy, check_agreement
from tests.databases import the_server
from tests.serving import Served, serving

PATIENCE = 100


class Asgi:
    """The application, asked within this process."""

    def __init__(self, served: Served) -> None:
        self._app = served.app

    def exchange(self, request: Request) -> Reply:
        path, _, query = request.path.partition("?")
        with closing(Inside(self._app, "")) as inside:
            answer = inside.ask(request.method, path, query=query, headers=request.headers, body=request.body)
        return Reply(answer.status, answer.headers, answer.body)


class Deaf:
    """A line on which batches arrive and no answer to one comes back."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    def exchange(self, request: Request) -> Reply:
        reply = self._inner.exchange(request)
        if "/batches" in request.path:
            raise LinkError("timeout")
        return reply


class Way:
    """A department's desk, and how it reaches the platform."""

    unit: str

    def __init__(self, served: Served, folder: Path) -> None:
        self.served, self.folder, self.between = served, folder, threading.Event()
        self.branch = Branch(folder / "desk", served.url, served.unit(self.unit), served.seed["subjects"])
        self.branch.open_for_business("reporter", "reviewer")
        self.branch.line = self.line()

    def line(self) -> Callable[[], object] | None:
        return None

    def lose(self) -> None:
        """Send, and never hear of it."""
        assert self.branch.sync(Deaf(self.branch.transport())).problem is not None

    def carry(self) -> None:
        """There and back, once."""
        assert self.branch.sync().problem is None

    def settle(self) -> None:
        """There and back until the platform is done with everything."""
        for _ in range(PATIENCE):
            states = set(self.branch.states().values())
            is_over = states <= {"stored", "rejected", "withdrawn"} and self.is_at_rest()
            self.carry()
            if is_over:
                return
            self.between.wait(0.05)
        raise AssertionError(self.branch.states())

    def is_at_rest(self) -> bool:
        """The platform has nothing left to do."""
        with self.served.platform.store.reading() as connection:
            return not connection.exec_driver_sql("SELECT 1 FROM job WHERE step <> 'wait' LIMIT 1").first()

    def ledger(self) -> Ledger:
        return Ledger.of(self.served.database, self.unit)


class InProcess(Way):
    unit = "350200-01"

    def line(self):
        return lambda: Asgi(self.served)


class Faulty(Way):
    unit = "350200-02"

    def line(self):
        chance = random.Random(20261124)
        return lambda: Lossy(Asgi(self.served), chance)

    def carry(self):
        for _ in range(PATIENCE):
            if self.branch.sync().problem is None:
                return
        raise AssertionError("it never came through")


class Http(Way):
    unit = "350600-01"


class Stick(Way):
    unit = "350500-01"
    lost = False

    def lose(self) -> None:
        self._out(self.folder / "lost.mxp", courier.out)
        self._take_in(self.folder / "lost.mxp")
        self.lost = True

    def carry(self) -> None:
        file = self.folder / "up.mxp"
        self._out(file, courier.again if self.lost else courier.out)
        self.lost = False
        courier.take_in(
            self.branch.desk, self._take_in(file), progress=lambda _step: None, cancelled=lambda: False,
            entropy=lambda: 0.5,
        )  # fmt: skip

    def _out(self, file: Path, how: Callable[..., object]) -> None:
        file.unlink(missing_ok=True)
        how(self.branch.desk, file, progress=lambda _step: None, cancelled=lambda: False)

    def _take_in(self, file: Path) -> Path:
        reply = self.folder / "down.mxp"
        reply.unlink(missing_ok=True)
        platform_courier.take_in(self.served.app, file, reply)
        return reply


WAYS = [
    pytest.param("sqlite", InProcess, id="in process, SQLite"),
    pytest.param("sqlite", Faulty, id="a line that loses and repeats, SQLite"),
    pytest.param("sqlite", Http, id="HTTP, SQLite"),
    pytest.param("postgresql", Http, id="HTTP, PostgreSQL"),
    pytest.param("postgresql", Stick, id="stick, PostgreSQL"),
]


@pytest.fixture(scope="module")
def served(request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    on_a_file = request.param == "sqlite"
    seeded = request.getfixturevalue("seeded_file") if on_a_file else the_server().seeded
    with serving(tmp_path_factory.mktemp("ways") / "platform", seeded) as one:
        yield one


def values_of(way, record_id):
    return versions.last_values(way.branch.desk.db.reader(), record_id).values


def what_was_approved_is_there_once_and_both_sides_hold_the_same_receipts(way):
    ids = way.branch.approved(3)

    way.settle()

    assert {way.branch.states()[one] for one in ids} == {"stored"}
    check_agreement(way.branch, way.ledger())


def what_was_lost_on_the_way_is_asked_about_or_sent_again_and_has_one_effect(way):
    way.branch.approved(2)

    way.lose()
    assert set(way.branch.outbox()) & {"queued", "sent", "unknown"}
    way.settle()

    assert set(way.branch.outbox()) == {"done"}
    check_agreement(way.branch, way.ledger())


def again_and_again_is_the_same_as_once(way):
    way.branch.approved(1)
    way.settle()
    before = (way.branch.outbox(), way.branch.receipts(), way.ledger())

    for _ in range(2):
        way.carry()

    assert (way.branch.outbox(), way.branch.receipts(), way.ledger()) == before


def one_bad_record_is_rejected_alone_with_its_reason(way):
    good, bad = way.branch.approved(2)[0], None
    way.settle()
    (bad,) = drafts.create_many(way.branch.desk, "XZCF_FR", [drafts.NewDraft(values_of(way, good))])
    way.branch.approve_drafts([bad])
    others = way.branch.approved(1)

    way.settle()

    (version,) = versions.history(way.branch.desk.db.reader(), bad)
    assert version.problem["type"] == "urn:minxin:problem:duplicate-business-key"
    assert way.branch.states()[others[0]] == "stored"
    check_agreement(way.branch, way.ledger())


def a_withdrawal_follows_with_its_evidence(way):
    (gone,) = way.branch.approved(1)
    way.settle()
    paper = way.folder / "撤销决定书.pdf"
    paper.write_bytes(b"%PDF-1.4 " + bytes(range(256)) * 300)
    evidence = attachments.add(way.branch.desk, paper)
    drafts.begin_change(way.branch.desk, gone, "withdraw")
    drafts.set_reason(way.branch.desk, gone, drafts.Reason("decision_revoked", "决定已撤销"), (evidence,))
    way.branch.approve_drafts([gone])

    way.settle()

    assert way.branch.states()[gone] == "withdrawn"
    assert outbox.attachments_to_put(way.branch.desk.db.reader()) == []
    check_agreement(way.branch, way.ledger())


@pytest.mark.parametrize(("served", "kind"), WAYS, indirect=["served"])
def test_what_desk_and_platform_promise_each_other_holds_on_every_way(served, kind, tmp_path):
    way = kind(served, tmp_path)

    what_was_approved_is_there_once_and_both_sides_hold_the_same_receipts(way)
    what_was_lost_on_the_way_is_asked_about_or_sent_again_and_has_one_effect(way)
    again_and_again_is_the_same_as_once(way)
    one_bad_record_is_rejected_alone_with_its_reason(way)
    a_withdrawal_follows_with_its_evidence(way)

    way.branch.stand_up()
