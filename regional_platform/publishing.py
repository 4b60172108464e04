"""What is published of lists, once a day: snapshots, deltas and the filter, all or nothing.

Whichever worker comes first publishes; the day is the key that makes it once. Lists that nobody was ever on
are not published. Persons' tags take a tenth of a second each, so they are made before (`person_keys`).
Nobody waits for a publication: it is worked out with no transaction open, written without a turn, and then
told to one unit after the other.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Final

import zstandard
from sqlalchemy import Connection, Row, and_, delete, func, insert, select, update

from forms.lists.editions import Document, Head, delta, row_of, snapshot
from forms.lists.entries import Entry
from forms.lists.filterfile import DAY_KEY_BYTES, FilterHead, build_filter, members_of
from forms.lists.persons import PersonKey
from forms.lists.sealed import seal
from forms.seal.canonical import canonical, digest
from regional_platform.feed import News, append
from regional_platform.lists import on_day
from regional_platform.person_keys import person_key
from regional_platform.platform import Platform
from regional_platform.store.list_tables import (
    list_body,
    list_day,
    list_edition,
    list_entry,
    list_tag,
    list_telling,
)
from regional_platform.store.tables import feed_head, server
from regional_platform.times import LEGAL_ZONE, iso, legal_day

FILTER: Final = "*"
"""Under what `list_body` keeps the filter."""

TOLD_AT_ONCE: Final = 1
"""Units whose feeds one transaction writes, in their turn, so that nobody waits for more than one line."""

TOLD_AT_ONCE_ON_SQLITE: Final = 100
"""There it has the only turn."""


@dataclass(frozen=True, slots=True)
class _Edition:
    """What one list has to publish: its row without the number of the day, and the bytes."""

    row: dict[str, Any]
    snapshot: bytes
    document: Document


@dataclass(frozen=True, slots=True)
class Published:
    """What a day brought.

    Attributes:
        told: as the feed says it.
        again: it had been published before, and nothing was done.
    """

    told: dict[str, Any]
    again: bool


def is_due(platform: Platform, now: datetime) -> bool:
    """Say whether the hour has come at which the day is published; reads nothing."""
    return now.astimezone(LEGAL_ZONE).time() >= platform.book.publish_at


def publish(platform: Platform, made_by: str, now: datetime) -> Published | None:
    """Publish the day, if nobody has.

    Args:
        platform: open; every person on a list has a tag, see `person_keys.tag_some`.
        made_by: ``pipeline`` or ``command``.
        now: the present moment; its legal day is published.

    Returns:
        None when nobody was ever on a list.
    """
    day = legal_day(now)
    with platform.store.reading() as connection:
        before, codes = _told_of(connection, day), _to_publish(platform, connection)
    if before is not None:
        tell_rest(platform)
        return Published(before, again=True)
    if not codes:
        return None
    key = person_key(platform)
    with platform.store.reading() as connection:
        number = _last_number(connection) + 1
    editions = [_edition(platform, code, now, key) for code in codes]
    filtered = _filter(platform, editions, number, now, key)

    def act(connection: Connection) -> Published | None:
        connection.execute(select(server.c.server_id).with_for_update())  # one publishes, others see it
        told = _told_of(connection, day)
        if told is not None:
            return Published(told, again=True)
        if _last_number(connection) + 1 != number:
            return None  # another day was published meanwhile
        _keep(connection, editions, filtered, number, now, made_by)
        connection.execute(insert(list_telling).values(day=day.isoformat(), after=""))
        told = _told_of(connection, day)
        assert told is not None
        return Published(told, again=False)

    published = platform.store.write(act, units=())
    if published is None:
        return publish(platform, made_by, now)
    tell_rest(platform)
    return published


def tell_rest(platform: Platform) -> None:
    """Tell the units what was published and they were not told yet; a kill leaves no more than a delay."""
    while (left := _first_untold(platform)) is not None:
        platform.bell.ring(platform.store.write(partial(_tell_some, platform, *left), units=left[1]))


def _first_untold(platform: Platform) -> tuple[str, list[str]] | None:
    """The oldest day that is not told to all, and the units that come next; none: all have been told."""
    most = TOLD_AT_ONCE if platform.store.on_postgresql else TOLD_AT_ONCE_ON_SQLITE
    with platform.store.reading() as connection:
        row = connection.execute(select(list_telling).order_by(list_telling.c.day).limit(1)).first()
        if row is None:
            return None
        after = select(feed_head.c.unit).where(feed_head.c.unit > row.after).order_by(feed_head.c.unit)
        return row.day, list(connection.execute(after.limit(most)).scalars())


def _tell_some(platform: Platform, day: str, units: list[str], connection: Connection) -> set[str]:
    """Tell some units of a day, unless another process has; nobody left ends the telling."""
    row = connection.execute(
        select(list_telling).where(list_telling.c.day == day).with_for_update()
    ).one_or_none()
    this = list_telling.c.day == day
    if row is None or (units and row.after >= units[0]):
        return set()
    if not units:
        connection.execute(delete(list_telling).where(this))
        return set()
    told = canonical(_told_of(connection, date.fromisoformat(day)))
    connection.execute(update(list_telling).where(this).values(after=units[-1]))
    news = [News(one, "list.published", json=told) for one in units]
    return append(connection, news, platform.clock())


def newest_body(connection: Connection, code: str) -> bytes | None:
    """Return the newest snapshot of a list, sealed, or the filter; None when there is none."""
    body = connection.execute(select(list_body.c.body).where(list_body.c.list == code)).scalar_one_or_none()
    return None if body is None else _unpacked(body)


def read_deltas(connection: Connection, code: str, after: int, limit: int) -> bytes:
    """Return the deltas of a list after a number, sealed, as a page."""
    rows = connection.execute(
        select(list_edition.c.number, list_edition.c.delta)
        .where(list_edition.c.list == code, list_edition.c.number > after)
        .order_by(list_edition.c.number)
        .limit(limit + 1)
    ).all()
    following = str(rows[limit - 1].number) if len(rows) > limit else "null"
    deltas = b",".join(_unpacked(row.delta) for row in rows[:limit])
    return b'{"deltas":[%s],"next":%s}' % (deltas, following.encode())


def _to_publish(platform: Platform, connection: Connection) -> list[str]:
    """The lists that somebody is or was on; one that we know no more is published no more."""
    listed = select(list_entry.c.list).union(select(list_edition.c.list))
    return sorted(code for code in connection.execute(listed).scalars() if code in platform.book.names)


def _last_number(connection: Connection) -> int:
    last: int = connection.execute(select(func.coalesce(func.max(list_day.c.number), 0))).scalar_one()
    return last


def _edition(platform: Platform, code: str, now: datetime, key: PersonKey) -> _Edition:
    """Read what a list needs, then work it out with no transaction open."""
    day = legal_day(now)
    with platform.store.reading() as connection:
        last = connection.execute(
            select(list_edition.c.number, list_edition.c.delta_sha256)
            .where(list_edition.c.list == code)
            .order_by(list_edition.c.number.desc())
            .limit(1)
        ).one_or_none()
        body = newest_body(connection, code)
        rows = _rows(connection, code, day, key)
    before: Document | None = json.loads(body)["document"] if body is not None else None
    known = platform.book.names[code]
    head = Head(
        server_id=platform.identity.server_id, list=code, name=known.name, kind=known.kind,
        number=last.number + 1 if last else 1, on=day, made_at=iso(now), person_key=key.id,
    )  # fmt: skip
    after = snapshot(head, rows)
    change = delta(before, after, last.delta_sha256 if last else None)
    sealed = canonical(seal(platform.identity.key, after))
    sealed_change = canonical(seal(platform.identity.key, change))
    row = {
        "list": code, "number": head.number, "day": day.isoformat(), "entries": len(after["entries"]),
        "put": len(change["put"]), "dropped": len(change["drop"]), "snapshot_sha256": change["makes"],
        "snapshot_bytes": len(sealed), "delta_sha256": digest(canonical(change)),
        "delta_bytes": len(sealed_change), "delta": _packed(sealed_change),
    }  # fmt: skip
    return _Edition(row, _packed(sealed), after)


def _rows(connection: Connection, code: str, day: date, key: PersonKey) -> list[dict[str, Any]]:
    """Who is on a list on a day, as it is published; a person without a tag waits for the next day."""
    rows = connection.execute(
        select(list_entry, list_tag.c.tag)
        .outerjoin(
            list_tag,
            and_(list_tag.c.subject_code == list_entry.c.subject_code, list_tag.c.key_id == key.id),
        )
        .where(list_entry.c.list == code, on_day(day))
    )
    return [
        row_of(_entry(row), row.record_id, row.unit, row.tag)
        for row in rows
        if row.subject_kind == "legal" or row.tag is not None
    ]


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        list=row.list, subject_kind=row.subject_kind, subject_code=row.subject_code,
        subject_name=row.subject_name, ground=row.ground, keeper=row.keeper, document=row.document,
        since_on=date.fromisoformat(row.since_on), since_stated=row.since_stated,
        until_on=_day(row.until_on), removed_on=_day(row.removed_on),
        removed_because=row.removed_because, removed_by=row.removed_by,
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _filter(
    platform: Platform, editions: Sequence[_Edition], number: int, now: datetime, key: PersonKey
) -> tuple[dict[str, Any], bytes]:
    """The filter over all lists: the row of the day, and the file."""
    lists: Mapping[str, Mapping[str, Any]] = {
        one.row["list"]: {
            "name": one.document["name"], "kind": one.document["kind"], "number": one.row["number"],
        }
        for one in editions
    }  # fmt: skip
    head = FilterHead(
        server_id=platform.identity.server_id, number=number, on=legal_day(now), made_at=iso(now),
        lists=lists, person_key=key.id, person_cost=key.cost, day_key=secrets.token_bytes(DAY_KEY_BYTES),
    )  # fmt: skip
    members = set(members_of({one.row["list"]: one.document["entries"] for one in editions}))
    made = build_filter(head, members, platform.identity.key)
    row = {"members": len(members), "filter_sha256": digest(made), "filter_bytes": len(made)}
    return row, made


def _keep(
    connection: Connection,
    editions: Sequence[_Edition],
    filtered: tuple[dict[str, Any], bytes],
    number: int,
    now: datetime,
    made_by: str,
) -> None:
    said, content = filtered
    connection.execute(
        insert(list_day).values(
            day=legal_day(now).isoformat(), number=number, made_at=iso(now), made_by=made_by, **said
        )
    )
    connection.execute(insert(list_edition), [one.row for one in editions])
    connection.execute(
        delete(list_body).where(list_body.c.list.in_([FILTER, *(one.row["list"] for one in editions)]))
    )
    bodies = [
        {"list": one.row["list"], "number": one.row["number"], "body": one.snapshot} for one in editions
    ]
    bodies.append({"list": FILTER, "number": number, "body": _packed(content)})
    connection.execute(insert(list_body), bodies)


def _told_of(connection: Connection, day: date) -> dict[str, Any] | None:
    """What the feed says of a day; None when it was not published."""
    made = connection.execute(select(list_day).where(list_day.c.day == day.isoformat())).one_or_none()
    if made is None:
        return None
    rows = connection.execute(
        select(list_edition).where(list_edition.c.day == day.isoformat()).order_by(list_edition.c.list)
    )
    return {
        "on": made.day,
        "lists": [
            {
                "list": row.list, "number": row.number, "sha256": row.snapshot_sha256,
                "bytes": row.snapshot_bytes, "delta_bytes": row.delta_bytes, "entries": row.entries,
                "put": row.put, "dropped": row.dropped,
            }
            for row in rows
        ],
        "filter": {
            "number": made.number, "sha256": made.filter_sha256, "bytes": made.filter_bytes,
            "members": made.members,
        },
    }  # fmt: skip


def _packed(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(content)


def _unpacked(content: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(content)
