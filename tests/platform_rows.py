"""What the platform's database says, told without its code: the feed number by number, every receipt."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Ask = Callable[[str], Iterable[Any]]
"""Asks the database; gives rows as tuples."""


@dataclass(frozen=True)
class Entry:
    """One number of a feed; version and stage where it tells of one."""

    unit: str
    seq: int
    type: str
    at: str
    version_id: str | None
    stage: str | None


def feed_of(ask: Ask) -> Iterator[Entry]:
    """Every number of every feed; a row that tells of many versions is taken apart."""
    for unit, seq, kind, at, version_id, stage, said, count in ask(
        "SELECT unit, seq, type, at, version_id, stage, json, entries FROM feed ORDER BY unit, seq"
    ):
        if stage is None or version_id is not None:
            yield Entry(unit, seq, kind, at, version_id, stage)
            continue
        ids = bytes(said).hex()
        for place in range(count):
            one = ids[32 * place : 32 * place + 32]
            named = "-".join((one[:8], one[8:12], one[12:16], one[16:20], one[20:]))
            yield Entry(unit, seq + place, kind, at, named, stage)


def receipts_of(ask: Ask) -> dict[tuple[str, str], bytes]:
    """Every receipt that the platform has given for good, by version and stage."""
    ((server_id,),) = ask("SELECT server_id FROM server")
    keys, found = {}, {}
    for version_id, record_id, sha, outcome, number, checked_at in ask(
        "SELECT version_id, record_id, content_sha256, outcome, receipt_no, checked_at FROM version_key"
    ):
        keys[version_id] = {
            "version_id": version_id, "record_id": record_id, "content_sha256": sha, "outcome": outcome,
            "receipt_no": number, "server_id": server_id, "problem": None,
        }  # fmt: skip
        if checked_at:
            found[version_id, "checked"] = {**keys[version_id], "stage": "checked", "at": checked_at}
    for one in feed_of(ask):
        if one.version_id and one.stage and one.version_id in keys:
            found[one.version_id, one.stage] = {**keys[one.version_id], "stage": one.stage, "at": one.at}
    made = {
        key: json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        for key, said in found.items()
    }
    kept = ask("SELECT version_id, stage, raw FROM receipt")
    return made | {(version_id, stage): bytes(raw) for version_id, stage, raw in kept}
