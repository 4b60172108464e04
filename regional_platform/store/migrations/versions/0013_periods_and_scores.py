"""Zero reports, and the counts of scorecards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEPT = ("report_id", "unit", "item", "period", "last_on", "made_by", "made_at")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "zero_report",
        sa.Column("report_id", sa.String(36), nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("period", sa.String(12), nullable=False),
        sa.Column("last_on", sa.String(10), nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("made_at", sa.String(24), nullable=False),
        sa.Column("withdrawn_by", sa.String(64)),
        sa.Column("withdrawn_at", sa.String(24)),
        sa.Column("withdrawn_why", sa.Text()),
        sa.ForeignKeyConstraint(["unit"], ["unit.code"], name=op.f("fk_zero_report_unit")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_zero_report")),
    )
    op.create_index("ix_zero_report_unit_item", "zero_report", ["unit", "item", "last_on"])
    op.create_table(
        "score",
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("period", sa.String(12), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.String(24), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["unit.code"], name=op.f("fk_score_unit")),
        sa.PrimaryKeyConstraint("unit", "period", "item", name=op.f("pk_score")),
    )
    _protect()


def _protect() -> None:
    """A zero report is never deleted, and changed once at most: when it is withdrawn."""
    differs = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in KEPT)
    condition = f"OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL OR {differs}"
    if op.get_bind().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'zero_report is append-only'); END"
        op.execute(f"CREATE TRIGGER zero_report_no_delete BEFORE DELETE ON zero_report {refuse}")
        op.execute(
            f"CREATE TRIGGER zero_report_ends_once BEFORE UPDATE ON zero_report WHEN {condition} {refuse}"
        )
        return
    run = "EXECUTE FUNCTION append_only()"
    op.execute(f"CREATE TRIGGER zero_report_no_delete BEFORE DELETE ON zero_report FOR EACH ROW {run}")
    op.execute(
        "CREATE TRIGGER zero_report_ends_once BEFORE UPDATE ON zero_report "
        f"FOR EACH ROW WHEN ({condition}) {run}"
    )
