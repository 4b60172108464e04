"""The line between a desk and the platform, which does everything that lines, proxies and portals do.

What it does to each request is drawn from the seed. It writes down what was sent and what came back.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import zstandard

from client.errors import LinkError
from client.sync.wire import Reply, Request
from forms.seal.receipt import digests_of, receipt_bytes, seal_receipts
from tests.faults.fuse import Fuse
from tests.faults.history import History
from tests.faults.region import Region

HTML: Final = b"<html><body>Please log in to this network</body></html>"
PROBLEM: Final = "application/problem+json"

WEATHER: Final[Mapping[str, int]] = {
    "request_lost": 7, "answer_lost": 9, "later": 5, "twice": 5, "late_arrives": 7, "truncated": 4, "cut": 5,
    "garbage": 2, "portal": 2, "proxy_page": 3, "forged": 5, "another": 5, "left_out": 5, "session_over": 2,
    "rate_limited": 2, "maintenance": 2, "internal": 4, "malformed": 2, "gateway": 2, "platform_dies": 6,
}  # fmt: skip
"""Fates of a request, and how often each is drawn when the weather is bad."""


REFUSALS: Final = frozenset({"internal", "malformed"})
"""Fates that speak against what a batch carries."""


@dataclass
class Sky:
    """What all lines of a seed have in common.

    Attributes:
        bad: share of requests that meet a fault.
        late: requests that are still on their way, with whose they are.
        poison: versions over which the platform fails, and how: it answers 500, or dies.
    script: fates of the next requests, before any is drawn.
        answers: what the platform said of batches; a muddled proxy gives one for another.
    """

    rng: random.Random
    region: Region
    history: History
    bad: float = 0.0
    fates: Mapping[str, int] = field(default_factory=lambda: dict(WEATHER))
    late: list[tuple[str, Request]] = field(default_factory=list)
    poison: dict[str, str] = field(default_factory=dict)
    script: list[str] = field(default_factory=list)
    answers: list[Reply] = field(default_factory=list)

    def clear(self) -> None:
        """Faults stop, and what was still on its way arrives."""
        self.bad = 0.0
        self.script.clear()
        self.poison.clear()
        self.region.fuse.out()
        while self.late:
            self.deliver_late()

    def deliver_late(self) -> None:
        """Let a request arrive of which the desk has long given up hope."""
        if self.late:
            who, request = self.late.pop(self.rng.randrange(len(self.late)))
            self.history.note(who, "arrived late", path=request.path)
            try:
                self.region.exchange(request)
            except LinkError:
                return

    def fate(self, path: str) -> str:
        """Draw what becomes of a request; batches, around which everything turns, meet more than the rest."""
        if self.script:
            return self.script.pop(0)
        if self.rng.random() >= (self.bad if path.startswith("/v1/batches") else self.bad / 2):
            return "fine"
        return self.rng.choices(list(self.fates), list(self.fates.values()))[0]


@dataclass
class Line:
    """A transport: one desk's line."""

    who: str
    sky: Sky
    fuse: Fuse

    def exchange(self, request: Request) -> Reply:
        """Carry a request there and an answer back, or not.

        Raises:
            LinkError: as `HttpTransport` does.
        """
        sent = unpacked(request)
        self.fuse.burn("desk: before sending")
        fate = self.sky.fate(request.path)
        self.sky.history.note(self.who, "asked", ask=f"{request.method} {request.path}", fate=fate, **sent)
        if fate in REFUSALS and "versions" in sent:
            self.sky.history.note(self.who, "refused by the world", versions=list(sent["versions"]))
        try:
            reply = self._poisoned(sent) or FATES[fate](self, request)
        except LinkError as error:
            self.sky.history.note(self.who, "no answer", code=error.code)
            self.fuse.burn("desk: no answer came")
            raise
        self.sky.history.note(self.who, "answered", status=reply.status, **said(reply))
        self.fuse.burn("desk: the answer is there")
        return reply

    def _poisoned(self, sent: Mapping[str, Any]) -> Reply | None:
        for version_id in sent.get("versions", ()):
            how = self.sky.poison.get(version_id)
            if how == "dies":
                self.sky.region.restart()
                raise LinkError("truncated")
            if how is not None:
                self.sky.history.note(self.who, "refused by the world", versions=list(sent["versions"]))
                return self.problem(500, "internal")
        return None

    def there(self, request: Request) -> Reply:
        """Have the platform answer."""
        reply = self.sky.region.exchange(request)
        if "/v1/batches" in request.path and reply.status == 200:
            self.sky.answers.append(reply)
        return reply

    # --- fates

    def request_lost(self, _request: Request) -> Reply:
        raise LinkError(self.sky.rng.choice(("no_connection", "timeout", "name_not_found")))

    def answer_lost(self, request: Request) -> Reply:
        self.there(request)
        raise LinkError("timeout")

    def later(self, request: Request) -> Reply:
        self.sky.late.append((self.who, request))
        raise LinkError("timeout")

    def twice(self, request: Request) -> Reply:
        first = self.there(request)
        second = self.there(request)
        return self.sky.rng.choice((first, second))

    def late_arrives(self, request: Request) -> Reply:
        """A request of before overtakes this one, or comes right behind it."""
        if self.sky.rng.random() < 0.5:
            self.sky.deliver_late()
            return self.there(request)
        reply = self.there(request)
        self.sky.deliver_late()
        return reply

    def truncated(self, request: Request) -> Reply:
        self.there(request)
        raise LinkError("truncated")

    def cut(self, request: Request) -> Reply:
        """A proxy that makes a whole answer out of half a one."""
        reply = self.there(request)
        return replace(reply, body=reply.body[: self.sky.rng.randrange(len(reply.body) + 1)])

    def garbage(self, request: Request) -> Reply:
        reply = self.there(request)
        return replace(reply, status=200, body=self.sky.rng.randbytes(self.sky.rng.randrange(200)))

    def portal(self, _request: Request) -> Reply:
        return Reply(200, {"content-type": "text/html"}, HTML)

    def proxy_page(self, request: Request) -> Reply:
        """A page of a proxy under the platform's own headers."""
        return replace(self.there(request), status=200, body=HTML)

    def forged(self, request: Request) -> Reply:
        """What was accepted is called rejected, and the other way round."""
        reply = self.there(request)
        body = reply.body.replace(b'"accepted"', b'"-"').replace(b'"rejected"', b'"accepted"')
        return replace(reply, body=body.replace(b'"-"', b'"rejected"'))

    def another(self, request: Request) -> Reply:
        """A cache gives the answer to another batch."""
        reply = self.there(request)
        if "/v1/batches" not in request.path or len(self.sky.answers) < 2:
            return reply
        return self.sky.rng.choice(self.sky.answers)

    def left_out(self, request: Request) -> Reply:
        """A platform with a fault leaves out one receipt, and seals what is left."""
        reply = self.there(request)
        if "/v1/batches" not in request.path or reply.status != 200:
            return reply
        said, us = json.loads(reply.body), self.sky.region.platform.identity
        if any("problem" not in one for one in said["receipts"]):
            return reply  # in short, by place: what is left would stand at others' places
        said["receipts"] = said["receipts"][1:]
        said["seal"] = seal_receipts(us.key, us.server_id, digests_of(map(receipt_bytes, said["receipts"])))
        return replace(reply, body=json.dumps(said, ensure_ascii=False).encode())

    def session_over(self, request: Request) -> Reply:
        self.sky.region.sql("UPDATE session SET expires_at = '2000-01-01T00:00:00.000Z'")
        return self.there(request)

    def rate_limited(self, _request: Request) -> Reply:
        return self.problem(429, "rate-limited", retry_after=str(self.sky.rng.choice((1, 7, 300))))

    def maintenance(self, _request: Request) -> Reply:
        return self.problem(503, "maintenance", retry_after=str(self.sky.rng.choice((5, 600))))

    def internal(self, request: Request) -> Reply:
        """A fault of the platform's, before its work was done or after."""
        if self.sky.rng.random() < 0.5:
            self.there(request)
        return self.problem(500, "internal")

    def malformed(self, _request: Request) -> Reply:
        return self.problem(400, "malformed")

    def gateway(self, _request: Request) -> Reply:
        status = self.sky.rng.choice((404, 502, 504))
        return Reply(status, {"content-type": "text/html"}, b"<html>Bad Gateway</html>")

    def platform_dies(self, request: Request) -> Reply:
        self.sky.region.fuse.light(self.sky.rng.randrange(4))
        try:
            return self.there(request)
        finally:
            self.sky.region.fuse.out()

    def problem(self, status: int, code: str, **headers: str) -> Reply:
        """What our platform says when it says no."""
        said = {"type": f"urn:minxin:problem:{code}", "title": "-", "status": status, "detail": "-"}
        known = {
            "content-type": PROBLEM, "x-minxin-server": self.sky.region.platform.identity.server_id,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }  # fmt: skip
        return Reply(status, known, json.dumps(said).encode())


FATES: Final[Mapping[str, Callable[[Line, Request], Reply]]] = {
    "fine": Line.there, **{name: getattr(Line, name) for name in WEATHER},
}  # fmt: skip


def unpacked(request: Request) -> dict[str, Any]:
    """What a batch carries: its ids and digests, taken from the bytes that are sent."""
    if (request.method, request.path) != ("POST", "/v1/batches"):
        return {}
    body = request.body
    if request.headers.get("Content-Encoding") == "zstd":
        body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
    batch = json.loads(body)
    return {
        "batch_id": batch["batch_id"],
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "device_id": batch["device_id"],
        "device_seq": batch["device_seq"],
        "versions": {item["version_id"]: _digest(item) for item in batch["items"]},
    }


def _digest(item: Mapping[str, Any]) -> str:
    content = {name: value for name, value in item.items() if name != "approval"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def said(reply: Reply) -> dict[str, Any]:
    """What an answer to a batch says of each version, as far as it can be read."""
    try:
        read = json.loads(reply.body)
        receipts: Sequence[Mapping[str, Any]] = read.get("receipts", ()) if isinstance(read, dict) else ()
        return {"receipts": {one["version_id"]: one["outcome"] for one in receipts}} if receipts else {}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
