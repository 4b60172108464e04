"""The body of a batch, read once.

Desks write canonical JSON. What an item says then stands in the body byte for byte as it was approved, and is
taken from there: only that it is canonical is held against its own canonical form. Any other body is read as
any other JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from forms.seal.canonical import plain_text
from forms.seal.content import CONTENT_KEYS
from regional_platform.api.bodies import refuse_deep, refuse_many, strict_json
from regional_platform.problems import Refusal

_ITEMS: Final = '"items":['
_KEYS: Final = frozenset((*CONTENT_KEYS, "approval"))
_UNANSWERED: Final = '{"answers":[],'
_LONGEST_NUMBER: Final = 15
_BEYOND_16_BITS: Final = re.compile(rb"[\xf0-\xf4]")
"""Signs that RFC 8785 sorts otherwise than Python, should they stand in a key."""


class _NotAsItStands(ValueError):
    """Not as a desk of ours writes it."""


def read_batch(body: bytes) -> tuple[Any, Sequence[bytes | None]]:
    """Read a batch; returns it, and of each item the canonical bytes of its content, None when unknown.

    Raises:
        Refusal: malformed.
    """
    refuse_many(body)
    try:
        said, contents = _as_it_stands(body)
    except (_NotAsItStands, UnicodeDecodeError, StopIteration, IndexError, RecursionError, Refusal):
        said = strict_json(body)
        items = said.get("items") if isinstance(said, dict) else None
        return said, [None] * len(items if isinstance(items, list) else ())
    refuse_deep(said["items"])
    return said, contents


def _as_it_stands(body: bytes) -> tuple[Any, list[bytes | None]]:
    """Take the items out one by one; what is around them is read strictly."""
    if _BEYOND_16_BITS.search(body):
        raise _NotAsItStands
    text = body.decode("utf-8")
    begin = end = text.index(_ITEMS) + len(_ITEMS) if _ITEMS in text else 0
    items: list[dict[str, Any]] = []
    contents: list[bytes | None] = []
    while begin and (end == begin or text[end] == ","):
        start = end + (end > begin)
        item, end = _scan(text, start)
        contents.append(_content(item, text[start:end]))
        items.append(item)
    said = strict_json((text[:begin] + text[end:]).encode())
    if not isinstance(said, dict) or said.get("items") != []:
        raise _NotAsItStands
    return {**said, "items": items}, contents


def _content(item: Any, text: str) -> bytes:
    """Cut the approval out of the text of a canonical item."""
    if type(item) is not dict or item.keys() != _KEYS or plain_text(item) != text:
        raise _NotAsItStands
    approval = f'"approval":{plain_text(item["approval"])},'
    if text.startswith(approval, len(_UNANSWERED)) and text.startswith(_UNANSWERED):
        return (_UNANSWERED + text[len(_UNANSWERED) + len(approval) :]).encode()
    return plain_text({key: item[key] for key in CONTENT_KEYS}).encode()


def _no_number(_text: str) -> float:
    raise _NotAsItStands


def _whole(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise _NotAsItStands
    return int(text)


_scan: Final = json.JSONDecoder(parse_float=_no_number, parse_constant=_no_number, parse_int=_whole).scan_once  # type: ignore[attr-defined]  # typeshed leaves it out
