"""Receipts as a file that anybody can verify without this program's database."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from client.errors import StoreError
from client.store.connection import Connection
from forms.seal.keys import to_text

PAGE_ROWS = 1_000


def receipts_as_json(reader: Connection, only: Collection[str] | None = None) -> dict[str, Any]:
    """Return receipts, the lists of digests that the platform sealed, and the key that it did so with.

    Args:
        reader: of the desk.
        only: ids of the versions whose receipts are wanted; None for every one.

    Returns:
        ``{"server_id", "server_key", "seals": [{"digests", "sig"}], "receipts": […]}``, what `minxin verify`
        reads. `digests` are 32 bytes each, one after the other, as URL-safe base64. A receipt of before seals
        has a signature of its own, `sig`.
    """
    device = reader.execute("SELECT server_id, server_key FROM device LIMIT 1").fetchone()
    if device is None:
        raise StoreError("damaged")
    receipts: list[Any] = []
    last = ("", "")
    while True:
        page = reader.execute(
            "SELECT version_id, stage, raw, sig FROM receipt_said WHERE (version_id, stage) > (?, ?)"
            " ORDER BY version_id, stage LIMIT ?",
            (*last, PAGE_ROWS),
        ).fetchall()
        wanted = [row for row in page if only is None or row["version_id"] in only]
        receipts += [json.loads(row["raw"]) | ({"sig": row["sig"]} if row["sig"] else {}) for row in wanted]
        if len(page) < PAGE_ROWS:
            return {
                "server_id": device["server_id"],
                "server_key": device["server_key"],
                "seals": _seals(reader),
                "receipts": receipts,
            }
        last = (page[-1]["version_id"], page[-1]["stage"])


def _seals(reader: Connection) -> list[dict[str, str]]:
    seals: list[dict[str, str]] = []
    last = 0
    while True:
        page = reader.execute(
            "SELECT n, digests, sig FROM seal WHERE n > ? ORDER BY n LIMIT ?", (last, PAGE_ROWS)
        ).fetchall()
        seals += [{"digests": to_text(row["digests"]), "sig": row["sig"]} for row in page]
        if len(page) < PAGE_ROWS:
            return seals
        last = page[-1]["n"]
