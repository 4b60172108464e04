"""The tables of administration: who changed what, liaisons."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text

from regional_platform.store.tables import AT, CODE, SERIAL, metadata

admin_act = Table(  # append-only: every act of administration; `path` as it was then
    "admin_act",
    metadata,
    Column("n", SERIAL, primary_key=True, autoincrement=True),
    Column("at", AT, nullable=False),
    Column("operator_id", CODE),  # null: by the platform's own commands
    Column("act", CODE, nullable=False),  # e.g. unit.add
    Column("object", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("before", Text),  # JSON, without secrets
    Column("after", Text),
    Index("ix_admin_act_object", "object"),
)

liaison = Table(  # 联络员 of a unit, in their order
    "liaison",
    metadata,
    Column("unit", CODE, ForeignKey("unit.code"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("deputy", Boolean, nullable=False),
)
