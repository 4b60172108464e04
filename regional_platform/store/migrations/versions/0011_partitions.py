"""Versions are parted by city and month on PostgreSQL; keys know where theirs stands, on both databases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regional_platform.store.partitions import make

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COLUMNS = (
    "n, version_id, record_id, unit, device_id, batch_id, parent, op, catalog, content, approval_id, place, "
    "case_id, received_at, city, month"
)
MONTH = "to_char(nullif(received_at, '')::timestamptz AT TIME ZONE 'Asia/Shanghai', 'YYYYMM')::integer"
FOUND = f"""
    SELECT version_whole.n, version_id, record_id, version_whole.unit, device_id, batch_id,
           version_whole.parent, op, catalog, content, approval_id, place, case_id, received_at,
           coalesce(unit.city, '') AS city, coalesce({MONTH}, 0) AS month
    FROM version_whole LEFT JOIN unit ON unit.code = version_whole.unit
"""  # noqa: S608 - of constants


def upgrade() -> None:
    """Add city and month, fill them, and part the table where the database can."""
    for table in ("version", "version_key"):
        op.add_column(table, sa.Column("city", sa.String(6), nullable=False, server_default=sa.text("''")))
        op.add_column(table, sa.Column("month", sa.Integer, nullable=False, server_default=sa.text("0")))
    if op.get_bind().dialect.name == "sqlite":
        _fill_one_table()
    else:
        _part()
    op.execute(
        "UPDATE version_key SET city = version.city, month = version.month FROM version "
        "WHERE version.version_id = version_key.version_id"
    )
    op.create_index("ix_version_key_record_id", "version_key", ["record_id"])
    op.drop_index("ix_job_step_n", "job")
    op.create_index("ix_job_step_unit", "job", ["step", "unit", "n"])


def _fill_one_table() -> None:
    """The trigger that keeps versions as they are is lifted for what is new in them."""
    op.drop_index("ix_version_record_id", "version")
    op.execute("DROP TRIGGER version_no_update")
    op.execute(
        "UPDATE version SET city = coalesce((SELECT city FROM unit WHERE unit.code = version.unit), ''), "
        "month = coalesce(CAST(strftime('%Y%m', received_at, '+8 hours') AS INTEGER), 0)"
    )
    op.execute(
        "CREATE TRIGGER version_no_update BEFORE UPDATE ON version "
        "BEGIN SELECT RAISE(ABORT, 'version is append-only'); END"
    )


def _part() -> None:
    """Move the rows into a table of partitions. Nothing refers to the old one.

    The key begins with city and month: with the id in front, an id that is given makes PostgreSQL look into
    every partition instead of first reading where it stands.
    """
    op.execute("ALTER TABLE version RENAME TO version_whole")
    op.execute("ALTER SEQUENCE version_n_seq OWNED BY NONE")
    for name in ("pk_version", "uq_version_version_id"):
        op.execute(f"ALTER TABLE version_whole DROP CONSTRAINT {name}")
    op.execute(
        "CREATE TABLE version (LIKE version_whole INCLUDING DEFAULTS, "
        "CONSTRAINT pk_version PRIMARY KEY (city, month, version_id)) PARTITION BY LIST (city)"
    )
    op.execute("ALTER SEQUENCE version_n_seq OWNED BY version.n")
    op.execute("CREATE TABLE version_default PARTITION OF version DEFAULT")
    op.execute(
        "CREATE TRIGGER version_append_only BEFORE UPDATE OR DELETE ON version "
        "FOR EACH ROW EXECUTE FUNCTION append_only()"
    )
    parts = sa.text(f"SELECT DISTINCT city, month FROM ({FOUND}) AS found")  # noqa: S608 - of constants
    connection = op.get_bind()
    make(connection, [(row.city, row.month) for row in connection.execute(parts) if row.month])
    op.execute(f"INSERT INTO version ({COLUMNS}) {FOUND} ORDER BY version_whole.n")
    op.drop_table("version_whole")
