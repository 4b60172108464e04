"""Who works on a case just now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "case_lease",
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("operator_id", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("until", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_lease")),
    )
