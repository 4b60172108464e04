"""Asking the application from within its process: what came on a stick goes the way of all else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message


@dataclass(frozen=True, slots=True)
class Answer:
    """What the application said, byte for byte as it would have gone over the line."""

    status: int
    media: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Inside:
    """Somebody signed in who asks one thing after the other."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token
        self._runner = asyncio.Runner()

    def close(self) -> None:
        """Ask no more."""
        self._runner.close()

    def ask(
        self, method: str, path: str, *, query: str = "", headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:  # fmt: skip
        """Ask one thing, with its whole body.

        Args:
            method: of HTTP.
            path: below the root.
            query: encoded.
            headers: beside the session's.
            body: at most what the route takes.
        """
        # Not `run`: it puts a handler of signals in place, whose name would spell out the whole answer.
        return self._runner.get_loop().run_until_complete(
            self._ask(method, path, query, dict(headers or {}), body)
        )

    async def _ask(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Answer:
        told: list[Message] = []
        unread = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return unread.pop() if unread else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            told.append(message)

        (error,) = await asyncio.gather(
            self._app(self._scope(method, path, query, headers, body), receive, send), return_exceptions=True
        )
        start = next((one for one in told if one["type"] == "http.response.start"), None)
        if start is None:
            raise error or RuntimeError("no answer")
        kept = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        whole = b"".join(one.get("body", b"") for one in told if one["type"] == "http.response.body")
        return Answer(start["status"], kept.get("content-type", ""), whole, kept)

    def _scope(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> dict[str, object]:
        sent = {"authorization": f"Bearer {self._token}", "content-length": str(len(body))}
        sent |= {name.lower(): value for name, value in headers.items()}
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "client": ("package", 0),
            "server": ("package", 0),
        }
