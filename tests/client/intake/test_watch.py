"""A watched folder: what is dropped there comes in once, and a bad file is put aside."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from client.intake.watch import Taken, Watch
from client.store.desk import Desk

TREE = Path(__file__).parents[3]
Write = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "交换"
    made.mkdir()
    return made


def polled(watch: Watch) -> list[Taken]:
    return [*watch.poll(), *watch.poll()]


def watched(desk: Desk, folder: Path) -> Watch:
    return Watch(desk, folder, lambda error: error.code)


def drop(path: Path, folder: Path, name: str) -> None:
    shutil.copy(path, folder / name)


def test_a_good_file_comes_in_once_it_has_stopped_growing(
    desk: Desk, folder: Path, penalties: Write, typed: Any
):
    watch = watched(desk, folder)
    drop(penalties(typed(1), typed(2)), folder, "处罚.xlsx")

    assert list(watch.poll()) == []
    (taken,) = watch.poll()

    assert (taken.outcome, taken.moved_to) == ("imported", "已导入/处罚.xlsx")
    assert taken.sums is not None
    assert (taken.sums["created"], taken.sums["read"]) == (2, 2)
    assert [path.name for path in folder.iterdir()] == ["已导入"]


def test_the_same_file_twice_brings_nothing_twice(desk: Desk, folder: Path, penalties: Write, typed: Any):
    watch, file = watched(desk, folder), penalties(typed(1))
    drop(file, folder, "处罚.xlsx")
    polled(watch)
    drop(file, folder, "处罚.xlsx")

    (taken,) = polled(watch)

    assert taken.moved_to == "已导入/处罚 (2).xlsx"
    assert taken.sums is not None
    assert (taken.sums["created"], taken.sums["skipped"]) == (0, 1)


def test_a_file_with_faulty_rows_comes_back_marked_and_is_taken_again_once_it_is_right(
    desk: Desk, folder: Path, penalties: Write, typed: Any
):
    watch = watched(desk, folder)
    drop(penalties(typed(1), typed(2, CF_CFLB="罚金")), folder, "处罚.xlsx")

    (taken,) = polled(watch)

    assert (taken.outcome, taken.report) == ("faulty", "有误/处罚-错误报告.xlsx")
    assert (folder / taken.moved_to).is_file()
    book = openpyxl.load_workbook(folder / taken.report)
    assert book.sheetnames == ["表", "问题清单"]
    wrong = next(cell for cell in book["表"][3] if cell.value == "罚金")
    assert wrong.comment is not None
    wrong.value = "罚款"
    book.save(folder / "处罚.xlsx")
    (again,) = polled(watch)
    assert again.sums is not None
    assert (again.outcome, again.sums["created"], again.sums["skipped"]) == ("imported", 1, 1)


def test_what_cannot_come_back_marked_says_so_with_its_new_workbook(
    desk: Desk, folder: Path, text_table: Write, typed: Any, penalty: Any, xls: Write
):
    titles = [field.title for field in penalty.fields]
    cells = [typed(1, CF_CFLB="罚金").get(field.id) for field in penalty.fields]
    drop(xls([titles, cells]), folder, "旧.xls")
    drop(text_table([titles, cells], "utf-8"), folder, "文本.csv")

    taken = {one.file: one for one in polled(watched(desk, folder))}

    assert {name: (one.report, one.code) for name, one in taken.items()} == {
        "旧.xls": ("有误/旧-错误报告.xlsx", "format_unmarked"),
        "文本.csv": ("有误/文本-错误报告.xlsx", ""),
    }
    assert taken["旧.xls"].message == "format_unmarked"
    for one in taken.values():
        assert openpyxl.load_workbook(folder / one.report).sheetnames[0] == "有误的行"


def test_a_bad_file_is_put_aside_with_the_reason_and_the_next_comes_in(
    desk: Desk, folder: Path, penalties: Write, typed: Any
):
    (folder / "a.xlsx").write_bytes(b"PK\x03\x04 broken")
    drop(penalties(typed(1)), folder, "b.xlsx")

    taken = {one.file: one for one in polled(watched(desk, folder))}

    assert {name: one.outcome for name, one in taken.items()} == {"a.xlsx": "refused", "b.xlsx": "imported"}
    assert taken["a.xlsx"].code in (folder / "有误/a-原因.txt").read_text(encoding="utf-8-sig")


def test_a_file_that_may_be_of_two_items_is_not_guessed(desk: Desk, folder: Path, xlsx: Write):
    drop(
        xlsx(
            [
                ["行政相对人名称", "行政处罚决定书文号", "处罚决定日期", "处罚类别"],
                ["甲公司", "一号", "2026-11-01", "罚款"],
            ]
        ),
        folder,
        "c.xlsx",
    )

    (taken,) = polled(watched(desk, folder))

    assert (taken.outcome, taken.code) == ("refused", "item_ambiguous")


@pytest.mark.parametrize("name", ["~$处罚.xlsx", "处罚.xlsx.part", "处罚.tmp", ".处罚.xlsx"])
def test_temporary_files_are_left_alone(desk: Desk, folder: Path, penalties: Write, typed: Any, name: str):
    drop(penalties(typed(1)), folder, name)

    assert polled(watched(desk, folder)) == []
    assert (folder / name).exists()


@pytest.mark.parametrize("mark", ["~$处罚.xlsx", ".~lock.处罚.xlsx#"])
def test_a_file_that_somebody_has_open_waits(
    desk: Desk, folder: Path, penalties: Write, typed: Any, mark: str
):
    drop(penalties(typed(1)), folder, "处罚.xlsx")
    (folder / mark).touch()
    watch = watched(desk, folder)
    assert polled(watch) == []

    (folder / mark).unlink()

    assert [one.outcome for one in polled(watch)] == ["imported"]


def start(house: Any, folder: Path) -> subprocess.Popen[str]:
    read, write = os.pipe()
    os.write(write, f"{house.passphrase}\n".encode())
    os.close(write)
    command = [sys.executable, "-m", "client", "import", "--watch", str(folder), "--period", "0.1", "--json"]
    command += ["--profile", str(house.directory), "--operator", "林晓", "--passphrase-fd", str(read)]
    started = subprocess.Popen(command, cwd=TREE, stdout=subprocess.PIPE, text=True, pass_fds=[read])
    os.close(read)
    return started


def test_a_real_watch_survives_a_kill_and_ends_cleanly(
    house: Any, folder: Path, penalties: Write, typed: Any
):
    house.close()
    with start(house, folder) as first:
        assert first.stdout is not None
        drop(penalties(typed(1)), folder, "一.xlsx")
        assert json.loads(first.stdout.readline())["created"] == 1
        drop(penalties(*map(typed, range(2, 200))), folder, "二.xlsx")
        first.kill()

    with start(house, folder) as second:
        assert second.stdout is not None
        said = json.loads(second.stdout.readline())
        second.send_signal(signal.SIGTERM)
        assert second.wait(60) == 0

    assert (said["file"], said["moved_to"]) == ("二.xlsx", "已导入/二.xlsx")
    assert said["read"] == said["created"] + said["skipped"] == 198
