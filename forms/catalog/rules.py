"""Rules of a field, and between fields, as data: one frozen class a kind, one table kind → class.

A rule says what must hold; how that is found out stands in `bound`, never here. Nothing is evaluated:
a catalog file can only choose from this table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Final, Literal, Self, cast

from forms.catalog.reading import Table

PATTERN_LIMIT: Final = 200
"""Most characters of a pattern in a catalog file; longer ones are refused by the loader."""

REPORTING_DAY: Final = "$today"
"""Stands for the day of reporting where a rule names a date."""

IdentifierKind = Literal["uscc", "orgcode", "regno", "idcard"]


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when the other field has one of these codes; in a set, when it contains any of them.

    Attributes:
        field: id of the other field.
        codes: codes of that field's code set.
        over: ``in`` for a single code, ``contains_any`` for a set.
    """

    field: str
    codes: frozenset[str]
    over: Literal["in", "contains_any"]

    @classmethod
    def read(cls, table: Table) -> Condition:
        """Read ``field`` with either ``in`` or ``contains_any``."""
        many = "contains_any" in table
        if many == ("in" in table):
            table.fault("", "unclear_condition", "either in or contains_any")
        over: Literal["in", "contains_any"] = "contains_any" if many else "in"
        return cls(table.text("field"), frozenset(table.texts(over)), over)


def _pattern(table: Table) -> re.Pattern[str]:
    text = table.text("pattern")
    if len(text) > PATTERN_LIMIT:
        table.fault("pattern", "pattern_too_long", f"{len(text)} characters, at most {PATTERN_LIMIT}")
        text = ""
    try:
        return re.compile(text)
    except re.error as error:
        table.fault("pattern", "bad_pattern", error)
        return re.compile("")


def _identifiers(table: Table) -> tuple[IdentifierKind, ...]:
    kinds = table.texts("of")
    for place, kind in enumerate(kinds):
        if kind not in IDENTIFIER_KINDS:
            table.fault(f"of/{place}", "not_of_choice", kind)
    return cast("tuple[IdentifierKind, ...]", kinds)


ANY: Final = frozenset({"string", "text", "date", "decimal", "int", "enum", "set", "attachment", "group"})
TEXTS: Final = frozenset({"string", "text"})
NUMBERS: Final = frozenset({"decimal", "int"})
DATES: Final = frozenset({"date"})
IDENTIFIER_KINDS: Final[tuple[IdentifierKind, ...]] = ("uscc", "orgcode", "regno", "idcard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What every rule has: where it comes from.

    Attributes:
        kind: how catalog files name it.
        suits: types of field that it can stand on.
        source: as the catalog file has it, e.g. ``RECALLED``; empty when the field's own basis holds.
    """

    kind: ClassVar[str] = ""
    suits: ClassVar[frozenset[str]] = frozenset()
    source: str = ""

    @classmethod
    def read(cls, _table: Table, /) -> Self:
        """Read the rule from its place in a catalog file; `kind` and `done` are the caller's."""
        return cls()

    def fields(self) -> tuple[str, ...]:
        """Name the other fields that the rule looks at; the loader refuses what the item lacks."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional(Rule):
    """A rule that depends on the codes of another field."""

    when: Condition

    @classmethod
    def read(cls, table: Table, /) -> Self:
        return cls(when=Condition.read(table))

    def fields(self) -> tuple[str, ...]:
        return (self.when.field,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Referring(Rule):
    """A rule that looks at another field; ``$today`` stands for the reporting day."""

    ref: str

    @classmethod
    def read(cls, table: Table, /) -> Self:
        return cls(ref=table.text("ref"))

    def fields(self) -> tuple[str, ...]:
        return () if self.ref == REPORTING_DAY else (self.ref,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed(Rule):
    """Only these codes of the code set may stand in this item."""

    kind = "allowed"
    suits = frozenset({"enum"})
    values: tuple[str, ...]

    @classmethod
    def read(cls, table: Table, /) -> Self:
        return cls(values=table.texts("values"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixIff(Referring):
    """The code is `value` exactly when the text in `ref` begins with `prefix`."""

    kind = "prefix_iff"
    suits = frozenset({"enum"})
    prefix: str
    value: str

    @classmethod
    def read(cls, table: Table, /) -> Self:
        return cls(ref=table.text("ref"), prefix=table.text("prefix"), value=table.text("value"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Uscc(Rule):
    """A unified social credit code (统一社会信用代码)."""

    kind = "uscc"
    suits = TEXTS


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgCode(Rule):
    """An organisation code (组织机构代码)."""

    kind = "orgcode"
    suits = TEXTS


@dataclass(frozen=True, slots=True, kw_only=True)
class RegNo(Rule):
    """A business registration number (工商注册号)."""

    kind = "regno"
    suits = TEXTS


@dataclass(frozen=True, slots=True, kw_only=True)
class IdCard(Rule):
    """A resident identity number (公民身份号码)."""

    kind = "idcard"
    suits = TEXTS


@dataclass(frozen=True, slots=True, kw_only=True)
class CertByType(Rule):
    """A certificate number, judged by the kind of certificate in `type_field`."""

    kind = "cert_by_type"
    suits = TEXTS
    type_field: str

    @classmethod
    def read(cls, table: Table, /) -> Self:
        return cls(type_field=table.text("type_field"))

    def fields(self) -> tuple[str, ...]:
        return (self.type_field,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regex(Rule):
    """The whole text matches `pattern`, compiled once when the catalog is read."""

    kind = "regex"
    suits = TEXTS
    pattern: re.Pattern[str]

    @classmethod
    def read(cls, table: Table, /) -> Self:
        return cls(pattern=_pattern(table))


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredIf(Conditional):
    """Must be filled when the condition holds."""

    kind = "required_if"
    suits = ANY


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredUnless(Conditional):
    """Must be filled unless the condition holds."""

    kind = "required_unless"
    suits = ANY


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredIfFilled(Referring):
    """Must be filled when the field `ref` is."""

    kind = "required_if_filled"
    suits = ANY


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyIf(Conditional):
    """Must stay empty when the condition holds."""

    kind = "empty_if"
    suits = ANY


@dataclass(frozen=True, slots=True, kw_only=True)
class PositiveIf(Conditional):
    """A filled amount must be more than nought when the condition holds."""

    kind = "positive_if"
    suits = NUMBERS


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAfter(Referring):
    """Not later than the date in `ref`, or than the reporting day (``$today``)."""

    kind = "not_after"
    suits = DATES


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBefore(Referring):
    """Not earlier than the date in `ref`, or than the reporting day (``$today``)."""

    kind = "not_before"
    suits = DATES


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEnd(Rule):
    """The date `value` stands for "long term" (长期); nothing later may stand here."""

    kind = "open_end"
    suits = DATES
    value: date

    @classmethod
    def read(cls, table: Table, /) -> Self:
        return cls(value=table.day("value"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf(Rule):
    """Exported templates join the codes with `separator`, so no text of a code may hold it."""

    kind = "list"
    suits = frozenset({"set"})
    separator: str

    @classmethod
    def read(cls, table: Table, /) -> Self:
        return cls(separator=table.text("separator"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf(Rule):
    """The text is at least one of these kinds of identifier."""

    kind = "one_of"
    suits = TEXTS
    of: tuple[IdentifierKind, ...]

    @classmethod
    def read(cls, table: Table, /) -> Self:
        return cls(of=_identifiers(table))


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Rule):
    """A name, written out: never masked with asterisks.

    Attributes:
        shortest: shorter names are doubtful, a warning to be answered; 1 for no limit.
    """

    kind = "name"
    suits = TEXTS
    shortest: int = 1

    @classmethod
    def read(cls, table: Table, /) -> Self:
        return cls(shortest=table.maybe_whole("shortest") or 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNegative(Rule):
    """An amount of nought or more."""

    kind = "not_negative"
    suits = NUMBERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent(Rule):
    """A date more than `years` before the reporting day is doubtful, a warning to be answered."""

    kind = "recent"
    suits = DATES
    years: int

    @classmethod
    def read(cls, table: Table, /) -> Self:
        return cls(years=table.whole("years"))


RULES: Final[Mapping[str, type[Rule]]] = {
    rule.kind: rule
    for rule in (
        Allowed, PrefixIff, Uscc, OrgCode, RegNo, IdCard, CertByType, Regex, RequiredIf, RequiredUnless,
        RequiredIfFilled, EmptyIf, PositiveIf, NotAfter, NotBefore, OpenEnd, ListOf, OneOf,
        Name, NotNegative, Recent,
    )
}  # fmt: skip
"""Every kind of rule that a catalog file may use."""


def read_rule(table: Table) -> Rule | None:
    """Read one rule of a catalog file; None and a fault when its kind is unknown."""
    kind = table.text("kind")
    rule = RULES.get(kind)
    if rule is None:
        table.fault("kind", "unknown_rule", kind)
        return None
    source = table.maybe_text("basis") or ""
    found = replace(rule.read(table), source=source)
    table.done()
    return found
