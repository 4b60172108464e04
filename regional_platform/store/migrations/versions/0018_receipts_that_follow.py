"""Receipts that say only what follows are made when they are asked for; stages stand in the feed in runs.

What was kept before stays as it is, and is read as before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SAID = ("version_id", "unit", "record_id", "content_sha256", "receipt_no")
"""What every receipt of a version says; outcome and time too, once it is no longer held."""


def upgrade() -> None:
    """Add the columns, and keep what receipts follow from as it is."""
    op.add_column("version_key", sa.Column("checked_at", sa.String(24)))
    op.add_column("feed", sa.Column("entries", sa.Integer, nullable=False, server_default="1"))
    if op.get_bind().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'version_key is append-only'); END"
        op.execute(f"CREATE TRIGGER version_key_no_delete BEFORE DELETE ON version_key {refuse}")
        op.execute(f"{_moved('IS NOT')} {refuse}")
        return
    run = "FOR EACH ROW"
    act = "EXECUTE FUNCTION append_only()"
    op.execute(f"CREATE TRIGGER version_key_no_delete BEFORE DELETE ON version_key {run} {act}")
    op.execute(f"{_moved('IS DISTINCT FROM', run)} {act}")


def _moved(differs: str, run: str = "") -> str:
    always = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in SAID)
    final = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in ("outcome", "checked_at"))
    return (
        f"CREATE TRIGGER version_key_kept BEFORE UPDATE OF {', '.join(SAID)}, outcome, checked_at "
        f"ON version_key {run} WHEN ({always} OR (OLD.outcome <> 'held' AND ({final})))"
    )
