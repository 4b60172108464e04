"""A real proxy between desk and platform: it packs everything anew, or shows a log-in page."""

from __future__ import annotations

import gzip
import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
import zstandard

from tests.client.sync.branch import Branch, Ledger, check_agreement
from tests.serving import serving

UNIT = "350200-01"
LOGIN = b"<html><title>Welcome to the guest network</title></html>"


class Proxy(ThreadingHTTPServer):
    """Unpacks every body and packs it with gzip, both ways.

    Attributes:
        behind: the platform.
        closed: paths whose requests it answers with its own page, and how often still.
        packed: bodies that it packed anew.
    """

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Carrier)
        self.behind = urlsplit(behind).netloc
        self.closed: dict[str, int] = {}
        self.packed = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Carrier(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def carry(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self._shows_its_page():
            return
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        if headers.pop("Content-Encoding", None) == "zstd":
            body, headers["Content-Encoding"] = gzip.compress(unpacked(body)), "gzip"
            self.server.packed += 1
        line = http.client.HTTPConnection(self.server.behind)
        line.request(self.command, self.path, body, headers)
        answer = line.getresponse()
        self._answer(answer.status, dict(answer.getheaders()), answer.read())
        line.close()

    def _shows_its_page(self) -> bool:
        for path, left in self.server.closed.items():
            if left and self.path.startswith(path):
                self.server.closed[path] -= 1
                self._answer(200, {"Content-Type": "text/html"}, LOGIN)
                return True
        return False

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        kept = {name.lower(): value for name, value in headers.items() if name.lower() not in HOP}
        if kept.pop("content-encoding", None) == "zstd":
            body = unpacked(body)
        if body:
            body, kept["content-encoding"] = gzip.compress(body), "gzip"
        for name, value in kept.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


def unpacked(body: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(body)


for verb in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
    setattr(Carrier, f"do_{verb}", Carrier.carry)

HOP = frozenset({"connection", "content-length", "transfer-encoding", "keep-alive", "date", "server"})


@contextmanager
def a_proxy(behind: str) -> Iterator[Proxy]:
    proxy = Proxy(behind)
    running = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
    running.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        running.join()
        proxy.server_close()


@pytest.fixture
def road(seeded_file, tmp_path):
    """A desk whose every request goes through the proxy, and the platform behind it."""
    with serving(tmp_path / "platform", seeded_file) as served, a_proxy(served.url) as proxy:
        branch = Branch(tmp_path / "desk", proxy.url, served.unit(UNIT), served.seed["subjects"])
        branch.open_for_business("reporter", "reviewer")
        yield branch, proxy, served
        branch.stand_up()


def test_a_proxy_that_packs_everything_anew_changes_nothing(road):
    branch, proxy, served = road
    branch.approved(12)

    branch.sync_until(lambda: set(branch.states().values()) == {"stored"})

    assert proxy.packed > 0
    check_agreement(branch, Ledger.of(served.database, UNIT))


@pytest.mark.parametrize("path", ["/v1/hello", "/v1/approvals", "/v1/batches", "/v1/feed"])
def test_a_log_in_page_in_the_place_of_an_answer_is_named_and_nothing_counts_as_sent(road, path):
    branch, proxy, served = road
    branch.approved(3)
    proxy.closed[path] = 1

    outcome = branch.sync()

    assert outcome.problem.code == "portal"
    assert path != "/v1/hello" or set(branch.outbox()) == {"queued"}
    branch.sync_until(lambda: set(branch.states().values()) == {"stored"})
    check_agreement(branch, Ledger.of(served.database, UNIT))
