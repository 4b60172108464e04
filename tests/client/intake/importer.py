"""A program that imports one file into a desk and says each chunk; tests kill it.

    python -m tests.client.intake.importer PROFILE OPERATOR PASSPHRASE FILE [SAID]

Prints one line a chunk: the row reached, and the process that reads the file; goes on at a line of input.
SAID is JSON: kind → act, row → [act, reason], and pairs of field and reason of cleaning that are refused.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from client.core.ids import uuid7
from client.core.imports import Choice, Choices, Cleanings
from client.intake.importing import import_file
from client.paths import resources
from client.store.desk import Catalogs
from client.store.profile import unlock
from forms.catalog.loader import load_set

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def what_was_said(text: str) -> dict[str, Any]:
    """Read choices and refused cleanings as a person would have made them."""
    said = json.loads(text)
    groups = {kind: Choice(act) for kind, act in said["kinds"].items()}
    rows = {int(row): Choice(*choice) for row, choice in said["rows"].items()}
    refused = dict.fromkeys(map(tuple, said["refused"]), False)
    return {"choices": Choices(groups, rows), "cleanings": Cleanings(refused)}


def main(profile: str, operator: str, passphrase: str, file: str, said: str = "") -> None:
    """Import a file; the last line is ``done``."""
    desk = unlock(
        Path(profile), operator, passphrase, None,
        catalogs=Catalogs([load_set(resources() / "catalogs" / "2026.1")]),
        clock=lambda: NOW, new_id=lambda: uuid7(NOW, os.urandom(10)),
    )  # fmt: skip
    import_file(desk, Path(file), progress=_say, **(what_was_said(said) if said else {}))
    desk.close()
    sys.stdout.write("done\n")


def _say(row: int, _of: int | None) -> None:
    # After the last rows the reader may have left already; a kill then meets the importer alone.
    readers = [child.pid for child in multiprocessing.active_children()]
    sys.stdout.write(f"{row} {readers[0] if readers else 0}\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    main(*sys.argv[1:])
