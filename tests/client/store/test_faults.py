"""The disk says no: full, read-only. What was saved stays, and the sentence is about the disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from client.errors import StoreError
from client.store.connection import raw_connection
from client.store.database import Database

TREE = Path(__file__).parents[3]
KEY = bytes(range(32))

WRITER = """
import json, sys
from pathlib import Path
{before}
from client.errors import ClientError
from client.store.database import Database

path = Path(sys.argv[1])
db = Database.open(path, bytes(range(32)))
{limit}
saved, code = 0, None
while code is None:
    try:
        with db.transaction() as tx:
            tx.execute("INSERT INTO setting VALUES (?, ?)", (f"{{saved:06}}", "x" * 20_000))
        saved += 1
    except ClientError as error:
        code = error.code
try:
    seen = db.reader().value("SELECT COUNT(*) FROM setting")
except ClientError as error:
    seen = error.code
print(json.dumps({{"saved": saved, "code": code, "seen": seen}}))
"""

LIMIT = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = path.stat().st_size + 600_000
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A disk of 2 MB, where the system lets us mount one; else None."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    mounted = os.name == "posix" and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    yield folder if mounted else None
    if mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def written_until_full(path: Path, *, limited: bool) -> dict[str, Any]:
    code = WRITER.format(before="", limit=LIMIT if limited else "")
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        cwd=TREE, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.mark.skipif(os.name == "nt", reason="no file size limit on Windows")
def test_a_full_disk_is_named_and_what_was_saved_is_there(tmp_path: Path, small_disk: Path | None):
    path = (small_disk or tmp_path) / "desk.db"
    Database.create(path, KEY).close()

    said = written_until_full(path, limited=small_disk is None)

    assert said["saved"] > 5
    assert said["code"] in ({"disk_full"} if small_disk else {"disk_full", "disk_failed"})
    assert said["seen"] == said["saved"]
    copy = tmp_path / "copy.db"  # beside the full disk
    for suffix in ("", "-wal"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            copy.with_name(copy.name + suffix).write_bytes(beside.read_bytes())
    again = Database.open(copy, KEY)
    assert again.is_sound()
    assert again.reader().value("SELECT COUNT(*) FROM setting") == said["saved"]
    again.close()


def test_a_database_that_may_not_grow_says_that_the_disk_is_full(tmp_path: Path):
    db = Database.create(tmp_path / "desk.db", KEY)
    with db.transaction() as tx:
        tx.execute("PRAGMA max_page_count = 1")  # SQLite takes what is there as the least

    with pytest.raises(StoreError, match="disk_full"):
        fill(db)

    with db.transaction() as tx:
        tx.execute("PRAGMA max_page_count = 100000")
        tx.execute("INSERT INTO setting VALUES ('after', 'room again')")
    assert db.reader().value("SELECT COUNT(*) FROM setting") == 1
    db.close()


def fill(db: Database) -> None:
    with db.transaction() as tx:
        for n in range(1_000):
            tx.execute("INSERT INTO setting VALUES (?, ?)", (f"{n:06}", "x" * 20_000))


READ_ONLY = """
import json, os, sys
from pathlib import Path
from client.errors import ClientError
from client.store.database import Database
from client.store.files import ProfileLock, write_whole

folder = Path(sys.argv[1])
if os.geteuid() == 0:
    os.setuid(65534)  # root may write everywhere
codes = []
for act in (
    lambda: Database.open(folder / "desk.db", bytes(range(32))),
    lambda: Database.create(folder / "new.db", bytes(range(32))),
    lambda: ProfileLock(folder / "lock"),
    lambda: write_whole(folder / "keys.json", b"x"),
):
    try:
        act()
        codes.append(None)
    except ClientError as error:
        codes.append(error.code)
print(json.dumps(codes))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_folder_that_may_not_be_written_is_named():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Database.create(folder / "desk.db", KEY).close()
        (folder / "desk.db").chmod(0o444)
        folder.chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(folder)],
            cwd=TREE, capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        folder.chmod(0o755)

    codes = json.loads(done.stdout)
    assert codes[0] in {"read_only", "cannot_open"}
    assert codes[1:] == ["no_permission"] * 3


def test_a_reader_that_is_told_to_stop_stops(tmp_path: Path):
    db = Database.create(tmp_path / "desk.db", KEY)
    raw = raw_connection(tmp_path / "desk.db", KEY, "ro")
    raw.set_progress_handler(lambda: 1, 100)
    from client.store.connection import Connection  # noqa: PLC0415 - the wrapper is what is tested

    with pytest.raises(StoreError, match="interrupted"):
        Connection(raw).value(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)"
            " SELECT COUNT(*) FROM n"
        )
    raw.close()
    db.close()
