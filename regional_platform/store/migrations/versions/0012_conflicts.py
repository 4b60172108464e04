"""Conflicts: the same act from two units, and records that contradict each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "conflict",
        sa.Column("n", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("conflict_id", sa.String(36), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("subject_code", sa.String(64)),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("taken_by", sa.String(64)),
        sa.Column("found_at", sa.String(24), nullable=False),
        sa.Column("changed_at", sa.String(24), nullable=False),
        sa.Column("settled_at", sa.String(24)),
        sa.Column("outcome", sa.String(12)),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_conflict")),
        sa.UniqueConstraint("conflict_id", name=op.f("uq_conflict_conflict_id")),
        sa.UniqueConstraint("key", name=op.f("uq_conflict_key")),
    )
    op.create_index("ix_conflict_subject", "conflict", ["subject_code", "n"])
    op.create_table(
        "conflict_record",
        sa.Column("conflict_id", sa.String(36), nullable=False),
        sa.Column("record_id", sa.String(36), nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("city", sa.String(6), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("act_on", sa.String(10), nullable=False),
        sa.Column("version_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("conflict_id", "record_id", name=op.f("pk_conflict_record")),
    )
    op.create_index(op.f("ix_conflict_record_record_id"), "conflict_record", ["record_id"])
    op.create_table(
        "conflict_act",
        sa.Column("n", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("conflict_id", sa.String(36), nullable=False),
        sa.Column("what", sa.String(12), nullable=False),
        sa.Column("at", sa.String(24), nullable=False),
        sa.Column("operator_id", sa.String(64)),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(12)),
        sa.Column("reason", sa.Text),
        sa.Column("records", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_conflict_act")),
    )
    op.create_index(op.f("ix_conflict_act_conflict_id"), "conflict_act", ["conflict_id"])
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER conflict_act_no_{act.lower()} BEFORE {act} ON conflict_act "
                "BEGIN SELECT RAISE(ABORT, 'conflict_act is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER conflict_act_append_only BEFORE UPDATE OR DELETE ON conflict_act "
            "FOR EACH ROW EXECUTE FUNCTION append_only()"
        )
