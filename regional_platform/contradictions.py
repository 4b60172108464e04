"""What contradicts what (同人不同信): rules as data, read strictly, and held against records.

Pure but for `load_rules`. No rule is official; each says where it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, cast, get_args

from forms.catalog.codesetfile import read_basis
from forms.catalog.reading import Faults, Table, read_json
from forms.catalog.schema import Basis, CatalogSet, Values
from regional_platform.pipeline.subjects import name_key

Kind = Literal["same_act", "registration_differs", "permit_after_closing", "red_and_black"]
Attribute = Literal["name", "representative", "status"]

FILE: Final = "contradictions.json"
ATTRIBUTES: Final[tuple[Attribute, ...]] = ("name", "representative", "status")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a registration record says what a subject is. Ids of fields; empty where there is none.

    Attributes:
        open, closed: what the status says; a word counts wherever it stands in it.
        closed_on: the day on which it was closed; without it the day on which the platform was told.
    """

    item: str
    name: str
    representative: str
    status: str
    open: tuple[str, ...]
    closed: tuple[str, ...]
    closed_on: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules.

    Attributes:
        names: kind → name, for people.
        standing: code of an item → how it registers a subject; two units may report the same one.
        permits: codes of items that nobody who is closed can be given.
    """

    names: Mapping[Kind, str]
    standing: Mapping[str, Standing]
    permits: frozenset[str]


@dataclass(frozen=True, slots=True)
class Held:
    """A record as it stands: its last accepted version.

    Attributes:
        order: rises with every version that the platform receives.
        told_on: day on which that version came.
        values: of the version; empty where the rule does not need them.
    """

    record_id: str
    unit: str
    city: str
    item: str
    subject_code: str | None
    act_on: str
    version_id: str
    order: int
    told_on: str = ""
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """Records that contradict each other; `attributes` in what, for registrations."""

    kind: Kind
    key: str
    subject_code: str | None
    records: tuple[Held, ...]
    attributes: tuple[Attribute, ...] = ()


def key_of(kind: Kind, what: str) -> str:
    """Return what is the same for one conflict, however often it is found: of an act, or of a subject."""
    return f"{kind} {what}"


def same_act(act_key: str, records: Sequence[Held]) -> Found | None:
    """Say whether two units have reported one act."""
    if len({one.unit for one in records}) < 2:
        return None
    return Found("same_act", key_of("same_act", act_key), records[0].subject_code, _ordered(records))


def registration_differs(rules: Rules, code: str, records: Sequence[Held]) -> Found | None:
    """Say whether registration records of two units disagree on name, representative or status."""
    said = {one.record_id: _said(rules.standing[one.item], one.values) for one in records}
    apart = tuple(
        attribute
        for attribute in ATTRIBUTES
        if any(
            said[one.record_id][attribute] != said[other.record_id][attribute]
            for one in records
            for other in records
            if one.unit != other.unit and said[one.record_id][attribute] and said[other.record_id][attribute]
        )
    )
    if not apart:
        return None
    involved = [one for one in records if any(said[one.record_id][attribute] for attribute in apart)]
    return Found(
        "registration_differs", key_of("registration_differs", code), code, _ordered(involved), apart
    )


def closed_on(rules: Rules, record: Held) -> str | None:
    """Return the day from which a registration record says that its subject is no more; None: it goes on."""
    rule = rules.standing[record.item]
    if _said(rule, record.values)["status"] != "closed":
        return None
    return str(record.values.get(rule.closed_on, "")) or record.told_on


def permit_after_closing(code: str, closing: Held, day: str, permits: Iterable[Held]) -> Found | None:
    """Say whether a subject was given a permit after the day on which it was closed."""
    later = [one for one in permits if one.act_on > day]
    if not later:
        return None
    kind: Kind = "permit_after_closing"
    return Found(kind, key_of(kind, code), code, _ordered([closing, *later]))


def red_and_black(code: str, red: Sequence[Held], black: Sequence[Held]) -> Found | None:
    """Say whether a subject is on a red and on a black list at one time."""
    if not red or not black:
        return None
    return Found("red_and_black", key_of("red_and_black", code), code, _ordered([*red, *black]))


def _ordered(records: Iterable[Held]) -> tuple[Held, ...]:
    return tuple(sorted(records, key=lambda one: (one.order, one.record_id)))


def _said(rule: Standing, values: Values) -> dict[Attribute, str]:
    """Name and representative as they are compared; of the status whether it goes on; empty: not said."""
    status = str(values.get(rule.status, "")) if rule.status else ""
    is_closed, is_open = _speaks_of(status, rule.closed), _speaks_of(status, rule.open)
    return {
        "name": name_key(str(values.get(rule.name, ""))),
        "representative": name_key(str(values.get(rule.representative, ""))) if rule.representative else "",
        "status": "closed" if is_closed else "open" if is_open else "",
    }


def _speaks_of(status: str, words: Iterable[str]) -> bool:
    return any(word == status or (len(word) > 1 and word in status) for word in words)


def load_rules(resources: Path) -> Rules:
    """Read `contradictions.json`; whether it fits a set, `hold_against` says.

    Raises:
        CatalogError: with all faults.
    """
    faults = Faults()
    table = Table(read_json(resources / FILE, FILE, faults), FILE, "", faults)
    tags = Table(read_json(resources / "catalogs" / "sources.json", "sources.json", faults), "", "", faults)
    sources = frozenset(tags.names())
    table.text("title"), table.maybe_text("note")
    read_basis(table, "basis", table.text("basis"), sources)
    names: dict[Kind, str] = {}
    for entry in table.tables("rules"):
        names[cast("Kind", entry.choice("kind", get_args(Kind)))] = entry.text("name")
        _done(entry, sources)
    standing = [_read_standing(entry, sources) for entry in table.tables("standing")]
    permits = []
    for entry in table.tables("permits"):
        permits.append(entry.text("item"))
        _done(entry, sources)
    for entry in table.tables("left_out"):
        entry.text("what"), entry.text("because")
        _done(entry, sources)
    table.done()
    faults.raise_if_any()
    return Rules(
        MappingProxyType(names), MappingProxyType({one.item: one for one in standing}), frozenset(permits)
    )


def hold_against(rules: Rules, found: CatalogSet) -> list[str]:
    """Return what does not fit a set."""
    wrong = [f"{kind}: no name" for kind in get_args(Kind) if kind not in rules.names]
    for code in (*rules.standing, *rules.permits):
        item = found.items.get(code)
        if item is None:
            wrong.append(f"{code}: unknown item")
        elif not item.subject_code or (code in rules.permits and not item.act_on):
            wrong.append(f"{code}: has no subject or no day")
    wrong += [
        f"{rule.item}: no field {name}"
        for rule in rules.standing.values()
        for name in (rule.name, rule.representative, rule.status, rule.closed_on)
        if name and rule.item in found.items and name not in found.items[rule.item].by_id
    ]
    return wrong


def _read_standing(entry: Table, sources: frozenset[str]) -> Standing:
    rule: dict[str, Any] = {"item": entry.text("item"), "name": entry.text("name")}
    for key in ("representative", "status", "closed_on"):
        rule[key] = entry.maybe_text(key) or ""
    for key in ("open", "closed"):
        rule[key] = entry.texts(key)
    return Standing(**rule, basis=_done(entry, sources))


def _done(entry: Table, sources: frozenset[str]) -> Basis:
    basis = read_basis(entry, "basis", entry.text("basis"), sources)
    entry.done()
    return basis
