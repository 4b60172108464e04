"""Who is on a list follows from what is stored: entry, change, removal, withdrawal, each with its act.

Runs inside the transaction that stores versions and looks at those alone, never at a whole table. What an
entry says is the newest stored version of its record, whatever order versions came to be stored in.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from forms.lists.entries import Entry, entry_of, last_day
from regional_platform.incidents import Isolation
from regional_platform.platform import Platform
from regional_platform.store.among import among
from regional_platform.store.bulk import insert_many
from regional_platform.store.list_tables import NO_END, list_act, list_entry
from regional_platform.store.tables import SAME_VERSION, approval, record, version, version_key
from regional_platform.times import legal_day

ENTRY: Final = tuple(column.name for column in list_entry.columns)
ACT: Final = tuple(column.name for column in list_act.columns if column.name != "n")
_DAY: Final = timedelta(days=1)

State = dict[str, Any]
"""A row of `list_entry`."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """A record of a list item: its accepted versions from the first to the head."""

    record_id: str
    chain: Sequence[Any]

    def newest_stored(self) -> str | None:
        """The version that the entry follows."""
        return next((one.version_id for one in reversed(self.chain) if one.stage == "stored"), None)

    def last_said(self) -> Row[Any] | None:
        """The last version that says who is listed; a withdrawal says nothing."""
        return next((one for one in reversed(self.chain) if one.op != "withdraw"), None)


def move(platform: Platform, connection: Connection, stored: Collection[str]) -> None:
    """Move the lists by versions that have just been stored; the caller's transaction holds it all.

    Args:
        platform: open.
        connection: writing, stage and time of `stored` already written.
        stored: version ids.
    """
    records = _records_of_lists(platform, connection, stored)
    if not records:
        return
    listed = _chains(connection, records)
    known = _known(connection, records)
    hands = _hands(connection, listed, stored)
    states: list[State] = []
    acts: list[tuple[Any, ...]] = []
    for one in listed:
        with Isolation(f"listing record {one.record_id}", SQLAlchemyError) as alone:
            state, said = _moved(platform, one, known.get(one.record_id), set(stored))
        if alone.incident is None and state is not None:
            states.append(state)
            acts += [(*act, *hands[act[3]], *rest) for act, rest in said]
    _write(connection, states, known.keys())
    insert_many(connection, list_act, ACT, acts)


def _records_of_lists(platform: Platform, connection: Connection, stored: Collection[str]) -> list[str]:
    """The stored versions' records that are of a list item; locked, so that two workers take turns."""
    found = connection.execute(
        select(record.c.record_id)
        .join(version_key, version_key.c.record_id == record.c.record_id)
        .where(among(version_key.c.version_id, stored), record.c.item.in_(platform.book.rules))
    ).scalars()
    records = sorted(set(found))
    if records:
        ours = select(record.c.record_id).where(record.c.record_id.in_(records))
        connection.execute(ours.order_by(record.c.record_id).with_for_update()).all()
    return records


def _chains(connection: Connection, records: Sequence[str]) -> list[_Listed]:
    rows = connection.execute(
        select(
            record.c.head, version.c.record_id, version.c.version_id, version.c.parent, version.c.op,
            version.c.catalog, version.c.content, version.c.unit, version.c.approval_id, version_key.c.stage,
            version_key.c.stored_at,
        )
        .join(
            version_key,
            and_(version_key.c.record_id == record.c.record_id, version_key.c.unit == record.c.unit),
        )
        .join(version, SAME_VERSION)
        .where(record.c.record_id.in_(records), version_key.c.outcome.like("accepted%"))
    )  # fmt: skip
    by_record: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        by_record[row.record_id][row.version_id] = row
    return [_Listed(record_id, _chain(versions)) for record_id, versions in sorted(by_record.items())]


def _chain(versions: Mapping[str, Any]) -> list[Any]:
    """From the head back to the first, then turned round."""
    chain: list[Any] = []
    at = versions.get(next(iter(versions.values())).head)
    while at is not None:
        chain.append(at)
        at = versions.get(at.parent) if at.parent else None
    return chain[::-1]


def _known(connection: Connection, records: Sequence[str]) -> dict[str, State]:
    rows = connection.execute(select(list_entry).where(list_entry.c.record_id.in_(records))).mappings()
    return {row["record_id"]: dict(row) for row in rows}


def _hands(
    connection: Connection, listed: Sequence[_Listed], stored: Collection[str]
) -> dict[str, tuple[str, str]]:
    """Who made and who checked each version that was stored."""
    named = {
        row.version_id: row.approval_id for one in listed for row in one.chain if row.version_id in stored
    }
    rows = connection.execute(
        select(approval.c.approval_id, approval.c.maker, approval.c.checker).where(
            approval.c.approval_id.in_(set(named.values()))
        )
    )
    by_approval = {row.approval_id: (row.maker, row.checker) for row in rows}
    return {version_id: by_approval[approval_id] for version_id, approval_id in named.items()}


_Act = tuple[tuple[str, str, str, str, str], tuple[str, str, str, str, str]]
"""Record, list, act, version, unit; then when, and what the act says. The two who did it come between."""


def _moved(
    platform: Platform, one: _Listed, known: State | None, stored: set[str]
) -> tuple[State | None, list[_Act]]:
    """The new state of an entry, and the acts that led to it."""
    newest = one.newest_stored()
    before, state, acts = known, known, []
    for row in one.chain:
        if row.version_id not in stored:
            continue
        made = _state(platform, one, row, before)
        if made is None:
            continue
        said = (row.stored_at, made["since_on"], made["last_on"], made["ground"], made["keeper"])
        acts.append(((one.record_id, made["list"], _act(before, made), row.version_id, row.unit), said))
        before = made
        if row.version_id == newest:
            state = made
    return (before if state is None else state), acts


def _state(platform: Platform, one: _Listed, row: Row[Any], before: State | None) -> State | None:
    """What an entry is after a version; None when the version names no list that we know."""
    today = legal_day(datetime.fromisoformat(row.stored_at))
    if row.op == "withdraw":
        said = one.last_said()
        held = before or (_of_payload(platform, one, said, today) if said is not None else None)
        if held is None:
            return None
        last = min(held["last_on"], (today - _DAY).isoformat())
        return {**held, "withdrawn": True, "last_on": last, "version_id": row.version_id}
    stored_on = date.fromisoformat(before["stored_on"]) if before else today
    return _of_payload(platform, one, row, stored_on)


def _of_payload(platform: Platform, one: _Listed, row: Row[Any], stored_on: date) -> State | None:
    item = platform.catalogs.named(row.catalog)
    if item is None:
        return None
    entry = entry_of(platform.book.rules[item.code], item, json.loads(row.content)["payload"], stored_on)
    if entry.list not in platform.book.names:
        return None
    return {
        "record_id": one.record_id, "item": item.code, "unit": row.unit, "withdrawn": False,
        "stored_on": stored_on.isoformat(), "version_id": row.version_id, **_columns(entry),
    }  # fmt: skip


def _columns(entry: Entry) -> State:
    last = last_day(entry.until_on, entry.removed_on)
    return {
        "list": entry.list, "subject_kind": entry.subject_kind, "subject_code": entry.subject_code,
        "subject_name": entry.subject_name, "ground": entry.ground, "keeper": entry.keeper,
        "document": entry.document, "since_on": entry.since_on.isoformat(),
        "since_stated": entry.since_stated, "until_on": _day(entry.until_on),
        "removed_on": _day(entry.removed_on), "removed_because": entry.removed_because,
        "removed_by": entry.removed_by, "last_on": _day(last) or NO_END,
    }  # fmt: skip


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _act(before: State | None, made: State) -> str:
    if made["withdrawn"]:
        return "withdrawn"
    if before is None:
        return "entered"
    if before["list"] != made["list"]:
        return "moved"
    return "removed" if made["removed_on"] and not before["removed_on"] else "changed"


def _write(connection: Connection, states: Sequence[State], known: Collection[str]) -> None:
    fresh = [tuple(state[name] for name in ENTRY) for state in states if state["record_id"] not in known]
    insert_many(connection, list_entry, ENTRY, fresh)
    again = [{**state, "id": state["record_id"]} for state in states if state["record_id"] in known]
    if again:
        connection.execute(update(list_entry).where(list_entry.c.record_id == bindparam("id")), again)


def catch_up(platform: Platform, connection: Connection, after: str, most: int) -> list[str]:
    """Put records on lists that were stored before the platform kept lists: some, by record id.

    Args:
        platform: open.
        connection: writing.
        after: record id, the last that was looked at.
        most: records at once.

    Returns:
        The ids of those looked at; empty when there are no more.
    """
    records = connection.execute(
        select(record.c.record_id)
        .outerjoin(list_entry, list_entry.c.record_id == record.c.record_id)
        .where(
            record.c.item.in_(platform.book.rules), record.c.record_id > after,
            list_entry.c.record_id.is_(None),
        )
        .order_by(record.c.record_id)
        .limit(most)
    ).scalars().all()  # fmt: skip
    stored = connection.execute(
        select(version_key.c.version_id).where(
            version_key.c.record_id.in_(records), version_key.c.stage == "stored"
        )
    ).scalars()
    move(platform, connection, list(stored))
    return list(records)
