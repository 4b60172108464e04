"""Files → a catalog set. Strict: what is unknown, doubled, of a wrong type or left hanging is refused.

A set is a directory: `set.json`, `set.sig` and `items/CODE.json`. Code sets and the list of sources stand in
the set, or are shared by all sets and stand two levels up (`codesets/ID.json`) and one level up
(`sources.json`). A set is open as soon as its list is read and its signature holds; a file is read, held
against its digest and understood when it is first asked for. `verify_set` does all of that at once and names
all faults of all files, each with its file and place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar, cast, get_args

from forms.catalog.codesetfile import read_code_set
from forms.catalog.itemfile import Ground, read_item
from forms.catalog.reading import CatalogError, Faults, Table, parse_json, read_json
from forms.catalog.schema import CatalogSet, CodeSet, Entry, Item, Provenance
from forms.catalog.sealing import HEAD, file_digest, item_digest, place_of, read_signature, set_digest

__all__ = ["CatalogError", "item_digest", "load_set", "set_digest", "verify_set"]

SCHEMES: Final = ("category", "class7")
"""In what ways items are classed."""

V = TypeVar("V")


class OnDemand(Mapping[str, V]):
    """A mapping whose values are made when they are first asked for, and kept.

    Two threads may make one twice; both then get the same.
    """

    def __init__(self, names: tuple[str, ...], make: Callable[[str], V]) -> None:
        self._names: Final = dict.fromkeys(names)
        self._make: Final = make
        self._made: Final[dict[str, V]] = {}

    def __getitem__(self, name: str) -> V:
        made = self._made.get(name)
        if made is not None:
            return made
        if name not in self._names:
            raise KeyError(name)
        return self._made.setdefault(name, self._make(name))

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class _Files:
    """The files of one set, each read once, and faulty until its digest is right."""

    def __init__(self, directory: Path, digests: Mapping[str, str]) -> None:
        self.directory: Final = directory
        self.digests: Final = digests

    def content(self, name: str, faults: Faults) -> object:
        """Return the JSON in a file of the set."""
        path = self.directory / name if name.startswith("items/") else place_of(self.directory, name)
        try:
            raw = path.read_bytes()
        except OSError as error:
            faults.add(name, "", "unreadable", error.strerror or type(error).__name__)
            return None
        if file_digest(raw) != self.digests[name]:
            faults.add(name, "", "digest_differs", file_digest(raw))
        return parse_json(raw, name, faults)


def load_set(directory: Path, *, signed: bool = True, trusted: Collection[str] | None = None) -> CatalogSet:
    """Open a catalog set.

    Args:
        directory: e.g. ``resources/catalogs/2026.1``.
        signed: False opens one that nobody has signed yet; a signature that is there must hold.
        trusted: public keys that may sign; None asks `keys.json` beside the set.

    Returns:
        The set. Asking it for an item or a code set may raise CatalogError.

    Raises:
        CatalogError: the list or the signature does not hold.
    """
    faults = Faults()
    content = read_json(directory / HEAD, HEAD, faults)
    table = Table(content, HEAD, "", faults)
    name, title, effective_on = table.text("name"), table.text("title"), table.day("effective_on")
    classes = _read_classes(table.table("classes"))
    digests = {"sources.json": table.text("sources")}
    listed = table.table("code_sets")
    code_set_ids = tuple(listed.names())
    digests |= {f"codesets/{code_set_id}.json": listed.text(code_set_id) for code_set_id in code_set_ids}
    entries = _read_entries(table.table("items"))
    digests |= {f"items/{code}.json": entry.file for code, entry in entries.items()}
    table.done()
    if not entries:
        table.fault("items", "missing_key")
    for scheme, code_set_id in classes.items():
        if code_set_id not in code_set_ids:
            table.fault(f"classes/{scheme}", "unknown_code_set", code_set_id)
    faults.raise_if_any()
    signature = None
    if signed or (directory / "set.sig").exists():
        signature = read_signature(directory, content, faults, trusted)
    faults.raise_if_any()
    readers = _Readers(_Files(directory, digests), name, entries, code_set_ids)
    return CatalogSet(
        name=name, title=title, effective_on=effective_on,
        items=OnDemand(tuple(entries), readers.item), code_sets=readers.code_sets,
        digest=set_digest(name, effective_on.isoformat(), {c: e.digest for c, e in entries.items()}),
        entries=MappingProxyType(entries), classes=MappingProxyType(classes), signature=signature,
        directory=directory,
    )  # fmt: skip


def _read_classes(table: Table) -> dict[str, str]:
    classes = {scheme: table.text(scheme) for scheme in table.names()}
    for scheme in classes:
        if scheme not in SCHEMES:
            table.fault(scheme, "unknown_key")
    return classes


def _read_entries(listed: Table) -> dict[str, Entry]:
    entries = {}
    for code in listed.names():
        one = listed.table(code)
        entries[code] = Entry(
            code=code, name=one.text("name"), category=one.text("category"), class7=one.text("class7"),
            subject_kinds=one.texts("subject_kinds"), fields=one.whole("fields"),
            provenance=cast("Provenance", one.choice("provenance", get_args(Provenance))),
            digest=one.text("digest"), file=one.text("file"),
        )  # fmt: skip
        one.done()
    return entries


class _Readers:
    """Make the items and code sets of one set from their files."""

    def __init__(
        self, files: _Files, name: str, entries: Mapping[str, Entry], code_set_ids: tuple[str, ...]
    ) -> None:
        self.files: Final = files
        self.name: Final = name
        self.entries: Final = entries
        self.code_sets: Final = OnDemand(code_set_ids, self.code_set)
        self.sources: Final = cache(self._sources)

    def _sources(self) -> frozenset[str]:
        faults = Faults()
        tags = Table(self.files.content("sources.json", faults), "sources.json", "", faults)
        for tag in tags.names():
            entry = tags.table(tag)
            for key in ("kind", "where", "what"):
                entry.text(key)
            entry.done()
        faults.raise_if_any()
        return frozenset(tags.names())

    def code_set(self, code_set_id: str) -> CodeSet:
        faults = Faults()
        name = f"codesets/{code_set_id}.json"
        table = Table(self.files.content(name, faults), name, "", faults)
        code_set = read_code_set(table, code_set_id, self.sources())
        faults.raise_if_any()
        return code_set

    def item(self, code: str) -> Item:
        faults = Faults()
        name = f"items/{code}.json"
        table = Table(self.files.content(name, faults), name, "", faults)
        entry = self.entries[code]
        item = read_item(table, code, entry.digest, Ground(self.name, self.sources(), self.code_sets))
        self._hold_against_list(item, entry, table)
        faults.raise_if_any()
        return item

    def _hold_against_list(self, item: Item, entry: Entry, table: Table) -> None:
        """What lists show of an item is what its file says."""
        pairs = {
            "name": (item.name, entry.name), "category": (item.category, entry.category),
            "class7": (item.class7, entry.class7), "fields": (len(item.fields), entry.fields),
            "subject_kinds": (item.subject_kinds, entry.subject_kinds),
        }  # fmt: skip
        for key, (own, listed) in pairs.items():
            if own != listed:
                table.fault(key, "differs_from_list", listed)


# --- all of it at once -------------------------------------------------------------------------------------


def verify_set(directory: Path, *, signed: bool = True, trusted: Collection[str] | None = None) -> CatalogSet:
    """Open a catalog set and read every file of it.

    Args:
        directory: e.g. ``resources/catalogs/2026.1``.
        signed: as for `load_set`.
        trusted: as for `load_set`.

    Raises:
        CatalogError: naming every fault of every file.
    """
    found = load_set(directory, signed=signed, trusted=trusted)
    faults = Faults()
    sound_code_sets = {i for i in found.code_sets if _sound(found.code_sets, i, faults)}
    code_files = {i: _raw(place_of(directory, f"codesets/{i}.json")) for i in sound_code_sets}
    for code, entry in found.entries.items():
        if not _sound(found.items, code, faults):
            continue
        item = found.items[code]
        name = f"items/{code}.json"
        if item_digest(_raw(directory / name), code_files) != entry.digest:
            faults.add(HEAD, f"items/{code}", "digest_differs", entry.digest)
        for scheme in found.classes:
            _hold_against_classes(found, scheme, item, faults)
    for path in sorted((directory / "items").glob("*.json")):
        if path.stem not in found.entries:
            faults.add(HEAD, f"items/{path.stem}", "missing_key")
    faults.raise_if_any()
    return found


def _sound(files: Mapping[str, Any], name: str, faults: Faults) -> bool:
    try:
        files[name]
    except CatalogError as error:
        faults.extend(error.faults)
        return False
    return True


def _raw(path: Path) -> Any:
    return json.loads(path.read_bytes())


def _hold_against_classes(found: CatalogSet, scheme: str, item: Item, faults: Faults) -> None:
    """An item is of a class that there is, by code and name."""
    written = item.class7 if scheme == "class7" else item.category
    if written not in {f"{code.code} {code.name}" for code in found.class_codes(scheme)}:
        faults.add(f"items/{item.code}.json", scheme, "unknown_code", written)
