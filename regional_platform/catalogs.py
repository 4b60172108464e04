"""The catalog sets (目录集) that the platform judges by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from forms.catalog.loader import load_set
from forms.catalog.schema import CatalogSet, Item


@dataclass(frozen=True)
class Catalogs:
    """All sets that versions may name. Not slotted: what is worked out from them is remembered.

    Attributes:
        until: last day on which new records of a retired set are taken, by its name.
        on: the day that this is the state of; None makes the newest set the current one.
    """

    sets: Mapping[str, CatalogSet]
    until: Mapping[str, date] = field(default_factory=dict)
    on: date | None = None

    @cached_property
    def current(self) -> CatalogSet:
        """The set in force: that which holds from the latest day, up to today; of two, the last by name."""
        day = self.on
        holding = [one for one in self.sets.values() if day is not None and self.takes(one.name, day)]
        return max(holding or self.sets.values(), key=lambda known: (known.effective_on, known.name))

    @cached_property
    def closed(self) -> tuple[str, ...]:
        """Codes of the items that units share only by authorisation (授权)."""
        return tuple(code for code, item in self.current.items.items() if item.sharing == "授权")

    def takes(self, name: str, day: date) -> bool:
        """Say whether new records of the set of that name are taken on `day`."""
        known = self.sets.get(name)
        return known is not None and known.effective_on <= day <= self.until.get(name, date.max)

    def item(self, ref: str, digest: str) -> Item | None:
        """Return the item that a version names, or None when it is not exactly ours.

        Args:
            ref: ``XZCF_FR@2026.1``.
            digest: of the item as the client has it, 64 hex.
        """
        item = self.named(ref)
        return item if item is not None and item.digest == digest else None

    def named(self, ref: str) -> Item | None:
        """Return the item that ``XZCF_FR@2026.1`` names, or None when no set of ours has it."""
        code, _, set_name = ref.partition("@")
        known = self.sets.get(set_name)
        return known.items.get(code) if known else None


@cache
def load_catalogs(resources: Path) -> Catalogs:
    """Load every set under ``catalogs/``, once in a process: what ships does not change while it runs."""
    folders = sorted(path for path in (resources / "catalogs").iterdir() if path.is_dir())
    sets = [load_set(folder) for folder in folders]
    return Catalogs({known.name: known for known in sets})
