"""Notices, and what is published: catalog sets, calendars, and the keys that may sign sets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "notice",
        sa.Column("notice_id", sa.String(36), nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("from_on", sa.String(10), nullable=False),
        sa.Column("until_on", sa.String(10), nullable=False),
        sa.Column("posted_by", sa.String(64)),
        sa.Column("posted_at", sa.String(24), nullable=False),
        sa.Column("withdrawn_by", sa.String(64)),
        sa.Column("withdrawn_at", sa.String(24)),
        sa.Column("withdrawn_why", sa.Text()),
        sa.ForeignKeyConstraint(["unit"], ["unit.code"], name=op.f("fk_notice_unit")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notice")),
    )
    op.create_table(
        "published",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("holds_from", sa.String(10), nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("published_by", sa.String(64)),
        sa.Column("published_at", sa.String(24), nullable=False),
        sa.Column("accept_until", sa.String(10)),
        sa.Column("retired_by", sa.String(64)),
        sa.Column("retired_at", sa.String(24)),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_published")),
        sa.UniqueConstraint("kind", "digest", name=op.f("uq_published_kind_digest")),
    )
    op.create_table(
        "catalog_key",
        sa.Column("public_key", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("trusted_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("public_key", name=op.f("pk_catalog_key")),
    )
