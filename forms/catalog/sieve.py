"""Many records looked over at once, column by column: which of them are surely right.

It is no validator. It vouches for a row only where `check` would find nothing, and leaves every other row
to `check`; so it may doubt too much, and never too little. What it has to say of one value it asks `check`
itself, once a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from operator import ge, le
from types import MappingProxyType
from typing import Any, Final, cast

from forms.catalog.bound import bind_value_rules, condition_holds, required_groups
from forms.catalog.bound_identifiers import Moment
from forms.catalog.check import check
from forms.catalog.nested import NESTED
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
from forms.catalog.shapes import LONGEST_PLACEHOLDER, PLACEHOLDERS_AS_WRITTEN, codes_of, value_limit

Column = Sequence[Value]
"""One value a row; ``""`` where a row has none."""

Columns = Mapping[str, Column]
"""Field id → column; a field without one is empty in every row."""

_Look = Callable[[Columns, int], Iterable[int]]
"""(columns, rows) → places that are not vouched for."""

_VALUES_KEPT: Final = 20_000
"""Different values of one field that are remembered as right."""

_SEAM: Final = "|"
"""Joins texts; printable, so that what cannot be printed is sought in all of them together."""


class Sieve:
    """Looks over the records of an item; remembers the values that it found right."""

    def __init__(self, item: Item, *, reported_on: date) -> None:
        """Lay out what is looked at.

        Args:
            item: what the records are of.
            reported_on: the reporting day, as in `check`.
        """
        self._looks: list[_Look] = []
        for field in item.fields:
            self._looks.append(_own(field, item, reported_on))
            for rule in field.rules:
                if rule.fields():
                    self._looks.append(ACROSS[type(rule)](rule, field, item, reported_on))
        self._looks += _groups(item)

    def doubtful(self, columns: Columns, rows: int) -> set[int]:
        """Return the places of all rows that `check` has to look at; it finds nothing in the others.

        Args:
            columns: of fields of the item.
            rows: how many each of them has.
        """
        places: set[int] = set()
        if not rows:
            return places
        for look in self._looks:
            places.update(look(columns, rows))
        return places


# --- one field by itself ----------------------------------------------------------------------------------


def _own(field: Field, item: Item, today: date) -> _Look:
    """Look at the values of one field, whatever stands in the others."""
    right = _never if field.type in NESTED else _alone(field, item, today)
    if field.type in {"string", "text"} and field.code_set is None:
        wrong = _texts(field, right, _by_rules(field, item, today))
    else:
        wrong = _remembered(right, whole=field.type == "int")
    required, field_id = field.required, field.id

    def look(columns: Columns, rows: int) -> Iterable[int]:
        column = columns.get(field_id)
        if column is None:
            return range(rows) if required else ()
        places = wrong(column)
        if required and "" in column:
            return [*places, *(place for place, value in enumerate(column) if value == "")]
        return places

    return look


def _never(_value: Value) -> bool:
    return False


def _alone(field: Field, item: Item, today: date) -> Callable[[Value], bool]:
    """Ask `check` of a value as if the record held nothing else; codes that hold for a time are doubted."""
    only = replace(field, required_group=None, rules=_own_rules(field))
    small = replace(item, fields=(only,), act_on="", by_id=MappingProxyType({field.id: only}))
    codes = field.code_set.codes if field.code_set else ()
    timed = frozenset(code.code for code in codes if code.since is not None or code.until is not None)

    def right(value: Value) -> bool:
        if timed and not timed.isdisjoint(codes_of(value)):
            return False
        return not check(small, {field.id: value}, reported_on=today)

    return right


def _own_rules(field: Field) -> tuple[Rule, ...]:
    """Return the rules that look at no other field."""
    return tuple(rule for rule in field.rules if not rule.fields())


def _by_rules(field: Field, item: Item, today: date) -> Callable[[str], bool] | None:
    """Ask only the rules of a text that is fine otherwise; None where it has none."""
    judges = bind_value_rules(replace(field, rules=_own_rules(field)), item)
    moment = _moment(today)

    def right(text: str) -> bool:
        found: list[Problem] = []
        for judge in judges:
            judge(text, {}, moment, found)
        return not found

    return right if judges else None


def _moment(today: date) -> Moment:
    """Return when a value is judged by rules that ask for no code."""
    return Moment(today, today.isoformat(), today.isoformat())


def _remembered(right: Callable[[Value], bool], *, whole: bool) -> Callable[[Column], Iterable[int]]:
    """Look at values that come again and again: dates, codes, amounts, identifiers."""
    known: set[object] = {""}
    takes = {int, str} if whole else {str}

    def wrong(column: Column) -> Iterable[int]:
        if not takes.issuperset(map(type, column)):  # lists have no hash; True and 1.0 are equal to 1
            return _by_identity(column, right)
        if known.issuperset(column):
            return ()
        strange = set(column) - known
        fine = {value for value in strange if right(value)}
        if len(known) < _VALUES_KEPT:
            known.update(fine)
        if len(fine) == len(strange):
            return ()
        strange -= fine
        return [place for place, value in enumerate(column) if value in strange]

    return wrong


def _by_identity(column: Column, right: Callable[[Value], bool]) -> Iterable[int]:
    """Look at each object of a column once: reading makes one of the same few lists of codes."""
    different = {id(value): value for value in column}
    strange = {key for key, value in different.items() if value != "" and not right(value)}
    return [place for place, value in enumerate(column) if id(value) in strange] if strange else ()


def _texts(
    field: Field, right: Callable[[Value], bool], ruled: Callable[[str], bool] | None
) -> Callable[[Column], Iterable[int]]:
    """Look at free texts, few alike: all together, then one by one, and closely only at the odd ones."""
    limit = value_limit(field)
    by_rules = _remembered(cast("Callable[[Value], bool]", ruled), whole=False) if ruled else None

    def wrong(column: Column) -> Iterable[int]:
        texts = cast("Sequence[str]", column)
        try:
            joined = _SEAM.join(texts)
        except TypeError:
            return [place for place, value in enumerate(column) if value != "" and not right(value)]
        places = () if all_plain(texts, joined) else _odd(texts, limit, right)
        return [*places, *by_rules(column)] if by_rules else places

    def all_plain(texts: Sequence[str], joined: str) -> bool:
        lengths = set(map(len, texts))
        return (
            max(lengths) <= limit
            and joined.isprintable()
            and " |" not in joined
            and "| " not in joined
            and joined[:1] != " " != joined[-1:]
            and "\ufffd" not in joined
            and (min(lengths) > LONGEST_PLACEHOLDER or PLACEHOLDERS_AS_WRITTEN.isdisjoint(texts))
        )

    return wrong


def _odd(texts: Sequence[str], limit: int, right: Callable[[Value], bool]) -> Sequence[int]:
    return [
        place
        for place, text in enumerate(texts)
        if text
        and not (
            LONGEST_PLACEHOLDER < len(text) <= limit
            and text.isprintable()
            and text[0] != " " != text[-1]
            and "\ufffd" not in text
        )
        and not right(text)
    ]


# --- between fields ---------------------------------------------------------------------------------------


def _order(rule: NotAfter | NotBefore, field: Field, _item: Item, _today: date) -> _Look:
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


def _prefix(rule: PrefixIff, field: Field, _item: Item, _today: date) -> _Look:
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


def _certificate(rule: CertByType, field: Field, item: Item, today: date) -> _Look:
    """Ask the rule itself, row by row: hardly any number comes twice."""
    judges = bind_value_rules(replace(field, rules=(rule,)), item)
    moment = _moment(today)
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


def _positive(rule: PositiveIf, field: Field, _item: Item, _today: date) -> _Look:
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


def _required_if(rule: RequiredIf | RequiredUnless, field: Field, _item: Item, _today: date) -> _Look:
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


def _required_if_filled(rule: RequiredIfFilled, field: Field, _item: Item, _today: date) -> _Look:
    field_id, ref = field.id, rule.ref

    def look(columns: Columns, rows: int) -> Iterable[int]:
        other = columns.get(ref)
        return [n for n in _empty(columns.get(field_id), rows) if other[n] != ""] if other is not None else ()

    return look


def _empty_if(rule: EmptyIf, field: Field, _item: Item, _today: date) -> _Look:
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


def _groups(item: Item) -> Iterable[_Look]:
    """Look for rows in which nothing of a required group is filled."""
    for _, ids in required_groups(item):

        def look(columns: Columns, rows: int, ids: Sequence[str] = ids) -> Iterable[int]:
            filled = [columns[one] for one in ids if one in columns]
            if not filled:
                return range(rows)
            if any("" not in column for column in filled):
                return ()
            return [n for n, values in enumerate(zip(*filled, strict=True)) if not any(values)]

        yield look


ACROSS: Final[Mapping[type[Rule], Callable[[Any, Field, Item, date], _Look]]] = {
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
