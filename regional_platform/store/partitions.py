"""The partitions of the versions on PostgreSQL: a city, and in it a month. SQLite has one table.

They are made ahead, and on demand. Beside them stands a default a city, and one for what is of no city:
they stay empty, and whatever is found in one of them came past us.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from regional_platform.store.engine import Store
from regional_platform.store.tables import unit
from regional_platform.times import legal_month

AHEAD: Final = 2
"""Months after the present one that are always there."""

Part = tuple[str, int]
"""City and month, ``("350200", 202611)``."""

_CITY: Final = re.compile(r"[0-9]{6}")


class Partitions:
    """Sees to it that there is a partition before a version is written into it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: frozenset[Part] = frozenset()

    def see_to(self, city: str, month: int) -> None:
        """Make the partition of a city and month, if it is missing."""
        self._see_to_all([(city, month)])

    def make_ahead(self, now: datetime) -> None:
        """Make those of this month and the next ones, for every city that there is."""
        if not self._store.on_postgresql:
            return
        with self._store.reading() as connection:
            cities = connection.execute(select(unit.c.city).distinct()).scalars().all()
        month = legal_month(now)
        months = [month]
        for _ in range(AHEAD):
            months.append(after(months[-1]))
        self._see_to_all([(city, one) for city in sorted(cities) for one in months])

    def _see_to_all(self, wanted: Collection[Part]) -> None:
        if not self._store.on_postgresql or self._known.issuperset(wanted):
            return
        with self._store.reading() as connection:
            self._known = existing(connection)
        if not self._known.issuperset(wanted):
            self._store.write(lambda connection: make(connection, wanted))
            self._known |= frozenset(wanted)


def after(month: int) -> int:
    """Return the month after a month: 202612 → 202701."""
    return month + 1 if month % 100 < 12 else month + 89


def existing(connection: Connection) -> frozenset[Part]:
    """Read which partitions there are."""
    names = connection.exec_driver_sql(
        "SELECT relname FROM pg_class WHERE relispartition AND relname ~ '^version_[0-9]{6}_[0-9]{6}$'"
    ).scalars()
    return frozenset((name[8:14], int(name[15:])) for name in names)


def make(connection: Connection, parts: Iterable[Part]) -> None:
    """Make partitions, those of their cities too; what is no city's code is left to the default."""
    for city, month in parts:
        if not _CITY.fullmatch(city):
            continue
        of = f"version_{city}"
        connection.exec_driver_sql(
            f"CREATE TABLE IF NOT EXISTS {of} PARTITION OF version FOR VALUES IN ('{city}') "
            "PARTITION BY RANGE (month)"
        )
        connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {of}_default PARTITION OF {of} DEFAULT")
        connection.exec_driver_sql(
            f"CREATE TABLE IF NOT EXISTS {of}_{month} PARTITION OF {of} FOR VALUES FROM ({month}) "
            f"TO ({after(month)})"
        )


def strays(connection: Connection) -> list[str]:
    """Return the defaults that are not empty; on SQLite there are none."""
    if connection.dialect.name != "postgresql":
        return []
    defaults = connection.exec_driver_sql(
        "SELECT relid::regclass::text FROM pg_partition_tree('version') JOIN pg_class ON oid = relid "
        "WHERE isleaf AND pg_get_expr(relpartbound, oid) = 'DEFAULT' ORDER BY 1"
    ).scalars()
    return [
        name
        for name in defaults
        if connection.exec_driver_sql(f"SELECT EXISTS (SELECT 1 FROM {name})").scalar_one()  # noqa: S608 - named by PostgreSQL
    ]
