"""The mark that a record is under dispute (异议标注): shown to every reader while a case on it is open."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from regional_platform.store.case_tables import case_record, casefile


def disputed(connection: Connection, record_ids: Iterable[str]) -> set[str]:
    """Return those records on which a case is open."""
    return set(
        connection.execute(
            select(case_record.c.record_id)
            .join(casefile, casefile.c.case_id == case_record.c.case_id)
            .where(case_record.c.record_id.in_(set(record_ids)), casefile.c.state != "closed")
        ).scalars()
    )
