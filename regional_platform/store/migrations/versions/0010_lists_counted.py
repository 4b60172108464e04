"""Who is on which list is counted from an index alone."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_list_entry_counted", "list_entry", ["list", "unit", "since_on", "last_on"], unique=False
    )
