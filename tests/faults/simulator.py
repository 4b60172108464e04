"""One seed: three desks and the platform, all real, over a line that does everything wrong, then a calm.

The same seed gives the same history. Faults stop after some steps; from then on nobody helps but by signing
in, and after three cycles everything must be at its end. Then new work comes, and the same must hold again.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from client.core.times import to_text
from client.errors import LinkError, NotAllowed, PlatformRefusal
from client.store import drafts
from client.sync import signin
from regional_platform.auth import enrolment, renewal
from tests.faults.checker import DECISIONS_SET_ASIDE, Side, Violation, violations
from tests.faults.fuse import Killed
from tests.faults.history import History
from tests.faults.line import WEATHER, Line, Sky
from tests.faults.people import SECOND_COPY, Branch, Person, Stopwatch
from tests.faults.region import Snapshot
from tests.faults.scene import START, the_scene
from tests.faults.store import SMALL_PAGES, swapped
from tests.platform_rows import feed_of

STEPS: Final = 12
CALM_CYCLES: Final = 3
LINE_STEPS_S: Final = (0.01, 0.2, 10.0)
"""Between two looks at the line: the first is fast, with the others every byte counts."""

SIGN_IN: Final = frozenset({"token_expired", "sign_in_needed"})


@dataclass(frozen=True)
class Outcome:
    """What came of a seed.

    Attributes:
        counts: how often each thing was done and each fault happened.
    """

    seed: int
    violations: tuple[Violation, ...]
    history: History
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """A world in which some things happen more often than in others, where one kind of fault is looked for.

    Attributes:
        acts, fates: how often, in the place of what `ACTS` and `WEATHER` say.
        deadly: share of the cycles in which the program dies; drawn from the seed when None.
        deaths: the ways that it dies, of `DEATHS`.
    """

    acts: Mapping[str, int] = field(default_factory=dict)
    fates: Mapping[str, int] = field(default_factory=dict)
    deadly: float | None = None
    deaths: Sequence[Sequence[str]] = ()


class Simulation:
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
        self.branches = [
            Branch(place, self.folder / place.name, self.scene.catalogs, self.clock, self.rng, timer)
            for place in self.scene.places[: 3 if seed % 3 == 0 else 2]  # the other unit's desk now and then
        ]
        self.lines = {one.name: Line(one.name, self.sky, one.fuse) for one in self.branches}
        self.images: dict[str, Path] = {}
        self.snapshot: Snapshot | None = None
        self._known: dict[str, set[str]] = {one.name: set() for one in self.branches}

    # --- the course of a seed

    def run(self) -> Outcome:
        """Faults, calm, check; new work, calm, check."""
        try:
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
        except Killed as killed:
            self.history.note(branch.name, "killed", point=str(killed))
            branch.die()
        self._take_note(branch)

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

    # --- what people do

    def do_create(self, branch: Branch) -> None:
        for record_id in branch.create(self.rng.choice((1, 2, 4, 7))):
            self.history.note(branch.name, "saved", record_id=record_id)

    def do_faulty(self, branch: Branch) -> None:
        """Something that the platform refuses, however it came through the desk's own check."""
        content = branch.new_content(CF_XDR_SHXYM="91350200MA2XXXXX1A")
        branch.hand_in(content)

    def _held(self, branch: Branch) -> list[str]:
        """Records that the platform holds, as far as the desk knows."""
        return [one for one, state in branch.states().items() if state in CHANGEABLE]

    def do_change(self, branch: Branch) -> None:
        held = self._held(branch)
        if held:
            self._change(branch, self.rng.choice(held), self.rng.choice(("correct", "correct", "withdraw")))

    def _change(self, branch: Branch, record_id: str, op: str) -> None:
        try:
            branch.change(record_id, op)
        except NotAllowed as refused:  # withdrawn, and the platform has just said so
            self.history.note(branch.name, "not allowed", code=refused.code)

    def do_mend(self, branch: Branch) -> None:
        held = [one for one, state in branch.states().items() if state == "rejected"]
        if held:
            branch.mend(self.rng.choice(held))

    def do_edit_on_the_way(self, branch: Branch) -> None:
        """Try to change what waits for the platform's word; the desk does not let anybody."""
        waiting = [one for one, state in branch.states().items() if state in {"queued", "sent", "unknown"}]
        if not waiting:
            return
        try:
            drafts.begin_change(branch.desk, self.rng.choice(waiting), "correct")
        except NotAllowed:
            return
        self.history.note(branch.name, "edited in flight")

    def do_other_desk(self, branch: Branch) -> None:
        """Correct a record that the unit's other desk made; it may have been changed meanwhile."""
        other = self._beside(branch)
        if other is None:
            return
        versions = other.rows(
            "SELECT record_id, version_id FROM version WHERE op IN ('create','correct') ORDER BY n"
        )
        if versions:
            record_id, parent = self.rng.choice(versions)
            branch.hand_in(branch.correction_of(record_id, parent))

    def do_race(self, branch: Branch) -> None:
        """Both desks of the unit change the same version of a record."""
        held, other = self._held(branch), self._beside(branch)
        if not held or other is None:
            return
        record_id = self.rng.choice(held)
        self._change(branch, record_id, self.rng.choice(("correct", "withdraw")))
        parents = branch.rows(
            "SELECT parent FROM version WHERE record_id = ? ORDER BY n DESC LIMIT 1", record_id
        )
        if parents[0][0] is not None:
            other.hand_in(other.correction_of(record_id, parents[0][0]))
            self._take_note(other)

    def _beside(self, branch: Branch) -> Branch | None:
        """The other desk of the unit."""
        return next(
            (one for one in self.branches if one is not branch and one.place.unit is branch.place.unit), None
        )

    def do_own_approval(self, branch: Branch) -> None:
        """One person tries to be maker and checker; the desk does not let him."""
        try:
            branch.approve_ones_own()
        except NotAllowed as refused:
            self.history.note(branch.name, "not allowed", code=refused.code)

    def do_forged_approval(self, branch: Branch) -> None:
        """A desk that was tampered with says that the maker has checked; the platform does not believe it."""
        made = branch.create(1)
        if branch.states()[made[0]] != "queued":
            return  # the PC's clock is so wrong that nothing could be approved
        versions = branch.forge_approval(made[0])
        self.history.note(branch.name, "refused by the world", versions=versions)

    def do_objection(self, branch: Branch) -> None:
        """Somebody objects to a record, at the hall."""
        held = self._held(branch)
        if not held:
            self.do(branch, "create")
            self.do(branch, "sync")
            held = self._held(branch)
        if held:
            case_id = branch.desk.new_id()
            if self.region.object_to(self.rng.choice(held), case_id, DISPUTED):
                self.history.note("platform", "objected", case_id=case_id)

    def do_decide(self, branch: Branch) -> None:
        """The handler decides on an objection; the record is corrected, or stands."""
        wanted = "SELECT case_id FROM casefile WHERE state = 'opened' ORDER BY case_id"
        if not (opened := branch.rows(wanted)):
            self.do(branch, "objection")
            self.do(branch, "sync")
            opened = branch.rows(wanted)
        if opened:
            (case_id,) = self.rng.choice(opened)
            other = self._beside(branch)
            self._decide(branch, case_id)
            if other is not None and self.rng.random() < 0.4:  # and so does somebody at the other desk
                self.do(other, "sync")
                self._decide(other, case_id)
                self._take_note(other)

    def _decide(self, branch: Branch, case_id: str) -> None:
        value = self.rng.choice((None, "罚款，异议后更正", f"罚款，异议后第{branch.made}次更正"))
        try:
            branch.decide(case_id, value)
        except NotAllowed as refused:  # decided by the other desk, or the record is being changed
            self.history.note(branch.name, "not allowed", code=refused.code)
        else:
            self.history.note(branch.name, "decided")

    def do_recall(self, branch: Branch) -> None:
        queued = branch.rows(
            "SELECT o.version_id FROM outbox o JOIN version v ON v.version_id = o.version_id"
            " JOIN record r ON r.record_id = v.record_id"
            " WHERE o.state = 'queued' AND o.batch_id IS NULL AND o.tries = 0 ORDER BY o.queued_n"
        )
        if queued:
            try:
                branch.recall(self.rng.choice(queued)[0])
            except NotAllowed as refused:  # it carries out a decision, which names it
                self.history.note(branch.name, "not allowed", code=refused.code)

    def do_release(self, branch: Branch) -> None:
        blocked = branch.rows("SELECT version_id FROM outbox WHERE state = 'blocked' ORDER BY queued_n")
        if blocked:
            branch.release(self.rng.choice(blocked)[0])

    def do_with_evidence(self, branch: Branch) -> None:
        paper = branch.attach(self.rng.randbytes(self.rng.choice((10, 3_000))))
        branch.hand_in(branch.new_content(evidence=[paper]))

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

    # --- what befalls them

    def do_wrong_clock(self, branch: Branch) -> None:
        days = self.rng.choice((0, -1 / 24, 1, -3650, 3650, 3650))
        branch.clock.wrong_by = timedelta(days=days)

    def do_kill(self, _branch: Branch) -> None:
        raise Killed("between two acts")

    def do_backup(self, branch: Branch) -> None:
        """A copy of the disk; put back later, as the program's own backup or as an image of the whole PC."""
        if branch.name not in self.images:
            self.images[branch.name] = branch.image("image")
            return
        image = self.images.pop(branch.name)
        if self.rng.random() < 0.5:  # an image of the whole PC: its program knows nothing of it
            self._put_back(branch, image)
        else:
            self._restore(branch, image)

    def do_database_lost(self, branch: Branch) -> None:
        """The database is damaged for good; the backup and the second copy of what was unsent are there."""
        image = self.images.pop(branch.name, None)
        if image is not None:
            self._restore(branch, image)

    def _restore(self, branch: Branch, image: Path) -> None:
        unsent = branch.rows("SELECT version_id FROM outbox WHERE state NOT IN ('done','recalled')")
        self._put_back(branch, image, second_copy=branch.desk.profile / SECOND_COPY, and_still=unsent)
        branch.mark_restored("daily-20261124.db")

    def _put_back(
        self, branch: Branch, image: Path, *, second_copy: Path | None = None, and_still: Sequence[Any] = ()
    ) -> None:
        branch.close()
        branch.start(image, second_copy)
        held = {row[0] for row in branch.rows("SELECT version_id FROM version")}
        held |= {row[0] for row in and_still}
        self._known[branch.name] = held
        self.history.note(branch.name, "disk put back", versions=sorted(held))

    def do_cloned(self, branch: Branch) -> None:
        """The whole PC is copied, the copy is used, and then the old one, which knows nothing of that."""
        image = branch.image("clone")
        self.do(branch, "create")
        self.do(branch, "sync")
        self._put_back(branch, image)
        self.do(branch, "create")

    def do_poison(self, branch: Branch) -> None:
        """From now on the platform fails over one version that waits."""
        waiting = branch.rows("SELECT version_id FROM outbox WHERE state <> 'done' ORDER BY queued_n")
        if waiting and len(self.sky.poison) < 2:
            self.sky.poison[self.rng.choice(waiting)[0]] = self.rng.choice(("500", "500", "dies"))

    def do_region_restarts(self, _branch: Branch) -> None:
        self.region.restart()

    def do_region_restored(self, _branch: Branch) -> None:
        if self.snapshot is None:
            self.snapshot = self.region.snapshot()
            return
        before = self._judged()
        if self.rng.random() < 0.2:  # an old one, from before any of the desks
            self.snapshot = Snapshot(self.scene.dawn)
        self.region.restore(self.snapshot, f"{self.rng.randrange(1 << 62):016x}")
        self.snapshot = None
        lost = {version_id for version_id, _ in before - self._judged()}
        self.history.note("platform", "platform restored", lost=sorted(lost))

    def _judged(self) -> set[tuple[str, str]]:
        """What the platform knows of versions: how each came out, and which stages it has reached."""
        known = self.region.rows("SELECT version_id, outcome FROM version_key")
        told = {(one.version_id, one.stage) for one in feed_of(self.region.rows) if one.version_id}
        return {*known, *told}

    # --- noted

    def _take_note(self, branch: Branch) -> None:
        """Note what is approved now: after a kill it may be or not, and what is there must stay."""
        known = self._known[branch.name]
        rows = branch.rows("SELECT version_id, record_id, content_sha256 FROM version ORDER BY n")
        fresh = [row for row in rows if row[0] not in known]
        if fresh:
            known.update(row[0] for row in fresh)
            self.history.note(
                branch.name, "approved", versions={row[0]: row[2] for row in fresh},
                records=sorted({row[1] for row in fresh}),
            )  # fmt: skip


CHANGEABLE: Final = frozenset({"checked", "matched", "unmatched", "stored", "corrected"})

DEATHS: Final = (
    ("desk: hello", "desk: after the commit"),
    ("desk: approvals", "desk: the answer is there"),
    ("desk: sending", "desk: before the commit"),
    ("desk: sending", "desk: after the commit"),
    ("desk: sending", "desk: the answer is there", "desk: before the commit"),
    ("desk: sending", "desk: the answer is there", "desk: after the commit"),
    ("desk: receiving", "desk: the answer is there", "desk: before the commit"),
    ("desk: receiving", "desk: the answer is there", "desk: after the commit"),
)
"""Ways to the point at which the program dies in a cycle, when it does not die anywhere."""

DISPUTED: Final = "CF_NR"

SENT_AT_ONCE: Final = frozenset(
    {"objection", "decide", "forged_approval", "create", "change", "race", "other_desk", "edit_on_the_way"}
)

ACTS: Final[Mapping[str, int]] = {
    "create": 14, "faulty": 2, "change": 8, "mend": 3, "edit_on_the_way": 2, "other_desk": 5, "race": 4,
    "recall": 2, "release": 2, "with_evidence": 2, "sync": 40, "sign_out": 1, "wrong_clock": 3, "kill": 2,
    "backup": 4, "database_lost": 3, "cloned": 2, "own_approval": 1, "forged_approval": 1,
    "objection": 3, "decide": 4,
    "poison": 2, "region_restarts": 1, "region_restored": 4,
}  # fmt: skip
"""What may happen at each step, and how often it is drawn."""


def run(seed: int, world: World | None = None) -> Outcome:
    """Run one seed. The ids that the platform gives desks are the seed's, too."""
    drawn = _Ids(seed)
    with swapped(renewal, "uuid", drawn), swapped(enrolment, "uuid", drawn):
        return Simulation(seed, world).run()


class _Ids:
    """In the place of the module `uuid`: the same ids in each run."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(f"ids {seed}")

    def uuid4(self) -> uuid.UUID:
        return uuid.UUID(int=self._rng.getrandbits(128), version=4)
