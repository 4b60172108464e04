"""The key that persons' tags are made with, the tags, and how another key takes its place.

A tag takes a tenth of a second, so tags are made a few at a time and kept. Another key is prepared beside the
one in use: a few tags a step, each step committed, so that a kill costs the tags in hand. Until every person
has one, all that is published is made with the key in use; then the other takes over in one short
transaction. The key before stays readable by its name for `KEPT`: desks still hold what was made with it.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, insert, select, update

from forms.lists.persons import KEY_BYTES, PersonKey
from regional_platform.platform import Platform
from regional_platform.store.list_tables import list_entry, list_key, list_tag
from regional_platform.times import iso

TAGS_AT_ONCE: Final = 20

KEPT: Final = timedelta(days=30)
"""How long a key that was replaced can still be read, and its tags stay."""

IN_USE: Final = and_(list_key.c.since_at.is_not(None), list_key.c.ended_at.is_(None))
COMING: Final = list_key.c.since_at.is_(None)


def person_key(platform: Platform) -> PersonKey:
    """Return the key in use, making it the first time."""
    with platform.store.reading() as connection:
        found = _one(connection, IN_USE)
    return found or platform.store.write(lambda connection: _made(platform, connection, in_use=True))


def key_named(platform: Platform, name: str) -> PersonKey | None:
    """Return a key that is or was in use, by its id."""
    with platform.store.reading() as connection:
        return _one(connection, and_(list_key.c.id == name, list_key.c.since_at.is_not(None)))


def coming_key(platform: Platform) -> PersonKey:
    """Return the key that is to take the place of the one in use, making it when none is prepared yet."""
    return platform.store.write(lambda connection: _made(platform, connection, in_use=False))


def _one(connection: Connection, which: ColumnElement[bool]) -> PersonKey | None:
    row = connection.execute(select(list_key.c.raw, list_key.c.cost).where(which)).one_or_none()
    return None if row is None else PersonKey(row.raw, row.cost)


def _made(platform: Platform, connection: Connection, *, in_use: bool) -> PersonKey:
    known = _one(connection, IN_USE if in_use else COMING)
    if known is not None:
        return known
    made = PersonKey(secrets.token_bytes(KEY_BYTES), platform.settings.person_cost)
    at = iso(platform.clock())
    connection.execute(
        insert(list_key).values(
            id=made.id, raw=made.raw, cost=made.cost, made_at=at, since_at=at if in_use else None
        )
    )
    return made


def _untagged(key: PersonKey, after: str = "") -> Select[Any]:
    """Persons on lists without a tag by a key."""
    tag = and_(list_tag.c.subject_code == list_entry.c.subject_code, list_tag.c.key_id == key.id)
    return (
        select(list_entry.c.subject_code)
        .distinct()
        .outerjoin(list_tag, tag)
        .where(
            list_entry.c.subject_kind == "person", list_entry.c.subject_code > after,
            list_tag.c.subject_code.is_(None),
        )
        .order_by(list_entry.c.subject_code)
    )  # fmt: skip


def tag_some(platform: Platform, key: PersonKey, after: str) -> list[str]:
    """Make the tags of some persons on lists who have none by a key; no transaction is open meanwhile.

    Args:
        platform: open.
        key: in use, or coming.
        after: number of the last person who was given one; empty to begin.

    Returns:
        Their numbers, rising; empty when all that follow have one.
    """
    with platform.store.reading() as connection:
        numbers = list(connection.execute(_untagged(key, after).limit(TAGS_AT_ONCE)).scalars())
    if not numbers:
        return []
    tags = {number: key.tag(number) for number in numbers}

    def act(connection: Connection) -> None:
        known = select(list_tag.c.subject_code).where(
            list_tag.c.key_id == key.id, list_tag.c.subject_code.in_(numbers)
        )
        fresh = sorted(tags.keys() - set(connection.execute(known).scalars()))
        if fresh:
            connection.execute(
                insert(list_tag),
                [{"key_id": key.id, "subject_code": one, "tag": tags[one]} for one in fresh],
            )

    platform.store.write(act, units=())
    return numbers


def take_over(platform: Platform, coming: PersonKey) -> bool:
    """Put the coming key in the place of the one in use; False while somebody has no tag by it."""
    at = iso(platform.clock())

    def act(connection: Connection) -> bool:
        if connection.execute(_untagged(coming).limit(1)).first() is not None:
            return False
        connection.execute(update(list_key).where(IN_USE).values(ended_at=at))
        connection.execute(update(list_key).where(list_key.c.id == coming.id).values(since_at=at))
        return True

    return platform.store.write(act)


def sweep(connection: Connection, now: datetime, *, most: int) -> int:
    """Remove tags by keys that ended long ago, and a key that has none any more; returns how many tags."""
    ended = select(list_key.c.id).where(list_key.c.ended_at <= iso(now - KEPT)).order_by(list_key.c.id)
    name = connection.execute(ended.limit(1)).scalar_one_or_none()
    if name is None:
        return 0
    some = select(list_tag.c.subject_code).where(list_tag.c.key_id == name).limit(most)
    numbers = connection.execute(some).scalars().all()
    if numbers:
        connection.execute(
            delete(list_tag).where(list_tag.c.key_id == name, list_tag.c.subject_code.in_(numbers))
        )
    else:
        connection.execute(delete(list_key).where(list_key.c.id == name))
    return len(numbers)
