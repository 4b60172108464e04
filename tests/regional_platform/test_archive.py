"""Old months are put away into files and taken back; what is still needed stays. On PostgreSQL."""

from __future__ import annotations

import json
import os

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from regional_platform.cli import main
from regional_platform.store.archive import ArchiveError, copy_out, holdings, take_back
from regional_platform.store.engine import open_store
from regional_platform.store.tables import version
from tests.databases import on_a_file, on_a_server

CITY = "350200"


def run(database, *words, code=0):
    done = CliRunner().invoke(main, ["archive", *map(str, words), "--database", str(database)])
    assert done.exit_code == code, done.output
    return done.output


def months(desk, served):
    """A record of last month that was corrected in this one, and one of last month that nobody corrected."""
    contents = [desk.content(n) for n in range(2)]
    desk.send(contents)
    desk.stages([one["version_id"] for one in contents])
    return contents


@pytest.fixture
def two_months(served, desk):
    """The month before, and in this one a correction of all that it held."""
    contents = months(desk, served)
    served.clock.turn(days=40)
    later = served.desk(desk.unit["code"])
    later.first = desk.first
    corrections = [later.correction(one) for one in contents]
    later.send(corrections)
    later.stages([one["version_id"] for one in corrections])
    return later, contents


def rows_of(store):
    with store.reading() as connection:
        return connection.execute(select(version).order_by(version.c.n)).all()


@on_a_server
def test_a_month_without_heads_is_put_away_and_taken_back_as_it_was(served, two_months, tmp_path):
    desk, contents = two_months
    store = served.platform.store
    before = rows_of(store)
    old, new = holdings(store)
    said = json.loads(run(served.database, "out", CITY, old["month"], tmp_path, "--json"))

    assert [(one["versions"], one["heads"]) for one in (old, new)] == [(2, 0), (2, 2)]
    assert (said["rows"], rows_of(store)) == (2, before[2:])
    assert "已归档" in run(served.database, "list")
    record = desk.record(contents[0]["record_id"])
    assert (record["head"]["op"], len(record["versions"])) == ("correct", 1)
    assert desk.outcomes([contents[0]]) == ["accepted"]  # its id is known as before

    run(served.database, "in", tmp_path / f"version_{CITY}_{old['month']}.copy.zst")
    assert rows_of(store) == before
    assert len(desk.record(contents[0]["record_id"])["versions"]) == 2
    with pytest.raises(Exception, match="append-only"), store.writing() as connection:
        connection.execute(text(f"DELETE FROM version_{CITY}_{old['month']}"))


@on_a_server
def test_what_is_needed_stays_and_goes_to_slower_disks(served, desk, postgres, tmp_path):
    months(desk, served)
    (known,) = holdings(served.platform.store)
    name = f"version_{CITY}_{known['month']}"
    refused = run(served.database, "out", CITY, known["month"], tmp_path, code=2)
    nowhere = run(served.database, "out", CITY, 201911, tmp_path, code=2)
    place = postgres.folder / "cold"
    place.mkdir()
    owner = (postgres.folder / "data").stat()
    os.chown(place, owner.st_uid, owner.st_gid)
    with served.platform.store.beside() as connection:
        connection.execute(text(f"CREATE TABLESPACE cold LOCATION '{place}'"))
        for what in (f"TABLE {name}", f"INDEX {name}_pkey"):
            connection.execute(text(f"ALTER {what} SET TABLESPACE cold"))

    assert "2 条是记录的当前内容" in refused
    assert "没有这个城市这个月" in nowhere
    assert list(tmp_path.glob("*.zst")) == []
    assert len(rows_of(served.platform.store)) == 2


@on_a_server
def test_a_damaged_file_or_a_lost_slip_changes_nothing(served, two_months, tmp_path):
    store = served.platform.store
    month = holdings(store)[0]["month"]
    copy_out(store, CITY, month, tmp_path)
    file = tmp_path / f"version_{CITY}_{month}.copy.zst"
    slip = file.with_suffix(".json")
    refused = [
        run(served.database, "out", CITY, month, tmp_path, code=2),
        run(served.database, "in", file, code=2),
    ]
    file.write_bytes(file.read_bytes()[:-1])
    refused.append(run(served.database, "in", file, code=2))
    slip.unlink()
    with pytest.raises(ArchiveError, match="no_slip"):
        take_back(store, file)

    assert [
        word in said for word, said in zip(("已存在", "不用取回", "与清单不符"), refused, strict=True)
    ] == [True] * 3
    assert len(rows_of(store)) == 4


@on_a_file
def test_a_file_has_no_partitions(seeded_platform, tmp_path):
    with seeded_platform.copied(tmp_path) as database:
        assert "只有 PostgreSQL" in run(database, "list", code=2)
        open_store(f"sqlite:///{database}").close()
