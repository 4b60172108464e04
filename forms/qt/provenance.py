"""Where a field comes from, in words: what is not sourced must never pass for a norm."""

from __future__ import annotations

from typing import Final

from forms.catalog.schema import Field, Item, Provenance
from forms.qt import words

WEAKEST_FIRST: Final[tuple[Provenance, ...]] = ("recalled", "derived", "sourced")


def provenance(field: Field) -> Provenance:
    """Return the weakest provenance of the properties of `field`."""
    found = {basis.provenance for basis in field.basis.values()}
    return next((kind for kind in WEAKEST_FIRST if kind in found), "derived")


def describe(field: Field) -> str:
    """Return the help of `field` and where each of its properties comes from, in lines."""
    lines = [field.title + (f"（{field.unit}）" if field.unit else "")]
    if field.help:
        lines.append(field.help)
    if field.note:
        lines.append(field.note)
    for name, basis in field.basis.items():
        line = f"{words.PROPERTY.get(name, name)}：{words.PROVENANCE[basis.provenance]}"
        lines.append(f"{line} · {basis.source}" if basis.source else line)
    return "\n".join(lines)


def summary(item: Item) -> str:
    """Return one line that says how much of an item still waits for its source."""
    kinds = [provenance(field) for field in item.fields]
    parts = [f"{len(kinds)} 个数据项"]
    for kind, word in (("recalled", "项有内容待核对原文"), ("derived", "项有内容是推定")):
        if kind in kinds:
            parts.append(f"{kinds.count(kind)} {word}")
    return "，".join(parts)
