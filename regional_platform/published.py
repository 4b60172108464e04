"""What is published: catalog sets (目录集, with their code sets) and calendars (工作日历).

What ships with the program counts as published first. A set is never changed: it is retired, with a last day
on which new records of it are taken; records that name it stay readable for ever. A calendar of a year takes
the place of the one before.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update

from forms.catalog.loader import load_set
from forms.catalog.reading import Faults
from forms.catalog.schema import CatalogSet
from forms.catalog.sealing import read_keys
from forms.catalog.setfile import packed
from forms.law.calendar import Calendar, CalendarError
from forms.law.sealed import CALENDAR, seal
from regional_platform.acts import Actor, keep, needs_admin
from regional_platform.catalogs import Catalogs
from regional_platform.notices import tell_all
from regional_platform.problems import Fault, Refusal
from regional_platform.setfiles import unpack
from regional_platform.store.admin_tables import catalog_key, published
from regional_platform.store.identity import identity_of
from regional_platform.store.tables import unit
from regional_platform.times import iso, legal_day

if TYPE_CHECKING:
    from regional_platform.platform import Platform

STATUTE: Final = "statutory.json"
_TOLD: Final = (
    "kind", "name", "digest", "title", "holds_from", "published_by", "published_at", "accept_until",
    "retired_at",
)  # fmt: skip


_STATE: Final = select(func.max(published.c.n), func.max(published.c.retired_at)).where(
    published.c.kind == "catalog"
)
"""Built once: every greeting and every batch asks it."""


def shown(row: Row[Any]) -> dict[str, Any]:
    """What is told of something published."""
    return {name: getattr(row, name) for name in _TOLD}


def trusted_keys(connection: Connection, resources: Path) -> dict[str, str]:
    """Return the public keys that may sign sets: key → whose it is."""
    rows = connection.execute(select(catalog_key)).all()
    return read_keys(resources / "catalogs", Faults()) | {row.public_key: row.name for row in rows}


def trust(connection: Connection, actor: Actor, now: datetime, public_key: str, name: str) -> None:
    """Let somebody sign sets; done at the platform's own machine only.

    Raises:
        Refusal: not-authorised, code-taken, unit-unknown while there is no region yet.
    """
    needs_admin(actor, "")
    known = connection.execute(select(catalog_key).where(catalog_key.c.public_key == public_key))
    if known.one_or_none() is not None:
        raise Refusal("code-taken")
    connection.execute(insert(catalog_key).values(public_key=public_key, name=name, trusted_at=iso(now)))
    after, root = {"name": name}, root_path(connection)
    keep(connection, actor, now, "catalog.trust", f"key:{public_key}", root, after=after)


def list_published(connection: Connection, kind: str, *, after: int, limit: int) -> dict[str, Any]:
    """List what was published of a kind, in order, one page."""
    wanted = select(published).where(published.c.kind == kind, published.c.n > after)
    rows = connection.execute(wanted.order_by(published.c.n).limit(limit + 1)).all()
    return {
        kind + "s": [shown(row) for row in rows[:limit]],
        "next": rows[limit - 1].n if len(rows) > limit else None,
    }


def content_of(connection: Connection, kind: str, digest: str, shelf: Shelf) -> bytes:
    """Return the bytes of what was published under a digest.

    Raises:
        Refusal: publication-unknown.
    """
    row = connection.execute(
        select(published).where(published.c.kind == kind, published.c.digest == digest)
    ).one_or_none()
    if row is None:
        raise Refusal("publication-unknown")
    return shelf.package(row.name) if row.content is None else bytes(row.content)


def root_path(connection: Connection) -> str:
    """Path of the region; what is published concerns all of it."""
    found = connection.execute(select(unit.c.path).where(unit.c.parent.is_(None))).scalar_one_or_none()
    if found is None:
        raise Refusal("unit-unknown")
    return str(found)


def publish_catalog(
    connection: Connection, actor: Actor, now: datetime, sound: CatalogSet, content: bytes
) -> tuple[dict[str, Any], set[str]]:
    """Publish a set whose files were verified; the same set again changes nothing.

    Returns:
        What is told of it, and the units that the bell must ring for.

    Raises:
        Refusal: not-authorised, code-taken when another set of that name was published.
    """
    root = root_path(connection)
    needs_admin(actor, root)
    known = connection.execute(
        select(published).where(published.c.kind == "catalog", published.c.name == sound.name)
    ).one_or_none()
    if known is not None:
        if known.digest != sound.digest:
            raise Refusal("code-taken")
        return shown(known), set()
    holds_from = sound.effective_on.isoformat()
    told = _add(connection, actor, now, "catalog", sound.name, sound.digest, sound.title, holds_from, content)
    keep(connection, actor, now, "catalog.publish", f"catalog:{sound.name}", root, after=told)
    return told, tell_all(connection, root, "catalog.published", told, now)


def _add(
    connection: Connection, actor: Actor, now: datetime, kind: str, name: str, digest: str, title: str,
    holds_from: str, content: bytes,
) -> dict[str, Any]:  # fmt: skip
    connection.execute(
        insert(published).values(
            kind=kind, name=name, digest=digest, title=title, holds_from=holds_from, content=content,
            published_by=actor.operator_id, published_at=iso(now),
        )
    )  # fmt: skip
    row = connection.execute(
        select(published).where(published.c.kind == kind, published.c.digest == digest)
    ).one()
    return shown(row)


def retire_catalog(
    connection: Connection, actor: Actor, now: datetime, digest: str, accept_until: date, reason: str
) -> tuple[dict[str, Any], set[str]]:
    """Retire a set: after `accept_until` new records of it are refused; withdrawals are always taken.

    Raises:
        Refusal: not-authorised, publication-unknown, last-catalog when no other set would be in force then.
    """
    root = root_path(connection)
    needs_admin(actor, root)
    row = connection.execute(
        select(published).where(published.c.kind == "catalog", published.c.digest == digest)
    ).one_or_none()
    if row is None:
        raise Refusal("publication-unknown")
    left = select(published.c.n).where(
        published.c.kind == "catalog", published.c.digest != digest, published.c.retired_at.is_(None),
        published.c.holds_from <= accept_until.isoformat(),
    )  # fmt: skip
    if connection.execute(left.limit(1)).first() is None:
        raise Refusal("last-catalog")
    connection.execute(
        update(published)
        .where(published.c.n == row.n)
        .values(accept_until=accept_until.isoformat(), retired_by=actor.operator_id, retired_at=iso(now))
    )
    told = shown(connection.execute(select(published).where(published.c.n == row.n)).one())
    after = {"accept_until": accept_until.isoformat(), "reason": reason}
    keep(connection, actor, now, "catalog.retire", f"catalog:{row.name}", root, after=after)
    return told, tell_all(connection, root, "catalog.retired", told, now)


def publish_calendar(
    connection: Connection, actor: Actor, now: datetime, content: bytes, resources: Path
) -> tuple[dict[str, Any], set[str]]:
    """Publish the calendar of a year, in place of the one before.

    Raises:
        Refusal: not-authorised, calendar-unsound.
    """
    root = root_path(connection)
    needs_admin(actor, root)
    year, title = _read_calendar(content, resources)
    digest = hashlib.sha256(content).hexdigest()
    known = connection.execute(
        select(published).where(published.c.kind == "calendar", published.c.digest == digest)
    ).one_or_none()
    if known is not None:
        return shown(known), set()
    told = _add(connection, actor, now, "calendar", year, digest, title, f"{year}-01-01", content)
    keep(connection, actor, now, "calendar.publish", f"calendar:{year}", root, after=told)
    n = connection.execute(
        select(published.c.n).where(published.c.kind == "calendar", published.c.digest == digest)
    ).scalar_one()
    identity = identity_of(connection, now)
    said = json.loads(content)
    sealed = seal(identity.key, identity.server_id, CALENDAR, n, told["published_at"], said)
    return told, tell_all(connection, root, "calendar.published", {**told, "sealed": sealed}, now)


def _read_calendar(content: bytes, resources: Path) -> tuple[str, str]:
    """Year and title of a calendar file that is as it must be."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _wrong_calendar("不是有效的 JSON。") from error
    year = said.get("year") if isinstance(said, dict) else None
    if type(year) is not int or not 2000 <= year <= 2100:
        raise _wrong_calendar("没有年份。")
    with TemporaryDirectory(prefix="minxin-calendar-") as name:
        try:
            read = _calendar({str(year): content}, resources, Path(name))
        except CalendarError as error:
            raise _wrong_calendar(str(error)) from error
    return str(year), read.notices[year].title


def _wrong_calendar(sentence: str) -> Refusal:
    return Refusal("calendar-unsound", errors=[Fault("#", "unsound", sentence)])


def _calendar(files: Mapping[str, bytes], resources: Path, folder: Path) -> Calendar:
    shutil.copy(resources / "calendars" / STATUTE, folder / STATUTE)
    for year, content in files.items():
        (folder / f"{year}.json").write_bytes(content)
    return Calendar.load(folder)


def calendar_of(connection: Connection, resources: Path) -> Calendar:
    """Return the calendar that is in force: of each year, what was published last."""
    rows = connection.execute(
        select(published.c.name, published.c.content)
        .where(published.c.kind == "calendar")
        .order_by(published.c.n)
    )
    return _built(tuple({row.name: bytes(row.content) for row in rows}.items()), resources)


@lru_cache(maxsize=4)
def _built(files: tuple[tuple[str, bytes], ...], resources: Path) -> Calendar:
    """A calendar of the contents of files; every event of a case asks for it."""
    with TemporaryDirectory(prefix="minxin-calendar-") as name:
        return _calendar(dict(files), resources, Path(name))


def refresh(platform: Platform) -> Catalogs:
    """Open what another process, or this one, has published since the last look; returns what is in force."""
    with platform.store.reading() as connection:
        changed = platform.shelf.look(connection, legal_day(platform.clock()))
    if changed is not None:
        platform.catalogs = changed
    return platform.catalogs


def register_rules(connection: Connection, resources: Path, now: datetime) -> None:
    """Count as published the rule sets that ship with the program and are not known yet."""
    named = connection.execute(select(published.c.name).where(published.c.kind == "rule_set"))
    known = set(named.scalars())
    fresh: list[dict[str, Any]] = []
    for path in sorted((resources / "legal" / "rules").glob("*.json")):
        if path.stem not in known:
            content = path.read_bytes()
            said = json.loads(content)
            fresh.append({
                "kind": "rule_set", "name": path.stem, "digest": hashlib.sha256(content).hexdigest(),
                "title": said["title"], "holds_from": said["since"] or date.min.isoformat(),
                "content": content, "published_at": iso(now),
            })  # fmt: skip
    if fresh:
        connection.execute(insert(published), fresh)


class Shelf:
    """The published sets as this process has them open; what did not ship lies in a folder of its own."""

    def __init__(self, shipped: Mapping[str, CatalogSet]) -> None:
        self.shipped: Final = shipped
        self._folder: Path | None = None
        self._open: dict[str, CatalogSet] = {}
        self._packages: dict[str, bytes] = {}
        self._seen: tuple[Any, ...] = ()

    def package(self, name: str) -> bytes:
        """Return a shipped set as one zip, packed once: whoever is signed in may fetch it at any time."""
        if name not in self._packages:
            self._packages[name] = packed(self.shipped[name])
        return self._packages[name]

    def register(self, connection: Connection, resources: Path, now: datetime) -> None:
        """Count as published what ships with the program and is not known yet."""
        rows = connection.execute(select(published.c.kind, published.c.name)).all()
        known = {(row.kind, row.name) for row in rows}
        fresh: list[dict[str, Any]] = []

        def add(kind: str, name: str, digest: str, title: str, since: str, content: bytes | None) -> None:
            fresh.append({
                "kind": kind, "name": name, "digest": digest, "title": title, "holds_from": since,
                "content": content, "published_at": iso(now),
            })  # fmt: skip

        for one in self.shipped.values():
            if ("catalog", one.name) not in known:
                add("catalog", one.name, one.digest, one.title, one.effective_on.isoformat(), None)
        for path in sorted((resources / "calendars").glob("[0-9]*.json")):
            if ("calendar", path.stem) not in known:
                content = path.read_bytes()
                digest, title = hashlib.sha256(content).hexdigest(), str(json.loads(content)["title"])
                add("calendar", path.stem, digest, title, f"{path.stem}-01-01", content)
        if fresh:
            connection.execute(insert(published), fresh)
        register_rules(connection, resources, now)

    def look(self, connection: Connection, today: date) -> Catalogs | None:
        """Return the sets as they are published now; None when nothing has changed since the last look."""
        state = connection.execute(_STATE).one()
        seen = (*state, today)
        if seen == self._seen:
            return None
        rows = connection.execute(select(published).where(published.c.kind == "catalog")).all()
        sets = {row.name: known for row in rows if (known := self._set(row)) is not None}
        until = {row.name: date.fromisoformat(row.accept_until) for row in rows if row.accept_until}
        self._seen = seen
        return Catalogs(sets, until, today)

    def _set(self, row: Row[Any]) -> CatalogSet | None:
        if row.content is None:
            return self.shipped.get(row.name)  # none: a program of another version shipped it
        if row.digest not in self._open:
            if self._folder is None:
                self._folder = Path(mkdtemp(prefix="minxin-sets-"))
            folder = self._folder / "sets" / row.name
            folder.mkdir(parents=True, exist_ok=True)
            unpack(bytes(row.content), folder)
            # Its signature was held against the keys when it was published.
            key = json.loads((folder / "set.sig").read_bytes())["key"]
            self._open[row.digest] = load_set(folder, trusted={key})
        return self._open[row.digest]

    def close(self) -> None:
        """Remove the folder."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
