"""A whole import, from the file to drafts: its sum, cut in the middle, stopped, and twice."""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from client.core.imports import Import
from client.demo.sample_files import write_penalties
from client.demo.samples import Office, invented_subject, with_check
from client.errors import FileRefused, NotAllowed
from client.intake.child import Stopped
from client.intake.importing import Reported, import_file, write_report
from client.store import imports, records
from client.store.desk import Desk
from client.store.import_changes import list_changes
from forms.catalog.schema import CatalogSet, Item
from tests.client.intake.here import ReadHere
from tests.client.intake.importer import what_was_said

TREE = Path(__file__).parents[3]

Build = Callable[..., dict[str, Any]]
Write = Callable[..., Path]


NUMBERS = itertools.count()
KINDS = ("new", "known", "changed", "faulty", "doubled")


def drafts_on(desk: Desk) -> int:
    count = desk.db.reader().value("SELECT COUNT(*) FROM draft")
    return int(count)


def parts(one: Import) -> dict[str, int]:
    assert one.adds_up()
    said = {"created": one.created, "updated": one.updated, "corrected": one.corrected}
    said |= {"skipped": one.skipped, "faulty": one.faulty}
    return {name: count for name, count in said.items() if count}


def test_the_sample_comes_in_as_the_sample_says(desk: Desk, penalty: Item, tmp_path: Path):
    chance = random.Random(1)
    sample = write_penalties(
        tmp_path / "样例.xlsx", penalty, office=Office("示范局", with_check("11350200M0DEM0000")),
        subjects=[invented_subject(n, chance) for n in range(60)], today=desk.today(),
    )  # fmt: skip

    done = import_file(desk, sample.path)

    assert done.as_json() == {
        "import_id": done.sum.import_id, "read": sample.rows, "created": sample.ok - sample.duplicates,
        "updated": 0, "corrected": 0, "skipped": sample.duplicates, "faulty": sample.faulty,
    }  # fmt: skip
    assert done.sum.state == "visible"
    assert [notice.code for notice in done.notices] == ["totals_skipped"]
    assert drafts_on(desk) == done.sum.created
    (row,) = records.list_records(desk.db.reader(), limit=1)
    assert (row.state, row.import_id) == ("draft", done.sum.import_id)


def test_stored_rows_keep_their_problems_with_place_and_value(desk: Desk, penalties: Write, typed: Build):
    done = import_file(desk, penalties(typed(1), typed(2, CF_CFLB="罚金")))

    (row,) = imports.list_rows(desk.db.reader(), done.sum.import_id)
    (problem,) = row.problems
    assert (row.row, row.fate, row.values["CF_CFLB"]) == (3, "faulty", "罚金")
    assert (problem["path"], problem["column"], problem["value"]) == ("CF_CFLB", "P", "罚金")
    assert row.cells[0] == typed(2)["CF_XDR_MC"]


def test_the_same_file_twice_brings_nothing_twice(desk: Desk, penalties: Write, typed: Build):
    path = penalties(*map(typed, range(20)), typed(30, CF_FRDB=None), typed(3))
    first = import_file(desk, path).sum

    again = import_file(desk, path).sum

    assert parts(first) == {"created": 20, "skipped": 1, "faulty": 1}
    assert parts(again) == {"skipped": 21, "faulty": 1}
    assert drafts_on(desk) == 20


def test_a_changed_row_updates_its_draft(desk: Desk, penalties: Write, typed: Build):
    import_file(desk, penalties(typed(1), typed(2), name="一.xlsx"))

    again = import_file(desk, penalties(typed(1), typed(2, BZ="补"), name="二.xlsx")).sum

    assert parts(again) == {"updated": 1, "skipped": 1}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=25))
def test_the_sum_is_right_whatever_comes(kinds: list[str], desk: Desk, penalties: Write, typed: Build):
    hold_the_sum(kinds, desk, penalties, typed, ReadHere())


def test_the_sum_is_right_when_a_child_reads(desk: Desk, penalties: Write, typed: Build):
    hold_the_sum([*KINDS, *KINDS], desk, penalties, typed, None)


def hold_the_sum(kinds: list[str], desk: Desk, penalties: Write, typed: Build, reader: Any) -> None:
    """Import a file of such rows; none of an earlier one of the same desk is among them."""
    base = 100 * next(NUMBERS)
    import_file(desk, penalties(*(typed(base + n) for n in range(25)), name="旧.xlsx"), reader=reader)
    before = drafts_on(desk)
    makers: dict[str, Callable[[int], dict[str, Any]]] = {
        "new": lambda n: typed(base + 30 + n), "known": lambda n: typed(base + n),
        "changed": lambda n: typed(base + n, BZ="补"), "faulty": lambda n: typed(n, CF_CFLB="罚金"),
        "doubled": lambda _n: typed(base + 99),
    }  # fmt: skip
    doubled = kinds.count("doubled")
    path = penalties(*(makers[kind](n) for n, kind in enumerate(kinds)), name="新.xlsx")

    done = import_file(desk, path, reader=reader)

    assert done.sum.adds_up()
    assert (done.sum.rows_read, done.sum.faulty) == (len(kinds), kinds.count("faulty"))
    assert done.sum.created == kinds.count("new") + min(1, doubled)
    assert done.sum.updated == kinds.count("changed")
    assert done.sum.skipped == kinds.count("known") + max(0, doubled - 1)
    assert drafts_on(desk) == before + done.sum.created


# --- cut, stopped, refused ---


@pytest.mark.timeout(300)
@pytest.mark.parametrize("chunks", [1, 3, 4])
def test_an_import_killed_in_the_middle_is_taken_up_with_the_same_result(
    house: Any, penalties: Write, typed: Build, chunks: int
):
    """Kill −9 while rows come in, and after the last of them but before they are visible."""
    rows = [typed(n % 3200, **({"CF_FRDB": None} if n % 50 == 7 else {})) for n in range(3500)]
    path = penalties(*rows)
    killed_after(house, path, chunks)
    desk = house.desk
    cut = imports.cut_short(desk.db.reader())
    assert cut is not None
    assert cut.next_row > chunks * 800
    assert records.list_records(desk.db.reader()) == []

    done = import_file(desk, path).sum

    assert done.import_id == cut.import_id
    assert parts(done) == {"created": 3136, "skipped": 294, "faulty": 70}
    assert drafts_on(desk) == 3136
    assert desk.db.reader().value("SELECT COUNT(DISTINCT natural_key) FROM record") == 3136


@pytest.mark.timeout(300)
def test_an_import_killed_in_the_middle_is_removed_whole(house: Any, penalties: Write, typed: Build):
    killed_after(house, penalties(*map(typed, range(3500))), 2)
    desk = house.desk
    cut = imports.cut_short(desk.db.reader())
    assert cut is not None
    with pytest.raises(NotAllowed, match="import_cut_short"):
        import_file(desk, penalties(typed(1), name="别的.xlsx"))

    imports.remove(desk, cut.import_id)

    assert drafts_on(desk) == 0
    assert desk.db.reader().value("SELECT COUNT(*) FROM record") == 0
    assert parts(import_file(desk, penalties(typed(1), name="别的.xlsx")).sum) == {"created": 1}


SAID = {
    "kinds": {"draft_differs": "skip"},
    "rows": {
        2: ["update"],
        52: ["keep", "两份决定"],
        1152: ["update"],
        1202: ["keep", "两份决定"],
    },
    "refused": [["BZ", "full_width"]],
}
"""Of rows in the first chunk and in the second."""


@pytest.mark.parametrize("later", ["the same is said", "nothing is said"])
def test_a_cut_import_goes_on_by_what_was_chosen_and_is_cleaned_by_what_is_said_now(
    house: Any, penalties: Write, typed: Build, later: str
):
    import_file(house.desk, penalties(*(typed(n) for n in range(0, 1300, 50)), name="旧.xlsx"))
    path = penalties(*(typed(n, BZ="ＡＢ") for n in range(1300)), name="新.xlsx")
    killed_after(house, path, 1, json.dumps(SAID))
    desk = house.desk
    reader = desk.db.reader()
    cut = imports.cut_short(reader)
    assert cut is not None
    assert (cut.next_row, records.count(reader)) == (1002, 26)
    whole = path.read_bytes()
    penalties(*(typed(n, BZ="ＡＢ") for n in range(1299)), name=path.name)
    with pytest.raises(NotAllowed, match="import_differs"):
        import_file(desk, path)
    path.write_bytes(whole)

    again = what_was_said(json.dumps(SAID)) if later == "the same is said" else {}
    done = import_file(desk, path, **again).sum

    assert done.import_id == cut.import_id
    first, second = (20, 1, 1), (6, 1, 1)  # rows that meet a draft, and of them updated, kept
    updated, kept = first[1] + second[1], first[2] + second[2]
    assert parts(done) == {"created": 1300 - 26 + kept, "updated": updated, "skipped": 26 - updated - kept}
    fates = {row.row: row.fate for row in imports.list_rows(reader, done.import_id, limit=100)}
    assert (fates[2], fates[102], 52 in fates) == ("updated", "skipped", False)
    assert (fates[1152], fates.get(1202)) == ("updated", None)
    cleaned = {change.row for change in list_changes(reader, done.import_id, limit=5_000)}
    assert cleaned == (set() if later == "the same is said" else set(range(1002, 1302)))


def killed_after(house: Any, path: Path, chunks: int, said: str = "") -> None:
    """Import in a process of its own and kill it once so many chunks are stored; its reader ends, too."""
    house.close()
    command = [sys.executable, "-m", "tests.client.intake.importer", str(house.directory), "林晓"]
    command += [house.passphrase, str(path), *([said] if said else [])]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=TREE, stdin=pipe, stdout=pipe, text=True) as importer:
        assert importer.stdout is not None
        assert importer.stdin is not None
        for chunk in range(chunks):
            if chunk:
                importer.stdin.write("\n")
                importer.stdin.flush()
            line = importer.stdout.readline()
        importer.kill()
    assert line[:1].isdigit()
    reader = int(line.split()[1])
    limit = time.monotonic() + 60
    while reader and is_alive(reader):
        assert time.monotonic() < limit, "the reader outlived its importer"
        os.sched_yield()


def is_alive(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_stopped_import_leaves_nothing(desk: Desk, penalties: Write, typed: Build):
    seen: list[int] = []

    with pytest.raises(Stopped):
        import_file(
            desk,
            penalties(*map(typed, range(2500))),
            progress=lambda row, _of: seen.append(row),
            cancelled=lambda: bool(seen),
        )

    assert seen == [1001]
    assert drafts_on(desk) == 0
    assert imports.cut_short(desk.db.reader()) is None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"%PDF-1.7", "not_a_spreadsheet", id="no spreadsheet"),
        pytest.param(b"", "file_empty", id="empty"),
        pytest.param("只有一句话".encode(), "headings_unknown", id="no headings"),
    ],
)
def test_a_refused_file_stores_nothing(desk: Desk, tmp_path: Path, content: bytes, code: str):
    path = tmp_path / "表.xlsx"
    path.write_bytes(content)

    with pytest.raises(FileRefused, match=code):
        import_file(desk, path)

    assert desk.db.reader().value("SELECT COUNT(*) FROM import_file") == 0


def test_a_file_that_turns_bad_half_way_is_removed_whole(
    desk: Desk, penalty: Item, typed: Build, tmp_path: Path
):
    """The last line of a text has a quotation mark that is never closed."""
    titles = ",".join(field.title for field in penalty.fields)
    lines = [",".join(str(typed(n).get(field.id) or "") for field in penalty.fields) for n in range(1500)]
    path = tmp_path / "表.csv"
    path.write_text("\n".join([titles, *lines, '"' + "长" * 1_100_000]), encoding="utf-8")

    with pytest.raises(FileRefused, match="text_damaged"):
        import_file(desk, path)

    assert drafts_on(desk) == 0
    assert imports.cut_short(desk.db.reader()) is None


# --- the report of what stayed ---


def test_the_error_report_of_an_import_can_be_repaired_and_imported(
    desk: Desk, penalties: Write, typed: Build, tmp_path: Path, catalog: CatalogSet
):
    faulty = [typed(n, CF_CFLB="罚金") for n in (5, 6, 7)]
    done = import_file(desk, penalties(typed(1), *faulty)).sum
    path = tmp_path / "报告.xlsx"

    assert write_report(desk, done.import_id, path) == Reported(3, healed=False)

    book = openpyxl.load_workbook(path)
    for row in (2, 3):
        book["有误的行"].cell(row, 17).value = "罚款"
    book.save(path)
    assert parts(import_file(desk, path).sum) == {"created": 2, "faulty": 1}
