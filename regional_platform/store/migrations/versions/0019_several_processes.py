"""Rates and batches under way are known to all processes on one database.

Both are worth nothing after a crash: PostgreSQL need not log them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "bucket",
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("lane", sa.String(16), nullable=False),
        sa.Column("full_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("holder", "lane", name="pk_bucket"),
    )
    op.create_index("ix_bucket_full_at", "bucket", ["full_at"])
    op.create_table(
        "under_way",
        sa.Column("device_id", sa.String(36), nullable=False),
        sa.Column("batch_id", sa.String(36), nullable=False),
        sa.Column("until_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "batch_id", name="pk_under_way"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in ("bucket", "under_way"):
            op.execute(f"ALTER TABLE {table} SET UNLOGGED")
