"""A desk that comes back after an outage, as the benchmark of it needs it: what waits there, and how it asks.

It speaks through the desk's own transport and calls, and waits as long as the tables of `client.sync.plan`
say. What it has is in memory. Acts on which the law sets a term go first, in batches of their own.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from desk_side import Desk, new_id

from client.core.batches import Envelope, FrozenBatch
from client.errors import LinkError, PlatformRefusal
from client.sync.api import Platform
from client.sync.outcome import failure_of
from client.sync.plan import Verdict, judge, wait_s
from client.sync.transport import HttpTransport
from client.sync.wire import Pinned, Reply, Request, batch_body
from forms.catalog.loader import load_set
from forms.seal.approval import ordered, sign_as_checker, sign_as_maker
from forms.seal.canonical import canonical, digest
from forms.seal.content import content_digest
from regional_platform.settings import find_resources
from regional_platform.times import iso, utc_now

FIRST_ITEMS: Final = 20
"""What a desk begins with."""

MOST_ITEMS: Final = 100
MOST_ROUNDS: Final = 200
PENALTY: Final = load_set(find_resources() / "catalogs" / "2026.1").items["XZCF_FR"]


@dataclass
class Seen:
    """What all desks were answered, together."""

    statuses: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, route: str, said: str, seconds: float) -> None:
        """Count one answer."""
        with self._lock:
            self.statuses[said] += 1
            self.slowest[route] = max(self.slowest.get(route, 0.0), seconds)


class Watched:
    """A transport that says what came back."""

    def __init__(self, address: str, seen: Seen) -> None:
        self._inner, self._seen = HttpTransport(address), seen

    def exchange(self, request: Request) -> Reply:
        """Ask, and count the answer."""
        begun, route = (
            time.monotonic(),
            f"{request.method} {'/'.join(request.path.partition('?')[0].split('/')[:3])}",
        )
        said = "-"
        try:
            reply = self._inner.exchange(request)
        except LinkError as error:
            said = error.code
            raise
        else:
            said = str(reply.status)
            return reply
        finally:
            self._seen.note(route, said, time.monotonic() - begun)

    def close(self) -> None:
        """Let go of the connections."""
        self._inner.close()


@dataclass
class Returning:
    """One desk.

    Attributes:
        legal_s: from its coming back until all its legal acts had their receipt; None when it has none.
        done_s: until everything had.
        accepted: versions whose final receipt says so.
    """

    desk: Desk
    pinned: Pinned
    transport: Watched
    chance: random.Random
    seq: int = 0
    cursor: int = 0
    legal_s: float | None = None
    done_s: float | None = None
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    _approvals: dict[str, bytes] = field(default_factory=dict)
    _unsent: list[tuple[bool, FrozenBatch]] = field(default_factory=list)
    _unknown: set[str] = field(default_factory=set)

    # --- what waits

    def wait_with(self, contents: Sequence[dict[str, Any]], *, legal: bool = False) -> None:
        """Have contents approved, and cut them into batches."""
        by_digest = {content_digest(one): one for one in contents}
        digests, approval_id = ordered(by_digest), new_id()
        self._approvals[approval_id] = self._approval(approval_id, digests)
        items = [
            {**by_digest[one], "approval": {"id": approval_id, "place": place}}
            for place, one in enumerate(digests)
        ]
        size, at = FIRST_ITEMS, 0
        while at < len(items):
            piece = items[at : at + size]
            versions = dict(zip((one["version_id"] for one in piece), digests[at : at + size], strict=True))
            self._unsent.append((legal, self._cut(piece, versions)))
            at, size = at + size, min(MOST_ITEMS, 5 * size)
        self._unsent.sort(key=lambda one: not one[0])

    def _approval(self, approval_id: str, digests: Sequence[str]) -> bytes:
        unit, keys, at = self.desk.unit["code"], self.desk.keys, iso(utc_now())
        people = {role: self.desk.person(role)["operator_id"] for role in keys}
        maker = sign_as_maker(keys["reporter"], approval_id, unit, digests)
        checker = sign_as_checker(keys["reviewer"], approval_id, unit, digests, [])
        return canonical(
            {
                "approval_id": approval_id, "unit": unit, "digests": list(digests), "excluded": [],
                "maker": {"operator": people["reporter"], "sig": maker, "at": at},
                "checker": {"operator": people["reviewer"], "sig": checker, "at": at},
            }
        )  # fmt: skip

    def _cut(self, items: Sequence[dict[str, Any]], versions: dict[str, str]) -> FrozenBatch:
        self.seq += 1
        envelope = Envelope(new_id(), self.desk.device_id, self.seq, None, (), self.cursor, iso(utc_now()), 0)
        whole = batch_body(envelope, []).replace(b'"items":[]', b'"items":' + canonical(list(items)))
        return FrozenBatch(envelope.batch_id, whole, digest(whole), versions)

    # --- coming back

    def come_back(self) -> None:
        """Send all that waits, and read the feed to its end."""
        platform = Platform(self.transport, self.pinned, lambda: self.desk.token)
        begun, failures = time.monotonic(), 0
        steps: Sequence[Callable[[Platform], bool]] = (self._greet, self._approve, self._send, self._read)
        place = 0
        while place < len(steps):
            self.rounds += 1
            assert self.rounds < MOST_ROUNDS, self.refused
            try:
                place += steps[place](platform)
                failures = 0
            except (LinkError, PlatformRefusal) as error:
                failures += 1
                self._after(error, failures)
            if self.legal_s is None and not any(legal for legal, _ in self._unsent):
                self.legal_s = time.monotonic() - begun
            if self.done_s is None and not self._unsent:
                self.done_s = time.monotonic() - begun
        self.transport.close()

    def _after(self, error: LinkError | PlatformRefusal, failures: int) -> None:
        failure = failure_of(error)
        self.refused[failure.code] += 1
        verdict = judge(failure)
        assert verdict in {Verdict.AGAIN, Verdict.BUSY, Verdict.WORKING, Verdict.FAULT, Verdict.SEND}, failure
        if self._unsent and verdict is Verdict.SEND:
            self._unknown.discard(self._unsent[0][1].batch_id)
            return
        time.sleep(wait_s(failure, failures, self.chance.random()))

    def _greet(self, platform: Platform) -> bool:
        hello = platform.hello()
        if hello.spread_s:
            time.sleep(hello.spread_s * self.chance.random())
        return True

    def _approve(self, platform: Platform) -> bool:
        for approval_id in list(self._approvals):
            platform.put_approval(approval_id, self._approvals[approval_id])
            del self._approvals[approval_id]
        return True

    def _send(self, platform: Platform) -> bool:
        if not self._unsent:
            return True
        _, frozen = self._unsent[0]
        if frozen.batch_id in self._unknown:
            answer = platform.ask_batch(frozen)
        else:
            self._unknown.add(frozen.batch_id)
            answer = platform.post_batch(frozen)
        self.refused.update(one.outcome for one in answer.receipts if not one.outcome.startswith("accepted"))
        self.accepted += sum(one.outcome.startswith("accepted") for one in answer.receipts)
        self._unsent.pop(0)
        return False

    def _read(self, platform: Platform) -> bool:
        page = platform.feed(self.desk.epoch, self.cursor)
        self.cursor = page.next
        return page.next >= page.head
