"""One seed: three desks and the platform, all real, over a line that does everything wrong, then a calm.

The same seed gives the same history. Faults stop after some steps; from then on nobody helps but by signing
in, and after three cycles everything must be at its end. Then new work comes, and the same must hold again.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import uuid
from datetime import timedelta
from typing import Final

from client.core.times import to_text
from client.errors import LinkError, NotAllowed, PlatformRefusal
from client.store.desk import Catalogs
from client.sync import signin
from regional_platform.auth import enrolment, renewal
from tests.faults.checker import DECISIONS_SET_ASIDE, Side, Violation, violations
from tests.faults.deeds import Deeds
from tests.faults.fuse import Killed
from tests.faults.history import History
from tests.faults.line import WEATHER, Line, Sky
from tests.faults.mishaps import Mishaps
from tests.faults.people import Branch, Person, Stopwatch
from tests.faults.scene import START, the_scene
from tests.faults.store import SMALL_PAGES, swapped
from tests.faults.world import ACTS, DEATHS, SENT_AT_ONCE, Outcome, World

STEPS: Final = 12
CALM_CYCLES: Final = 3
LINE_STEPS_S: Final = (0.01, 0.2, 10.0)
"""Between two looks at the line: the first is fast, with the others every byte counts."""

SIGN_IN: Final = frozenset({"token_expired", "sign_in_needed"})


class Simulation(Deeds, Mishaps):
    """The world of one seed."""

    def __init__(self, seed: int, world: World | None = None, *, pages: str = SMALL_PAGES) -> None:
        world = world or World()
        self.seed, self.acts = seed, {**ACTS, **world.acts}
        self.scene = the_scene(pages)
        self.rng = random.Random(seed)
        self.history = History()
        self.clock, self.region = self.scene.clock, self.scene.region
        self.clock.now = START + timedelta(hours=1)
        self.region.put(self.scene.template)
        self.sky = Sky(self.rng, self.region, self.history, bad=self.rng.choice((0.2, 0.5, 0.8)))
        self.sky.fates = {**WEATHER, **world.fates}
        self.deaths = world.deaths or DEATHS
        self.deadly = world.deadly if world.deadly is not None else self.rng.choice((0.0, 0.3, 0.6))
        self.folder = self.scene.folder / f"seed-{seed}"
        timer = Stopwatch(random.Random(f"line {seed}"), LINE_STEPS_S[seed % len(LINE_STEPS_S)])
        sets = self.scene.catalogs.sets
        self.branches = [
            Branch(
                place,
                self.folder / place.name,
                Catalogs(sets),
                self.clock,
                self.rng,
                timer,
            )
            for place in self.scene.places[: 3 if seed % 3 == 0 else 2]  # the other unit's desk now and then
        ]
        self.lines = {one.name: Line(one.name, self.sky, one.fuse) for one in self.branches}
        self.images = {}
        self.snapshot = None
        self.known = {one.name: set() for one in self.branches}

    # --- the course of a seed

    def run(self) -> Outcome:
        """Faults, calm, check; new work, calm, check."""
        drawn = Ids(self.seed)
        try:
            with swapped(renewal, "uuid", drawn), swapped(enrolment, "uuid", drawn):
                found = self._course()
        finally:
            self.close()
        return Outcome(self.seed, tuple(found), self.history)

    def _course(self) -> list[Violation]:
        for _ in range(STEPS):
            self.act()
        found = self.check(calm=False)
        self.calm_down()
        found += self.check(calm=True)
        if not found and self.seed % 4 == 0:
            self.do(self.rng.choice(self.branches), "create")
            self.calm_down()
            found += self.check(calm=True)
        return found

    def act(self) -> None:
        """Do one thing that the seed draws."""
        branch = self.rng.choice(self.branches)
        name = self.rng.choices(list(self.acts), list(self.acts.values()))[0]
        self.do(branch, name)
        if name in SENT_AT_ONCE and self.rng.random() < 0.6:
            self.do(branch, "sync")
        if self.rng.random() < 0.3:
            self.region.work()
        self.clock.go(self.rng.choice((1, 20, 300, 1000)))

    def do(self, branch: Branch, name: str) -> None:
        """Do one thing, and note it; the program may die over it."""
        self.history.note(branch.name, "does", act=name)
        try:
            getattr(self, f"do_{name}")(branch)
        except NotAllowed as refused:
            if refused.code != "catalog_unknown":
                raise
            self.history.note(branch.name, "not allowed", code=refused.code)  # the other desk has a newer set
        except Killed as killed:
            self.history.note(branch.name, "killed", point=str(killed))
            branch.die()
        self.take_note(branch)

    def calm_down(self) -> None:
        """Stop all faults; nobody helps but by signing in."""
        self.sky.clear()
        for branch in self.branches:
            branch.fuse.out()
            branch.clock.wrong_by = timedelta()
            if not (self.is_let_in(branch) and all(map(self._knows_key, branch.place.people))):
                self.sign_in(branch)
        restored = any(self.history.of("platform restored"))
        for n in range(CALM_CYCLES):
            self._round(all_of_them=restored and n == 0)
        late = [one.name for one in self.branches if self.waiting(one)]
        self.history.note("", "calm", late=late)
        self._round()  # the later stages of what was accepted last

    def _round(self, *, all_of_them: bool = False) -> None:
        for branch in self.branches:
            self.clock.go(1000)
            if all_of_them or not self.has_all(branch):
                self.sync(branch)
        self.region.work()

    def is_let_in(self, branch: Branch) -> bool:
        """Say whether the platform still knows the session of the desk's reporter."""
        token = branch.rows(
            "SELECT token FROM operator WHERE operator_id = ?", branch.desk.operator.operator_id
        )
        digest = hashlib.sha256((token[0][0] or "").encode()).hexdigest()
        known = self.region.rows(
            f"SELECT expires_at FROM session WHERE token_sha256 = '{digest}' AND ended_at IS NULL"
        )
        return bool(known) and known[0][0] > to_text(self.clock() + timedelta(hours=3))

    def waiting(self, branch: Branch) -> int:
        """Count what has not left the outbox and is not blocked."""
        rows = branch.rows(
            "SELECT o.state, v.parent, v.record_id, v.case_id FROM outbox o"
            " JOIN version v ON v.version_id = o.version_id"
            " WHERE o.state NOT IN ('done','recalled','blocked') ORDER BY v.n"
        )
        # Cases whose decision is set aside, and records of which a version waits for what never came.
        stuck = {case_id for (case_id,) in branch.rows(DECISIONS_SET_ASIDE)}
        for state, parent, record_id, _ in rows:
            if state == "held" and self.is_nowhere(parent):
                stuck.add(record_id)
        return sum(not stuck & {record_id, case_id} for _, _, record_id, case_id in rows)

    def is_nowhere(self, version_id: str | None) -> bool:
        """Say whether the platform lacks a version: taken back, gone with a disk, or held itself."""
        known = f"SELECT 1 FROM version_key WHERE version_id = '{version_id}' AND outcome <> 'held'"
        return version_id is not None and not self.region.rows(known)

    def has_all(self, branch: Branch) -> bool:
        """Say whether a cycle of this desk would have nothing to do; it is spared then."""
        ((epoch, cursor),) = branch.rows("SELECT epoch, cursor FROM device")
        unit = branch.place.unit["code"]
        ((now, head),) = self.region.rows(
            f"SELECT s.epoch, h.n FROM server s, feed_head h WHERE h.unit = '{unit}'"
        )
        blocked = branch.rows("SELECT 1 FROM outbox WHERE state = 'blocked' LIMIT 1")
        return not blocked and (self.waiting(branch), epoch, cursor) == (0, now, head)

    def check(self, *, calm: bool) -> list[Violation]:
        """Hold everything against the invariants."""
        sides = [Side(one.name, one.place.unit["code"], one.rows) for one in self.branches]
        return violations(self.history, sides, self.region.rows, calm=calm)

    def close(self) -> None:
        for branch in self.branches:
            branch.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- what the program does

    def do_sync(self, branch: Branch) -> None:
        if not branch.is_signed_in:
            self.sign_in(branch)
        if self.rng.random() < self.deadly:
            if self.rng.random() < 0.5:
                branch.fuse.light(self.rng.randrange(25))
            else:
                branch.fuse.light_along(self.rng.choice(self.deaths))
        self.sync(branch)
        branch.fuse.out()

    def sync(self, branch: Branch) -> None:
        """Run one cycle and note what it said of itself."""
        outcome = branch.sync(self.lines[branch.name], pause=self._pause, stop=lambda: False)
        code = None if outcome.problem is None else outcome.problem.code
        ((unanswered,),) = branch.rows(
            "SELECT COUNT(*) FROM batch WHERE state = 'open' AND first_sent_at IS NOT NULL"
        )
        self.history.note(
            branch.name, "cycle", problem=code, accepted=outcome.accepted, rejected=outcome.rejected,
            held=outcome.held, events=outcome.events, unanswered=unanswered,
        )  # fmt: skip
        if code in SIGN_IN:
            self.sign_in(branch)

    def sign_in(self, branch: Branch) -> None:
        """A person signs in; it may fail like everything else. One whose key the platform lacks does, too."""
        place, line = branch.place, self.lines[branch.name]
        for person in reversed(place.people):
            if person is not place.reporter and self._knows_key(person):
                continue
            self.clock.go(60)  # a one-time code serves once
            try:
                branch.sign_in(line, person)
            except (LinkError, PlatformRefusal) as error:
                self.history.note(branch.name, "sign-in failed", code=error.code)
                if error.code == signin.NOT_ENROLLED:
                    self._enrol_again(branch)

    def _knows_key(self, person: Person) -> bool:
        known = f"SELECT 1 FROM operator_key WHERE public_key = '{person.key.public}'"
        return bool(self.region.rows(known))

    def _enrol_again(self, branch: Branch) -> None:
        """A person does what sign-in has said, and signs in."""
        code = self.region.new_code(branch.place.unit["code"])
        try:
            branch.enrol_again(self.lines[branch.name], code)
        except (LinkError, PlatformRefusal) as error:
            self.history.note(branch.name, "enrolment failed", code=error.code)
            return
        self.history.note(branch.name, "enrolled again", device_id=branch.desk.device.device_id)
        self.sign_in(branch)

    def do_sign_out(self, branch: Branch) -> None:
        if branch.is_signed_in:
            try:
                branch.sign_out(self.lines[branch.name])
            except (LinkError, PlatformRefusal):
                return

    def _pause(self, seconds: float) -> None:
        self.clock.go(seconds)
        if self.rng.random() < 0.2:
            self.region.work()


def run(seed: int, world: World | None = None) -> Outcome:
    """Run one seed."""
    return Simulation(seed, world).run()


class Ids:
    """In the place of the module `uuid`: the same ids in each run."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(f"ids {seed}")

    def uuid4(self) -> uuid.UUID:
        return uuid.UUID(int=self._rng.getrandbits(128), version=4)
