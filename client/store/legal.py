"""Calendars and rule sets that came from the platform: kept, in force over those that ship.

Only what our platform's key has signed is taken; what of it moves the due dates of cases: `case_dues`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any, Final

from client import paths
from client.core.answers import FeedItem
from client.core.law import Choice, Law
from client.core.people import Device
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import as_json
from client.store.link import SYSTEM
from forms.law.calendar import Calendar, CalendarError, Notice, read_notice_file
from forms.law.rulesets import Followed, Kind, RuleError, RuleSet, load, read_rule_set
from forms.law.sealed import CALENDAR, CHOICE, NotSealed, opened

NEWS: Final = frozenset({"calendar.published", "rules.chosen"})
"""Types of the feed that hold a sealed document."""


@cache
def shipped_calendar() -> Calendar:
    """The calendar that ships with the program."""
    return Calendar.load(paths.resources() / "calendars")


@cache
def shipped_rules() -> Mapping[str, RuleSet]:
    """The rule sets that ship with the program."""
    return load(paths.resources() / "legal" / "rules")


def keep(desk: Desk, tx: Connection, items: Sequence[FeedItem]) -> frozenset[str]:
    """Keep what the platform says of calendars and rule sets; returns of which formats something was taken.

    What its key has not signed is not taken, and that is logged.
    """
    return frozenset(kind for item in items if (kind := _take(desk, tx, item)) is not None)


def _take(desk: Desk, tx: Connection, item: FeedItem) -> str | None:
    sealed = item.data.get("sealed")
    try:
        document = opened(sealed, desk.device.server_key, desk.device.server_id)
        _READS[document["format"]](document)
    except (NotSealed, CalendarError, RuleError, KeyError, TypeError, ValueError) as error:
        code = error.code if isinstance(error, NotSealed) else "unsound"
        desk.tell_as(tx, SYSTEM, "law_refused", item.type, {"seq": item.seq, "code": code})
        return None
    tx.execute(
        "INSERT INTO law_sheet VALUES (?,?,?,?) ON CONFLICT (format, number) DO UPDATE SET"
        " sealed = excluded.sealed, at = excluded.at",
        (document["format"], document["number"], as_json(sealed), item.at),
    )
    detail = {"number": document["number"], "sha256": sealed["sha256"]} if isinstance(sealed, dict) else {}
    desk.tell_as(tx, SYSTEM, "law_taken", document["format"], detail)
    return str(document["format"])


def _read_calendar(document: Mapping[str, Any]) -> Notice:
    return read_notice_file(document["content"], "日历")


def _read_choice(document: Mapping[str, Any]) -> Choice:
    said = document["content"]
    confirmed_on = said["confirmed_on"]
    return Choice(
        document["number"], str(said["city"]), str(said["kind"]), date.fromisoformat(said["since"]),
        read_rule_set(said["content"]), said["confirmed_by"],
        None if confirmed_on is None else date.fromisoformat(confirmed_on),
    )  # fmt: skip


_READS: Final[Mapping[str, Callable[[Mapping[str, Any]], object]]] = {
    CALENDAR: _read_calendar, CHOICE: _read_choice,
}  # fmt: skip


def _sealed(reader: Connection, kind: str) -> list[str]:
    rows = reader.execute(
        "SELECT sealed FROM law_sheet WHERE format = ? ORDER BY number LIMIT 10000", (kind,)
    )
    return [row["sealed"] for row in rows]


@lru_cache(maxsize=256)
def _calendar_in(sealed: str) -> Notice:
    return _read_calendar(json.loads(sealed)["document"])


@lru_cache(maxsize=256)
def _choice_in(sealed: str) -> Choice:
    return _read_choice(json.loads(sealed)["document"])


def read_law(reader: Connection, device: Device) -> Law:
    """Return what is in force on this desk: what came lies over what ships."""
    choices = tuple(_choice_in(one) for one in _sealed(reader, CHOICE))
    return Law(calendar(reader), choices, shipped_rules(), device)


def calendar(reader: Connection) -> Calendar:
    """Return the calendar: what came lies over what ships, the latest of a year over the earlier."""
    return shipped_calendar().with_notices(_calendar_in(one) for one in _sealed(reader, CALENDAR))


def in_force(reader: Connection, device: Device, city: str, kind: Kind, on: date) -> Followed:
    """Return the rule set that a city follows for cases taken in on a day, confirmed or not."""
    return read_law(reader, device).in_force(city, kind, on)
