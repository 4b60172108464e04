"""The command line of the desk: every act of the window, for scripts and for offices without one.

`main` is the entry point. Verbs load when they are called, so that no verb pays for another's
imports, and none but the window loads Qt. Exit codes: 0 fine, 1 problems found, 2 could not do it.
"""

from __future__ import annotations

import importlib
import multiprocessing
import sys
from collections.abc import Sequence
from typing import Final

READS: Final = {"check": "client.intake.judging", "import": "client.intake.judging"}
"""Verb → what its reading process loads, at the same time as the program loads the verb."""

PUBLIC: Final = frozenset({"check"})
"""Verbs that open no desk: nobody's secret is in memory when the reading process begins as a copy."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one verb and leave with its exit code."""
    multiprocessing.freeze_support()
    said = sys.argv[1:] if arguments is None else arguments
    reads = READS.get(said[0]) if said else None
    child = importlib.import_module("client.intake.child") if reads else None
    reader = child.Reader(reads, is_copy=said[0] in PUBLIC) if child else None
    try:
        importlib.import_module("client.cli.verbs").main(said, reader)
    finally:
        if reader is not None:
            reader.close()
