"""Receipts that came in short, put together with what this desk knows; the seal is over the whole ones. Pure.

A desk on a slow line asks for them so. Nothing that is filled in here is believed: what does not give the
bytes that the platform sealed is no answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from client.sync.wire import Pinned


def filled_answer(
    receipts: Sequence[Mapping[str, Any]], pinned: Pinned, versions: Mapping[str, str], body: bytes
) -> Sequence[Mapping[str, Any]]:
    """Fill in the receipts of an answer from the batch that it speaks of; whole ones stay as they are.

    Args:
        receipts: one for each item of the batch, in its order, where any is in short.
        pinned: the platform.
        versions: version_id → content digest, of the batch.
        body: of the batch.

    Raises:
        KeyError, TypeError, ValueError: they do not fit the batch.
    """
    if all("version_id" in one for one in receipts):
        return receipts
    items = json.loads(body)["items"]
    return [
        one
        if "version_id" in one
        else {
            "version_id": item["version_id"], "record_id": item["record_id"],
            "content_sha256": versions[item["version_id"]], "stage": "checked", "problem": None,
            "server_id": pinned.server_id, **one,
        }
        for one, item in zip(receipts, items, strict=True)
    ]  # fmt: skip


MOST_IN_A_RUN: Final = 4_000
"""As many as the longest page has entries."""

Run = tuple[str, int]
"""A version, and how many: itself and those whose receipts in its batch's answer have the next numbers."""


def runs_of(page: Mapping[str, Any]) -> list[Run]:
    """Return the versions whose receipts a page of the feed tells in short."""
    return [_run(one["data"]) for one in page["items"] if _is_short(one)]


def filled_page(page: Mapping[str, Any], checked: Mapping[Run, Sequence[bytes]]) -> dict[str, Any]:
    """Fill in the receipts of a page of the feed.

    Args:
        page: as it came.
        checked: run → the receipts that its versions were given in an answer.

    Raises:
        KeyError: a version has none on this desk.
    """
    items: list[Mapping[str, Any]] = []
    for one in page["items"]:
        if not _is_short(one):
            items.append(one)
            continue
        changed = {"at": one["at"], "stage": one["data"]["stage"]}
        for seq, raw in enumerate(checked[_run(one["data"])], one["seq"]):
            items.append({**one, "seq": seq, "data": {**orjson.loads(raw), **changed}})
    return {**page, "items": items}


def _run(data: Mapping[str, Any]) -> Run:
    version_id, count = data["version_id"], data.get("count", 1)
    if type(version_id) is not str or type(count) is not int or not 1 <= count <= MOST_IN_A_RUN:
        raise ValueError("run")
    return version_id, count


def _is_short(item: Mapping[str, Any]) -> bool:
    return item["type"] == "stage" and "receipt_no" not in item["data"]
