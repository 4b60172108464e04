"""What is published of a list each day: a snapshot of who is on it, and the changes since the last. Pure.

Of legal subjects a row carries code and name, of persons only their tag (`persons`). A delta applied to
the snapshot before it gives the next snapshot byte for byte, and names its digest; it names the digest of
the delta before it too, so that none can be left out or put in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from forms.lists.entries import Entry, last_day
from forms.lists.sealed import DELTA, SNAPSHOT, NotGenuine
from forms.seal.canonical import canonical, digest

Row = dict[str, Any]
"""One entry as it is published."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """What a snapshot and the delta that makes it both say.

    Attributes:
        number: 1, 2, 3 … of the list.
        on: the day of which it is true.
        made_at: ISO 8601 UTC.
        person_key: names the key under which the tags were made.
    """

    server_id: str
    list: str
    name: str
    kind: str
    number: int
    on: date
    made_at: str
    person_key: str

    def as_dict(self) -> Document:
        """The head as it is published."""
        return {
            "version": 1, "server_id": self.server_id, "list": self.list, "name": self.name,
            "kind": self.kind, "number": self.number, "on": self.on.isoformat(), "made_at": self.made_at,
            "person_key": self.person_key,
        }  # fmt: skip


def row_of(entry: Entry, record_id: str, unit: str, tag: str | None) -> Row:
    """Return an entry as it is published; `tag` stands for a person, and nothing that a person wrote.

    Args:
        entry: in force.
        record_id: of the record that made it.
        unit: code of the unit that reported it.
        tag: of the person; None for a legal subject.
    """
    end = last_day(entry.until_on, entry.removed_on)
    row: Row = {
        "record_id": record_id,
        "unit": unit,
        "since": entry.since_on.isoformat(),
        "until": end.isoformat() if end else None,
    }
    if entry.subject_kind == "person":
        assert tag is not None
        return {**row, "person": tag}
    return {
        **row, "subject": entry.subject_code, "name": entry.subject_name, "keeper": entry.keeper,
        "document": entry.document,
    }  # fmt: skip


def snapshot(head: Head, rows: Iterable[Row]) -> Document:
    """Make the snapshot of the rows that are in force on the day."""
    ordered = sorted(rows, key=lambda row: str(row["record_id"]))
    return {"format": SNAPSHOT, **head.as_dict(), "entries": ordered}


def delta(before: Document | None, after: Document, previous: str | None) -> Document:
    """Make the delta from one snapshot to the next.

    Args:
        before: None for the first.
        after: the next.
        previous: digest of the delta that made `before`.
    """
    old = {row["record_id"]: row for row in before["entries"]} if before else {}
    new = {row["record_id"] for row in after["entries"]}
    head = {name: value for name, value in after.items() if name not in {"format", "entries"}}
    return {
        "format": DELTA,
        **head,
        "previous": previous,
        "from": digest(canonical(before)) if before else None,
        "put": [row for row in after["entries"] if old.get(row["record_id"]) != row],
        "drop": sorted(old.keys() - new),
        "makes": digest(canonical(after)),
    }


def applied(before: Document | None, change: Document) -> Document:
    """Apply a delta to the snapshot before it; both come out of `sealed.opened`.

    Raises:
        NotGenuine: other_list, gap (the numbers do not follow), base_differs, result_differs.
    """
    if before is not None and any(before[name] != change[name] for name in ("server_id", "list")):
        raise NotGenuine("other_list")
    if change["number"] != (before["number"] if before else 0) + 1:
        raise NotGenuine("gap")
    if change["from"] != (digest(canonical(before)) if before else None):
        raise NotGenuine("base_differs")
    rows = {row["record_id"]: row for row in before["entries"]} if before else {}
    for record_id in change["drop"]:
        rows.pop(record_id, None)
    rows.update((row["record_id"], row) for row in change["put"])
    head = {
        name: value
        for name, value in change.items()
        if name not in {"format", "previous", "from", "put", "drop", "makes"}
    }
    made = {"format": SNAPSHOT, **head, "entries": [rows[record_id] for record_id in sorted(rows)]}
    if digest(canonical(made)) != change["makes"]:
        raise NotGenuine("result_differs")
    return made


def follows(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> bool:
    """Say whether one delta comes right after another, by number and by digest."""
    chained = later["previous"] == digest(canonical(dict(earlier)))
    next_of_list = later["list"] == earlier["list"] and later["number"] == earlier["number"] + 1
    return bool(chained and next_of_list)
