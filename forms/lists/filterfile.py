"""The filter file: all lists in force in a few bytes a member, to ask offline whether a subject is on one.

A hit means "look it up": one question in 16 million is answered yes by chance, so with fifty lists one
subject in some 300,000. No hit is certain, for the day of the file.

Persons are in it by their tags (`persons`): the file tells nobody's number, and asking needs the key. The
hash is keyed anew each day, so that what is hit by chance one day is not hit the next, and nothing that was
worked out for one file serves for another. Legal subjects are in it by their codes; those are public.

Layout: ``MXLF`` · 4 bytes length of the head · head, canonical JSON · 64 bytes signature · cells.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from forms.lists.fuse import Fuse, build
from forms.lists.persons import MOST_COST
from forms.lists.sealed import NotGenuine
from forms.seal.canonical import NotCanonical, canonical, digest
from forms.seal.keys import BadKey, SigningKey, from_text, to_text, verifies

MAGIC: Final = b"MXLF"
PURPOSE: Final = "list.filter"
WIDTH: Final = 3
"""Bytes of a cell: one in 2²⁴."""

DAY_KEY_BYTES: Final = 16
_LENGTH_BYTES: Final = 4
_SIGNATURE_BYTES: Final = 64
_HEAD_MOST: Final = 1_048_576
_KEYS: Final = frozenset(
    ["format", "version", "server_id", "server_key", "number", "on", "made_at", "members", "lists",
     "person_key", "person_cost", "day_key", "attempt", "segment", "segments", "width", "sha256"]
)  # fmt: skip
_WHOLE: Final = (
    "version", "number", "members", "person_cost", "attempt", "segment", "segments", "width",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FilterHead:
    """What a filter says of itself, beside how it is built.

    Attributes:
        lists: code → ``{"name", "kind", "number"}``: the snapshots that it was made with.
        person_key, person_cost: name and cost of the key under which the tags were made.
        day_key: 16 random bytes, new each day.
    """

    server_id: str
    number: int
    on: date
    made_at: str
    lists: Mapping[str, Mapping[str, Any]]
    person_key: str
    person_cost: int
    day_key: bytes


@dataclass(frozen=True, slots=True)
class ListFilter:
    """A filter that can be asked."""

    head: FilterHead
    server_key: str
    members: int
    fuse: Fuse

    def lists_of(self, code: str) -> list[str]:
        """Return the lists that a legal subject is on, by its code; certain only where there are none."""
        return self._hits("legal", code.upper())

    def lists_of_person(self, tag: str) -> list[str]:
        """Return the lists that a person is on, by the tag of the number."""
        return self._hits("person", tag)

    def _hits(self, kind: str, subject: str) -> list[str]:
        return [code for code in self.head.lists if member(code, kind, subject) in self.fuse]


def member(code: str, kind: str, subject: str) -> bytes:
    """What stands in the filter for a subject on a list.

    Args:
        code: of the list.
        kind: ``legal`` or ``person``.
        subject: code of a legal subject, tag of a person.
    """
    return f"{code}\n{kind}\n{subject}".encode()


def build_filter(head: FilterHead, members: Iterable[bytes], key: SigningKey) -> bytes:
    """Build the file.

    Args:
        head: what it says of itself.
        members: made by `member`.
        key: the platform's.
    """
    distinct = set(members)
    fuse = build(distinct, head.day_key, WIDTH)
    said = _said(head, fuse, len(distinct), key.public)
    text = canonical(said)
    signature = from_text(key.sign(PURPOSE, said))
    return b"".join([MAGIC, len(text).to_bytes(_LENGTH_BYTES), text, signature, fuse.cells])


def _said(head: FilterHead, fuse: Fuse, members: int, public: str) -> dict[str, Any]:
    return {
        "format": PURPOSE, "version": 1, "server_id": head.server_id, "server_key": public,
        "number": head.number, "on": head.on.isoformat(), "made_at": head.made_at, "members": members,
        "lists": {code: dict(one) for code, one in head.lists.items()}, "person_key": head.person_key,
        "person_cost": head.person_cost, "day_key": to_text(head.day_key), "attempt": fuse.attempt,
        "segment": fuse.segment, "segments": fuse.segments, "width": fuse.width,
        "sha256": digest(bytes(fuse.cells)),
    }  # fmt: skip


def is_filter(content: bytes) -> bool:
    """Say whether bytes mean to be a filter; whether they hold, says `read_filter`."""
    return content.startswith(MAGIC)


def read_filter(content: bytes, public: str | None = None) -> ListFilter:
    """Read a file, whole and signed, or not at all.

    Args:
        content: the bytes; the cells are used where they lie.
        public: the platform's key; None takes the one in the head, see `sealed.opened`.

    Raises:
        NotGenuine: not_published, misshapen, digest_differs, signature_invalid.
    """
    if not is_filter(content):
        raise NotGenuine("not_published")
    start = len(MAGIC) + _LENGTH_BYTES
    length = int.from_bytes(content[len(MAGIC) : start])
    end = start + length
    if length > _HEAD_MOST or len(content) < end + _SIGNATURE_BYTES:
        raise NotGenuine("misshapen")
    said = _head_of(content[start:end])
    signature, cells = content[end : end + _SIGNATURE_BYTES], memoryview(content)[end + _SIGNATURE_BYTES :]
    if not verifies(public or said["server_key"], to_text(signature), PURPOSE, said):
        raise NotGenuine("signature_invalid")
    if digest(bytes(cells)) != said["sha256"]:
        raise NotGenuine("digest_differs")
    return _filter_of(said, cells)


def _head_of(text: bytes) -> dict[str, Any]:
    try:
        said = json.loads(text)
        sound = isinstance(said, dict) and set(said) == _KEYS and canonical(said) == text
    except (ValueError, RecursionError, NotCanonical) as error:
        raise NotGenuine("misshapen") from error
    if not sound or said["format"] != PURPOSE or not _is_typed(said):
        raise NotGenuine("misshapen")
    assert isinstance(said, dict)
    return said


def _is_typed(said: Mapping[str, Any]) -> bool:
    texts = all(isinstance(said[name], str) for name in _KEYS - {*_WHOLE, "lists"})
    wholes = all(type(said[name]) is int and said[name] >= 0 for name in _WHOLE)
    lists = isinstance(said["lists"], dict) and all(isinstance(one, dict) for one in said["lists"].values())
    return texts and wholes and lists and said["version"] == 1 and said["person_cost"] <= MOST_COST


def _filter_of(said: Mapping[str, Any], cells: memoryview) -> ListFilter:
    try:
        day_key, on = from_text(said["day_key"]), date.fromisoformat(said["on"])
        fuse = Fuse(day_key, said["attempt"], said["segment"], said["segments"], said["width"], cells)
    except (BadKey, ValueError) as error:
        raise NotGenuine("misshapen") from error
    if len(day_key) != DAY_KEY_BYTES:
        raise NotGenuine("misshapen")
    head = FilterHead(
        said["server_id"], said["number"], on, said["made_at"], said["lists"], said["person_key"],
        said["person_cost"], day_key,
    )  # fmt: skip
    return ListFilter(head, said["server_key"], said["members"], fuse)


def members_of(lists: Mapping[str, Collection[Mapping[str, Any]]]) -> Iterable[bytes]:
    """Yield the members of a filter out of the rows of the snapshots: code of a list → its rows."""
    for code, rows in lists.items():
        for row in rows:
            if "person" in row:
                yield member(code, "person", row["person"])
            else:
                yield member(code, "legal", row["subject"])
