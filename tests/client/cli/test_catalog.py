"""The catalog by the command line: listed by class, shown, exported, compared, built from a spreadsheet."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest
import xlsxwriter

from forms.catalog.buildwords import FAULTS
from forms.catalog.loader import load_set

HEADER = (
    "事项", "事项编码", "数据项", "标识", "类型", "长度", "必填", "代码集", "共享属性", "更新周期",
    "校验规则", "说明",
)  # fmt: skip
RIGHT = [
    ("节水型企业", "JSX_QY", "企业名称", "QYMC", "文本", "200", "是", "", "公开", "年", "", "登记的全称"),
    ("", "", "统一社会信用代码", "TYSHXYDM", "字符型", "C18", "是", "", "", "", "统一社会信用代码校验", ""),
    ("", "", "级别", "JB", "单选", "", "是", "1-省级；2-市级", "", "", "", ""),
    ("", "", "是否公示", "SFGS", "是否", "", "否", "", "", "", "", ""),
    ("", "", "认定日期", "RDRQ", "日期", "", "是", "", "", "", "不晚于报送日", ""),
    ("", "", "有效期至", "YXQZ", "日期型", "", "否", "", "", "", "不早于认定日期;JB=1时必填", ""),
    ("", "", "奖励金额(万元)", "JLJE", "数值", "18,6", "否", "", "", "", "不小于0", ""),
    ("", "", "备注", "BZ", "长文本", "500", "", "", "", "", "", ""),
    ("取水许可", "QS_XK", "单位名称", "DWMC", "文本", "100", "必填", "", "政务共享", "月", "", ""),
    ("", "", "许可证编号", "XKZBH", "文本", "50", "√", "", "", "", "正则：^[0-9A-Z]{4,20}$", ""),
    ("", "", "证件类型", "ZJLX", "代码", "", "选填", "双公示证件类型", "", "", "", ""),
]  # fmt: skip


@pytest.fixture
def a_table(tmp_path):
    """Write a table as departments do: a title line, a header, one line a data item."""

    def write(rows, *, header=HEADER, name="目录.xlsx") -> Path:
        return write_book(tmp_path / name, {"目录": [header, *rows]})

    return write


def write_book(path: Path, sheets) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.write(0, 0, "某局信用信息目录")
            for number, row in enumerate(rows, start=1):
                sheet.write_row(number, 0, row)
    return path


def test_all_items_are_listed_with_their_classes(minxin):
    said = minxin("catalog", "list", "--json").said

    assert said["set"] == "2026.1"
    assert len(said["items"]) == 151
    assert len(said["classes"]["category"]) == 13
    assert sum(one["items"] for one in said["classes"]["class7"]) == 151
    assert {item["provenance"] for item in said["items"]} == {"sourced", "derived"}


def test_items_are_listed_by_class(minxin):
    national = minxin("catalog", "list", "--class", "12", "--json").said["items"]
    seven = minxin("catalog", "list", "--class7", "7", "--json").said["items"]

    assert [item["code"] for item in national] == ["ZSCQ_CZ", "ZZQ"]
    assert [item["code"] for item in seven] == ["SGS_XZXK", "XZXK_FR", "XZXK_ZRR"]
    assert "—— 12 知识产权信息 ——" in minxin("catalog", "list", "--classes").out


def test_an_item_shows_where_each_property_comes_from(minxin):
    said = minxin("catalog", "show", "XZQZ", "--json").said

    assert said["basis"]["item"].startswith("derived: DERIVED")
    assert said["basis"]["natural_key"] == "derived: DERIVED"
    assert {field["id"]: field["rules"] for field in said["fields"]}["QZ_JCRQ"] == ["not_before"]
    assert "自拟" in minxin("catalog", "show", "XZQZ").out


def test_an_unknown_item_is_named(minxin):
    done = minxin("catalog", "show", "NOBODY")

    assert done.code == 2
    assert "catalog_unknown" in done.err


def test_every_item_is_exported_as_a_schema(minxin, tmp_path):
    assert minxin("catalog", "export", "--all", str(tmp_path / "schemas")).code == 0

    written = list((tmp_path / "schemas").glob("*.schema.json"))
    assert len(written) == 151
    for path in written[:5]:
        jsonschema_rs.meta.validate(json.loads(path.read_text(encoding="utf-8")))


def test_a_table_becomes_a_set(minxin, a_table, tmp_path):
    done = minxin("catalog", "build", str(a_table(RIGHT)), str(tmp_path / "2027.1"), "--json")

    assert done.said == {"out": str(tmp_path / "2027.1"), "items": 2, "fields": 11, "problems": []}
    built = load_set(tmp_path / "2027.1", signed=False)
    item = built.items["JSX_QY"]
    assert (item.name, item.sharing, item.cycle, item.act_on) == ("节水型企业", "公开", "年", "RDRQ")
    assert [rule.kind for rule in item.by_id["YXQZ"].rules] == ["not_before", "required_if"]
    assert item.by_id["JB"].code_set.by_name["市级"].code == "2"
    assert item.by_id["SFGS"].code_set.id == "YES_NO"
    assert (item.by_id["JLJE"].max_length, item.by_id["JLJE"].scale) == (18, 6)
    assert item.by_id["TYSHXYDM"].max_length == 18
    assert item.basis["item"].provenance == "sourced"
    assert item.basis["retention"].provenance == "derived"
    assert built.items["QS_XK"].by_id["ZJLX"].code_set.id == "CERT_TYPE_SGS"
    assert built.signature is None


GOODS = [
    *RIGHT[:8],
    ("", "", "佐证材料", "ZZCL", "附件", "5", "是", "", "", "", "", ""),
    ("", "", "设备明细", "SBMX", "明细", "50", "否", "", "", "", "", ""),
    ("", "", "设备名称", "SBMX.SBMC", "文本", "100", "是", "", "", "", "", ""),
    ("", "", "等级", "SBMX.JB", "单选", "", "否", "1-一级；2-二级", "", "", "", ""),
    ("", "", "购置日期", "SBMX.GZRQ", "日期", "", "否", "", "", "", "JB=1时必填", ""),
]


def test_a_table_may_have_files_and_groups_of_rows(minxin, a_table, tmp_path):
    done = minxin("catalog", "build", str(a_table(GOODS)), str(tmp_path / "2027.1"), "--json")

    assert done.said["problems"] == []
    item = load_set(tmp_path / "2027.1", signed=False).items["JSX_QY"]
    rows = item.by_id["SBMX"]
    assert (item.by_id["ZZCL"].type, item.by_id["ZZCL"].max_length) == ("attachment", 5)
    assert [(one.id, one.type, one.required) for one in rows.fields] == [
        ("SBMC", "string", True), ("JB", "enum", False), ("GZRQ", "date", False),
    ]  # fmt: skip
    assert rows.fields[1].code_set.by_name["二级"].code == "2"
    assert [rule.kind for rule in rows.fields[2].rules] == ["required_if"]
    assert "SBMC" not in item.by_id


GROUP_SPOILS = [
    (10, "标识", "QTMX.SBMC", "group_unknown"),
    (10, "类型", "附件", "nested_twice"),
    (12, "校验规则", "不早于RDRQ", "rule_names_no_field"),
    (11, "标识", "SBMX.SBMC", "id_doubled"),
    (8, "类型", "明细", "group_empty"),
]


def spoilt(row, column, value, rows=RIGHT):
    rows = [list(line) for line in rows]
    rows[row][HEADER.index(column)] = value
    return rows


SPOILS = [
    ("forbidden", 7, "数据项", "血型", "forbidden_by_law"),
    ("forbidden item", 0, "事项", "宗教信仰登记", "forbidden_by_law"),
    ("id twice", 7, "标识", "QYMC", "id_doubled"),
    ("name twice", 7, "数据项", "企业名称", "title_doubled"),
    ("name too long", 7, "数据项", "长" * 101, "title_too_long"),
    ("no id", 7, "标识", "", "id_missing"),
    ("odd id", 7, "标识", "备 注", "id_unfit"),
    ("no name", 7, "数据项", "", "title_missing"),
    ("no code", 0, "事项编码", "", "item_code_missing"),
    ("no item", 0, "事项", "", "item_name_missing"),
    ("odd type", 7, "类型", "图片", "type_unknown"),
    ("odd length", 7, "长度", "很长", "length_unreadable"),
    ("odd decimals", 6, "长度", "6,8", "length_unreadable"),
    ("odd required", 7, "必填", "也许", "required_unreadable"),
    ("no codes", 2, "代码集", "", "code_set_missing"),
    ("odd codes", 2, "代码集", "级别表", "code_set_unknown"),
    ("codes on a text", 7, "代码集", "双公示证件类型", "code_set_unwanted"),
    ("odd sharing", 0, "共享属性", "绝密", "sharing_unknown"),
    ("rule of no field", 5, "校验规则", "不早于LRRQ", "rule_names_no_field"),
    ("odd rule", 7, "校验规则", "看着办", "rule_unreadable"),
    ("rule on the wrong type", 7, "校验规则", "不晚于报送日", "rule_unfit"),
    ("rule of an unknown code", 9, "校验规则", "ZJLX=火星证时必填", "rule_unknown_code"),
    ("item twice", 8, "事项编码", "JSX_QY", "item_doubled"),
]


def test_a_cell_that_is_wrong_is_named(minxin, tmp_path):
    """Each case on a sheet of its own, so that all are read and built in one go."""
    cases = {name: (row, column, value, code, RIGHT) for name, row, column, value, code in SPOILS}
    cases |= {f"group {case[3]}": (*case, GOODS) for case in GROUP_SPOILS}
    sheets = {name: [HEADER, *spoilt(*case[:3], case[4])] for name, case in cases.items()}
    table = write_book(tmp_path / "目录.xlsx", sheets)
    done = minxin("catalog", "build", str(table), str(tmp_path / "out"), "--json")

    assert done.code == 1
    assert done.said["out"] is None
    assert not (tmp_path / "out").exists()
    problems = done.said["problems"]
    found = {(one["sheet"], one["row"], one["column"], one["code"]) for one in problems}
    codes = {(one["sheet"], one["code"]) for one in problems}
    wanted = {
        (name, row + 3, "ABCDEFGHIJKL"[HEADER.index(column)], code)
        for name, (row, column, _, code, _) in cases.items()
        if not name.startswith("group ")
    }
    assert wanted - found == set()
    assert {(name, case[3]) for name, case in cases.items()} - codes == set()
    assert all(one["message"] and "{" not in one["message"] for one in problems)


def test_all_that_is_wrong_is_named_at_once(minxin, a_table, tmp_path):
    rows = spoilt(7, "数据项", "指纹")
    rows[2][HEADER.index("代码集")] = ""
    rows[9][HEADER.index("类型")] = "图片"
    done = minxin("catalog", "build", str(a_table(rows)), str(tmp_path / "out"))

    assert done.code == 1
    lines = done.out.splitlines()
    assert [line.split("：")[0] for line in lines] == ["目录 H5", "目录 C10", "目录 E12"]
    assert "法律禁止采集" in lines[1]


def test_a_table_without_a_needed_column_is_refused(minxin, a_table, tmp_path):
    header = tuple("属性" if one == "共享属性" else one for one in HEADER)
    done = minxin("catalog", "build", str(a_table(RIGHT, header=header)), str(tmp_path / "out"), "--json")

    assert "heading_missing" in {one["code"] for one in done.said["problems"]}
    none = minxin("catalog", "build", str(a_table([], header=("甲", "乙"))), str(tmp_path / "out"), "--json")
    assert [one["code"] for one in none.said["problems"]] == ["no_header"]


def test_what_only_shows_when_the_set_is_read_is_named_too(minxin, a_table, tmp_path):
    done = minxin(
        "catalog", "build", str(a_table(spoilt(5, "校验规则", "不早于YXQZ"))), str(tmp_path / "out"), "--json"
    )

    assert [one["code"] for one in done.said["problems"]] == ["catalog_unsound"]
    assert "names_itself" in done.said["problems"][0]["message"]
    assert list(tmp_path.glob(".catalog-*")) == []


def test_a_folder_with_something_in_it_is_left_alone(minxin, a_table, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    done = minxin("catalog", "build", str(a_table(RIGHT)), str(tmp_path / "out"))

    assert done.code == 2
    assert "folder_not_empty" in done.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_two_sets_are_compared_in_words(minxin, a_table, tmp_path):
    first, second = tmp_path / "2027.1", tmp_path / "2027.2"
    rows = spoilt(0, "长度", "50")
    rows[4][HEADER.index("必填")] = "否"
    assert minxin("catalog", "build", str(a_table(RIGHT)), str(first)).code == 0
    assert minxin("catalog", "build", str(a_table(rows[:7], name="新.xlsx")), str(second)).code == 0
    done = minxin("catalog", "diff", str(first), str(second), "--json")

    assert [(one["kind"], one["item"], one["field"]) for one in done.said["changes"]] == [
        ("item_removed", "QS_XK", ""),
        ("narrowed", "JSX_QY", "QYMC"),
        ("made_optional", "JSX_QY", "RDRQ"),
        ("field_removed", "JSX_QY", "BZ"),
    ]
    said = minxin("catalog", "diff", str(first), str(second)).out
    assert "JSX_QY 企业名称（QYMC）：长度由 200 收紧到 50；超长的草稿需要人工精简。" in said
    assert minxin("catalog", "diff", str(first), str(first)).out == "两个目录集没有差别。\n"


def test_a_set_that_was_tampered_with_is_not_compared(minxin, tmp_path):
    done = minxin("catalog", "diff", "2026.1", str(tmp_path))

    assert done.code == 2
    assert "catalog_unsound" in done.err


def test_a_built_set_is_signed_and_then_trusted(minxin, a_table, tmp_path):
    directory, key = tmp_path / "sets" / "2027.1", tmp_path / "own.key"
    minxin("catalog", "build", str(a_table(RIGHT)), str(directory))
    asked = ("catalog", "sign", str(directory), "--key", str(key), "--by", "某局", "--until", "2028-12-31")
    assert minxin(*asked, "--trust").code == 0

    signature = load_set(directory).signature
    assert (signature.signed_by, signature.until.isoformat()) == ("某局", "2028-12-31")
    assert key.stat().st_mode & 0o077 == 0
    again = minxin(*asked, "--json").said
    assert again == {"key": signature.key, "faults": []}


def test_a_set_that_is_not_sound_is_not_signed(minxin, a_table, tmp_path):
    directory, key = tmp_path / "sets" / "2027.1", tmp_path / "own.key"
    minxin("catalog", "build", str(a_table(RIGHT)), str(directory))
    before = (directory / "set.json").read_bytes()
    item = directory / "items" / "QS_XK.json"
    item.write_text(
        item.read_text(encoding="utf-8").replace('"sharing": "共享"', '"sharing": "绝密"'), encoding="utf-8"
    )
    done = minxin(
        "catalog",
        "sign",
        str(directory),
        "--key",
        str(key),
        "--by",
        "某局",
        "--until",
        "2028-12-31",
        "--json",
    )

    assert done.code == 1
    assert "not_of_choice" in done.said["faults"][0]
    assert (directory / "set.json").read_bytes() == before
    assert not (directory / "set.sig").exists()


def test_every_fault_of_a_cell_has_been_seen():
    """Each sentence belongs to a case above, but for the ones that a whole table has."""
    seen = {case[4] for case in SPOILS} | {case[3] for case in GROUP_SPOILS}

    assert set(FAULTS) - seen == {
        "no_header", "heading_missing", "no_rows", "too_many_fields", "catalog_unsound",
    }  # fmt: skip
