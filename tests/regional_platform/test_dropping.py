"""Old feed entries that every desk has read, and old answers: what goes, and what never does."""

from __future__ import annotations

import json
from datetime import timedelta

from click.testing import CliRunner
from sqlalchemy import select

from regional_platform import dropping
from regional_platform.cli import main
from regional_platform.propagation import COUNTED_EVERY
from regional_platform.store.tables import feed

DAYS = {"feed_days": 90, "answer_days": 365}


def read_all(desk):
    """Read the feed to its end and say so; returns what came."""
    page = desk.feed(limit=1_000)
    desk.feed(after=page["next"] + COUNTED_EVERY)  # else it is counted with a batch
    return page["items"]


def test_what_every_desk_has_read_goes_and_the_rest_stays_readable(alone):
    desk, store = alone.desk(), alone.platform.store
    desk.token("reporter"), desk.token("reviewer")
    slow = alone.desk()
    slow.token("reporter")
    contents = [desk.content(n) for n in range(3)]
    batch = desk.batch(desk.approved(contents))
    first = desk.receipts(desk.post(batch))
    desk.stages([one["version_id"] for one in contents])
    later = alone.clock() + timedelta(days=400)

    def look(now=later):
        with store.reading() as connection:
            return dropping.figures(connection, now, **DAYS)

    whole = read_all(desk)
    (waiting,) = look()["units"]
    held = dropping.drop(store, later, **DAYS)
    read_all(slow)
    young = look(alone.clock())
    due = look()
    gone = dropping.drop(store, later, **DAYS)
    fresh = alone.desk()
    anew = fresh.feed(limit=1_000)["items"]
    from_the_middle = fresh.feed(after=2)["items"]

    stages = sum(one["type"] == "stage" for one in whole)
    assert (waiting["entries"], waiting["waiting"], waiting["desk"]) == (0, stages, slow.device_id)
    assert held == {"rows": 0, "entries": 0, "answers": 1}
    assert (young["units"], young["answers"]) == ([], 0)
    assert (due["entries"], due["answers"]) == (stages, 0)
    assert (gone["entries"], gone["answers"]) == (stages, 0)
    assert [one["seq"] for one in anew] == [one["seq"] for one in whole]
    assert [one for one in anew if one["type"] != "dropped"] == [
        one for one in whole if one["type"] != "stage"
    ]  # fmt: skip
    assert from_the_middle == anew[2:]
    with store.reading() as connection:
        kept = connection.execute(select(feed.c.type).where(feed.c.unit == "350200-01")).scalars().all()
    assert kept.count("dropped") < stages
    assert desk.record(contents[0]["record_id"])["stage"] == "stored"

    assert desk.call("GET", f"/v1/batches/{batch['batch_id']}").status_code == 404
    assert desk.receipts(desk.post(batch)) == first
    assert desk.call("GET", f"/v1/batches/{batch['batch_id']}").json()["receipts"] == first
    assert desk.call("POST", "/v1/missing", json={"version_ids": [contents[0]["version_id"]]}).json() == {
        "missing": []
    }
    assert desk.outcomes([desk.content(9)]) == ["accepted"]


def test_the_command_counts_first_and_drops_when_told(tmp_path):
    database = str(tmp_path / "p.db")

    def run(*words):
        done = CliRunner().invoke(main, [*words, "--database", database])
        assert done.exit_code == 0, done.output
        return done.output

    run("unit", "add", "--level", "region", "--city", "350000", "minnan", "区域")
    assert "加 --do 才清理" in run("drop-read")
    assert json.loads(run("drop-read", "--do", "--json")) == {"rows": 0, "entries": 0, "answers": 0}
