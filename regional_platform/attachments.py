"""Attachments: bytes known by their digest, kept for each unit on its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Final

from sqlalchemy import Connection, insert, select

from regional_platform.auth.callers import Caller
from regional_platform.cases import is_party
from regional_platform.platform import Platform
from regional_platform.problems import Refusal
from regional_platform.store.case_tables import case_evidence, casefile
from regional_platform.store.tables import attachment, attachment_part
from regional_platform.times import iso

PART_BYTES: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class Kept:
    """An attachment that the caller may read."""

    unit: str
    sha256: str
    size_bytes: int
    name: str
    media_type: str


def keep(platform: Platform, caller: Caller, kept: Kept, content: IO[bytes]) -> bool:
    """Keep an attachment whose digest was held against its bytes; False when it was there already."""

    def act(connection: Connection) -> bool:
        if held(connection, caller.unit, kept.sha256):
            return False
        content.seek(0)
        put_in(connection, kept, iter(lambda: content.read(PART_BYTES), b""), iso(platform.clock()))
        return True

    return platform.store.write(act, units=())  # a digest is kept once; who comes second finds it


def held(connection: Connection, unit: str, sha256: str) -> bool:
    """Say whether a unit has an attachment."""
    return _own(connection, unit, sha256) is not None


def put_in(connection: Connection, kept: Kept, parts: Iterable[bytes], at: str) -> None:
    """Write an attachment; every part but the last has PART_BYTES."""
    for n, part in enumerate(parts):
        connection.execute(
            insert(attachment_part).values(unit=kept.unit, sha256=kept.sha256, n=n, bytes=part)
        )
    connection.execute(
        insert(attachment).values(
            unit=kept.unit,
            sha256=kept.sha256,
            size_bytes=kept.size_bytes,
            name=kept.name,
            media_type=kept.media_type,
            kept_at=at,
        )
    )


def find(connection: Connection, caller: Caller, sha256: str) -> Kept:
    """Find an attachment of the caller's unit, or evidence of a case that the caller is party to.

    Raises:
        Refusal: attachment-unknown, also for what belongs to others.
    """
    kept = _own(connection, caller.unit, sha256) or _shown(connection, caller, sha256)
    if kept is None:
        raise Refusal("attachment-unknown")
    return kept


def parts(platform: Platform, kept: Kept, wanted: range) -> Iterator[bytes]:
    """Yield bytes, part by part; each part in a short transaction of its own.

    Args:
        platform: the open platform.
        kept: the attachment.
        wanted: places of the bytes, one after the other; within it.
    """
    for n in range(wanted.start // PART_BYTES, -(-wanted.stop // PART_BYTES)):
        begin = n * PART_BYTES
        with platform.store.reading() as connection:
            part: bytes = connection.execute(
                select(attachment_part.c.bytes).where(
                    attachment_part.c.unit == kept.unit,
                    attachment_part.c.sha256 == kept.sha256,
                    attachment_part.c.n == n,
                )
            ).scalar_one()
        yield part[max(0, wanted.start - begin) : wanted.stop - begin]


def _own(connection: Connection, unit: str, sha256: str) -> Kept | None:
    row = connection.execute(
        select(attachment).where(attachment.c.unit == unit, attachment.c.sha256 == sha256)
    ).one_or_none()
    return Kept(row.unit, row.sha256, row.size_bytes, row.name, row.media_type) if row else None


def _shown(connection: Connection, caller: Caller, sha256: str) -> Kept | None:
    rows = connection.execute(
        select(casefile, case_evidence.c.unit.label("kept_by"))
        .join(case_evidence, case_evidence.c.case_id == casefile.c.case_id)
        .where(case_evidence.c.sha256 == sha256)
    )
    unit = next((row.kept_by for row in rows if is_party(connection, caller, row)), None)
    return _own(connection, unit, sha256) if unit is not None else None
