"""The tables of questions (疑问数据): where each stands, and every act upon it."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text

from regional_platform.store.tables import AT, CODE, ID, SERIAL, metadata

question = Table(  # one row a version that was rejected, unmatched or held; moved by what causes it
    "question",
    metadata,
    Column("n", SERIAL, primary_key=True, autoincrement=True),
    Column("version_id", ID, nullable=False, unique=True),
    Column("record_id", ID, nullable=False, index=True),
    Column("unit", CODE, nullable=False),
    Column("item", CODE, nullable=False),
    Column("cause", String(12), nullable=False),
    Column("problem", CODE, nullable=False),
    Column("state", String(12), nullable=False),
    Column("since_at", AT, nullable=False),  # from when it counts: what is held, only a day later
    Column("changed_at", AT, nullable=False),
    Column("changed_by", CODE),  # who ignored it or took it up again; null: the platform
    Column("reason", Text),
    Index("ix_question_unit_state", "unit", "state", "n"),
)

question_act = Table(  # append-only
    "question_act",
    metadata,
    Column("n", SERIAL, primary_key=True, autoincrement=True),
    Column("version_id", ID, nullable=False, index=True),
    Column("cause", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("at", AT, nullable=False),
    Column("operator_id", CODE),
    Column("reason", Text),
)
