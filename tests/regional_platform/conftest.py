"""Actors for the platform's tests: desks that speak the wire protocol by hand, and a clock to turn."""

from __future__ import annotations

import base64
import gzip
import hashlib
import itertools
import re
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
import requests
import zstandard
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import Connection, insert, update

import tests.serving
from forms.catalog.loader import load_set
from forms.seal.approval import ordered, sign_as_checker, sign_as_maker
from forms.seal.canonical import canonical
from forms.seal.content import CONTENT_KEYS, content_digest
from forms.seal.keys import SigningKey
from forms.seal.receipt import digests_of, receipt_bytes, seal_verifies
from regional_platform.auth.enrolment import code_digest, new_code
from regional_platform.settings import Limits, find_resources
from regional_platform.store.tables import enrolment_code, version
from tests import openapi
from tests.conftest import SeededFile
from tests.databases import SeededDatabase, empty_database, postgres, seeded_platform

__all__ = ["empty_database", "postgres", "seeded_platform"]  # fixtures, for this folder

Seeded = SeededFile | SeededDatabase

CATALOG = load_set(find_resources() / "catalogs" / "2026.1")
PENALTY = CATALOG.items["XZCF_FR"]
MEDIA = "application/vnd.minxin.batch+json"


def new_id() -> str:
    return str(uuid.uuid4())


def now_text() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def totp_code(secret: str, at: float) -> str:
    totp = TOTP(base64.b32decode(secret), 6, SHA1(), 30, enforce_key_length=False)
    return totp.generate(int(at)).decode()


class Contract:
    """Holds every answer that a desk gets against resources/api/openapi.yaml."""

    def __init__(self) -> None:
        self.document = openapi.CONTRACT
        self._validators: dict[int, Any] = {}
        self._operations = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), methods)
            for path, methods in sorted(self.document["paths"].items(), key=lambda one: "{" in one[0])
        ]

    def hold(self, answer: requests.Response, *_args: Any, **_more: Any) -> None:
        """Fail when an answer of ours is not as the contract says."""
        path = urlsplit(answer.url).path
        for pattern, methods in self._operations:
            operation = methods.get(answer.request.method.lower())
            if pattern.fullmatch(path) and operation:
                self._hold(answer, operation["responses"])
                return  # an address without names goes before one with names

    def _hold(self, answer: requests.Response, declared: dict[str, Any]) -> None:
        place = f"{answer.request.method} {answer.url}: {answer.status_code}"
        assert str(answer.status_code) in declared, f"{place} is not declared"
        said = declared[str(answer.status_code)]
        if "$ref" in said:
            said = self.document["components"]["responses"][said["$ref"].rpartition("/")[2]]
        for media, content in said.get("content", {}).items():
            if media == "*/*":
                continue
            assert answer.headers["Content-Type"] == media, place
            if not media.endswith("json"):
                continue
            self._validator(id(content), content["schema"]).validate(answer.json())

    def _validator(self, which: int, schema: dict[str, Any]) -> Any:
        """Made once for each place of the document: making one costs more than most answers."""
        if which not in self._validators:
            whole = {"components": self.document["components"], **schema}
            self._validators[which] = jsonschema_rs.validator_for(whole)
        return self._validators[which]


CONTRACT = Contract()
FIRST_NUMBERS = itertools.count(1, 10_000)
"""Each desk numbers its documents from the next of these, so that desks share a platform in peace."""


def spoken_by_the_contract() -> requests.Session:
    """An HTTP session whose every answer is held against the contract."""
    session = requests.Session()
    session.hooks["response"] = [CONTRACT.hold]
    return session


@dataclass
class Desk:
    """A desk of a unit, with the unit's people signed in as they are needed."""

    url: str
    seed: dict[str, Any]
    unit: dict[str, Any]
    clock: Callable[[], float]
    device_id: str = ""
    server_key: str = ""
    epoch: str = ""
    code: str = ""
    seq: int = 0
    first: int = field(default_factory=lambda: next(FIRST_NUMBERS))
    keys: dict[str, SigningKey] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    http: requests.Session = field(default_factory=spoken_by_the_contract)

    def enrol(self, code: str | None = None, key: SigningKey | None = None) -> requests.Response:
        self.code = code or self.unit["enrolment_code"]
        body = {
            "enrolment_code": self.code,
            "name": "窗口一号机",
            "public_key": (key or SigningKey.generate()).public,
        }
        answer = self.http.post(f"{self.url}/v1/devices", json=body)
        if answer.ok:
            said = answer.json()
            self.device_id, self.server_key, self.epoch = said["device_id"], said["server_key"], said["epoch"]
        return answer

    def person(self, role: str) -> dict[str, Any]:
        return next(one for one in self.unit["operators"] if role in one["roles"])

    def sign_in(self, role: str, **changed: Any) -> requests.Response:
        person = self.person(role)
        key = self.keys.setdefault(role, SigningKey.generate())
        body = {
            "device_id": self.device_id,
            "operator_id": person["operator_id"],
            "password": person["password"],
            "totp": totp_code(person["totp_secret"], self.clock()),
            "signing_key": key.public,
            **changed,
        }
        answer = self.http.post(f"{self.url}/v1/sessions", json=body)
        if answer.ok:
            self.tokens[role] = answer.json()["token"]
        return answer

    def token(self, role: str) -> str:
        if role not in self.tokens:
            answer = self.sign_in(role)
            assert answer.status_code == 201, answer.text
        return self.tokens[role]

    def call(self, method: str, path: str, *, role: str | None = None, **more: Any) -> requests.Response:
        """Ask as a person of the unit: its reporter, or at the hall the one who opens cases."""
        role = role or self.unit["operators"][0]["roles"][0]
        headers = {"Authorization": f"Bearer {self.token(role)}", **more.pop("headers", {})}
        return self.http.request(method, self.url + path, headers=headers, timeout=60, **more)

    def put(self, content: bytes, *, most: int = 1_048_576, role: str | None = None, **said: Any) -> str:
        """Hand over an attachment, chunk by chunk; returns its digest."""
        sha256 = hashlib.sha256(content).hexdigest()
        made = {"sha256": sha256, "size": len(content), "name": "附件.pdf", "media_type": "application/pdf"}
        begun = self.call("POST", "/v1/uploads", json=made | said, role=role)
        assert begun.status_code in {200, 201}, begun.text
        if begun.status_code == 201:
            for at in range(begun.json()["offset"], len(content), most):
                answer = self.chunk(begun.json()["upload_id"], at, content[at : at + most], role=role)
                assert answer.status_code == 204, answer.text
        return sha256

    def chunk(self, upload_id: str, at: int, chunk: bytes, **more: Any) -> requests.Response:
        """Send one chunk of an upload."""
        digest = base64.b64encode(hashlib.sha256(chunk).digest()).decode()
        headers = {
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(at),
            "Content-Digest": f"sha-256=:{digest}:",
            **more.pop("headers", {}),
        }
        return self.call("PATCH", f"/v1/uploads/{upload_id}", data=chunk, headers=headers, **more)

    def subject(self, n: int) -> dict[str, Any]:
        return self.seed["subjects"][n % len(self.seed["subjects"])]

    def penalty(self, n: int, **changed: Any) -> dict[str, Any]:
        """The payload of a penalty that nobody can find fault with; each desk has numbers of its own."""
        subject = self.subject(n)
        decided = date.today() - timedelta(days=8)
        payload = {
            "CF_XDR_MC": subject["name"],
            "CF_XDR_LB": "1",
            "CF_XDR_SHXYM": subject["code"],
            "CF_FRDB": subject["representative"],
            "CF_WSH": f"厦示监罚〔{decided.year}〕{self.first + n}号",
            "CF_WFXW": "未按规定明码标价",
            "CF_SY": "当事人销售的商品未标明价格。",
            "CF_YJ": "《价格法》第四十二条",
            "CF_CFLB": ["02"],
            "CF_NR": "罚款五百元。",
            "CF_NR_FK": "0.05",
            "CF_JDRQ": decided.isoformat(),
            "CF_YXQ": decided.replace(day=1, year=decided.year + 1).isoformat(),
            "CF_CFJG": self.unit["name"],
            "CF_CFJGDM": self.unit["code18"],
            "CF_SJLY": self.unit["name"],
            "CF_SJLYDM": self.unit["code18"],
            **changed,
        }
        return {name: value for name, value in payload.items() if value is not None}

    def content(self, n: int = 0, **changed: Any) -> dict[str, Any]:
        """A new record of a penalty, as under the digest."""
        payload = self.penalty(n, **changed.pop("payload", {}))
        made = {
            "record_id": new_id(), "version_id": new_id(), "parent": None, "op": "create",
            "catalog": PENALTY.ref, "item_sha256": PENALTY.digest, "payload": payload, "answers": [],
            "reason": None, "evidence": [], "case_id": None,
        }  # fmt: skip
        return {**made, **changed}

    def correction(self, of: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """A correction of a version."""
        return {
            **of, "version_id": new_id(), "parent": of["version_id"], "op": "correct",
            "reason": {"code": "typing_error", "text": "金额录错"}, **changed,
        }  # fmt: skip

    def withdrawal(self, of: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """A withdrawal of a record."""
        return self.correction(of, op="withdraw", payload={}, answers=[], **changed)

    def decision(
        self, case: dict[str, Any], corrections: Sequence[str] = (), **changed: Any
    ) -> dict[str, Any]:
        """A decision on a case: all findings the same way."""
        findings: list[dict[str, Any]] = [
            {"record_id": disputed["record_id"], "field": dispute["field"], "finding": "stands"}
            if not corrections
            else {
                "record_id": disputed["record_id"], "field": dispute["field"], "finding": "correct_to",
                "value": dispute["claimed"],
            }
            for disputed in case["records"]
            for dispute in disputed["disputes"]
        ]  # fmt: skip
        return {
            "record_id": case["case_id"], "version_id": new_id(), "parent": case["revision"], "op": "decide",
            "catalog": "CASE@1", "item_sha256": "0" * 64, "answers": [],
            "payload": {"disputes": findings, "corrections": list(corrections), "text": "经核查，结论如上。"},
            "reason": {"code": "checked", "text": "已核对原始案卷"}, "evidence": [],
            "case_id": case["case_id"], **changed,
        }  # fmt: skip

    def approval(
        self,
        contents: Sequence[dict[str, Any]],
        *,
        maker: str = "reporter",
        checker: str = "reviewer",
        excluded: Sequence[int] = (),
        **changed: Any,
    ) -> dict[str, Any]:
        """An approval over contents, signed by the two."""
        self.token(maker), self.token(checker)
        approval_id, unit = new_id(), self.unit["code"]
        digests = ordered(content_digest(one) for one in contents)
        made = {
            "approval_id": approval_id,
            "unit": unit,
            "digests": digests,
            "excluded": list(excluded),
            "maker": {
                "operator": self.person(maker)["operator_id"],
                "sig": sign_as_maker(self.keys[maker], approval_id, unit, digests),
                "at": now_text(),
            },
            "checker": {
                "operator": self.person(checker)["operator_id"],
                "sig": sign_as_checker(self.keys[checker], approval_id, unit, digests, excluded),
                "at": now_text(),
            },
        }
        return {**made, **changed}

    def put_approval(self, approval: dict[str, Any]) -> requests.Response:
        return self.call(
            "PUT", f"/v1/approvals/{approval['approval_id']}", data=canonical(approval),
            headers={"Content-Type": "application/json"},
        )  # fmt: skip

    def items(self, contents: Sequence[dict[str, Any]], approval: dict[str, Any]) -> list[dict[str, Any]]:
        """The items of a batch: contents, each with its place in the approval."""
        place = {digest: n for n, digest in enumerate(approval["digests"])}
        return [
            {**one, "approval": {"id": approval["approval_id"], "place": place[content_digest(one)]}}
            for one in contents
        ]

    def approved(self, contents: Sequence[dict[str, Any]], **how: Any) -> list[dict[str, Any]]:
        """Approve contents, hand the approval over, and return the items."""
        approval = self.approval(contents, **how)
        answer = self.put_approval(approval)
        assert answer.status_code in {200, 201}, answer.text
        return self.items(contents, approval)

    def batch(self, items: Sequence[dict[str, Any]], **changed: Any) -> dict[str, Any]:
        """The envelope around items, with the next number of the desk."""
        self.seq += 1
        made = {
            "protocol": 1, "batch_id": new_id(), "device_id": self.device_id, "device_seq": self.seq,
            "prev_batch_sha256": None, "void": [], "feed_ack": 0,
            "clock": {"local": "2026-11-24T16:00:00.000+08:00", "offset_ms": 12}, "items": list(items),
        }  # fmt: skip
        return {**made, **changed}

    def post(
        self,
        batch: dict[str, Any] | bytes,
        *,
        coding: str = "zstd",
        role: str = "reporter",
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """Send a batch, or any bytes in its place."""
        body = batch if isinstance(batch, bytes) else canonical(batch)
        batch_id = new_id() if isinstance(batch, bytes) else batch["batch_id"]
        packed = {"zstd": lambda b: zstandard.compress(b, 3), "gzip": gzip.compress, "": bytes}[coding](body)
        sent = {
            "Content-Type": MEDIA,
            "Idempotency-Key": f'"{batch_id}"',
            "X-Body-SHA256": hashlib.sha256(body).hexdigest(),
            **({"Content-Encoding": coding} if coding else {}),
            **(headers or {}),
        }
        return self.call("POST", "/v1/batches", role=role, data=packed, headers=sent)

    def send(self, contents: Sequence[dict[str, Any]], **how: Any) -> list[dict[str, Any]]:
        """Approve contents, send them in one batch, and return the receipts, each verified."""
        return self.receipts(self.post(self.batch(self.approved(contents, **how))))

    def receipts(self, answer: requests.Response) -> list[dict[str, Any]]:
        """The receipts of an answer, each verified."""
        assert answer.status_code == 200, answer.text
        receipts = answer.json()["receipts"]
        self.is_sealed(answer.json(), receipts)
        return receipts

    def is_sealed(self, message: dict[str, Any], receipts: Sequence[dict[str, Any]]) -> None:
        """The seal of a message holds, over exactly these receipts."""
        digests = digests_of(receipt_bytes(one) for one in receipts)
        (server_id,) = {one["server_id"] for one in receipts}
        assert seal_verifies(self.server_key, server_id, message["seal"], digests)

    def outcomes(self, contents: Sequence[dict[str, Any]], **how: Any) -> list[str]:
        """Send contents; returns the outcome of each, with the code of the problem when there is one."""
        return [outcome(one) for one in self.send(contents, **how)]

    def feed(self, after: int = 0, **query: Any) -> dict[str, Any]:
        answer = self.call("GET", "/v1/feed", params={"epoch": self.epoch, "after": after, **query})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def feed_until(self, done: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """Read the feed until `done` says so of all that came, at most 30 s."""
        items: list[dict[str, Any]] = []
        until = datetime.now(UTC) + timedelta(seconds=30)
        while not done(items):
            assert datetime.now(UTC) < until, f"still waiting after {len(items)} entries"
            page = self.feed(after=items[-1]["seq"] if items else 0, wait=2, limit=1000)
            items += page["items"]
        return items

    def stages(self, version_ids: Sequence[str], last: str = "stored") -> list[str]:
        """Wait until every version has reached a stage; returns all stages that the feed told, in order."""
        wanted = set(version_ids)

        def reached(items: list[dict[str, Any]]) -> bool:
            return wanted <= {
                one["data"]["version_id"]
                for one in items
                if one["type"] == "stage" and one["data"]["stage"] == last
            }

        return [
            one["data"]["stage"]
            for one in self.feed_until(reached)
            if one["type"] == "stage" and one["data"]["version_id"] in wanted
        ]

    def record(self, record_id: str, **how: Any) -> dict[str, Any]:
        answer = self.call("GET", f"/v1/records/{record_id}", **how)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def opening(
        self, *record_ids: str, about: dict[str, Any] | None = None, **changed: Any
    ) -> dict[str, Any]:
        """An objection to records, as a hall desk opens it; `about` changes what is said of each."""
        disputed = {
            "reason_code": "wrong_content", "evidence": [],
            "disputes": [{"field": "CF_NR_FK", "old": "0.05", "claimed": "0.03"}], **(about or {}),
        }  # fmt: skip
        made = {
            "case_id": new_id(), "kind": "objection", "application_id": None,
            "taken_in_at": "2026-11-20T02:00:00.000Z",
            "applicant": {"name": "林小满", "id_kind": "10", "id_number": "110101199003070011",
                          "phone": "13800000000"},
            "agent": None, "materials": [], "statement": "罚款金额与决定书不符。", "repair": None,
            "records": [{"record_id": one, **disputed} for one in record_ids],
        }  # fmt: skip
        return {**made, **changed}

    def open_case(self, opening: dict[str, Any], *, role: str = "hall") -> requests.Response:
        return self.call(
            "POST", "/v1/cases", role=role, data=canonical(opening),
            headers={"Content-Type": "application/json", "Idempotency-Key": f'"{opening["case_id"]}"'},
        )  # fmt: skip

    def accepted(self, *record_ids: str, **changed: Any) -> dict[str, Any]:
        """An objection to records that the hall opened and took up."""
        opened = self.open_case(self.opening(*record_ids, **changed))
        assert opened.status_code == 201, opened.text
        case: dict[str, Any] = self.say(opened.json(), "accepted", {}, role="hall").json()
        return case

    def say(
        self, case: dict[str, Any], kind: str, data: dict[str, Any], *, role: str = "handler", **changed: Any
    ) -> requests.Response:
        """Say what happened to a case."""
        body = {
            "event_id": new_id(), "revision": case.get("revision"), "kind": kind,
            "at": "2026-11-24T02:00:00.000Z", "data": data, **changed,
        }  # fmt: skip
        return self.call(
            "POST", f"/v1/cases/{case['case_id']}/events", role=role, json=body,
            headers={"Idempotency-Key": f'"{body["event_id"]}"'},
        )  # fmt: skip


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for a condition, with a limit."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if true():
            return
        pause.wait(0.02)
    pytest.fail("the condition did not come true in time")


def outcome(receipt: dict[str, Any]) -> str:
    """``accepted``, or outcome and problem: ``rejected stale``."""
    problem = receipt["problem"]
    return receipt["outcome"] + (f" {code_of(problem)}" if problem else "")


def damage(connection: Connection, version_id: str) -> None:
    """Put bytes into a version that no program of ours would write, past what protects it."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TRIGGER version_no_update")
    else:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    connection.execute(update(version).where(version.c.version_id == version_id).values(content=b"secret"))


def code_of(problem: dict[str, Any]) -> str:
    return problem["type"].removeprefix("urn:minxin:problem:")


class Served(tests.serving.Served):
    """A platform inside the test process that makes desks."""

    def desk(self, unit: str = "350200-01") -> Desk:
        """A new desk of a unit, enrolled; the clock goes on, so that its people have codes of their own."""
        known, code = self.unit(unit), new_code()
        with self.platform.store.writing() as connection:
            connection.execute(insert(enrolment_code).values(code_sha256=code_digest(code), unit=unit))
        self.clock.turn(seconds=31)
        desk = Desk(self.url, self.seed, known, self.clock.timestamp)
        assert desk.enrol(code).status_code == 201
        return desk


def serve(folder: Path, template: Seeded, limits: Limits | None = None) -> Iterator[Served]:
    with tests.serving.serving(folder, template, limits, Served) as served:
        yield served


@pytest.fixture
def alone(tmp_path: Path, seeded_platform: Seeded) -> Iterator[Served]:
    """A platform of its own for one test."""
    yield from serve(tmp_path / "served", seeded_platform)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, seeded_platform: Seeded) -> Iterator[Served]:
    """A platform for the tests of one module, where none minds what the others left."""
    yield from serve(tmp_path_factory.mktemp("shared") / "served", seeded_platform)


@pytest.fixture
def served(alone: Served) -> Served:
    """The platform of a test: its own, unless the module says `shared`."""
    return alone


@pytest.fixture
def desk(served: Served) -> Desk:
    """A new desk of 厦门市示范市场监督管理局."""
    return served.desk()


@pytest.fixture
def desk_at(request: pytest.FixtureRequest) -> Callable[..., Desk]:
    """Makes desks that talk to a platform process: `platform`, unless another is named."""

    def make(unit: str = "350200-01", spare: int | None = None, of: Any = None) -> Desk:
        platform = of or request.getfixturevalue("platform")
        known = platform.unit(unit)
        made = Desk(platform.url, platform.seed, known, lambda: datetime.now(UTC).timestamp())
        code = None if spare is None else known["spare_enrolment_codes"][spare]
        assert made.enrol(code).status_code == 201
        return made

    return make


@pytest.fixture(scope="session")
def tools() -> Any:
    """The small functions above, for tests that cannot import them."""

    class Tools:
        new_id = staticmethod(new_id)
        outcome = staticmethod(outcome)
        code_of = staticmethod(code_of)
        totp_code = staticmethod(totp_code)
        canonical = staticmethod(canonical)
        until = staticmethod(until)
        serving = staticmethod(serve)
        damage = staticmethod(damage)
        content_keys = CONTENT_KEYS

    return Tools
