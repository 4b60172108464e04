"""Run the migrations inside the transaction that `engine` has begun."""

from __future__ import annotations

from alembic import context

from regional_platform.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
