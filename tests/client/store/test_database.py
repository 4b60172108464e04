from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from client.errors import ProfileError, StoreError, UnlockError
from client.store.connection import PRAGMAS, READ_BACK, STORE_ERRORS, raw_connection, store_error
from client.store.database import Database

KEY = bytes(range(32))


@pytest.fixture
def db(tmp_path: Path):
    made = Database.create(tmp_path / "desk.db", KEY)
    yield made
    made.close()


def put(db: Database, name: str, value: str = "x") -> None:
    with db.transaction() as tx:
        tx.execute("INSERT INTO setting VALUES (?, ?)", (name, value))


def put_and_fail(db: Database, name: str) -> None:
    with db.transaction() as tx:
        tx.execute("INSERT INTO setting VALUES (?, 'x')", (name,))
        raise ZeroDivisionError


def names(db: Database) -> list[str]:
    return [row["name"] for row in db.reader().execute("SELECT name FROM setting ORDER BY name LIMIT 100")]


def test_nothing_of_the_file_can_be_read_without_the_key(db: Database, tmp_path: Path):
    put(db, "福建", "海湾样例商贸有限公司")
    db.close()

    raw = (tmp_path / "desk.db").read_bytes()
    assert not raw.startswith(b"SQLite format 3")
    assert "海湾样例".encode() not in raw
    assert b"CREATE TABLE" not in raw


def test_only_the_owner_of_the_file_may_read_it(db: Database, tmp_path: Path):
    assert (tmp_path / "desk.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", sorted(PRAGMAS))
def test_every_pragma_answers_what_it_was_set_to(db: Database, name: str):
    wanted = PRAGMAS[name][1]

    with db.transaction() as tx:
        assert tx.value(READ_BACK[name]) == wanted
    assert db.reader().value(READ_BACK[name]) == wanted


def test_the_journal_is_a_wal_the_page_is_big_and_the_cipher_is_quiet(db: Database):
    with db.transaction() as tx:
        assert tx.value("PRAGMA journal_mode") == "wal"
        assert int(tx.value("PRAGMA page_size")) == 16_384
        assert tx.value("PRAGMA cipher_log_level") == "NONE"


def test_another_key_is_told_from_a_damaged_file(db: Database, tmp_path: Path):
    db.close()

    with pytest.raises(UnlockError) as caught:
        Database.open(tmp_path / "desk.db", b"x" * 32)
    assert caught.value.code == "wrong_key"


def test_a_key_of_another_length_is_our_own_bug(tmp_path: Path):
    with pytest.raises(ValueError, match="32 bytes"):
        Database.create(tmp_path / "desk.db", b"short")


def test_a_file_that_is_there_is_not_made_anew(db: Database, tmp_path: Path):
    put(db, "kept")

    with pytest.raises(ProfileError) as caught:
        Database.create(tmp_path / "desk.db", KEY)
    assert caught.value.code == "profile_exists"
    assert names(db) == ["kept"]


def test_a_transaction_is_all_or_nothing(db: Database):
    with pytest.raises(ZeroDivisionError):
        put_and_fail(db, "a")

    assert names(db) == []


def test_a_nested_transaction_undoes_only_itself(db: Database):
    with db.transaction() as outer:
        outer.execute("INSERT INTO setting VALUES ('outer', 'x')")
        with pytest.raises(ZeroDivisionError):
            put_and_fail(db, "inner")
        with db.transaction() as third:
            third.execute("INSERT INTO setting VALUES ('third', 'x')")

    assert names(db) == ["outer", "third"]


def test_a_reader_sees_what_is_committed_and_writes_nothing(db: Database):
    with db.transaction() as tx:
        tx.execute("INSERT INTO setting VALUES ('a', 'x')")
        assert names(db) == []
    assert names(db) == ["a"]

    with pytest.raises(StoreError) as caught:
        db.reader().execute("DELETE FROM setting")
    assert caught.value.code == "read_only"


def test_each_thread_has_a_reader_of_its_own(db: Database):
    seen = []
    thread = threading.Thread(target=lambda: seen.append(db.reader()))
    thread.start()
    thread.join()

    assert seen[0] is not db.reader()
    assert db.reader() is db.reader()


def test_many_threads_write_one_after_another(db: Database):
    def write(n: int) -> None:
        for i in range(25):
            put(db, f"{n}-{i:02}")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(names(db)) == 100


def test_a_broken_constraint_is_a_bug_and_passes_unchanged(db: Database):
    put(db, "a")

    with pytest.raises(dbapi2.IntegrityError):
        put(db, "a")


def test_a_closed_database_says_so(db: Database):
    db.close()
    db.close()

    with pytest.raises(StoreError) as caught, db.transaction():
        pass
    assert caught.value.code == "closed"
    with pytest.raises(StoreError):
        db.reader()


def test_a_thread_that_still_reads_when_the_desk_is_locked_is_told(db: Database):
    reader = db.reader()
    cursor = reader.execute("SELECT name FROM sqlite_master")
    db.close()

    for read in (cursor.fetchone, cursor.fetchall, lambda: reader.value("SELECT 1")):
        with pytest.raises(StoreError, match="closed"):
            read()


def test_another_process_that_only_reads_is_refused_the_pen(db: Database, tmp_path: Path):
    put(db, "a")
    beside = Database.open_to_read(tmp_path / "desk.db", KEY)

    assert names(beside) == ["a"]
    with pytest.raises(StoreError) as caught, beside.transaction():
        pass
    assert caught.value.code == "read_only"
    beside.close()


def test_a_second_writer_is_told_that_the_file_is_locked(db: Database, tmp_path: Path):
    raw = raw_connection(tmp_path / "desk.db", KEY, "rw")
    raw.execute("BEGIN IMMEDIATE")
    other = raw_connection(tmp_path / "desk.db", KEY, "rw")
    other.execute("PRAGMA busy_timeout = 10")
    try:
        with pytest.raises(dbapi2.OperationalError) as caught:
            other.execute("BEGIN IMMEDIATE")
    finally:
        other.close()
        raw.close()

    converted = store_error(caught.value)
    assert converted is not None
    assert converted.code == "locked"


class DatabaseSaid(dbapi2.OperationalError):
    """An error as the driver raises it, with any code."""

    def __init__(self, code: int) -> None:
        super().__init__("said")
        self.sqlite_errorcode = code


@pytest.mark.parametrize(
    ("sqlite", "code"),
    [(13, "disk_full"), (5, "locked"), (517, "locked"), (8, "read_only"), (1032, "read_only"),
     (11, "damaged"), (267, "damaged"), (26, "damaged"), (10, "disk_failed"), (778, "disk_failed"),
     (14, "cannot_open"),
     (7, "out_of_memory"), (9, "interrupted"), (3, "no_permission"), (15, "locked")],
)  # fmt: skip
def test_each_foreign_error_has_one_code_of_ours(sqlite: int, code: str):
    converted = store_error(DatabaseSaid(sqlite))

    assert converted is not None
    assert (converted.code, converted.params) == (code, {"sqlite": sqlite})


@pytest.mark.parametrize("sqlite", [1, 19, 20, 21, 25, 2067])
def test_what_is_our_own_bug_is_not_converted(sqlite: int):
    assert sqlite & 0xFF not in STORE_ERRORS
    assert store_error(DatabaseSaid(sqlite)) is None


@pytest.mark.parametrize("place", ["middle", "end", "start"])
def test_a_damaged_file_is_noticed_and_never_read_as_something_else(tmp_path: Path, place: str):
    path = tmp_path / "desk.db"
    db = Database.create(path, KEY)
    for n in range(300):
        put(db, f"{n:03}", "值" * 500)
    db.close()
    raw = bytearray(path.read_bytes())
    at = {"middle": len(raw) // 2, "end": len(raw) - 4_000, "start": 200}[place]
    raw[at] ^= 1
    path.write_bytes(raw)

    if place == "start":  # the key is proved on the first page
        with pytest.raises(UnlockError, match="wrong_key"):
            Database.open(path, KEY)
    else:
        db = Database.open(path, KEY)
        assert not db.is_sound()
        db.close()


def test_a_file_cut_short_is_damaged(tmp_path: Path):
    path = tmp_path / "desk.db"
    db = Database.create(path, KEY)
    for n in range(300):
        put(db, f"{n:03}", "值" * 500)
    db.close()
    os.truncate(path, 16_384 * 5)

    with pytest.raises(StoreError, match="damaged"):
        Database.open(path, KEY)


def test_a_backup_is_one_file_that_opens_with_the_same_key(db: Database, tmp_path: Path):
    put(db, "a")
    db.backup(tmp_path / "copies" / "one.db")
    put(db, "b")

    assert [p.name for p in (tmp_path / "copies").iterdir()] == ["one.db"]
    copy = Database.open(tmp_path / "copies" / "one.db", KEY)
    assert names(copy) == ["a"]
    copy.close()
