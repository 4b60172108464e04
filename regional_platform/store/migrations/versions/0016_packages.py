"""Exchange packages that came on a stick, and those that answered them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "package",
        sa.Column("package_id", sa.String(36), nullable=False),
        sa.Column("way", sa.String(4), nullable=False),
        sa.Column("device_id", sa.String(36), nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("package_seq", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("operator_id", sa.String(64)),
        sa.Column("ack_of", sa.String(36)),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("noted_at", sa.String(24), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("package_id", name=op.f("pk_package")),
    )
    op.create_index("ix_package_number", "package", ["device_id", "way", "package_seq"])
