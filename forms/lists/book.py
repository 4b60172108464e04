"""Which items of the catalog are lists (名单), and what their fields mean there: data, read strictly.

The catalog does not say it. `resources/lists.json` does, with where each line comes from; every item of a
class that it names is either a list there, or left out with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, cast, get_args

from forms.catalog.codesetfile import read_basis
from forms.catalog.reading import Faults, Table, read_json
from forms.catalog.schema import Basis, CatalogSet

Kind = Literal["black", "red", "other"]
"""黑名单, 红名单, and what is neither: 经营异常名录 and its like."""

FILE: Final = "lists.json"
_CLOCK: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_REMOVAL: Final = ("on", "because", "by")


@dataclass(frozen=True, slots=True)
class ListName:
    """A list: its code, name and kind, the code set that names it (or none), and where we know it from."""

    code: str
    name: str
    kind: Kind
    code_set: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Rule:
    """How a record of an item becomes an entry of a list. Ids of fields; empty where there is none.

    Attributes:
        item: code of the item.
        list: the list that every record of the item is for; empty when `list_field` says it.
        list_field: holds the code of the list, out of `code_set`.
        ground: on what ground, in this order.
        since: from when; without it from the day on which the record is stored.
        until: the last day.
        removed_on: the first day on which it is no longer on the list.
        removed_because, removed_by: why, and who decided so.
        keeper: who put it there, as the record names them.
    """

    item: str
    list: str
    list_field: str
    code_set: str
    ground: tuple[str, ...]
    since: str
    until: str
    removed_on: str
    removed_because: str
    removed_by: str
    keeper: str
    basis: Basis

    def fields(self) -> tuple[str, ...]:
        """The ids of all fields that it names."""
        named = (
            self.list_field, *self.ground, self.since, self.until, self.removed_on, self.removed_because,
            self.removed_by, self.keeper,
        )  # fmt: skip
        return tuple(name for name in named if name)


@dataclass(frozen=True, slots=True)
class Book:
    """All lists.

    Attributes:
        classes: of the national classes those that hold lists, by number → of what kind.
        names: code → list.
        rules: code of an item → how its records become entries.
        left_out: items of the same classes that are no lists, and why not.
        publish_at: when the day's snapshots are due, in Asia/Shanghai.
    """

    classes: Mapping[str, Kind]
    names: Mapping[str, ListName]
    rules: Mapping[str, Rule]
    left_out: Mapping[str, str]
    publish_at: time

    def items_of(self, code: str) -> tuple[str, ...]:
        """Return the codes of the items that feed a list."""
        named_by = self.names[code].code_set
        return tuple(
            sorted(
                rule.item
                for rule in self.rules.values()
                if rule.list == code or (rule.list_field and rule.code_set == named_by)
            )
        )


def load_book(resources: Path, sets: Collection[CatalogSet]) -> Book:
    """Read `lists.json`; whether it fits a set, `hold_against` says.

    Args:
        resources: the folder.
        sets: of the catalog; their code sets name lists.

    Raises:
        CatalogError: with all faults.
    """
    faults = Faults()
    table = Table(read_json(resources / FILE, FILE, faults), FILE, "", faults)
    tags = Table(read_json(resources / "catalogs" / "sources.json", "sources.json", faults), "", "", faults)
    sources = frozenset(tags.names())
    table.text("title"), table.maybe_text("note")
    read_basis(table, "basis", table.text("basis"), sources)
    publish_at = _read_clock(table.table("publish"), sources)
    names = _read_names(table, sources, sets)
    rules = {rule.item: rule for rule in _read_rules(table, sources, names)}
    left_out = _read_left_out(table, sources)
    classes = table.table("classes")
    kinds = {number: cast("Kind", classes.choice(number, get_args(Kind))) for number in classes.names()}
    table.done()
    faults.raise_if_any()
    return Book(
        MappingProxyType(kinds), MappingProxyType(names), MappingProxyType(rules),
        MappingProxyType(left_out), publish_at,
    )  # fmt: skip


def hold_against(book: Book, found: CatalogSet) -> list[str]:
    """Return what does not fit a set, whose items are read for it; empty when all fits.

    Every item of the classes is told of, and what is told of an item is in its fields.
    """
    told = {*book.rules, *book.left_out}
    wrong = [f"{code}: unknown item" for code in sorted(told - found.entries.keys())]
    wrong += [
        f"{code}: neither a list nor left out"
        for code, entry in sorted(found.entries.items())
        if entry.category.partition(" ")[0] in book.classes and code not in told
    ]
    for rule in book.rules.values():
        item = found.items.get(rule.item)
        if item is None:
            continue
        wrong += [f"{rule.item}: no field {name}" for name in rule.fields() if name not in item.by_id]
        wrong += [
            f"{rule.item}: {name} is no date"
            for name in (rule.since, rule.until, rule.removed_on)
            if name in item.by_id and item.by_id[name].type not in {"date", "string"}
        ]
        if rule.list_field in item.by_id:
            code_set = item.by_id[rule.list_field].code_set
            if code_set is None or code_set.id != rule.code_set:
                wrong.append(f"{rule.item}: {rule.list_field} is not of {rule.code_set}")
        if item.sharing == "授权":
            wrong.append(f"{rule.item}: what only some may see cannot be published")
    return wrong


def _read_clock(table: Table, sources: frozenset[str]) -> time:
    text = table.text("at")
    read_basis(table, "basis", table.text("basis"), sources)
    table.done()
    if not _CLOCK.fullmatch(text):
        table.fault("at", "not_a_time", text)
        return time.min
    return time.fromisoformat(text)


def _read_names(table: Table, sources: frozenset[str], sets: Collection[CatalogSet]) -> dict[str, ListName]:
    names: dict[str, ListName] = {}
    kinds = get_args(Kind)
    for entry in table.tables("code_sets"):
        set_id, kind = entry.text("code_set"), cast("Kind", entry.choice("kind", kinds))
        entry.done()
        holders = [one for one in sets if set_id in one.code_sets]
        if not holders:
            entry.fault("code_set", "unknown_code_set", set_id)
        for named in (named for one in holders for named in one.code_sets[set_id].codes):
            basis = named.basis or Basis("derived", "DERIVED")
            names[named.code] = ListName(named.code, named.name, kind, set_id, basis)
    for entry in table.tables("lists"):
        code, kind = entry.text("list"), cast("Kind", entry.choice("kind", kinds))
        basis = read_basis(entry, "basis", entry.text("basis"), sources)
        if code in names:
            entry.fault("list", "doubled", code)
        names[code] = ListName(code, entry.text("name"), kind, "", basis)
        entry.done()
    return names


def _read_rules(table: Table, sources: frozenset[str], names: Mapping[str, ListName]) -> list[Rule]:
    rules: list[Rule] = []
    seen: set[str] = set()
    for entry in table.tables("items"):
        rule = _read_rule(entry, sources)
        if rule.item in seen:
            entry.fault("item", "doubled", rule.item)
        seen.add(rule.item)
        if bool(rule.list) == bool(rule.list_field) or bool(rule.list_field) != bool(rule.code_set):
            entry.fault("list", "either_list_or_field", rule.item)
        if rule.list and rule.list not in names:
            entry.fault("list", "unknown_list", rule.list)
        if rule.code_set and all(one.code_set != rule.code_set for one in names.values()):
            entry.fault("code_set", "unknown_code_set", rule.code_set)
        rules.append(rule)
    return rules


def _read_rule(entry: Table, sources: frozenset[str]) -> Rule:
    removed = entry.table("removed")
    removal = [removed.maybe_text(key) or "" for key in _REMOVAL]
    removed.done()
    rule = Rule(
        item=entry.text("item"), list=entry.maybe_text("list") or "",
        list_field=entry.maybe_text("list_field") or "", code_set=entry.maybe_text("code_set") or "",
        ground=entry.texts("ground"), since=entry.maybe_text("from") or "",
        until=entry.maybe_text("until") or "", removed_on=removal[0], removed_because=removal[1],
        removed_by=removal[2], keeper=entry.maybe_text("keeper") or "",
        basis=read_basis(entry, "basis", entry.text("basis"), sources),
    )  # fmt: skip
    entry.done()
    return rule


def _read_left_out(table: Table, sources: frozenset[str]) -> dict[str, str]:
    left_out = {}
    for entry in table.tables("left_out"):
        left_out[entry.text("item")] = entry.text("because")
        read_basis(entry, "basis", entry.text("basis"), sources)
        entry.done()
    return left_out
