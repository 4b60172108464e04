"""What processes on one database tell each other from minute to minute; after a crash it may be gone."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, String, Table

from regional_platform.store.tables import AT, CODE, ID, metadata

bucket = Table(  # how often somebody came, see `limits`; `full_at` in seconds since 1970
    "bucket",
    metadata,
    Column("holder", CODE, primary_key=True),  # a device, or a network address
    Column("lane", String(16), primary_key=True),
    Column("full_at", Double, nullable=False),
    Index("ix_bucket_full_at", "full_at"),
)

under_way = Table(  # batches that were answered 202, and are being judged
    "under_way",
    metadata,
    Column("device_id", ID, primary_key=True),
    Column("batch_id", ID, primary_key=True),
    Column("until_at", AT, nullable=False),  # nobody judges longer: who was killed leaves no word for ever
)
