"""Hypothesis looks for a road that breaks an invariant, and makes it as short as it can."""

from __future__ import annotations

import logging
import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.faults.line import WEATHER
from tests.faults.simulator import ACTS, Simulation

EXAMPLES = int(os.environ.get("MINXIN_EXAMPLES", "6"))

DESKS = st.sampled_from([0, 1])
FATES = st.lists(st.sampled_from(["fine", *WEATHER]), max_size=6)
DEEDS = st.sampled_from(sorted(set(ACTS) - {"sync", "kill"}))
POINTS = st.none() | st.integers(0, 30)


class Road(RuleBasedStateMachine):
    """Two desks of one unit and the platform, over a line that Hypothesis writes."""

    def __init__(self) -> None:
        super().__init__()
        self.world: Simulation | None = None

    @initialize()
    def begin(self) -> None:
        logging.disable(logging.CRITICAL)
        self.world = Simulation(1)
        self.world.sky.bad = self.world.deadly = 0.0

    @precondition(lambda self: self.world)
    @rule(desk=DESKS, deed=DEEDS)
    def somebody_does(self, desk: int, deed: str) -> None:
        self.world.do(self.world.branches[desk], deed)

    @precondition(lambda self: self.world)
    @rule(desk=DESKS, fates=FATES, dies_at=POINTS)
    def a_desk_syncs(self, desk: int, fates: list[str], dies_at: int | None) -> None:
        branch = self.world.branches[desk]
        self.world.sky.script[:] = fates
        if dies_at is not None:
            branch.fuse.light(dies_at)
        self.world.do(branch, "sync")
        branch.fuse.out()
        self.world.sky.script.clear()

    @precondition(lambda self: self.world)
    @rule(seconds=st.sampled_from([1, 300, 1_000, 50_000]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.go(seconds)
        self.world.region.work()

    @precondition(lambda self: self.world)
    @rule()
    def a_late_request_arrives(self) -> None:
        self.world.sky.deliver_late()

    def teardown(self) -> None:
        if self.world is None:
            return
        try:
            found = self.world.check(calm=False)
            self.world.calm_down()
            found += self.world.check(calm=True)
        finally:
            self.world.close()
            logging.disable(logging.NOTSET)
        assert not found, found[0]


Road.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=12,
    deadline=None,
    derandomize="MINXIN_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TestNoRoadBreaksAnInvariant = Road.TestCase
