"""Rules bound to their fields: each becomes a function that is quick when all is well. One table a sort.

`ON_VALUE` rules look at a value that is there and of the right shape; `ON_RECORD` rules also run where the
field is empty. Problems without parts that vary are made once, when the rule is bound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from forms.catalog.codes import DOCUMENT_FORMS, DOUBTS, FAULTS, RESIDENT_CARDS, repaired, ric_of_18
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


class Moment(NamedTuple):
    """When a record is judged.

    Attributes:
        today: the reporting day.
        iso: the same as text.
        as_of: the day by which codes are judged.
    """

    today: date
    iso: str
    as_of: str


Found = list[Problem]
OnValue = Callable[[Any, Values, Moment, Found], None]
"""(value of the field, record, moment, problems to add to)."""
OnRecord = Callable[[Values, Found], None]

_KIND_OF_RULE: Final = {"uscc": "uscc", "orgcode": "orgcode", "regno": "regno", "idcard": "ric"}
MASKS: Final = frozenset("*＊")


# --- identifiers ----------------------------------------------------------------------------------


def identifier_problem(path: str, kind: str, value: str, today: date) -> Problem | None:
    """Judge an identifier as it stands in a record, where only its proper form is right."""
    fault = FAULTS[kind](value, today)
    if not fault:
        return None
    if fault in DOUBTS:
        suggestion = ric_of_18(value) if fault == "ric_fifteen" else None
        return Problem(path, fault, "warning", answerable=True, suggestion=suggestion)
    suggestion = repaired(kind, value, today)
    return Problem(path, fault, params={"length": len(value)}, suggestion=suggestion)


def _identifier(rule: Rule, field: Field, _item: Item) -> OnValue:
    kind = _KIND_OF_RULE[rule.kind]
    path = field.id
    fault_of = FAULTS[kind]

    def look(value: Any, _values: Values, moment: Moment, found: Found) -> None:
        if fault_of(value, moment.today):
            problem = identifier_problem(path, kind, value, moment.today)
            if problem is not None:
                found.append(problem)

    return look


def _one_of(rule: OneOf, field: Field, _item: Item) -> OnValue:
    kinds = tuple(_KIND_OF_RULE[kind] for kind in rule.of)
    path, names = field.id, ";".join(kinds)

    def look(value: Any, _values: Values, moment: Moment, found: Found) -> None:
        problems = [identifier_problem(path, kind, value, moment.today) for kind in kinds]
        if any(problem is None for problem in problems):
            return
        doubts = [problem for problem in problems if problem is not None and problem.answerable]
        suggestion = next((p.suggestion for p in problems if p is not None and p.suggestion), None)
        none = Problem(path, "one_of_none", params={"kinds": names}, suggestion=suggestion)
        found.append(doubts[0] if doubts else none)

    return look


def _cert_by_type(rule: CertByType, field: Field, item: Item) -> OnValue:
    path, type_field = field.id, rule.type_field
    code_set = item.by_id[type_field].code_set
    names = {code.code: code.name for code in code_set.codes} if code_set else {}

    def look(value: Any, values: Values, moment: Moment, found: Found) -> None:
        chosen = values.get(type_field)
        name = names.get(chosen) if isinstance(chosen, str) else None
        if name is None:
            return
        if name in RESIDENT_CARDS:
            problem = identifier_problem(path, "ric", value, moment.today)
            if problem is not None:
                found.append(problem)
            return
        form = DOCUMENT_FORMS.get(name)
        if form is not None and not form.fullmatch(value):
            found.append(Problem(path, "certificate_form", "warning", answerable=True, params={"kind": name}))

    return look


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
        if not MASKS.isdisjoint(value):
            found.append(masked)
        elif len(value) < shortest:
            found.append(short)

    return look


def _allowed(rule: Allowed, field: Field, _item: Item) -> OnValue:
    problem = Problem(field.id, "not_allowed_here", params={"codes": ";".join(rule.values), "of": field.id})
    values_allowed = frozenset(rule.values)

    def look(value: Any, _values: Values, _moment: Moment, found: Found) -> None:
        if not values_allowed.issuperset(codes_of(value)):
            found.append(problem)

    return look


def _prefix_iff(rule: PrefixIff, field: Field, _item: Item) -> OnValue:
    params = {"other": rule.ref, "prefix": rule.prefix, "codes": rule.value, "of": field.id}
    needs_code = Problem(field.id, "prefix_needs_code", params=params)
    needs_prefix = Problem(field.id, "code_needs_prefix", params=params)

    def look(value: Any, values: Values, _moment: Moment, found: Found) -> None:
        other = values.get(rule.ref)
        if not isinstance(other, str) or not other.strip():
            return
        if other.startswith(rule.prefix):
            if rule.value not in codes_of(value):
                found.append(needs_code)
        elif rule.value in codes_of(value):
            found.append(needs_prefix)

    return look


def _list(rule: ListOf, field: Field, _item: Item) -> OnValue:
    separator = rule.separator

    def look(value: Any, _values: Values, _moment: Moment, found: Found) -> None:
        for place, member in enumerate(value):
            if isinstance(member, dict) and separator in member["text"]:
                params = {"separator": separator}
                found.append(Problem(f"{field.id}/{place}", "separator_in_text", params=params))

    return look


def _positive_if(rule: PositiveIf, field: Field, _item: Item) -> OnValue:
    problem = Problem(field.id, "not_positive", params=_condition(rule.when))
    holds = _holds(rule.when)

    def look(value: Any, values: Values, _moment: Moment, found: Found) -> None:
        if (value in {"0", 0} or _below_nought(value)) and holds(values):
            found.append(problem)

    return look


def _not_negative(_rule: NotNegative, field: Field, _item: Item) -> OnValue:
    problem = Problem(field.id, "negative")

    def look(value: Any, _values: Values, _moment: Moment, found: Found) -> None:
        if _below_nought(value):
            found.append(problem)

    return look


def _below_nought(value: str | int) -> bool:
    return value < 0 if isinstance(value, int) else value.startswith("-")


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


def _recent(rule: Recent, field: Field, _item: Item) -> OnValue:
    years = rule.years
    problem = Problem(field.id, "long_ago", "warning", answerable=True, params={"years": years})

    def look(value: Any, _values: Values, moment: Moment, found: Found) -> None:
        if value < f"{moment.today.year - years:04d}{moment.iso[4:]}":
            found.append(problem)

    return look


# --- rules on the record --------------------------------------------------------------------------


def _condition(when: Condition) -> dict[str, str | int]:
    return {"other": when.field, "codes": ";".join(sorted(when.codes)), "of": when.field}


def _holds(when: Condition) -> Callable[[Values], bool]:
    field_id, codes = when.field, when.codes

    def holds(values: Values) -> bool:
        value: Value | None = values.get(field_id)
        if type(value) is str:
            return value in codes
        if value is None:
            return False
        return not codes.isdisjoint(codes_of(value))

    return holds


def is_filled(values: Values, field_id: str) -> bool:
    """Whether a field has a value that is not blank."""
    value: object = values.get(field_id)
    return value is not None and value != [] and not (isinstance(value, str) and not value.strip())


def _required_if(rule: RequiredIf, field: Field, _item: Item) -> OnRecord:
    problem = Problem(field.id, "required_if", params=_condition(rule.when))
    holds = _holds(rule.when)

    def look(values: Values, found: Found) -> None:
        if holds(values) and not is_filled(values, field.id):
            found.append(problem)

    return look


def _required_unless(rule: RequiredUnless, field: Field, _item: Item) -> OnRecord:
    problem = Problem(field.id, "required_unless", params=_condition(rule.when))
    holds = _holds(rule.when)

    def look(values: Values, found: Found) -> None:
        if is_filled(values, rule.when.field) and not holds(values) and not is_filled(values, field.id):
            found.append(problem)

    return look


def _required_if_filled(rule: RequiredIfFilled, field: Field, _item: Item) -> OnRecord:
    problem = Problem(field.id, "required_if_filled", params={"other": rule.ref})

    def look(values: Values, found: Found) -> None:
        if is_filled(values, rule.ref) and not is_filled(values, field.id):
            found.append(problem)

    return look


def _empty_if(rule: EmptyIf, field: Field, _item: Item) -> OnRecord:
    problem = Problem(field.id, "must_be_empty", params=_condition(rule.when))
    holds = _holds(rule.when)

    def look(values: Values, found: Found) -> None:
        if is_filled(values, field.id) and holds(values):
            found.append(problem)

    return look


ON_VALUE: Final[Mapping[type[Rule], Callable[[Any, Field, Item], OnValue]]] = {
    Allowed: _allowed,
    PrefixIff: _prefix_iff,
    Uscc: _identifier,
    OrgCode: _identifier,
    RegNo: _identifier,
    IdCard: _identifier,
    CertByType: _cert_by_type,
    Regex: _regex,
    PositiveIf: _positive_if,
    NotAfter: _not_after,
    NotBefore: _not_before,
    OpenEnd: _open_end,
    ListOf: _list,
    OneOf: _one_of,
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
