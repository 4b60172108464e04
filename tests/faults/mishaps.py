"""What befalls desks and the platform, as a seed draws it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from client.store import catalog_moves
from tests.faults.fuse import Killed
from tests.faults.people import SECOND_COPY, Branch
from tests.faults.region import Snapshot
from tests.faults.world import Stage
from tests.platform_rows import feed_of


class Mishaps(Stage):
    """Mishaps; each is drawn by its name."""

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
        self.known[branch.name] = held
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

    def do_new_catalog(self, branch: Branch) -> None:
        """The platform publishes a new set, or the desk installs it, before the platform has it or after."""
        later = self.scene.later
        if self.rng.random() < 0.5:
            self.region.publish(later.opened, later.package)
            self.history.note("platform", "published a set", name=later.opened.name)
            return
        branch.catalogs.take_in(later.opened)
        catalog_moves.do(branch.desk, later.opened)
        self.history.note(branch.name, "installed a set", name=later.opened.name)

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
