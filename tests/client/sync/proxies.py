"""A proxy on a real socket: makes tunnels (CONNECT), or refuses them in each way that proxies do."""

from __future__ import annotations

import base64
import contextlib
import selectors
import socket
import threading
from collections.abc import Mapping

PATIENCE_S = 10.0


class ProxyServer:
    """Attributes:
    asked: the heads of all questions.
    """

    def __init__(
        self,
        *,
        users: Mapping[str, str] | None = None,
        schemes: tuple[str, ...] = ('Basic realm="office"',),
        refuses: str = "",
        silent: bool = False,
    ) -> None:
        self._users, self._schemes, self._refuses, self._silent = users, schemes, refuses, silent
        self.asked: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE_S)

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
        with line, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                piece = line.recv(4_096)
                if not piece:
                    return
                head += piece
            text = head.decode("latin-1")
            self.asked.append(text)
            if self._silent:
                return
            if self._refuses:
                line.sendall(f"HTTP/1.1 {self._refuses}\r\nContent-Length: 0\r\n\r\n".encode())
            elif self._users is not None and not self._knows(text):
                wants = "".join(f"Proxy-Authenticate: {one}\r\n" for one in self._schemes)
                line.sendall(f"HTTP/1.1 407 Who are you\r\n{wants}Content-Length: 0\r\n\r\n".encode())
            else:
                self._carry(line, text.split()[1])

    def _knows(self, head: str) -> bool:
        for row in head.split("\r\n"):
            name, _, value = row.partition(": ")
            if name.lower() == "proxy-authorization" and value.startswith("Basic "):
                user, _, word = base64.b64decode(value[6:]).decode().partition(":")
                return (self._users or {}).get(user) == word
        return False

    def _carry(self, line: socket.socket, target: str) -> None:
        host, _, port = target.rpartition(":")
        with socket.create_connection((host, int(port)), PATIENCE_S) as beyond:
            line.sendall(b"HTTP/1.1 200 Made\r\n\r\n")
            with selectors.DefaultSelector() as ready:
                ready.register(line, selectors.EVENT_READ, beyond)
                ready.register(beyond, selectors.EVENT_READ, line)
                while True:
                    for key, _ in ready.select(PATIENCE_S):
                        piece = key.fileobj.recv(65_536)  # type: ignore[union-attr]
                        if not piece:
                            return
                        key.data.sendall(piece)
