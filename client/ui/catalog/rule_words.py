"""Rules of a field in words, one table: kind of rule → sentence. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from forms.catalog.rules import (
    REPORTING_DAY,
    Allowed,
    CertByType,
    Condition,
    EmptyIf,
    IdCard,
    ListOf,
    Name,
    NotAfter,
    NotBefore,
    NotNegative,
    OneOf,
    OpenEnd,
    OrgCode,
    PositiveIf,
    PrefixIff,
    Recent,
    Regex,
    RegNo,
    RequiredIf,
    RequiredIfFilled,
    RequiredUnless,
    Rule,
    Uscc,
)
from forms.catalog.schema import Field, Item

IDENTIFIERS: Final = {
    "uscc": "统一社会信用代码",
    "orgcode": "组织机构代码",
    "regno": "工商注册号",
    "idcard": "公民身份号码",
}


def in_words(rule: Rule, field: Field, item: Item) -> str:
    """Return what a rule asks of its field, naming other fields by their titles."""
    return _WORDS[type(rule)](rule, field, item)


def _title(item: Item, field_id: str) -> str:
    if field_id == REPORTING_DAY:
        return "报送日"
    found = item.by_id.get(field_id)
    return f"“{found.title}”" if found else field_id


def _when(when: Condition, item: Item) -> str:
    field = item.by_id.get(when.field)
    known = field.code_set.by_code if field is not None and field.code_set is not None else {}
    names = "、".join(known[code].name if code in known else code for code in sorted(when.codes))
    verb = "含" if when.over == "contains_any" else "是"
    return f"{_title(item, when.field)}{verb}“{names}”"


def _allowed(rule: Allowed, field: Field, _item: Item) -> str:
    known = field.code_set.by_code if field.code_set is not None else {}
    names = "、".join(known[code].name if code in known else code for code in rule.values)
    return f"只能填：{names}"


def _prefix(rule: PrefixIff, field: Field, item: Item) -> str:
    known = field.code_set.by_code if field.code_set is not None else {}
    name = known[rule.value].name if rule.value in known else rule.value
    return f"{_title(item, rule.ref)}以 {rule.prefix} 开头时填“{name}”，否则不填它"


def _one_of(rule: OneOf, _field: Field, _item: Item) -> str:
    return "须是其中一种：" + "、".join(IDENTIFIERS[kind] for kind in rule.of)


def _name(rule: Name, _field: Field, _item: Item) -> str:
    short = f"；少于 {rule.shortest} 个字时要说明" if rule.shortest > 1 else ""
    return f"写全称，不得用 * 遮盖{short}"


_WORDS: Final[Mapping[type[Rule], Callable[[Any, Field, Item], str]]] = {
    Allowed: _allowed,
    PrefixIff: _prefix,
    Uscc: lambda _r, _f, _i: "统一社会信用代码，18 位，校验码须正确",
    OrgCode: lambda _r, _f, _i: "组织机构代码，9 位，校验码须正确",
    RegNo: lambda _r, _f, _i: "工商注册号，15 位，校验码须正确",
    IdCard: lambda _r, _f, _i: "公民身份号码，18 位，校验码须正确",
    CertByType: lambda r, _f, i: f"按{_title(i, r.type_field)}所选的证件校验号码",
    Regex: lambda r, _f, _i: f"格式须符合 {r.pattern.pattern}",
    RequiredIf: lambda r, _f, i: f"{_when(r.when, i)}时必填",
    RequiredUnless: lambda r, _f, i: f"除非{_when(r.when, i)}，否则必填",
    RequiredIfFilled: lambda r, _f, i: f"填了{_title(i, r.ref)}时必填",
    EmptyIf: lambda r, _f, i: f"{_when(r.when, i)}时不填",
    PositiveIf: lambda r, _f, i: f"{_when(r.when, i)}时须大于 0",
    NotAfter: lambda r, _f, i: f"不晚于{_title(i, r.ref)}",
    NotBefore: lambda r, _f, i: f"不早于{_title(i, r.ref)}",
    OpenEnd: lambda r, _f, _i: f"{r.value.isoformat()} 表示长期",
    ListOf: lambda r, _f, _i: f"可填多个，导出时用“{r.separator}”隔开",
    OneOf: _one_of,
    Name: _name,
    NotNegative: lambda _r, _f, _i: "不得小于 0",
    Recent: lambda r, _f, _i: f"早于报送日 {r.years} 年时要说明",
}
