"""Questions (疑问数据): one row for each version that asks for a hand, and every act upon it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regional_platform.store.migrations.protect import append_only

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables; they begin empty, with what is judged from now on."""
    op.create_table(
        "question",
        sa.Column("n", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("version_id", sa.String(36), nullable=False),
        sa.Column("record_id", sa.String(36), nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("cause", sa.String(12), nullable=False),
        sa.Column("problem", sa.String(64), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("since_at", sa.String(24), nullable=False),
        sa.Column("changed_at", sa.String(24), nullable=False),
        sa.Column("changed_by", sa.String(64)),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_question")),
        sa.UniqueConstraint("version_id", name=op.f("uq_question_version_id")),
    )
    op.create_index(op.f("ix_question_record_id"), "question", ["record_id"])
    op.create_index("ix_question_unit_state", "question", ["unit", "state", "n"])
    op.create_table(
        "question_act",
        sa.Column("n", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("version_id", sa.String(36), nullable=False),
        sa.Column("cause", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("at", sa.String(24), nullable=False),
        sa.Column("operator_id", sa.String(64)),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_question_act")),
    )
    op.create_index(op.f("ix_question_act_version_id"), "question_act", ["version_id"])
    append_only(["question_act"])
