"""Evidence (证据) that a person brings to a case: looked at before it is kept."""

from __future__ import annotations

import os
from pathlib import Path

from client.core.file_kinds import LOOKED_AT, fault_of
from client.core.records import Attachment
from client.errors import FileRefused
from client.store import attachments
from client.store.attachments import Progress
from client.store.desk import Desk


def add(desk: Desk, path: Path, progress: Progress = lambda _hundredths: None) -> Attachment:
    """Take a file in as evidence of a case, after a look at what it is.

    Raises:
        FileRefused: ``evidence_program``, ``evidence_other_kind``, ``evidence_broken``; and what
            `attachments.add` raises: ``attachment_too_large``, ``attachment_empty`` …
        StoreError: the disk is full.
    """
    look(path)
    return attachments.add(desk, path, progress)


def look(path: Path) -> None:
    """Refuse a program, a file of another kind than its name says, and half a PDF or picture.

    Raises:
        FileRefused: as `add`; a file that cannot be read is left to `attachments.add`.
    """
    try:
        with path.open("rb") as file:
            head = file.read(LOOKED_AT)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - LOOKED_AT, 0))
            tail = file.read(LOOKED_AT)
    except OSError:
        return
    code = fault_of(path.name, head, tail) if size else None
    if code is not None:
        raise FileRefused(code, name=path.name)
