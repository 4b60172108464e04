"""Lists (名单) as they are read: which there are, who is on one on a day, and what led to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from forms.catalog.masking import masked
from regional_platform.auth.callers import Caller
from regional_platform.case_marks import disputed, not_shown
from regional_platform.platform import Platform
from regional_platform.problems import Refusal
from regional_platform.sight import may_look_at_persons, sight_of
from regional_platform.store.list_tables import NO_END, list_act, list_edition, list_entry
from regional_platform.store.tables import unit
from regional_platform.subject_pages import is_unit_code
from regional_platform.subtree import seen_by

MOST_KEEPERS: Final = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a list is asked for.

    Attributes:
        list: its code.
        on: only those on it on this day; None: those on it today, or with `subject` all that ever were.
        subject: exact code of a subject.
        reason: why; needed where the subject is a person.
        after: record id, the place after which the page begins.
    """

    list: str
    on: date | None
    subject: str | None
    reason: str | None
    after: str
    limit: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page, and whether it shows a person or another unit's entries, which is to be kept."""

    told: dict[str, Any]
    looks: bool

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The records whose entries are shown, as `keep_looks` takes them."""
        return [
            {"record_id": one["record_id"], "unit": one["unit"]["code"], "head": one["version_id"]}
            for one in self.told["entries"]
        ]


def name_of(platform: Platform, code: str) -> str:
    """Return the name of a list.

    Raises:
        Refusal: list-unknown.
    """
    known = platform.book.names.get(code)
    if known is None:
        raise Refusal("list-unknown")
    return known.name


def list_lists(
    connection: Connection, platform: Platform, today: date, after: str, limit: int
) -> dict[str, Any]:
    """Say which lists there are, how many are on each today, who keeps them, and what is published.

    Args:
        connection: reading.
        platform: open.
        today: the legal day.
        after: code of a list, the place after which the page begins; empty from the start.
        limit: most lists.
    """
    book = platform.book
    codes = sorted(code for code in book.names if code > after)
    page = codes[:limit]
    rows = connection.execute(
        select(list_entry.c.list, list_entry.c.unit, unit.c.name, unit.c.city, func.count().label("n"))
        .join(unit, unit.c.code == list_entry.c.unit)
        .where(on_day(today), list_entry.c.list.in_(page))
        .group_by(list_entry.c.list, list_entry.c.unit, unit.c.name, unit.c.city)
        .order_by(func.count().desc(), list_entry.c.unit)
    ).all()
    keepers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row.list] += row.n
        keepers[row.list].append({"unit": row.unit, "name": row.name, "city": row.city, "entries": row.n})
    published = _newest(connection)
    return {
        "on": today.isoformat(),
        "lists": [
            {
                "list": code, "name": book.names[code].name, "kind": book.names[code].kind,
                "provenance": book.names[code].basis.provenance, "items": list(book.items_of(code)),
                "entries": counts[code], "keepers": keepers[code][:MOST_KEEPERS],
                "published": published.get(code),
            }
            for code in page
        ],
        "next": page[-1] if len(codes) > limit else None,
    }  # fmt: skip


def _newest(connection: Connection) -> dict[str, dict[str, Any]]:
    """The newest edition of each list."""
    last = select(list_edition.c.list, func.max(list_edition.c.number).label("number"))
    newest = last.group_by(list_edition.c.list).subquery()
    rows = connection.execute(
        select(list_edition).join(
            newest, and_(newest.c.list == list_edition.c.list, newest.c.number == list_edition.c.number)
        )
    )
    return {
        row.list: {
            "number": row.number, "on": row.day, "entries": row.entries, "sha256": row.snapshot_sha256,
            "bytes": row.snapshot_bytes,
        }
        for row in rows
    }  # fmt: skip


def on_day(day: date) -> ColumnElement[bool]:
    """What is in force on a day."""
    return and_(list_entry.c.since_on <= day.isoformat(), list_entry.c.last_on >= day.isoformat())


def read_entries(
    connection: Connection, platform: Platform, caller: Caller, asked: Asked, today: date
) -> Page:
    """Read one page of a list, each entry with its history.

    Raises:
        Refusal: list-unknown; not-authorised and reason-required where the subject is a person.
    """
    name_of(platform, asked.list)
    by_number = asked.subject is not None and _is_person(connection, asked.subject)
    if by_number:
        _refuse_curious(caller, asked.reason)
    day = asked.on or (None if asked.subject else today)
    wanted = [list_entry.c.list == asked.list]
    wanted += [on_day(day)] if day else []
    wanted += [list_entry.c.subject_code == asked.subject] if asked.subject else []
    rows = connection.execute(_page(caller, wanted, asked, by_number=by_number)).all()
    shown = _shown(connection, platform, caller, rows[: asked.limit], today, by_number=by_number)
    told = {
        "list": asked.list,
        "name": platform.book.names[asked.list].name,
        "on": day.isoformat() if day else None,
        "entries": shown,
        "persons_not_shown": None if asked.subject or asked.after else _not_shown(connection, caller, wanted),
        "next": rows[asked.limit - 1].record_id if len(rows) > asked.limit else None,
    }
    return Page(told, looks=by_number or any(not one["whole"] for one in shown))


def _is_person(connection: Connection, code: str) -> bool:
    """Say whether a code asks for a person; in doubt it does, whether anyone is listed under it or not."""
    if is_unit_code(code):
        return False
    legal = select(list_entry.c.record_id).where(
        list_entry.c.subject_code == code, list_entry.c.subject_kind == "legal"
    )
    return connection.execute(legal.limit(1)).one_or_none() is None


def _refuse_curious(caller: Caller, reason: str | None) -> None:
    if not may_look_at_persons(caller):
        raise Refusal("not-authorised")
    if reason is None:
        raise Refusal("reason-required")


def _own(caller: Caller) -> ColumnElement[bool]:
    """What is of the caller's own unit, or one below it."""
    return unit.c.path.startswith(caller.path, autoescape=True)


def _page(
    caller: Caller, wanted: Sequence[ColumnElement[bool]], asked: Asked, *, by_number: bool
) -> Select[Any]:
    """Rows by record id. Others' persons only by number, what was withdrawn only to who sees the unit."""
    seen = or_(~list_entry.c.withdrawn, seen_by(caller))
    others = seen if by_number else and_(seen, list_entry.c.subject_kind == "legal")
    return (
        select(list_entry, unit.c.path, unit.c.city, unit.c.name.label("unit_name"))
        .join(unit, unit.c.code == list_entry.c.unit)
        .where(*wanted, list_entry.c.record_id > asked.after, or_(_own(caller), others))
        .order_by(list_entry.c.record_id)
        .limit(asked.limit + 1)
    )


def _not_shown(connection: Connection, caller: Caller, wanted: Sequence[ColumnElement[bool]]) -> int:
    """How many persons of other units the list has beside."""
    return connection.execute(
        select(func.count())
        .select_from(list_entry.join(unit, unit.c.code == list_entry.c.unit))
        .where(*wanted, list_entry.c.subject_kind == "person", ~list_entry.c.withdrawn, ~_own(caller))
    ).scalar_one()


def _shown(
    connection: Connection,
    platform: Platform,
    caller: Caller,
    rows: Sequence[Row[Any]],
    today: date,
    *,
    by_number: bool,
) -> list[dict[str, Any]]:
    ids = [row.record_id for row in rows]
    under_dispute, acts = disputed(connection, ids), _acts(connection, ids)
    stopped = not_shown(connection, ids)
    shown = []
    for row in rows:
        item = platform.catalogs.current.items.get(row.item)
        off = row.record_id in stopped
        sight = sight_of(caller, item, row.path, row.subject_code, by_number=by_number, stopped=off)
        if sight not in {"whole", "head"}:
            continue
        whole = sight == "whole"
        shown.append({
            "record_id": row.record_id, "item": row.item,
            "subject": _subject(row, whole=whole),
            "ground": row.ground, "keeper": row.keeper, "document": row.document or None,
            "unit": {"code": row.unit, "name": row.unit_name, "city": row.city},
            "since_on": row.since_on, "since_stated": row.since_stated, "until_on": row.until_on,
            "removed_on": row.removed_on, "removed_because": row.removed_because or None,
            "removed_by": row.removed_by or None, "withdrawn": row.withdrawn,
            "in_force": row.since_on <= today.isoformat() <= row.last_on,
            "disputed": row.record_id in under_dispute, "whole": whole,
            "version_id": row.version_id, "history": acts[row.record_id],
        })  # fmt: skip
    return shown


def _subject(row: Row[Any], *, whole: bool) -> dict[str, Any]:
    """Whom it is about; of a person's number, others see the ends."""
    person = row.subject_kind == "person"
    code = masked(row.subject_code, "id_number") if person and not whole else row.subject_code
    return {"kind": row.subject_kind, "code": code, "name": row.subject_name}


def _acts(connection: Connection, ids: Collection[str]) -> Mapping[str, list[dict[str, Any]]]:
    """The acts upon each entry, oldest first."""
    rows = connection.execute(
        select(list_act).where(list_act.c.record_id.in_(ids)).order_by(list_act.c.record_id, list_act.c.n)
    )
    acts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        acts[row.record_id].append({
            "act": row.act, "list": row.list, "at": row.at, "version_id": row.version_id, "unit": row.unit,
            "maker": row.maker, "checker": row.checker, "since_on": row.since_on,
            "last_on": None if row.last_on == NO_END else row.last_on,
        })  # fmt: skip
    return acts
