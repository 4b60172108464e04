from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlite_utils
from sqlite_utils.migrations import Migrations

from client.core.batches import FrozenBatch
from client.errors import ProfileError
from client.store import batches
from client.store.connection import raw_connection
from client.store.database import Database, copy_database
from client.store.migrations import APPLICATION_ID, MIGRATIONS, NEWEST, migrate, statements, version_of
from client.store.proofs import receipts_as_json
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
from forms.seal.canonical import canonical
from forms.seal.keys import SigningKey
from forms.seal.proof import unproved
from forms.seal.receipt import RECEIPT_KEYS

KEY = bytes(range(32))


def schema(path: Path) -> list[tuple[str, str, str]]:
    raw = raw_connection(path, KEY, "ro")
    rows = raw.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE '%sqlite%' ORDER BY type, name"
    ).fetchall()
    raw.close()
    return [(row[0], row[1], row[2]) for row in rows]


def test_after_all_migrations_the_tables_are_those_declared(tmp_path: Path):
    Database.create(tmp_path / "migrated.db", KEY).close()
    raw = raw_connection(tmp_path / "declared.db", KEY, "rwc")
    declared = (
        FIRST, STATE_VIEW, MOVES, HABITS, CHANGES, SEEN, ORIGINS, RECIPES, ROW_RECORDS, SEALS, CHOICES,
        PACKAGES, TRIES, QUESTIONS, BODIES, MERGES, CASE_POSTS, SLIM, STATE_VIEW, LAW, LETTERS,
    )  # fmt: skip
    for statement in (one for script in declared for one in statements(script)):
        raw.execute(statement)
    raw.close()

    assert schema(tmp_path / "migrated.db") == schema(tmp_path / "declared.db")
    assert len(schema(tmp_path / "declared.db")) > 40


def test_the_bytes_of_batches_of_before_move_into_a_table_of_their_own(tmp_path: Path):
    path, steps = tmp_path / "desk.db", Migrations("desk")
    for step in MIGRATIONS._migrations[:12]:
        steps(name=step.name)(step.fn)
    raw_connection(path, KEY, "rwc").close()
    migrate(path, KEY, steps=steps, before=lambda: None)
    raw = raw_connection(path, KEY, "rw")
    raw.execute(
        "INSERT INTO batch (batch_id, device_seq, body, body_sha256, items, state, cut_at)"
        " VALUES ('b1', 1, x'00ff', 'sha', 1, 'open', 'now')"
    )
    raw.close()

    migrate(path, KEY, before=lambda: None)

    db = Database.open(path, KEY)
    assert batches.frozen(db.reader(), "b1") == FrozenBatch("b1", b"\x00\xff", "sha", {})
    db.close()


def test_a_file_says_whose_it_is_and_how_new(tmp_path: Path):
    Database.create(tmp_path / "desk.db", KEY).close()
    raw = raw_connection(tmp_path / "desk.db", KEY, "ro")

    assert raw.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    assert raw.execute("PRAGMA user_version").fetchone()[0] == NEWEST == len(MIGRATIONS._migrations)
    raw.close()


def test_a_trigger_stays_one_statement():
    script = "CREATE TABLE t (a);\nCREATE TRIGGER x BEFORE UPDATE ON t BEGIN SELECT 1; SELECT 2; END;\n"

    assert len(list(statements(script))) == 2


def set_pragma(path: Path, order: str) -> None:
    raw = raw_connection(path, KEY, "rw")
    raw.execute(order)
    raw.close()


def test_a_database_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path):
    path = tmp_path / "desk.db"
    Database.create(path, KEY).close()
    set_pragma(path, "PRAGMA user_version = 99")
    before = path.read_bytes()

    with pytest.raises(ProfileError) as caught:
        Database.open(path, KEY)

    assert (caught.value.code, caught.value.params["version"]) == ("profile_newer", 99)
    assert path.read_bytes() == before
    assert not (tmp_path / "backups").exists()


def test_a_database_of_another_program_is_refused(tmp_path: Path):
    path = tmp_path / "desk.db"
    Database.create(path, KEY).close()
    set_pragma(path, "PRAGMA application_id = 7")

    with pytest.raises(ProfileError) as caught:
        Database.open(path, KEY)
    assert caught.value.code == "profile_foreign"


def with_a_next_step(work: str) -> Migrations:
    """Our steps, and one more that does `work` and then fails."""
    steps = Migrations("desk")
    for known in MIGRATIONS._migrations:
        steps(name=known.name)(known.fn)

    @steps(name="9999_next")
    def _next(db: sqlite_utils.Database) -> None:
        db.execute("ALTER TABLE setting ADD COLUMN changed_at TEXT")
        db.execute("UPDATE setting SET value = 'changed'")
        if work == "fails":
            raise RuntimeError("the step fails")

    return steps


def test_a_step_that_fails_leaves_the_old_state_and_the_copy(tmp_path: Path):
    path = tmp_path / "desk.db"
    db = Database.create(path, KEY)
    with db.transaction() as tx:
        tx.execute("INSERT INTO setting VALUES ('a', 'old')")
    db.close()
    copy = tmp_path / "backups" / "before.db"

    with pytest.raises(RuntimeError, match="step fails"):
        migrate(path, KEY, steps=with_a_next_step("fails"), before=lambda: copy_database(path, KEY, copy))

    for file in (path, copy):
        again = Database.open(file, KEY)
        rows = again.reader().execute("SELECT * FROM setting LIMIT 9").fetchall()
        assert [tuple(row) for row in rows] == [("a", "old")]
        again.close()


def test_a_step_that_works_is_run_once(tmp_path: Path):
    path = tmp_path / "desk.db"
    Database.create(path, KEY).close()
    copies: list[str] = []
    steps = with_a_next_step("works")

    assert migrate(path, KEY, steps=steps, before=lambda: copies.append("made")) == ["9999_next"]
    assert migrate(path, KEY, steps=steps, before=lambda: copies.append("made")) == []
    assert copies == ["made"]


KILLED = """
import os, sys
from pathlib import Path
import client.store
from client.store.migrations import MIGRATIONS, migrate
from sqlite_utils.migrations import Migrations

steps = Migrations("desk")
for known in MIGRATIONS._migrations:
    steps(name=known.name)(known.fn)

@steps(name="9999_next")
def _next(db):
    db.execute("ALTER TABLE setting ADD COLUMN changed_at TEXT")
    db.execute("UPDATE setting SET value = 'changed'")
    os._exit(77)  # at once, as a kill would

migrate(Path(sys.argv[1]), bytes(range(32)), steps=steps, before=lambda: None)
"""


def test_a_program_killed_within_a_step_leaves_the_old_state(tmp_path: Path):
    path = tmp_path / "desk.db"
    db = Database.create(path, KEY)
    with db.transaction() as tx:
        tx.execute("INSERT INTO setting VALUES ('a', 'old')")
    db.close()

    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, timeout=60)

    assert done.returncode == 77
    assert version_of(path, KEY) == NEWEST
    again = Database.open(path, KEY)
    assert [tuple(r) for r in again.reader().execute("SELECT * FROM setting LIMIT 9")] == [("a", "old")]
    again.close()


def test_versions_and_audit_entries_cannot_be_changed_or_removed(tmp_path: Path):
    db = Database.create(tmp_path / "desk.db", KEY)
    with db.transaction() as tx:
        tx.execute(
            "INSERT INTO version VALUES (1,'v','r',NULL,'create','X@1',x'7b7d','00','m','t','a',0,NULL)"
        )
        tx.execute("INSERT INTO audit VALUES (1,'t','m','saved','r','00','00','00')")

    for order in (
        "UPDATE version SET maker = 'x'", "DELETE FROM version",
        "UPDATE audit SET actor = 'x'", "DELETE FROM audit",
    ):  # fmt: skip
        with pytest.raises(Exception, match=r"(version|audit) is (frozen|kept)"), db.transaction() as tx:
            tx.execute(order)
    db.close()


def test_a_desk_of_the_first_version_gets_the_tables_of_habits_after_a_copy(tmp_path: Path):
    path = tmp_path / "desk.db"
    first = Migrations("desk")
    first(name="0001_tables")(MIGRATIONS._migrations[0].fn)
    raw_connection(path, KEY, "rwc").close()
    migrate(path, KEY, steps=first, before=lambda: None)
    assert version_of(path, KEY) == 1

    db = Database.open(path, KEY)

    assert version_of(path, KEY) == NEWEST
    assert db.reader().value("SELECT COUNT(*) FROM pinned_value") == 0
    assert [file.name for file in (tmp_path / "backups").iterdir()] == ["before-migration-0002.db"]
    db.close()


def test_a_receipt_of_before_seals_keeps_its_own_signature_and_stays_provable(tmp_path: Path):
    path, key = tmp_path / "desk.db", SigningKey(bytes(range(32)))
    said = {name: name for name in RECEIPT_KEYS} | {"problem": {"detail": '不行："\n\\', "errors": [None, 3]}}
    signed = canonical(said | {"sig": key.sign("receipt", said)})
    before = Migrations("desk")
    for known in MIGRATIONS._migrations[:8]:
        before(name=known.name)(known.fn)
    raw_connection(path, KEY, "rwc").close()
    migrate(path, KEY, steps=before, before=lambda: None)
    raw = raw_connection(path, KEY, "rw")
    raw.execute("INSERT INTO receipt VALUES ('v','checked','rejected',NULL,'R-1','t',NULL,?)", (signed,))
    raw.execute(
        "INSERT INTO device (device_id, name, signing_key, unit_code, unit_name, city, platform_url,"
        " server_id, server_key, epoch) VALUES ('d','',x'','','','','','server_id',?,'e')",
        (key.public,),
    )
    raw.commit()
    raw.close()

    db = Database.open(path, KEY)

    assert bytes(db.reader().value("SELECT raw FROM receipt")) == canonical(said)
    proof = receipts_as_json(db.reader())
    assert (len(proof["receipts"]), proof["seals"]) == (1, [])
    assert unproved(proof["server_key"], proof["receipts"], [], proof["server_id"]) == []
    db.close()
