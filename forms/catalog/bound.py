"""Rules bound to their fields: each becomes a function that is quick when all is well. One table a sort.

`ON_VALUE` rules look at a value that is there and of the right shape; `ON_RECORD` rules also run where the
field is empty. Problems without parts that vary are made once, when the rule is bound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from forms.catalog.bound_identifiers import (
    Found,
    Moment,
    OnRecord,
    OnValue,
    bind_cert_by_type,
    bind_identifier,
    bind_one_of,
)
from forms.catalog.problems import Problem
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
from forms.catalog.schema import Field, Item, Value, Values
from forms.catalog.shapes import codes_of, is_day

# --- texts, codes, numbers ------------------------------------------------------------------------


def _regex(rule: Regex, field: Field, _item: Item) -> OnValue:
    problem = Problem(field.id, "pattern_mismatch")
    matches = rule.pattern.fullmatch

    def look(value: Any, _values: Values, _moment: Moment, found: Found) -> None:
        if not matches(value):
            found.append(problem)

    return look


def _name(rule: Name, field: Field, _item: Item) -> OnValue:
    masked = Problem(field.id, "name_masked")
    short = Problem(field.id, "name_short", "warning", answerable=True, params={"shortest": rule.shortest})
    shortest = rule.shortest

    def look(value: Any, _values: Values, _moment: Moment, found: Found) -> None:
        if "*" in value or "＊" in value:
            found.append(masked)
        elif len(value) < shortest:
            found.append(short)

    return look


def _allowed(rule: Allowed, field: Field, _item: Item) -> OnValue:
    problem = Problem(field.id, "not_allowed_here", params={"codes": ";".join(rule.values), "of": field.id})
    values_allowed = frozenset(rule.values)

    def look(value: Any, _values: Values, _moment: Moment, found: Found) -> None:
        fits = value in values_allowed if type(value) is str else values_allowed.issuperset(codes_of(value))
        if not fits:
            found.append(problem)

    return look


def _prefix_iff(rule: PrefixIff, field: Field, _item: Item) -> OnValue:
    params = {"other": rule.ref, "prefix": rule.prefix, "codes": rule.value, "of": field.id}
    needs_code = Problem(field.id, "prefix_needs_code", params=params)
    needs_prefix = Problem(field.id, "code_needs_prefix", params=params)
    ref, prefix, code = rule.ref, rule.prefix, rule.value

    def look(value: Any, values: Values, _moment: Moment, found: Found) -> None:
        other = values.get(ref)
        if not isinstance(other, str) or not other or other.isspace():
            return
        chosen = value == code or (type(value) is dict and code in codes_of(value))
        if chosen != other.startswith(prefix):
            found.append(needs_prefix if chosen else needs_code)

    return look


def _list(rule: ListOf, field: Field, _item: Item) -> OnValue:
    separator = rule.separator

    def look(value: Any, _values: Values, _moment: Moment, found: Found) -> None:
        for place, member in enumerate(value):
            if type(member) is dict and separator in member["text"]:
                params = {"separator": separator}
                found.append(Problem(f"{field.id}/{place}", "separator_in_text", params=params))

    return look


def _positive_if(rule: PositiveIf, field: Field, _item: Item) -> OnValue:
    problem = Problem(field.id, "not_positive", params=_condition(rule.when))
    holds, nought = condition_holds(rule.when), _nought(field)

    def look(value: Any, values: Values, _moment: Moment, found: Found) -> None:
        if value <= nought and holds(values):
            found.append(problem)

    return look


def _not_negative(_rule: NotNegative, field: Field, _item: Item) -> OnValue:
    problem, nought = Problem(field.id, "negative"), _nought(field)

    def look(value: Any, _values: Values, _moment: Moment, found: Found) -> None:
        if value < nought:
            found.append(problem)

    return look


def _nought(field: Field) -> Any:
    """Return what negative numbers come before: as text, too, for a minus sorts before all digits."""
    return 0 if field.type == "int" else "0"


# --- dates ----------------------------------------------------------------------------------------


def _not_after(rule: NotAfter, field: Field, _item: Item) -> OnValue:
    if rule.ref == REPORTING_DAY:

        def not_in_future(value: Any, _values: Values, moment: Moment, found: Found) -> None:
            if value > moment.iso:
                found.append(Problem(field.id, "in_future", params={"day": moment.iso}))

        return not_in_future
    problem = Problem(field.id, "after_other", params={"other": rule.ref})

    def look(value: Any, values: Values, _moment: Moment, found: Found) -> None:
        other = values.get(rule.ref)
        if isinstance(other, str) and value > other and is_day(other):
            found.append(problem)

    return look


def _not_before(rule: NotBefore, field: Field, _item: Item) -> OnValue:
    if rule.ref == REPORTING_DAY:

        def not_in_past(value: Any, _values: Values, moment: Moment, found: Found) -> None:
            if value < moment.iso:
                found.append(Problem(field.id, "in_past", params={"day": moment.iso}))

        return not_in_past
    problem = Problem(field.id, "before_other", params={"other": rule.ref})

    def look(value: Any, values: Values, _moment: Moment, found: Found) -> None:
        other = values.get(rule.ref)
        if isinstance(other, str) and value < other and is_day(other):
            found.append(problem)

    return look


def _open_end(rule: OpenEnd, field: Field, _item: Item) -> OnValue:
    end = rule.value.isoformat()
    problem = Problem(field.id, "after_open_end", params={"day": end}, suggestion=end)

    def look(value: Any, _values: Values, _moment: Moment, found: Found) -> None:
        if value > end:
            found.append(problem)

    return look


@lru_cache(maxsize=256)
def _years_before(day: str, years: int) -> str:
    return f"{int(day[:4]) - years:04d}{day[4:]}"


def _recent(rule: Recent, field: Field, _item: Item) -> OnValue:
    years = rule.years
    problem = Problem(field.id, "long_ago", "warning", answerable=True, params={"years": years})

    def look(value: Any, _values: Values, moment: Moment, found: Found) -> None:
        if value < _years_before(moment.iso, years):
            found.append(problem)

    return look


# --- rules on the record --------------------------------------------------------------------------


def _condition(when: Condition) -> dict[str, str | int]:
    return {"other": when.field, "codes": ";".join(sorted(when.codes)), "of": when.field}


def condition_holds(when: Condition) -> Callable[[Values], bool]:
    """Return what tells whether a condition holds in a record."""
    field_id, codes = when.field, when.codes

    def holds(values: Values) -> bool:
        value: Value | None = values.get(field_id)
        if type(value) is str:
            return value in codes
        if value is None:
            return False
        for member in value if type(value) is list else ():
            if type(member) is str and member in codes:
                return True
        return not codes.isdisjoint(codes_of(value))

    return holds


def is_filled(values: Values, field_id: str) -> bool:
    """Whether a field has a value that is not blank."""
    value: object = values.get(field_id)
    if type(value) is str:
        return value != "" and not value.isspace()
    return value is not None and value != []


def _required_if(rule: RequiredIf, field: Field, _item: Item) -> OnRecord:
    problem = Problem(field.id, "required_if", params=_condition(rule.when))
    holds, field_id = condition_holds(rule.when), field.id

    def look(values: Values, found: Found) -> None:
        value: object = values.get(field_id)
        if type(value) is str and value and not value.isspace():
            return
        if holds(values) and not is_filled(values, field_id):
            found.append(problem)

    return look


def _required_unless(rule: RequiredUnless, field: Field, _item: Item) -> OnRecord:
    problem = Problem(field.id, "required_unless", params=_condition(rule.when))
    holds = condition_holds(rule.when)

    def look(values: Values, found: Found) -> None:
        if is_filled(values, rule.when.field) and not holds(values) and not is_filled(values, field.id):
            found.append(problem)

    return look


def _required_if_filled(rule: RequiredIfFilled, field: Field, _item: Item) -> OnRecord:
    problem = Problem(field.id, "required_if_filled", params={"other": rule.ref})
    ref, field_id = rule.ref, field.id

    def look(values: Values, found: Found) -> None:
        value: object = values.get(field_id)
        if type(value) is str and value and not value.isspace():
            return
        if ref in values and is_filled(values, ref) and not is_filled(values, field_id):
            found.append(problem)

    return look


def _empty_if(rule: EmptyIf, field: Field, _item: Item) -> OnRecord:
    problem = Problem(field.id, "must_be_empty", params=_condition(rule.when))
    holds, field_id = condition_holds(rule.when), field.id

    def look(values: Values, found: Found) -> None:
        if field_id in values and holds(values) and is_filled(values, field_id):
            found.append(problem)

    return look


ON_VALUE: Final[Mapping[type[Rule], Callable[[Any, Field, Item], OnValue]]] = {
    Allowed: _allowed,
    PrefixIff: _prefix_iff,
    Uscc: bind_identifier,
    OrgCode: bind_identifier,
    RegNo: bind_identifier,
    IdCard: bind_identifier,
    CertByType: bind_cert_by_type,
    Regex: _regex,
    PositiveIf: _positive_if,
    NotAfter: _not_after,
    NotBefore: _not_before,
    OpenEnd: _open_end,
    ListOf: _list,
    OneOf: bind_one_of,
    Name: _name,
    NotNegative: _not_negative,
    Recent: _recent,
}
ON_RECORD: Final[Mapping[type[Rule], Callable[[Any, Field, Item], OnRecord]]] = {
    RequiredIf: _required_if,
    RequiredUnless: _required_unless,
    RequiredIfFilled: _required_if_filled,
    EmptyIf: _empty_if,
}


def bind_value_rules(field: Field, item: Item) -> tuple[OnValue, ...]:
    """Bind the rules of a field that look at its value."""
    return tuple(ON_VALUE[type(rule)](rule, field, item) for rule in field.rules if type(rule) in ON_VALUE)


def bind_record_rules(field: Field, item: Item) -> tuple[OnRecord, ...]:
    """Bind the rules of a field that run even where it is empty; none where it must be filled anyway."""
    return tuple(
        ON_RECORD[type(rule)](rule, field, item)
        for rule in field.rules
        if type(rule) in ON_RECORD and not (field.required and not isinstance(rule, EmptyIf))
    )


def required_groups(item: Item) -> tuple[tuple[Problem, tuple[str, ...]], ...]:
    """Return one problem a required group, beside its first field, and the fields of the group."""
    members: dict[int, list[str]] = {}
    for field in item.fields:
        if field.required_group is not None:
            members.setdefault(field.required_group, []).append(field.id)
    return tuple(
        (Problem(ids[0], "group_missing", params={"others": ";".join(ids)}), tuple(ids))
        for ids in members.values()
    )
