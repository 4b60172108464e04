"""Receipts as a file that anybody can verify without this program's database."""

from __future__ import annotations

import json
from typing import Any

from client.errors import StoreError
from client.store.connection import Connection

PAGE_ROWS = 1_000


def receipts_as_json(reader: Connection) -> dict[str, Any]:
    """Return every receipt as the platform signed it, and the key that it is held against.

    Returns:
        ``{"server_id", "server_key", "receipts": […]}``, what `minxin verify` reads.
    """
    device = reader.execute("SELECT server_id, server_key FROM device LIMIT 1").fetchone()
    if device is None:
        raise StoreError("damaged")
    receipts: list[Any] = []
    last = ("", "")
    while True:
        page = reader.execute(
            "SELECT version_id, stage, raw FROM receipt WHERE (version_id, stage) > (?, ?)"
            " ORDER BY version_id, stage LIMIT ?",
            (*last, PAGE_ROWS),
        ).fetchall()
        receipts += [json.loads(row["raw"]) for row in page]
        if len(page) < PAGE_ROWS:
            return {
                "server_id": device["server_id"],
                "server_key": device["server_key"],
                "receipts": receipts,
            }
        last = (page[-1]["version_id"], page[-1]["stage"])
