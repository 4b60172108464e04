"""A record of a list item → an entry: who put whom on which list, on what ground, until when. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from forms.catalog.codes import DOUBTS, FAULTS
from forms.catalog.dates import LONG_TERM, read_date
from forms.catalog.schema import Item, Value, Values
from forms.lists.book import Rule

SubjectKind = Literal["legal", "person"]

NATURAL_PERSON: Final = "自然人"
_DAY: Final = timedelta(days=1)
_GROUND_MOST: Final = 2_000
_USABLE: Final = frozenset({"", *DOUBTS})
_LIKE_A_PERSON: Final = re.compile(r"\d{6}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])\d{5}[0-9X]|\d{15}")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a record says of a list.

    Attributes:
        list: code of the list; empty when the record does not say one.
        subject_code: for a person the number of the identity document.
        ground: why, as the record says it; several parts joined with `；`.
        keeper: who decided it, as the record says it.
        document: number of the document, or empty.
        since_on: first day; `since_stated` is false when it is only the day on which the record was stored.
        until_on: last day; None without an end.
        removed_on: first day on which it is no longer on the list; None while nobody took it off.
        removed_because, removed_by: as the record says it; empty when it says nothing.
    """

    list: str
    subject_kind: SubjectKind
    subject_code: str
    subject_name: str
    ground: str
    keeper: str
    document: str
    since_on: date
    since_stated: bool
    until_on: date | None
    removed_on: date | None
    removed_because: str
    removed_by: str

    def in_force(self, day: date) -> bool:
        """Say whether the subject is on the list on a day."""
        end = last_day(self.until_on, self.removed_on)
        return self.since_on <= day and (end is None or day <= end)


def last_day(until_on: date | None, removed_on: date | None) -> date | None:
    """Return the last day on a list, None without one."""
    ends = [end for end in (until_on, removed_on - _DAY if removed_on else None) if end is not None]
    return min(ends, default=None)


def entry_of(rule: Rule, item: Item, values: Values, stored_on: date) -> Entry:
    """Return the entry that a record makes.

    Args:
        rule: of the item.
        item: as the version names it.
        values: of the version.
        stored_on: legal day on which the record was first stored; stands where it names no first day.
    """

    def said(name: str) -> str:
        return _text(values.get(name)) if name else ""

    since, until = _day(said(rule.since), stored_on), _day(said(rule.until), stored_on)
    code = said(item.subject_code).upper()
    return Entry(
        list=rule.list or said(rule.list_field),
        subject_kind=subject_kind(item, code, stored_on),
        subject_code=code,
        subject_name=said(item.subject_name),
        ground="；".join(filter(None, map(said, rule.ground)))[:_GROUND_MOST],
        keeper=said(rule.keeper),
        document=said(item.doc_no),
        since_on=since or stored_on,
        since_stated=since is not None,
        until_on=None if until is None or until >= LONG_TERM else until,
        removed_on=_day(said(rule.removed_on), stored_on),
        removed_because=said(rule.removed_because),
        removed_by=said(rule.removed_by),
    )


def subject_kind(item: Item, code: str, today: date) -> SubjectKind:
    """Say whether a code is a person's number; where an item knows both, and in doubt, it is.

    So nobody's number is shown because it was mistyped.
    """
    kinds = set(item.subject_kinds)
    if NATURAL_PERSON not in kinds:
        return "legal"
    if kinds == {NATURAL_PERSON} or _LIKE_A_PERSON.fullmatch(code):
        return "person"
    return "legal" if any(FAULTS[kind](code, today) in _USABLE for kind in ("uscc", "orgcode")) else "person"


def _text(value: Value | None) -> str:
    """A value as text: a code is its code, "other, namely" its words."""
    if isinstance(value, dict):
        return value["text"].strip() or value["code"]
    return "" if value is None or isinstance(value, list) else str(value).strip()


def _day(text: str, today: date) -> date | None:
    """A day out of a date, or out of a text that the catalog lets stand for one."""
    return read_date(text, today).day if text else None
