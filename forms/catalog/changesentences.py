"""What differs between two catalogs, and why a person must look at a draft, in Chinese sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from forms.catalog.changes import Change, Why
from forms.catalog.messages import short
from forms.catalog.problems import Problem
from forms.catalog.schema import Item

CHANGES: Final[Mapping[str, str]] = {
    "item_added": "新增事项。",
    "item_removed": "事项停用；已报送的记录不受影响，草稿留在原目录里。",
    "field_added": "新增数据项{must}。",
    "field_removed": "数据项取消；草稿里填过的内容会收起，撤销迁移时放回。",
    "field_renamed": "标识由 {from} 改为本标识；草稿自动迁移。",
    "field_retitled": "名称由“{from}”改为本名称；草稿不受影响。",
    "field_split": "拆分为 {into}；草稿里填过的需要人工分开填写。",
    "type_changed": "类型由{from}改为{to}；读得懂的自动迁移，其余需要人工处理。",
    "unit_changed": "单位由{from}改为{to}；金额自动换算。",
    "widened": "长度由 {from} 放宽到 {to}；草稿不受影响。",
    "narrowed": "长度由 {from} 收紧到 {to}；超长的草稿需要人工精简。",
    "made_required": "改为必填；没有填的草稿需要补填。",
    "made_optional": "改为选填；草稿不受影响。",
    "rule_added": "新增校验规则（{rule}）；不符合的草稿需要人工处理。",
    "rule_removed": "取消校验规则（{rule}）；草稿不受影响。",
    "code_added": "新增选项“{name}”（{code}）。",
    "code_retired": "选项“{name}”（{code}）停用{heir}；按行为日期判断，停用前的仍然有效。",
    "code_renamed": "选项 {code} 由“{from}”更名为“{name}”；草稿不受影响。",
    "code_split": "选项“{name}”（{code}）拆分为 {into}；用到它的草稿需要人工选择。",
}
"""Kind of change → consequence."""

WHY: Final[Mapping[str, str]] = {
    "value_dropped": "新目录没有这一项，填过的内容已收起。",
    "field_split": "这一项由原来的数据项拆分而来，请分开填写。",
    "code_split": "选项“{name}”已拆分，请重新选择。",
    "code_retired": "选项“{name}”已停用，请改选。",
    "type_changed": "填写方式变了，请重新填写。",
    "unit_changed": "单位由{from}改为{to}，请核对金额。",
}
"""Why a person is needed, beside the sentences of problems."""

TYPES: Final[Mapping[str, str]] = {
    "string": "文字", "text": "长文字", "date": "日期", "decimal": "小数", "int": "整数", "enum": "单选",
    "set": "多选", "attachment": "附件", "group": "明细",
}  # fmt: skip


class _Words(dict[str, str | int]):
    def __missing__(self, _key: str) -> str:
        return ""


def change_sentence(change: Change, item: Item | None = None) -> str:
    """Say one change and its consequence, beginning with the item, and the field where there is one.

    Args:
        change: of `compare` or `compare_sets`.
        item: in whose words fields are named: the later one, the earlier where the item is gone.
    """
    words = _Words(change.params)
    if change.kind == "type_changed":
        words["from"], words["to"] = TYPES[str(words["from"])], TYPES[str(words["to"])]
    if change.kind in {"widened", "narrowed"}:
        words["from"], words["to"] = words["from"] or "不限", words["to"] or "不限"
    words["must"] = "，必填；草稿需要补填" if words.get("required") else "，选填；草稿不受影响"
    words["heir"] = f"，由 {words['into']} 接替" if words.get("into") else ""
    name = _named(change.field, item) if item else change.field
    place = " ".join(part for part in (change.item, name) if part)
    return f"{place}：{CHANGES[change.kind].format_map(words)}"


def _named(path: str, item: Item) -> str:
    """Name a field, and the group that it is in: 货物明细·金额（MX/JE）."""
    group, _, inner = path.partition("/")
    field = item.by_id.get(group)
    if field is None:
        return path
    within = next((one.title for one in field.fields if one.id == inner), inner)
    return f"{field.title}·{within}（{path}）" if within else f"{field.title}（{path}）"


def why_sentence(why: Why, item: Item) -> str:
    """Say why a person must look at a draft, beginning with the field."""
    field = item.by_id.get(why.field)
    text = WHY.get(why.code)
    said = (
        text.format_map(_Words(why.params))
        if text
        else short(Problem(why.field, why.code, params=why.params), item)
    )
    return f"{field.title if field else why.field}：{said}"
