"""The loop: paused it stays so, another way out brings the next try, and a loop that died is begun anew."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from client.errors import LinkError
from client.store import drafts, link, review
from client.store.desk import Desk
from client.sync.network import way_out
from client.sync.wire import Reply, Request
from client.ui.session import Session
from client.ui.sync.loop import BACK_ONLINE_MS, DEAD_S, SyncLoop
from client.ui.tasks import Tasks
from tests.client.ui.house import House, a_penalty


class Gone:
    """A line on which nobody answers; counts how often it was tried."""

    def __init__(self) -> None:
        self.tries = 0

    def exchange(self, _request: Request) -> Reply:
        self.tries += 1
        raise LinkError("no_connection")

    def close(self) -> None:
        """Nothing is held."""


class Here:
    """This PC, as far as the loop asks: its way out and its seconds."""

    def __init__(self) -> None:
        self.way: tuple[str, ...] = ("10.0.0.7",)
        self.seconds = 1_000.0


class Walker:
    """A loop over a real desk with two records that wait, and a line that is gone."""

    def __init__(self, desk: Desk, qtbot: QtBot) -> None:
        self.desk, self.line, self.here, self._qtbot = desk, Gone(), Here(), qtbot
        self.tasks = Tasks()
        self.session = Session(desk, self.tasks)
        self.loop = self.session.line = SyncLoop(
            self.session,
            lambda _desk: self.line,  # type: ignore[arg-type,return-value]
            way_out=lambda: self.here.way,
            monotonic=lambda: self.here.seconds,
        )

    def settle(self) -> None:
        self._qtbot.waitUntil(self.tasks.is_idle, timeout=10_000)

    def sync(self) -> None:
        self.loop.sync_now()
        self.settle()

    def waits_ms(self) -> int:
        return self.loop._timer.remainingTime() if self.loop._timer.isActive() else -1


@pytest.fixture
def walker(profile: House, qtbot: QtBot) -> Iterator[Walker]:
    desk = profile.desk_of("许可")
    ids = drafts.create_many(desk, "XZCF_FR", [drafts.NewDraft(a_penalty(n)) for n in (1, 2)])
    act_id = review.submit(desk, ids, title="处罚").act_id
    assert act_id is not None
    review.approve(profile.desk_of("庄敏"), act_id)
    desk = profile.desk_of("庄敏")
    link.store_session(desk, desk.operator, token="t", expires_at="2027-01-01T00:00:00.000Z")
    made = Walker(desk, qtbot)
    made.loop.start()
    made.settle()
    yield made
    made.loop.stop()
    made.tasks.close()
    made.session.close()


def test_a_failed_try_says_why_and_comes_back_by_itself(walker: Walker):
    walker.sync()
    facts = walker.loop.facts()

    assert (facts.error, facts.queued, facts.running) == ("no_connection", 2, False)
    assert facts.next_try_at is not None
    assert walker.waits_ms() > 0


def test_paused_it_tries_nothing_and_another_window_finds_it_paused(walker: Walker, qtbot: QtBot):
    walker.loop.pause()
    walker.settle()
    walker.sync()
    walker.here.way = ("10.0.0.8",)
    walker.loop.look_around()

    assert walker.line.tries == 0
    assert walker.loop.facts().paused_at is not None
    assert walker.waits_ms() == -1

    other = Walker(walker.desk, qtbot)
    other.loop.start()
    other.settle()
    assert other.loop.facts().paused_at == walker.loop.facts().paused_at
    assert other.waits_ms() == -1
    other.loop.stop()
    other.tasks.close()
    other.session.close()


def test_resumed_it_goes_on_at_once(walker: Walker):
    walker.loop.pause()
    walker.settle()
    walker.loop.resume()
    walker.settle()

    assert walker.line.tries == 1
    assert walker.loop.facts().paused_at is None


def test_another_way_out_brings_the_next_try_within_seconds(walker: Walker):
    desk = walker.desk
    link.failed(desk, "no_connection", next_try_at=desk.clock() + timedelta(minutes=9), is_down=True)
    walker.loop._timer.stop()
    walker.loop._read()
    walker.settle()
    assert walker.waits_ms() > 60_000

    walker.here.way = ()
    walker.loop.look_around()
    assert walker.waits_ms() > 60_000  # a cable pulled out is no reason to try

    walker.here.way = ("10.0.0.8",)
    walker.loop.look_around()
    assert 0 <= walker.waits_ms() <= BACK_ONLINE_MS


def test_a_loop_that_tried_nothing_for_too_long_is_begun_anew_and_says_so(
    walker: Walker, caplog: pytest.LogCaptureFixture
):
    walker.sync()
    walker.loop._timer.stop()  # what kept it alive is gone
    tries = walker.line.tries
    walker.here.seconds += DEAD_S + 1
    with caplog.at_level(logging.ERROR):
        walker.loop.look_around()
    walker.settle()

    assert walker.line.tries == tries + 1
    assert "nothing was tried" in caplog.text


def test_what_a_person_must_see_to_is_not_tried_over_and_over(walker: Walker):
    link.failed(walker.desk, "device_revoked", next_try_at=None, is_down=False)
    walker.loop._timer.stop()
    walker.loop._read()
    walker.settle()
    walker.here.seconds += 3 * DEAD_S
    walker.loop.look_around()
    walker.settle()

    assert walker.line.tries == 0
    assert walker.waits_ms() == -1


def test_a_line_that_cannot_be_made_is_a_failure_with_its_name(profile: House, walker: Walker):
    def cannot(_desk: Desk) -> Any:
        raise LinkError("ca_file_missing")

    walker.loop._transport = cannot
    walker.sync()

    assert walker.loop.facts().error == "ca_file_missing"
    assert walker.waits_ms() > 0


def test_the_way_out_is_asked_of_this_pc_without_sending_anything():
    assert all(isinstance(address, str) and address for address in way_out())
