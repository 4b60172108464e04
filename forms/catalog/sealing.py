"""How the files of a set are held together: digests of files, the list of them, the signature over it.

`set.json` names every file of the set by its digest, `set.sig` signs `set.json`, and the public keys that
may sign stand in `keys.json` beside the sets. So a file is held against a signature when it is read, and
none need be read before it is wanted.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from forms.catalog.reading import Faults, Table, read_json
from forms.catalog.schema import Signature
from forms.seal.canonical import canonical, digest
from forms.seal.keys import SigningKey, verifies

PURPOSE: Final = "catalog"
HEAD: Final = "set.json"
SIGNATURE: Final = "set.sig"
KEYS: Final = "keys.json"


def file_digest(content: bytes) -> str:
    """Digest a file; how its lines end does not count, for checkouts change that."""
    return digest(content.replace(b"\r\n", b"\n"))


def item_digest(item_file: Any, code_files: Mapping[str, Any]) -> str:
    """Digest an item as its file has it, together with the files of the code sets that it uses."""
    used = codes_of_file(item_file)
    return digest(canonical({"item": item_file, "code_sets": {i: code_files[i] for i in sorted(used)}}))


def codes_of_file(item_file: Any) -> set[str]:
    """Return the ids of the code sets that an item file names, in the rows of its groups too."""
    fields = [inner for field in item_file["fields"] for inner in (field, *field.get("fields", ()))]
    return {field["code_set"] for field in fields if field.get("code_set")}


def set_digest(name: str, effective_on: str, items: Mapping[str, str]) -> str:
    """Digest a set over the digests of its items."""
    return digest(canonical({"name": name, "effective_on": effective_on, "items": dict(items)}))


def place_of(directory: Path, name: str) -> Path:
    """Return where a shared file of a set stands: in the set itself, else beside all sets.

    Args:
        directory: of the set.
        name: ``sources.json`` or ``codesets/ID.json``.
    """
    own = directory / name
    if own.exists():
        return own
    return (directory.parent.parent if name.startswith("codesets/") else directory.parent) / name


def list_set(directory: Path, head: Mapping[str, Any]) -> dict[str, Any]:
    """Make the content of `set.json` from the files of a set.

    Args:
        directory: of the set, its items written.
        head: ``name``, ``title``, ``effective_on`` and, where items are classed, ``classes``.

    Returns:
        `head` with the digests of sources, code sets and items, and what a list shows of each item.
    """
    files = {path.stem: path.read_bytes() for path in sorted((directory / "items").glob("*.json"))}
    items = {code: json.loads(content) for code, content in files.items()}
    used = {code_set_id for item in items.values() for code_set_id in codes_of_file(item)}
    shared = {path.stem for path in (directory.parent.parent / "codesets").glob("*.json")}
    own = {path.stem for path in (directory / "codesets").glob("*.json")}
    wanted = sorted(used | shared | own | set(head.get("classes", {}).values()))
    code_bytes = {i: place_of(directory, f"codesets/{i}.json").read_bytes() for i in wanted}
    code_files = {i: json.loads(content) for i, content in code_bytes.items()}
    return {
        **head,
        "sources": file_digest(place_of(directory, "sources.json").read_bytes()),
        "code_sets": {i: file_digest(content) for i, content in code_bytes.items()},
        "items": {
            code: {
                "name": item["name"],
                "category": item["category"],
                "class7": item["class7"],
                "subject_kinds": item["subject_kinds"],
                "fields": len(item["fields"]),
                "provenance": _provenance(item["basis"]["item"]),
                "digest": item_digest(item, code_files),
                "file": file_digest(files[code]),
            }
            for code, item in items.items()
        },
    }


def _provenance(basis: str) -> str:
    return {"RECALLED": "recalled", "DERIVED": "derived"}.get(
        basis.partition(",")[0].split(";")[0], "sourced"
    )


def sign_set(head: Any, key: SigningKey, *, signed_by: str, signed_on: date, until: date) -> dict[str, str]:
    """Make the content of `set.sig`.

    Args:
        head: the content of `set.json`.
        key: of whoever stands for the set.
        signed_by: their name, as people will read it.
        signed_on: the day of signing.
        until: last day on which new records should be made in the set.
    """
    statement = _statement(head, signed_by, signed_on.isoformat(), until.isoformat())
    return {
        "key": key.public,
        "signed_by": signed_by,
        "signed_on": signed_on.isoformat(),
        "until": until.isoformat(),
        "sig": key.sign(PURPOSE, statement),
    }


def _statement(head: Any, signed_by: str, signed_on: str, until: str) -> dict[str, str]:
    return {"set": digest(canonical(head)), "signed_by": signed_by, "signed_on": signed_on, "until": until}


def read_signature(
    directory: Path, head: Any, faults: Faults, trusted: Collection[str] | None = None
) -> Signature | None:
    """Hold `set.sig` against `set.json` and the keys that may sign; a fault when it does not hold.

    Args:
        directory: of the set.
        head: the content of `set.json`.
        faults: where faults go.
        trusted: public keys that may sign; None asks `keys.json` beside the set.
    """
    if not (directory / SIGNATURE).exists():
        faults.add(SIGNATURE, "", "unsigned")
        return None
    table = Table(read_json(directory / SIGNATURE, SIGNATURE, faults), SIGNATURE, "", faults)
    public, signed_by, text = table.text("key"), table.text("signed_by"), table.text("sig")
    signed_on, until = table.day("signed_on"), table.day("until")
    table.done()
    if public not in (read_keys(directory.parent, faults) if trusted is None else trusted):
        table.fault("key", "unknown_key", public)
    statement = _statement(head, signed_by, signed_on.isoformat(), until.isoformat())
    if not verifies(public, text, PURPOSE, statement):
        table.fault("sig", "bad_signature")
    return Signature(public, signed_by, signed_on, until)


def read_keys(folder: Path, faults: Faults) -> dict[str, str]:
    """Return the public keys that may sign sets: key → whose it is."""
    table = Table(read_json(folder / KEYS, KEYS, faults), KEYS, "", faults)
    found = {}
    for entry in table.tables("keys"):
        found[entry.text("key")] = entry.text("name")
        entry.maybe_text("note")
        entry.done()
    table.done()
    return found
