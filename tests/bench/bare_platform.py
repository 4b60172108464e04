"""The least that could take a batch: unpack it, insert its items, answer. `bare_platform.py DATABASE`

The peer of the sync benchmark; prints its port when it listens.
"""

from __future__ import annotations

import json
import socket
import sqlite3
import sys
from typing import Any

import uvicorn
import zstandard


class Bare:
    """An ASGI application of one route."""

    def __init__(self, database: str) -> None:
        self._at = sqlite3.connect(database, isolation_level=None)
        self._at.execute("PRAGMA journal_mode = WAL")
        self._at.execute("PRAGMA synchronous = FULL")
        self._at.execute("CREATE TABLE item (version_id TEXT PRIMARY KEY, record_id TEXT, content TEXT)")

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        answer = json.dumps(self._take(json.loads(zstandard.decompress(body)))).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def _take(self, batch: dict[str, Any]) -> list[str]:
        rows = [
            (item["version_id"], item["record_id"], json.dumps(item, ensure_ascii=False))
            for item in batch["items"]
        ]
        self._at.execute("BEGIN IMMEDIATE")
        self._at.executemany("INSERT INTO item VALUES (?,?,?)", rows)
        self._at.execute("COMMIT")
        return [row[0] for row in rows]


def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(Bare(sys.argv[1]), log_config=None, access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
