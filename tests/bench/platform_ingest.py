"""Batches of 500 penalties through the platform's whole pipeline, beside an endpoint that only inserts.

The platform runs as a process of its own on SQLite (WAL, FULL). Bodies are approved, signed and packed
before the clock starts. "received" ends with the last receipt in hand, "stored" when the feed has told
of the last record. The peer takes the same bodies over the same HTTP server, reads the JSON and inserts
each item as one row, one transaction a batch, with nothing checked, matched, signed or told.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import requests
import uvicorn
import zstandard
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool

from client.core.ids import uuid7
from forms.catalog.loader import load_set
from forms.seal.approval import ordered, sign_as_checker, sign_as_maker
from forms.seal.canonical import canonical
from forms.seal.content import content_digest
from forms.seal.keys import SigningKey
from regional_platform.settings import Limits, find_resources

NAME: Final = "platform"
BATCHES: Final = 30
ITEMS: Final = 500
UNIT: Final = "350200-01"

Packed = tuple[bytes, dict[str, str]]
"""A body as it travels, and its headers."""


def run() -> dict[str, float | int | str]:
    """Measure, and return figure → number."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        seed = seeded(folder)
        desk, process = started(folder, seed)
        try:
            packed = [pack(body) for body in desk.bodies()]
            received, stored = sent(desk, packed)
        finally:
            process.terminate()
            process.wait(30)
        bare = bare_rate(folder / "bare.db", packed)
    records = BATCHES * ITEMS
    limits = Limits()
    return {
        "records": records,
        "bytes a record, packed": sum(len(small) for small, _ in packed) / records,
        "received, records/s": records / received,
        "stored, records/s": records / stored,
        "only inserted, records/s": bare,
        "stored : only inserted": records / stored / bare,
        "limit in force, records/s a device": limits.batches_per_minute * limits.batch_items / 60,
    }


def seeded(folder: Path) -> dict[str, Any]:
    """Make the demo's units."""
    command = ["seed", "--database", str(folder / "p.db"), "--demo", str(folder / "seed.json")]
    platform_command([*command, "--password-cost", "low"]).wait(60)
    made: dict[str, Any] = json.loads((folder / "seed.json").read_text(encoding="utf-8"))
    return made


def platform_command(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a command of the platform."""
    return subprocess.Popen(
        [sys.executable, "-m", "regional_platform.cli", *arguments], stdout=subprocess.PIPE
    )


def started(folder: Path, seed: dict[str, Any]) -> tuple[Desk, subprocess.Popen[bytes]]:
    """Start the platform, and sign a desk in."""
    process = platform_command(["serve", "--database", str(folder / "p.db"), "--port", "0"])
    assert process.stdout
    url = json.loads(process.stdout.readline())["listening"]
    return Desk(url, seed), process


class Desk:
    """One desk of a unit, its reporter and reviewer signed in."""

    def __init__(self, url: str, seed: dict[str, Any]) -> None:
        self.http = requests.Session()
        self.url = url
        self.unit = next(one for one in seed["units"] if one["code"] == UNIT)
        self.subjects = seed["subjects"]
        enrolled = self._post(
            "/v1/devices",
            {
                "enrolment_code": self.unit["enrolment_code"],
                "name": "bench",
                "public_key": SigningKey.generate().public,
            },
        )
        self.device_id, self.epoch = enrolled["device_id"], enrolled["epoch"]
        self.keys = {role: SigningKey.generate() for role in ("reporter", "reviewer")}
        tokens = [self._sign_in(role) for role in self.keys]
        self.http.headers["Authorization"] = f"Bearer {tokens[0]}"

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.http.post(self.url + path, json=body, timeout=60)
        answer.raise_for_status()
        made: dict[str, Any] = answer.json()
        return made

    def _person(self, role: str) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in self.unit["operators"] if role in one["roles"])
        return found

    def _sign_in(self, role: str) -> str:
        person = self._person(role)
        totp = TOTP(base64.b32decode(person["totp_secret"]), 6, SHA1(), 30, enforce_key_length=False)
        answer = self._post(
            "/v1/sessions",
            {
                "device_id": self.device_id,
                "operator_id": person["operator_id"],
                "password": person["password"],
                "totp": totp.generate(int(time.time())).decode(),
                "signing_key": self.keys[role].public,
            },
        )
        return str(answer["token"])

    def bodies(self) -> list[bytes]:
        """Make all batches, and hand their approvals over."""
        item = load_set(find_resources() / "catalogs" / "2026.1").items["XZCF_FR"]
        decided = date.today() - timedelta(days=8)
        made = []
        for seq in range(1, BATCHES + 1):
            contents = [
                {
                    "record_id": new_id(), "version_id": new_id(), "parent": None, "op": "create",
                    "catalog": item.ref, "item_sha256": item.digest,
                    "payload": self._penalty(seq * ITEMS + n, decided),
                    "answers": [], "reason": None, "evidence": [], "case_id": None,
                }
                for n in range(ITEMS)
            ]  # fmt: skip
            made.append(self._batch(seq, contents))
        return made

    def _penalty(self, n: int, decided: date) -> dict[str, Any]:
        subject = self.subjects[n % len(self.subjects)]
        return {
            "CF_XDR_MC": subject["name"], "CF_XDR_LB": "1", "CF_XDR_SHXYM": subject["code"],
            "CF_FRDB": subject["representative"], "CF_WSH": f"厦示监罚〔{decided.year}〕{n}号",
            "CF_WFXW": "未按规定明码标价", "CF_SY": "当事人销售的商品未标明价格，经责令改正仍未改正。",
            "CF_YJ": "《价格法》第四十二条", "CF_CFLB": ["02"], "CF_NR": "罚款五百元。", "CF_NR_FK": "0.05",
            "CF_JDRQ": decided.isoformat(), "CF_YXQ": f"{decided.year + 1}-01-01",
            "CF_CFJG": self.unit["name"], "CF_CFJGDM": self.unit["code18"],
            "CF_SJLY": self.unit["name"], "CF_SJLYDM": self.unit["code18"],
        }  # fmt: skip

    def _batch(self, seq: int, contents: Sequence[dict[str, Any]]) -> bytes:
        approval_id, by_digest = new_id(), {content_digest(one): one for one in contents}
        digests = ordered(by_digest)
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        maker = sign_as_maker(self.keys["reporter"], approval_id, UNIT, digests)
        checker = sign_as_checker(self.keys["reviewer"], approval_id, UNIT, digests, [])
        approval = {
            "approval_id": approval_id, "unit": UNIT, "digests": digests, "excluded": [],
            "maker": {"operator": self._person("reporter")["operator_id"], "sig": maker, "at": now},
            "checker": {"operator": self._person("reviewer")["operator_id"], "sig": checker, "at": now},
        }  # fmt: skip
        self.http.put(f"{self.url}/v1/approvals/{approval_id}", json=approval, timeout=60).raise_for_status()
        return canonical(
            {
                "protocol": 1, "batch_id": new_id(), "device_id": self.device_id, "device_seq": seq,
                "prev_batch_sha256": None, "void": [], "feed_ack": 0, "clock": {"local": now, "offset_ms": 0},
                "items": [
                    {**by_digest[one], "approval": {"id": approval_id, "place": place}}
                    for place, one in enumerate(digests)
                ],
            }
        )  # fmt: skip


def pack(body: bytes) -> Packed:
    """Pack a body, with the headers that go with it."""
    return zstandard.compress(body, 3), {
        "Content-Type": "application/vnd.minxin.batch+json",
        "Content-Encoding": "zstd",
        "Idempotency-Key": json.loads(body)["batch_id"],
        "X-Body-SHA256": hashlib.sha256(body).hexdigest(),
    }


def new_id() -> str:
    """Make an id as clients do."""
    return uuid7(datetime.now(UTC), os.urandom(10))


def sent(desk: Desk, packed: Sequence[Packed]) -> tuple[float, float]:
    """Send all; returns the seconds until the last receipt, and until the last record is stored."""
    begun = time.perf_counter()
    post_all(desk.http, f"{desk.url}/v1/batches", packed, accepted)
    received = time.perf_counter() - begun
    after, stored = 0, 0
    while stored < BATCHES * ITEMS:
        query: dict[str, str | int] = {"epoch": desk.epoch, "after": after, "limit": 1000, "wait": 10}
        page = desk.http.get(f"{desk.url}/v1/feed", params=query, timeout=60).json()
        after = page["next"]
        stored += sum(one["data"]["stage"] == "stored" for one in page["items"])
    return received, time.perf_counter() - begun


def accepted(answer: requests.Response) -> None:
    """Hold an answer of the platform against what was expected: every item accepted."""
    outcomes = {one["outcome"] for one in answer.json()["receipts"]}
    assert outcomes == {"accepted"}, outcomes


def post_all(
    http: requests.Session,
    url: str,
    packed: Sequence[Packed],
    judged: Callable[[requests.Response], None],
) -> None:
    """Send the bodies one after the other."""
    for small, headers in packed:
        answer = http.post(url, data=small, headers=headers, timeout=120)
        answer.raise_for_status()
        judged(answer)


def bare_rate(database: Path, packed: Sequence[Packed]) -> float:
    """The peer: records a second through an endpoint that only inserts."""
    with sqlite3.connect(database, isolation_level=None, check_same_thread=False) as store:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            store.execute(f"PRAGMA {pragma}")
        store.execute("CREATE TABLE item (version_id TEXT PRIMARY KEY, body BLOB)")
        server, url = listening(inserting(store))
        try:
            begun = time.perf_counter()
            post_all(requests.Session(), url, packed, lambda _answer: None)
            took = time.perf_counter() - begun
        finally:
            server.should_exit = True
    store.close()
    return BATCHES * ITEMS / took


def inserting(store: sqlite3.Connection) -> FastAPI:
    """An application that reads and inserts, and does nothing else."""
    app = FastAPI()

    def insert(packed: bytes) -> None:
        items = json.loads(zstandard.decompress(packed))["items"]
        store.execute("BEGIN IMMEDIATE")
        rows = [(one["version_id"], json.dumps(one)) for one in items]
        store.executemany("INSERT INTO item VALUES (?, ?)", rows)
        store.execute("COMMIT")

    @app.post("/")
    async def post(request: Request) -> dict[str, bool]:
        await run_in_threadpool(insert, await request.body())
        return {"ok": True}

    return app


def listening(app: FastAPI) -> tuple[uvicorn.Server, str]:
    """Serve an application from a thread of this process."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    return server, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
