"""Records made from the catalog itself: right ones, and for each rule one that breaks it.

For any item. What may come along with a broken rule, because the two cannot be told apart, is named here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from forms.catalog.codes import RESIDENT_CARDS
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

Record = dict[str, Any]

ACTED: Final = "2026-03-05"
USCC, USCC_WRONG = "91350200MA9YYYYY7Y", "91350200MA9YYYYY7X"
HOUSEHOLD: Final = "92350582MA9YYYYY74"
ORGCODE, ORGCODE_WRONG = "MA9YYYYY7", "MA9YYYYY8"
REGNO, REGNO_WRONG = "350200999999998", "350200999999990"
RIC, RIC_WRONG = "350203190001010009", "350203190001010008"
IDENTIFIERS: Final = {"uscc": USCC, "orgcode": ORGCODE, "regno": REGNO, "idcard": RIC}
PAPERS: Final = {
    "港澳居民来往内地通行证": "H12345678", "台湾居民来往大陆通行证": "12345678",
    "外国人永久居留身份证": "ABC123456789012",
}  # fmt: skip
MATCHING: Final = (
    USCC, "350200", "13800000000", "2025", "35020320260305000001", "0592-5555555", "A1", "123456",
)  # fmt: skip
"""Texts of which one fits each pattern of the catalog."""

FOUND: Final[Mapping[type[Rule], frozenset[str]]] = {
    Uscc: frozenset({"uscc_check"}), OrgCode: frozenset({"orgcode_check"}),
    RegNo: frozenset({"regno_check"}), IdCard: frozenset({"ric_check"}),
    CertByType: frozenset({"ric_check"}), OneOf: frozenset({"one_of_none"}),
    Regex: frozenset({"pattern_mismatch"}), Name: frozenset({"name_masked"}),
    Allowed: frozenset({"not_allowed_here"}),
    PrefixIff: frozenset({"code_needs_prefix", "prefix_needs_code"}),
    RequiredIf: frozenset({"required_if"}), RequiredUnless: frozenset({"required_unless"}),
    RequiredIfFilled: frozenset({"required_if_filled"}), EmptyIf: frozenset({"must_be_empty"}),
    PositiveIf: frozenset({"not_positive"}), NotNegative: frozenset({"negative"}),
    NotAfter: frozenset({"in_future", "after_other"}), NotBefore: frozenset({"in_past", "before_other"}),
    OpenEnd: frozenset({"after_open_end"}), Recent: frozenset({"long_ago"}),
    ListOf: frozenset({"separator_in_text"}),
}  # fmt: skip
"""Rule → what breaking it is called."""

INSEPARABLE: Final = {
    ("SGS_XZXK", "XK_JDRQ", "not_after"): {("SJC", "in_future")},
    ("SGS_XZCF", "CF_JDRQ", "not_after"): {("SJC", "in_future")},
    ("SGS_XZXK", "DFBM", "regex"): {("DFBM", "not_in_code_set")},
    ("SGS_XZCF", "DFBM", "regex"): {("DFBM", "not_in_code_set")},
}
"""Item, field and rule → what must come along.

An act in the future drags along the stamp that may not lie before it, nor in the future. A place that is not
six digits is not in the list of places either.
"""


def a_sample(
    item: Item,
    *,
    dice: random.Random | None = None,
    codes: Mapping[str, str] | None = None,
    full: bool = True,
) -> Record:
    """Make a record that is right.

    Args:
        item: what it is of.
        dice: chooses codes and amounts; None takes the first.
        codes: field id → code that it must have.
        full: False leaves out, at random, what may be left out.
    """
    record: Record = {field.id: _value(field, item, dice) for field in item.fields}
    for field_id, code in (codes or {}).items():
        record[field_id] = [code] if item.by_id[field_id].type == "set" else code
    for field in item.fields:
        for rule in field.rules:
            if isinstance(rule, PrefixIff):
                _fit_prefix(record, field, rule, forced=field.id in (codes or {}))
            if isinstance(rule, CertByType):
                record[field.id] = _number_for(record, rule, item)
    for field in item.fields:
        if any(isinstance(rule, EmptyIf) and holds(rule.when, record) for rule in field.rules):
            record.pop(field.id, None)
    if not full and dice is not None:
        _thin_out(record, item, dice, kept=set(codes or {}))
    return record


def _thin_out(record: Record, item: Item, dice: random.Random, kept: set[str]) -> None:
    leant_on = {other for field in item.fields for rule in field.rules for other in rule.fields()}
    for field in item.fields:
        bound = any(isinstance(r, RequiredIf | RequiredUnless | RequiredIfFilled) for r in field.rules)
        free = not (field.required or field.required_group or bound or field.id in leant_on | kept)
        if free and dice.random() < 0.5:
            record.pop(field.id, None)


def holds(when: Condition, record: Record) -> bool:
    value = record.get(when.field)
    members = value if isinstance(value, list) else [value]
    return any((m["code"] if isinstance(m, dict) else m) in when.codes for m in members if m is not None)


def _value(field: Field, item: Item, dice: random.Random | None) -> Any:
    if field.code_set is not None:
        code = _code(field, dice)
        return [code] if field.type == "set" else code
    if field.type == "date":
        return ACTED
    if field.type == "decimal":
        return dice.choice(("5", "0.5", "19", "0.25")) if dice and field.scale else "5"
    if field.type == "int":
        return dice.randint(1, 9) if dice else 3
    return _text(field)


def _code(field: Field, dice: random.Random | None) -> str:
    assert field.code_set is not None
    allowed = {value for rule in field.rules if isinstance(rule, Allowed) for value in rule.values}
    usable = [
        code.code
        for code in field.code_set.codes
        if not code.other and code.since is None and code.until is None
        and (not allowed or code.code in allowed)
        and all(r.pattern.fullmatch(code.code) for r in field.rules if isinstance(r, Regex))
    ]  # fmt: skip
    return dice.choice(usable) if dice else usable[0]


def _text(field: Field) -> str:
    for rule in field.rules:
        match rule:
            case Uscc():
                return USCC
            case OrgCode():
                return ORGCODE
            case RegNo():
                return REGNO
            case IdCard() | CertByType():
                return RIC
            case OneOf():
                return IDENTIFIERS[rule.of[0]]
            case Regex():
                return next(text for text in MATCHING if rule.pattern.fullmatch(text))
            case _:
                continue
    return "鹭潮食品"[: field.max_length]


def _number_for(record: Record, rule: CertByType, item: Item) -> str:
    code_set = item.by_id[rule.type_field].code_set
    name = code_set.by_code[record[rule.type_field]].name if code_set else ""
    return RIC if name in RESIDENT_CARDS else PAPERS.get(name, "E12345678")


def _fit_prefix(record: Record, field: Field, rule: PrefixIff, *, forced: bool) -> None:
    if forced or record[field.id] == rule.value:
        record[rule.ref] = HOUSEHOLD if record[field.id] == rule.value else USCC


# --- breaking ----------------------------------------------------------------------------------------------


def a_breach(item: Item, field: Field, rule: Rule, today: date) -> Record:
    """Make a record that breaks one rule, and nothing else but what is named as inseparable."""
    if isinstance(rule, NotAfter | NotBefore):
        return _break_order(item, field, rule, today)
    if isinstance(rule, Recent):
        return _with_earlier_dates(item, field, f"{today.year - rule.years - 1}{ACTED[4:]}")
    own = _BREAKERS.get(type(rule))
    if own is not None:
        return own(item, field, rule)
    return a_sample(item, codes=_alive(item, field)) | {field.id: _WRONG[type(rule)]}


def _break_certificate(item: Item, field: Field, rule: CertByType) -> Record:
    cards = item.by_id[rule.type_field].code_set
    card = next(c.code for c in cards.codes if c.name in RESIDENT_CARDS) if cards else "身份证"
    codes = _alive(item, field) | {rule.type_field: card}
    return a_sample(item, codes=codes) | {field.id: RIC_WRONG}


def _break_prefix(item: Item, field: Field, rule: PrefixIff) -> Record:
    return a_sample(item) | {field.id: rule.value, rule.ref: USCC}


def _break_allowed(item: Item, field: Field, rule: Allowed) -> Record:
    assert field.code_set is not None
    strange = next(c.code for c in field.code_set.codes if c.code not in rule.values and not c.other)
    return a_sample(item) | {field.id: strange}


def _break_pair(item: Item, field: Field, _rule: RequiredIfFilled) -> Record:
    return _without(a_sample(item), field.id)


def _break_list(item: Item, field: Field, rule: ListOf) -> Record:
    assert field.code_set is not None
    other = next(c.code for c in field.code_set.codes if c.other)
    record = a_sample(item)
    return record | {field.id: [*record[field.id], {"code": other, "text": f"甲{rule.separator}乙"}]}


def _break_end(item: Item, field: Field, rule: OpenEnd) -> Record:
    return a_sample(item) | {field.id: (rule.value + timedelta(days=1)).isoformat()}


_WRONG: Final[Mapping[type[Rule], str]] = {
    Uscc: USCC_WRONG, OrgCode: ORGCODE_WRONG, RegNo: REGNO_WRONG, IdCard: RIC_WRONG, OneOf: "X1",
    Regex: "!", Name: "鹭潮*食品",
}  # fmt: skip


def _alive(item: Item, field: Field) -> dict[str, str]:
    """Choose codes with which a field need not be empty."""
    codes = {}
    for rule in field.rules:
        if isinstance(rule, EmptyIf):
            other = item.by_id[rule.when.field]
            assert other.code_set is not None
            codes[other.id] = next(c.code for c in other.code_set.codes if c.code not in rule.when.codes)
    return codes


def _without(record: Record, field_id: str) -> Record:
    return {key: value for key, value in record.items() if key != field_id}


def _break_presence(item: Item, field: Field, rule: RequiredIf | RequiredUnless | EmptyIf) -> Record:
    other = item.by_id[rule.when.field]
    assert other.code_set is not None
    wanted = [
        code.code
        for code in other.code_set.codes
        if (code.code in rule.when.codes) != isinstance(rule, RequiredUnless) and not code.other
    ]
    allowed = {value for r in other.rules if isinstance(r, Allowed) for value in r.values}
    code = next(code for code in wanted if not allowed or code in allowed)
    record = a_sample(item, codes={other.id: code})
    if isinstance(rule, EmptyIf):
        return record | {field.id: _value(field, item, None)}
    return _without(record, field.id)


def _break_order(item: Item, field: Field, rule: NotAfter | NotBefore, today: date) -> Record:
    late = isinstance(rule, NotAfter)
    if rule.ref == REPORTING_DAY:
        day = (today + timedelta(days=1 if late else -1)).isoformat()
        return _with_later_dates(item, field, day) if late else a_sample(item) | {field.id: day}
    base = date.fromisoformat(ACTED)
    own = base + timedelta(days=1 if late else -1)
    record = a_sample(item) | {field.id: own.isoformat()}
    for other in field.rules:
        if type(other) is type(rule) and other is not rule and other.ref != REPORTING_DAY:
            record[other.ref] = own.isoformat()
    return record


def _with_later_dates(item: Item, field: Field, day: str) -> Record:
    """Move the dates along that may not lie before the field's."""
    record = a_sample(item) | {field.id: day}
    for other in item.fields:
        if any(isinstance(r, NotBefore) and r.ref == field.id for r in other.rules):
            record[other.id] = day
    return record


def _with_earlier_dates(item: Item, field: Field, day: str) -> Record:
    record = a_sample(item) | {field.id: day}
    for other in item.fields:
        if any(isinstance(r, NotAfter) and r.ref == field.id for r in other.rules):
            record[other.id] = day
    return record


def _break_amount(item: Item, field: Field, rule: PositiveIf | NotNegative) -> Record:
    wrong: Any = -1 if field.type == "int" else "-1"
    if isinstance(rule, PositiveIf):
        code = min(rule.when.codes)
        return a_sample(item, codes={rule.when.field: code}) | {field.id: 0 if field.type == "int" else "0"}
    conditions = [r.when for r in field.rules if isinstance(r, PositiveIf)]
    if not conditions:
        return a_sample(item) | {field.id: wrong}
    other = item.by_id[conditions[0].field]
    assert other.code_set is not None
    code = next(c.code for c in other.code_set.codes if c.code not in conditions[0].codes)
    return a_sample(item, codes={other.id: code}) | {field.id: wrong}


_BREAKERS: Final[Mapping[type[Rule], Callable[[Item, Field, Any], Record]]] = {
    CertByType: _break_certificate, PrefixIff: _break_prefix, Allowed: _break_allowed,
    RequiredIfFilled: _break_pair, ListOf: _break_list, OpenEnd: _break_end,
    RequiredIf: _break_presence, RequiredUnless: _break_presence, EmptyIf: _break_presence,
    PositiveIf: _break_amount, NotNegative: _break_amount,
}  # fmt: skip
"""Rules that take more than one wrong text."""
