"""The key of persons' tags can be replaced; what is published is told to the units one after the other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tags say by which key they were made; the one key that there was is in use."""
    for name in ("since_at", "ended_at"):
        op.add_column("list_key", sa.Column(name, sa.String(24)))
    op.execute("UPDATE list_key SET since_at = made_at")
    op.rename_table("list_tag", "list_tag_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE list_tag_before DROP CONSTRAINT pk_list_tag")
    op.create_table(
        "list_tag",
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("subject_code", sa.String(64), nullable=False),
        sa.Column("tag", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "subject_code", name="pk_list_tag"),
    )
    op.execute(
        "INSERT INTO list_tag (key_id, subject_code, tag) "
        "SELECT list_key.id, subject_code, tag FROM list_tag_before CROSS JOIN list_key"
    )
    op.drop_table("list_tag_before")
    op.create_table(
        "list_telling",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("after", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_list_telling"),
    )
