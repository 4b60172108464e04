"""Files → a catalog set. Strict: what is unknown, doubled, of a wrong type or left hanging is refused.

A set is a directory: `set.json` and `items/CODE.json`. Code sets and the list of sources are shared by all
sets and stand two levels up (`codesets/ID.json`) and one level up (`sources.json`).
All faults of all files are named at once, each with its file and place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast, get_args

from forms.catalog.fitting import fit_item
from forms.catalog.forbidden import forbidden_ground
from forms.catalog.reading import CatalogError, Faults, Table, read_json
from forms.catalog.rules import Rule, read_rule
from forms.catalog.schema import (
    Basis,
    CatalogSet,
    Code,
    CodeSet,
    Deadline,
    Field,
    FieldType,
    Item,
    Provenance,
    Sensitivity,
    Sharing,
)
from forms.seal.canonical import canonical, digest

__all__ = ["CatalogError", "item_digest", "load_set", "set_digest"]

TITLE_LIMIT: Final = 100
"""Most characters of the name of an item, a field or a code (name 1–100, HXDC)."""

CODE_LIMIT: Final = 64
"""Most characters of an id or a code."""

COLUMN_LIMIT: Final = 100
"""Most fields of one item."""

DERIVED: Final = Basis("derived", "DERIVED")


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all files of a set lean on."""

    sources: frozenset[str]
    code_sets: Mapping[str, CodeSet]
    code_files: Mapping[str, Any]
    faults: Faults


def load_set(directory: Path) -> CatalogSet:
    """Read a catalog set.

    Args:
        directory: e.g. ``resources/catalogs/2026.1``.

    Returns:
        The set, its items ready for `check`.

    Raises:
        CatalogError: naming every fault of every file.
    """
    faults = Faults()
    head = Table(read_json(directory / "set.json", "set.json", faults), "set.json", "", faults)
    name, title, effective_on = head.text("name"), head.text("title"), head.day("effective_on")
    shared = _read_shared(directory, head.texts("code_sets"), faults)
    listed = head.table("items")
    digests = {code: listed.text(code) for code in listed.names()}
    head.done()
    if not digests:
        head.fault("items", "missing_key")
    items: dict[str, Item] = {}
    for code, expected in digests.items():
        item = _read_item_file(directory, code, name, shared)
        if item is not None:
            items[code] = item
            if item.digest != expected:
                head.fault(f"items/{code}", "digest_differs", item.digest)
    faults.raise_if_any()
    return CatalogSet(
        name=name, title=title, effective_on=effective_on,
        items=MappingProxyType(items), code_sets=shared.code_sets,
        digest=set_digest(name, effective_on.isoformat(), digests),
    )  # fmt: skip


def item_digest(item_file: Any, code_files: Mapping[str, Any]) -> str:
    """Digest an item as its file has it, together with the files of the code sets that it uses."""
    used = {f["code_set"] for f in item_file["fields"] if f.get("code_set")}
    return digest(canonical({"item": item_file, "code_sets": {i: code_files[i] for i in sorted(used)}}))


def set_digest(name: str, effective_on: str, items: Mapping[str, str]) -> str:
    """Digest a set over the digests of its items."""
    return digest(canonical({"name": name, "effective_on": effective_on, "items": dict(items)}))


# --- what is shared ----------------------------------------------------------------------------------------


def _read_shared(directory: Path, wanted: tuple[str, ...], faults: Faults) -> _Shared:
    tags = Table(
        read_json(directory.parent / "sources.json", "sources.json", faults), "sources.json", "", faults
    )
    known: set[str] = set()
    for tag in tags.names():
        entry = tags.table(tag)
        for key in ("kind", "where", "what"):
            entry.text(key)
        entry.done()
        known.add(tag)
    sources = frozenset(known)
    files: dict[str, Any] = {}
    sets: dict[str, CodeSet] = {}
    for set_id in wanted:
        file = f"codesets/{set_id}.json"
        files[set_id] = read_json(directory.parent.parent / "codesets" / f"{set_id}.json", file, faults)
        sets[set_id] = _read_code_set(Table(files[set_id], file, "", faults), set_id, sources)
    return _Shared(sources, MappingProxyType(sets), files, faults)


def _basis(table: Table, key: str, text: str, sources: frozenset[str]) -> Basis:
    """Say what kind of basis a source text is; its first word must be a known tag."""
    tag = text.replace(",", " ").replace(":", " ").replace(";", " ").split(" ", 1)[0]
    if tag not in sources:
        table.fault(key, "unknown_source", tag)
    kinds: Mapping[str, Provenance] = {"RECALLED": "recalled", "DERIVED": "derived"}
    return Basis(kinds.get(tag, "sourced"), text)


def _read_code_set(table: Table, set_id: str, sources: frozenset[str]) -> CodeSet:
    if table.text("id") != set_id:
        table.fault("id", "other_id", set_id)
    name, note = _title(table, "name"), table.maybe_text("note")
    source = table.texts("source")
    provenance = table.choice("provenance", get_args(Provenance))
    for place, text in enumerate(source):
        _basis(table, f"source/{place}", text, sources)
    codes = tuple(_read_code(entry) for entry in table.tables("codes"))
    by_code = {code.code: code for code in codes}
    if not codes:
        table.fault("codes", "missing_key")
    for place, code in enumerate(codes):
        if by_code[code.code] is not code:
            table.fault(f"codes/{place}", "doubled", code.code)
    _refuse_shared_aliases(codes, table)
    if sum(code.other for code in codes) > 1:
        table.fault("codes", "doubled", "other")
    table.done()
    return CodeSet(
        set_id, name, cast("Provenance", provenance), source, codes,
        MappingProxyType(by_code), MappingProxyType(_clear_names(codes)), note,
    )  # fmt: skip


def _refuse_shared_aliases(codes: tuple[Code, ...], table: Table) -> None:
    """An alias leads to one code, and is no other code's name."""
    owner = {code.name: code.code for code in codes} | {code.code: code.code for code in codes}
    for place, code in enumerate(codes):
        for alias in code.aliases:
            if owner.setdefault(alias, code.code) != code.code:
                table.fault(f"codes/{place}/aliases", "doubled", f"{alias}, also of {owner[alias]}")


def _clear_names(codes: tuple[Code, ...]) -> dict[str, Code]:
    """Index codes by name; a name that several codes share (市辖区) tells nothing and is left out."""
    times = Counter(code.name for code in codes)
    return {code.name: code for code in codes if times[code.name] == 1}


def _read_code(table: Table) -> Code:
    code = Code(
        table.text("code"), table.text("name"), table.maybe_text("note"),
        table.maybe_day("since"), table.maybe_day("until"), table.flag("other"), table.texts("aliases"),
    )  # fmt: skip
    if len(code.code) > CODE_LIMIT:
        table.fault("code", "too_long", code.code)
    if code.since and code.until and code.until < code.since:
        table.fault("until", "before_since", code.until)
    table.done()
    return code


def _title(table: Table, key: str) -> str:
    """A title: not too long, and of nothing that law forbids to collect."""
    title = table.text(key)
    if len(title) > TITLE_LIMIT:
        table.fault(key, "too_long", f"{len(title)} characters, at most {TITLE_LIMIT}")
    return title


def _lawful_title(table: Table, key: str) -> str:
    title = _title(table, key)
    ground = forbidden_ground(title)
    if ground is not None:
        table.fault(key, "forbidden_by_law", f"{title}: {ground.name}")
    return title


# --- items -------------------------------------------------------------------------------------------------


def _read_item_file(directory: Path, code: str, set_name: str, shared: _Shared) -> Item | None:
    file = f"items/{code}.json"
    before = len(shared.faults)
    content = read_json(directory / "items" / f"{code}.json", file, shared.faults)
    table = Table(content, file, "", shared.faults)
    if table.text("code") != code:
        table.fault("code", "other_id", code)
    fields = _read_fields(table, shared)
    basis = _read_bases(table, shared.sources)
    notes = tuple(_read_note(note, shared.sources) for note in table.tables("notes"))
    deadline = _read_deadline(table, shared.sources)
    item = Item(
        code=code, name=_lawful_title(table, "name"), category=table.text("category"),
        class7=table.text("class7"), subject_kinds=table.texts("subject_kinds"),
        unit_kinds=table.texts("unit_kinds"), cycle=table.text("cycle"),
        act_on=table.maybe_text("act_on") or "", natural_key=table.texts("natural_key"),
        subject_name=table.text("subject_name"), subject_code=table.maybe_text("subject_code") or "",
        doc_no=table.maybe_text("doc_no") or "",
        sharing=cast("Sharing", table.choice("sharing", get_args(Sharing))),
        retention=table.text("retention"), deadline=deadline, fields=fields,
        by_id=MappingProxyType({field.id: field for field in fields}), notes=notes, basis=basis,
        set_name=set_name,
        digest="" if len(shared.faults) > before else item_digest(content, shared.code_files),
    )  # fmt: skip
    table.done()
    fit_item(item, table)
    return item if len(shared.faults) == before else None


def _read_bases(table: Table, sources: frozenset[str]) -> Mapping[str, Basis]:
    bases = table.table("basis")
    return MappingProxyType({key: _basis(bases, key, bases.text(key), sources) for key in bases.names()})


def _read_note(table: Table, sources: frozenset[str]) -> tuple[str, str, str]:
    note = (table.text("id"), table.text("text"), table.text("basis"))
    _basis(table, "basis", note[2], sources)
    table.done()
    return note


def _read_deadline(table: Table, sources: frozenset[str]) -> Deadline | None:
    if "deadline" not in table:
        return None
    entry = table.table("deadline")
    deadline = Deadline(entry.whole("working_days"), entry.text("from_field"), entry.text("source"))
    _basis(entry, "source", deadline.source, sources)
    entry.done()
    return deadline


def _read_fields(table: Table, shared: _Shared) -> tuple[Field, ...]:
    fields: list[Field] = []
    seen: set[str] = set()
    for entry in table.tables("fields"):
        field = _read_field(entry, shared)
        if field.id in seen:
            entry.fault("id", "doubled", field.id)
        seen.add(field.id)
        fields.append(field)
    if not fields:
        table.fault("fields", "missing_key")
    if len(fields) > COLUMN_LIMIT:
        table.fault("fields", "too_many", len(fields))
    return tuple(fields)


def _read_field(table: Table, shared: _Shared) -> Field:
    code_set_id = table.maybe_text("code_set")
    code_set = shared.code_sets.get(code_set_id) if code_set_id else None
    if code_set_id and code_set is None:
        table.fault("code_set", "unknown_code_set", code_set_id)
    field = Field(
        id=table.text("id"), title=_lawful_title(table, "title"),
        type=cast("FieldType", table.choice("type", get_args(FieldType))),
        required=table.flag("required"), max_length=table.maybe_whole("max_length"),
        scale=table.maybe_whole("scale"), unit=table.maybe_text("unit"),
        required_group=table.maybe_whole("required_group"), code_set=code_set,
        rules=_read_rules(table, shared.sources), section=table.text("section"),
        sensitivity=cast("Sensitivity", table.choice("sensitivity", get_args(Sensitivity), "none")),
        appearance=table.maybe_text("appearance") or "", help=table.maybe_text("help"),
        note=table.maybe_text("note"), aliases=table.texts("aliases"),
        basis=_read_bases(table, shared.sources),
    )  # fmt: skip
    table.done()
    if len(field.id) > CODE_LIMIT:
        table.fault("id", "too_long", field.id)
    return field


def _read_rules(table: Table, sources: frozenset[str]) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    for entry in table.tables("checks"):
        rule = read_rule(entry)
        if rule is None:
            continue
        if rule.source:
            _basis(entry, "basis", rule.source, sources)
        rules.append(rule)
    return tuple(rules)
