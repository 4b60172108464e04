"""Every code that can come up has a sentence that says what is the matter and the way out."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from forms.catalog.check import check
from forms.catalog.messages import sentence, short
from forms.catalog.problems import Problem
from forms.catalog.sentences import SENTENCES

CATALOG = Path(__file__).parents[3] / "forms" / "catalog"
NAMING_CALLS = {
    "Problem": 1,
    "Unparsable": 0,
    "wrong": 1,
    "doubtful": 1,
    "Reading": 1,
    "_calendar": 3,
    "_Found": 3,
}


def codes_in(path: Path) -> set[str]:
    """Codes that a module names: in the calls above, and what functions named ..._fault return."""
    codes: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMING_CALLS:
            place = NAMING_CALLS[node.func.id]
            nodes = [node.args[place]] if len(node.args) > place else []
        elif isinstance(node, ast.FunctionDef) and node.name.endswith(("_fault", "_why_not", "_mixed")):
            nodes = [inner for inner in ast.walk(node) if isinstance(inner, ast.Constant)]
        else:
            continue
        for constant in (inner for one in nodes for inner in ast.walk(one)):
            if (
                isinstance(constant, ast.Constant)
                and isinstance(constant.value, str)
                and "_" in constant.value
            ) or (
                isinstance(constant, ast.Constant)
                and constant.value
                in {
                    "blank",
                    "negative",
                    "placeholder",
                }
            ):
                codes.add(constant.value)
    return {code for code in codes if code.replace("_", "").isalpha() and code.islower()}


def test_every_code_that_can_be_emitted_has_a_sentence():
    emitted = set().union(*(codes_in(path) for path in CATALOG.glob("*.py")))

    assert len(emitted) > 80
    assert emitted - set(SENTENCES) == set()


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_a_sentence_is_short_and_ends(code, penalty):
    text = short(Problem("CF_NR_FK", code, params={"value": "甲", "max": 1, "length": 2}), penalty)

    assert text.endswith("。")
    assert len(text) <= 130
    assert "{" not in text


def test_the_sentence_names_the_field_and_the_way_out(penalty, a_record, today):
    problems = check(penalty, a_record(CF_NR_FK=None), reported_on=today)

    assert [sentence(p, penalty) for p in problems] == ["罚款金额(万元)：处罚类别含“罚款”时必填，单位万元。"]
    assert [short(p, penalty) for p in problems] == ["处罚类别含“罚款”时必填，单位万元。"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"CF_NR_WFFF": None},
            "没收违法所得、没收非法财物的金额(万元)：处罚类别含“没收违法所得”或“没收非法财物”时必填，单位万元。",
        ),
        ({"CF_XDR_LB": "2"}, "行政相对人类别：这张表只能选“法人及非法人组织”或“个体工商户”。"),
        (
            {"CF_XDR_LB": "4"},
            (
                "行政相对人类别：选“个体工商户”时，行政相对人代码_1(统一社会信用代码)应以 92 开头，"
                "请核对其中一项。"
            ),
        ),
        ({"CF_YXQ": "2026-01-01"}, "处罚有效期：不能早于处罚决定日期。"),
        ({"CF_JDRQ": "2026-11-25", "CF_GSJZQ": None}, "处罚决定日期：不能晚于报送日 2026-11-24。"),
        ({"CF_FRDB": None}, "法定代表人：必填，请填写。"),
        ({"CF_FR_ZJLX": None}, "法定代表人证件类型：填了法定代表人证件号码，这一项也要填。"),
        ({"NONE": "1"}, "NONE：目录里没有这个数据项，请去掉。"),
        ({"CF_NR_FK": 5}, "罚款金额(万元)：内容的格式不对（应为数字），请重新填写。"),
    ],
)
def test_sentences_read_well(change, text, penalty, a_record, today):
    assert [sentence(p, penalty) for p in check(penalty, a_record(**change), reported_on=today)] == [text]


def test_a_problem_of_the_whole_record_names_no_field(penalty):
    assert sentence(Problem("", "reason_missing"), penalty) == "请选择理由。"


def test_braces_in_a_value_do_no_harm(penalty):
    problem = Problem("CF_CFLB/0", "not_in_code_set", params={"value": "{x}{0}"})

    assert short(problem, penalty) == "没有“{x}{0}”这个选项，请从列表里选。"
