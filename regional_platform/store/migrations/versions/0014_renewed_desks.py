"""A desk whose disk was copied goes on under a new id; the old one takes no batches any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("device", sa.Column("retired_at", sa.String(length=24)))
    op.add_column("device", sa.Column("renews", sa.String(length=36)))
    op.create_index("ix_device_renews", "device", ["renews"])
