"""Lists: who is on which, every act upon that, and what was published each day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regional_platform.store.migrations.protect import append_only

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

APPEND_ONLY = ("list_act", "list_day", "list_edition")


def upgrade() -> None:
    """Make the tables."""
    _entries()
    _published()
    append_only(APPEND_ONLY)


def _entries() -> None:
    """Who is on which list, and the acts."""
    op.create_table(
        "list_entry",
        sa.Column("record_id", sa.String(length=36), nullable=False),
        sa.Column("list", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("subject_kind", sa.String(length=8), nullable=False),
        sa.Column("subject_code", sa.String(length=64), nullable=False),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("keeper", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("since_on", sa.String(length=10), nullable=False),
        sa.Column("since_stated", sa.Boolean(), nullable=False),
        sa.Column("until_on", sa.String(length=10), nullable=True),
        sa.Column("removed_on", sa.String(length=10), nullable=True),
        sa.Column("removed_because", sa.Text(), nullable=False),
        sa.Column("removed_by", sa.Text(), nullable=False),
        sa.Column("last_on", sa.String(length=10), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("stored_on", sa.String(length=10), nullable=False),
        sa.Column("version_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_list_entry")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_list_entry_list", "list_entry", ["list", "record_id"], unique=False)
    op.create_index("ix_list_entry_subject", "list_entry", ["subject_code", "record_id"], unique=False)
    op.create_table(
        "list_act",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("record_id", sa.String(length=36), nullable=False),
        sa.Column("list", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("version_id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("maker", sa.String(length=64), nullable=False),
        sa.Column("checker", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("since_on", sa.String(length=10), nullable=False),
        sa.Column("last_on", sa.String(length=10), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("keeper", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_list_act")),
    )
    op.create_index(op.f("ix_list_act_record_id"), "list_act", ["record_id"], unique=False)


def _published() -> None:
    """What was published."""
    op.create_table(
        "list_day",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.String(length=24), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("filter_sha256", sa.String(length=64), nullable=False),
        sa.Column("filter_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_list_day")),
        sa.UniqueConstraint("number", name=op.f("uq_list_day_number")),
    )
    op.create_table(
        "list_edition",
        sa.Column("list", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("put", sa.BigInteger(), nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False),
        sa.Column("snapshot_sha256", sa.String(length=64), nullable=False),
        sa.Column("snapshot_bytes", sa.BigInteger(), nullable=False),
        sa.Column("delta_sha256", sa.String(length=64), nullable=False),
        sa.Column("delta_bytes", sa.BigInteger(), nullable=False),
        sa.Column("delta", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("list", "number", name=op.f("pk_list_edition")),
    )
    op.create_index("uq_list_edition_list_day", "list_edition", ["list", "day"], unique=True)
    op.create_table(
        "list_body",
        sa.Column("list", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("list", name=op.f("pk_list_body")),
    )
    op.create_table(
        "list_key",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_key")),
    )
    op.create_table(
        "list_tag",
        sa.Column("subject_code", sa.String(length=64), nullable=False),
        sa.Column("tag", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("subject_code", name=op.f("pk_list_tag")),
    )
