"""Whether a case stops publication, and whether a repair was granted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was open before stopped nothing."""
    op.add_column("casefile", sa.Column("outcome", sa.String(8), nullable=True))
    op.add_column("casefile", sa.Column("stops", sa.Boolean(), nullable=True))
    op.execute("UPDATE casefile SET stops = false")
    with op.batch_alter_table("casefile") as table:
        table.alter_column("stops", existing_type=sa.Boolean(), nullable=False)
