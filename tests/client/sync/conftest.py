from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.client.sync.certificates import a_chain
from tests.conftest import SeededFile
from tests.serving import Served, serving

Speak = Callable[[socket.socket], None]

PATIENCE_S = 10.0
TLS_GREETING = b"\x16"


class Liar:
    """A server on a real socket that answers every connection in one way, however wrong."""

    def __init__(self, speak: Speak | None, context: ssl.SSLContext | None = None) -> None:
        self._speak, self._context = speak or self._hang, context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self.asked: list[bytes] = []
        self.port = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    @property
    def address(self) -> str:
        scheme = "https" if self._context else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(line,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        line.settimeout(PATIENCE_S)
        try:
            if self._context is not None:
                line = self._context.wrap_socket(line, server_side=True)
            self.asked.append(_question(line))
            self._speak(line)
        except OSError:
            return
        finally:
            line.close()

    def _hang(self, _line: socket.socket) -> None:
        """Say nothing until the test is over."""
        self._over.wait(PATIENCE_S)

    def close(self) -> None:
        self._over.set()
        with contextlib.suppress(OSError):  # closed already
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(PATIENCE_S)
        for thread in self._threads:
            thread.join(PATIENCE_S)


def _question(line: socket.socket) -> bytes:
    said = b""
    while b"\r\n\r\n" not in said:
        piece = line.recv(65_536)
        if not piece:
            return said
        said += piece
        if said.startswith(TLS_GREETING):
            return said
    head, _, body = said.partition(b"\r\n\r\n")
    for row in head.split(b"\r\n"):
        name, _, value = row.partition(b":")
        if name.lower() == b"content-length":
            while len(body) < int(value):
                body += line.recv(65_536)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def liar() -> Iterator[Callable[..., Liar]]:
    """Start servers that answer as told; all are closed at the end of the test."""
    started: list[Liar] = []

    def start(speak: Speak | None = None, context: ssl.SSLContext | None = None) -> Liar:
        one = Liar(speak, context)
        started.append(one)
        return one

    yield start
    for one in started:
        one.close()


@pytest.fixture
def certificates(tmp_path: Path) -> Callable[..., tuple[Path, ssl.SSLContext]]:
    """Make a certificate authority and a server's context under it, as wrong as told."""
    return lambda **how: a_chain(tmp_path, **how)


@pytest.fixture
def platform(seeded_platform: SeededFile, tmp_path: Path) -> Iterator[Served]:
    """A running platform with the demo's units, in this process: nothing here kills it."""
    with serving(tmp_path / "platform", seeded_platform) as served:
        yield served
