"""Who holds which record and has confirmed its changes; cases that were transferred; fields for clocks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regional_platform.store.migrations.protect import append_only

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CLOCK = ("accepted_on", "suspended_on", "extended_to")


def upgrade() -> None:
    """Make the tables, and add the columns."""
    op.create_table(
        "holding",
        sa.Column("record_id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("since_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "unit", name=op.f("pk_holding")),
    )
    op.create_table(
        "confirmation",
        sa.Column("version_id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("record_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.String(length=24), nullable=False),
        sa.Column("settled_at", sa.String(length=24), nullable=True),
        sa.Column("how", sa.String(length=8), nullable=True),
        sa.Column("settled_by", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("version_id", "unit", name=op.f("pk_confirmation")),
    )
    open_ones = sa.text("settled_at IS NULL")
    op.create_index("ix_confirmation_open", "confirmation", ["unit", "seq"], unique=False,
                    sqlite_where=open_ones, postgresql_where=open_ones)  # fmt: skip
    op.create_index(op.f("ix_confirmation_record_id"), "confirmation", ["record_id"], unique=False)
    op.create_table(
        "case_transfer",
        sa.Column("transfer_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("from_unit", sa.String(length=64), nullable=False),
        sa.Column("to_unit", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_case_transfer")),
    )
    op.create_index(op.f("ix_case_transfer_case_id"), "case_transfer", ["case_id"], unique=False)
    for name in CLOCK:
        op.add_column("casefile", sa.Column(name, sa.String(length=10), nullable=True))
    op.create_index("ix_casefile_unit_case_id", "casefile", ["unit", "case_id"], unique=False)
    append_only(["case_transfer", "holding"])
