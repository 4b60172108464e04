"""Administration: its history, liaisons, closed and locked operators, codes that run out, last contact."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns."""
    op.create_table(
        "admin_act",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at", sa.String(24), nullable=False),
        sa.Column("operator_id", sa.String(64)),
        sa.Column("act", sa.String(64), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_admin_act")),
    )
    op.create_index("ix_admin_act_object", "admin_act", ["object"])
    op.create_table(
        "liaison",
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("deputy", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["unit.code"], name=op.f("fk_liaison_unit")),
        sa.PrimaryKeyConstraint("unit", "place", name=op.f("pk_liaison")),
    )
    op.add_column("operator", sa.Column("locked_at", sa.String(24)))
    op.add_column("operator", sa.Column("closed_at", sa.String(24)))
    op.add_column("device", sa.Column("seen_at", sa.String(24)))
    op.add_column("enrolment_code", sa.Column("expires_at", sa.String(24)))
    op.add_column("enrolment_code", sa.Column("replaces", sa.String(36)))
    op.create_index(op.f("ix_session_operator_id"), "session", ["operator_id"])
    op.create_index(op.f("ix_session_device_id"), "session", ["device_id"])
    op.create_index(op.f("ix_session_expires_at"), "session", ["expires_at"])
    _protect()


def _protect() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER admin_act_no_{act.lower()} BEFORE {act} ON admin_act "
                "BEGIN SELECT RAISE(ABORT, 'admin_act is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER admin_act_append_only BEFORE UPDATE OR DELETE ON admin_act "
        "FOR EACH ROW EXECUTE FUNCTION append_only()"
    )
