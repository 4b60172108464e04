"""A program that imports one file into a desk and says each chunk; tests kill it.

    python -m tests.client.intake.importer PROFILE OPERATOR PASSPHRASE FILE

Prints one line a chunk: the row reached, and the process that reads the file.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from client.core.ids import uuid7
from client.intake.importing import import_file
from client.paths import resources
from client.store.desk import Catalogs
from client.store.profile import unlock
from forms.catalog.loader import load_set

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def main(profile: str, operator: str, passphrase: str, file: str) -> None:
    """Import a file; the last line is ``done``."""
    desk = unlock(
        Path(profile), operator, passphrase, None,
        catalogs=Catalogs([load_set(resources() / "catalogs" / "2026.1")]),
        clock=lambda: NOW, new_id=lambda: uuid7(NOW, os.urandom(10)),
    )  # fmt: skip
    import_file(desk, Path(file), progress=_say)
    desk.close()
    sys.stdout.write("done\n")


def _say(row: int, _of: int | None) -> None:
    # After the last rows the reader may have left already; a kill then meets the importer alone.
    readers = [child.pid for child in multiprocessing.active_children()]
    sys.stdout.write(f"{row} {readers[0] if readers else 0}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
