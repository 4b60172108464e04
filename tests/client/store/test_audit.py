from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from client.store import audit
from client.store.connection import Connection, raw_connection
from client.store.database import Database

KEY = bytes(range(32))
COLUMNS = ("at", "actor", "action", "object", "detail_sha256", "prev", "h")


@pytest.fixture
def db(tmp_path: Path):
    made = Database.create(tmp_path / "desk.db", KEY)
    for n in range(12):
        with made.transaction() as tx:
            audit.append(tx, at=f"t{n}", actor="op", action="saved", thing=f"r{n}", detail={"n": n})
    yield made
    made.close()


def tampered(db: Database, *orders: tuple[str, tuple[object, ...]]) -> audit.Chain:
    """Change the table as somebody would who has the key and takes the triggers away; then undo it."""
    raw = raw_connection(db.path, KEY, "rw")
    raw.execute("BEGIN IMMEDIATE")
    raw.execute("DROP TRIGGER audit_frozen")
    raw.execute("DROP TRIGGER audit_kept")
    for sql, params in orders:
        raw.execute(sql, params)
    found = audit.verify(Connection(raw))
    raw.execute("ROLLBACK")
    raw.close()
    return found


def test_an_untouched_chain_holds(db: Database):
    found = audit.verify(db.reader())

    assert found.holds
    assert (found.entries, found.broken_at) == (12, None)


def test_an_empty_chain_holds(tmp_path: Path):
    empty = Database.create(tmp_path / "empty.db", KEY)

    assert audit.verify(empty.reader()) == audit.Chain(0, audit.START, None)
    empty.close()


def test_a_chain_longer_than_a_page_holds(tmp_path: Path):
    long = Database.create(tmp_path / "long.db", KEY)
    with long.transaction() as tx:
        for n in range(2_100):
            audit.append(tx, at="t", actor="op", action="saved", thing=str(n), detail={})

    assert audit.verify(long.reader()).entries == 2_100
    long.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(n=st.integers(1, 12), column=st.sampled_from(COLUMNS), value=st.text("ab", min_size=1, max_size=3))
def test_a_changed_entry_is_found(db: Database, n: int, column: str, value: str):
    orders = {name: f"UPDATE audit SET {name} = ? WHERE n = ?" for name in COLUMNS}

    found = tampered(db, (orders[column], (value, n)))

    # A changed hash shows at its own entry, or at the next, which names another one before it.
    assert found.broken_at == n


@pytest.mark.parametrize("n", [1, 6, 11])
def test_a_removed_entry_is_found(db: Database, n: int):
    assert tampered(db, ("DELETE FROM audit WHERE n = ?", (n,))).broken_at == n


def test_two_entries_that_changed_places_are_found(db: Database):
    found = tampered(
        db,
        ("UPDATE audit SET n = 99 WHERE n = 4", ()),
        ("UPDATE audit SET n = 4 WHERE n = 5", ()),
        ("UPDATE audit SET n = 5 WHERE n = 99", ()),
    )

    assert found.broken_at == 4


def test_an_entry_put_in_between_is_found(db: Database):
    found = tampered(
        db,
        ("UPDATE audit SET n = n + 100 WHERE n > 5", ()),
        (
            "INSERT INTO audit SELECT 6, at, actor, action, object, '', prev, h FROM audit WHERE n = 5",
            (),
        ),
        ("UPDATE audit SET n = n - 99 WHERE n > 100", ()),
    )

    assert found.broken_at == 6


def test_the_head_names_the_whole_chain(db: Database):
    before = audit.verify(db.reader()).head
    with db.transaction() as tx:
        audit.append(tx, at="t", actor="op", action="saved", thing="r", detail={})

    assert audit.verify(db.reader()).head != before


def test_an_act_that_failed_leaves_no_entry(db: Database):
    with pytest.raises(ZeroDivisionError):
        append_and_fail(db)

    assert audit.verify(db.reader()).entries == 12


def append_and_fail(db: Database) -> None:
    with db.transaction() as tx:
        audit.append(tx, at="t", actor="op", action="saved", thing="r", detail={})
        raise ZeroDivisionError
