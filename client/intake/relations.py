"""Relations between the parts of an Office package: which part a workbook or a sheet names for what."""

from __future__ import annotations

import posixpath
import zipfile
from dataclasses import dataclass

from client.intake import parts


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation.

    Attributes:
        kind: last part of its type: ``worksheet``, ``comments``, ``externalLink``.
        target: the part as the archive names it; the address of something outside.
        outside: whether it leads out of the file.
        written: the target as it stands in the file.
    """

    kind: str
    target: str
    outside: bool
    written: str


def relations_part(part: str) -> str:
    """Return the name of the part that lists the relations of a part."""
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels"


def relations(archive: zipfile.ZipFile, part: str) -> dict[str, Relation]:
    """Return the relations of a part: id → relation; none when it has no list of them.

    Raises:
        FileRefused: `file_damaged`.
    """
    folder, listing = part.rpartition("/")[0], relations_part(part)
    known = {entry.casefold(): entry for entry in archive.NameToInfo}
    found: dict[str, Relation] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] != "Relationship":
            return
        written = attributes.get("Target", "")
        outside = attributes.get("TargetMode") == "External"
        target = written if outside else _resolve(folder, written)
        found[attributes.get("Id", "")] = Relation(
            attributes.get("Type", "").rpartition("/")[2],
            target if outside else known.get(target.casefold(), target),
            outside,
            written,
        )

    if listing in archive.NameToInfo:
        parts.walk(archive, listing, start)
    return found


def _resolve(folder: str, written: str) -> str:
    path = written.replace("\\", "/")
    return posixpath.normpath(path if path[:1] == "/" else f"/{folder}/{path}").lstrip("/")
