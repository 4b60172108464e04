"""A desk with its two people, on the real store: what they do, and what befalls their program and disk."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from client.core.answers import Answer
from client.core.ids import uuid7
from client.core.people import Operator
from client.core.records import Reason
from client.errors import ClientError
from client.store import approvals, attachments, cases, drafts, link, outbox, review, versions
from client.store.desk import Catalogs, Desk
from client.store.profile import DATABASE, read_device
from client.store.review_rows import Act, frozen, put_review
from client.store.second_copy import NAME as SECOND_COPY
from client.store.second_copy import SecondCopy
from client.store.wraps import DataKey
from client.sync import cycle, signin
from client.sync.wire import Transport
from forms.catalog.schema import Item
from forms.seal.approval import sign_as_checker
from forms.seal.canonical import canonical
from forms.seal.content import Content
from forms.seal.keys import SigningKey
from tests.faults.fuse import Fuse
from tests.faults.store import FragileDatabase

ITEM = "XZCF_FR"
FILES = (DATABASE, f"{DATABASE}-wal", SECOND_COPY)
"""What a desk has on its disk, but for keys, which never change, and evidence, named by its content."""


@dataclass
class WallClock:
    """The clock of a PC: the true time, and how wrong it is."""

    true: Callable[[], datetime]
    wrong_by: timedelta = timedelta()

    def __call__(self) -> datetime:
        return self.true() + self.wrong_by


class AtOnce:
    """Carries batches one after the other; what was handed over first lands first."""

    def submit(self, carry: Callable[[], Answer], /) -> Future[Answer]:
        flight: Future[Answer] = Future()
        try:
            flight.set_result(carry())
        except ClientError as error:
            flight.set_exception(error)
        return flight

    def first(self, flights: Collection[Future[Answer]], /) -> Future[Answer]:
        return next(iter(flights))


@dataclass
class Stopwatch:
    """Measures a line whose speed is drawn: no line of this PC's enters into a history.

    Attributes:
        step_s: what passes at most between two looks.
    """

    rng: random.Random
    step_s: float
    now_s: float = 0.0

    def __call__(self) -> float:
        self.now_s += self.rng.random() * self.step_s
        return self.now_s


@dataclass(frozen=True)
class Person:
    """An operator of the desk: what the platform knows, and the key that signs."""

    operator: Operator
    key: SigningKey
    password: str
    totp_secret: str


@dataclass(frozen=True)
class Place:
    """A desk as the template has it, closed.

    Attributes:
        file: its database.
        pages: how large those of the file are, as `client.store.connection` says it.
        subjects: that its records are about.
    """

    name: str
    file: Path
    key: bytes
    pages: str
    unit: Mapping[str, Any]
    reporter: Person
    reviewer: Person
    handler: Person
    subjects: Sequence[Mapping[str, Any]]

    @property
    def people(self) -> tuple[Person, Person, Person]:
        """All who sign; the one who works at it most is the first."""
        return self.reporter, self.reviewer, self.handler


@dataclass
class Branch:
    """A desk in use.

    Attributes:
        true: the time at the platform.
        timer: measures its line.
        fuse: burns at every step of a sync and at every commit.
        desk: open for the reporter.
        checker: the same, open for the reviewer.
        handler: and for the one who decides on objections.
    """

    place: Place
    folder: Path
    catalogs: Catalogs
    true: Callable[[], datetime]
    rng: random.Random
    timer: Callable[[], float] = time.monotonic
    clock: WallClock = field(init=False)
    fuse: Fuse = field(default_factory=Fuse)
    desk: Desk = field(init=False)
    checker: Desk = field(init=False)
    handler: Desk = field(init=False)
    made: int = 0
    opened: int = 0
    is_closed: bool = True

    def __post_init__(self) -> None:
        self.clock = WallClock(self.true)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.start(self.place.file)

    @property
    def name(self) -> str:
        return self.place.name

    # --- the program and its disk

    def start(self, file: Path, second_copy: Path | None = None) -> None:
        """Start the program on a copy of a database and its log, and of the second copy beside it.

        Args:
            file: the database.
            second_copy: one that is newer than the database.
        """
        self.opened += 1
        profile = self.folder / str(self.opened)
        profile.mkdir()
        for name in FILES:
            beside = file.with_name(name)
            if name == SECOND_COPY and second_copy is not None:
                beside = second_copy
            if beside.exists():
                shutil.copyfile(beside, profile / name)
        self.open(profile)

    def open(self, profile: Path) -> None:
        """Start the program on a database where it lies."""
        evidence = self.folder / "attachments"
        evidence.mkdir(exist_ok=True)
        if not (
            profile / "attachments"
        ).exists():  # one folder for all copies: files are named by their content
            (profile / "attachments").symlink_to(evidence)
        database = FragileDatabase(profile / DATABASE, self.place.key, pages=self.place.pages)
        self.is_closed = False
        database.fuse = self.fuse
        device, device_key = read_device(database.reader())
        self.desk = Desk(
            profile=profile, db=database, operator=self.place.reporter.operator, key=self.place.reporter.key,
            data_key=DataKey(self.place.key), device_key=device_key, device=device, catalogs=self.catalogs,
            clock=self.clock, new_id=self._new_id, profile_id=self.name,
        )  # fmt: skip
        self.desk.second_copy = SecondCopy(self.desk)
        self.checker, self.handler = (
            replace(self.desk, operator=one.operator, key=one.key)
            for one in (self.place.reviewer, self.place.handler)
        )

    def die(self) -> None:
        """The program is gone, as by kill −9: what the system has of its files is what is left."""
        self.fuse.out()
        left = self.image("killed")
        self.desk.db.close()
        self.start(left)

    def image(self, name: str) -> Path:
        """Copy the disk as it is now: the database, its log, the second copy of what is unsent."""
        to = self.folder / f"{name}-{self.opened}"
        to.mkdir(exist_ok=True)
        for one in FILES:
            beside = self.desk.profile / one
            (to / one).unlink(missing_ok=True)
            if beside.exists():
                shutil.copyfile(beside, to / one)
        return to / DATABASE

    def close(self) -> None:
        self.fuse.out()
        self.desk.db.close()
        self.is_closed = True

    def _new_id(self) -> str:
        # A wrong clock must not make the ids of two runs differ in anything else.
        return uuid7(self.true(), self.rng.randbytes(10))

    # --- what people do

    def values(self, **changed: Any) -> dict[str, Any]:
        """Valid values of a penalty for a subject that the platform knows."""
        self.made += 1
        unit, subject = self.place.unit, self.place.subjects[self.made % len(self.place.subjects)]
        decided = (self.true() - timedelta(days=9)).date().isoformat()
        return {
            "CF_XDR_MC": subject["name"], "CF_XDR_LB": "1", "CF_XDR_SHXYM": subject["code"],
            "CF_FRDB": subject["representative"], "CF_WSH": f"{self.name}罚〔2026〕{self.made}号",
            "CF_WFXW": "未按规定公示收费标准", "CF_SY": "经查，当事人未公示收费标准。",
            "CF_YJ": "《样例市场秩序条例》第十二条", "CF_CFLB": ["02"], "CF_NR": "罚款人民币壹仟元整",
            "CF_NR_FK": "0.1", "CF_JDRQ": decided, "CF_YXQ": "2099-12-31", "CF_CFJG": unit["name"],
            "CF_CFJGDM": unit["code18"], "CF_SJLY": unit["name"], "CF_SJLYDM": unit["code18"], **changed,
        }  # fmt: skip

    def create(self, count: int) -> list[str]:
        """Fill in, submit and approve new records; returns their ids."""
        made = [drafts.NewDraft(self.values(), problems=()) for _ in range(count)]
        ids = drafts.create_many(self.desk, ITEM, made)
        self.submit(ids)
        return ids

    def submit(self, ids: Sequence[str]) -> None:
        """Have drafts reviewed."""
        act = review.submit(self.desk, ids, title="模拟")
        if act.act_id is not None:  # on a PC whose clock is years behind no decision has been made yet
            approvals.approve(self.checker, act.act_id)

    def change(self, record_id: str, op: str) -> None:
        """Correct or withdraw what the platform holds."""
        drafts.begin_change(self.desk, record_id, op)
        if op == "correct":
            self.made += 1
            held = drafts.read_draft(self.desk.db.reader(), record_id)
            drafts.save(self.desk, record_id, {**held.values, "CF_NR": f"罚款，第{self.made}次更正"})
        drafts.set_reason(self.desk, record_id, Reason("wrong_entry", "看错了一行"))
        self.submit([record_id])

    def mend(self, record_id: str) -> None:
        """Take up a rejected version and submit it again."""
        drafts.open_rejected(self.desk, record_id)
        held = drafts.read_draft(self.desk.db.reader(), record_id)
        if held.op == "create":
            drafts.save(self.desk, record_id, {**held.values, "CF_NR": "罚款，改正后"})
        elif held.op == "correct":
            drafts.save(self.desk, record_id, {**held.values, "CF_NR": f"罚款，改正后{self.made}"})
        self.submit([record_id])

    def hand_in(self, *contents: Content) -> list[str]:
        """Have contents approved that were made elsewhere; returns their version ids."""
        act = Act(self.desk.new_id(), "模拟")
        with self.desk.db.transaction() as tx:
            put_review(self.desk, tx, act, [frozen(one) for one in contents])
        approvals.approve(self.checker, act.act_id)
        return [one.version_id for one in contents]

    def approve_ones_own(self) -> list[str]:
        """Have the reporter approve what he made himself; returns the records."""
        made = drafts.create_many(self.desk, ITEM, [drafts.NewDraft(self.values(), problems=())])
        act = review.submit(self.desk, made, title="模拟")
        if act.act_id is None:  # the PC's clock is so wrong that nothing could be submitted
            return made
        both = replace(self.desk.operator, roles=frozenset({"reporter", "reviewer"}))
        approvals.approve(replace(self.desk, operator=both), act.act_id)
        return made

    def forge_approval(self, record_id: str) -> list[str]:
        """Put the maker in the place of the checker, signature and all; returns the versions under it."""
        ((approval_id,),) = self.rows("SELECT approval_id FROM version WHERE record_id = ?", record_id)
        ((body,),) = self.rows("SELECT body FROM approval WHERE approval_id = ?", approval_id)
        said, maker = json.loads(body), self.place.reporter
        signature = sign_as_checker(maker.key, approval_id, said["unit"], said["digests"], said["excluded"])
        said["checker"] |= {"operator": maker.operator.operator_id, "sig": signature}
        with self.desk.db.transaction() as tx:
            tx.execute("UPDATE approval SET body = ? WHERE approval_id = ?", (canonical(said), approval_id))
        rows = self.rows("SELECT version_id FROM version WHERE approval_id = ?", approval_id)
        return [version_id for (version_id,) in rows]

    def decide(self, case_id: str, value: str | None) -> None:
        """Decide on an objection: the field stands, or is corrected; the reviewer approves."""
        (dispute,) = cases.get(self.desk.db.reader(), case_id).records[0].disputes
        found: dict[str, Any] = {"field": dispute.field, "finding": "stands"}
        if value is not None:
            found |= {"finding": "correct_to", "value": value}
        cases.save_decision(
            self.handler, case_id, {"disputes": [found], "text": "经核对原始案卷，结论如上。"}
        )
        submitted = cases.submit_decision(self.handler, case_id)
        if submitted.act_id is not None:
            approvals.approve(self.checker, submitted.act_id)

    def correction_of(self, record_id: str, parent: str, **more: Any) -> Content:
        """A correction of a record that another desk of the unit made."""
        item: Item = self.catalogs.item(ITEM)
        return Content(
            record_id=record_id, version_id=self.desk.new_id(), parent=parent, op="correct",
            catalog=item.ref, item_sha256=item.digest, payload=self.values(),
            reason={"code": "wrong_entry", "text": "另一台终端更正"}, **more,
        )  # fmt: skip

    def new_content(self, *, evidence: Sequence[Mapping[str, Any]] = (), **changed: Any) -> Content:
        """A new record as it is frozen, whatever the desk's own check would say."""
        item: Item = self.catalogs.item(ITEM)
        return Content(
            record_id=self.desk.new_id(), version_id=self.desk.new_id(), parent=None, op="create",
            catalog=item.ref, item_sha256=item.digest, payload=self.values(**changed), reason=None,
            evidence=list(evidence),
        )  # fmt: skip

    def mark_restored(self, backup: str) -> None:
        """Leave the mark that the program's own restore of a backup leaves."""
        with self.desk.db.transaction() as tx:
            tx.execute("INSERT OR REPLACE INTO setting (name, value) VALUES ('restored_from', ?)", (backup,))

    def recall(self, version_id: str) -> None:
        versions.recall(self.desk, version_id)

    def release(self, version_id: str) -> None:
        outbox.release(self.desk, version_id)

    def attach(self, content: bytes) -> dict[str, Any]:
        """Keep a file as evidence; returns its shape under a digest."""
        kept = attachments.keep(self.desk, [content], name="决定书.pdf", media_type="application/pdf")
        return kept.as_dict()

    # --- the line

    def sign_in(self, transport: Transport, who: Person | None = None) -> None:
        """Sign a person in, with the code that the telephone shows."""
        person = who or self.place.reporter
        desk = next(one for one in (self.desk, self.checker, self.handler) if one.key is person.key)
        try:
            signin.sign_in(
                desk, transport, password=person.password, totp=one_time_code(person.totp_secret, self.true())
            )
        finally:
            self._one_desk(desk)

    def enrol_again(self, transport: Transport, code: str) -> None:
        """Enrol this desk anew, as sign-in has said."""
        signin.enrol_again(self.desk, transport, code=code)
        self._one_desk(self.desk)

    def _one_desk(self, desk: Desk) -> None:
        """All sit at the same desk, whatever its id."""
        for other in (self.desk, self.checker, self.handler):
            other.device, other.device_key = desk.device, desk.device_key

    def sign_out(self, transport: Transport) -> None:
        signin.sign_out(self.desk, transport)

    @property
    def is_signed_in(self) -> bool:
        return link.token(self.desk.db.reader(), self.desk.operator.operator_id) is not None

    def sync(
        self, transport: Transport, *, pause: Callable[[float], None], stop: Callable[[], bool]
    ) -> cycle.SyncOutcome:
        """Run one cycle."""
        return cycle.run(
            self.desk, transport, progress=self._step, cancelled=stop, entropy=self.rng.random, pause=pause,
            lanes=AtOnce(), timer=self.timer,
        )  # fmt: skip

    def _step(self, step: cycle.Progress) -> None:
        self.fuse.burn(f"desk: {step.phase}")

    # --- looked at

    def rows(self, sql: str, *params: object) -> list[Any]:
        return [tuple(row) for row in self.desk.db.reader().execute(sql, params)]

    def states(self) -> dict[str, str]:
        return dict(self.rows("SELECT record_id, state FROM record_state ORDER BY record_id"))


def one_time_code(secret: str, at: datetime) -> str:
    totp = TOTP(base64.b32decode(secret), 6, SHA1(), 30, enforce_key_length=False)
    return totp.generate(int(at.timestamp())).decode()


def fixed_key(name: str) -> SigningKey:
    """A signing key that is the same in every run."""
    return SigningKey(hashlib.sha256(name.encode()).digest())


@contextmanager
def opened(branch: Branch) -> Iterator[Branch]:
    try:
        yield branch
    finally:
        branch.close()
