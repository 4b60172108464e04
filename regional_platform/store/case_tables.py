"""The tables of cases (办件), and of who holds a record that may have to be corrected."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from regional_platform.store.tables import AT, CODE, ID, SHA, metadata

casefile = Table(  # 办件; `unit` supplied the records, `hall_unit` took the objection in
    "casefile",
    metadata,
    Column("case_id", ID, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(12), nullable=False),  # follows from the stage
    Column("stage", String(12), nullable=False),
    Column("revision", ID, nullable=False),
    Column("unit", CODE, nullable=False),
    Column("hall_unit", CODE, nullable=False),
    Column("application_id", ID),
    Column("opening", LargeBinary, nullable=False),  # JSON, as received
    Column("opening_sha256", SHA, nullable=False),
    Column("opened_by", CODE, nullable=False),
    Column("opened_at", AT, nullable=False),
    Column("owner_id", CODE),
    Column("owner_name", Text),
    Column("due_on", String(10)),  # this and the three that follow are written by the clocks
    Column("due_certain", Boolean, nullable=False),
    Column("platform_rules", String(64)),
    Column("provider_rules", String(64)),
    Column("stops", Boolean, nullable=False),  # others do not see its records while it bears the mark
    Column("outcome", String(8)),  # of a repair: granted, refused
    Column("decided_version", ID, index=True),
    Column("decision", LargeBinary),  # JSON
    Column("closed_at", AT),
    Index("ix_casefile_unit_case_id", "unit", "case_id"),
)

case_record = Table(  # the records that a case is about, as they were when it was opened
    "case_record",
    metadata,
    Column("case_id", ID, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("record_id", ID, nullable=False, index=True),
    Column("snapshot", LargeBinary, nullable=False),  # JSON: version_id, catalog, payload
)

case_event = Table(  # append-only: what happened to a case, numbered from 0
    "case_event",
    metadata,
    Column("event_id", ID, primary_key=True),
    Column("case_id", ID, nullable=False),
    Column("n", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("at", AT, nullable=False),
    Column("legal_day", String(10), nullable=False),  # of `at`, in Asia/Shanghai
    Column("unit", CODE, nullable=False),
    Column("operator", CODE),  # None: by the platform itself
    Column("data", LargeBinary, nullable=False),  # JSON
    UniqueConstraint("case_id", "n"),
)

case_revision = Table(  # append-only: every change of a case
    "case_revision",
    metadata,
    Column("revision", ID, primary_key=True),
    Column("case_id", ID, nullable=False, index=True),
    Column("state", String(12), nullable=False),
    Column("at", AT, nullable=False),
    Column("version_id", ID),
)

case_correction = Table(  # versions that must be stored before a decision is carried out
    "case_correction",
    metadata,
    Column("decided_version", ID, primary_key=True),
    Column("version_id", ID, primary_key=True, index=True),
)

case_evidence = Table(  # whose attachments the parties of a case may read
    "case_evidence",
    metadata,
    Column("sha256", SHA, primary_key=True),
    Column("case_id", ID, primary_key=True),
    Column("unit", CODE, primary_key=True),
)

case_lease = Table(  # who works on a case just now
    "case_lease",
    metadata,
    Column("case_id", ID, primary_key=True),
    Column("operator_id", CODE, nullable=False),
    Column("name", Text, nullable=False),
    Column("until", AT, nullable=False),
)

holding = Table(  # which units were shown a record of another unit
    "holding",
    metadata,
    Column("record_id", ID, primary_key=True),
    Column("unit", CODE, primary_key=True),
    Column("since_at", AT, nullable=False),
)

confirmation = Table(  # that a unit knows of a change of a record it holds; `how`: read, waived
    "confirmation",
    metadata,
    Column("version_id", ID, primary_key=True),
    Column("unit", CODE, primary_key=True),
    Column("record_id", ID, nullable=False, index=True),
    Column("seq", BigInteger, nullable=False),  # the entry of its feed, or a later one
    Column("asked_at", AT, nullable=False),
    Column("settled_at", AT),
    Column("how", String(8)),
    Column("settled_by", CODE),
    Column("reason", Text),
    Index(
        "ix_confirmation_open",
        "unit",
        "seq",
        sqlite_where=text("settled_at IS NULL"),
        postgresql_where=text("settled_at IS NULL"),
    ),
)
