"""What every item of a set calls its fields, read without understanding the items: to recognise tables.

Understanding 151 items takes longer than checking a small file. Whoever has found the item by these names
asks the set for it, and gets it held against all that the loader holds it against.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from forms.catalog.reading import Faults, parse_json
from forms.catalog.schema import CatalogSet
from forms.catalog.sealing import file_digest

_NO_COLUMN = "attachment"
"""Type of fields that have no place in a table."""


@dataclass(frozen=True, slots=True)
class FieldNames:
    """What a field is called: its id, its title, and other headings that stand for it. No attachments."""

    id: str
    title: str
    aliases: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class ItemNames:
    """What the fields of one item are called."""

    code: str
    fields: tuple[FieldNames, ...]


def names_of(catalog: CatalogSet) -> list[ItemNames]:
    """Return the names of all fields of a set, in the order of its list.

    Raises:
        CatalogError: a file is not what the signed list says.
    """
    faults = Faults()
    found = [ItemNames(code, tuple(_fields(catalog, code, faults))) for code in catalog.items]
    faults.raise_if_any()
    return found


def _fields(catalog: CatalogSet, code: str, faults: Faults) -> Iterator[FieldNames]:
    """The list vouches for the file, and the file was valid when the list was signed."""
    if catalog.directory is None:
        for field in catalog.items[code].fields:
            if field.type != _NO_COLUMN:
                yield FieldNames(field.id, field.title, field.aliases, field.required)
        return
    name = f"items/{code}.json"
    try:
        raw = (catalog.directory / name).read_bytes()
    except OSError as error:
        faults.add(name, "", "unreadable", error.strerror or type(error).__name__)
        return
    if file_digest(raw) != catalog.entries[code].file:
        faults.add(name, "", "digest_differs", file_digest(raw))
        return
    for one in cast("dict[str, Any]", parse_json(raw, name, faults))["fields"]:
        if one["type"] != _NO_COLUMN:
            yield FieldNames(
                one["id"], one["title"], tuple(one.get("aliases", ())), one.get("required") is True
            )
