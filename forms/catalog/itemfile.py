"""One item file → an item. Strict: what is unknown, doubled, of a wrong type or left hanging is a fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, cast, get_args

from forms.catalog.codesetfile import CODE_LIMIT, read_basis, read_lawful_title
from forms.catalog.fitting import fit_item
from forms.catalog.nested import NESTED
from forms.catalog.reading import Table
from forms.catalog.rules import Rule, read_rule
from forms.catalog.schema import (
    Basis,
    CodeSet,
    Deadline,
    Field,
    FieldType,
    Item,
    Sensitivity,
    Sharing,
)

COLUMN_LIMIT: Final = 100
"""Most fields of one item."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the files of a set lean on.

    Attributes:
        set_name: of the set.
        sources: tags that a basis may begin with.
        code_sets: by id; asked only for those that a field names.
    """

    set_name: str
    sources: frozenset[str]
    code_sets: Mapping[str, CodeSet]


def read_item(table: Table, code: str, digest: str, ground: Ground) -> Item:
    """Read an item file whose name says that it is `code`; faults are noted in the table."""
    if table.text("code") != code:
        table.fault("code", "other_id", code)
    fields = _read_fields(table, ground)
    basis = _read_bases(table, ground.sources)
    if "item" not in basis:
        table.fault("basis/item", "missing_key")
    notes = tuple(_read_note(note, ground.sources) for note in table.tables("notes"))
    deadline = _read_deadline(table, ground.sources)
    item = Item(
        code=code, name=read_lawful_title(table, "name"), category=table.text("category"),
        class7=table.text("class7"), subject_kinds=table.texts("subject_kinds"),
        unit_kinds=table.texts("unit_kinds"), cycle=table.text("cycle"),
        act_on=table.maybe_text("act_on") or "", natural_key=table.texts("natural_key"),
        subject_name=table.text("subject_name"), subject_code=table.maybe_text("subject_code") or "",
        doc_no=table.maybe_text("doc_no") or "",
        sharing=cast("Sharing", table.choice("sharing", get_args(Sharing))),
        retention=table.text("retention"), deadline=deadline, fields=fields,
        by_id=MappingProxyType({field.id: field for field in fields}), notes=notes, basis=basis,
        set_name=ground.set_name, digest=digest,
    )  # fmt: skip
    table.done()
    fit_item(item, table)
    return item


def _read_bases(table: Table, sources: frozenset[str]) -> Mapping[str, Basis]:
    bases = table.table("basis")
    return MappingProxyType({key: read_basis(bases, key, bases.text(key), sources) for key in bases.names()})


def _read_note(table: Table, sources: frozenset[str]) -> tuple[str, str, str]:
    note = (table.text("id"), table.text("text"), table.text("basis"))
    read_basis(table, "basis", note[2], sources)
    table.done()
    return note


def _read_deadline(table: Table, sources: frozenset[str]) -> Deadline | None:
    if "deadline" not in table:
        return None
    entry = table.table("deadline")
    deadline = Deadline(entry.whole("working_days"), entry.text("from_field"), entry.text("source"))
    read_basis(entry, "source", deadline.source, sources)
    entry.done()
    return deadline


def _read_fields(table: Table, ground: Ground, *, in_group: bool = False) -> tuple[Field, ...]:
    fields: list[Field] = []
    seen: set[str] = set()
    for entry in table.tables("fields"):
        field = _read_field(entry, ground)
        if in_group and field.type in NESTED:
            entry.fault("type", "nested_twice", field.type)
        if field.id in seen:
            entry.fault("id", "doubled", field.id)
        seen.add(field.id)
        fields.append(field)
    if not fields:
        table.fault("fields", "missing_key")
    if len(fields) > COLUMN_LIMIT:
        table.fault("fields", "too_many", len(fields))
    return tuple(fields)


def _read_field(table: Table, ground: Ground) -> Field:
    code_set_id = table.maybe_text("code_set")
    code_set = ground.code_sets.get(code_set_id) if code_set_id else None
    if code_set_id and code_set is None:
        table.fault("code_set", "unknown_code_set", code_set_id)
    field = Field(
        id=table.text("id"), title=read_lawful_title(table, "title"),
        type=cast("FieldType", table.choice("type", get_args(FieldType))),
        required=table.flag("required"), max_length=table.maybe_whole("max_length"),
        scale=table.maybe_whole("scale"), unit=table.maybe_text("unit"),
        required_group=table.maybe_whole("required_group"), code_set=code_set,
        rules=_read_rules(table, ground.sources), section=table.text("section"),
        sensitivity=cast("Sensitivity", table.choice("sensitivity", get_args(Sensitivity), "none")),
        appearance=table.maybe_text("appearance") or "", help=table.maybe_text("help"),
        note=table.maybe_text("note"), aliases=table.texts("aliases"),
        basis=_read_bases(table, ground.sources),
        renamed_from=table.texts("renamed_from"), split_from=table.maybe_text("split_from") or "",
        fields=_read_fields(table, ground, in_group=True) if table.maybe_text("type") == "group" else (),
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
            read_basis(entry, "basis", rule.source, sources)
        rules.append(rule)
    return tuple(rules)
