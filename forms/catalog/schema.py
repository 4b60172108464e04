"""The shape of a catalog in memory: frozen values, nothing else.

`loader` turns files into these; `check` reads them; nobody writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from forms.catalog.rules import Rule

Provenance = Literal["sourced", "recalled", "derived"]
FieldType = Literal["string", "text", "date", "decimal", "int", "enum", "set", "attachment", "group"]
Sharing = Literal["公开", "共享", "授权"]
Sensitivity = Literal["none", "person", "id_number"]

OtherValue = dict[str, str]
"""An enum value "other, namely": ``{"code": "5", "text": "备案"}``."""

Value = str | int | list[Any] | OtherValue
"""A value in a draft, on the wire and under a digest (docs/architecture.md, "Shapes of values").

A list holds codes and `OtherValue` (set), files as ``{"sha256", "name", "size", "media_type"}``
(attachment), or rows as field id → value (group).
"""

Values = Mapping[str, Value]
"""Field id → value; an empty field has no key."""


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a property comes from: the kind, and the source as text."""

    provenance: Provenance
    source: str


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a code set (代码).

    Attributes:
        since, until: first and last day on which an act may have it.
        other: "other, namely": asks for a text beside it.
        aliases: other ways in which people write its name.
        parent: code of what it lies in, e.g. the district of a street.
        replaced_by: codes that came in its place when it was withdrawn; several when it was split.
        basis: where this one comes from, when that is not where the set comes from.
    """

    code: str
    name: str
    note: str | None = None
    since: date | None = None
    until: date | None = None
    other: bool = False
    aliases: tuple[str, ...] = ()
    parent: str | None = None
    replaced_by: tuple[str, ...] = ()
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class CodeSet:
    """A code set (代码集); `by_code` and `by_name` are indexes; a name that two codes share is not in it."""

    id: str
    name: str
    provenance: Provenance
    source: tuple[str, ...]
    codes: tuple[Code, ...]
    by_code: Mapping[str, Code]
    by_name: Mapping[str, Code]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A field (数据项) of an item.

    Attributes:
        max_length: characters for text, digits in all for a decimal, entries of attachments and groups;
            None for no limit.
        scale: digits after the point, decimals only.
        unit: as people read it, e.g. ``万元``.
        required_group: fields with the same number: at least one must be filled.
        section: heading under which the form shows it.
        sensitivity: ``none`` / ``person`` / ``id_number``: what is masked in lists.
        appearance: hint for the editor, e.g. ``money_wan``, ``long_term``; empty for the default.
        help: the rule in words, as the source has it.
        basis: property (``field``, ``length``, ``required``, ``rule``) → where it comes from.
        renamed_from: ids that it had in earlier sets.
        split_from: id of the earlier field of which it took over a part.
        fields: of one row, groups only.
    """

    id: str
    title: str
    type: FieldType
    required: bool
    max_length: int | None
    scale: int | None
    unit: str | None
    required_group: int | None
    code_set: CodeSet | None
    rules: tuple[Rule, ...]
    section: str
    sensitivity: Sensitivity
    appearance: str
    help: str | None
    note: str | None
    aliases: tuple[str, ...]
    basis: Mapping[str, Basis]
    renamed_from: tuple[str, ...] = ()
    split_from: str = ""
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Deadline:
    """Report within `working_days` of the date in field `from_field`."""

    working_days: int
    from_field: str
    source: str


@dataclass(frozen=True, slots=True)
class Item:
    """An item (目录事项) of the catalog.

    Attributes:
        category: one of the 13 national classes; class7: one of the seven data categories.
        act_on: id of the date field that dates the act; codes are judged as of it.
        natural_key: field ids that tell one act from another (比对).
        subject_name, subject_code, doc_no: field ids that lists and search show.
        notes: rules that are only prose, as (id, text, basis).
        set_name: the set that the item came from, e.g. ``2026.1``.
        digest: SHA-256 (hex) of the item's canonical file, code sets included.
    """

    code: str
    name: str
    category: str
    class7: str
    subject_kinds: tuple[str, ...]
    unit_kinds: tuple[str, ...]
    cycle: str
    act_on: str
    natural_key: tuple[str, ...]
    subject_name: str
    subject_code: str
    doc_no: str
    sharing: Sharing
    retention: str
    deadline: Deadline | None
    fields: tuple[Field, ...]
    by_id: Mapping[str, Field]
    notes: tuple[tuple[str, str, str], ...]
    basis: Mapping[str, Basis]
    set_name: str
    digest: str

    @property
    def ref(self) -> str:
        """How drafts and versions name it, e.g. ``XZXK_FR@2026.1``."""
        return f"{self.code}@{self.set_name}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list shows of an item; known without reading its file.

    Attributes:
        fields: how many.
        digest: of the item.
        file: digest of its file, see `forms.catalog.sealing`.
    """

    code: str
    name: str
    category: str
    class7: str
    subject_kinds: tuple[str, ...]
    fields: int
    provenance: Provenance
    digest: str
    file: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who stands for a set, and how long.

    Attributes:
        key: public key as text; the loader has held the signature against it.
        until: last day on which new records should be made in the set.
    """

    key: str
    signed_by: str
    signed_on: date
    until: date

    def holds_on(self, day: date) -> bool:
        """Whether the set may be used for new records on `day`."""
        return self.signed_on <= day <= self.until


@dataclass(frozen=True, slots=True)
class CatalogSet:
    """A set (目录集): items and code sets that hold together from a date on.

    Attributes:
        items, code_sets: read from their files when asked for.
        entries: code → what a list shows.
        classes: ``category`` and ``class7`` → code set of the classes that items may be of.
        signature: None for a set that nobody has signed.
        directory: where its files lie; None for a set that was not read from files.
    """

    name: str
    title: str
    effective_on: date
    items: Mapping[str, Item]
    code_sets: Mapping[str, CodeSet]
    digest: str
    entries: Mapping[str, Entry] = field(default_factory=lambda: MappingProxyType({}))
    classes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    signature: Signature | None = None
    directory: Path | None = None

    def item(self, ref: str) -> Item:
        """Return the item of ``CODE`` or ``CODE@SET``; KeyError when it is not of this set."""
        code, _, set_name = ref.partition("@")
        if set_name and set_name != self.name:
            raise KeyError(ref)
        return self.items[code]

    def class_codes(self, scheme: str) -> tuple[Code, ...]:
        """Return the classes of a scheme in their order, none when the set names no scheme.

        Args:
            scheme: ``category`` (national) or ``class7``.
        """
        set_id = self.classes.get(scheme)
        return self.code_sets[set_id].codes if set_id else ()

    def of_class(self, scheme: str, code: str) -> tuple[Entry, ...]:
        """Return the entries of one class, by code."""
        found = (entry for entry in self.entries.values() if _class_of(entry, scheme) == code)
        return tuple(sorted(found, key=lambda entry: entry.code))


def _class_of(entry: Entry, scheme: str) -> str:
    return (entry.class7 if scheme == "class7" else entry.category).partition(" ")[0]
