"""Attachments arrive in chunks, and an upload that was cut goes on where it stopped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "upload",
        sa.Column("upload_id", sa.String(36), nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("offset_bytes", sa.BigInteger(), nullable=False),
        sa.Column("touched_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_upload")),
        sa.UniqueConstraint("unit", "sha256", name=op.f("uq_upload_unit_sha256")),
    )
    op.create_index("ix_upload_touched_at", "upload", ["touched_at"])
    op.create_table(
        "upload_part",
        sa.Column("upload_id", sa.String(36), nullable=False),
        sa.Column("at_byte", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("upload_id", "at_byte", name=op.f("pk_upload_part")),
    )
