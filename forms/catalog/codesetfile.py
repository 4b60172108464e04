"""One code set file → a code set. Strict, like the rest of the reading: every fault is noted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast, get_args

from forms.catalog.forbidden import forbidden_ground
from forms.catalog.reading import Table
from forms.catalog.schema import Basis, Code, CodeSet, Provenance

TITLE_LIMIT: Final = 100
"""Most characters of the name of an item, a field or a code (name 1–100, HXDC)."""

CODE_LIMIT: Final = 64
"""Most characters of an id or a code."""


def read_basis(table: Table, key: str, text: str, sources: frozenset[str]) -> Basis:
    """Say what kind of basis a source text is; its first word must be a known tag."""
    tag = text.replace(",", " ").replace(":", " ").replace(";", " ").split(" ", 1)[0]
    if tag not in sources:
        table.fault(key, "unknown_source", tag)
    kinds: Mapping[str, Provenance] = {"RECALLED": "recalled", "DERIVED": "derived"}
    return Basis(kinds.get(tag, "sourced"), text)


def read_code_set(table: Table, set_id: str, sources: frozenset[str]) -> CodeSet:
    """Read a code set file whose name says that it is `set_id`."""
    if table.text("id") != set_id:
        table.fault("id", "other_id", set_id)
    name, note = read_title(table, "name"), table.maybe_text("note")
    source = table.texts("source")
    provenance = table.choice("provenance", get_args(Provenance))
    for place, text in enumerate(source):
        read_basis(table, f"source/{place}", text, sources)
    codes = tuple(_read_code(entry, sources) for entry in table.tables("codes"))
    by_code = {code.code: code for code in codes}
    if not codes:
        table.fault("codes", "missing_key")
    for place, code in enumerate(codes):
        if by_code[code.code] is not code:
            table.fault(f"codes/{place}", "doubled", code.code)
        for heir in code.replaced_by:
            if heir not in by_code or heir == code.code:
                table.fault(f"codes/{place}/replaced_by", "unknown_code", heir)
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
    if not any(code.aliases for code in codes):
        return
    owner = {code.name: code.code for code in codes} | {code.code: code.code for code in codes}
    for place, code in enumerate(codes):
        for alias in code.aliases:
            if owner.setdefault(alias, code.code) != code.code:
                table.fault(f"codes/{place}/aliases", "doubled", f"{alias}, also of {owner[alias]}")


def _clear_names(codes: tuple[Code, ...]) -> dict[str, Code]:
    """Index codes by name; a name that several codes share (市辖区) tells nothing and is left out."""
    times = Counter(code.name for code in codes)
    return {code.name: code for code in codes if times[code.name] == 1}


def _read_code(table: Table, sources: frozenset[str]) -> Code:
    basis = table.maybe_text("basis")
    code = Code(
        table.text("code"), table.text("name"), table.maybe_text("note"),
        table.maybe_day("since"), table.maybe_day("until"), table.flag("other"), table.texts("aliases"),
        table.maybe_text("parent"), table.texts("replaced_by"),
        read_basis(table, "basis", basis, sources) if basis else None,
    )  # fmt: skip
    if len(code.code) > CODE_LIMIT:
        table.fault("code", "too_long", code.code)
    if code.since and code.until and code.until < code.since:
        table.fault("until", "before_since", code.until)
    table.done()
    return code


def read_title(table: Table, key: str) -> str:
    """Read a title that is not too long."""
    title = table.text(key)
    if len(title) > TITLE_LIMIT:
        table.fault(key, "too_long", f"{len(title)} characters, at most {TITLE_LIMIT}")
    return title


def read_lawful_title(table: Table, key: str) -> str:
    """Read a title of nothing that law forbids to collect."""
    title = read_title(table, key)
    ground = forbidden_ground(title)
    if ground is not None:
        table.fault(key, "forbidden_by_law", f"{title}: {ground.name}")
    return title
