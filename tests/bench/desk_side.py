"""A desk as benchmarks of the platform need it: penalties that are approved, signed and packed beforehand."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import requests
import uvicorn
import zstandard
from fastapi import FastAPI

from client.core.ids import uuid7
from forms.catalog.loader import load_set
from forms.seal.approval import ordered, sign_as_checker, sign_as_maker
from forms.seal.canonical import canonical
from forms.seal.content import content_digest
from forms.seal.keys import SigningKey
from regional_platform.settings import find_resources

ITEMS: Final = 500
ROLES: Final = ("reporter", "reviewer")

Packed = tuple[bytes, dict[str, str]]
"""A body as it travels, and its headers."""


def platform_command(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a command of the platform."""
    return subprocess.Popen(
        [sys.executable, "-m", "regional_platform.cli", *arguments], stdout=subprocess.PIPE
    )


@dataclass
class Desk:
    """One desk of a unit, its people signed in; `first` is the first of its document numbers."""

    url: str
    unit: dict[str, Any]
    subjects: Sequence[dict[str, Any]]
    device_id: str
    epoch: str
    keys: dict[str, SigningKey]
    token: str
    first: int = 0
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def person(self, role: str) -> dict[str, Any]:
        """Who has a role here."""
        found: dict[str, Any] = next(one for one in self.unit["operators"] if role in one["roles"])
        return found

    def bodies(self, batches: int) -> list[bytes]:
        """Make batches, and hand their approvals over."""
        item = load_set(find_resources() / "catalogs" / "2026.1").items["XZCF_FR"]
        decided = date.today() - timedelta(days=8)
        made = []
        for seq in range(1, batches + 1):
            contents = [
                {
                    "record_id": new_id(), "version_id": new_id(), "parent": None, "op": "create",
                    "catalog": item.ref, "item_sha256": item.digest,
                    "payload": self._penalty(self.first + seq * ITEMS + n, decided),
                    "answers": [], "reason": None, "evidence": [], "case_id": None,
                }
                for n in range(ITEMS)
            ]  # fmt: skip
            made.append(self._batch(seq, contents))
        return made

    def penalties(self, count: int) -> list[dict[str, Any]]:
        """Values of so many penalties, each with a number of its own."""
        decided, first = date.today() - timedelta(days=8), self.first
        self.first += count
        return [self._penalty(n, decided) for n in range(first, first + count)]

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
        digests, unit = ordered(by_digest), self.unit["code"]
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        maker = sign_as_maker(self.keys["reporter"], approval_id, unit, digests)
        checker = sign_as_checker(self.keys["reviewer"], approval_id, unit, digests, [])
        approval = {
            "approval_id": approval_id, "unit": unit, "digests": digests, "excluded": [],
            "maker": {"operator": self.person("reporter")["operator_id"], "sig": maker, "at": now},
            "checker": {"operator": self.person("reviewer")["operator_id"], "sig": checker, "at": now},
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


def listening(app: FastAPI) -> tuple[uvicorn.Server, str]:
    """Serve an application from a thread of this process."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    return server, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
