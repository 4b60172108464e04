"""What people do at a desk, as a seed draws it."""

from __future__ import annotations

from client.errors import NotAllowed
from client.store import drafts
from tests.faults.people import Branch
from tests.faults.world import CHANGEABLE, DISPUTED, Stage


class Deeds(Stage):
    """Acts of people; each is drawn by its name."""

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
        other = self.beside(branch)
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
        held, other = self._held(branch), self.beside(branch)
        if not held or other is None:
            return
        record_id = self.rng.choice(held)
        self._change(branch, record_id, self.rng.choice(("correct", "withdraw")))
        parents = branch.rows(
            "SELECT parent FROM version WHERE record_id = ? ORDER BY n DESC LIMIT 1", record_id
        )
        if parents[0][0] is not None:
            other.hand_in(other.correction_of(record_id, parents[0][0]))
            self.take_note(other)

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
            other = self.beside(branch)
            self._decide(branch, case_id)
            if other is not None and self.rng.random() < 0.4:  # and so does somebody at the other desk
                self.do(other, "sync")
                self._decide(other, case_id)
                self.take_note(other)

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
