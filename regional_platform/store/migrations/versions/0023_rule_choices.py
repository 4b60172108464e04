"""Which rule set (规则集) a city follows, and who confirmed it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "rule_choice",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("city", sa.String(6), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("rule_set", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("since_on", sa.String(10), nullable=False),
        sa.Column("confirmed_by", sa.Text()),
        sa.Column("confirmed_on", sa.String(10)),
        sa.Column("chosen_by", sa.String(64)),
        sa.Column("chosen_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_rule_choice")),
    )
    op.create_index("ix_rule_choice_city", "rule_choice", ["city", "kind", "since_on"])
