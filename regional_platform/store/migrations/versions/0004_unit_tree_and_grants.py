"""Units become a tree with paths, and roles become grants over a unit and all below it.

What an older database holds is carried over: each city gets a unit of its own under the region, the units of
the city become its departments, and every role becomes a grant at the own unit; the hall's over the region.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROOT = ("minnan", "厦漳泉信用区域", "350000")
CITIES = {"350200": "厦门市", "350600": "漳州市", "350500": "泉州市"}


def upgrade() -> None:
    """Change the tables, and carry over what they hold."""
    op.add_column(
        "unit", sa.Column("level", sa.String(length=12), server_default=sa.text("''"), nullable=False)
    )
    op.add_column("unit", sa.Column("path", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("unit", sa.Column("closed_at", sa.String(length=24), nullable=True))
    _code18_may_be_missing()
    op.create_table(
        "role_grant",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("operator_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("granted_by", sa.String(length=64), nullable=True),
        sa.Column("granted_at", sa.String(length=24), nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.operator_id"], name=op.f("fk_role_grant_operator_id")
        ),
        sa.ForeignKeyConstraint(["unit"], ["unit.code"], name=op.f("fk_role_grant_unit")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_operator_id"), "role_grant", ["operator_id"], unique=False)
    op.create_index(op.f("ix_role_grant_unit"), "role_grant", ["unit"], unique=False)
    _plant_the_tree()
    _grant_what_was_held()
    op.drop_column("operator", "roles")
    op.create_index(op.f("uq_unit_path"), "unit", ["path"], unique=True)
    _protect()


def _code18_may_be_missing() -> None:
    """Units that only hold others together have no code; a column of SQLite cannot be eased in place."""
    op.add_column("unit", sa.Column("eased", sa.String(length=18), nullable=True))
    op.execute("UPDATE unit SET eased = code18")
    op.drop_column("unit", "code18")
    op.execute("ALTER TABLE unit RENAME COLUMN eased TO code18")


def _plant_the_tree() -> None:
    connection = op.get_bind()
    found = connection.execute(sa.text("SELECT code, city FROM unit ORDER BY code")).all()
    if not found:
        return
    root, root_name, root_city = ROOT
    _add(root, root_name, root_city, None, "region", f"{root}/")
    for city in sorted({row.city for row in found}):
        _add(city, CITIES.get(city, city), city, root, "city", f"{root}/{city}/")
    for row in found:
        connection.execute(
            sa.text("UPDATE unit SET parent = :city, level = 'department', path = :path WHERE code = :code"),
            {"city": row.city, "path": f"{root}/{row.city}/{row.code}/", "code": row.code},
        )


def _add(code: str, name: str, city: str, parent: str | None, level: str, path: str) -> None:
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "INSERT INTO unit (code, name, city, parent, level, path) "
            "VALUES (:code, :name, :city, :parent, :level, :path)"
        ),
        {"code": code, "name": name, "city": city, "parent": parent, "level": level, "path": path},
    )
    connection.execute(sa.text("INSERT INTO feed_head (unit, n) VALUES (:code, 0)"), {"code": code})


def _grant_what_was_held() -> None:
    connection = op.get_bind()
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    people = connection.execute(
        sa.text("SELECT operator_id, unit, roles FROM operator ORDER BY operator_id")
    ).all()
    for one in people:
        for role in json.loads(one.roles):
            connection.execute(
                sa.text(
                    "INSERT INTO role_grant (operator_id, role, unit, granted_at) "
                    "VALUES (:who, :role, :unit, :at)"
                ),
                {
                    "who": one.operator_id,
                    "role": role,
                    "unit": ROOT[0] if role == "hall" else one.unit,
                    "at": at,
                },
            )


def _protect() -> None:
    """A grant is never deleted, and changed once at most: when it ends."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER role_grant_no_delete BEFORE DELETE ON role_grant "
            "BEGIN SELECT RAISE(ABORT, 'role_grant is append-only'); END"
        )
        op.execute(
            "CREATE TRIGGER role_grant_ends_once BEFORE UPDATE ON role_grant "
            "WHEN OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NEW.operator_id <> OLD.operator_id "
            "OR NEW.role <> OLD.role OR NEW.unit <> OLD.unit OR NEW.granted_at <> OLD.granted_at "
            "OR NEW.granted_by IS NOT OLD.granted_by "
            "BEGIN SELECT RAISE(ABORT, 'role_grant is append-only'); END"
        )
        return
    op.execute(
        "CREATE TRIGGER role_grant_no_delete BEFORE DELETE ON role_grant "
        "FOR EACH ROW EXECUTE FUNCTION append_only()"
    )
    op.execute(
        "CREATE TRIGGER role_grant_ends_once BEFORE UPDATE ON role_grant FOR EACH ROW "
        "WHEN (OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NEW.operator_id <> OLD.operator_id "
        "OR NEW.role <> OLD.role OR NEW.unit <> OLD.unit OR NEW.granted_at <> OLD.granted_at "
        "OR NEW.granted_by IS DISTINCT FROM OLD.granted_by) EXECUTE FUNCTION append_only()"
    )
