"""The body of a batch, read once.

Desks write canonical JSON. What an item says then stands in the body byte for byte as it was approved, and is
taken from there: only that it is canonical is held against its own canonical form. Any other body is read as
any other JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

import orjson

from forms.seal.content import CONTENT_KEYS
from regional_platform.api.bodies import DEEPEST, refuse_many, strict_json

_KEYS: Final = frozenset((*CONTENT_KEYS, "approval"))
_UNANSWERED: Final = b'{"answers":[],'
_LARGEST: Final = 10**15


class _NotAsItStands(ValueError):
    """Not as a desk of ours writes it."""


def read_batch(body: bytes) -> tuple[Any, Sequence[bytes | None]]:
    """Read a batch; returns it, and of each item the canonical bytes of its content, None when unknown.

    Raises:
        Refusal: malformed.
    """
    refuse_many(body)
    try:
        return _as_it_stands(body)
    except (_NotAsItStands, orjson.JSONDecodeError):
        said = strict_json(body)
        items = said.get("items") if isinstance(said, dict) else None
        return said, [None] * len(items if isinstance(items, list) else ())


def _as_it_stands(body: bytes) -> tuple[Any, list[bytes]]:
    """Read a body, and write it again: it is canonical when that is what came."""
    said = orjson.loads(body)
    items = said.get("items") if type(said) is dict else None
    if not items or type(items) is not list:
        raise _NotAsItStands
    _refuse_odd(said)
    texts = [_canonical(item) for item in items]
    joined = b",".join(texts)
    begin = body.find(joined)
    if begin < 0 or body[:begin] + body[begin + len(joined) :] != _canonical({**said, "items": []}):
        raise _NotAsItStands
    return said, [_content(item, text) for item, text in zip(items, texts, strict=True)]


def _refuse_odd(said: dict[str, Any]) -> None:
    """Walk down level by level: no fractions, no numbers that JSON does not carry, no great depth.

    And no keys beyond ASCII: RFC 8785 sorts some of them otherwise than by their bytes.
    """
    objects: list[dict[str, Any]] = [said]
    arrays: list[list[Any]] = []
    for _ in range(DEEPEST):
        if not "".join(set().union(*objects)).isascii():
            raise _NotAsItStands
        values = chain.from_iterable(map(dict.values, objects))
        members = list(chain(values, chain.from_iterable(arrays)))
        kinds = set(map(type, members))
        if float in kinds:
            raise _NotAsItStands
        if int in kinds and max(abs(one) for one in members if type(one) is int) >= _LARGEST:
            raise _NotAsItStands
        objects = [one for one in members if type(one) is dict] if dict in kinds else []
        arrays = [one for one in members if type(one) is list] if list in kinds else []
        if not objects and not arrays:
            return
    raise _NotAsItStands


def _canonical(value: Any) -> bytes:
    """The canonical form of what has nothing odd."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _content(item: Any, text: bytes) -> bytes:
    """Cut the approval out of the text of a canonical item."""
    if type(item) is not dict or item.keys() != _KEYS:
        raise _NotAsItStands
    approval = b'"approval":%b,' % _canonical(item["approval"])
    if text.startswith(approval, len(_UNANSWERED)) and text.startswith(_UNANSWERED):
        return _UNANSWERED + text[len(_UNANSWERED) + len(approval) :]
    return _canonical({key: item[key] for key in CONTENT_KEYS})
