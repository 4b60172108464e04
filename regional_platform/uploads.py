"""Uploads: an attachment (附件) arrives chunk by chunk, and goes on where it was cut.

An unfinished upload belongs to its unit: any desk of it that has the same bytes goes on with it. Nothing of
it is an attachment before the last chunk is there and the whole has the digest that it is known by.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from regional_platform.attachments import PART_BYTES, Kept, held, put_in
from regional_platform.auth.callers import Caller
from regional_platform.platform import Platform
from regional_platform.problems import Refusal
from regional_platform.store.tables import upload, upload_part
from regional_platform.times import iso

CHUNK_BYTES: Final = 1_048_576
"""Most bytes of one chunk."""

KEPT_FOR: Final = timedelta(days=7)
"""How long an unfinished upload waits for its next chunk."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An upload: its id, and up to where its bytes are here."""

    upload_id: str
    offset: int


def begin(platform: Platform, kept: Kept) -> Begun | None:
    """Begin an upload, or find the one that was begun; None when the unit has the attachment already."""

    def act(connection: Connection) -> Begun | None:
        if held(connection, kept.unit, kept.sha256):
            return None
        same = (upload.c.unit == kept.unit, upload.c.sha256 == kept.sha256)
        known = connection.execute(select(upload).where(*same)).one_or_none()
        if known is not None and known.size_bytes == kept.size_bytes:
            return Begun(known.upload_id, known.offset_bytes)
        if known is not None:  # one of the two sizes was wrong, and no digest can say which
            _remove(connection, known.upload_id)
        made = Begun(str(uuid.uuid4()), 0)
        connection.execute(
            insert(upload).values(
                upload_id=made.upload_id,
                unit=kept.unit,
                sha256=kept.sha256,
                size_bytes=kept.size_bytes,
                name=kept.name,
                media_type=kept.media_type,
                offset_bytes=0,
                touched_at=iso(platform.clock()),
            )
        )
        return made

    return platform.store.write(act, units=())  # a digest has one upload; who comes second finds it


def find(connection: Connection, caller: Caller, upload_id: str) -> Row[Any]:
    """Find an unfinished upload of the caller's unit.

    Raises:
        Refusal: upload-unknown, also for those of others, and when it is finished or was given up.
    """
    mine = (upload.c.upload_id == upload_id, upload.c.unit == caller.unit)
    row = connection.execute(select(upload).where(*mine)).one_or_none()
    if row is None:
        raise Refusal("upload-unknown")
    return row


def append(platform: Platform, caller: Caller, upload_id: str, offset: int, chunk: bytes) -> int:
    """Add a chunk, and keep the attachment when it was the last one; returns the new offset.

    Raises:
        Refusal: upload-unknown; offset-differs, with the right one; attachment-mismatch: the whole is not
            what it was said to be, and all of it is dropped.
    """
    mismatched: list[str] = []

    def act(connection: Connection) -> int:
        mismatched.clear()
        row = find(connection, caller, upload_id)
        end = offset + len(chunk)
        moved = (
            update(upload)
            .where(upload.c.upload_id == upload_id, upload.c.offset_bytes == offset)
            .values(offset_bytes=end, touched_at=iso(platform.clock()))
        )
        if end > row.size_bytes or not connection.execute(moved).rowcount:
            here = find(connection, caller, upload_id).offset_bytes
            raise Refusal("offset-differs", headers={"Upload-Offset": str(here)}, offset=here)
        connection.execute(insert(upload_part).values(upload_id=upload_id, at_byte=offset, bytes=chunk))
        if end == row.size_bytes:
            if _digest(connection, upload_id) == row.sha256:
                kept = Kept(row.unit, row.sha256, row.size_bytes, row.name, row.media_type)
                put_in(connection, kept, _in_parts(connection, upload_id), iso(platform.clock()))
            else:
                mismatched.append(upload_id)
            _remove(connection, upload_id)
        return end

    end = platform.store.write(act, units=())
    if mismatched:
        raise Refusal("attachment-mismatch")
    return end


def sweep(connection: Connection, now: datetime, *, most: int) -> int:
    """Remove unfinished uploads that nobody went on with, the oldest first; returns how many."""
    stale = (
        select(upload.c.upload_id)
        .where(upload.c.touched_at <= iso(now - KEPT_FOR))
        .order_by(upload.c.touched_at)
        .limit(most)
    )
    gone = connection.execute(stale).scalars().all()
    for upload_id in gone:
        _remove(connection, upload_id)
    return len(gone)


def _remove(connection: Connection, upload_id: str) -> None:
    for table in (upload_part, upload):
        connection.execute(delete(table).where(table.c.upload_id == upload_id))


def _chunks(connection: Connection, upload_id: str) -> Iterator[bytes]:
    """Yield the chunks in their order, each fetched alone."""
    of_it = select(upload_part.c.at_byte).where(upload_part.c.upload_id == upload_id)
    for at in connection.execute(of_it.order_by(upload_part.c.at_byte)).scalars().all():
        yield connection.execute(
            select(upload_part.c.bytes).where(
                upload_part.c.upload_id == upload_id, upload_part.c.at_byte == at
            )
        ).scalar_one()


def _digest(connection: Connection, upload_id: str) -> str:
    hashed = hashlib.sha256()
    for chunk in _chunks(connection, upload_id):
        hashed.update(chunk)
    return hashed.hexdigest()


def _in_parts(connection: Connection, upload_id: str) -> Iterator[bytes]:
    """Yield the bytes as attachments are kept: in parts of one size."""
    waiting = bytearray()
    for chunk in _chunks(connection, upload_id):
        waiting += chunk
        while len(waiting) >= PART_BYTES:
            yield bytes(waiting[:PART_BYTES])
            del waiting[:PART_BYTES]
    if waiting:
        yield bytes(waiting)
