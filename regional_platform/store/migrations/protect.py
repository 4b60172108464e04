"""Keeps rows that are only ever added from being changed, on both databases."""

from __future__ import annotations

from collections.abc import Iterable

from alembic import op


def append_only(tables: Iterable[str]) -> None:
    """Make the database refuse UPDATE and DELETE on tables; the first migration made the function."""
    for table in tables:
        if op.get_bind().dialect.name == "sqlite":
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION append_only()"
            )
