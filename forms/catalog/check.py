"""THE validator: form, import, command line and platform call it, and it finds everything at once.

An item is compiled once into tuples of checks by type; a record that is right costs little more than a look
at each value. Pure: the reporting day is passed in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from operator import gt
from typing import Final, NamedTuple, cast

from forms.catalog.bound import bind_record_rules, bind_value_rules, is_filled, required_groups
from forms.catalog.bound_identifiers import Found, Moment, OnRecord, OnValue
from forms.catalog.naturalkey import natural_key
from forms.catalog.nested import entry_faults, file_faults, row_item
from forms.catalog.problems import Problem, unanswered
from forms.catalog.schema import Field, Item, OtherValue, Values
from forms.catalog.shapes import (
    LONGEST_PLACEHOLDER,
    PLACEHOLDERS,
    PLACEHOLDERS_AS_WRITTEN,
    UNLIMITED,
    date_faults,
    decimal_faults,
    decimal_form,
    enum_faults,
    int_faults,
    is_day,
    required_missing,
    set_faults,
    text_faults,
    value_limit,
)

__all__ = ["check", "natural_key", "unanswered"]


class _Bound(NamedTuple):
    """A field with all that is needed to judge its value; a tuple, for loops that unpack it.

    Attributes:
        missing: the problem when it is empty and must not be; None when it may be.
        limit: most characters of a text.
        rules: those that look at the value.
        plain: codes that hold whenever and need no text.
        form: of a decimal, the pattern of all that is right.
        field: for the long look, when the short one fails.
    """

    id: str
    missing: Problem | None
    limit: int
    rules: tuple[OnValue, ...]
    plain: frozenset[str]
    form: re.Pattern[str]
    field: Field


class _Texts(NamedTuple):
    """The free texts of an item, laid out to be looked at all at once.

    Attributes:
        ids, limits, absent: side by side, one a field.
        required: those that must be there, each with the problem when it is not.
        rules: what looks at the values, with the field of each.
        fields: for the long look, when the short one fails.
    """

    ids: tuple[str, ...]
    limits: tuple[int, ...]
    absent: tuple[str, ...]
    required: dict[str, Problem]
    rules: tuple[tuple[str, OnValue], ...]
    fields: tuple[_Bound, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """An item, compiled. It keeps its item alive, so that `id(item)` stays its own."""

    item: Item
    texts: _Texts
    coded: tuple[_Bound, ...]
    dates: tuple[_Bound, ...]
    numbers: tuple[_Bound, ...]
    enums: tuple[_Bound, ...]
    sets: tuple[_Bound, ...]
    files: tuple[_Bound, ...]
    rows: tuple[tuple[_Bound, _Plan], ...]
    on_record: tuple[OnRecord, ...]
    groups: tuple[tuple[Problem, tuple[str, ...]], ...]
    order: dict[str, int]


_PLANS: Final[dict[int, _Plan]] = {}
_MOST_PLANS: Final = 5_000


def check(item: Item, values: Values, *, reported_on: date) -> list[Problem]:
    """Find all problems of a record.

    Args:
        item: what the record is of.
        values: field id → value; an empty field has no key.
        reported_on: the reporting day, in Asia/Shanghai; codes are judged as of the date of the act, or
            as of this day where that is missing.

    Returns:
        All problems, in the order of the item's fields; none when the record is right.
    """
    plan = _PLANS.get(id(item))
    if plan is None:
        plan = _compile(item)
    acted: object = values.get(item.act_on)
    return _judge(plan, values, _moment(reported_on, acted if type(acted) is str else ""))


def _judge(plan: _Plan, values: Values, moment: Moment) -> list[Problem]:
    found: Found = []
    seen = _look_at_all_texts(plan.texts, values, moment, found)
    if plan.coded:
        seen += _look_at_texts(plan.coded, values, moment, found)
    seen += _look_at_dates(plan.dates, values, moment, found)
    seen += _look_at_numbers(plan.numbers, values, moment, found)
    seen += _look_at_enums(plan.enums, values, moment, found)
    seen += _look_at_sets(plan.sets, values, moment, found)
    if plan.files:
        seen += _look_at_entries(plan.files, values, found)
    for bound, inner in plan.rows:
        rows = values.get(bound.id)
        seen += _look_at_entries((bound,), values, found)
        if isinstance(rows, list):
            found.extend(_look_at_rows(bound.id, inner, rows, moment))
    for rule in plan.on_record:
        rule(values, found)
    for problem, members in plan.groups:
        if not any(is_filled(values, field_id) for field_id in members):
            found.append(problem)
    if seen != len(values):
        found.extend(_strangers(plan, values))
    if len(found) > 1:
        last = len(plan.order)
        found.sort(key=lambda problem: plan.order.get(problem.field_id, last))
    return found


@lru_cache(maxsize=4096)
def _moment(reported_on: date, acted: str) -> Moment:
    iso = reported_on.isoformat()
    return Moment(reported_on, iso, acted if is_day(acted) else iso)


_ABSENT: Final = "\u2400"
"""Stands for a field without a value; as a value of its own it is a text like any other."""

_SEAM: Final = "|"
"""Joins texts; printable, so that what cannot be printed is sought in all of them together."""


def _look_at_all_texts(plan: _Texts, values: Values, moment: Moment, found: Found) -> int:
    """Judge the free texts of a record together, and one by one only where something is not plain.

    Most records are right, and each step here goes through all their texts at the speed of C.
    """
    texts = cast("list[str]", list(map(values.get, plan.ids, plan.absent)))
    try:
        joined = _SEAM.join(texts)
    except TypeError:
        return _look_at_texts(plan.fields, values, moment, found)
    lengths = list(map(len, texts))
    if (
        0 in lengths
        or any(map(gt, lengths, plan.limits))
        or not joined.isprintable()
        or " |" in joined
        or "| " in joined
        or joined[:1] == " "
        or joined[-1:] == " "
        or "\ufffd" in joined
        or not PLACEHOLDERS_AS_WRITTEN.isdisjoint(texts)
    ):
        return _look_at_texts(plan.fields, values, moment, found)
    if not plan.required.keys() <= values.keys():
        found += [missing for field_id, missing in plan.required.items() if field_id not in values]
    for field_id, rule in plan.rules:
        value = values.get(field_id)
        if value is not None:
            rule(value, values, moment, found)
    return len(texts) - texts.count(_ABSENT)


def _look_at_texts(fields: tuple[_Bound, ...], values: Values, moment: Moment, found: Found) -> int:
    seen = 0
    get = values.get
    for field_id, missing, limit, rules, _, _, field in fields:
        value = get(field_id)
        if value is None:
            if missing is not None:
                found.append(missing)
            continue
        seen += 1
        if not (
            type(value) is str
            and 0 < len(value) <= limit
            and value.isprintable()
            and "\ufffd" not in value
            and value[0] != " " != value[-1]
            and (len(value) > LONGEST_PLACEHOLDER or value.lower() not in PLACEHOLDERS)
            and field.code_set is None
        ):
            faults = list(text_faults(field, value))
            found.extend(faults)
            if any(fault.code in _SHAPELESS for fault in faults):
                continue
        for rule in rules:
            rule(value, values, moment, found)
    return seen


_SHAPELESS: Final = frozenset(
    {"wrong_shape", "blank", "required_missing", "placeholder", "control_characters"}
)
"""Faults after which a text is not looked at any further: one slip, one problem."""


def _look_at_dates(fields: tuple[_Bound, ...], values: Values, moment: Moment, found: Found) -> int:
    seen = 0
    for field_id, missing, _, rules, _, _, field in fields:
        value = values.get(field_id)
        if value is None:
            if missing is not None:
                found.append(missing)
            continue
        seen += 1
        if type(value) is str and is_day(value):
            for rule in rules:
                rule(value, values, moment, found)
        else:
            found.extend(date_faults(field, value))
    return seen


def _look_at_numbers(fields: tuple[_Bound, ...], values: Values, moment: Moment, found: Found) -> int:
    seen = 0
    for field_id, missing, _, rules, _, form, field in fields:
        value = values.get(field_id)
        if value is None:
            if missing is not None:
                found.append(missing)
            continue
        seen += 1
        if not (type(value) is str and field.type == "decimal" and form.fullmatch(value)):
            faults = list((decimal_faults if field.type == "decimal" else int_faults)(field, value))
            if faults:
                found.extend(faults)
                continue
        for rule in rules:
            rule(value, values, moment, found)
    return seen


def _look_at_enums(fields: tuple[_Bound, ...], values: Values, moment: Moment, found: Found) -> int:
    seen = 0
    for field_id, missing, _, rules, plain, _, field in fields:
        value = values.get(field_id)
        if value is None:
            if missing is not None:
                found.append(missing)
            continue
        seen += 1
        if not (type(value) is str and value in plain):
            faults = list(enum_faults(field, value, moment.as_of))
            if faults:
                found.extend(faults)
                continue
        for rule in rules:
            rule(value, values, moment, found)
    return seen


def _look_at_sets(fields: tuple[_Bound, ...], values: Values, moment: Moment, found: Found) -> int:
    seen = 0
    for field_id, missing, limit, rules, plain, _, field in fields:
        value = values.get(field_id)
        if value is None:
            if missing is not None:
                found.append(missing)
            continue
        seen += 1
        if not (type(value) is list and limit == UNLIMITED and _all_plain(value, plain)):
            faults = list(set_faults(field, value, moment.as_of))
            if faults:
                found.extend(faults)
                continue
        for rule in rules:
            rule(value, values, moment, found)
    return seen


def _look_at_entries(fields: tuple[_Bound, ...], values: Values, found: Found) -> int:
    seen = 0
    for field_id, missing, _, _, _, _, field in fields:
        value = values.get(field_id)
        if value is None:
            if missing is not None:
                found.append(missing)
            continue
        seen += 1
        found.extend(entry_faults(field, value))
        if field.type == "attachment" and isinstance(value, list):
            found.extend(file_faults(field, value))
    return seen


def _look_at_rows(field_id: str, plan: _Plan, rows: list[object], moment: Moment) -> Iterable[Problem]:
    """Judge each row of a group like a record, codes as of the act of the record around it."""
    for place, row in enumerate(rows):
        path = f"{field_id}/{place}"
        if not isinstance(row, dict):
            yield Problem(path, "wrong_shape", params={"type": "group"})
        elif not row:
            yield Problem(path, "row_empty")
        else:
            for problem in _judge(plan, row, moment):
                yield replace(problem, path=f"{path}/{problem.path}")


def _all_plain(members: list[str | OtherValue], plain: frozenset[str]) -> bool:
    """Whether there are members, all of them plain codes and none twice."""
    for member in members:
        if type(member) is not str or member not in plain or members.count(member) > 1:
            return False
    return bool(members)


def _strangers(plan: _Plan, values: Values) -> Iterable[Problem]:
    """Name what is in the record and has no place there: unknown fields, and keys that say nothing."""
    items: Iterable[tuple[str, object]] = values.items()
    for field_id, value in items:
        if field_id not in plan.order:
            yield Problem(field_id, "unknown_field")
        elif value is None and not plan.item.by_id[field_id].required:
            yield Problem(field_id, "blank")


# --- compiling ---------------------------------------------------------------------------------------------


def _compile(item: Item) -> _Plan:
    if len(_PLANS) >= _MOST_PLANS:
        _PLANS.clear()
    bound = [_bind(field, item) for field in item.fields]

    def of(*types: str) -> tuple[_Bound, ...]:
        return tuple(one for one in bound if one.field.type in types)

    free = tuple(one for one in of("string", "text") if one.field.code_set is None)
    plan = _Plan(
        item=item,
        texts=_Texts(
            ids=tuple(one.id for one in free), limits=tuple(one.limit for one in free),
            absent=(_ABSENT,) * len(free),
            required={one.id: one.missing for one in free if one.missing is not None},
            rules=tuple((one.id, rule) for one in free for rule in one.rules), fields=free,
        ),
        coded=tuple(one for one in of("string", "text") if one.field.code_set is not None),
        dates=of("date"), numbers=of("decimal", "int"),
        enums=of("enum"), sets=of("set"), files=of("attachment"),
        rows=tuple((one, _compile(row_item(item, one.field))) for one in of("group")),
        on_record=tuple(rule for field in item.fields for rule in bind_record_rules(field, item)),
        groups=required_groups(item),
        order={field.id: place for place, field in enumerate(item.fields)},
    )  # fmt: skip
    _PLANS[id(item)] = plan
    return plan


def _bind(field: Field, item: Item) -> _Bound:
    codes = field.code_set.codes if field.code_set else ()
    return _Bound(
        id=field.id,
        missing=required_missing(field) if field.required else None,
        limit=value_limit(field),
        rules=bind_value_rules(field, item),
        plain=frozenset(c.code for c in codes if c.since is None and c.until is None and not c.other),
        form=decimal_form(field),
        field=field,
    )
