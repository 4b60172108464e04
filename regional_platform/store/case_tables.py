"""The tables of cases (办件), and of who holds a record that may have to be corrected."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, Text, text

from regional_platform.store.tables import AT, CODE, ID, SHA, metadata

casefile = Table(  # 办件; `unit` supplied the record, `hall_unit` took the objection in
    "casefile",
    metadata,
    Column("case_id", ID, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(12), nullable=False),
    Column("revision", ID, nullable=False),
    Column("unit", CODE, nullable=False),
    Column("hall_unit", CODE, nullable=False),
    Column("record_id", ID, nullable=False, index=True),
    Column("opening", LargeBinary, nullable=False),  # JSON, as received
    Column("opening_sha256", SHA, nullable=False),
    Column("snapshot", LargeBinary, nullable=False),  # JSON: the record when it was opened
    Column("opened_by", CODE, nullable=False),
    Column("opened_at", AT, nullable=False),
    Column("due_on", String(10)),
    Column("accepted_on", String(10)),  # 受理; this and the two that follow are written by the clocks
    Column("suspended_on", String(10)),
    Column("extended_to", String(10)),
    Column("decided_version", ID, index=True),
    Column("decision", LargeBinary),  # JSON
    Column("closed_at", AT),
    Index("ix_casefile_unit_case_id", "unit", "case_id"),
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

case_transfer = Table(  # 移送: append-only
    "case_transfer",
    metadata,
    Column("transfer_id", ID, primary_key=True),
    Column("case_id", ID, nullable=False, index=True),
    Column("from_unit", CODE, nullable=False),
    Column("to_unit", CODE, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", CODE, nullable=False),
    Column("at", AT, nullable=False),
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
