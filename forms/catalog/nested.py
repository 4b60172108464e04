"""Values that hold more than one thing: attachments (附件), and the rows of a repeated group (明细).

Both are lists of objects. As text, one entry a line, its cells joined by `` | ``; a backslash keeps a bar, a
backslash and a line break inside a cell apart from the ones between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from forms.catalog.problems import Problem
from forms.catalog.schema import Field, Item

NESTED: Final = frozenset({"attachment", "group"})
"""Types whose values are lists of objects."""

MOST_FILES: Final = 20
MOST_ROWS: Final = 200
"""How many entries a field may have that does not say."""

MOST_BYTES: Final = 52_428_800
"""Of one attachment: what the platform takes (docs/architecture.md, "Limits of a message")."""

FILE_KEYS: Final = ("name", "size", "media_type", "sha256")
"""In the order in which they are shown."""

_SHA256: Final = re.compile("[0-9a-f]{64}")
_NAME_LIMIT: Final = 255
_MEDIA_TYPE_LIMIT: Final = 127
_SEAM: Final = " | "
_CUTS: Final = re.compile(r"((?:[^|\\]|\\.)*)(?:\||$)", re.DOTALL)
_KEPT: Final = re.compile(r"\\(.)", re.DOTALL)


def most_entries(field: Field) -> int:
    """How many entries a field may have."""
    return field.max_length or (MOST_FILES if field.type == "attachment" else MOST_ROWS)


def row_item(item: Item, field: Field) -> Item:
    """Return an item whose fields are those of one row of a group, so that a row is judged like a record."""
    return replace(
        item, code=f"{item.code}.{field.id}", name=field.title, fields=field.fields, act_on="",
        natural_key=(), subject_name="", subject_code="", doc_no="", deadline=None,
        by_id=MappingProxyType({one.id: one for one in field.fields}),
    )  # fmt: skip


def files_in(item: Item, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the attachments that a record names, in the order of its fields; each digest once.

    What has not the shape of an attachment is left out: `check` names it.
    """
    found: dict[str, dict[str, Any]] = {}
    for field in item.fields:
        named = values.get(field.id)
        if field.type != "attachment" or not isinstance(named, list):
            continue
        for entry in filter(_is_file, named):
            found.setdefault(entry["sha256"], entry)
    return list(found.values())


# --- faults --------------------------------------------------------------------------------------


def entry_faults(field: Field, value: object) -> Iterator[Problem]:
    """Find what is wrong with a list of entries as a list; nothing when each can be looked at by itself."""
    if not isinstance(value, list):
        yield Problem(field.id, "wrong_shape", params={"type": field.type})
    elif not value:
        yield Problem(field.id, "required_missing" if field.required else "blank")
    elif len(value) > most_entries(field):
        code = "too_many_files" if field.type == "attachment" else "too_many_rows"
        yield Problem(field.id, code, params={"max": most_entries(field), "length": len(value)})


def file_faults(field: Field, value: Sequence[Any]) -> Iterator[Problem]:
    """Find what is wrong with attachments, one by one."""
    seen: set[str] = set()
    for place, entry in enumerate(value):
        path = f"{field.id}/{place}"
        if not _is_file(entry):
            yield Problem(path, "wrong_shape", params={"type": field.type})
            continue
        if entry["size"] > MOST_BYTES:
            params = {"name": entry["name"], "max": MOST_BYTES >> 20}
            yield Problem(path, "file_too_large", params=params)
        if entry["sha256"] in seen:
            yield Problem(path, "file_doubled", params={"name": entry["name"]})
        seen.add(entry["sha256"])


def _is_file(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and entry.keys() == set(FILE_KEYS)
        and all(isinstance(entry[key], str) for key in ("name", "media_type", "sha256"))
        and type(entry["size"]) is int
        and entry["size"] > 0
        and 0 < len(entry["name"].strip()) <= _NAME_LIMIT
        and entry["name"].isprintable()
        and 0 < len(entry["media_type"]) <= _MEDIA_TYPE_LIMIT
        and _SHA256.fullmatch(entry["sha256"]) is not None
    )


# --- as text -------------------------------------------------------------------------------------


def join_cells(cells: Sequence[str]) -> str:
    """Write the cells of one entry as a line."""
    return _SEAM.join(cell.replace("\\", "\\\\").replace("|", "\\|").replace("\n", "\\n") for cell in cells)


def split_cells(line: str) -> list[str]:
    """Read what `join_cells` wrote; blanks around a cell do not count."""
    cells, at = [], 0
    while at <= len(line):
        found = _CUTS.match(line, at)
        if found is None:  # a backslash at the very end: it stands for itself
            cells.append(line[at:].strip())
            break
        cells.append(_KEPT.sub(lambda kept: "\n" if kept[1] == "n" else kept[1], found[1]).strip(" "))
        if not found[0].endswith("|"):
            break
        at = found.end()
    return cells
