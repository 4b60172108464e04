"""Rules between the fields of many records, looked at by the column; one table a sort, see `sieve`.

Each names the places that it does not vouch for: all that break the rule, and some that do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from operator import ge, le
from typing import Any, Final, cast

from forms.catalog.bound import bind_value_rules, condition_holds, required_groups
from forms.catalog.bound_identifiers import Moment
from forms.catalog.problems import Problem
from forms.catalog.rules import (
    CertByType,
    EmptyIf,
    NotAfter,
    NotBefore,
    PositiveIf,
    PrefixIff,
    RequiredIf,
    RequiredIfFilled,
    RequiredUnless,
    Rule,
)
from forms.catalog.schema import Field, Item, Value

Column = Sequence[Value]
"""One value a row; ``""`` where a row has none."""

Columns = Mapping[str, Column]
"""Field id → column; a field without one is empty in every row."""

Look = Callable[[Columns, int], Iterable[int]]
"""(columns, rows) → places that are not vouched for."""


def _order(rule: NotAfter | NotBefore, field: Field, _item: Item, _today: date) -> Look:
    late = isinstance(rule, NotAfter)
    fits: Callable[[Any, Any], bool] = le if late else ge
    field_id, ref = field.id, rule.ref

    def look(columns: Columns, rows: int) -> Iterable[int]:
        own, other = columns.get(field_id), columns.get(ref)
        if own is None or other is None:
            return ()
        try:
            if all(map(fits, own, other)):
                return ()
            pairs = enumerate(zip(own, other, strict=True))
            return [n for n, (mine, its) in pairs if mine != "" != its and not fits(mine, its)]
        except TypeError:
            return range(rows)

    return look


def _prefix(rule: PrefixIff, field: Field, _item: Item, _today: date) -> Look:
    field_id, ref, prefix, code = field.id, rule.ref, rule.prefix, rule.value

    def look(columns: Columns, _rows: int) -> Iterable[int]:
        own, other = columns.get(field_id), columns.get(ref)
        if own is None or other is None:
            return ()
        pairs = enumerate(zip(own, other, strict=True))
        return [
            n
            for n, (mine, its) in pairs
            if mine != "" != its
            and not (type(mine) is type(its) is str and (mine == code) is its.startswith(prefix))
        ]

    return look


def _certificate(rule: CertByType, field: Field, item: Item, today: date) -> Look:
    """Ask the rule itself, row by row: hardly any number comes twice."""
    judges = bind_value_rules(replace(field, rules=(rule,)), item)
    moment = Moment(today, today.isoformat(), today.isoformat())
    field_id, type_field = field.id, rule.type_field

    def look(columns: Columns, _rows: int) -> Iterable[int]:
        own, kinds = columns.get(field_id), columns.get(type_field)
        if own is None or kinds is None:
            return ()
        places = []
        for place, (value, kind) in enumerate(zip(own, kinds, strict=True)):
            if value != "" != kind:
                found: list[Problem] = []
                for judge in judges if type(value) is str else ():
                    judge(value, {type_field: kind}, moment, found)
                if found:
                    places.append(place)
        return places

    return look


def _positive(rule: PositiveIf, field: Field, _item: Item, _today: date) -> Look:
    field_id, nought = field.id, cast("Any", 0 if field.type == "int" else "0")
    condition = rule.when.field

    def look(columns: Columns, rows: int) -> Iterable[int]:
        column = cast("Sequence[Any] | None", columns.get(field_id))
        if column is None or condition not in columns:
            return ()
        try:
            return [n for n, value in enumerate(column) if value != "" and value <= nought]
        except TypeError:
            return range(rows)

    return look


def _required_if(rule: RequiredIf | RequiredUnless, field: Field, _item: Item, _today: date) -> Look:
    holds, wanted = condition_holds(rule.when), isinstance(rule, RequiredIf)
    field_id, condition = field.id, rule.when.field

    def look(columns: Columns, rows: int) -> Iterable[int]:
        asked = columns.get(condition)
        if asked is None:
            return ()
        empty = _empty(columns.get(field_id), rows)
        different = {id(value): value for value in asked} if empty else {}
        asks = {
            key for key, value in different.items()
            if value != "" and holds({condition: value}) == wanted
        }  # fmt: skip
        return [place for place in empty if id(asked[place]) in asks] if asks else ()

    return look


def _required_if_filled(rule: RequiredIfFilled, field: Field, _item: Item, _today: date) -> Look:
    field_id, ref = field.id, rule.ref

    def look(columns: Columns, rows: int) -> Iterable[int]:
        other = columns.get(ref)
        return [n for n in _empty(columns.get(field_id), rows) if other[n] != ""] if other is not None else ()

    return look


def _empty_if(rule: EmptyIf, field: Field, _item: Item, _today: date) -> Look:
    holds = condition_holds(rule.when)
    field_id, condition = field.id, rule.when.field

    def look(columns: Columns, _rows: int) -> Iterable[int]:
        own, asked = columns.get(field_id), columns.get(condition)
        if own is None or asked is None:
            return ()
        different = {id(value): value for value in asked}
        asks = {key for key, value in different.items() if holds({condition: value})}
        pairs = enumerate(zip(own, asked, strict=True))
        return [n for n, (mine, its) in pairs if mine != "" and id(its) in asks] if asks else ()

    return look


def _empty(column: Column | None, rows: int) -> Sequence[int]:
    """Return the places where a column holds nothing."""
    if column is None:
        return range(rows)
    return [place for place, value in enumerate(column) if value == ""] if "" in column else ()


def group_looks(item: Item) -> Iterable[Look]:
    """Look, group by group, for rows in which nothing of a required group is filled."""
    for _, ids in required_groups(item):

        def look(columns: Columns, rows: int, ids: Sequence[str] = ids) -> Iterable[int]:
            filled = [columns[one] for one in ids if one in columns]
            if not filled:
                return range(rows)
            if any("" not in column for column in filled):
                return ()
            return [n for n, values in enumerate(zip(*filled, strict=True)) if not any(values)]

        yield look


ACROSS: Final[Mapping[type[Rule], Callable[[Any, Field, Item, date], Look]]] = {
    NotAfter: _order,
    NotBefore: _order,
    PrefixIff: _prefix,
    CertByType: _certificate,
    PositiveIf: _positive,
    RequiredIf: _required_if,
    RequiredUnless: _required_if,
    RequiredIfFilled: _required_if_filled,
    EmptyIf: _empty_if,
}
"""Every rule that looks at another field; a test holds it complete."""
