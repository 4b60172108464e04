"""Code → Chinese sentence, with the field's name and the way out. The texts stand in `sentences`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from forms.catalog.nested import NESTED, row_item
from forms.catalog.problems import Problem
from forms.catalog.schema import Field, Item
from forms.catalog.sentences import IDENTIFIER_SENTENCES, SENTENCES

__all__ = ["identifier_sentence", "sentence", "short"]

TYPE_NAMES: Final[Mapping[str, str]] = {
    "string": "文字", "text": "文字", "date": "日期", "decimal": "数字", "int": "整数", "enum": "一个选项",
    "set": "一组选项", "attachment": "附件", "group": "明细",
}  # fmt: skip
KIND_NAMES: Final[Mapping[str, str]] = {
    "uscc": "统一社会信用代码", "orgcode": "组织机构代码", "regno": "工商注册号", "ric": "公民身份号码",
}  # fmt: skip


def sentence(problem: Problem, item: Item) -> str:
    """Say what is the matter and the way out, beginning with the field's name.

    E.g. 「罚款金额(万元)：处罚类别含“罚款”时必填，单位万元。」
    """
    field_id = problem.field_id
    if not field_id:
        return short(problem, item)
    field = item.by_id.get(field_id)
    return f"{field.title if field else field_id}：{short(problem, item)}"


def short(problem: Problem, item: Item) -> str:
    """Say the same without the field's name, to stand beside it."""
    field = item.by_id.get(problem.field_id)
    if field is not None and field.type in NESTED and "/" in problem.path:
        return _of_entry(problem, field, item)
    return SENTENCES[problem.code].format_map(_Words(_words(problem, field, item)))


def _of_entry(problem: Problem, field: Field, item: Item) -> str:
    """Say it of one row or file: 「第 2 行 金额：…」."""
    _, place, *rest = problem.path.split("/")
    number = int(place) + 1 if place.isdecimal() else place
    if field.type == "attachment" or not rest:
        said = SENTENCES[problem.code].format_map(_Words(_words(problem, field, item)))
        return said if field.type == "attachment" else f"第 {number} 行：{said}"
    inner = replace(problem, path="/".join(rest))
    return f"第 {number} 行 {sentence(inner, row_item(item, field))}"


def identifier_sentence(code: str, params: Mapping[str, str | int]) -> str:
    """Say what a verdict on an identifier, an amount or a date means."""
    return IDENTIFIER_SENTENCES[code].format_map(_Words(params))


class _Words(dict[str, str | int]):
    """Parameters of a sentence; one that a problem came without is left out of the text."""

    def __missing__(self, _key: str) -> str:
        return ""


def _words(problem: Problem, field: Field | None, item: Item) -> dict[str, str | int]:
    params = problem.params
    words = dict(params)
    words["unit"] = f"，单位{field.unit}" if field and field.unit and "unit" not in params else ""
    words["own_unit"] = (field.unit or "") if field else ""
    words["own_ref"] = item.ref
    words["help"] = f"{field.help.rstrip('。')}。" if field and field.help else ""
    other = item.by_id.get(str(params.get("other", "")))
    if other is not None:
        words["other"] = other.title
    if "others" in params:
        words["others"] = "、".join(_title(item, one) for one in str(params["others"]).split(";"))
    if "codes" in params:
        words["codes"] = _code_names(item, str(params.get("of", "")), str(params["codes"]))
        if other is not None:
            verb = "含" if other.type == "set" else "为"
            words["holds"] = f"{other.title}{verb}{words['codes']}"
    if "kinds" in params:
        words["kinds"] = "、".join(KIND_NAMES.get(kind, kind) for kind in str(params["kinds"]).split(";"))
    if "type" in params:
        words["type"] = TYPE_NAMES.get(str(params["type"]), str(params["type"]))
    return words


def _title(item: Item, field_id: str) -> str:
    field = item.by_id.get(field_id)
    return field.title if field else field_id


def _code_names(item: Item, field_id: str, codes: str) -> str:
    """Name codes as a person would: “罚款”, “没收违法所得”或“没收非法财物”."""
    field = item.by_id.get(field_id)
    known = field.code_set.by_code if field and field.code_set else {}
    names = [known[code].name if code in known else code for code in codes.split(";")]
    quoted = [f"“{name}”" for name in names]
    return "或".join(["、".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
