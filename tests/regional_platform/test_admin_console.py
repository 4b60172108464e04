"""Administration by `minxin-platform`: a region set up from nothing, and clear refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from regional_platform.cli import main
from regional_platform.store.engine import open_store
from regional_platform.store.identity import identity_of
from regional_platform.times import utc_now

DOCUMENT = Path(__file__).parents[2] / "docs" / "architecture.md"


def test_every_command_is_documented():
    text = DOCUMENT.read_text(encoding="utf-8")
    names = [
        f"{name} {inner}" if inner else name
        for name, command in main.commands.items()
        for inner in getattr(command, "commands", [""])
    ]

    assert [name for name in names if f"`{name}" not in text] == []


@pytest.fixture
def run(tmp_path):
    """Run a command on a database of its own; returns what it printed, read as JSON where asked for."""
    database = str(tmp_path / "platform.db")

    def command(line, *more, code=0):
        words = [*line.split(), *more]
        done = CliRunner().invoke(main, [*words, "--database", database])
        assert done.exit_code == code, done.output
        return json.loads(done.output) if "--json" in words else done.output

    return command


@pytest.fixture
def region(run):
    """A region with a city, a department, and an administrator of each."""
    run("unit add --level region --city 350000 minnan 区域")
    run("unit add --level city --city 350200 --under minnan xm 厦门")
    run("unit add --level department --under xm xm-01 示范局")
    for unit in ("minnan", "xm", "xm-01"):
        run(f"operator add --password-cost low --unit {unit} {unit}-admin 林晓岚")
        run(f"operator grant --over {unit} {unit}-admin admin")
    return run


def test_a_region_is_set_up_from_nothing(region):
    listed = region("unit list")
    people = region("operator list --unit xm --json")

    assert "xm-01\t示范局\tdepartment\tminnan/xm/xm-01/" in listed
    assert people[0]["grants"][0] | {"granted_at": ""} == {
        "grant_id": 2, "role": "admin", "unit": "xm", "granted_by": None, "granted_at": "", "ended_by": None,
        "ended_at": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("unit add --level department --under nowhere x 名", "没有这个机构", id="unknown unit"),
        pytest.param("unit add --level region --city 1 x 名", "机构层级不对", id="a second root"),
        pytest.param("unit close xm --reason 测试", "机构下还有机构", id="a unit in use"),
        pytest.param("unit move xm --under xm-01", "机构层级不对", id="below itself"),
        pytest.param("operator add --unit xm xm-admin 名", "代码已被占用", id="a taken name"),
        pytest.param("operator grant --over xm xm-admin admin", "已有这项授权", id="a grant held already"),
        pytest.param("operator grant --over xm xm-admin hall", "角色范围不对", id="hall over a city"),
        pytest.param("operator end xm-admin 99", "没有这项授权", id="no such grant"),
        pytest.param("device revoke nothing --reason 测试", "没有这台终端", id="no such desk"),
        pytest.param("device code nowhere", "没有这个机构", id="a code for no unit"),
    ],
)
def test_what_cannot_be_is_refused_in_words(region, line, words):
    assert words in region(line, code=2)


def test_a_unit_is_never_left_without_anyone_who_administers_it(region):
    region("operator end xm-admin 2")  # the region's administrator is left
    ended = region("operator end minnan-admin 1", code=2)
    locked = region("operator lock minnan-admin --reason 测试", code=2)
    closed = region("operator close minnan-admin --reason 测试", code=2)

    assert all("不能没有管理员" in said for said in (ended, locked, closed))
    held = region("operator list --unit minnan --json")[0]
    assert (held["grants"][0]["ended_at"], held["locked_at"], held["closed_at"]) == (None, None, None)


def test_units_are_renamed_moved_closed_and_opened_again(region):
    region("unit add --level district --under xm xm-d 思明区")
    region("unit rename xm-01 新示范局")
    moved = region("unit move xm-01 --under xm-d --json")
    closed = region("unit close xm-01 --reason 撤并 --json")
    opened = region("unit reopen xm-01 --reason 恢复 --json")

    assert (moved["name"], moved["path"]) == ("新示范局", "minnan/xm/xm-d/xm-01/")
    assert closed["closed_at"] is not None
    assert opened["closed_at"] is None


def test_accounts_are_locked_unlocked_reset_and_closed(region):
    told = region("operator reset xm-admin")
    region("operator lock xm-admin --reason 测试")
    locked = region("operator list --unit xm")
    region("operator unlock xm-admin")
    region("operator close xm-admin --reason 离岗")

    assert "口令" in told
    assert "动态码密钥" in told
    assert "锁定" in locked
    assert "停用" in region("operator list --unit xm")


def test_codes_and_housekeeping_answer_in_json_too(region):
    code = region("device code xm-01 --days 3 --json")

    assert code["unit"] == "xm-01"
    assert region("device list --json") == []
    assert region("housekeeping --json") == {"sessions": 0, "uploads": 0}


def test_a_platform_that_was_restored_begins_a_new_epoch(run, tmp_path):
    run("migrate")
    first, second = (json.loads(run("restored"))["epoch"] for _ in range(2))
    store = open_store(f"sqlite:///{tmp_path / 'platform.db'}")
    now = store.write(lambda connection: identity_of(connection, utc_now()))
    store.close()

    assert first != second == now.epoch
