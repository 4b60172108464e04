"""The tables of conflicts: the same act from two units, and records that contradict each other."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text

from regional_platform.store.tables import AT, CODE, ID, SERIAL, metadata

conflict = Table(  # one row a conflict; `key` is the same however often it is found
    "conflict",
    metadata,
    Column("n", SERIAL, primary_key=True, autoincrement=True),
    Column("conflict_id", ID, nullable=False, unique=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", String(24), nullable=False),
    Column("subject_code", CODE),
    Column("attributes", Text, nullable=False),  # JSON array: in what registrations differ
    Column("state", String(8), nullable=False),
    Column("owner", CODE, nullable=False),  # the unit whose matter it is
    Column("taken_by", CODE),  # the operator who has it in hand
    Column("found_at", AT, nullable=False),
    Column("changed_at", AT, nullable=False),
    Column("settled_at", AT),
    Column("outcome", String(12)),
    Column("reason", Text),
    Index("ix_conflict_subject", "subject_code", "n"),
)

conflict_record = Table(  # its sides, each with the version that was judged
    "conflict_record",
    metadata,
    Column("conflict_id", ID, primary_key=True),
    Column("record_id", ID, primary_key=True, index=True),
    Column("unit", CODE, nullable=False),
    Column("city", String(6), nullable=False),
    Column("item", CODE, nullable=False),
    Column("act_on", String(10), nullable=False),
    Column("version_id", ID, nullable=False),
)

conflict_act = Table(  # append-only
    "conflict_act",
    metadata,
    Column("n", SERIAL, primary_key=True, autoincrement=True),
    Column("conflict_id", ID, nullable=False, index=True),
    Column("what", String(12), nullable=False),
    Column("at", AT, nullable=False),
    Column("operator_id", CODE),  # null: the platform
    Column("owner", CODE, nullable=False),
    Column("outcome", String(12)),
    Column("reason", Text),
    Column("records", Text, nullable=False),  # JSON array of record ids, as the sides were then
)
