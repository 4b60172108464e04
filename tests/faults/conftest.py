from __future__ import annotations

from tests.databases import postgres, seeded_platform

__all__ = ["postgres", "seeded_platform"]  # fixtures, for this folder
