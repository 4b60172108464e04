"""Bring the tables up to date, inside a transaction in which nobody else writes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

MIGRATIONS: Final = Path(__file__).parent / "migrations"


class DatabaseTooNew(Exception):
    """The database was written by a newer program."""


def migrate(connection: Connection, *, to: str = "head") -> None:
    """Make or alter tables up to a revision. Processes that start together come one after the other.

    Raises:
        DatabaseTooNew: its revision is not among ours.
    """
    found = MigrationContext.configure(connection).get_current_revision()
    known, head = _ours()
    if found is not None and found not in known:
        raise DatabaseTooNew(found)
    if found == head:
        return
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


@cache
def _ours() -> tuple[frozenset[str], str | None]:
    """The revisions that this program knows, and the newest."""
    script = ScriptDirectory.from_config(_config())
    return frozenset(one.revision for one in script.walk_revisions()), script.get_current_head()
