"""Many records looked over at once, column by column: which of them are surely right.

It is no validator. It vouches for a row only where `check` would find nothing, and leaves every other row
to `check`; so it may doubt too much, and never too little. What it has to say of one value it asks `check`
itself, once a value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any, Final, cast

from forms.catalog.across import ACROSS, Column, Columns, group_looks
from forms.catalog.bound import bind_value_rules
from forms.catalog.bound_identifiers import Moment
from forms.catalog.check import check
from forms.catalog.codes import are_usccs
from forms.catalog.nested import NESTED
from forms.catalog.problems import Problem
from forms.catalog.rules import Name, Rule, Uscc
from forms.catalog.schema import Field, Item, Value
from forms.catalog.shapes import LONGEST_PLACEHOLDER, PLACEHOLDERS_AS_WRITTEN, codes_of, value_limit

_Wrong = Callable[[Column, bool], Iterable[int]]
"""(values of one field, whether they are known to be plain) → places of those that are not right."""

_VALUES_KEPT: Final = 20_000
"""Different values of one field that are remembered as right."""

_FEW: Final = 50
"""Texts that are looked at one by one when something is odd about them together."""

_ONLY_TEXT: Final = frozenset({str})
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
        self._own = [(field.id, field.required, _wrong(field, item, reported_on)) for field in item.fields]
        self._looks = [
            ACROSS[type(rule)](rule, field, item, reported_on)
            for field in item.fields
            for rule in field.rules
            if rule.fields()
        ]
        self._looks += group_looks(item)

    def doubtful(self, columns: Columns, rows: int, *, plain: Collection[str] = ()) -> set[int]:
        """Return the places of all rows that `check` has to look at; it finds nothing in the others.

        Args:
            columns: of fields of the item.
            rows: how many each of them has.
            plain: fields whose values are known to be texts that can be printed, no blanks at their ends and
                no character lost.
        """
        places: set[int] = set()
        if not rows:
            return places
        for field_id, required, wrong in self._own:
            column = columns.get(field_id)
            if column is not None:
                places.update(wrong(column, field_id in plain))
                if required and "" in column:
                    places.update(place for place, value in enumerate(column) if value == "")
            elif required:
                return set(range(rows))
        for look in self._looks:
            places.update(look(columns, rows))
        return places


# --- one field by itself ----------------------------------------------------------------------------------


def _wrong(field: Field, item: Item, today: date) -> _Wrong:
    """Look at the values of one field, whatever stands in the others."""
    right = _never if field.type in NESTED else _alone(field, item, today)
    if field.type in {"string", "text"} and field.code_set is None:
        return _texts(field, right, _by_rules(field, item, today))
    remembered = _remembered(right, whole=field.type == "int")
    return lambda column, _plain: remembered(column)


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


def _by_rules(field: Field, item: Item, today: date) -> Callable[[Column], Iterable[int]] | None:
    """Ask only the rules of texts that are fine otherwise; None where there are none."""
    rules = _own_rules(field)
    judges = bind_value_rules(replace(field, rules=rules), item)
    moment = Moment(today, today.isoformat(), today.isoformat())

    def right(text: Value) -> bool:
        found: list[Problem] = []
        for judge in judges:
            judge(text, {}, moment, found)
        return not found

    remembered = _remembered(right, whole=False)
    if len(rules) == 1 and type(rules[0]) in _TOGETHER:
        all_right = _TOGETHER[type(rules[0])](rules[0])
        return lambda column: _by_the_few(cast("Sequence[str]", column), all_right, remembered)
    return remembered if judges else None


def _are_names(rule: Name) -> Callable[[Sequence[str]], bool]:
    def all_right(texts: Sequence[str]) -> bool:
        joined = "".join(texts)
        return (
            "*" not in joined
            and "＊" not in joined
            and min(map(len, filter(None, texts)), default=rule.shortest) >= rule.shortest
        )

    return all_right


_TOGETHER: Final[Mapping[type[Rule], Callable[[Any], Callable[[Sequence[str]], bool]]]] = {
    Name: _are_names,
    Uscc: lambda _rule: are_usccs,
}
"""Rules that can be asked of many texts at once, no two of which need be alike."""


def _by_the_few(
    texts: Sequence[str],
    all_right: Callable[[Sequence[str]], bool],
    wrong: Callable[[Sequence[str]], Iterable[int]],
) -> Iterable[int]:
    """Look at texts together; where something is odd, at some of them together, and then one by one."""
    if all_right(texts):
        return ()
    places: list[int] = []
    for start in range(0, len(texts), _FEW):
        some = texts[start : start + _FEW]
        if not all_right(some):
            places += [start + place for place in wrong(some)]
    return places


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
    field: Field, right: Callable[[Value], bool], by_rules: Callable[[Column], Iterable[int]] | None
) -> _Wrong:
    """Look at free texts, few alike: all together, then one by one, and closely only at the odd ones."""
    limit = value_limit(field)

    def odd(texts: Sequence[str]) -> Iterable[int]:
        return [n for n, one in enumerate(texts) if one and not (long_and_plain(one) or right(one))]

    def long_and_plain(text: str) -> bool:
        return (
            LONGEST_PLACEHOLDER < len(text) <= limit
            and text.isprintable()
            and text[0] != " " != text[-1]
            and "\ufffd" not in text
        )

    def fine(texts: Sequence[str]) -> bool:
        return _are_plain(_SEAM.join(texts)) and _have_length(texts, limit)

    def wrong(column: Column, plain: bool) -> Iterable[int]:  # noqa: FBT001 - as all of its kind are called
        texts = cast("Sequence[str]", column)
        if plain and _have_length(texts, limit):
            places: Iterable[int] = ()
        elif not _ONLY_TEXT.issuperset(map(type, column)):
            return [place for place, value in enumerate(column) if value != "" and not right(value)]
        else:
            places = _by_the_few(texts, fine, odd)
        return [*places, *by_rules(column)] if by_rules else places

    return wrong


def _are_plain(joined: str) -> bool:
    return (
        joined.isprintable()
        and " |" not in joined
        and "| " not in joined
        and "\ufffd" not in joined
        and joined[:1] != " " != joined[-1:]
    )


def _have_length(texts: Sequence[str], limit: int) -> bool:
    """Whether no text is too long or stands for nothing."""
    lengths = set(map(len, texts))
    return max(lengths) <= limit and (
        min(lengths) > LONGEST_PLACEHOLDER or PLACEHOLDERS_AS_WRITTEN.isdisjoint(texts)
    )
