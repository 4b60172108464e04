"""Which fields a form marks, given what is filled in so far.

What holds is judged by `check` alone; this only tells a person beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator

from forms.catalog.rules import Condition, EmptyIf, RequiredIf, RequiredIfFilled, RequiredUnless
from forms.catalog.schema import Field, Item, Value, Values
from forms.qt.codes import split


def needed(item: Item, values: Values) -> frozenset[str]:
    """Return the ids of fields to be filled: always, by a rule that holds, or of a group all empty."""
    found = {field.id for field in item.fields if field.required or _is_asked_for(field, values)}
    for group in _groups(item):
        if not any(name in values for name in group):
            found |= group
    return frozenset(found)


def unwanted(item: Item, values: Values) -> frozenset[str]:
    """Return the ids of fields that a rule wants to stay empty now."""
    return frozenset(
        field.id
        for field in item.fields
        for rule in field.rules
        if isinstance(rule, EmptyIf) and holds(rule.when, values)
    )


def holds(when: Condition, values: Values) -> bool:
    """Say whether the condition holds."""
    return not when.codes.isdisjoint(_codes(values.get(when.field)))


def _is_asked_for(field: Field, values: Values) -> bool:
    for rule in field.rules:
        match rule:
            case RequiredIf(when=when) if holds(when, values):
                return True
            case RequiredUnless(when=when) if when.field in values and not holds(when, values):
                return True
            case RequiredIfFilled(ref=ref) if ref in values:
                return True
            case _:
                continue
    return False


def _codes(value: Value | None) -> Iterator[str]:
    members = value if isinstance(value, list) else [value]
    return (code for code, _ in map(split, members) if code)


def _groups(item: Item) -> list[set[str]]:
    groups: dict[int, set[str]] = {}
    for field in item.fields:
        if field.required_group is not None:
            groups.setdefault(field.required_group, set()).add(field.id)
    return list(groups.values())
