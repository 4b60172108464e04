"""Subjects (信用主体): whom a record is about, the library, and whether the two meet (关联)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, insert, select, update

from forms.catalog.schema import Item, Values
from forms.lists.entries import SubjectKind, subject_kind
from regional_platform.store.among import among
from regional_platform.store.tables import job, subject
from regional_platform.times import iso

ANY_DAY: Final = date.min
"""The check characters of organisations are the same on all days."""

LONGEST_CODE: Final = 64
"""No code of a subject is longer; what is longer is none, and meets nobody."""
_FLAT: Final = str.maketrans({"(": "（", ")": "）", "·": "", "•": ""})


class SubjectRef(NamedTuple):
    """Whom a record names. For a person the code is the number of the identity document."""

    kind: SubjectKind
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of the library."""

    code: str
    name: str
    representative: str | None = None


def subject_of(item: Item, values: Values) -> SubjectRef:
    """Return whom a record of `item` is about; an absent code or name is empty."""
    code = str(values.get(item.subject_code, "")).strip().upper()[:LONGEST_CODE]
    name = str(values.get(item.subject_name, "")).strip()
    return SubjectRef(subject_kind(item, code, ANY_DAY), code, name)


def same_name(one: str, other: str) -> bool:
    """Say whether two names are one: width, brackets and blanks do not count."""
    return one == other or name_key(one) == name_key(other)


def name_key(name: str) -> str:
    """Return a name as it is compared and searched: width, brackets and blanks apart."""
    return "".join(unicodedata.normalize("NFKC", name).translate(_FLAT).split())


def unmatched_because(named: SubjectRef, library: Mapping[str, str]) -> str | None:
    """Say why a record does not meet its subject, as a problem code; None when it does.

    A person is known by the number alone, and from the first record on: no register of persons
    feeds the library.
    """
    if named.kind == "person":
        return None if named.code else "subject-unknown"
    if named.code not in library:
        return "subject-unknown"
    return None if same_name(named.name, library[named.code]) else "subject-name-differs"


def names_of(connection: Connection, codes: Iterable[str]) -> dict[str, str]:
    """Read the names that the library has for codes."""
    rows = connection.execute(select(subject.c.code, subject.c.name).where(among(subject.c.code, set(codes))))
    return {code: name for code, name in rows}  # noqa: C416 - a row is no pair to mypy


def add_persons(connection: Connection, named: Iterable[SubjectRef], now: datetime) -> None:
    """Add persons at first sight; what the library has already stays."""
    people: dict[str, SubjectRef] = {}
    for one in named:
        if one.kind == "person" and one.code:
            people.setdefault(one.code, one)
    fresh = people.keys() - names_of(connection, people).keys()
    if fresh:
        connection.execute(
            insert(subject),
            [
                {
                    "code": code,
                    "kind": "person",
                    "name": people[code].name,
                    "name_key": name_key(people[code].name),
                    "representative": None,
                    "basis": "derived",
                    "since_at": iso(now),
                }
                for code in sorted(fresh)
            ],
        )


def load_subjects(connection: Connection, subjects: Sequence[Subject], now: datetime) -> int:
    """Put legal subjects into the library, and send what waited for them through matching again.

    Returns:
        How many versions will be matched again.
    """
    by_code = {one.code: one for one in subjects}
    again = 0
    codes = sorted(by_code)
    for start in range(0, len(codes), 500):
        part = codes[start : start + 500]
        known = names_of(connection, part)
        for code in part:
            one = by_code[code]
            values = {
                "name": one.name,
                "name_key": name_key(one.name),
                "representative": one.representative,
                "basis": "loaded",
                "since_at": iso(now),
            }
            if code in known:
                connection.execute(update(subject).where(subject.c.code == code).values(values))
            else:
                connection.execute(insert(subject).values(code=code, kind="legal", **values))
        retried = connection.execute(
            update(job).where(job.c.step == "wait", job.c.subject_code.in_(part)).values(step="match")
        )
        again += retried.rowcount
    return again
