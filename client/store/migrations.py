"""How a database of an earlier version becomes one of ours: ordered steps, one transaction each.

The file is copied before any step; a database from a newer program is refused. A step is never
changed once it has been released: the next change is the next step.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Final

import sqlite_utils
from sqlite_utils.migrations import Migrations

from client.core.case_shapes import in_shape
from client.errors import ProfileError
from client.store.connection import converted, raw_connection
from client.store.receipt_schema import SLIM
from client.store.schema import (
    BODIES,
    CASE_POSTS,
    CHANGES,
    CHOICES,
    FIRST,
    HABITS,
    LAW,
    LETTERS,
    MERGES,
    MOVES,
    ORIGINS,
    PACKAGES,
    QUESTIONS,
    RECIPES,
    ROW_RECORDS,
    SEALS,
    SEEN,
    STATE_VIEW,
    TRIES,
)

APPLICATION_ID: Final = 0x4D58_4442
"""MXDB: so that another program's file is not taken for ours."""

MIGRATIONS: Final = Migrations("desk")

_STAMP: Final = (
    "PRAGMA application_id = 1297630274",  # APPLICATION_ID; a pragma takes no parameters
    "PRAGMA user_version = 1",
)


def statements(script: str) -> Iterator[str]:
    """Split a script into statements; a trigger with its own semicolons stays whole."""
    rest = ""
    for piece in script.split(";")[:-1]:
        rest += piece + ";"
        if sqlite3.complete_statement(rest):
            yield rest.strip()
            rest = ""


@MIGRATIONS(name="0001_tables")
def _tables(db: sqlite_utils.Database) -> None:
    for statement in (*statements(FIRST), *statements(STATE_VIEW), *_STAMP):
        db.execute(statement)


@MIGRATIONS(name="0002_catalog_moves")
def _catalog_moves(db: sqlite_utils.Database) -> None:
    for statement in (*statements(MOVES), "PRAGMA user_version = 2"):
        db.execute(statement)


@MIGRATIONS(name="0003_habits")
def _habits(db: sqlite_utils.Database) -> None:
    for statement in (*statements(HABITS), "PRAGMA user_version = 3"):
        db.execute(statement)


@MIGRATIONS(name="0004_import_changes")
def _import_changes(db: sqlite_utils.Database) -> None:
    for statement in (*statements(CHANGES), "PRAGMA user_version = 4"):
        db.execute(statement)


@MIGRATIONS(name="0005_review_seen")
def _review_seen(db: sqlite_utils.Database) -> None:
    for statement in (*statements(SEEN), "PRAGMA user_version = 5"):
        db.execute(statement)


@MIGRATIONS(name="0006_import_origins")
def _import_origins(db: sqlite_utils.Database) -> None:
    for statement in (*statements(ORIGINS), "PRAGMA user_version = 6"):
        db.execute(statement)


@MIGRATIONS(name="0007_recipes")
def _recipes(db: sqlite_utils.Database) -> None:
    for statement in (*statements(RECIPES), "PRAGMA user_version = 7"):
        db.execute(statement)


@MIGRATIONS(name="0008_row_records")
def _row_records(db: sqlite_utils.Database) -> None:
    for statement in (*statements(ROW_RECORDS), "PRAGMA user_version = 8"):
        db.execute(statement)


@MIGRATIONS(name="0009_seals")
def _seals(db: sqlite_utils.Database) -> None:
    for statement in (*statements(SEALS), "PRAGMA user_version = 9"):
        db.execute(statement)


@MIGRATIONS(name="0010_import_choices")
def _import_choices(db: sqlite_utils.Database) -> None:
    for statement in (*statements(CHOICES), "PRAGMA user_version = 10"):
        db.execute(statement)


@MIGRATIONS(name="0011_packages")
def _packages(db: sqlite_utils.Database) -> None:
    for statement in (*statements(PACKAGES), "PRAGMA user_version = 11"):
        db.execute(statement)


@MIGRATIONS(name="0012_tries_and_questions")
def _tries_and_questions(db: sqlite_utils.Database) -> None:
    for statement in (*statements(TRIES), *statements(QUESTIONS), "PRAGMA user_version = 12"):
        db.execute(statement)


@MIGRATIONS(name="0013_bodies")
def _bodies(db: sqlite_utils.Database) -> None:
    for statement in (*statements(BODIES), "PRAGMA user_version = 13"):
        db.execute(statement)


@MIGRATIONS(name="0014_merges")
def _merges(db: sqlite_utils.Database) -> None:
    for statement in (*statements(MERGES), "PRAGMA user_version = 14"):
        db.execute(statement)


@MIGRATIONS(name="0015_cases_of_several_records")
def _cases_of_several_records(db: sqlite_utils.Database) -> None:
    for case_id, data in db.execute("SELECT case_id, data FROM casefile").fetchall():
        said = json.dumps(in_shape(json.loads(data)), ensure_ascii=False)
        db.execute("UPDATE casefile SET data = ? WHERE case_id = ?", (said, case_id))
    db.execute("PRAGMA user_version = 15")


@MIGRATIONS(name="0016_case_posts")
def _case_posts(db: sqlite_utils.Database) -> None:
    for statement in (*statements(CASE_POSTS), "PRAGMA user_version = 16"):
        db.execute(statement)


@MIGRATIONS(name="0017_slim_receipts")
def _slim_receipts(db: sqlite_utils.Database) -> None:
    for statement in (*statements(SLIM), *statements(STATE_VIEW), "PRAGMA user_version = 17"):
        db.execute(statement)


@MIGRATIONS(name="0018_law")
def _law(db: sqlite_utils.Database) -> None:
    for statement in (*statements(LAW), "PRAGMA user_version = 18"):
        db.execute(statement)


@MIGRATIONS(name="0019_letters")
def _letters(db: sqlite_utils.Database) -> None:
    for statement in (*statements(LETTERS), "PRAGMA user_version = 19"):
        db.execute(statement)


NEWEST: Final = 19
"""`user_version` after all steps; each step sets its own number in its own transaction."""


def version_of(path: Path, key: bytes) -> int:
    """Return how many steps a file has behind it: 0 for a new one.

    Raises:
        ProfileError: ``profile_newer``, or ``profile_foreign`` when the file is another program's.
    """
    raw = raw_connection(path, key, "rw")
    try:
        with converted():
            version = int(raw.execute("PRAGMA user_version").fetchone()[0])
            owner = int(raw.execute("PRAGMA application_id").fetchone()[0])
    finally:
        raw.close()
    if version and owner != APPLICATION_ID:
        raise ProfileError("profile_foreign")
    if version > NEWEST:
        raise ProfileError("profile_newer", version=version, known=NEWEST)
    return version


def migrate(
    path: Path, key: bytes, *, steps: Migrations = MIGRATIONS, before: Callable[[], object]
) -> list[str]:
    """Run the steps that a file lacks.

    Args:
        path: the database; it exists.
        key: 32 bytes.
        steps: for tests of the way a step fails; else ours.
        before: called once before the first step of a file that holds something; it copies the file.

    Returns:
        Names of the steps that were run.
    """
    version = version_of(path, key)
    raw = raw_connection(path, key, "rw")
    try:
        with converted():
            db = sqlite_utils.Database(raw)
            pending = [step.name for step in steps.pending(db)]
            if pending and version:
                before()
            # One transaction for a new file: it waits for the disk once, and no half of the tables stays.
            with nullcontext() if version else db.atomic():
                steps.apply(db)
    finally:
        raw.close()
    return pending
