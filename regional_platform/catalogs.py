"""The catalog sets (目录集) that the platform judges by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from forms.catalog.loader import load_set
from forms.catalog.schema import CatalogSet, Item


@dataclass(frozen=True, slots=True)
class Catalogs:
    """All sets that versions may name."""

    sets: Mapping[str, CatalogSet]

    @property
    def current(self) -> CatalogSet:
        """The set that holds from the latest day."""
        return max(self.sets.values(), key=lambda known: known.effective_on)

    def item(self, ref: str, digest: str) -> Item | None:
        """Return the item that a version names, or None when it is not exactly ours.

        Args:
            ref: ``XZCF_FR@2026.1``.
            digest: of the item as the client has it, 64 hex.
        """
        code, _, set_name = ref.partition("@")
        known = self.sets.get(set_name)
        item = known.items.get(code) if known else None
        return item if item is not None and item.digest == digest else None


def load_catalogs(resources: Path) -> Catalogs:
    """Load every set under ``catalogs/``."""
    folders = sorted(path for path in (resources / "catalogs").iterdir() if path.is_dir())
    sets = [load_set(folder) for folder in folders]
    return Catalogs({known.name: known for known in sets})
