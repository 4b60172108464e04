"""Whether the parts of an item fit together: what a rule names is there, and of a type that it suits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from forms.catalog.nested import NESTED, row_item
from forms.catalog.reading import Table
from forms.catalog.rules import REPORTING_DAY, Allowed, Condition, Conditional, PrefixIff, Referring, Rule
from forms.catalog.schema import Field, Item

Complain = Callable[[str, str, object], None]
"""(place, code, detail): how a fault is noted."""

MAX_LENGTHS: Final[Mapping[str, int]] = {
    "string": 10_000, "text": 100_000, "date": 10, "decimal": 30, "int": 18, "enum": 10_000, "set": 10_000,
    "attachment": 100, "group": 1_000,
}  # fmt: skip
"""The longest that a field of each type may be declared; of attachments and groups, the most entries."""

TYPES_WITH_CODES: Final = frozenset({"enum", "set"})
DATE_RULES: Final = frozenset({"not_after", "not_before"})


def fit_item(item: Item, table: Table) -> None:
    """Note every part of `item` that names something it does not have, or that does not suit its type."""
    complain: Complain = table.fault
    counted_from = item.deadline.from_field if item.deadline else ""
    for key, ids in (
        ("natural_key", item.natural_key), ("act_on", _given(item.act_on)),
        ("subject_name", _given(item.subject_name)), ("subject_code", _given(item.subject_code)),
        ("doc_no", _given(item.doc_no)),
        ("deadline/from_field", _given(counted_from)),
    ):  # fmt: skip
        for field_id in ids:
            if field_id not in item.by_id:
                complain(key, "unknown_field", field_id)
    for key, field_id in (("act_on", item.act_on), ("deadline", counted_from)):
        dated = item.by_id.get(field_id)
        if dated is not None and dated.type != "date":
            complain(key, "no_date_field", dated.id)
    _fit_headings(item, complain)
    for key, ids in (
        ("natural_key", item.natural_key), ("subject_name", _given(item.subject_name)),
        ("subject_code", _given(item.subject_code)), ("doc_no", _given(item.doc_no)),
    ):  # fmt: skip
        for field_id in ids:
            named = item.by_id.get(field_id)
            if named is not None and named.type in NESTED:
                complain(key, "not_one_value", field_id)
    _fit_fields(item, "", complain)


def _fit_fields(item: Item, within: str, complain: Complain) -> None:
    for place, field in enumerate(item.fields):
        if field.type == "group":
            row = row_item(item, field)
            _fit_headings(row, complain)
            _fit_fields(row, f"{within}fields/{place}/", complain)
    for place, field in enumerate(item.fields):
        at = f"{within}fields/{place}"
        _fit_field(field, at, complain)
        for rule_place, rule in enumerate(field.rules):
            _fit_rule(rule, field, item, f"{at}/checks/{rule_place}", complain)


def _given(field_id: str) -> tuple[str, ...]:
    return (field_id,) if field_id else ()


def _fit_headings(item: Item, complain: Complain) -> None:
    """A heading (title, id or alias) leads to one field."""
    owner: dict[str, str] = {}
    for place, field in enumerate(item.fields):
        for heading in (field.id, field.title, *field.aliases):
            if owner.setdefault(heading, field.id) != field.id:
                complain(f"fields/{place}/aliases", "doubled", f"{heading}, also of {owner[heading]}")


def _fit_field(field: Field, at: str, complain: Complain) -> None:
    if field.type in TYPES_WITH_CODES and field.code_set is None:
        complain(at, "code_set_missing", field.id)
    if field.type not in TYPES_WITH_CODES | {"string"} and field.code_set is not None:
        complain(at, "code_set_unwanted", field.id)
    if (field.scale is not None) != (field.type == "decimal"):
        complain(at, "scale_fits_decimals_only", field.id)
    if field.max_length is not None:
        if not 0 < field.max_length <= MAX_LENGTHS[field.type]:
            complain(f"{at}/max_length", "bad_length", field.max_length)
        if field.scale is not None and field.scale >= field.max_length:
            complain(f"{at}/scale", "bad_length", field.scale)
    if field.required and field.required_group is not None:
        complain(at, "required_twice", field.id)


def _fit_rule(rule: Rule, field: Field, item: Item, at: str, complain: Complain) -> None:
    if field.type not in rule.suits:
        complain(at, "wrong_type_for_rule", f"{rule.kind} on {field.type}")
    for field_id in rule.fields():
        if field_id not in item.by_id:
            complain(at, "unknown_field", field_id)
        elif field_id == field.id:
            complain(at, "names_itself", field_id)
    if isinstance(rule, Referring) and rule.ref == REPORTING_DAY and rule.kind not in DATE_RULES:
        complain(at, "unknown_field", rule.ref)
    if isinstance(rule, Referring) and rule.kind in DATE_RULES:
        other = item.by_id.get(rule.ref)
        if other is not None and other.type != "date":
            complain(at, "no_date_field", rule.ref)
    if isinstance(rule, Conditional):
        _fit_condition(rule.when, item, at, complain)
    if isinstance(rule, Allowed):
        _fit_codes(rule.values, field, at, complain)
    if isinstance(rule, PrefixIff):
        _fit_codes((rule.value,), field, at, complain)


def _fit_condition(when: Condition, item: Item, at: str, complain: Complain) -> None:
    other = item.by_id.get(when.field)
    if other is None:
        return
    if other.type != ("set" if when.over == "contains_any" else "enum"):
        complain(at, "wrong_type_for_rule", f"{when.over} over {other.type}")
    _fit_codes(tuple(sorted(when.codes)), other, at, complain)


def _fit_codes(codes: tuple[str, ...], field: Field, at: str, complain: Complain) -> None:
    if not codes:
        complain(at, "missing_key", "codes")
    for code in codes:
        if field.code_set is not None and code not in field.code_set.by_code:
            complain(at, "unknown_code", code)
