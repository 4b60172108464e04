"""The contract holds on both databases."""

from tests.databases import postgres, seeded_platform

__all__ = ["postgres", "seeded_platform"]
