"""Rule sets (规则集): what one instrument says of the time to handle a case, as data that names its clauses.

A rule set holds somewhere, not everywhere: which one a city follows, an administrator chooses and confirms.
Read strictly: an unknown key is an error with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, cast, get_args

from forms.catalog.reading import CatalogError, Faults, Table, parse_json, read_json
from forms.law.clocks import ACTORS, EVENT_KINDS, PROVENANCES, Actor, Clock, Extension, Only, Provenance
from forms.law.counting import UNITS, Unit

Kind = Literal["objection", "repair"]
Severity = Literal["minor", "ordinary", "serious"]
"""轻微, 一般, 严重."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
DEFAULTS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "objection": ("fujian-objection",),
    "repair": ("national-repair-2026", "national-repair-2023", "national-repair-2019"),
}
"""What is followed where nobody has chosen: the first that holds on the day. None of them is confirmed."""

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_COUNTED: Final = frozenset({"working_day", "natural_day", "month", "year"})


class RuleError(ValueError):
    """A rule set is not as it must be; `faults` says where and why."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults: Final = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class Span:
    """A time such as three months."""

    length: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class RepairPeriod:
    """How long what was published stays, for one class of dishonesty (失信行为).

    Attributes:
        title: what falls under the class, in a few words.
        shortest: before it ends no repair may be granted; None where there is none.
        longest: after it publication stops anyway; None where the instrument says nothing.
        runs_from: what the time runs from.
    """

    severity: Severity
    title: str
    shortest: Span | None
    longest: Span | None
    runs_from: Literal["published", "decided", "unknown"]
    clause: str
    source: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one instrument for one kind of case.

    Attributes:
        since, until: the days from and to which the instrument is in force; None where not known, or open.
        stops_publication: while a case is open the record is not published.
        remedies: what the applicant may do against the outcome, as it stands in letters.
        not_repairable: what is never repaired early, in a few words.
        note: what a reader must know before following it; empty when there is nothing.
    """

    id: str
    title: str
    holds_in: str
    kind: Kind
    instrument: str
    number: str
    since: date | None
    until: date | None
    clocks: tuple[Clock, ...]
    stops_publication: bool
    remedies: tuple[str, ...]
    repair_periods: tuple[RepairPeriod, ...]
    not_repairable: tuple[str, ...]
    source: str
    provenance: Provenance
    note: str

    def holds_on(self, day: date) -> bool:
        """Tell whether the instrument is in force on a day, as far as its dates are known."""
        return (self.since or date.min) <= day <= (self.until or date.max)

    def clock(self, clock_id: str) -> Clock | None:
        """Return a clock by its id."""
        return next((one for one in self.clocks if one.id == clock_id), None)

    def period(self, severity: str) -> RepairPeriod | None:
        """Return the repair period of a class."""
        return next((one for one in self.repair_periods if one.severity == severity), None)


@dataclass(frozen=True, slots=True)
class Followed:
    """The rule set that a city follows, and who confirmed it.

    Attributes:
        chosen_since: from when; None where nobody has chosen and what ships is followed.
        confirmed_by, confirmed_on: None while the legal office has not confirmed it.
    """

    rule_set: RuleSet
    chosen_since: date | None
    confirmed_by: str | None
    confirmed_on: date | None

    @property
    def confirmed(self) -> bool:
        """Whether somebody stands for it."""
        return self.confirmed_by is not None


def load(directory: Path) -> Mapping[str, RuleSet]:
    """Read every rule set of a directory, by id; a file is named after its set.

    Raises:
        RuleError: with every fault of every file.
    """
    faults = Faults()
    sets: dict[str, RuleSet] = {}
    for path in sorted(directory.glob("*.json")):
        one = _read(read_json(path, path.name, faults), path.name, faults)
        if one.id != path.stem:
            faults.add(path.name, "id", "not_of_choice", f"{one.id!r}, the file's name is needed")
        sets[one.id] = one
    refuse(faults)
    return MappingProxyType(sets)


def read_rule_set(said: object) -> RuleSet:
    """Read one rule set from its JSON form.

    Raises:
        RuleError: with every fault and its path.
    """
    faults = Faults()
    one = _read(said, "规则集", faults)
    refuse(faults)
    return one


def parse_rule_set(content: bytes) -> RuleSet:
    """Read one rule set from the bytes of its file.

    Raises:
        RuleError: as `read_rule_set`; or it is no JSON.
    """
    faults = Faults()
    said = parse_json(content, "规则集", faults)
    refuse(faults)
    return read_rule_set(said)


def default_set(sets: Mapping[str, RuleSet], kind: Kind, on: date) -> RuleSet:
    """Return the set that is followed where nobody has chosen one."""
    named = [sets[name] for name in DEFAULTS[kind]]
    return next((one for one in named if one.holds_on(on)), named[0])


def refuse(faults: Faults) -> None:
    """Raise RuleError with all that was noted; do nothing when that is nothing."""
    try:
        faults.raise_if_any()
    except CatalogError as error:
        raise RuleError(tuple(str(fault) for fault in error.faults)) from error


def _read(said: object, file: str, faults: Faults) -> RuleSet:
    table = Table(said, file, "", faults)
    name = table.text("id")
    if not _ID.fullmatch(name):
        table.fault("id", "not_of_choice", "small letters, digits and hyphens are needed")
    since, until = table.maybe_day("since"), table.maybe_day("until")
    if since and until and until < since:
        table.fault("until", "before_since", until)
    clocks = tuple(_read_clock(one) for one in table.tables("clocks"))
    periods = tuple(_read_period(one) for one in table.tables("repair_periods"))
    _once(table, "clocks", [one.id for one in clocks])
    _once(table, "repair_periods", [one.severity for one in periods])
    kind = cast("Kind", table.choice("kind", KINDS))
    if periods and kind != "repair":
        table.fault("repair_periods", "not_of_choice", "only of the kind repair")
    one = RuleSet(
        id=name,
        title=table.text("title"),
        holds_in=table.text("holds_in"),
        kind=kind,
        instrument=table.text("instrument"),
        number=table.maybe_text("number") or "",
        since=since,
        until=until,
        clocks=clocks,
        stops_publication=table.flag("stops_publication"),
        remedies=table.texts("remedies"),
        repair_periods=periods,
        not_repairable=table.texts("not_repairable"),
        source=table.maybe_text("source") or "",
        provenance=_provenance(table),
        note=table.maybe_text("note") or "",
    )
    table.done()
    return one


def _once(table: Table, key: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            table.fault(f"{key}/{place}", "doubled", name)
        seen.add(name)


def _provenance(table: Table) -> Provenance:
    return cast("Provenance", table.choice("provenance", PROVENANCES))


def _kinds(table: Table, key: str) -> tuple[str, ...]:
    kinds = table.texts(key)
    if not kinds:
        table.fault(key, "missing_key")
    for place, kind in enumerate(kinds):
        if kind not in EVENT_KINDS:
            table.fault(f"{key}/{place}", "not_of_choice", kind)
    return kinds


def _read_clock(table: Table) -> Clock:
    unit = cast("Unit", table.choice("unit", UNITS))
    length = table.maybe_whole("length")
    if length is not None and (unit not in _COUNTED or length == 0):
        table.fault("length", "not_of_choice", f"{length}, of the unit {unit}")
    clock = Clock(
        id=table.text("id"),
        title=table.text("title"),
        actor=cast("Actor", table.choice("actor", ACTORS)),
        starts=_kinds(table, "starts"),
        stops=_kinds(table, "stops"),
        length=length,
        unit=unit,
        suspends=table.flag("suspends"),
        extension=_read_extension(table, length, unit),
        only=cast("Only | None", table.maybe_text("only")),
        clause=table.maybe_text("clause") or "",
        source=table.maybe_text("source") or "",
        provenance=_provenance(table),
    )
    if clock.only not in (None, *get_args(Only)):
        table.fault("only", "not_of_choice", clock.only)
    table.done()
    return clock


def _read_extension(clock: Table, length: int | None, unit: Unit) -> Extension | None:
    table = clock.table("extension")
    if "extension" not in clock:
        return None
    most, in_all = table.whole("most"), table.flag("in_all")
    if length is None or most <= (length if in_all else 0):
        table.fault("most", "not_of_choice", f"{most} adds nothing")
    if table.choice("unit", UNITS) != unit:
        table.fault("unit", "not_of_choice", f"the clock's own unit is needed: {unit}")
    extension = Extension(most=most, unit=unit, in_all=in_all, by=table.text("by"))
    table.done()
    return extension


def _read_period(table: Table) -> RepairPeriod:
    period = RepairPeriod(
        severity=cast("Severity", table.choice("severity", SEVERITIES)),
        title=table.text("title"),
        shortest=_read_span(table, "shortest"),
        longest=_read_span(table, "longest"),
        runs_from=cast("Any", table.choice("runs_from", ("published", "decided", "unknown"))),
        clause=table.maybe_text("clause") or "",
        source=table.maybe_text("source") or "",
        provenance=_provenance(table),
    )
    table.done()
    return period


def _read_span(period: Table, key: str) -> Span | None:
    table = period.table(key)
    if key not in period:
        return None
    span = Span(table.whole("length"), cast("Unit", table.choice("unit", sorted(_COUNTED))))
    if not span.length:
        table.fault("length", "not_of_choice", 0)
    table.done()
    return span
