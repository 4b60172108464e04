"""Administration by `minxin-platform`: a region set up from nothing, and clear refusals."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from forms.catalog.loader import load_set
from regional_platform.acts import CONSOLE
from regional_platform.cli import main
from regional_platform.settings import find_resources
from regional_platform.store.engine import open_store
from regional_platform.store.identity import identity_of
from regional_platform.times import utc_now
from regional_platform.units import set_liaisons

CATALOG = load_set(find_resources() / "catalogs" / "2026.1")
MONTHLY = next(code for code, item in CATALOG.items.items() if item.cycle == "月" and item.deadline is None)
DOCUMENT = Path(__file__).parents[2] / "docs" / "architecture.md"


def test_every_command_is_documented():
    text = DOCUMENT.read_text(encoding="utf-8")
    names = [
        f"{name} {inner}" if inner else name
        for name, command in main.commands.items()
        for inner in getattr(command, "commands", [""])
    ]

    assert [name for name in names if f"`{name}" not in text] == []


def commands(database):
    """Runs commands on a database; each gives what it printed, read as JSON where asked for."""

    def command(line, *more, code=0):
        words = [*line.split(), *more]
        done = CliRunner().invoke(main, [*words, "--database", str(database)])
        assert done.exit_code == code, done.output
        return json.loads(done.output) if "--json" in words else done.output

    return command


@pytest.fixture(scope="module")
def set_up(tmp_path_factory):
    """The file of a region with a city, a department, and an administrator of each; copied, never used."""
    file = tmp_path_factory.mktemp("region") / "platform.db"
    run = commands(file)
    run("unit add --level region --city 350000 minnan 区域")
    run("unit add --level city --city 350200 --under minnan xm 厦门")
    run("unit add --level department --under xm xm-01 示范局")
    for unit in ("minnan", "xm", "xm-01"):
        run(f"operator add --password-cost low --unit {unit} {unit}-admin 林晓岚")
        run(f"operator grant --over {unit} {unit}-admin admin")
    return file


@pytest.fixture
def region(set_up, tmp_path):
    """Commands on that region."""
    return commands(shutil.copy(set_up, tmp_path / "platform.db"))


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
        pytest.param("unit add --level region --city 350000 x 名", "机构层级不对", id="a second root"),
        pytest.param("unit close xm --reason 测试", "机构下还有机构", id="a unit in use"),
        pytest.param("unit move xm --under xm-01", "机构层级不对", id="below itself"),
        pytest.param("operator add --unit xm xm-admin 名", "代码已被占用", id="a taken name"),
        pytest.param("operator grant --over xm xm-admin admin", "已有这项授权", id="a grant held already"),
        pytest.param("operator grant --over xm xm-admin hall", "角色范围不对", id="hall over a city"),
        pytest.param("operator end xm-admin 99", "没有这项授权", id="no such grant"),
        pytest.param("device revoke nothing --reason 测试", "没有这台终端", id="no such desk"),
        pytest.param("device code nowhere", "没有这个机构", id="a code for no unit"),
        pytest.param(
            "unit add --level station --under xm-01 a/b 名", "代码以字母或数字开头", id="a code with a slash"
        ),
        pytest.param(
            "unit add --level city --city 35 --under minnan zz 名", "6 位数字", id="no division code"
        ),
        pytest.param("liaison add nowhere 林小满 110", "没有这个机构", id="a liaison of no unit"),
        pytest.param("liaison end xm 1", "没有第 1 位联络员", id="a liaison who is not there"),
        pytest.param("zero-report list nowhere", "没有这个机构", id="zero reports of no unit"),
        pytest.param("zero-report list xm-01 --period 2026-13", "没有这样的周期", id="no such period"),
        pytest.param("zero-report add xm-01 XZCF_FR 2026-10 --by nobody", "没有这名人员", id="by nobody"),
        pytest.param(
            "zero-report add xm-01 XZCF_FR 2026-10 --by xm-admin", "没有这项权限", id="by no reporter"
        ),
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


def test_liaisons_are_added_replaced_and_ended_in_their_order(region):
    for name in ("林小满", "陈晓岚"):
        region(f"liaison add xm-01 {name} 0592-0000000")
    region("liaison add xm-01 王小明 0592-0000001 --deputy")
    region("liaison replace xm-01 2 黄晓岚 0592-0000002")
    region("liaison end xm-01 1")

    assert region("liaison list xm-01 --json") == [
        {"name": "黄晓岚", "phone": "0592-0000002", "deputy": False},
        {"name": "王小明", "phone": "0592-0000001", "deputy": True},
    ]
    assert "2\t王小明\t0592-0000001\t副手" in region("liaison list xm-01")
    acts = [one["act"] for one in region("history --of unit:xm-01 --json")]
    assert acts == ["unit.add", *["unit.liaisons"] * 5]


def test_there_are_at_most_twenty_liaisons_as_over_the_line(region, tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'platform.db'}")
    many = [{"name": "林小满", "phone": "1", "deputy": False}] * 20
    store.write(lambda connection: set_liaisons(connection, CONSOLE, utc_now(), "xm", many))
    store.close()

    assert "#/liaisons" in region("liaison add xm 陈晓岚 2", code=2)


def test_a_zero_report_is_made_and_withdrawn_in_the_name_of_a_reporter(region):
    region("operator add --password-cost low --unit xm-01 xm-01-r 陈晓岚")
    region("operator grant --over xm-01 xm-01-r reporter")
    made = region(f"zero-report add xm-01 {MONTHLY} 2026-10 --by xm-01-r --json")
    twice = region(f"zero-report add xm-01 {MONTHLY} 2026-10 --by xm-01-r", code=2)
    region(f"zero-report withdraw {made['report_id']} --by xm-01-r --reason 报错了")
    (listed,) = region("zero-report list xm-01 --period 2026-10 --json")

    assert (made["made_by"], made["withdrawn_at"]) == ("xm-01-r", None)
    assert "已报过无数据" in twice
    assert (listed["withdrawn_by"], listed["withdrawn_why"]) == ("xm-01-r", "报错了")
    history = region(f"history --of zero-report:{made['report_id']} --json")
    assert [(one["act"], one["after"]["by"]) for one in history] == [
        ("zero-report.add", "xm-01-r"), ("zero-report.withdraw", "xm-01-r"),
    ]  # fmt: skip
    region("operator lock xm-01-r --reason 测试")
    assert "账号不能使用" in region(f"zero-report add xm-01 {MONTHLY} 2026-09 --by xm-01-r", code=2)


def test_notices_are_listed_all_or_those_that_hold(region):
    posted = [
        region("notice post --to xm --until 2099-12-31 标题 正文 --json"),
        region("notice post --to xm --from 2020-01-01 --until 2020-01-02 旧标题 正文 --json"),
    ]
    listed = region("notice list --json")
    holding = region("notice list --current --json")

    assert {one["notice_id"] for one in listed} == {one["notice_id"] for one in posted}
    assert [one["title"] for one in holding] == ["标题"]
    assert "旧标题" in region("notice list")


def test_codes_and_housekeeping_answer_in_json_too(region):
    code = region("device code xm-01 --days 3 --json")

    assert code["unit"] == "xm-01"
    assert region("device list --json") == []
    assert region("housekeeping --json") == {"sessions": 0, "uploads": 0, "tags": 0}


def test_a_file_is_backed_up_and_a_copy_takes_its_place(region, tmp_path):
    file = tmp_path / "kept.db"
    words = region("backup", str(file))
    region("unit rename xm 厦门市")
    again = region("backup", str(file), code=2)
    shutil.copy(file, tmp_path / "platform.db")

    assert "已备份" in words
    assert "没有覆盖" in again
    assert file.stat().st_mode & 0o077 == 0
    assert "xm\t厦门\t" in region("unit list")
    assert (
        "pg_basebackup"
        in CliRunner().invoke(main, ["backup", "--database", "postgresql+psycopg://x/y", "z"]).output
    )


def test_a_platform_that_was_restored_begins_a_new_epoch(region, tmp_path):
    first, second = (json.loads(region("restored"))["epoch"] for _ in range(2))
    store = open_store(f"sqlite:///{tmp_path / 'platform.db'}")
    now = store.write(lambda connection: identity_of(connection, utc_now()))
    store.close()

    assert first != second == now.epoch
