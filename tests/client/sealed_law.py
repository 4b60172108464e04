"""Calendars and choices of rule sets as the platform's feed brings them, sealed, for tests of the desk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from client.core.answers import FeedItem
from forms.law.sealed import CALENDAR, CHOICE, seal
from tests.client.sync.office import SERVER_ID, SERVER_KEY

RULES = Path(__file__).parents[2] / "resources" / "legal" / "rules"
AT = "2026-11-24T08:00:02.000Z"


def news(
    seq: int, kind: str, number: int, content: Any, *, key: Any = SERVER_KEY, server_id: str = SERVER_ID
) -> FeedItem:
    """What the feed says of a calendar or a choice."""
    kinds = {"calendar.published": CALENDAR, "rules.chosen": CHOICE}
    sealed = seal(key, server_id, kinds[kind], number, AT, content)
    return FeedItem(seq, kind, AT, {"sealed": sealed})


def a_choice(
    name: str, *, city: str = "350200", since: str = "2026-01-01", kind: str = "objection", **other: Any
) -> Any:
    """A choice of a rule set that ships."""
    content = json.loads((RULES / f"{name}.json").read_bytes())
    said = {"city": city, "kind": kind, "since": since, "confirmed_by": None, "confirmed_on": None}
    return said | {"content": content} | other


def a_calendar(year: int, *off: tuple[str, str], work: tuple[str, ...] = ()) -> Any:
    """The calendar of a year with these days off."""
    return {
        "year": year, "title": f"{year} 年放假安排", "issued_on": None, "source": "测试", "provenance": "own",
        "off": [{"name": "假", "from": first, "to": last} for first, last in off], "work": list(work),
    }  # fmt: skip
