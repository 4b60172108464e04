"""A desk of a seeded unit, enrolled with the real platform, and its people at work."""

from __future__ import annotations

import base64
import json
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from os import urandom
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from client.core.ids import uuid7
from client.core.records import Attachment
from client.errors import LinkError
from client.store import drafts, link, profile, review
from client.store.approvals import approve
from client.store.desk import Catalogs, Desk
from client.store.wraps import Cost
from client.sync import cycle, signin, uploading
from client.sync.api import Platform
from client.sync.transport import HttpTransport
from client.sync.wire import Pinned, Reply, Request, Transport
from forms.catalog.loader import load_set
from forms.seal.canonical import canonical, digest
from forms.seal.keys import SigningKey
from forms.seal.receipt import RECEIPT_KEYS
from tests.platform_rows import receipts_of

CATALOG = Path(__file__).parents[3] / "resources" / "catalogs" / "2026.1"
CHEAP = Cost(1, 32, 1)
PASSPHRASE = "纸上得来终觉浅-1"
PATIENCE_S = 30.0


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    return uuid7(now(), urandom(10))


def one_time_code(secret: str) -> str:
    totp = TOTP(base64.b32decode(secret), 6, SHA1(), 30, enforce_key_length=False)
    return totp.generate(int(time.time())).decode()


@dataclass
class Branch:
    """A desk with the unit's people; one of them at a time sits at it."""

    folder: Path
    url: str
    unit: dict[str, Any]
    subjects: Sequence[dict[str, Any]]
    catalogs: Catalogs = field(default_factory=lambda: Catalogs([load_set(CATALOG)]))
    pauses: list[float] = field(default_factory=list)
    line: Callable[[], Transport] | None = None
    _desk: Desk | None = None
    _made: int = 0

    def person(self, role: str) -> dict[str, Any]:
        return next(one for one in self.unit["operators"] if role in one["roles"])

    def enrol(self, *roles: str, code: str | None = None) -> None:
        """Enrol the desk and let people of these roles unlock it; the first one sits down."""
        key = SigningKey.generate()
        enrolled = signin.enrol(
            self.transport(), url=self.url, ca_file=None, code=code or self.unit["enrolment_code"],
            name="一号窗口", device_key=key,
        )  # fmt: skip
        first, *others = [self.person(role)["operator_id"] for role in roles]
        profile.create_profile(
            self.folder, profile_id=new_id(), device=enrolled.device, device_key=key,
            operators=enrolled.operators, first=profile.NewOperator(first, PASSPHRASE), possession=None,
            clock=now, cost=CHEAP,
        )  # fmt: skip
        desk = self.sit_down(roles[0])
        for other in others:
            operator = next(one for one in enrolled.operators if one.operator_id == other)
            profile.add_operator(desk, operator, PASSPHRASE, None, cost=CHEAP)

    def transport(self) -> Transport:
        """The line to the platform: the network, unless another is named."""
        return HttpTransport(self.url) if self.line is None else self.line()

    @property
    def desk(self) -> Desk:
        assert self._desk is not None
        return self._desk

    def sit_down(self, role: str) -> Desk:
        """Let another person work at the desk."""
        who = self.person(role)["operator_id"]
        if self._desk is None or self._desk.operator.operator_id != who:
            self.stand_up()
            self._desk = profile.unlock(
                self.folder, who, PASSPHRASE, None, catalogs=self.catalogs, clock=now, new_id=new_id
            )
        return self._desk

    def stand_up(self) -> None:
        if self._desk is not None:
            self._desk.close()
            self._desk = None

    def sign_in(self, role: str) -> None:
        desk, person = self.sit_down(role), self.person(role)
        signin.sign_in(
            desk, self.transport(), password=person["password"], totp=one_time_code(person["totp_secret"])
        )

    def open_for_business(self, *roles: str) -> None:
        """Enrol, let everybody sign in once, and seat the first."""
        self.enrol(*roles)
        for role in reversed(roles):
            self.sign_in(role)

    def penalty(self, **changed: Any) -> dict[str, Any]:
        """Valid values of a penalty for a subject that the platform knows; None drops a field."""
        self._made += 1
        subject = self.subjects[self._made % len(self.subjects)]
        values = {
            "CF_XDR_MC": subject["name"], "CF_XDR_LB": "1", "CF_XDR_SHXYM": subject["code"],
            "CF_FRDB": subject["representative"], "CF_WSH": f"厦样监罚〔2026〕{self._made}号",
            "CF_WFXW": "未按规定公示收费标准", "CF_SY": "经查，当事人未公示收费标准。",
            "CF_YJ": "《样例市场秩序条例》第十二条", "CF_CFLB": ["02"], "CF_NR": "罚款人民币壹仟元整",
            "CF_NR_FK": "0.1", "CF_JDRQ": (now() - timedelta(days=4)).date().isoformat(),
            "CF_YXQ": "2099-12-31", "CF_CFJG": self.unit["name"], "CF_CFJGDM": self.unit["code18"],
            "CF_SJLY": self.unit["name"], "CF_SJLYDM": self.unit["code18"],
        }  # fmt: skip
        return {name: value for name, value in (values | changed).items() if value is not None}

    def approved(self, count: int = 1, **changed: Any) -> list[str]:
        """Make records, submit and approve them; returns their ids."""
        return self.approve_drafts(
            drafts.create_many(
                self.sit_down("reporter"),
                "XZCF_FR",
                [drafts.NewDraft(self.penalty(**changed)) for _ in range(count)],
            )
        )

    def approve_drafts(self, ids: Sequence[str]) -> list[str]:
        submitted = review.submit(self.sit_down("reporter"), ids, title="测试")
        assert not submitted.stopped, submitted.stopped
        assert submitted.act_id is not None
        approve(self.sit_down("reviewer"), submitted.act_id)
        self.sit_down("reporter")
        return list(ids)

    def sync(
        self, transport: Transport | None = None, *, seed: int = 1, feed_wait_s: int = 0
    ) -> cycle.SyncOutcome:
        """Run one cycle; waits are noted, not waited."""
        return cycle.run(
            self.desk, transport or self.transport(), progress=lambda _step: None, cancelled=lambda: False,
            entropy=random.Random(seed).random, feed_wait_s=feed_wait_s, pause=self.pauses.append,
        )  # fmt: skip

    def sync_until(self, done: Callable[[], bool], *, every_s: float = 0.02) -> None:
        """Sync until something came about, at most half a minute."""
        end, between = time.monotonic() + PATIENCE_S, threading.Event()
        while not done():
            assert time.monotonic() < end, "it did not come about in time"
            outcome = self.sync()
            assert outcome.problem is None, outcome.problem
            between.wait(every_s)

    def states(self) -> dict[str, str]:
        rows = self.desk.db.reader().execute("SELECT record_id, state FROM record_state LIMIT 100000")
        return {row["record_id"]: row["state"] for row in rows}

    def outbox(self) -> list[str]:
        rows = self.desk.db.reader().execute("SELECT state FROM outbox ORDER BY queued_n LIMIT 100000")
        return [row["state"] for row in rows]

    def receipts(self) -> dict[tuple[str, str], bytes]:
        rows = self.desk.db.reader().execute("SELECT version_id, stage, raw FROM receipt_said LIMIT 1000000")
        return {(row["version_id"], row["stage"]): row["raw"] for row in rows}


def _opened(database: Path | str) -> Any:
    """Open the platform's database to read: a file, or the URL of PostgreSQL."""
    if isinstance(database, str) and database.startswith("postgresql"):
        return psycopg.connect(database.replace("+psycopg", ""))
    return sqlite3.connect(f"{Path(database).resolve().as_uri()}?mode=ro", uri=True)


@dataclass
class Ledger:
    """What the platform has, read from its database."""

    versions: list[str]
    outcomes: dict[str, str]
    receipts: dict[tuple[str, str], dict[str, Any]]
    feed_head: int

    @classmethod
    def of(cls, database: Path | str, unit: str) -> Ledger:
        with closing(_opened(database)) as at:
            versions = [row[0] for row in at.execute(f"SELECT version_id FROM version WHERE unit = '{unit}'")]
            outcomes = dict(
                at.execute(f"SELECT version_id, outcome FROM version_key WHERE unit = '{unit}'").fetchall()
            )
            receipts = {
                key: json.loads(raw)
                for key, raw in receipts_of(lambda sql: at.execute(sql).fetchall()).items()
                if key[0] in outcomes
            }
            (head,) = at.execute(f"SELECT MAX(n) FROM feed_head WHERE unit = '{unit}'").fetchone()
        return cls(versions, outcomes, receipts, head or 0)


def check_agreement(branch: Branch, ledger: Ledger) -> None:
    """Nothing is missing, nothing is there twice, and both sides hold the same receipts."""
    reader = branch.desk.db.reader()
    ours = [row[0] for row in reader.execute("SELECT version_id FROM version LIMIT 1000000")]
    kept = {key: json.loads(raw) for key, raw in branch.receipts().items()}
    assert len(set(ledger.versions)) == len(ledger.versions), "I2: a version is there twice"
    assert set(ledger.versions) <= set(ours)
    assert set(ledger.outcomes) == set(ours), "I1: a version is missing"
    assert kept == ledger.receipts, "I4: the two sides disagree"
    for receipt in kept.values():
        assert set(receipt) == set(RECEIPT_KEYS)
    seqs = [row[0] for row in reader.execute("SELECT seq FROM heard ORDER BY seq LIMIT 1000000")]
    assert seqs == list(range(1, ledger.feed_head + 1)), "I5: the feed has a hole"


class Lossy:
    """A real line that by chance loses the way there, or the way back, or carries a question twice."""

    def __init__(
        self, inner: Transport, chance: random.Random, weights: Sequence[int] = (2, 2, 1, 5)
    ) -> None:
        self._inner, self._chance, self._weights = inner, chance, weights

    def exchange(self, request: Request) -> Reply:
        fate = self._chance.choices(("there", "back", "twice", "fine"), self._weights)[0]
        if fate == "there":
            raise LinkError("no_connection")
        reply = self._inner.exchange(request)
        if fate == "twice":
            reply = self._inner.exchange(request)
        if fate == "back":
            raise LinkError("timeout")
        return reply


@dataclass
class Hall:
    """The service hall of a city, where people object to records."""

    branch: Branch

    def token(self) -> str | None:
        """The session of the hall's person."""
        return link.token(self.branch.desk.db.reader(), self.branch.desk.operator.operator_id)

    def ask(self, method: str, path: str, said: Any = None, **headers: str) -> dict[str, Any]:
        """Ask the platform as the hall's person; returns what it said."""
        sent = {"Authorization": f"Bearer {self.token()}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        body = said if isinstance(said, bytes) else b"" if said is None else canonical(said)
        reply = self.branch.transport().exchange(Request(method, path, sent, body))
        assert reply.status in {200, 201}, reply.body.decode()
        answer: dict[str, Any] = json.loads(reply.body)
        return answer

    def object_to(self, record_id: str, *disputes: dict[str, Any], paper: bytes | None = None) -> str:
        """Open an objection; returns the id of the case."""
        case_id, evidence = new_id(), []
        if paper is not None:
            sha = digest(paper)
            about = Attachment(sha, len(paper), "缴款书.pdf", "application/pdf")
            device, token = self.branch.desk.device, self.token()
            pinned = Pinned(device.server_id, device.server_key)
            platform = Platform(self.branch.transport(), pinned, lambda: token)
            uploading.send(platform, about, lambda at, size: paper[at : at + size], timer=time.monotonic)
            evidence = [about.as_dict()]
        said = {
            "case_id": case_id, "kind": "objection", "application_id": None,
            "taken_in_at": "2026-11-20T02:00:00.000Z", "agent": None, "materials": [], "repair": None,
            "applicant": {"name": "林小满", "id_kind": "10", "id_number": "110101199003070011", "phone": ""},
            "statement": "罚款金额与决定书不符。",
            "records": [{
                "record_id": record_id, "reason_code": "wrong_content", "disputes": list(disputes),
                "evidence": evidence,
            }],
        }  # fmt: skip
        self.ask("POST", "/v1/cases", said, Idempotency_Key=f'"{case_id}"')
        event_id = new_id()
        accepted = {
            "event_id": event_id, "revision": case_id, "kind": "accepted", "at": "2026-11-20T02:00:00.000Z",
            "data": {},
        }  # fmt: skip
        self.ask("POST", f"/v1/cases/{case_id}/events", accepted, Idempotency_Key=f'"{event_id}"')
        return case_id

    def case(self, case_id: str) -> dict[str, Any]:
        return self.ask("GET", f"/v1/cases/{case_id}")

    def record(self, record_id: str) -> dict[str, Any]:
        return self.ask("GET", f"/v1/records/{record_id}")
